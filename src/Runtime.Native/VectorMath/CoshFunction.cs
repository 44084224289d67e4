using System.Runtime.CompilerServices;

namespace Optc.Runtime.Native;

/// <summary>cosh |x| = p + (p C + m S), with <see cref="HyperbolicParts"/>.</summary>
internal readonly struct CoshFunction : IUnaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Ordinary<TLane>(TLane x)
        where TLane : unmanaged, ILane<TLane> => TLane.LessOrEqual(TLane.Abs(x), TLane.All(HyperbolicParts.OrdinaryLimit));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Compute<TLane>(TLane x)
        where TLane : unmanaged, ILane<TLane>
    {
        var r = ExpFunction.Reduce(TLane.Abs(x), out var shifted, out _);
        var square = r * r;
        var plus = HyperbolicParts.Scales(shifted, out var minus);
        return HyperbolicParts.Combine(plus, minus, HyperbolicParts.CoshMinusOne(square), HyperbolicParts.Sinh(r, square));
    }

    public static double Extraordinary(double x) => HyperbolicParts.HalfExp(x);
}
