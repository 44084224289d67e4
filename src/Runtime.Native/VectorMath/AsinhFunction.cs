using System.Runtime.CompilerServices;

namespace Optc.Runtime.Native;

/// <summary>arsinh |x| = ln(1 + t), t = |x| + x²/(1 + √(1 + x²)); ln 2|x| where x² would overflow.</summary>
internal readonly struct AsinhFunction : IUnaryFunction
{
    /// <summary>2⁵⁰⁰.</summary>
    internal const double OrdinaryLimit = 3.273390607896142e150;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Ordinary<TLane>(TLane x)
        where TLane : unmanaged, ILane<TLane> => TLane.LessOrEqual(TLane.Abs(x), TLane.All(OrdinaryLimit));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Compute<TLane>(TLane x)
        where TLane : unmanaged, ILane<TLane>
    {
        var size = TLane.Abs(x);
        var root = TLane.Sqrt(TLane.MultiplyAdd(size, size, TLane.All(1)));
        var t = size + (size * size / (TLane.All(1) + root));
        return LogOnePlus.Compute(t) ^ (x & TLane.AllBits(long.MinValue));
    }

    public static double Extraordinary(double x) => double.IsFinite(x) ? Math.CopySign(LogOnePlus.OfTwice(Math.Abs(x)), x) : x;
}
