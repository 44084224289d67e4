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

    /// <summary>y ← log₁₀ x.</summary>
    public static void Log10(nint x, nint y, int count) => UnaryKernel<TLane, Log10Function>.Apply(x, y, count);

    /// <summary>y ← tan x.</summary>
    public static void Tan(nint x, nint y, int count) => UnaryKernel<TLane, TanFunction>.Apply(x, y, count);

    /// <summary>y ← arcsin x, NaN outside of [−1, 1].</summary>
    public static void Asin(nint x, nint y, int count) => UnaryKernel<TLane, AsinFunction>.Apply(x, y, count);

    /// <summary>y ← arccos x, NaN outside of [−1, 1].</summary>
    public static void Acos(nint x, nint y, int count) => UnaryKernel<TLane, AcosFunction>.Apply(x, y, count);

    /// <summary>y ← arctan x.</summary>
    public static void Atan(nint x, nint y, int count) => UnaryKernel<TLane, AtanFunction>.Apply(x, y, count);

    /// <summary>y ← sinh x.</summary>
    public static void Sinh(nint x, nint y, int count) => UnaryKernel<TLane, SinhFunction>.Apply(x, y, count);

    /// <summary>y ← cosh x.</summary>
    public static void Cosh(nint x, nint y, int count) => UnaryKernel<TLane, CoshFunction>.Apply(x, y, count);

    /// <summary>y ← tanh x.</summary>
    public static void Tanh(nint x, nint y, int count) => UnaryKernel<TLane, TanhFunction>.Apply(x, y, count);

    /// <summary>y ← arsinh x.</summary>
    public static void Asinh(nint x, nint y, int count) => UnaryKernel<TLane, AsinhFunction>.Apply(x, y, count);

    /// <summary>y ← arcosh x, NaN below 1.</summary>
    public static void Acosh(nint x, nint y, int count) => UnaryKernel<TLane, AcoshFunction>.Apply(x, y, count);

    /// <summary>y ← artanh x, ±∞ at ±1 and NaN beyond.</summary>
    public static void Atanh(nint x, nint y, int count) => UnaryKernel<TLane, AtanhFunction>.Apply(x, y, count);

    /// <summary>r ← the angle of the point (x, y) in [−π, π]; r may be either argument.</summary>
    public static void Atan2(nint y, nint x, nint r, int count) => BinaryKernel<TLane, Atan2Function>.Apply(y, x, r, count);

    /// <summary>r ← xᵖ with the special cases of <see cref="Math.Pow"/>; r may be either argument.</summary>
    public static void Pow(nint x, nint p, nint r, int count) => BinaryKernel<TLane, PowFunction>.Apply(x, p, r, count);

    /// <summary>r ← xᵖ with one exponent for all and the bits of <see cref="Pow"/>.</summary>
    public static void PowUniform(nint x, double p, nint r, int count) => BinaryKernel<TLane, PowFunction>.ApplyUniform(x, p, r, count);

    /// <summary>y ← erf x.</summary>
    public static void Erf(nint x, nint y, int count) => UnaryKernel<TLane, ErfFunction>.Apply(x, y, count);

    /// <summary>y ← erfc x = 1 − erf x.</summary>
    public static void Erfc(nint x, nint y, int count) => UnaryKernel<TLane, ErfcFunction>.Apply(x, y, count);

    /// <summary>y ← Γ(x), NaN at the negative integers and ±∞ at ±0. One by one, whatever the width.</summary>
    public static unsafe void Gamma(nint x, nint y, int count)
    {
        double* from = (double*)x, to = (double*)y;
        for (int i = 0; i < count; i++) to[i] = GammaFunctions.Gamma(from[i]);
    }

    /// <summary>y ← ln |Γ(x)|, +∞ at 0 and the negative integers. One by one, whatever the width.</summary>
    public static unsafe void LogGamma(nint x, nint y, int count)
    {
        double* from = (double*)x, to = (double*)y;
        for (int i = 0; i < count; i++) to[i] = GammaFunctions.LogGamma(from[i]);
    }

    /// <summary>y ← ψ(x) = Γ′(x)/Γ(x), NaN at 0 and the negative integers. One by one, whatever the width.</summary>
    public static unsafe void Digamma(nint x, nint y, int count)
    {
        double* from = (double*)x, to = (double*)y;
        for (int i = 0; i < count; i++) to[i] = PolygammaFunctions.Digamma(from[i]);
    }

    /// <summary>y ← ψ′(x), +∞ at 0 and the negative integers. One by one, whatever the width.</summary>
    public static unsafe void Trigamma(nint x, nint y, int count)
    {
        double* from = (double*)x, to = (double*)y;
        for (int i = 0; i < count; i++) to[i] = PolygammaFunctions.Trigamma(from[i]);
    }
}
