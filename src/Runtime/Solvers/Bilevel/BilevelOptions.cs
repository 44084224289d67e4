using System.Globalization;

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
}

/// <summary>What can be set of the bilevel solver. Immutable; <see cref="Validate"/> is called before a solve.</summary>
public sealed record BilevelOptions
{
    /// <summary>The method. Default <see cref="BilevelMethod.Auto"/>.</summary>
    public BilevelMethod Method { get; init; }

    /// <summary>Starting points of the leader's problem. Default 10; at least 1.</summary>
    public int Starts { get; init; } = 10;

    /// <summary>Starting points from which followers that are not proved convex are solved. Default 12; at least 1.</summary>
    public int LowerStarts { get; init; } = 12;

    /// <summary>Most cuts by the followers' value function from one start. Default 8; at least 0.</summary>
    public int MaxCuts { get; init; } = 8;

    /// <summary>Gap f(x, y) − v(x), relative to max(1, |v|), at which y counts as the followers' answer. Default 1e-6; from 1e-12 to 1.</summary>
    public double GapTolerance { get; init; } = 1e-6;

    /// <summary>The options by name.</summary>
    public static OptionTable<BilevelOptions> Table { get; } = new(
    [
        new("method", "auto, kkt or value", "bilevel: the followers' conditions, their value function, or both", "auto", (o, text) => o with { Method = MethodOf(text) }),
        Whole("bilevel_starts", "a whole number >= 1", "bilevel: starting points of the leader's problem", d => d.Starts, (o, v) => o with { Starts = v }),
        Whole("lower_starts", "a whole number >= 1", "bilevel: starting points of nonconvex followers", d => d.LowerStarts, (o, v) => o with { LowerStarts = v }),
        Whole("max_cuts", "a whole number >= 0", "bilevel: cuts by the followers' value from one start", d => d.MaxCuts, (o, v) => o with { MaxCuts = v }),
        new("gap_tolerance", "1e-12 .. 1", "bilevel: gap of the followers at which a point is an answer", "1E-06", (o, text) => o with { GapTolerance = OptionTable<BilevelOptions>.Number(text) }),
    ]);

    /// <summary>Throws an <see cref="ArgumentException"/> that names the first option out of range.</summary>
    public void Validate()
    {
        Require(Starts >= 1, "bilevel_starts", Starts);
        Require(LowerStarts >= 1, "lower_starts", LowerStarts);
        Require(MaxCuts >= 0, "max_cuts", MaxCuts);
        Require(GapTolerance is >= 1e-12 and <= 1.0, "gap_tolerance", GapTolerance);
    }

    private static BilevelMethod MethodOf(string text) => text.ToUpperInvariant() switch
    {
        "AUTO" => BilevelMethod.Auto,
        "KKT" => BilevelMethod.Kkt,
        "VALUE" => BilevelMethod.Value,
        _ => throw new FormatException(),
    };

    private static void Require(bool holds, string name, double value)
    {
        if (holds) return;
        string range = Table.Entries.First(e => e.Name == name).Range;
        throw new ArgumentException($"Option '{name}' cannot be {value.ToString(CultureInfo.InvariantCulture)}; it takes {range}.");
    }

    private static OptionEntry<BilevelOptions> Whole(
        string name, string range, string description, Func<BilevelOptions, int> get, Func<BilevelOptions, int, BilevelOptions> set) =>
        new(name, range, description, get(new()).ToString(CultureInfo.InvariantCulture), (o, text) => set(o, OptionTable<BilevelOptions>.Whole(text)));
}
