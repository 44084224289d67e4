namespace Optc.Runtime.Solvers.Inner;

/// <summary>
/// A step length along a descent direction without bounds that satisfies the strong conditions of Wolfe (Nocedal, Wright 2006, Algorithms 3.5 and 3.6,
/// cubic interpolation (3.59)), or, where rounding hides the change of φ, the approximate ones (Hager, Zhang 2005, (T2)).
/// </summary>
internal static class WolfeSearch
{
    private const double Decrease = 1e-4;
    private const double Curvature = 0.9;
    private const int MaxTrials = 40;

    private readonly record struct Sample(double Alpha, double Value, double Slope);

    /// <summary>Searches from α; the trial found becomes the point. False when none is.</summary>
    public static bool Run(InnerPoint at, double alpha)
    {
        var zero = new Sample(0.0, at.Value, at.Slope());
        if (!(zero.Slope < 0.0)) return false;
        Sample low = zero, high = default;
        bool bracketed = false;
        double ceiling = double.PositiveInfinity;
        for (int k = 0; k < MaxTrials; k++)
        {
            if (bracketed) alpha = Interpolate(low, high);
            if (!at.Try(alpha))
            {
                // Not finite: everything from here on is out of the domain.
                ceiling = alpha;
                if (bracketed) high = new Sample(alpha, double.PositiveInfinity, double.NaN);
                else alpha = low.Alpha + 0.1 * (alpha - low.Alpha);
                continue;
            }
            var here = new Sample(alpha, at.TrialValue, Dot(at));
            if (IsDone(at, zero, here))
            {
                at.Accept();
                return true;
            }
            bool isTooHigh = here.Value > zero.Value + Decrease * here.Alpha * zero.Slope || (low.Alpha > 0.0 && here.Value >= low.Value);
            if (isTooHigh)
            {
                high = here;
                bracketed = true;
            }
            else if (bracketed)
            {
                if (here.Slope * (high.Alpha - low.Alpha) >= 0.0) high = low;
                low = here;
            }
            else if (here.Slope >= 0.0)
            {
                high = low;
                low = here;
                bracketed = true;
            }
            else
            {
                double next = Math.Clamp(Extrapolate(low, here), 1.1 * alpha, 10.0 * alpha);
                low = here;
                alpha = next < ceiling ? next : 0.5 * (alpha + ceiling);
            }
        }
        return low.Alpha > 0.0 && at.Try(low.Alpha) && Take(at);
    }

    private static bool Take(InnerPoint at)
    {
        at.Accept();
        return true;
    }

    private static bool IsDone(InnerPoint at, Sample zero, Sample here)
    {
        if (here.Value <= zero.Value + Decrease * here.Alpha * zero.Slope && Math.Abs(here.Slope) <= -Curvature * zero.Slope) return true;
        return Math.Abs(here.Value - zero.Value) <= at.RoundingSlack && here.Slope <= (2.0 * Decrease - 1.0) * zero.Slope && here.Slope >= Curvature * zero.Slope;
    }

    private static double Dot(InnerPoint at) => Native.VectorKernels.Dot(at.OtherGradient, at.Direction);

    private static double Extrapolate(Sample a, Sample b)
    {
        double t = (b.Slope - a.Slope) / (b.Alpha - a.Alpha);
        return t > 0.0 ? b.Alpha - b.Slope / t : double.PositiveInfinity;
    }

    /// <summary>Minimiser of the cubic through both ends, kept off them.</summary>
    private static double Interpolate(Sample a, Sample b)
    {
        double width = b.Alpha - a.Alpha, middle = a.Alpha + 0.5 * width, margin = 0.1 * Math.Abs(width);
        double least = Math.Min(a.Alpha, b.Alpha) + margin, most = Math.Max(a.Alpha, b.Alpha) - margin;
        if (!double.IsFinite(b.Value)) return middle;
        double d1 = a.Slope + b.Slope - 3.0 * (a.Value - b.Value) / (a.Alpha - b.Alpha);
        double square = d1 * d1 - a.Slope * b.Slope;
        if (!(square >= 0.0)) return middle;
        double d2 = Math.Sign(width) * Math.Sqrt(square);
        double alpha = b.Alpha - width * ((b.Slope + d2 - d1) / (b.Slope - a.Slope + 2.0 * d2));
        return double.IsFinite(alpha) ? Math.Clamp(alpha, least, most) : middle;
    }
}
