using System.Runtime.CompilerServices;

namespace Optc.Runtime.Native;

/// <summary>
/// The angle of the point (x, y): with q = min(|x|, |y|)/max(|x|, |y|), arctan q as in <see cref="AtanFunction"/>, reflected at the
/// diagonal and at the vertical axis, which leaves a multiple of π/4 plus or minus arctan t.
/// </summary>
internal readonly struct Atan2Function : IBinaryFunction
{
    /// <summary>2¹⁰²²: sums below do not overflow.</summary>
    private const double OrdinaryLimit = 4.49423283715579e307;

    /// <summary>2⁻⁹⁰⁰: differences and quotients above keep their digits.</summary>
    private const double SmallLimit = 1.1830521861667747e-271;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Compute<TLane>(TLane y, TLane x, out TLane ordinary)
        where TLane : unmanaged, ILane<TLane>
    {
        TLane height = TLane.Abs(y), width = TLane.Abs(x);
        var steep = TLane.Less(width, height);
        TLane small = TLane.Select(steep, width, height), large = TLane.Select(steep, height, width);
        ordinary = TLane.LessOrEqual(TLane.All(SmallLimit), large) & TLane.LessOrEqual(large, TLane.All(OrdinaryLimit))
            & TLane.LessOrEqual(small, large);

        var middle = TLane.Less(large * TLane.All(AtanFunction.Threshold), small);
        var t = TLane.Select(middle, small - large, small) / TLane.Select(middle, small + large, large);
        var count = middle & TLane.All(1);

        // Reflections: π/2 − a where steep, then π − a where x is negative, as a sign of t and a multiple of π/4.
        var sign = TLane.AllBits(long.MinValue);
        count = TLane.Select(steep, TLane.All(2) - count, count);
        t ^= steep & sign;
        // (1 with the sign of x, so that −0 counts as negative.)
        count = TLane.Select(TLane.Less(TLane.All(1) | (x & sign), TLane.All(0)), TLane.All(4) - count, count);
        t ^= x & sign;

        var rest = TLane.MultiplyAdd(t, AtanFunction.Quotient(t * t), count * TLane.All(AtanFunction.QuarterPiLow));
        return TLane.MultiplyAdd(count, TLane.All(AtanFunction.QuarterPiHigh), t + rest) ^ (y & sign);
    }

    public static double Extraordinary(double y, double x)
    {
        if (double.IsNaN(x) || double.IsNaN(y)) return double.NaN;
        double height = Math.Abs(y), width = Math.Abs(x);
        if (height == 0 && width == 0) return Math.CopySign(double.IsNegative(x) ? Math.PI : 0, y);
        if (double.IsInfinity(height) || double.IsInfinity(width))
        {
            (y, x) = (Math.CopySign(double.IsInfinity(y) ? 1 : 0, y), Math.CopySign(double.IsInfinity(x) ? 1 : 0, x));
        }
        else
        {
            double scale = Math.Max(height, width) > 1 ? 0.0625 : 2.582249878086909e120;
            (y, x) = (y * scale, x * scale);
        }
        return Compute(Lane1.All(y), Lane1.All(x), out _).Value;
    }
}
