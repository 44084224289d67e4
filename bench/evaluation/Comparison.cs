namespace Optc.Bench.Evaluation;

/// <summary>Whether contestants compute the same: entry by entry at every point.</summary>
internal static class Comparison
{
    public const double Tolerance = 1e-9;

    /// <summary>The largest |a − b| / max(1, |b|) of each quantity between a contestant and the first, which is Optc.</summary>
    public static Dictionary<Quantity, double> Differences(
        IContestant reference, IContestant other, IReadOnlyDictionary<Quantity, int> lengths, Outputs outputs)
    {
        var worst = new Dictionary<Quantity, double>();
        foreach (var (quantity, length) in lengths)
        {
            double[] expected = new double[length], actual = new double[length];
            double largest = 0.0;
            for (int point = 0; point < Points.Count; point++)
            {
                // They may write to the same arrays: nobody may find what another left.
                outputs[quantity].Span.Fill(double.NaN);
                reference.Evaluate(quantity, point);
                reference.CopyTo(quantity, expected);
                outputs[quantity].Span.Fill(double.NaN);
                other.Evaluate(quantity, point);
                other.CopyTo(quantity, actual);
                for (int i = 0; i < length; i++)
                {
                    double difference = Math.Abs(actual[i] - expected[i]) / Math.Max(1.0, Math.Abs(expected[i]));
                    // A NaN is a difference too.
                    if (!(difference <= largest)) largest = double.IsNaN(difference) ? double.PositiveInfinity : difference;
                }
            }
            worst[quantity] = largest;
        }
        return worst;
    }

    /// <summary>Σ (1 + i mod 5) vᵢ, to compare with a run elsewhere.</summary>
    public static double Checksum(IContestant contestant, Quantity quantity, int length)
    {
        double[] values = new double[length];
        contestant.Evaluate(quantity, 0);
        contestant.CopyTo(quantity, values);
        double sum = 0.0;
        for (int i = 0; i < length; i++) sum += (1 + i % 5) * values[i];
        return sum;
    }
}
