using System.Runtime.CompilerServices;

namespace Optc.Runtime.Native;

/// <summary>arcosh x = ln(1 + t), t = (x − 1) + √((x − 1)(x + 1)); ln 2x where the product would overflow.</summary>
internal readonly struct AcoshFunction : IUnaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Ordinary<TLane>(TLane x)
        where TLane : unmanaged, ILane<TLane> =>
        TLane.LessOrEqual(TLane.All(1), x) & TLane.LessOrEqual(x, TLane.All(AsinhFunction.OrdinaryLimit));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Compute<TLane>(TLane x)
        where TLane : unmanaged, ILane<TLane>
    {
        var above = x - TLane.All(1);
        return LogOnePlus.Compute(above + TLane.Sqrt(above * (x + TLane.All(1))));
    }

    public static double Extraordinary(double x) => !(x >= 1) ? double.NaN : double.IsInfinity(x) ? x : LogOnePlus.OfTwice(x);
}
