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

    /// <summary>
    /// The barrier's part of a Newton system: D = z_L/(v − L) + z_U/(U − v), +∞ for variables that are fixed, and the barrier function's
    /// gradient b.
    /// </summary>
    public static void Terms(
        ReadOnlySpan<double> v, ReadOnlySpan<double> lowerDual, ReadOnlySpan<double> upperDual, ReadOnlySpan<double> lower, ReadOnlySpan<double> upper,
        double barrier, double damping, Span<double> diagonal, Span<double> gradient)
    {
        for (int j = 0; j < lower.Length; j++)
        {
            double d = 0.0, b = 0.0;
            bool hasLower = !double.IsNegativeInfinity(lower[j]), hasUpper = !double.IsPositiveInfinity(upper[j]);
            if (!(lower[j] < upper[j]))
            {
                d = double.PositiveInfinity;
            }
            else
            {
                if (hasLower)
                {
                    double gap = v[j] - lower[j];
                    d += lowerDual[j] / gap;
                    b -= barrier / gap;
                    if (!hasUpper) b += damping * barrier;
                }
                if (hasUpper)
                {
                    double gap = upper[j] - v[j];
                    d += upperDual[j] / gap;
                    b += barrier / gap;
                    if (!hasLower) b -= damping * barrier;
                }
            }
            diagonal[j] = d;
            gradient[j] = b;
        }
    }

    /// <summary>
    /// The duals' steps that belong to a step in v, and the largest fractions of both that leave 1 − τ of every distance; of v only
    /// the first variables count.
    /// </summary>
    public static (double Primal, double Dual) ToBoundary(
        ReadOnlySpan<double> v, ReadOnlySpan<double> step, ReadOnlySpan<double> lowerDual, ReadOnlySpan<double> upperDual, ReadOnlySpan<double> lower,
        ReadOnlySpan<double> upper, double barrier, int searched, Span<double> lowerStep, Span<double> upperStep)
    {
        double tau = Math.Max(0.99, 1.0 - barrier), primal = 1.0, dual = 1.0;
        for (int j = 0; j < lower.Length; j++)
        {
            lowerStep[j] = upperStep[j] = 0.0;
            if (!(lower[j] < upper[j])) continue;
            double d = step[j];
            if (!double.IsNegativeInfinity(lower[j]))
            {
                double gap = v[j] - lower[j], z = barrier / gap - lowerDual[j] - lowerDual[j] / gap * d;
                lowerStep[j] = z;
                if (j < searched && d < -tau * gap * primal) primal = Math.Min(primal, -tau * gap / d);
                if (z < 0.0) dual = Math.Min(dual, -tau * lowerDual[j] / z);
            }
            if (!double.IsPositiveInfinity(upper[j]))
            {
                double gap = upper[j] - v[j], z = barrier / gap - upperDual[j] + upperDual[j] / gap * d;
                upperStep[j] = z;
                if (j < searched && d > tau * gap * primal) primal = Math.Min(primal, tau * gap / d);
                if (z < 0.0) dual = Math.Min(dual, -tau * upperDual[j] / z);
            }
        }
        return (primal, dual);
    }

    /// <summary>Moves a dual by its step, within a factor of the central path (Wächter and Biegler 2006, (16)).</summary>
    public static double MoveDual(double dual, double step, double fraction, double barrier, double gap, double safeguard)
    {
        double central = barrier / gap;
        return Math.Clamp(dual + fraction * step, central / safeguard, central * safeguard);
    }
}
