namespace Optc.Runtime.Native.Tests;

/// <summary>Error and gamma functions: series with positive terms, a continued fraction, and Stirling's series from 40 on.</summary>
internal static partial class Reference
{
    private const int SeriesStart = 40;

    /// <summary>B₂, B₄, … by Σ C(m + 1, j) B_j = 0.</summary>
    private static readonly BigFloat[] Bernoulli = MakeBernoulli(60);

    private static BigFloat[] MakeBernoulli(int order)
    {
        var b = new (System.Numerics.BigInteger Top, System.Numerics.BigInteger Bottom)[order + 1];
        b[0] = (1, 1);
        for (int m = 1; m <= order; m++)
        {
            System.Numerics.BigInteger top = 0, bottom = 1, binomial = 1;
            for (int j = 0; j < m; j++)
            {
                top = (top * b[j].Bottom) + (binomial * b[j].Top * bottom);
                bottom *= b[j].Bottom;
                var common = System.Numerics.BigInteger.GreatestCommonDivisor(top, bottom);
                (top, bottom) = (top / common, bottom / common);
                binomial = binomial * (m + 1 - j) / (j + 1);
            }
            b[m] = (-top, bottom * (m + 1));
        }
        return [.. Enumerable.Range(1, order / 2).Select(n => new BigFloat(b[2 * n].Top, 0) / new BigFloat(b[2 * n].Bottom, 0))];
    }

    public static BigFloat Erf(BigFloat x)
    {
        if (x.Abs() > 7) return x.Sign;
        // 2/√π e^(−x²) Σ 2ⁿ x²ⁿ⁺¹/(2n + 1)!!
        BigFloat square = x * x, term = x, sum = x;
        for (int n = 1; term.Sign != 0 && term.Exponent > sum.Exponent - BigFloat.Precision; n++)
        {
            term = term * square.Scale(1) / ((2 * n) + 1);
            sum += term;
        }
        return sum.Scale(1) * Exp(-square) / Pi.Sqrt();
    }

    public static BigFloat Erfc(BigFloat x)
    {
        if (!(x > 6)) return 1 - Erf(x);
        BigFloat fraction = x;
        for (int n = 300; n > 0; n--) fraction = x + (((BigFloat)n).Scale(-1) / fraction);
        return Exp(-(x * x)) / (Pi.Sqrt() * fraction);
    }

    public static BigFloat Gamma(BigFloat x)
    {
        if (x.Sign > 0)
        {
            var (shifted, product) = Shift(x);
            return Exp(LogStirling(shifted)) / product;
        }
        return -Pi / (x * SinPi(x) * Gamma(-x));
    }

    /// <summary>ln |Γ(x)|.</summary>
    public static BigFloat LogGamma(BigFloat x)
    {
        if ((x - 1).Sign == 0 || (x - 2).Sign == 0) return 0;
        if (x.Sign > 0)
        {
            var (shifted, product) = Shift(x);
            return LogStirling(shifted) - Log(product);
        }
        return Log(Pi / (x * SinPi(x)).Abs()) - LogGamma(-x);
    }

    public static BigFloat Digamma(BigFloat x)
    {
        if (x.Sign < 0)
        {
            var (s, c) = SinCos(Pi * (x - new BigFloat(x.Round(), 0)));
            return Digamma(-x) - (1 / x) - (Pi * c / s);
        }
        BigFloat sum = 0;
        for (; x < SeriesStart; x += 1) sum -= 1 / x;
        sum += Log(x) - (1 / x.Scale(1));
        BigFloat power = 1;
        for (int n = 1; n <= Bernoulli.Length; n++)
        {
            power *= x * x;
            sum -= Bernoulli[n - 1] / (2 * n * power);
        }
        return sum;
    }

    public static BigFloat Trigamma(BigFloat x)
    {
        if (x.Sign < 0)
        {
            var s = SinPi(x);
            return (Pi * Pi / (s * s)) - Trigamma(-x) + (1 / (x * x));
        }
        BigFloat sum = 0;
        for (; x < SeriesStart; x += 1) sum += 1 / (x * x);
        sum += (1 / x) + (1 / (x * x).Scale(1));
        var power = x;
        for (int n = 1; n <= Bernoulli.Length; n++)
        {
            power *= x * x;
            sum += Bernoulli[n - 1] / power;
        }
        return sum;
    }

    private static BigFloat SinPi(BigFloat x)
    {
        var n = x.Round();
        var sine = Sin(Pi * (x - new BigFloat(n, 0)));
        return n.IsEven ? sine : -sine;
    }

    private static (BigFloat Shifted, BigFloat Product) Shift(BigFloat x)
    {
        BigFloat product = 1;
        for (; x < SeriesStart; x += 1) product *= x;
        return (x, product);
    }

    private static BigFloat LogStirling(BigFloat x)
    {
        BigFloat sum = ((x - 0.5) * Log(x)) - x + Log(Pi.Scale(1)).Scale(-1), power = x;
        for (int n = 1; n <= Bernoulli.Length; n++)
        {
            sum += Bernoulli[n - 1] / (2 * n * ((2 * n) - 1) * power);
            power *= x * x;
        }
        return sum;
    }
}
