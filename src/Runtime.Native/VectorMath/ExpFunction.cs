using System.Runtime.CompilerServices;

namespace Optc.Runtime.Native;

/// <summary>eˣ = 2ᵏ eʳ with x = k ln 2 + r, |r| ≤ ln 2 / 2 (Cody and Waite's reduction in two parts, under FMA).</summary>
internal readonly struct ExpFunction : IUnaryFunction
{
    /// <summary>1.5·2⁵²: adding it rounds to an integer, which stands in the low bits of the sum.</summary>
    internal const double RoundingShift = 6755399441055744.0;

    private const double Log2E = 1.4426950408889634;
    private const double Ln2High = 0.6931471805599453;
    private const double Ln2Low = 2.3190468138462996e-17;

    /// <summary>Up to here the result is normal and 2ᵏ can be added to the exponent of eʳ.</summary>
    private const double OrdinaryLimit = 708;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Ordinary<TLane>(TLane x)
        where TLane : unmanaged, ILane<TLane> => TLane.LessOrEqual(TLane.Abs(x), TLane.All(OrdinaryLimit));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Compute<TLane>(TLane x)
        where TLane : unmanaged, ILane<TLane>
    {
        var r = Reduce(x, out var shifted, out _);
        return TLane.AddBits(OfReduced(r), TLane.ShiftLeft(shifted, 52));
    }

    public static double Extraordinary(double x)
    {
        if (double.IsNaN(x)) return x;
        if (x > 709.8) return double.PositiveInfinity;
        if (x < -745.2) return 0;
        double reduced = Reduce(Lane1.All(x), out _, out var k).Value;
        return Scale(OfReduced(Lane1.All(reduced)).Value, (int)k.Value);
    }

    /// <summary>2ᵏ x with one rounding, for x in [½, 2] and |k| ≤ 1100.</summary>
    internal static double Scale(double x, int k)
    {
        int half = k / 2;
        return x * PowerOfTwo(half) * PowerOfTwo(k - half);
    }

    private static double PowerOfTwo(int k) => BitConverter.Int64BitsToDouble((long)(k + 1023) << 52);

    /// <summary>r = x − k ln 2 with the nearest k, which stands in the low bits of <paramref name="shifted"/> too.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TLane Reduce<TLane>(TLane x, out TLane shifted, out TLane k)
        where TLane : unmanaged, ILane<TLane>
    {
        shifted = TLane.MultiplyAdd(x, TLane.All(Log2E), TLane.All(RoundingShift));
        k = shifted - TLane.All(RoundingShift);
        var r = TLane.NegateMultiplyAdd(k, TLane.All(Ln2High), x);
        return TLane.NegateMultiplyAdd(k, TLane.All(Ln2Low), r);
    }

    /// <summary>eʳ for |r| ≤ ln 2 / 2, as 1 + (r + r² q(r)).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TLane OfReduced<TLane>(TLane r)
        where TLane : unmanaged, ILane<TLane> => OfReducedMinusOne(r) + TLane.All(1);

    /// <summary>eʳ − 1 for |r| ≤ ln 2 / 2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TLane OfReducedMinusOne<TLane>(TLane r)
        where TLane : unmanaged, ILane<TLane> => TLane.MultiplyAdd(r * r, Quotient(r), r);

    /// <summary>(eʳ − 1 − r)/r² for |r| ≤ ln 2 / 2, minimax to 2⁻⁶⁰ of eʳ.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TLane Quotient<TLane>(TLane r)
        where TLane : unmanaged, ILane<TLane> => Polynomial<TLane>.Evaluate(
            r,
            0.5,
            0.1666666666666667,
            0.04166666666666649,
            0.008333333333326302,
            0.0013888888889004962,
            0.00019841269874345852,
            2.4801587042661673e-05,
            2.7557255898010887e-06,
            2.755754288935088e-07,
            2.510504366940102e-08,
            2.0825043886581614e-09);
}
