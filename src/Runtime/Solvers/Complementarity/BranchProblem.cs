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
internal sealed class BranchProblem(INlpProblem inner, ComplementarityCondition[] conditions) : SidedProblem(
    inner, new double[inner.VariableCount], new double[inner.VariableCount], new double[inner.ConstraintCount], new double[inner.ConstraintCount])
{
    /// <summary>
    /// Takes the equations of the branches without the other sides of their conditions: one step of an active-set method, whose
    /// end may violate those sides. False when the equations contradict bounds or each other.
    /// </summary>
    public bool TakeEquations(ReadOnlySpan<Branch> branches)
    {
        CopySides();
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
        CopySides();
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

    private void CopySides()
    {
        Inner.VariableLower.CopyTo(Lower);
        Inner.VariableUpper.CopyTo(Upper);
        Inner.ConstraintLower.CopyTo(RowLower);
        Inner.ConstraintUpper.CopyTo(RowUpper);
    }

    /// <summary>h ≥ 0 (sign +1) or h ≤ 0.</summary>
    private bool Opposite(ComplementarityCondition c, double sign) => c.OtherSign * sign > 0.0
        ? Narrow(c.Other, c.OtherSide, double.PositiveInfinity)
        : Narrow(c.Other, double.NegativeInfinity, c.OtherSide);

    private void Free(ComplementarityBody body)
    {
        (body.IsVariable ? Lower : RowLower)[body.Index] = double.NegativeInfinity;
        (body.IsVariable ? Upper : RowUpper)[body.Index] = double.PositiveInfinity;
    }

    private bool Narrow(ComplementarityBody body, double lower, double upper)
    {
        double[] lowers = body.IsVariable ? Lower : RowLower, uppers = body.IsVariable ? Upper : RowUpper;
        double lo = Math.Max(lowers[body.Index], lower), hi = Math.Min(uppers[body.Index], upper);
        if (lo > hi) return false;
        lowers[body.Index] = lo;
        uppers[body.Index] = hi;
        return true;
    }
}
