namespace Optc.Runtime.Native;

/// <summary>How the columns of the factor are ordered.</summary>
public enum FactorOrdering
{
    /// <summary>Approximate minimum degree.</summary>
    MinimumDegree,

    /// <summary>As given, up to a postorder of the elimination tree.</summary>
    Natural,
}

/// <summary>Settings of a <see cref="SymmetricFactorization"/>; immutable.</summary>
public sealed record SymmetricFactorizationOptions
{
    /// <summary>The fill-reducing order.</summary>
    public FactorOrdering Ordering { get; init; } = FactorOrdering.MinimumDegree;

    /// <summary>Threshold u of partial pivoting, 0 &lt; u ≤ ½: no entry of L exceeds 1/u. Larger is stabler and tells a
    /// zero eigenvalue from rounding better, smaller delays fewer pivots.</summary>
    public double PivotThreshold { get; init; } = 0.1;

    /// <summary>Threshold to go on with when <see cref="PivotThreshold"/> delays pivots out of proportion, as it does with nearly
    /// singular matrices, in this factorisation and some after it; at <see cref="PivotThreshold"/> or above, none is relaxed.</summary>
    public double RelaxedPivotThreshold { get; init; } = 1e-4;

    /// <summary>A column whose entries, after equilibration to about one, have all become smaller than this counts as zero:
    /// the matrix is singular to working precision.</summary>
    public double ZeroTolerance { get; init; } = 1e-13;

    /// <summary>Equilibrate rows and columns by powers of two before factoring (a congruence: the inertia is unchanged).</summary>
    public bool Equilibrate { get; init; } = true;

    /// <summary>Columns up to which a front is merged with its parent at the cost of explicit zeros.</summary>
    public int SmallFront { get; init; } = 8;

    /// <summary>Order rows whose diagonal entry is absent from the pattern together with a neighbour, as a 2×2 pivot.</summary>
    public bool PairMissingDiagonals { get; init; } = true;

    internal void Validate()
    {
        if (!(PivotThreshold > 0 && PivotThreshold <= 0.5))
            throw new ArgumentOutOfRangeException(nameof(PivotThreshold), PivotThreshold, "The pivot threshold must lie in (0, 0.5].");
        if (!(RelaxedPivotThreshold > 0))
            throw new ArgumentOutOfRangeException(nameof(RelaxedPivotThreshold), RelaxedPivotThreshold, "The relaxed pivot threshold must be positive.");
        if (!(ZeroTolerance >= 0 && ZeroTolerance < 1))
            throw new ArgumentOutOfRangeException(nameof(ZeroTolerance), ZeroTolerance, "The zero tolerance must lie in [0, 1).");
        if (SmallFront < 1)
            throw new ArgumentOutOfRangeException(nameof(SmallFront), SmallFront, "A front has at least one column.");
    }
}
