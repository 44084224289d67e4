namespace Optc.Runtime.Native;

/// <summary>The functions of <see cref="VectorMath{TLane}"/> for single numbers, with the same bits.</summary>
public static class VectorMathScalar
{
    /// <summary>eˣ.</summary>
    public static double Exp(double x) => UnaryKernel<Lane1, ExpFunction>.One(x);

    /// <summary>ln x.</summary>
    public static double Log(double x) => UnaryKernel<Lane1, LogFunction>.One(x);

    /// <summary>sin x.</summary>
    public static double Sin(double x) => UnaryKernel<Lane1, SinFunction>.One(x);

    /// <summary>cos x.</summary>
    public static double Cos(double x) => UnaryKernel<Lane1, CosFunction>.One(x);

    /// <summary>log₁₀ x.</summary>
    public static double Log10(double x) => UnaryKernel<Lane1, Log10Function>.One(x);

    /// <summary>tan x.</summary>
    public static double Tan(double x) => UnaryKernel<Lane1, TanFunction>.One(x);

    /// <summary>arcsin x, NaN outside of [−1, 1].</summary>
    public static double Asin(double x) => UnaryKernel<Lane1, AsinFunction>.One(x);

    /// <summary>arccos x, NaN outside of [−1, 1].</summary>
    public static double Acos(double x) => UnaryKernel<Lane1, AcosFunction>.One(x);

    /// <summary>arctan x.</summary>
    public static double Atan(double x) => UnaryKernel<Lane1, AtanFunction>.One(x);

    /// <summary>sinh x.</summary>
    public static double Sinh(double x) => UnaryKernel<Lane1, SinhFunction>.One(x);

    /// <summary>cosh x.</summary>
    public static double Cosh(double x) => UnaryKernel<Lane1, CoshFunction>.One(x);

    /// <summary>tanh x.</summary>
    public static double Tanh(double x) => UnaryKernel<Lane1, TanhFunction>.One(x);

    /// <summary>arsinh x.</summary>
    public static double Asinh(double x) => UnaryKernel<Lane1, AsinhFunction>.One(x);

    /// <summary>arcosh x, NaN below 1.</summary>
    public static double Acosh(double x) => UnaryKernel<Lane1, AcoshFunction>.One(x);

    /// <summary>artanh x, ±∞ at ±1 and NaN beyond.</summary>
    public static double Atanh(double x) => UnaryKernel<Lane1, AtanhFunction>.One(x);

    /// <summary>The angle of the point (x, y) in [−π, π].</summary>
    public static double Atan2(double y, double x) => BinaryKernel<Lane1, Atan2Function>.One(y, x);

    /// <summary>xᵖ with the special cases of <see cref="Math.Pow"/>.</summary>
    public static double Pow(double x, double p) => BinaryKernel<Lane1, PowFunction>.One(x, p);

    /// <summary>erf x.</summary>
    public static double Erf(double x) => UnaryKernel<Lane1, ErfFunction>.One(x);

    /// <summary>erfc x = 1 − erf x.</summary>
    public static double Erfc(double x) => UnaryKernel<Lane1, ErfcFunction>.One(x);

    /// <summary>Γ(x), NaN at the negative integers and ±∞ at ±0.</summary>
    public static double Gamma(double x) => GammaFunctions.Gamma(x);

    /// <summary>ln |Γ(x)|, +∞ at 0 and the negative integers.</summary>
    public static double LogGamma(double x) => GammaFunctions.LogGamma(x);

    /// <summary>ψ(x) = Γ′(x)/Γ(x), NaN at 0 and the negative integers.</summary>
    public static double Digamma(double x) => PolygammaFunctions.Digamma(x);

    /// <summary>ψ′(x), +∞ at 0 and the negative integers.</summary>
    public static double Trigamma(double x) => PolygammaFunctions.Trigamma(x);
}
