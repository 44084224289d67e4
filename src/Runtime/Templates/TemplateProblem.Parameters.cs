namespace Optc.Runtime.Templates;

/// <summary>What may change between solves without a new analysis.</summary>
public sealed unsafe partial class TemplateProblem
{
    private readonly double[] _lower;
    private readonly double[] _upper;
    private readonly double[] _sideLower;
    private readonly double[] _sideUpper;
    private readonly double[] _start;

    /// <inheritdoc/>
    public ReadOnlySpan<double> VariableLower => _lower;

    /// <inheritdoc/>
    public ReadOnlySpan<double> VariableUpper => _upper;

    /// <inheritdoc/>
    public ReadOnlySpan<double> ConstraintLower => _sideLower;

    /// <inheritdoc/>
    public ReadOnlySpan<double> ConstraintUpper => _sideUpper;

    /// <inheritdoc/>
    public ReadOnlySpan<double> Start => _start;

    /// <summary>New bounds (n each).</summary>
    public void SetVariableBounds(ReadOnlySpan<double> lower, ReadOnlySpan<double> upper)
    {
        Set(_lower, lower, nameof(lower));
        Set(_upper, upper, nameof(upper));
    }

    /// <summary>New sides (m each).</summary>
    public void SetConstraintSides(ReadOnlySpan<double> lower, ReadOnlySpan<double> upper)
    {
        Set(_sideLower, lower, nameof(lower));
        Set(_sideUpper, upper, nameof(upper));
    }

    /// <summary>A new starting point (n).</summary>
    public void SetStart(ReadOnlySpan<double> start) => Set(_start, start, nameof(start));

    /// <summary>New values of the declared variables (N); those of fixed ones count. Which are fixed does not change.</summary>
    public void SetDeclaredValues(ReadOnlySpan<double> values)
    {
        DefinitionChecks.Length(values, _structure.DeclaredCount, nameof(values));
        values.CopyTo(_runner.Point);
        Forget();
    }

    /// <summary>Says that the data of some template was changed in place. Clones share the data; each must be told.</summary>
    public void DataChanged()
    {
        _gradient.Forget();
        _jacobian.Forget();
        _stages.Forget();
        _hessian.Forget();
        Forget();
    }

    /// <summary>
    /// The extended point at x: all declared variables with the fixed ones at their values, then the stage values.
    /// Valid until the next call.
    /// </summary>
    public ReadOnlySpan<double> ExtendedPoint(ReadOnlySpan<double> x)
    {
        fixed (double* at = x)
        {
            MoveTo(x, at);
            KnowStageValues();
        }
        if (_readsCaller)
            x.CopyTo(_runner.Point);
        return _runner.Point;
    }

    private void Forget()
    {
        _known = Known.Nothing;
        if (_blocks is not null)
            _blocks.Owner = null;
    }

    private static void Set(double[] own, ReadOnlySpan<double> values, string name)
    {
        DefinitionChecks.Length(values, own.Length, name);
        values.CopyTo(own);
    }
}
