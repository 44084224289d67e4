using Optc.Runtime.Solvers.Bilevel.FirstOrder;
using static Optc.Runtime.Solvers.OptionTable<Optc.Runtime.Solvers.Bilevel.BilevelOptions>;

namespace Optc.Runtime.Solvers.Bilevel;

/// <summary>How a bilevel program is solved.</summary>
public enum BilevelMethod
{
    /// <summary>By the class of the followers' problems: their conditions, then their value function where these do not suffice.</summary>
    Auto,

    /// <summary>The followers' first-order conditions alone, from several starts.</summary>
    Kkt,

    /// <summary>The followers' value function alone, bounded by cuts, from several starts.</summary>
    Value,

    /// <summary><see cref="PenaltyMethod"/>.</summary>
    Penalty,

    /// <summary><see cref="SingleLoopPenalty"/>.</summary>
    PenaltySingle,

    /// <summary><see cref="FirstOrder.LvHba"/>.</summary>
    LvHba,

    /// <summary><see cref="AveragedMultipliers"/>.</summary>
    SlBamm,

    /// <summary><see cref="NormalizedMomentum"/>.</summary>
    BoRep,

    /// <summary><see cref="FirstOrder.MultiBlock"/>.</summary>
    MultiBlock,

    /// <summary><see cref="ImplicitHypergradient"/>.</summary>
    Hypergradient,
}

/// <summary>What can be set of the bilevel solver. Immutable; <see cref="Validate"/> is called before a solve.</summary>
public sealed record BilevelOptions
{
    private static readonly string[] MethodNames = ["auto", "kkt", "value", "penalty", "penalty-single", "lv-hba", "sl-bamm", "bo-rep", "mb-vr", "hypergradient"];

    /// <summary>What each first-order method reads besides leader_step, follower_step, iterations, first_order_tolerance and finish.</summary>
    private static readonly Dictionary<BilevelMethod, string[]> Reads = new()
    {
        [BilevelMethod.Penalty] = ["sigma", "inner_iterations", "batches", "batch"],
        [BilevelMethod.PenaltySingle] = ["sigma", "batches", "batch", "momentum"],
        [BilevelMethod.LvHba] = ["sigma"],
        [BilevelMethod.SlBamm] = ["sigma"],
        [BilevelMethod.BoRep] = ["inner_iterations", "batches", "batch", "momentum", "period"],
        [BilevelMethod.MultiBlock] = ["batches", "batch", "block_batch", "momentum"],
        [BilevelMethod.Hypergradient] = [],
    };

    /// <summary>The method. Default <see cref="BilevelMethod.Auto"/>.</summary>
    public BilevelMethod Method { get; init; }

    /// <summary>Starting points of the leader's problem beside the model's own; 0 for the method's choice: 10, and 1 of first-order methods. Default 0.</summary>
    public int Starts { get; init; }

    /// <summary>Starting points from which followers that are not proved convex are solved. Default 12; at least 1.</summary>
    public int LowerStarts { get; init; } = 12;

    /// <summary>Most cuts by the followers' value function from one start. Default 8; at least 0.</summary>
    public int MaxCuts { get; init; } = 8;

    /// <summary>Gap f(x, y) − v(x), relative to max(1, |v|), at which y counts as the followers' answer. Default 1e-6; from 1e-12 to 1.</summary>
    public double GapTolerance { get; init; } = 1e-6;

    /// <summary>What can be set of first-order methods.</summary>
    public FirstOrderOptions FirstOrder { get; init; } = new();

    /// <summary>Parts into which the terms of both objectives are dealt, the samples of stochastic methods. Default 1.</summary>
    public int Batches { get; init; } = 1;

    /// <summary>Whether the end of a first-order method is made precise by the followers' conditions. Default true.</summary>
    public bool Finish { get; init; } = true;

    /// <summary>Whether <see cref="Method"/> is one of first order.</summary>
    public bool IsFirstOrder => Reads.ContainsKey(Method);

