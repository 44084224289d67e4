using System.Runtime.CompilerServices;

namespace Optc.Runtime.Native;

/// <summary>ln(1 + t) for t ≥ 0 well below the largest double, small t included.</summary>
internal static class LogOnePlus
{
    private const long TwiceOneBits = 0x7fe0000000000000;
    private const long BiasedFraction = 0x3ff0000000000000 - 0x3fe6a09e667f3bcd;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Compute<TLane>(TLane t)
        where TLane : unmanaged, ILane<TLane>
    {
        // u + lost = 1 + t exactly; what is lost joins f = m − 1, which for k = 0 makes it t again.
        var u = TLane.All(1) + t;
        var without = u - TLane.All(1);
        var lost = TLane.All(1) - (u - without) + (t - without);
        var f = LogFunction.Reduce(u, out var k);
        var biased = TLane.ShiftRight(TLane.AddBits(u, TLane.AllBits(BiasedFraction)), 52);
        var scale = TLane.SubtractBits(TLane.AllBits(TwiceOneBits), TLane.ShiftLeft(biased, 52));
        return LogFunction.OfReduced(TLane.MultiplyAdd(lost, scale, f), k);
    }

    /// <summary>ln 2x for large finite x.</summary>
    public static double OfTwice(double x)
    {
        var f = LogFunction.Reduce(Lane1.All(x), out var k);
        return LogFunction.OfReduced(f, k + Lane1.All(1)).Value;
    }
}
