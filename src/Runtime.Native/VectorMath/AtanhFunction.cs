using System.Runtime.CompilerServices;

namespace Optc.Runtime.Native;

/// <summary>
/// artanh |x| = ½ ln((1 + |x|)/(1 − |x|)) = ½ k ln 2 + artanh s, where 2ᵏ is near the quotient and
/// s = ((1 + |x|) − 2ᵏ(1 − |x|))/((1 + |x|) + 2ᵏ(1 − |x|)), both terms of which round once. For small |x|, k = 0 and s = |x|.
/// </summary>
internal readonly struct AtanhFunction : IUnaryFunction
{
    private const long HalfUnit = 1L << 51;

    /// <summary>1 − 2⁻⁵⁰: below, 2ᵏ ± 1 are exact.</summary>
    private const double OrdinaryLimit = 0.9999999999999991;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Ordinary<TLane>(TLane x)
        where TLane : unmanaged, ILane<TLane> => TLane.LessOrEqual(TLane.Abs(x), TLane.All(OrdinaryLimit));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Compute<TLane>(TLane x)
        where TLane : unmanaged, ILane<TLane>
    {
        var size = TLane.Abs(x);
        // The bits of a positive double are nearly 2⁵² times its binary logarithm, so that |s| stays below 0.2005.
        var difference = TLane.SubtractBits(TLane.All(1) + size, TLane.All(1) - size);
        var integer = TLane.ShiftRight(TLane.AddBits(difference, TLane.AllBits(HalfUnit)), 52);
        var power = TLane.AddBits(TLane.ShiftLeft(integer, 52), TLane.AllBits(HyperbolicParts.OneBits));
        var k = (integer | TLane.All(4503599627370496.0)) - TLane.All(4503599627370496.0);
        TLane plus = TLane.All(1) + power, minus = TLane.All(1) - power;
        var s = TLane.MultiplyAdd(size, plus, minus) / TLane.MultiplyAdd(size, minus, plus);
        var w = s * s;
        // (artanh(s)/s − 1)/s² over s², minimax to 2⁻⁶² of the result.
        var quotient = Polynomial<TLane>.Evaluate(
            w,
            0.333333333333333,
            0.2000000000002832,
            0.14285714277920453,
            0.11111112147432257,
            0.09090832987938141,
            0.07695554316528853,
            0.06586827211380589,
            0.06921340283584067);
        var rest = TLane.MultiplyAdd(s * w, quotient, k * TLane.All(0.5 * LogFunction.Ln2Low));
        return TLane.MultiplyAdd(k, TLane.All(0.5 * LogFunction.Ln2High), s + rest) ^ (x & TLane.AllBits(long.MinValue));
    }

    public static double Extraordinary(double x)
    {
        double size = Math.Abs(x);
        if (!(size < 1)) return size == 1 ? x * double.PositiveInfinity : double.NaN;
        return Math.CopySign(0.5 * LogFunction.Compute(Lane1.All((1 + size) / (1 - size))).Value, x);
    }
}
