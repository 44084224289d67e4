using System.Runtime.CompilerServices;

namespace Optc.Runtime.Native;

/// <summary>arcsin |x| = t + t q(z), or π/2 − 2 (t + t q(z)) beyond ½, with <see cref="ArcsineSeries"/>.</summary>
internal readonly struct AsinFunction : IUnaryFunction
{
    private const double HalfPiHigh = 1.5707963267948966;
    private const double HalfPiLow = 6.123233995736766e-17;

    public static bool IsTotal => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Compute<TLane>(TLane x)
        where TLane : unmanaged, ILane<TLane>
    {
        var size = TLane.Abs(x);
        var t = ArcsineSeries.Reduce(size, out var z, out var beyond);
        var rest = t * ArcsineSeries.Quotient(z);
        var complement = TLane.MultiplyAdd(t, TLane.All(-2), TLane.All(HalfPiHigh))
            + TLane.MultiplyAdd(rest, TLane.All(-2), TLane.All(HalfPiLow));
        return TLane.Select(beyond, complement, t + rest) | (x & TLane.AllBits(long.MinValue));
    }
}
