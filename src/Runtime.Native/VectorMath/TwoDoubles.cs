using System.Runtime.CompilerServices;

namespace Optc.Runtime.Native;

/// <summary>
/// An unevaluated sum of two doubles, some 100 bits, for the scalar special functions, where sums cancel
/// (T. J. Dekker, A floating-point technique for extending the available precision, Numerische Mathematik 18, 1971).
/// </summary>
internal readonly record struct TwoDoubles(double High, double Low)
{
    public double Value => High + Low;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static implicit operator TwoDoubles(double value) => new(value, 0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TwoDoubles operator -(TwoDoubles a) => new(-a.High, -a.Low);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TwoDoubles operator +(TwoDoubles a, TwoDoubles b)
    {
        double sum = a.High + b.High, part = sum - a.High;
        return Normalized(sum, a.High - (sum - part) + (b.High - part) + (a.Low + b.Low));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TwoDoubles operator -(TwoDoubles a, TwoDoubles b) => a + -b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TwoDoubles operator *(TwoDoubles a, TwoDoubles b)
    {
        double product = a.High * b.High;
        return Normalized(product, Math.FusedMultiplyAdd(a.High, b.High, -product) + ((a.High * b.Low) + (a.Low * b.High)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TwoDoubles operator /(TwoDoubles a, TwoDoubles b)
    {
        double quotient = a.High / b.High;
        double rest = Math.FusedMultiplyAdd(-quotient, b.High, a.High) + (a.Low - (quotient * b.Low));
        return Normalized(quotient, rest / b.High);
    }

    /// <summary>log₂ of a positive normal number, to 2⁻⁶⁵ of itself.</summary>
    public TwoDoubles Log2()
    {
        var f = LogFunction.Reduce(Lane1.All(High), out var k);
        double log = PowFunction.Exponent(f, k, Lane1.All(1), out var rest).Value;
        return Normalized(log, rest.Value + (Low / High * 1.4426950408889634));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TwoDoubles Normalized(double high, double low)
    {
        double sum = high + low;
        return new(sum, low - (sum - high));
    }
}
