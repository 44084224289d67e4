using System.Runtime.CompilerServices;

namespace Optc.Runtime.Native;

/// <summary>erf x, beyond ¾ as 1 − erfc |x| with the sign of x; |x| is cut at 6, where the result is 1.</summary>
internal readonly struct ErfFunction : IUnaryFunction
{
    private const double Cut = 6;

    public static bool IsTotal => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Compute<TLane>(TLane x)
        where TLane : unmanaged, ILane<TLane>
    {
        var size = TLane.Abs(x);
        var cut = TLane.Select(TLane.Less(TLane.All(Cut), size), TLane.All(Cut), size);
        var outer = ErrorFunctionParts.Outer(cut, out var shifted);
        outer = TLane.All(1) - TLane.AddBits(outer, TLane.ShiftLeft(shifted, 52));
        var value = TLane.Select(TLane.Less(TLane.All(ErrorFunctionParts.Boundary), size), outer, ErrorFunctionParts.Inner(size));
        return value ^ (x & TLane.AllBits(long.MinValue));
    }
}
