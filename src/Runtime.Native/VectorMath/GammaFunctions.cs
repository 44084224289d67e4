namespace Optc.Runtime.Native;

/// <summary>
/// Γ and ln |Γ| by Stirling's series from 10 on (Abramowitz and Stegun 6.1.40), below by the recurrence, its product in
/// two doubles, and for large negative arguments by Γ(x) Γ(−x) = −π/(x sin πx). Near 1 and 2, where ln Γ vanishes, by polynomials.
/// </summary>
internal static class GammaFunctions
{
    /// <summary>Below this the reflection is used instead of the recurrence.</summary>
    internal const double ReflectionLimit = -30;

    /// <summary>From here on Stirling's series has all digits.</summary>
    internal const double SeriesLimit = 10;

    private const double Largest = 171.7;
    private const double LargestLogGamma = 2.5599833278516383e305;
    private static readonly TwoDoubles Ln2 = new(LogFunction.Ln2High, LogFunction.Ln2Low);
    private static readonly TwoDoubles Log2E = new(1.4426950408889634, 2.0355273740931033e-17);
    private static readonly TwoDoubles HalfLogTwoPi = new(0.9189385332046728, -3.8782941580672414e-17);
    internal static readonly TwoDoubles Pi = new(SinFunction.PiHigh, SinFunction.PiMiddle);

    /// <summary>ln Γ(1 + t)/t for |t| ≤ ¼, interpolated at Chebyshev points.</summary>
    private static ReadOnlySpan<double> AroundOne =>
    [
        -0.5772156649015329,
        0.8224670334241133,
        -0.4006856343865315,
        0.2705808084277133,
        -0.20738555102860606,
        0.16955717701726003,
        -0.1440498967877752,
        0.12550966701376343,
        -0.1113342634753404,
        0.10009962917921875,
        -0.09095418082600565,
        0.08334696860636066,
        -0.07692596442012592,
        0.07159831536629124,
        -0.0668263659881933,
        0.060160863552424886,
        -0.05659320849414312,
        0.0731919347389959,
        -0.0694402971483382,
    ];

    /// <summary>ln Γ(2 + t)/t for |t| ≤ ½, interpolated at Chebyshev points.</summary>
    private static ReadOnlySpan<double> AroundTwo =>
    [
        0.42278433509846713,
        0.32246703342411326,
        -0.0673523010531981,
        0.02058080842778024,
        -0.007385551028671932,
        0.002890510331042908,
        -0.0011927539118469358,
        0.0005096695151745572,
        -0.0002231547538922093,
        9.945767697995314e-05,
        -4.492631501065535e-05,
        2.0505562901782275e-05,
        -9.438701818278628e-06,
        4.384832856952088e-06,
        -2.0439660576558024e-06,
        9.197399113884882e-07,
        -4.3237475138911103e-07,
        2.790533450979131e-07,
        -1.3234847904756175e-07,
    ];

    /// <summary>Γ(x), NaN at the negative integers and ±∞ at ±0.</summary>
    public static double Gamma(double x)
    {
        if (double.IsNaN(x) || double.IsNegativeInfinity(x)) return double.NaN;
        if (x == 0) return 1 / x;
        if (x > Largest) return double.PositiveInfinity;
        if (Math.Floor(x) == x)
        {
            if (x < 0) return double.NaN;
            if (x <= 23) return Factorial((int)x - 1);
        }

        if (x < -200) return Math.Floor(x) % 2 == 0 ? 0.0 : -0.0;
        if (x > ReflectionLimit)
        {
            var product = Shift(x, out double shifted, out double lost);
            double mantissa = Stirling(shifted, lost, out int k);
            double quotient = mantissa / product.High;
            return ExpFunction.Scale(quotient - (quotient * (product.Low / product.High)), k);
        }

        double large = Stirling(-x, 0, out int exponent);
        return ExpFunction.Scale(-(Pi / (SinPi(x) * x)).Value / large, -exponent);
    }

