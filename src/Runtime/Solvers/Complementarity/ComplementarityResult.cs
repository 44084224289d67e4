using Optc.Runtime.Solution;

namespace Optc.Runtime.Solvers.Complementarity;

/// <summary>
/// How stationary a point with complementarity conditions is, by the signs of the multipliers μ, ν of the two sides of its
/// biactive conditions (both sides zero); weaker kinds come first (Scheel and Scholtes 2000; Ye 2005).
/// </summary>
public enum StationarityKind
{
    /// <summary>Not determined.</summary>
    None,

    /// <summary>Weakly stationary: any signs.</summary>
    W,

    /// <summary>Clarke: μν ≥ 0.</summary>
    C,

    /// <summary>Mordukhovich: both positive, or one of them zero.</summary>
    M,

    /// <summary>Strongly: both nonnegative. No direction that is feasible to first order descends.</summary>
    S,
}

/// <summary>The answer to a problem with complementarity conditions.</summary>
public sealed class ComplementarityResult
{
    /// <summary>
    /// Point, multipliers and status. The multipliers are those of the branch in which the point was found: for each condition
    /// one of its sides is an equation there, whose multiplier may have any sign. The residuals are those of that branch, its
    /// feasibility with the conditions themselves.
    /// </summary>
    public required SolveResult Result { get; init; }

    /// <summary>Largest residual of a condition.</summary>
    public double Residual { get; init; }

    /// <summary>How stationary the point is.</summary>
    public StationarityKind Stationarity { get; init; }

    /// <summary>
    /// Whether the point has multipliers in every branch of its biactive conditions, which makes it B-stationary: no direction
    /// that is feasible to first order descends. False when it has none in one of them, or there were too many to look at.
    /// </summary>
    public bool IsBStationary { get; init; }

    /// <summary>Conditions both sides of which are zero.</summary>
    public int BiactiveCount { get; init; }

    /// <summary>Number of branches that were solved.</summary>
    public int Branches { get; init; }

    /// <summary>Indices of the conditions that do not hold, worst first, at most ten.</summary>
    public IReadOnlyList<int> WorstConditions { get; init; } = [];
}
