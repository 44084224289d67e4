namespace Optc.Runtime.Native;

/// <summary>
/// ψ and ψ′ by their asymptotic series from 10 on (Abramowitz and Stegun 6.3.18 and 6.4.12), below by the recurrence summed in two
/// doubles, for large negative arguments by reflection; ψ near its positive root by a polynomial.
/// </summary>
internal static class PolygammaFunctions
{
    /// <summary>The positive root of ψ in two doubles.</summary>
    private const double RootHigh = 1.4616321449683622;
    private const double RootLow = 9.549995429965697e-17;

    private static readonly TwoDoubles Ln2 = new(LogFunction.Ln2High, LogFunction.Ln2Low);

    /// <summary>ψ(root + t)/t for |t| ≤ ¼, interpolated at Chebyshev points.</summary>
    private static ReadOnlySpan<double> AroundRoot =>
    [
        0.9676722454476212,
        -0.442763168983592,
        0.25849976095565097,
        -0.1639427054424476,
        0.10782405069129046,
        -0.07219956124734202,
        0.04880428815790862,
        -0.03316112738168873,
        0.022597648852637087,
        -0.015424718123473078,
        0.010538758926734747,
        -0.007205958872163017,
        0.0049277559630011404,
        -0.0033457363132838383,
        0.0022886619356203876,
        -0.0017899963982668623,
        0.001224590674455486,
    ];

    /// <summary>ψ(x) = Γ′(x)/Γ(x), NaN at 0 and the negative integers.</summary>
    public static double Digamma(double x)
    {
        if (x <= 0 && Math.Floor(x) == x) return double.NaN;
        if (double.IsNaN(x) || double.IsPositiveInfinity(x)) return x;
        if (Math.Abs(x) < 1e-20) return -1 / x;
        double t = x - RootHigh - RootLow;
        if (Math.Abs(t) <= 0.25) return t * GammaFunctions.Horner(AroundRoot, t);
        if (x <= GammaFunctions.ReflectionLimit)
        {
            // ψ(x) = ψ(−x) − 1/x − π cot πx.
            double rest = x - Math.Round(x);
            var cotangent = GammaFunctions.SinPi(0.5 - Math.Abs(rest)) / GammaFunctions.SinPi(rest);
            return (LogSeries(-x, 0) - ((TwoDoubles)1 / x) - (cotangent * GammaFunctions.Pi)).Value;
        }

        TwoDoubles sum = 0, factor = x;
        for (int i = 0; factor.High < GammaFunctions.SeriesLimit; factor = (TwoDoubles)x + ++i) sum += (TwoDoubles)1 / factor;
        return (LogSeries(factor.High, factor.Low) - sum).Value;
    }

    /// <summary>ψ′(x), +∞ at 0 and the negative integers.</summary>
    public static double Trigamma(double x)
    {
        if (x <= 0 && Math.Floor(x) == x) return double.PositiveInfinity;
        if (double.IsNaN(x)) return x;
        if (double.IsPositiveInfinity(x)) return 0;
        if (Math.Abs(x) < 1e-10) return 1 / (x * x);
        if (x <= GammaFunctions.ReflectionLimit)
        {
            // ψ′(x) = π²/sin² πx − ψ′(−x) + 1/x², from ψ′(x) + ψ′(1 − x) = π²/sin² πx.
            var quotient = GammaFunctions.Pi / GammaFunctions.SinPi(x);
            return ((quotient * quotient) - Series(-x, 0) + (1 / (x * x))).Value;
        }

        TwoDoubles sum = 0, factor = x;
        for (int i = 0; factor.High < GammaFunctions.SeriesLimit; factor = (TwoDoubles)x + ++i) sum += (TwoDoubles)1 / (factor * factor);
        return (Series(factor.High, factor.Low) + sum).Value;
    }

    /// <summary>ψ(x + lost) for x ≥ 10.</summary>
    private static TwoDoubles LogSeries(double x, double lost)
    {
        double r = 1 / (x * x);
        double series = r * (1.0 / 12 - (r * (1.0 / 120 - (r * (1.0 / 252 - (r * (1.0 / 240 - (r * (1.0 / 132
            - (r * (691.0 / 32760 - (r * (1.0 / 12 - (r * (3617.0 / 8160 - (r * 43867.0 / 14364))))))))))))))));
        return (((TwoDoubles)x).Log2() * Ln2) - ((TwoDoubles)0.5 / x) + ((lost / x) - series);
    }

    /// <summary>ψ′(x + lost) for x ≥ 10.</summary>
    private static TwoDoubles Series(double x, double lost)
    {
        double r = 1 / (x * x);
        double series = r / x * (1.0 / 6 - (r * (1.0 / 30 - (r * (1.0 / 42 - (r * (1.0 / 30 - (r * (5.0 / 66
            - (r * (691.0 / 2730 - (r * (7.0 / 6 - (r * (3617.0 / 510 - (r * 43867.0 / 798))))))))))))))));
        return ((TwoDoubles)1 / x) + ((0.5 * r) + series - (lost * r));
    }
}
