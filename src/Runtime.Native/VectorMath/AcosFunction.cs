using System.Runtime.CompilerServices;

namespace Optc.Runtime.Native;

/// <summary>
/// arccos x = c + u + u q(z) with <see cref="ArcsineSeries"/>: c = π/2, u = −x for |x| ≤ ½; c = 0, u = 2t above; c = π, u = −2t below.
/// </summary>
internal readonly struct AcosFunction : IUnaryFunction
{
    private const double HalfPiHigh = 1.5707963267948966;
    private const double HalfPiLow = 6.123233995736766e-17;

    public static bool IsTotal => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Compute<TLane>(TLane x)
        where TLane : unmanaged, ILane<TLane>
    {
        var t = ArcsineSeries.Reduce(TLane.Abs(x), out var z, out var beyond);
        var sign = x & TLane.AllBits(long.MinValue);
        var u = TLane.Select(beyond, (t + t) ^ sign, -x);
        // c is 0, 1 or 2 times π/2.
        var count = TLane.Select(beyond, TLane.Less(x, TLane.All(0)) & TLane.All(2), TLane.All(1));
        var rest = TLane.MultiplyAdd(u, ArcsineSeries.Quotient(z), count * TLane.All(HalfPiLow));
        return TLane.MultiplyAdd(count, TLane.All(HalfPiHigh), u) + rest;
    }
}