    /// <summary><see cref="Starts"/>, or the method's choice.</summary>
    public int StartCount => Starts > 0 ? Starts : IsFirstOrder ? 1 : 10;

    /// <summary>The options by name.</summary>
    public static OptionTable<BilevelOptions> Table { get; } = new(
    [
        new("method", string.Join(", ", MethodNames), "bilevel: the followers' conditions, their value function, both, or a first-order method", "auto", (o, text) => o with { Method = MethodOf(text) }),
        Whole("bilevel_starts", "a whole number >= 0", "bilevel: starting points of the leader's problem; 0 for 10, and 1 with a first-order method", d => d.Starts, (o, v) => o with { Starts = v }),
        Whole("lower_starts", "a whole number >= 1", "bilevel: starting points of nonconvex followers", d => d.LowerStarts, (o, v) => o with { LowerStarts = v }),
        Whole("max_cuts", "a whole number >= 0", "bilevel: cuts by the followers' value from one start", d => d.MaxCuts, (o, v) => o with { MaxCuts = v }),
        Number("gap_tolerance", "1e-12 .. 1", "bilevel: gap of the followers at which a point is an answer", d => d.GapTolerance, (o, v) => o with { GapTolerance = v }),
        Number("sigma", ">= 0, with sl-bamm <= 1", "first-order bilevel: weight of the leader's objective against the followers'; 0 for the method's", d => d.FirstOrder.Sigma, (o, v) => o.With(f => f with { Sigma = v })),
        Number("leader_step", ">= 0", "first-order bilevel: step of the leader; 0 for the method's", d => d.FirstOrder.LeaderStep, (o, v) => o.With(f => f with { LeaderStep = v })),
        Number("follower_step", ">= 0", "first-order bilevel: step of the followers; 0 for the method's", d => d.FirstOrder.FollowerStep, (o, v) => o.With(f => f with { FollowerStep = v })),
        Whole("iterations", "a whole number >= 1", "first-order bilevel: most steps of the leader", d => d.FirstOrder.Iterations, (o, v) => o.With(f => f with { Iterations = v })),
        Whole("inner_iterations", "a whole number >= 1", "first-order bilevel: steps of the followers for one of the leader", d => d.FirstOrder.InnerIterations, (o, v) => o.With(f => f with { InnerIterations = v })),
        Whole("batches", "a whole number >= 1", "first-order bilevel: parts into which the terms of sums are dealt", d => d.Batches, (o, v) => o with { Batches = v }),
        Whole("batch", "a whole number >= 0", "first-order bilevel: parts that an estimate looks at; 0 for all", d => d.FirstOrder.Batch, (o, v) => o.With(f => f with { Batch = v })),
        Whole("block_batch", "a whole number >= 0", "first-order bilevel: followers that an estimate looks at; 0 for all", d => d.FirstOrder.BlockBatch, (o, v) => o.With(f => f with { BlockBatch = v })),
        Number("momentum", "over 0 to 1", "first-order bilevel: weight of the newest gradient in an estimate", d => d.FirstOrder.Momentum, (o, v) => o.With(f => f with { Momentum = v })),
        Whole("period", "a whole number >= 1", "first-order bilevel: steps of the leader between two visits of the followers", d => d.FirstOrder.Period, (o, v) => o.With(f => f with { Period = v })),
        Number("first_order_tolerance", "> 0", "first-order bilevel: stationarity at which a method ends", d => d.FirstOrder.Tolerance, (o, v) => o.With(f => f with { Tolerance = v })),
        new("finish", "yes or no", "first-order bilevel: make the end precise by the followers' conditions", "yes", (o, text) => o with { Finish = Flag(text) }),
    ]);

