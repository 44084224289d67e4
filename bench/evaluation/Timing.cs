using System.Diagnostics;

namespace Optc.Bench.Evaluation;

/// <summary>Seconds per call: batches of calls, the contestants' batches interleaved.</summary>
internal static class Timing
{
    /// <summary>Seconds per call of each batch: for each quantity, contestant and round.</summary>
    public static Dictionary<Quantity, double[][]> Rounds(
        IReadOnlyList<IContestant> contestants, IReadOnlyList<Quantity> quantities, int repeats, double batchSeconds)
    {
        var calls = quantities.ToDictionary(q => q, q => contestants.Select(c => BatchLength(c, q, batchSeconds)).ToArray());
        var taken = quantities.ToDictionary(q => q, _ => contestants.Select(_ => new double[repeats]).ToArray());
        // Rounds outermost: a bad moment of the machine spoils one round of everything, not one quantity's figures.
        for (int r = 0; r < repeats; r++)
        {
            foreach (Quantity quantity in quantities)
            {
                for (int k = 0; k < contestants.Count; k++)
                {
                    // Every other round the other way, so that nobody is always behind the same one.
                    int who = r % 2 == 0 ? k : contestants.Count - 1 - k;
                    long count = calls[quantity][who];
                    taken[quantity][who][r] = Batch(contestants[who], quantity, count) / count;
                }
            }
        }
        return taken;
    }

    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : 0.5 * (sorted[middle - 1] + sorted[middle]);
    }

    public static double Seconds(Action work)
    {
        long start = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static double Batch(IContestant contestant, Quantity quantity, long calls) => Seconds(() => contestant.Run(quantity, calls));

    /// <summary>Calls that take at least the given time, once round the points at least.</summary>
    private static long BatchLength(IContestant contestant, Quantity quantity, double seconds)
    {
        long calls = Points.Count;
        contestant.Run(quantity, calls);
        while (true)
        {
            double taken = Math.Max(Batch(contestant, quantity, calls), 1e-9);
            if (taken >= seconds) return calls;
            double factor = Math.Clamp(1.2 * seconds / taken, 1.5, 20.0);
            calls = (long)Math.Ceiling(calls * factor / Points.Count) * Points.Count;
        }
    }
}
