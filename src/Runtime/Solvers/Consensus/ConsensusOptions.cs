using Optc.Runtime.Solvers.Asynchronous;
using static Optc.Runtime.Solvers.OptionTable<Optc.Runtime.Solvers.Consensus.ConsensusOptions>;

namespace Optc.Runtime.Solvers.Consensus;

/// <summary>What can be set of the splitting over blocks. Immutable; <see cref="Validate"/> is called before a solve.</summary>
public sealed record ConsensusOptions
{
    private readonly double? _acceptable;

    /// <summary>Residuals of the whole problem at which it is solved. Default 1e-8; from 1e-12 to 1e-1.</summary>
    public double Tolerance { get; init; } = 1e-8;

    /// <summary>Residuals that are acceptable at a limit. Default 1e-6, or <see cref="Tolerance"/> where that is larger; not below it.</summary>
    public double AcceptableTolerance { get => _acceptable ?? Math.Max(1e-6, Tolerance); init => _acceptable = value; }

    /// <summary>Penalty ρ; 0 takes it from the blocks' second derivatives at the start. Default 0; at least 0.</summary>
    public double Penalty { get; init; }

    /// <summary>Whether ρ follows the ratio of the residuals. Default true.</summary>
    public bool AdaptivePenalty { get; init; } = true;

    /// <summary>Over-relaxation α. Default 1.6; between 0 and 2.</summary>
    public double Relaxation { get; init; } = 1.6;

    /// <summary>Updates of the shared variables. Default 20000; at least 1.</summary>
    public int MaxIterations { get; init; } = 20000;

    /// <summary>Whether Newton steps on the whole problem finish a solve that the splitting has brought near; without, it is the splitting alone. Default true.</summary>
    public bool Finish { get; init; } = true;

    /// <summary>Whether the shared variables are updated at every answer of a block instead of waiting for all. Default false.</summary>
    public bool Asynchronous { get; init; }

    /// <summary>By block from 0, the factor by which its solves are made to last longer; blocks that are not named last as long as they do.</summary>
    public IReadOnlyDictionary<int, double> Delays { get; init; } = new Dictionary<int, double>();

    /// <summary>The factor by block and number of its earlier answers, for delays that change, without bound too; null for <see cref="Delays"/>.</summary>
    public Func<int, int, double>? DelayLaw { get; init; }

    /// <summary>Whether time is simulated: every solve lasts one unit times its delay, in an order that is always the same. Default false.</summary>
    public bool SimulatedClock { get; init; }

    /// <summary>Part of the time that it is behind the others for which a late block waits before it reads the shared variables. Default 0.1; from 0 to 1.</summary>
    public double Rest { get; init; } = 0.1;

    /// <summary>Part of the blocks that a round calls, drawn at random with the request's seed; below 1 only they exchange anything with the shared variables.
    /// Default 1; above 0, at most 1.</summary>
    public double Participation { get; init; } = 1.0;

    /// <summary>Variance of the noise that is added to each number on its way from a block. Default 0.</summary>
    public double UplinkNoise { get; init; }

    /// <summary>Variance of the noise that is added to each number on its way to a block. Default 0.</summary>
    public double DownlinkNoise { get; init; }

    /// <summary>Whether blocks that are not called go on with the shared variables as they last came. Default true.</summary>
    public bool ContinuesLocally { get; init; } = true;

    /// <summary>Whether the shared variables follow the last message of every block, or those of the round alone. Default true.</summary>
    public bool KeepsMessages { get; init; } = true;

    /// <summary>Whether the method is that of rounds with a schedule or noisy links.</summary>
    public bool IsScheduled => Participation < 1.0 || UplinkNoise > 0.0 || DownlinkNoise > 0.0;

