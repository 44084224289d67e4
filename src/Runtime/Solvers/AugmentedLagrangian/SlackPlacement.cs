namespace Optc.Runtime.Solvers.AugmentedLagrangian;

/// <summary>
/// The slack that minimises <c>½(s − a)² − ε log(s − L) − ε log(U − s)</c>. For ε → 0 it is the projection of a to [L, U],
/// and the augmented Lagrangian with it is the Powell-Hestenes-Rockafellar function; for ε > 0 a smooth version of it.
/// </summary>
internal static class SlackPlacement
{
    /// <summary>The minimiser, strictly between the sides; at least one of them is finite.</summary>
    public static double Best(double a, double epsilon, double lower, double upper)
    {
        if (!double.IsFinite(a)) return a;
        if (double.IsPositiveInfinity(upper)) return Above(lower, Gap(a - lower, epsilon));
        if (double.IsNegativeInfinity(lower)) return Below(upper, Gap(upper - a, epsilon));
        double left = lower, right = upper;
        double s = Math.Clamp(a, lower + 1e-3 * (upper - lower), upper - 1e-3 * (upper - lower));
        for (int k = 0; k < 60; k++)
        {
            double p = s - lower, q = upper - s;
            double slope = s - a - epsilon / p + epsilon / q;
            if (slope > 0.0) right = s; else left = s;
            double next = s - slope / (1.0 + epsilon / (p * p) + epsilon / (q * q));
            if (!(next > left && next < right)) next = 0.5 * (left + right);
            double change = Math.Abs(next - s);
            if (!(next > lower && next < upper)) break;
            s = next;
            if (change <= 1e-15 * Math.Abs(s) || slope == 0.0) break;
        }
        return s;
    }

    /// <summary>The positive root t of t² − d t − ε = 0.</summary>
    private static double Gap(double d, double epsilon)
    {
        double root = Math.Sqrt(d * d + 4.0 * epsilon);
        return d > 0.0 ? 0.5 * (d + root) : 2.0 * epsilon / (root - d);
    }

    private static double Above(double lower, double gap) => Math.Max(lower + gap, Math.BitIncrement(lower));

    private static double Below(double upper, double gap) => Math.Min(upper - gap, Math.BitDecrement(upper));
}
