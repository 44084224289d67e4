using System.Runtime.CompilerServices;

namespace Optc.Runtime.Native;

/// <summary>
/// What the hyperbolic functions share. With x = k ln 2 + r, C = cosh r − 1, S = sinh r, p = (2ᵏ + 2⁻ᵏ)/2 and m = (2ᵏ − 2⁻ᵏ)/2:
/// sinh x = m + (m C + p S), cosh x = p + (p C + m S). Nothing cancels near 0, where m = 0 and p = 1.
/// </summary>
internal static class HyperbolicParts
{
    /// <summary>The exponent field of 1.</summary>
    internal const long OneBits = 0x3ff0000000000000;

    /// <summary>Up to here 2⁻ᵏ⁻¹ is normal.</summary>
    internal const double OrdinaryLimit = 708;

    private const long HalfBits = 0x3fe0000000000000;

    /// <summary>p and m for the k in the low bits of the argument.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Scales<TLane>(TLane shifted, out TLane minus)
        where TLane : unmanaged, ILane<TLane>
    {
        var field = TLane.ShiftLeft(shifted, 52);
        var up = TLane.AddBits(TLane.AllBits(HalfBits), field);
        var down = TLane.SubtractBits(TLane.AllBits(HalfBits), field);
        minus = up - down;
        return up + down;
    }

    /// <summary>a + (a C + b S).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Combine<TLane>(TLane a, TLane b, TLane cosh, TLane sinh)
        where TLane : unmanaged, ILane<TLane> => a + TLane.MultiplyAdd(a, cosh, b * sinh);

    /// <summary>C = cosh r − 1 for r² ≤ (ln 2 / 2)², minimax to 2⁻⁷⁰.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane CoshMinusOne<TLane>(TLane square)
        where TLane : unmanaged, ILane<TLane> => square * Polynomial<TLane>.Evaluate(
            square,
            0.5,
            0.041666666666666685,
            0.0013888888888873283,
            2.480158734920321e-05,
            2.75572518176278e-07,
            2.0921770876237713e-09);

    /// <summary>S = sinh r for r² ≤ (ln 2 / 2)², minimax to 2⁻⁶¹.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Sinh<TLane>(TLane r, TLane square)
        where TLane : unmanaged, ILane<TLane>
    {
        var quotient = Polynomial<TLane>.Evaluate(
            square,
            0.16666666666666677,
            0.008333333333321386,
            0.00019841269886814632,
            2.7557243454087665e-06,
            2.5109319985698053e-08);
        return TLane.MultiplyAdd(square * quotient, r, r);
    }

    /// <summary>e^|x| / 2 for |x| > 708 or NaN.</summary>
    public static double HalfExp(double x)
    {
        double size = Math.Abs(x);
        if (!(size <= 711)) return size * double.PositiveInfinity;
        double r = ExpFunction.Reduce(Lane1.All(size), out _, out var k).Value;
        return ExpFunction.Scale(ExpFunction.OfReduced(Lane1.All(r)).Value, (int)k.Value - 1);
    }
}
