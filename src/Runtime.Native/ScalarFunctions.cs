namespace Optc.Runtime.Native;

/// <summary>
/// Scalar functions of the operator table that the framework lacks or whose limits differ from what the language asks.
/// Emitted code and the interpreter call the same methods.
/// </summary>
public static class ScalarFunctions
{
    /// <summary>x + y.</summary>
    public static double Add(double x, double y) => x + y;

    /// <summary>x − y.</summary>
    public static double Subtract(double x, double y) => x - y;

    /// <summary>x · y.</summary>
    public static double Multiply(double x, double y) => x * y;

    /// <summary>x / y.</summary>
    public static double Divide(double x, double y) => x / y;

    /// <summary>−x.</summary>
    public static double Negate(double x) => -x;

    /// <summary>x².</summary>
    public static double Square(double x) => x * x;

    /// <summary>∂/∂x xᵖ = p·xᵖ⁻¹ for an exponent that is data, 0 for p = 0 whatever x is.</summary>
    public static double PowerFirst(double x, double p) => p == 0 ? 0 : p * Math.Pow(x, p - 1);

    /// <summary>∂²/∂x² xᵖ = p(p−1)·xᵖ⁻², 0 for p ∈ {0, 1} whatever x is.</summary>
    public static double PowerSecond(double x, double p) => p == 0 || p == 1 ? 0 : p * (p - 1) * Math.Pow(x, p - 2);

    /// <summary>∂/∂y xʸ = xʸ·ln x, with the limit 0 at x = 0 for y > 0.</summary>
    public static double PowerLog(double x, double y) => x == 0 && y > 0 ? 0 : Math.Pow(x, y) * Math.Log(x);

    /// <summary>−1, 0 or 1; NaN for NaN.</summary>
    public static double Sign(double x) => x > 0 ? 1 : x < 0 ? -1 : x;

    /// <summary>max(a − b, 0).</summary>
    public static double Less(double a, double b) => Math.Max(a - b, 0);

    /// <summary>a div b: the quotient truncated towards zero.</summary>
    public static double IntegerDivide(double a, double b) => Math.Truncate(a / b);

    /// <summary>a mod b: a − b·(a div b), with the sign of a.</summary>
    public static double Modulo(double a, double b) => double.IsInfinity(b) && double.IsFinite(a) ? a : a - (b * Math.Truncate(a / b));

    /// <summary>The nearest integer, halves away from zero as in AMPL.</summary>
    public static double Round(double x) => Math.Round(x, MidpointRounding.AwayFromZero);

    /// <summary>x rounded to n decimals (n may be negative).</summary>
    public static double RoundTo(double x, double n)
    {
        var power = Math.Pow(10, Math.Abs(n));
        return n >= 0 ? Round(x * power) / power : Round(x / power) * power;
    }

    /// <summary>x truncated to n decimals (n may be negative).</summary>
    public static double TruncateTo(double x, double n)
    {
        var power = Math.Pow(10, Math.Abs(n));
        return n >= 0 ? Math.Truncate(x * power) / power : Math.Truncate(x / power) * power;
    }

    /// <summary>x rounded to n significant digits.</summary>
    public static double Precision(double x, double n)
    {
        if (x == 0 || !double.IsFinite(x))
            return x;
        var digits = n - 1 - Math.Floor(Math.Log10(Math.Abs(x)));
        return RoundTo(x, digits);
    }

    /// <summary>The Huber function: t²/2 for |t| ≤ δ, δ(|t| − δ/2) beyond.</summary>
    public static double Huber(double t, double delta)
    {
        var size = Math.Abs(t);
        return size <= delta ? 0.5 * t * t : delta * (size - (0.5 * delta));
    }

    /// <summary>The derivative of <see cref="Huber"/>: t inside, δ·sign t beyond.</summary>
    public static double HuberFirst(double t, double delta) => Math.Abs(t) <= delta ? t : delta * Sign(t);

    /// <summary>The second derivative of <see cref="Huber"/>: 1 inside, 0 outside.</summary>
    public static double HuberSecond(double t, double delta) => Math.Abs(t) <= delta ? 1 : double.IsNaN(t) ? t : 0;

    /// <summary>The error function.</summary>
    public static double Erf(double x) => VectorMathScalar.Erf(x);

    /// <summary>1 − erf(x), accurate in the tail.</summary>
    public static double Erfc(double x) => VectorMathScalar.Erfc(x);

    /// <summary>Γ(x).</summary>
    public static double Gamma(double x) => VectorMathScalar.Gamma(x);

    /// <summary>ln |Γ(x)|, +∞ at the poles.</summary>
    public static double LogGamma(double x) => VectorMathScalar.LogGamma(x);

    /// <summary>ψ(x) = Γ′(x)/Γ(x), NaN at the poles.</summary>
    public static double Digamma(double x) => VectorMathScalar.Digamma(x);

    /// <summary>ψ′(x), +∞ at the poles.</summary>
    public static double Trigamma(double x) => VectorMathScalar.Trigamma(x);

    /// <summary>1 if a &lt; b, else 0.</summary>
    public static double IsLess(double a, double b) => a < b ? 1 : 0;

    /// <summary>1 if a ≤ b, else 0.</summary>
    public static double IsLessOrEqual(double a, double b) => a <= b ? 1 : 0;

    /// <summary>1 if a = b, else 0.</summary>
    public static double IsEqual(double a, double b) => a == b ? 1 : 0;

    /// <summary>1 if both are nonzero, else 0.</summary>
    public static double And(double a, double b) => a != 0 && b != 0 ? 1 : 0;

    /// <summary>1 if either is nonzero, else 0.</summary>
    public static double Or(double a, double b) => a != 0 || b != 0 ? 1 : 0;

    /// <summary>1 if zero, else 0.</summary>
    public static double Not(double a) => a == 0 ? 1 : 0;

    /// <summary>a where the condition is nonzero, else b.</summary>
    public static double Select(double condition, double a, double b) => condition != 0 ? a : b;
}
