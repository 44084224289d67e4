using System.Globalization;

namespace Optc.Runtime.Solvers.Consensus;

/// <summary>What can be set of the sampler. Immutable; <see cref="Validate"/> is called before it runs.</summary>
public sealed record SamplingOptions
{
    /// <summary>Draws that are kept. Default 1000; at least 1.</summary>
    public int Draws { get; init; } = 1000;

    /// <summary>Rounds before the first draw. Default 1000; at least 0.</summary>
    public int Burn { get; init; } = 1000;

    /// <summary>Rounds from draw to draw. Default 10; at least 1.</summary>
    public int Thin { get; init; } = 10;

    /// <summary>Penalty ρ: the length of a step is 1/(ρ K) for K parts. 0 takes the mean of the parts' largest curvatures at the start. Default 0; at least 0.</summary>
    public double Penalty { get; init; }

    /// <summary>Throws an <see cref="ArgumentException"/> that names the first option out of range.</summary>
    public void Validate()
    {
        Require(Draws >= 1, "draws", Draws, "a whole number >= 1");
        Require(Burn >= 0, "burn", Burn, "a whole number >= 0");
        Require(Thin >= 1, "thin", Thin, "a whole number >= 1");
        Require(Penalty >= 0.0 && double.IsFinite(Penalty), "rho", Penalty, "a number >= 0, 0 = automatic");
    }

    private static void Require(bool holds, string name, double value, string range)
    {
        if (!holds) throw new ArgumentException($"Option '{name}' cannot be {value.ToString(CultureInfo.InvariantCulture)}; it takes {range}.");
    }
}