    /// <summary>ln |Γ(x)|, +∞ at 0 and the negative integers.</summary>
    public static double LogGamma(double x)
    {
        if (double.IsNaN(x)) return x;
        if (double.IsInfinity(x) || (x <= 0 && Math.Floor(x) == x) || x > LargestLogGamma) return double.PositiveInfinity;
        if (Math.Abs(x) < 1e-18) return -LogFunction.OfScalar(Math.Abs(x));
        if (x == 1) return 0;
        if (Math.Abs(x - 1) <= 0.25) return (x - 1) * Horner(AroundOne, x - 1);
        if (Math.Abs(x - 2) <= 0.5) return (x - 2) * Horner(AroundTwo, x - 2);
        if (x is > 0 and <= 0.25) return (x * Horner(AroundOne, x)) - LogFunction.OfScalar(x);
        if (x is > 0.25 and <= 0.5) return (x * Horner(AroundTwo, x)) - LogFunction.OfScalar(Math.FusedMultiplyAdd(x, x, x));
        if (x is > 2.5 and < SeriesLimit)
        {
            // Down to (1.5, 2.5]; nothing cancels, and the differences are exact.
            double down = 1, y = x;
            while (y > 2.5) down *= --y;
            return LogFunction.OfScalar(down) + ((y - 2) * Horner(AroundTwo, y - 2));
        }

        if (x > ReflectionLimit)
        {
            var product = Shift(x, out double shifted, out double lost);
            var log = (product.High < 0 ? -product : product).Log2() * Ln2;
            return (LogStirling(shifted, lost) - log).Value;
        }

        var sine = SinPi(x);
        return ((Pi / ((sine.High < 0 ? sine : -sine) * x)).Log2() * Ln2 - LogStirling(-x, 0)).Value;
    }

    /// <summary>x (x + 1) … up to <see cref="SeriesLimit"/>, where shifted + lost is the next factor; 1 if x is beyond.</summary>
    internal static TwoDoubles Shift(double x, out double shifted, out double lost)
    {
        TwoDoubles product = 1, factor = x;
        for (int i = 0; factor.High < SeriesLimit; factor = (TwoDoubles)x + ++i) product *= factor;
        (shifted, lost) = (factor.High, factor.Low);
        return product;
    }

    /// <summary>sin πx.</summary>
    internal static TwoDoubles SinPi(double x)
    {
        double n = Math.Round(x);
        var angle = Pi * (x - n);
        var sine = QuarterWave.SinHalf(angle.High, angle.Low);
        return n % 2 == 0 ? sine : -sine;
    }

    internal static double Horner(ReadOnlySpan<double> coefficients, double x)
    {
        double sum = 0;
        for (int i = coefficients.Length - 1; i >= 0; i--) sum = Math.FusedMultiplyAdd(sum, x, coefficients[i]);
        return sum;
    }

    private static double Factorial(int n)
    {
        double product = 1;
        for (int i = 2; i <= n; i++) product *= i;
        return product;
    }

    /// <summary>Γ(x + lost) = result · 2ᵏ for x ≥ 10.</summary>
    private static double Stirling(double x, double lost, out int k)
    {
        var exponent = LogStirling(x, lost) * Log2E;
        double power = PowFunction.OfExponent(Lane1.All(exponent.High), Lane1.All(exponent.Low), out var shifted).Value;
        k = (int)(shifted.Value - ExpFunction.RoundingShift);
        return power;
    }

    /// <summary>ln Γ(x + lost) for x ≥ 10: (x − ½) ln x − x + ½ ln 2π + Σ B₂ₙ/(2n (2n − 1) x²ⁿ⁻¹), and lost · ψ(x).</summary>
    private static TwoDoubles LogStirling(double x, double lost)
    {
        var log = ((TwoDoubles)x).Log2() * Ln2;
        // So far out only x (ln x − 1) counts, and x ln x may overflow where that does not.
        if (x > 1e20) return (log - 1) * x;
        double r = 1 / (x * x);
        double series = (1.0 / 12 - (r * (1.0 / 360 - (r * (1.0 / 1260 - (r * (1.0 / 1680 - (r * (1.0 / 1188
            - (r * (691.0 / 360360 - (r * (1.0 / 156 - (r * (3617.0 / 122400 - (r * 43867.0 / 244188)))))))))))))))) / x;
        return (((TwoDoubles)x - 0.5) * log) - x + HalfLogTwoPi + (series + (lost * (log.High - (0.5 / x))));
    }
}
