using System.Globalization;

namespace Optc.Runtime.Solvers.Asynchronous;

/// <summary>The options <c>delay</c> and <c>clock</c> of solvers over blocks.</summary>
internal static class InjectedDelays
{
    /// <summary>What <c>delay</c> takes.</summary>
    public const string Range = "k:factor,…, k a block's number from 1, each once";

    /// <summary>What <c>clock</c> takes.</summary>
    public const string ClockRange = "real or simulated";

    /// <summary>Factors by block from 0, of <c>3:100,5:2</c>.</summary>
    public static Dictionary<int, double> Parse(string text)
    {
        var delays = new Dictionary<int, double>();
        foreach (string part in text.Split(','))
        {
            string[] sides = part.Split(':');
            if (sides.Length != 2) throw new FormatException();
            if (!delays.TryAdd(OptionTable<AsynchronousOptions>.Whole(sides[0]) - 1, OptionTable<AsynchronousOptions>.Number(sides[1]))) throw new FormatException();
        }
        return delays;
    }

    /// <summary>Whether time is simulated.</summary>
    public static bool IsSimulated(string text) => text switch
    {
        "simulated" => true,
        "real" => false,
        _ => throw new FormatException(),
    };

    /// <summary>Throws an <see cref="ArgumentException"/> for a block or a factor that cannot be.</summary>
    public static void Require(IReadOnlyDictionary<int, double> delays)
    {
        foreach ((int block, double factor) in delays)
        {
            if (block < 0 || !(factor >= 1.0 && double.IsFinite(factor)))
                throw new ArgumentException($"Option 'delay' cannot be {block + 1}:{factor.ToString(CultureInfo.InvariantCulture)}; blocks count from 1 and factors are at least 1.");
        }
    }

    /// <summary>Throws an <see cref="ArgumentException"/> for a block that is not there.</summary>
    public static void RequireBlocks(IReadOnlyDictionary<int, double> delays, int count)
    {
        if (delays.Keys.FirstOrDefault(k => k >= count, -1) is int late and >= 0)
            throw new ArgumentException($"Option 'delay' names block {late + 1}, and there are {count}.");
    }
}