    /// <summary>The options by name.</summary>
    public static OptionTable<ConsensusOptions> Table { get; } = new(
    [
        Number("tolerance", "1e-12 .. 1e-1", "residuals of the whole problem at which it is solved", d => d.Tolerance, (o, v) => o with { Tolerance = v }),
        Number("acceptable_tolerance", "tolerance .. 1", "residuals accepted at a limit", d => d.AcceptableTolerance, (o, v) => o with { AcceptableTolerance = v }),
        Number("rho", "a number >= 0, 0 = automatic", "penalty", d => d.Penalty, (o, v) => o with { Penalty = v }),
        Flag("adaptive_rho", "let the penalty follow the residuals", d => d.AdaptivePenalty, (o, v) => o with { AdaptivePenalty = v }),
        Number("alpha", "a number between 0 and 2", "over-relaxation", d => d.Relaxation, (o, v) => o with { Relaxation = v }),
        new("max_iter", "a whole number >= 1", "updates of the shared variables", "20000", (o, text) => o with { MaxIterations = Whole(text) }),
        Flag("finish", "finish by Newton steps on the whole problem", d => d.Finish, (o, v) => o with { Finish = v }),
        Flag("asynchronous", "update at every answer instead of waiting for all blocks", d => d.Asynchronous, (o, v) => o with { Asynchronous = v }),
        new("delay", InjectedDelays.Range, "make solves of a block last longer", "none", (o, text) => o with { Delays = InjectedDelays.Parse(text) }),
        new("clock", InjectedDelays.ClockRange, "simulated: every solve lasts one unit, times its delay", "real", (o, text) => o with { SimulatedClock = InjectedDelays.IsSimulated(text) }),
        Number("rest", "0 .. 1", "how long a late block waits before it reads, relative to its lateness", d => d.Rest, (o, v) => o with { Rest = v }),
        Number("schedule", "above 0, at most 1", "part of the blocks, drawn at random, that a round calls", d => d.Participation, (o, v) => o with { Participation = v }),
        new("noise", "a variance, or up,down", "noise on the links to and from the blocks", "0", ParseNoise),
        Flag("local", "blocks that are not called go on by themselves", d => d.ContinuesLocally, (o, v) => o with { ContinuesLocally = v }),
        new("messages", "all or round", "which messages a round uses: the last of every block, or those that it called for", "all", (o, text) => o with { KeepsMessages = ParseMessages(text) }),
    ]);

    /// <summary>Throws an <see cref="ArgumentException"/> that names the first option out of range.</summary>
    public void Validate()
    {
        Table.Require(Tolerance is >= 1e-12 and <= 1e-1, "tolerance", Tolerance);
        Table.Require(AcceptableTolerance >= Tolerance && AcceptableTolerance <= 1.0, "acceptable_tolerance", AcceptableTolerance);
        Table.Require(Penalty >= 0.0 && double.IsFinite(Penalty), "rho", Penalty);
        Table.Require(Relaxation is > 0.0 and < 2.0, "alpha", Relaxation);
        Table.Require(MaxIterations >= 1, "max_iter", MaxIterations);
        Table.Require(Rest is >= 0.0 and <= 1.0, "rest", Rest);
        Table.Require(Participation is > 0.0 and <= 1.0, "schedule", Participation);
        Table.Require(UplinkNoise >= 0.0 && double.IsFinite(UplinkNoise), "noise", UplinkNoise);
        Table.Require(DownlinkNoise >= 0.0 && double.IsFinite(DownlinkNoise), "noise", DownlinkNoise);
        if (!Asynchronous && Rest != new ConsensusOptions().Rest) throw new ArgumentException("Option 'rest' is one of the asynchronous method; add asynchronous=yes, or leave it out.");
        InjectedDelays.Require(Delays);
        ValidateRounds();
    }

    /// <summary>What has no meaning in rounds, and what has one in rounds alone.</summary>
    private void ValidateRounds()
    {
        var plain = new ConsensusOptions();
        if (IsScheduled && (Asynchronous || Delays.Count > 0 || DelayLaw is not null || SimulatedClock))
            throw new ArgumentException("Options 'schedule' and 'noise' are for rounds in which all that are called answer; leave out 'asynchronous', 'delay' and 'clock'.");
        if (IsScheduled && Relaxation != plain.Relaxation)
            throw new ArgumentException("Option 'alpha' is not for rounds with 'schedule' or 'noise', which have no over-relaxation; leave it out.");
        if (!IsScheduled && (ContinuesLocally != plain.ContinuesLocally || KeepsMessages != plain.KeepsMessages))
            throw new ArgumentException("Options 'local' and 'messages' are for rounds; give 'schedule' below 1, or 'noise'.");
    }

    private static ConsensusOptions ParseNoise(ConsensusOptions options, string text)
    {
        string[] sides = text.Split(',');
        if (sides.Length > 2) throw new FormatException();
        double up = Number(sides[0]);
        return options with { UplinkNoise = up, DownlinkNoise = sides.Length == 2 ? Number(sides[1]) : up };
    }

    private static bool ParseMessages(string text) => text switch
    {
        "all" => true,
        "round" => false,
        _ => throw new FormatException(),
    };
}
