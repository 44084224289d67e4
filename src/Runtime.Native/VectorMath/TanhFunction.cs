using System.Runtime.CompilerServices;

namespace Optc.Runtime.Native;

/// <summary>tanh |x| = sinh |x| / cosh |x| with <see cref="HyperbolicParts"/>, both over 2ᵏ⁻¹; |x| is cut at 22, where the result is 1.</summary>
internal readonly struct TanhFunction : IUnaryFunction
{
    private const double Cut = 22;

    public static bool IsTotal => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Compute<TLane>(TLane x)
        where TLane : unmanaged, ILane<TLane>
    {
        var size = TLane.Abs(x);
        size = TLane.Select(TLane.Less(TLane.All(Cut), size), TLane.All(Cut), size);
        var r = ExpFunction.Reduce(size, out var shifted, out _);
        var square = r * r;
        TLane cosh = HyperbolicParts.CoshMinusOne(square), sinh = HyperbolicParts.Sinh(r, square);
        var ratio = TLane.SubtractBits(TLane.AllBits(HyperbolicParts.OneBits), TLane.ShiftLeft(shifted, 53));
        TLane plus = TLane.All(1) + ratio, minus = TLane.All(1) - ratio;
        // The quotient itself up to 1, where it may be small; beyond, what lacks to 1, which is 2 · 2⁻²ᵏ e⁻ʳ / (2 cosh x 2⁻ᵏ).
        var large = TLane.Less(TLane.All(1), size);
        var lack = TLane.All(-2) * ratio * (TLane.All(1) + (cosh - sinh));
        var quotient = TLane.Select(large, lack, HyperbolicParts.Combine(minus, plus, cosh, sinh))
            / HyperbolicParts.Combine(plus, minus, cosh, sinh);
        return ((large & TLane.All(1)) + quotient) ^ (x & TLane.AllBits(long.MinValue));
    }
}
