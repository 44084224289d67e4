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

    /// <summary>The options by name, for <c>--option key=value</c>.</summary>
    public static OptionTable<CompositeOptions> Table { get; } = new(
    [
        new("tolerance", "a number from 1e-14 to 1e-1", "distance of the negative gradient to the subdifferential, relative to max(1, |gradient|)", "1e-8",
            (o, v) => o with { Tolerance = Between(v, 1e-14, 0.1) }),
        new("gap_tolerance", "a number from 1e-15 to 1", "duality gap, relative to the objective at zero", "1e-6",
            (o, v) => o with { GapTolerance = Between(v, 1e-15, 1) }),
        new("max_outer_iterations", "a whole number from 1", "limit on working sets", "500",
            (o, v) => o with { MaxOuterIterations = AtLeastOne(v) }),
        new("max_epochs", "a whole number from 1", "limit on passes over working sets", "100000", (o, v) => o with { MaxEpochs = AtLeastOne(v) }),
        new("screening", "yes or no", "discard coordinates that are zero in every solution", "yes", (o, v) => o with { Screening = OptionTable<CompositeOptions>.Flag(v) }),
        new("working_sets", "yes or no", "work on sets of coordinates that grow", "yes", (o, v) => o with { WorkingSets = OptionTable<CompositeOptions>.Flag(v) }),
        new("continuation", "yes or no", "come from zero by way of larger penalties", "yes", (o, v) => o with { Continuation = OptionTable<CompositeOptions>.Flag(v) }),
        new("anderson", "yes or no", "extrapolate the iterates of every five passes", "yes", (o, v) => o with { Anderson = OptionTable<CompositeOptions>.Flag(v) }),
        new("newton", "yes or no", "try Newton's step on the support", "yes", (o, v) => o with { Newton = OptionTable<CompositeOptions>.Flag(v) }),
    ]);

    private static double Between(string text, double low, double high)
    {
        double value = OptionTable<CompositeOptions>.Number(text);
        return value >= low && value <= high ? value : throw new FormatException();
    }

    private static int AtLeastOne(string text)
    {
        int value = OptionTable<CompositeOptions>.Whole(text);
        return value >= 1 ? value : throw new FormatException();
    }
}
