namespace Optc.Runtime.Solvers.Consensus;

/// <summary>What a sampler leaves.</summary>
/// <param name="Variables">The shared variables, in numbers of the whole problem.</param>
/// <param name="Draws">Each draw, in the order of the variables.</param>
/// <param name="Penalty">ρ.</param>
/// <param name="Step">Length of a step, 1/(ρ K).</param>
/// <param name="Parts">K: the blocks, and one more where terms belong to none.</param>
/// <param name="Rounds">Rounds done.</param>
/// <param name="IsComplete">Whether all draws were made; a limit or cancellation leaves fewer.</param>
/// <param name="Seconds">Wall time.</param>
public sealed record SamplingResult(int[] Variables, IReadOnlyList<double[]> Draws, double Penalty, double Step, int Parts, int Rounds, bool IsComplete, double Seconds)
{
    /// <summary>Mean, deviation, quantiles and effective number of draws of a variable, by its place among <see cref="Variables"/>.</summary>
    public DrawSummary Summarise(int place)
    {
        double[] series = [.. Draws.Select(d => d[place])], sorted = [.. series.Order()];
        double mean = series.Average(), squares = series.Sum(v => (v - mean) * (v - mean));
        double deviation = series.Length > 1 ? Math.Sqrt(squares / (series.Length - 1)) : 0.0;
        return new DrawSummary(mean, deviation, Quantile(sorted, 0.05), Quantile(sorted, 0.5), Quantile(sorted, 0.95), EffectiveCount(series, mean, squares));
    }

    private static double Quantile(double[] sorted, double part)
    {
        double at = part * (sorted.Length - 1);
        int below = (int)at;
        return below + 1 < sorted.Length ? sorted[below] + ((at - below) * (sorted[below + 1] - sorted[below])) : sorted[below];
    }

    /// <summary>n / (1 + 2 Σ autocorrelations), summed in pairs as long as they are positive (Geyer 1992, initial positive sequence).</summary>
    private static double EffectiveCount(double[] series, double mean, double squares)
    {
        if (squares == 0.0) return series.Length;
        double sum = -1.0;
        for (int lag = 0; lag + 1 < series.Length; lag += 2)
        {
            double pair = Correlation(lag) + Correlation(lag + 1);
            if (pair <= 0.0) break;
            sum += 2.0 * pair;
        }
        return Math.Min(series.Length, series.Length / Math.Max(sum, 1e-12));

        double Correlation(int lag)
        {
            double product = 0.0;
            for (int i = lag; i < series.Length; i++) product += (series[i] - mean) * (series[i - lag] - mean);
            return product / squares;
        }
    }
}

/// <summary>What the draws of one variable say.</summary>
/// <param name="Mean">Their mean.</param>
/// <param name="Deviation">Their standard deviation.</param>
/// <param name="Lower">The 5 % quantile.</param>
/// <param name="Median">The median.</param>
/// <param name="Upper">The 95 % quantile.</param>
/// <param name="Effective">As many independent draws would say as much of the mean.</param>
public readonly record struct DrawSummary(double Mean, double Deviation, double Lower, double Median, double Upper, double Effective);
