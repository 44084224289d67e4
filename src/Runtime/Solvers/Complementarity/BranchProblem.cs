using Optc.Runtime.Problems;

namespace Optc.Runtime.Solvers.Complementarity;

/// <summary>Which side of a condition is an equation in a branch.</summary>
internal enum Branch
{
    /// <summary>a = Lower, h ≥ 0.</summary>
    AtLower,

    /// <summary>a = Upper, h ≤ 0.</summary>
    AtUpper,

    /// <summary>h = 0, Lower ≤ a ≤ Upper.</summary>
    Between,
}

/// <summary>
/// One branch of a problem with complementarity conditions: the problem with one side of every condition an equation. Only
/// bounds and sides differ from the problem's own.
/// </summary>
internal sealed class BranchProblem(INlpProblem inner, ComplementarityCondition[] conditions) : INlpProblem
{
    private readonly double[] _lower = new double[inner.VariableCount];
    private readonly double[] _upper = new double[inner.VariableCount];
    private readonly double[] _rowLower = new double[inner.ConstraintCount];
    private readonly double[] _rowUpper = new double[inner.ConstraintCount];

    public int VariableCount => inner.VariableCount;

    public int ConstraintCount => inner.ConstraintCount;

    public ReadOnlySpan<double> VariableLower => _lower;

    public ReadOnlySpan<double> VariableUpper => _upper;

    public ReadOnlySpan<double> ConstraintLower => _rowLower;

    public ReadOnlySpan<double> ConstraintUpper => _rowUpper;

    public ReadOnlySpan<double> Start => inner.Start;

    public ProblemStructure Structure => inner.Structure;

    public SparsePattern JacobianPattern => inner.JacobianPattern;

    public SparsePattern HessianPattern => inner.HessianPattern;

    /// <summary>
    /// Takes the equations of the branches without the other sides of their conditions: one step of an active-set method, whose
    /// end may violate those sides. False when the equations contradict bounds or each other.
    /// </summary>
    public bool TakeEquations(ReadOnlySpan<Branch> branches)
    {
        inner.VariableLower.CopyTo(_lower);
        inner.VariableUpper.CopyTo(_upper);
        inner.ConstraintLower.CopyTo(_rowLower);
        inner.ConstraintUpper.CopyTo(_rowUpper);
        foreach (ComplementarityCondition c in conditions)
        {
            Free(c.Bounded);
            Free(c.Other);
        }
        bool holds = true;
        for (int k = 0; k < conditions.Length; k++)
        {
            ComplementarityCondition c = conditions[k];
            holds &= branches[k] switch
            {
                Branch.AtLower => Narrow(c.Bounded, c.Lower, c.Lower),
                Branch.AtUpper => Narrow(c.Bounded, c.Upper, c.Upper),
                _ => Narrow(c.Other, c.OtherSide, c.OtherSide),
            };
        }
        return holds;
    }

    /// <summary>Takes the branch given for each condition; false when its equations contradict bounds or each other.</summary>
    public bool Take(ReadOnlySpan<Branch> branches)
    {
        inner.VariableLower.CopyTo(_lower);
        inner.VariableUpper.CopyTo(_upper);
        inner.ConstraintLower.CopyTo(_rowLower);
        inner.ConstraintUpper.CopyTo(_rowUpper);
        bool holds = true;
        for (int k = 0; k < conditions.Length; k++)
        {
            ComplementarityCondition c = conditions[k];
            switch (branches[k])
            {
                case Branch.AtLower:
                    holds &= Narrow(c.Bounded, c.Lower, c.Lower) && Opposite(c, 1.0);
                    break;
                case Branch.AtUpper:
                    holds &= Narrow(c.Bounded, c.Upper, c.Upper) && Opposite(c, -1.0);
                    break;
                default:
                    holds &= Narrow(c.Bounded, c.Lower, c.Upper) && Narrow(c.Other, c.OtherSide, c.OtherSide);
                    break;
            }
        }
        return holds;
    }

    /// <inheritdoc/>
    public double Objective(ReadOnlySpan<double> x) => inner.Objective(x);

    /// <inheritdoc/>
    public double Gradient(ReadOnlySpan<double> x, Span<double> gradient) => inner.Gradient(x, gradient);

    /// <inheritdoc/>
    public void GradientOnly(ReadOnlySpan<double> x, Span<double> gradient) => inner.GradientOnly(x, gradient);

    /// <inheritdoc/>
    public void Constraints(ReadOnlySpan<double> x, Span<double> values) => inner.Constraints(x, values);

    /// <inheritdoc/>
    public void Jacobian(ReadOnlySpan<double> x, Span<double> values) => inner.Jacobian(x, values);

    /// <inheritdoc/>
    public void ConstraintsAndJacobian(ReadOnlySpan<double> x, Span<double> constraints, Span<double> jacobian) =>
        inner.ConstraintsAndJacobian(x, constraints, jacobian);

    /// <inheritdoc/>
    public void Hessian(ReadOnlySpan<double> x, double objectiveWeight, ReadOnlySpan<double> constraintWeights, Span<double> values) =>
        inner.Hessian(x, objectiveWeight, constraintWeights, values);

    /// <inheritdoc/>
    public void HessianVector(
        ReadOnlySpan<double> x, double objectiveWeight, ReadOnlySpan<double> constraintWeights, ReadOnlySpan<double> direction, Span<double> product) =>
        inner.HessianVector(x, objectiveWeight, constraintWeights, direction, product);

    /// <summary>h ≥ 0 (sign +1) or h ≤ 0.</summary>
    private bool Opposite(ComplementarityCondition c, double sign) => c.OtherSign * sign > 0.0
        ? Narrow(c.Other, c.OtherSide, double.PositiveInfinity)
        : Narrow(c.Other, double.NegativeInfinity, c.OtherSide);

    private void Free(ComplementarityBody body)
    {
        (body.IsVariable ? _lower : _rowLower)[body.Index] = double.NegativeInfinity;
        (body.IsVariable ? _upper : _rowUpper)[body.Index] = double.PositiveInfinity;
    }

    private bool Narrow(ComplementarityBody body, double lower, double upper)
    {
        double[] lowers = body.IsVariable ? _lower : _rowLower, uppers = body.IsVariable ? _upper : _rowUpper;
        double lo = Math.Max(lowers[body.Index], lower), hi = Math.Min(uppers[body.Index], upper);
        if (lo > hi) return false;
        lowers[body.Index] = lo;
        uppers[body.Index] = hi;
        return true;
    }
}
