using System.Numerics;

namespace Optc.Runtime.Native.Tests;

/// <summary>
/// Elementary functions to some 200 bits: Taylor series after a reduction, and for the inverse functions one step from the double
/// that the framework gives, by an addition theorem whose remainder is tiny.
/// </summary>
internal static partial class Reference
{
    private const int Bits = 320;
    private const int WideBits = 1500;

    private static readonly BigInteger One = BigInteger.One << Bits;

    /// <summary>π·2^1500 by Machin's formula.</summary>
    private static readonly BigInteger WidePi = 4 * ((4 * ArctanOfInverse(5)) - ArctanOfInverse(239));

    public static readonly BigFloat Pi = new(WidePi, -WideBits);

    /// <summary>ln 2 = 2 artanh(1/3).</summary>
    public static readonly BigFloat Ln2 = 2 * AtanhSeries((BigFloat)1 / 3);

    public static readonly BigFloat Ln10 = Log(10);

    private static BigInteger ArctanOfInverse(int n)
    {
        BigInteger power = (BigInteger.One << WideBits) / n, sum = power;
        for (int k = 1; !power.IsZero; k++)
        {
            power /= -n * n;
            sum += power / ((2 * k) + 1);
        }
        return sum;
    }

    public static BigFloat Exp(BigFloat x)
    {
        if (x.Sign == 0) return 1;
        const int halvings = 12;
        var k = (x / Ln2).Round();
        var r = (x - ((int)k * Ln2)).Scale(-halvings).ToFixed(Bits);
        BigInteger term = One, sum = One;
        for (int n = 1; !term.IsZero; n++)
        {
            term = (term * r) / n >> Bits;
            if (term == -1) break;
            sum += term;
        }
        for (int i = 0; i < halvings; i++) sum = (sum * sum) >> Bits;
        return new(sum, (int)k - Bits);
    }

    public static BigFloat Log(BigFloat x)
    {
        // With y0 = ln x to double precision, ln x = y0 + 2 artanh((q − 1)/(q + 1)), q = x e^−y0.
        int e = x.Exponent;
        var m = x.Scale(-e);
        double start = e == 0 || e == -1 ? Math.Log(x.ToDouble()) : Math.Log(m.ToDouble());
        if (e is 0 or -1) (m, e) = (x, 0);
        var q = m * Exp(-start);
        return start + (2 * AtanhSeries((q - 1) / (q + 1))) + (e * Ln2OrZero(e));
    }

    private static BigFloat Ln2OrZero(int e) => e == 0 ? 0 : Ln2;

    /// <summary>z + z³/3 + …</summary>
    private static BigFloat AtanhSeries(BigFloat z) => OddSeries(z, 1);

    /// <summary>Σ sᵏ z²ᵏ⁺¹/(2k+1): artanh for s = 1, arctan for s = −1.</summary>
    private static BigFloat OddSeries(BigFloat z, int sign)
    {
        if (z.Sign == 0) return z;
        BigFloat square = z * z, power = z, sum = z;
        for (int k = 1; power.Exponent > z.Exponent - BigFloat.Precision; k++)
        {
            power = sign * power * square;
            sum += power / ((2 * k) + 1);
        }
        return sum;
    }

    public static BigFloat Sin(BigFloat x) => SinCos(x).Sin;

    public static BigFloat Cos(BigFloat x) => SinCos(x).Cos;

    public static (BigFloat Sin, BigFloat Cos) SinCos(BigFloat x)
    {
        if (x.Sign == 0) return (x, 1);
        if (x.Exponent < -100) return (x - (x * x * x / 6), 1 - (x * x).Scale(-1));
        // The nearest multiple of π/2 in fixed point with all the bits of π that a double can ask for.
        var wide = x.ToFixed(WideBits - 2);
        var quarter = WidePi >> 3;
        var q = ((2 * wide) + quarter).DivideByFloor(2 * quarter);
        var r = new BigFloat(wide - (q * quarter), 2 - WideBits);
        var (s, c) = (SinSeries(r), CosSeries(r));
        return (int)(q & 3) switch
        {
            0 => (s, c),
            1 => (c, -s),
            2 => (-s, -c),
            _ => (-c, s),
        };
    }

    private static BigInteger DivideByFloor(this BigInteger a, BigInteger b)
    {
        var quotient = BigInteger.DivRem(a, b, out var remainder);
        return remainder.Sign < 0 ? quotient - 1 : quotient;
    }

