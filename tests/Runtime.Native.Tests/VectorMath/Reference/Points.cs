namespace Optc.Runtime.Native.Tests;

/// <summary>Arguments for accuracy tests, seeded.</summary>
internal static class Points
{
    /// <summary>Both signs, binary exponents uniform in [lowest, highest], −1074 being the least.</summary>
    public static IEnumerable<double> Exponents(Random random, int count, int lowest, int highest)
    {
        for (int i = 0; i < count; i++)
        {
            double x = Math.ScaleB(1 + random.NextDouble(), random.Next(lowest, highest + 1));
            yield return random.Next(2) == 0 ? x : -x;
        }
    }

    /// <summary>Uniform in [lower, upper].</summary>
    public static IEnumerable<double> Uniform(Random random, int count, double lower, double upper)
    {
        for (int i = 0; i < count; i++) yield return lower + ((upper - lower) * random.NextDouble());
    }

    /// <summary>Every centre with its neighbours: a few steps of one ulp and steps of up to 2⁻² relatively, both ways.</summary>
    public static IEnumerable<double> Near(Random random, int count, params double[] centres)
    {
        for (int i = 0; i < count; i++)
        {
            double x = centres[random.Next(centres.Length)];
            long steps = 1L << random.Next(51);
            yield return x + (Math.Max(Math.Abs(x), 1e-300) * 2.2204460492503131e-16 * steps * (random.NextDouble() - 0.5));
        }
        foreach (double x in centres)
        {
            yield return x;
            yield return Math.BitIncrement(x);
            yield return Math.BitDecrement(x);
        }
    }

    /// <summary>Doubles nearest to multiples of a step, the multiples exponent-uniform up to the limit.</summary>
    public static IEnumerable<double> Multiples(Random random, int count, double step, double limit)
    {
        for (int i = 0; i < count; i++)
        {
            double x = Math.Round(Math.Pow(2, random.NextDouble() * Math.Log2(limit / step))) * step;
            x *= random.Next(2) == 0 ? 1 : -1;
            yield return x;
            yield return Math.BitIncrement(x);
            yield return Math.BitDecrement(x);
        }
    }
}
