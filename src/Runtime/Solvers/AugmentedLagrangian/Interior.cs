namespace Optc.Runtime.Solvers.AugmentedLagrangian;

/// <summary>What a point strictly between its bounds is measured by.</summary>
internal static class Interior
{
    /// <summary>Largest |(v − L) z_L − μ| and its twin.</summary>
    public static double Complementarity(
        ReadOnlySpan<double> point, ReadOnlySpan<double> lowerDual, ReadOnlySpan<double> upperDual, ReadOnlySpan<double> lower, ReadOnlySpan<double> upper, double barrier)
    {
        double largest = 0.0;
        for (int j = 0; j < point.Length; j++)
        {
            if (!(lower[j] < upper[j])) continue;
            if (!double.IsNegativeInfinity(lower[j])) largest = Math.Max(largest, Math.Abs((point[j] - lower[j]) * lowerDual[j] - barrier));
            if (!double.IsPositiveInfinity(upper[j])) largest = Math.Max(largest, Math.Abs((upper[j] - point[j]) * upperDual[j] - barrier));
        }
        return largest;
    }

    /// <summary>−μ Σ log(v − L) − μ Σ log(U − v), with a small linear term where only one side is bounded, so that it is bounded below
    /// along rays (Wächter and Biegler 2006, §3.7).</summary>
    public static double BarrierValue(ReadOnlySpan<double> v, ReadOnlySpan<double> lower, ReadOnlySpan<double> upper, double barrier, double damping)
    {
        double sum = 0.0, linear = 0.0;
        for (int j = 0; j < lower.Length; j++)
        {
            if (!(lower[j] < upper[j])) continue;
            bool hasLower = !double.IsNegativeInfinity(lower[j]), hasUpper = !double.IsPositiveInfinity(upper[j]);
            if (hasLower) sum += Math.Log(v[j] - lower[j]);
            if (hasUpper) sum += Math.Log(upper[j] - v[j]);
            if (hasLower && !hasUpper) linear += v[j] - lower[j];
            if (hasUpper && !hasLower) linear += upper[j] - v[j];
        }
        return barrier * (damping * linear - sum);
    }
}
