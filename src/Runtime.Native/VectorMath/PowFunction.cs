using System.Runtime.CompilerServices;

namespace Optc.Runtime.Native;

/// <summary>
/// xʸ = 2^(y log₂ x), the logarithm in two doubles good to 2⁻⁶⁵ or so of itself, because the exponent multiplies its error by up to
/// 1024. With |x| = 2ᵏ m and s = (m − 1)/(m + 1), log₂ m = (2/ln 2)(s + s³ (⅓ + s² Q(s²))).
/// </summary>
internal readonly struct PowFunction : IBinaryFunction
{
    private const double TwoOverLn2High = 2.8853900817779268;
    private const double TwoOverLn2Low = 4.0710547481862066e-17;
    private const double ThirdHigh = 0.3333333333333333;
    private const double ThirdLow = 1.850371707708594e-17;

    /// <summary>Up to this binary logarithm the result is normal.</summary>
    private const double OrdinaryLimit = 1021;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Compute<TLane>(TLane x, TLane y, out TLane ordinary)
        where TLane : unmanaged, ILane<TLane>
    {
        var size = TLane.Abs(x);
        var f = LogFunction.Reduce(size, out var k);
        var exponent = Exponent(f, k, y, out var rest);
        ordinary = LogFunction.Ordinary(size) & TLane.LessOrEqual(TLane.Abs(exponent), TLane.All(OrdinaryLimit));
        var power = OfExponent(exponent, rest, out var shifted);
        power = TLane.AddBits(power, TLane.ShiftLeft(shifted, 52));
        return TLane.Every(TLane.LessOrEqual(TLane.All(0), x)) ? power : OfNegative(x, y, power);
    }

    public static double Extraordinary(double x, double y)
    {
        if (y == 0 || x == 1) return 1;
        if (double.IsNaN(x) || double.IsNaN(y)) return double.NaN;
        double size = Math.Abs(x);
        if (double.IsInfinity(y)) return size == 1 ? 1 : size > 1 == y > 0 ? double.PositiveInfinity : 0;
        bool odd = Math.Abs(y) < 9007199254740992 && Math.Truncate(y) == y && ((long)y & 1) != 0;
        double sign = odd && double.IsNegative(x) ? -1 : 1;
        if (size == 0 || double.IsInfinity(size)) return size == 0 == y > 0 ? sign * 0 : sign * double.PositiveInfinity;
        if (x < 0 && Math.Truncate(y) != y) return double.NaN;

        bool subnormal = size < 2.2250738585072014e-308;
        var f = LogFunction.Reduce(Lane1.All(subnormal ? size * 18014398509481984.0 : size), out var k);
        if (subnormal) k -= Lane1.All(54);
        var exponent = Exponent(f, k, Lane1.All(y), out var rest);
        if (exponent.Value > 1025) return sign * double.PositiveInfinity;
        if (exponent.Value < -1077) return sign * 0;
        double power = OfExponent(exponent, rest, out var shifted).Value;
        return sign * ExpFunction.Scale(power, (int)(shifted.Value - ExpFunction.RoundingShift));
    }

    /// <summary>y log₂ x = result + rest for x = 2ᵏ (1 + f).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TLane Exponent<TLane>(TLane f, TLane k, TLane y, out TLane rest)
        where TLane : unmanaged, ILane<TLane>
    {
        // s, as a quotient and what its product with the denominator leaves over.
        var denominator = f + TLane.All(2);
        var denominatorLow = f - (denominator - TLane.All(2));
        var inverse = TLane.All(1) / denominator;
        var s = f * inverse;
        var left = TLane.NegateMultiplyAdd(s, denominator, f);
        var sLow = TLane.NegateMultiplyAdd(s, denominatorLow, left) * inverse;

        // w = s², then u = 1/3 + w Q(w).
        var w = s * s;
        var wLow = TLane.MultiplyAdd(s + s, sLow, TLane.MultiplyAdd(s, s, -w));
        var v = w * Quotient(w);
        var u = TLane.All(ThirdHigh) + v;
        var uLow = TLane.All(ThirdHigh) - u + v + TLane.All(ThirdLow);

        // s³ u, added to s.
        var wu = w * u;
        var wuLow = TLane.MultiplyAdd(w, u, -wu) + TLane.MultiplyAdd(w, uLow, wLow * u);
        var g = s * wu;
        var gLow = TLane.MultiplyAdd(s, wu, -g) + TLane.MultiplyAdd(s, wuLow, sLow * wu);
        var artanh = s + g;
        var artanhLow = s - artanh + g + (sLow + gLow);

        // In units of log₂, k added, times y.
        var log = artanh * TLane.All(TwoOverLn2High);
        var logLow = TLane.MultiplyAdd(artanh, TLane.All(TwoOverLn2High), -log)
            + TLane.MultiplyAdd(artanh, TLane.All(TwoOverLn2Low), artanhLow * TLane.All(TwoOverLn2High));
        var sum = k + log;
        var sumLow = k - sum + log + logLow;
        var exponent = y * sum;
        rest = TLane.MultiplyAdd(y, sumLow, TLane.MultiplyAdd(y, sum, -exponent));
        return exponent;
    }

    /// <summary>2^(exponent + rest) without the integer part, which stands in the low bits of <paramref name="shifted"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TLane OfExponent<TLane>(TLane exponent, TLane rest, out TLane shifted)
        where TLane : unmanaged, ILane<TLane>
    {
        shifted = exponent + TLane.All(ExpFunction.RoundingShift);
        var fraction = exponent - (shifted - TLane.All(ExpFunction.RoundingShift));
        var low = TLane.MultiplyAdd(fraction, TLane.All(LogFunction.Ln2Low), rest * TLane.All(LogFunction.Ln2High));
        return ExpFunction.OfReduced(TLane.MultiplyAdd(fraction, TLane.All(LogFunction.Ln2High), low));
    }

    /// <summary>The power of |x| given, with the sign of an odd y where x is negative, and NaN there if y is no integer.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLane OfNegative<TLane>(TLane x, TLane y, TLane power)
        where TLane : unmanaged, ILane<TLane>
    {
        var half = y * TLane.All(0.5);
        var integer = TLane.Equal(TLane.Round(y), y);
        var odd = TLane.AndNot(integer, TLane.Equal(TLane.Round(half), half));
        var signed = power ^ (odd & TLane.AllBits(long.MinValue));
        return TLane.Select(TLane.Less(x, TLane.All(0)), TLane.Select(integer, signed, TLane.All(double.NaN)), power);
    }

    /// <summary>(artanh(s)/s − 1 − w/3)/w² over w = s², minimax to 2⁻⁷² of the logarithm.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLane Quotient<TLane>(TLane w)
        where TLane : unmanaged, ILane<TLane> => Polynomial<TLane>.Evaluate(
            w,
            0.1999999999999999,
            0.14285714285721737,
            0.1111111110895536,
            0.09090909413982996,
            0.0769227975395558,
            0.06668112749947103,
            0.0583824982232146,
            0.05988228487247301);
}
