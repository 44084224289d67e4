using static Optc.Runtime.Solvers.OptionTable<Optc.Runtime.Solvers.Asynchronous.AsynchronousOptions>;

namespace Optc.Runtime.Solvers.Asynchronous;

/// <summary>What can be set of block coordinate updates by workers. Immutable; <see cref="Validate"/> is called before a solve.</summary>
public sealed record AsynchronousOptions
{
    /// <summary>Whether a block goes on as soon as it has answered, instead of waiting for all. Default false.</summary>
    public bool Asynchronous { get; init; }

    /// <summary>Blocks, each with a worker: consecutive coordinates, groups whole. Default 8; at least 1.</summary>
    public int Blocks { get; init; } = 8;

    /// <summary>
    /// Weight σ of the proximal term ½σ‖x − c‖²_D that holds the blocks together, relative to their curvature bounds; 0 for none, null, the default,
    /// for one with which any delays converge.
    /// </summary>
    public double? Anchor { get; init; }

    /// <summary>Length of a step relative to 1/D; null, the default, for 1/(1 + σ), or 1/(1 + r) without a proximal term. Positive.</summary>
    public double? Step { get; init; }

    /// <summary>Largest distance of −∇f to the subdifferential, relative to max(1, ‖∇f‖∞), of a solution. Default 1e-8; from 1e-14 to 1e-1.</summary>
    public double Tolerance { get; init; } = 1e-8;

    /// <summary>Limit on epochs: as many updates as there are blocks. Default 100,000.</summary>
    public int MaxEpochs { get; init; } = 100_000;

    /// <summary>By block from 0, the factor by which its updates are made to last longer.</summary>
    public IReadOnlyDictionary<int, double> Delays { get; init; } = new Dictionary<int, double>();

    /// <summary>The factor by block and number of its earlier answers, for delays that change, without bound too; null for <see cref="Delays"/>.</summary>
    public Func<int, int, double>? DelayLaw { get; init; }

    /// <summary>Whether time is simulated: every update lasts one unit times its delay, in an order that is always the same. Default false.</summary>
    public bool SimulatedClock { get; init; }

    /// <summary>The options by name.</summary>
    public static OptionTable<AsynchronousOptions> Table { get; } = new(
    [
        new("asynchronous", "yes or no", "blocks go on when they have answered, instead of waiting for all", "no", (o, v) => o with { Asynchronous = Flag(v) }),
        new("blocks", "a whole number from 1", "blocks of consecutive coordinates, each with a worker", "8", (o, v) => o with { Blocks = Whole(v) }),
        new("anchor", "auto or a number from 0", "weight of the proximal term that holds the blocks together, relative to their curvature; auto: any delays converge", "auto",
            (o, v) => o with { Anchor = Automatic(v) }),
        new("step", "auto or a number > 0", "length of a step relative to one over a block's curvature bound", "auto", (o, v) => o with { Step = Automatic(v) }),
        new("delay", InjectedDelays.Range, "make updates of a block last longer", "none", (o, v) => o with { Delays = InjectedDelays.Parse(v) }),
        new("clock", InjectedDelays.ClockRange, "simulated: every update lasts one unit, times its delay", "real", (o, v) => o with { SimulatedClock = InjectedDelays.IsSimulated(v) }),
        new("tolerance", "a number from 1e-14 to 1e-1", "distance of the negative gradient to the subdifferential, relative to max(1, |gradient|)", "1e-8",
            (o, v) => o with { Tolerance = Number(v) }),
        new("max_epochs", "a whole number from 1", "limit on epochs of as many updates as there are blocks", "100000", (o, v) => o with { MaxEpochs = Whole(v) }),
    ]);

    /// <summary>Throws an <see cref="ArgumentException"/> that names the first option out of range.</summary>
    public void Validate()
    {
        Table.Require(Blocks >= 1, "blocks", Blocks);
        Table.Require(Anchor is null || (Anchor >= 0.0 && double.IsFinite(Anchor.Value)), "anchor", Anchor ?? 0.0);
        Table.Require(Step is null || (Step > 0.0 && double.IsFinite(Step.Value)), "step", Step ?? 0.0);
        Table.Require(Tolerance is >= 1e-14 and <= 1e-1, "tolerance", Tolerance);
        Table.Require(MaxEpochs >= 1, "max_epochs", MaxEpochs);
        InjectedDelays.Require(Delays);
    }

    private static double? Automatic(string text) => text == "auto" ? null : Number(text);
}
