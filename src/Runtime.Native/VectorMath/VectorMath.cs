namespace Optc.Runtime.Native;

/// <summary>
/// Elementary functions of blocks of doubles, within 4 ulp over their whole domains (docs/vector-math.md has the measured errors).
/// Addresses are those of doubles; they are integers because expression trees refuse pointers. A result may overwrite its argument;
/// other overlaps are not allowed. The bits of a result depend on its argument only: not on the count, the position or the width.
/// </summary>
/// <typeparam name="TLane">The register to use.</typeparam>
public static class VectorMath<TLane>
    where TLane : unmanaged, ILane<TLane>
{
    /// <summary>y ← eˣ.</summary>
    public static void Exp(nint x, nint y, int count) => UnaryKernel<TLane, ExpFunction>.Apply(x, y, count);

    /// <summary>y ← ln x.</summary>
    public static void Log(nint x, nint y, int count) => UnaryKernel<TLane, LogFunction>.Apply(x, y, count);

    /// <summary>y ← sin x.</summary>
    public static void Sin(nint x, nint y, int count) => UnaryKernel<TLane, SinFunction>.Apply(x, y, count);

    /// <summary>y ← cos x.</summary>
    public static void Cos(nint x, nint y, int count) => UnaryKernel<TLane, CosFunction>.Apply(x, y, count);

    /// <summary>sin ← sin x, cos ← cos x; either may be x, but they must differ.</summary>
    public static void SinCos(nint x, nint sin, nint cos, int count) => SinCosKernel<TLane>.Apply(x, sin, cos, count);
}