    /// <summary>Throws an <see cref="ArgumentException"/> that names the first option out of range, or one that the method does not read.</summary>
    public void Validate()
    {
        Table.Require(Starts >= 0, "bilevel_starts", Starts);
        Table.Require(LowerStarts >= 1, "lower_starts", LowerStarts);
        Table.Require(MaxCuts >= 0, "max_cuts", MaxCuts);
        Table.Require(GapTolerance is >= 1e-12 and <= 1.0, "gap_tolerance", GapTolerance);
        Table.Require(FirstOrder.Sigma is >= 0.0 and < double.PositiveInfinity, "sigma", FirstOrder.Sigma);
        Table.Require(FirstOrder.LeaderStep is >= 0.0 and < double.PositiveInfinity, "leader_step", FirstOrder.LeaderStep);
        Table.Require(FirstOrder.FollowerStep is >= 0.0 and < double.PositiveInfinity, "follower_step", FirstOrder.FollowerStep);
        Table.Require(FirstOrder.Iterations >= 1, "iterations", FirstOrder.Iterations);
        Table.Require(FirstOrder.InnerIterations >= 1, "inner_iterations", FirstOrder.InnerIterations);
        Table.Require(Batches >= 1, "batches", Batches);
        Table.Require(FirstOrder.Batch >= 0, "batch", FirstOrder.Batch);
        Table.Require(FirstOrder.BlockBatch >= 0, "block_batch", FirstOrder.BlockBatch);
        Table.Require(FirstOrder.Momentum is > 0.0 and <= 1.0, "momentum", FirstOrder.Momentum);
        Table.Require(FirstOrder.Period >= 1, "period", FirstOrder.Period);
        Table.Require(FirstOrder.Tolerance > 0.0, "first_order_tolerance", FirstOrder.Tolerance);
        if (FirstOrder.Batch > 0 && Batches == 1) throw new ArgumentException("Option 'batch' counts parts of sums, of which there is one; give 'batches' too.");
        if (Method == BilevelMethod.SlBamm) Table.Require(FirstOrder.Sigma <= 1.0, "sigma", FirstOrder.Sigma);
        RequireRead();
    }

    private void RequireRead()
    {
        var usual = new BilevelOptions();
        (string Name, bool IsGiven)[] given =
        [
            ("sigma", FirstOrder.Sigma != usual.FirstOrder.Sigma),
            ("inner_iterations", FirstOrder.InnerIterations != usual.FirstOrder.InnerIterations),
            ("batches", Batches != usual.Batches),
            ("batch", FirstOrder.Batch != usual.FirstOrder.Batch),
            ("block_batch", FirstOrder.BlockBatch != usual.FirstOrder.BlockBatch),
            ("momentum", FirstOrder.Momentum != usual.FirstOrder.Momentum),
            ("period", FirstOrder.Period != usual.FirstOrder.Period),
            ("leader_step", FirstOrder.LeaderStep != usual.FirstOrder.LeaderStep),
            ("follower_step", FirstOrder.FollowerStep != usual.FirstOrder.FollowerStep),
            ("iterations", FirstOrder.Iterations != usual.FirstOrder.Iterations),
            ("first_order_tolerance", FirstOrder.Tolerance != usual.FirstOrder.Tolerance),
            ("finish", Finish != usual.Finish),
        ];
        foreach ((string name, bool isGiven) in given)
        {
            bool isRead = Reads.TryGetValue(Method, out string[]? own) && (own.Contains(name) || !Reads.Values.Any(names => names.Contains(name)));
            if (isGiven && !isRead)
            {
                IEnumerable<string> readers = Reads.Where(r => r.Value.Contains(name)).Select(r => MethodNames[(int)r.Key]);
                string who = readers.Any() ? $"methods {string.Join(", ", readers)}" : "first-order methods";
                throw new ArgumentException($"Option '{name}' is one of {who}, not of method {MethodNames[(int)Method]}; leave it out or name such a method.");
            }
        }
    }

    private BilevelOptions With(Func<FirstOrderOptions, FirstOrderOptions> change) => this with { FirstOrder = change(FirstOrder) };

    private static BilevelMethod MethodOf(string text)
    {
        int at = Array.FindIndex(MethodNames, name => string.Equals(name, text, StringComparison.OrdinalIgnoreCase));
        return at >= 0 ? (BilevelMethod)at : throw new FormatException();
    }
}
