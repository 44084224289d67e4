using System.Runtime.CompilerServices;

namespace Optc.Runtime.Native;

/// <summary>The functions of <see cref="VectorMath{TLane}"/> for single numbers, with the same bits.</summary>
public static class VectorMathScalar
{
    /// <summary>eˣ.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Exp(double x) => UnaryKernel<Lane1, ExpFunction>.Evaluate(x);

    /// <summary>ln x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Log(double x) => UnaryKernel<Lane1, LogFunction>.Evaluate(x);

    /// <summary>sin x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Sin(double x) => UnaryKernel<Lane1, SinFunction>.Evaluate(x);

    /// <summary>cos x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Cos(double x) => UnaryKernel<Lane1, CosFunction>.Evaluate(x);
}
