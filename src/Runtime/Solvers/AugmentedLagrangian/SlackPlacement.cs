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
        // The root without the farther side's barrier is the start; halving keeps Newton's method inside the bracket.
        double left = lower, right = upper, middle = lower + 0.5 * (upper - lower);
        double s = a < middle
            ? Math.Min(Above(lower, Gap(a - lower, epsilon)), middle)
            : Math.Max(Below(upper, Gap(upper - a, epsilon)), middle);
        for (int k = 0; k < 60; k++)
        {
            double p = s - lower, q = upper - s;
            double slope = s - a - epsilon / p + epsilon / q;
            double next = s - slope / (1.0 + epsilon / (p * p) + epsilon / (q * q));
            // A Newton step below the rounding of s is the end, before halving could lead away from the root.
            if (Math.Abs(next - s) <= 2.3e-16 * Math.Abs(s)) break;
            if (slope > 0.0) right = s; else left = s;
            if (!(next > left && next < right)) next = left + 0.5 * (right - left);
            if (!(next > left && next < right)) break;
            s = next;
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
