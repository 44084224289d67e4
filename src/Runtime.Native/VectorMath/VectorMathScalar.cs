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

    /// <summary>log₁₀ x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Log10(double x) => UnaryKernel<Lane1, Log10Function>.Evaluate(x);

    /// <summary>tan x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Tan(double x) => UnaryKernel<Lane1, TanFunction>.Evaluate(x);

    /// <summary>arcsin x, NaN outside of [−1, 1].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Asin(double x) => UnaryKernel<Lane1, AsinFunction>.Evaluate(x);

    /// <summary>arccos x, NaN outside of [−1, 1].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Acos(double x) => UnaryKernel<Lane1, AcosFunction>.Evaluate(x);

    /// <summary>arctan x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Atan(double x) => UnaryKernel<Lane1, AtanFunction>.Evaluate(x);

    /// <summary>sinh x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Sinh(double x) => UnaryKernel<Lane1, SinhFunction>.Evaluate(x);

    /// <summary>cosh x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Cosh(double x) => UnaryKernel<Lane1, CoshFunction>.Evaluate(x);

    /// <summary>tanh x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Tanh(double x) => UnaryKernel<Lane1, TanhFunction>.Evaluate(x);

    /// <summary>arsinh x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Asinh(double x) => UnaryKernel<Lane1, AsinhFunction>.Evaluate(x);

    /// <summary>arcosh x, NaN below 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Acosh(double x) => UnaryKernel<Lane1, AcoshFunction>.Evaluate(x);

    /// <summary>artanh x, ±∞ at ±1 and NaN beyond.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Atanh(double x) => UnaryKernel<Lane1, AtanhFunction>.Evaluate(x);

    /// <summary>The angle of the point (x, y) in [−π, π].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Atan2(double y, double x) => BinaryKernel<Lane1, Atan2Function>.Evaluate(y, x);

    /// <summary>xᵖ with the special cases of <see cref="Math.Pow"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Pow(double x, double p) => BinaryKernel<Lane1, PowFunction>.Evaluate(x, p);

    /// <summary>erf x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Erf(double x) => UnaryKernel<Lane1, ErfFunction>.Evaluate(x);

    /// <summary>erfc x = 1 − erf x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Erfc(double x) => UnaryKernel<Lane1, ErfcFunction>.Evaluate(x);

    /// <summary>Γ(x), NaN at the negative integers and ±∞ at ±0.</summary>
    public static double Gamma(double x) => GammaFunctions.Gamma(x);

    /// <summary>ln |Γ(x)|, +∞ at 0 and the negative integers.</summary>
    public static double LogGamma(double x) => GammaFunctions.LogGamma(x);

    /// <summary>ψ(x) = Γ′(x)/Γ(x), NaN at 0 and the negative integers.</summary>
    public static double Digamma(double x) => PolygammaFunctions.Digamma(x);

    /// <summary>ψ′(x), +∞ at 0 and the negative integers.</summary>
    public static double Trigamma(double x) => PolygammaFunctions.Trigamma(x);
}
