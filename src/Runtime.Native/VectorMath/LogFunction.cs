using System.Runtime.CompilerServices;

namespace Optc.Runtime.Native;

/// <summary>
/// ln x = k ln 2 + ln m with x = 2ᵏ m, √½ ≤ m &lt; √2. With f = m − 1 and s = f/(2 + f), ln m = 2 artanh s is summed as
/// f − (f²/2 − s (f²/2 + R(s²))), whose leading term is exact (the form of FDLIBM's logarithm; K. C. Ng, 1985).
/// </summary>
internal readonly struct LogFunction : IUnaryFunction
{
    internal const double Ln2High = 0.6931471805599453;
    internal const double Ln2Low = 2.3190468138462996e-17;

    private const double SmallestNormal = 2.2250738585072014e-308;
    private const long SqrtHalfBits = 0x3fe6a09e667f3bcd;
    private const long OneBits = 0x3ff0000000000000;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Ordinary<TLane>(TLane x)
        where TLane : unmanaged, ILane<TLane> =>
        TLane.LessOrEqual(TLane.All(SmallestNormal), x) & TLane.Less(x, TLane.All(double.PositiveInfinity));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Compute<TLane>(TLane x)
        where TLane : unmanaged, ILane<TLane>
    {
        var f = Reduce(x, out var k);
        return OfReduced(f, k);
    }

    public static double Extraordinary(double x)
    {
        if (x == 0) return double.NegativeInfinity;
        if (!(x > 0)) return double.NaN;
        if (double.IsInfinity(x)) return x;
        var f = Reduce(Lane1.All(x * 18014398509481984.0), out var k);
        return OfReduced(f, k - Lane1.All(54)).Value;
    }

    /// <summary>ln x.</summary>
    internal static double OfScalar(double x) => UnaryKernel<Lane1, LogFunction>.One(x);

    /// <summary>f = m − 1 and k of a normal x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TLane Reduce<TLane>(TLane x, out TLane k)
        where TLane : unmanaged, ILane<TLane>
    {
        // The bits measured from those of √½, plus a bias: the exponent field is k + 1023 and the fraction that of m − √½.
        var bits = TLane.AddBits(x, TLane.AllBits(OneBits - SqrtHalfBits));
        k = FromBiased(TLane.ShiftRight(bits, 52));
        return TLane.AddBits(bits & TLane.AllBits(0x000fffffffffffff), TLane.AllBits(SqrtHalfBits)) - TLane.All(1);
    }

    /// <summary>The number k of the bits k + 1023.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TLane FromBiased<TLane>(TLane biased)
        where TLane : unmanaged, ILane<TLane> => (biased | TLane.All(4503599627370496.0)) - TLane.All(4503599627370496.0 + 1023);

    /// <summary>k ln 2 + ln(1 + f).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TLane OfReduced<TLane>(TLane f, TLane k)
        where TLane : unmanaged, ILane<TLane>
    {
        var half = f * f * TLane.All(0.5);
        var tail = TLane.MultiplyAdd(k, TLane.All(Ln2Low), Tail(f, half));
        return TLane.MultiplyAdd(k, TLane.All(Ln2High), f - (half - tail));
    }

    /// <summary>ln(1 + f) − f + f²/2, given f²/2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TLane Tail<TLane>(TLane f, TLane half)
        where TLane : unmanaged, ILane<TLane>
    {
        var s = f / (f + TLane.All(2));
        var w = s * s;
        // 2 artanh(s)/s − 2 over s², minimax to 2⁻⁵⁹ of the logarithm.
        var quotient = Polynomial<TLane>.Evaluate(
            w,
            0.6666666666666734,
            0.3999999999941759,
            0.28571428741678023,
            0.22222198651590527,
            0.181835600208931,
            0.15314164496656454,
            0.14794796861883108);
        return s * TLane.MultiplyAdd(w, quotient, half);
    }
}
