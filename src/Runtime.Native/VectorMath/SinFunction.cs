using System.Runtime.CompilerServices;

namespace Optc.Runtime.Native;

/// <summary>
/// sin x = (−1)ⁿ sin r with x = n π + r, |r| ≤ π/2, in three parts of π under FMA: the first difference is exact and the others
/// round relatively to r, so that r is good to an ulp however close x comes to a multiple of π.
/// </summary>
internal readonly struct SinFunction : IUnaryFunction
{
    /// <summary>Up to here n and its products are exact.</summary>
    internal const double OrdinaryLimit = 1073741824;

    internal const double PiHigh = 3.141592653589793;
    // Rounded down, so that all parts are positive: the zeros that they give at n = 0 leave a −0 as it is.
    internal const double PiMiddle = 1.224646799147353e-16;
    internal const double PiLow = 2.165713347843828e-32;
    internal const double InversePi = 0.3183098861837907;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Ordinary<TLane>(TLane x)
        where TLane : unmanaged, ILane<TLane> => TLane.LessOrEqual(TLane.Abs(x), TLane.All(OrdinaryLimit));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Compute<TLane>(TLane x)
        where TLane : unmanaged, ILane<TLane>
    {
        var shifted = TLane.MultiplyAdd(x, TLane.All(InversePi), TLane.All(ExpFunction.RoundingShift));
        return OfReduced(x, shifted - TLane.All(ExpFunction.RoundingShift)) ^ TLane.ShiftLeft(shifted, 63);
    }

    public static double Extraordinary(double x)
    {
        if (!double.IsFinite(x)) return double.NaN;
        int quadrant = TrigonometricReduction.Reduce(x, out double high, out double low);
        double value = (quadrant & 1) == 0 ? QuarterWave.Sin(high, low) : QuarterWave.Cos(high, low);
        return (quadrant & 2) == 0 ? value : -value;
    }

    /// <summary>x − n π.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TLane Reduce<TLane>(TLane x, TLane n)
        where TLane : unmanaged, ILane<TLane>
    {
        var r = TLane.NegateMultiplyAdd(n, TLane.All(PiHigh), x);
        r = TLane.NegateMultiplyAdd(n, TLane.All(PiMiddle), r);
        return TLane.NegateMultiplyAdd(n, TLane.All(PiLow), r);
    }

    /// <summary>sin(x − n π) where that is in [−π/2, π/2].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TLane OfReduced<TLane>(TLane x, TLane n)
        where TLane : unmanaged, ILane<TLane>
    {
        // The last part of π matters only to an r that is too small for its square to matter.
        var rough = TLane.NegateMultiplyAdd(n, TLane.All(PiHigh), x);
        rough = TLane.NegateMultiplyAdd(n, TLane.All(PiMiddle), rough);
        var r = TLane.NegateMultiplyAdd(n, TLane.All(PiLow), rough);
        var square = rough * rough;
        // Adding a zero makes −0 · 0 a +0, without which the sine of −0 would lose its sign.
        var cube = TLane.MultiplyAdd(rough, square, TLane.All(0));
        var sine = TLane.MultiplyAdd(Quotient(square), cube, r);
        return TLane.Max(TLane.Min(sine, TLane.All(1)), TLane.All(-1));
    }

    /// <summary>
    /// (sin(r)/r − 1)/r² over r² for |r| ≤ π/2, minimax to 2⁻⁶⁰ of the sine but for the last coefficient, whose size is 0.6 % less: a
    /// quarter of an ulp more at π/2, where rounding would leave the peak below 1 too often. What comes out above 1 is cut.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TLane Quotient<TLane>(TLane square)
        where TLane : unmanaged, ILane<TLane> => Polynomial<TLane>.Evaluate(
            square,
            -0.16666666666666666,
            0.008333333333333215,
            -0.0001984126984121799,
            2.755731921291856e-06,
            -2.505210707333165e-08,
            1.6058952874549647e-10,
            -7.643493299128563e-13,
            2.7314534652264082e-15,
            -8.695426777913422e-19);
}
