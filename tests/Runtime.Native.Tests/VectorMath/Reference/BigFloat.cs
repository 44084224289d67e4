using System.Numerics;

namespace Optc.Runtime.Native.Tests;

/// <summary>mantissa · 2^exponent, every operation rounded to 256 bits: an arithmetic to judge doubles by.</summary>
internal readonly struct BigFloat
{
    public const int Precision = 256;

    private readonly BigInteger mantissa;
    private readonly int exponent;

    public BigFloat(BigInteger mantissa, int exponent)
    {
        int excess = (int)BigInteger.Abs(mantissa).GetBitLength() - Precision;
        if (excess > 0)
        {
            mantissa = (mantissa + (BigInteger.One << (excess - 1))) >> excess;
            exponent += excess;
        }
        this.mantissa = mantissa;
        this.exponent = exponent;
    }

    public static BigFloat Zero => default;

    public int Sign => mantissa.Sign;

    /// <summary>The e with 2ᵉ ≤ |this| &lt; 2ᵉ⁺¹.</summary>
    public int Exponent => (int)BigInteger.Abs(mantissa).GetBitLength() - 1 + exponent;

    public static implicit operator BigFloat(int value) => new(value, 0);

    /// <summary>Exact.</summary>
    public static implicit operator BigFloat(double value)
    {
        long bits = BitConverter.DoubleToInt64Bits(value);
        int field = (int)(bits >> 52) & 0x7ff;
        long fraction = bits & 0x000fffffffffffff;
        if (field == 0x7ff) throw new ArgumentOutOfRangeException(nameof(value), value, "not finite");
        if (field > 0) fraction |= 1L << 52;
        return new(bits < 0 ? -fraction : fraction, Math.Max(field, 1) - 1075);
    }

    public static BigFloat operator -(BigFloat a) => new(-a.mantissa, a.exponent);

    public static BigFloat operator +(BigFloat a, BigFloat b)
    {
        if (a.Sign == 0) return b;
        if (b.Sign == 0) return a;
        if (a.Exponent - b.Exponent > 2 * Precision) return a;
        if (b.Exponent - a.Exponent > 2 * Precision) return b;
        int common = Math.Min(a.exponent, b.exponent);
        return new((a.mantissa << (a.exponent - common)) + (b.mantissa << (b.exponent - common)), common);
    }

    public static BigFloat operator -(BigFloat a, BigFloat b) => a + -b;

    public static BigFloat operator *(BigFloat a, BigFloat b) => new(a.mantissa * b.mantissa, a.exponent + b.exponent);

    public static BigFloat operator /(BigFloat a, BigFloat b)
    {
        int shift = Math.Max(0, Precision + 2 + (int)BigInteger.Abs(b.mantissa).GetBitLength() - (int)BigInteger.Abs(a.mantissa).GetBitLength());
        return new((a.mantissa << shift) / b.mantissa, a.exponent - shift - b.exponent);
    }

    public static bool operator <(BigFloat a, BigFloat b) => (a - b).Sign < 0;

    public static bool operator >(BigFloat a, BigFloat b) => (a - b).Sign > 0;

    public BigFloat Abs() => new(BigInteger.Abs(mantissa), exponent);

    /// <summary>this · 2ᵏ.</summary>
    public BigFloat Scale(int k) => new(mantissa, exponent + k);

    public BigFloat Sqrt()
    {
        if (Sign == 0) return this;
        int shift = (2 * Precision) - (int)mantissa.GetBitLength();
        if (((exponent - shift) & 1) != 0) shift++;
        var value = shift >= 0 ? mantissa << shift : mantissa >> -shift;
        var root = new BigInteger(Math.Sqrt((double)(value >> (2 * Precision - 104)))) << (Precision - 52);
        for (var previous = BigInteger.Zero; BigInteger.Abs(root - previous) > 1;) (previous, root) = (root, (root + (value / root)) >> 1);
        return new(root, (exponent - shift) / 2);
    }

    /// <summary>The nearest integer.</summary>
    public BigInteger Round() => exponent >= 0 ? mantissa << exponent : (mantissa + (BigInteger.One << (-exponent - 1))) >> -exponent;

    /// <summary>this · 2^bits rounded to an integer.</summary>
    public BigInteger ToFixed(int bits) => new BigFloat(mantissa, exponent + bits).Round();

    /// <summary>Rounded to nearest, overflowing to infinity.</summary>
    public double ToDouble()
    {
        if (Sign == 0) return 0;
        int lowest = Math.Max(Exponent - 52, -1074);
        return Math.ScaleB((double)new BigFloat(mantissa, exponent - lowest).Round(), lowest);
    }

    /// <summary>|computed − this| in units of the last place of this as a double, infinite where one is not finite and the other is.</summary>
    public double ErrorInUlp(double computed)
    {
        if (double.IsNaN(computed)) return double.PositiveInfinity;
        if (double.IsInfinity(computed))
        {
            // What rounds to an infinity, or nearly so, may be one.
            if (Sign != Math.Sign(computed) || Exponent < 1023) return double.PositiveInfinity;
            computed = Math.CopySign(double.MaxValue, computed);
            return Exponent >= 1024 ? 0 : ErrorInUlp(computed);
        }
        if (Exponent >= 1024) return ToDouble() == computed ? 0 : double.PositiveInfinity;
        int lowest = Sign == 0 ? -1074 : Math.Max(Exponent - 52, -1074);
        return (this - computed).Abs().Scale(40 - lowest).ToDoubleRoughly() / (1L << 40);
    }

    private double ToDoubleRoughly() => Exponent > 900 ? double.PositiveInfinity : (double)Round();
}