    private static BigFloat SinSeries(BigFloat r)
    {
        BigFloat term = r, sum = r, square = r * r;
        for (int k = 1; term.Sign != 0 && term.Exponent > r.Exponent - BigFloat.Precision; k++)
        {
            term = -(term * square / (2 * k * ((2 * k) + 1)));
            sum += term;
        }
        return sum;
    }

    private static BigFloat CosSeries(BigFloat r)
    {
        BigFloat term = 1, sum = 1, square = r * r;
        for (int k = 1; term.Sign != 0 && term.Exponent > -BigFloat.Precision; k++)
        {
            term = -(term * square / (2 * k * ((2 * k) - 1)));
            sum += term;
        }
        return sum;
    }

    public static BigFloat Tan(BigFloat x)
    {
        var (s, c) = SinCos(x);
        return s / c;
    }

    public static BigFloat Sinh(BigFloat x)
    {
        if (x.Sign == 0) return x;
        if (x.Exponent >= -1)
        {
            var e = Exp(x);
            return (e - (1 / e)).Scale(-1);
        }
        BigFloat term = x, sum = x, square = x * x;
        for (int k = 1; term.Exponent > x.Exponent - BigFloat.Precision; k++)
        {
            term = term * square / (2 * k * ((2 * k) + 1));
            sum += term;
        }
        return sum;
    }

    public static BigFloat Cosh(BigFloat x)
    {
        var e = Exp(x);
        return (e + (1 / e)).Scale(-1);
    }

    public static BigFloat Tanh(BigFloat x) => Sinh(x) / Cosh(x);

    public static BigFloat Log10(BigFloat x) => Log(x) / Ln10;

    public static BigFloat Atan(BigFloat x)
    {
        BigFloat start = Math.Atan(x.ToDouble());
        var (s, c) = SinCos(start);
        return start + OddSeries(((x * c) - s) / (c + (x * s)), -1);
    }

    /// <summary>The angle of (x, y), not both 0.</summary>
    public static BigFloat Atan2(BigFloat y, BigFloat x)
    {
        if (x.Sign == 0) return y.Sign * Pi.Scale(-1);
        var angle = y.Abs() > x.Abs() ? (y.Sign * x.Sign * Pi.Scale(-1)) - Atan(x / y) : Atan(y / x);
        return x.Sign > 0 ? angle : angle + ((y.Sign < 0 ? -1 : 1) * Pi);
    }

    public static BigFloat Asin(BigFloat x)
    {
        BigFloat start = Math.Asin(x.ToDouble());
        var (s, c) = SinCos(start);
        return start + ArcsineSeries((x * c) - (Complement(x) * s));
    }

    public static BigFloat Acos(BigFloat x)
    {
        BigFloat start = Math.Acos(x.ToDouble());
        var (s, c) = SinCos(start);
        return start + ArcsineSeries((Complement(x) * c) - (x * s));
    }

    private static BigFloat Complement(BigFloat x) => ((1 - x) * (1 + x)).Sqrt();

    private static BigFloat ArcsineSeries(BigFloat d) => d + (d * d * d / 6) + (3 * d * d * d * d * d / 40);

    private static BigFloat ArsinhSeries(BigFloat d) => d - (d * d * d / 6) + (3 * d * d * d * d * d / 40);

    public static BigFloat Asinh(BigFloat x)
    {
        if (x.Exponent > 0) return x.Sign * Log(x.Abs() + (1 + (x * x)).Sqrt());
        BigFloat start = Math.Asinh(x.ToDouble());
        return start + ArsinhSeries((x * Cosh(start)) - ((1 + (x * x)).Sqrt() * Sinh(start)));
    }

    public static BigFloat Acosh(BigFloat x)
    {
        if (x.Exponent > 0) return Log(x + ((x - 1) * (x + 1)).Sqrt());
        BigFloat start = Math.Acosh(x.ToDouble());
        return start + ArsinhSeries((((x - 1) * (x + 1)).Sqrt() * Cosh(start)) - (x * Sinh(start)));
    }

    public static BigFloat Atanh(BigFloat x)
    {
        BigFloat start = Math.Atanh(x.ToDouble());
        var t = Tanh(start);
        return start + AtanhSeries((x - t) / (1 - (x * t)));
    }

    /// <summary>xʸ for x > 0.</summary>
    public static BigFloat Pow(BigFloat x, BigFloat y) => Exp(y * Log(x));
}
