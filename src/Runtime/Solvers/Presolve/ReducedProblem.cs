using Optc.Runtime.Problems;

namespace Optc.Runtime.Solvers.Presolve;

/// <summary>
/// What presolve leaves of a problem: the variables that may move and the rows that say something, numbered anew in their order. The
/// problem itself evaluates, with the fixed variables in place; values are gathered from its own. Where no variable is gone, points go
/// through as they are.
/// </summary>
internal sealed class ReducedProblem : INlpProblem
{
    private readonly INlpProblem _inner;
    private readonly int[] _variables;
    private readonly int[] _rows;
    private readonly int[] _jacobianEntries;
    private readonly int[] _hessianEntries;
    private readonly bool _allVariables;
    private readonly bool _allHessian;
    private readonly double[] _lower;
    private readonly double[] _upper;
    private readonly double[] _rowLower;
    private readonly double[] _rowUpper;
    private readonly double[] _start;
    private readonly double[] _point;
    private readonly double[] _full;
    private readonly double[] _bodies;
    private readonly double[] _jacobian;
    private readonly double[] _hessian;
    private readonly double[] _direction;

    public ReducedProblem(INlpProblem inner, Presolver presolver)
    {
        _inner = inner;
        int n = inner.VariableCount, m = inner.ConstraintCount;
        _variables = [.. Enumerable.Range(0, n).Where(j => presolver.FixedAt[j] < 0)];
        _rows = [.. Enumerable.Range(0, m).Where(i => !presolver.RowIsGone[i])];
        _allVariables = _variables.Length == n;
        _lower = Gather(presolver.Lower, _variables);
        _upper = Gather(presolver.Upper, _variables);
        _rowLower = Gather(presolver.RowLower, _rows);
        _rowUpper = Gather(presolver.RowUpper, _rows);
        _start = Gather(inner.Start, _variables);
        _point = new double[n];
        for (int j = 0; j < n; j++) _point[j] = presolver.Lower[j];
        _full = new double[n];
        _bodies = new double[m];
        var newIndex = new int[n];
        Array.Fill(newIndex, -1);
        for (int k = 0; k < _variables.Length; k++) newIndex[_variables[k]] = k;
        (JacobianPattern, _jacobianEntries) = Restrict(inner.JacobianPattern, _rows, newIndex, _variables.Length);
        (HessianPattern, _hessianEntries) = Restrict(inner.HessianPattern, _variables, newIndex, _variables.Length);
        _allHessian = _hessianEntries.Length == inner.HessianPattern.Count;
        _jacobian = new double[inner.JacobianPattern.Count];
        _hessian = _allHessian ? [] : new double[inner.HessianPattern.Count];
        _direction = new double[n];
        ProblemStructure structure = inner.Structure;
        Structure = structure.ConstraintIsLinear.Count == m
            ? structure with { ConstraintIsLinear = [.. _rows.Select(i => structure.ConstraintIsLinear[i])] }
            : structure;
    }

    /// <summary>For each variable its index in the problem itself.</summary>
    public ReadOnlySpan<int> Variables => _variables;

    /// <summary>For each row its index in the problem itself.</summary>
    public ReadOnlySpan<int> Rows => _rows;

    public int VariableCount => _variables.Length;

    public int ConstraintCount => _rows.Length;

    public ReadOnlySpan<double> VariableLower => _lower;

    public ReadOnlySpan<double> VariableUpper => _upper;

    public ReadOnlySpan<double> ConstraintLower => _rowLower;

    public ReadOnlySpan<double> ConstraintUpper => _rowUpper;

    public ReadOnlySpan<double> Start => _start;

    public ProblemStructure Structure { get; }

    public SparsePattern JacobianPattern { get; }

    public SparsePattern HessianPattern { get; }

    /// <summary>The point of the problem itself, fixed variables in place; valid until the next call.</summary>
    public ReadOnlySpan<double> Expand(ReadOnlySpan<double> x)
    {
        if (_allVariables) return x;
        for (int k = 0; k < _variables.Length; k++) _point[_variables[k]] = x[k];
        return _point;
    }

    /// <inheritdoc/>
    public double Objective(ReadOnlySpan<double> x) => _inner.Objective(Expand(x));

