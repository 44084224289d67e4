using System.Runtime.CompilerServices;

namespace Optc.Runtime.Native;

/// <summary>erfc x, up to ¾ as 1 − erf x and below −¾ as 2 − erfc |x|.</summary>
internal readonly struct ErfcFunction : IUnaryFunction
{
    /// <summary>Up to here the result is normal.</summary>
    private const double OrdinaryLimit = 26;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Ordinary<TLane>(TLane x)
        where TLane : unmanaged, ILane<TLane> => TLane.LessOrEqual(x, TLane.All(OrdinaryLimit));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Compute<TLane>(TLane x)
        where TLane : unmanaged, ILane<TLane>
    {
        var size = TLane.Abs(x);
        var cut = TLane.Select(TLane.Less(TLane.All(OrdinaryLimit), size), TLane.All(OrdinaryLimit), size);
        var outer = ErrorFunctionParts.Outer(cut, out var shifted);
        outer = TLane.AddBits(outer, TLane.ShiftLeft(shifted, 52));
        outer = TLane.Select(TLane.Less(x, TLane.All(0)), TLane.All(2) - outer, outer);
        return TLane.Select(TLane.Less(TLane.All(ErrorFunctionParts.Boundary), size), outer, TLane.All(1) - ErrorFunctionParts.Inner(x));
    }

    public static double Extraordinary(double x)
    {
        if (double.IsNaN(x) || x > 27.3) return double.IsNaN(x) ? x : 0;
        double outer = ErrorFunctionParts.Outer(Lane1.All(x), out var shifted).Value;
        return ExpFunction.Scale(outer * 64, (int)(shifted.Value - ExpFunction.RoundingShift) - 6);
    }
}
