namespace Optc.Runtime.Solvers.CoordinateDescent;

/// <summary>What can be set of coordinate descent on composite problems. Immutable.</summary>
public sealed record CompositeOptions
{
    /// <summary>Duality gap at which a problem is solved, relative to the objective at zero. Default 1e-6; positive.</summary>
    public double GapTolerance { get; init; } = 1e-6;

    /// <summary>
    /// Largest distance of a coordinate's negative gradient to its subdifferential, relative to max(1, ‖∇f‖∞); +∞ to stop by the gap
    /// alone. Where there is no finite gap, it alone decides. Default 1e-8.
    /// </summary>
    public double Tolerance { get; init; } = 1e-8;

    /// <summary>Limit on working sets. Default 500.</summary>
    public int MaxOuterIterations { get; init; } = 500;

    /// <summary>Limit on passes over working sets, all together. Default 100,000.</summary>
    public int MaxEpochs { get; init; } = 100_000;

    /// <summary>Discards coordinates that are zero in every solution (gap-safe spheres).</summary>
    public bool Screening { get; init; } = true;

    /// <summary>Works on sets of coordinates that grow; otherwise on all at once.</summary>
    public bool WorkingSets { get; init; } = true;

    /// <summary>Comes from zero by way of larger penalties, solved loosely.</summary>
    public bool Continuation { get; init; } = true;

    /// <summary>Extrapolates the iterates of every five passes.</summary>
    public bool Anderson { get; init; } = true;

    /// <summary>Tries Newton's step on the coordinates away from their kinks.</summary>
    public bool Newton { get; init; } = true;
}