    /// <inheritdoc/>
    public double Gradient(ReadOnlySpan<double> x, Span<double> gradient)
    {
        if (_allVariables) return _inner.Gradient(x, gradient);
        double f = _inner.Gradient(Expand(x), _full);
        Gather(_full, _variables, gradient);
        return f;
    }

    /// <inheritdoc/>
    public void GradientOnly(ReadOnlySpan<double> x, Span<double> gradient)
    {
        if (_allVariables)
        {
            _inner.GradientOnly(x, gradient);
            return;
        }
        _inner.GradientOnly(Expand(x), _full);
        Gather(_full, _variables, gradient);
    }

    /// <inheritdoc/>
    public void Constraints(ReadOnlySpan<double> x, Span<double> values)
    {
        _inner.Constraints(Expand(x), _bodies);
        Gather(_bodies, _rows, values);
    }

    /// <inheritdoc/>
    public void Jacobian(ReadOnlySpan<double> x, Span<double> values)
    {
        _inner.Jacobian(Expand(x), _jacobian);
        Gather(_jacobian, _jacobianEntries, values);
    }

    /// <inheritdoc/>
    public void ConstraintsAndJacobian(ReadOnlySpan<double> x, Span<double> constraints, Span<double> jacobian)
    {
        _inner.ConstraintsAndJacobian(Expand(x), _bodies, _jacobian);
        Gather(_bodies, _rows, constraints);
        Gather(_jacobian, _jacobianEntries, jacobian);
    }

    /// <inheritdoc/>
    public void Hessian(ReadOnlySpan<double> x, double objectiveWeight, ReadOnlySpan<double> constraintWeights, Span<double> values)
    {
        Scatter(constraintWeights);
        if (_allHessian)
        {
            _inner.Hessian(Expand(x), objectiveWeight, _bodies, values);
            return;
        }
        _inner.Hessian(Expand(x), objectiveWeight, _bodies, _hessian);
        Gather(_hessian, _hessianEntries, values);
    }

    /// <inheritdoc/>
    public void HessianVector(
        ReadOnlySpan<double> x, double objectiveWeight, ReadOnlySpan<double> constraintWeights, ReadOnlySpan<double> direction, Span<double> product)
    {
        Scatter(constraintWeights);
        if (_allVariables)
        {
            _inner.HessianVector(x, objectiveWeight, _bodies, direction, product);
            return;
        }
        for (int k = 0; k < _variables.Length; k++) _direction[_variables[k]] = direction[k];
        _inner.HessianVector(Expand(x), objectiveWeight, _bodies, _direction, _full);
        Gather(_full, _variables, product);
    }

    /// <summary>Weights of the rows that stay, for the problem itself; rows that are gone keep their weight 0.</summary>
    private void Scatter(ReadOnlySpan<double> weights)
    {
        Array.Clear(_bodies);
        for (int i = 0; i < _rows.Length; i++) _bodies[_rows[i]] = weights[i];
    }

    private static void Gather(ReadOnlySpan<double> from, int[] indices, Span<double> to)
    {
        for (int k = 0; k < indices.Length; k++) to[k] = from[indices[k]];
    }

    private static double[] Gather(ReadOnlySpan<double> from, int[] indices)
    {
        var to = new double[indices.Length];
        Gather(from, indices, to);
        return to;
    }

    /// <summary>The pattern in the kept major and minor indices, and where its entries stand in the whole one.</summary>
    private static (SparsePattern Pattern, int[] Entries) Restrict(SparsePattern whole, int[] majors, int[] newMinor, int minorCount)
    {
        var starts = new int[majors.Length + 1];
        for (int r = 0; r < majors.Length; r++)
        {
            int count = 0;
            for (int k = whole.Starts[majors[r]]; k < whole.Starts[majors[r] + 1]; k++)
            {
                if (newMinor[whole.Indices[k]] >= 0) count++;
            }
            starts[r + 1] = starts[r] + count;
        }
        var indices = new int[starts[^1]];
        var entries = new int[starts[^1]];
        int next = 0;
        foreach (int major in majors)
        {
            for (int k = whole.Starts[major]; k < whole.Starts[major + 1]; k++)
            {
                if (newMinor[whole.Indices[k]] < 0) continue;
                indices[next] = newMinor[whole.Indices[k]];
                entries[next++] = k;
            }
        }
        return (new SparsePattern(majors.Length, minorCount, starts, indices), entries);
    }
}
