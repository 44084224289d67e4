using System.Numerics;

namespace Optc.Runtime.Native;

/// <summary>
/// x − q π/2 for any finite x, from as many bits of 2/π as the exponent asks for (M. H. Payne and R. N. Hanek, Radian reduction
/// for trigonometric functions, SIGNUM Newsletter 18, 1983).
/// </summary>
internal static class TrigonometricReduction
{
    private const double HalfPiHigh = 1.5707963267948966;
    private const double HalfPiLow = 6.123233995736766e-17;

    /// <summary>The bits of 2/π, after one word of zeros that stand before the binary point.</summary>
    private static ReadOnlySpan<ulong> TwoOverPi =>
    [
        0,
        0xa2f9836e4e441529, 0xfc2757d1f534ddc0, 0xdb6295993c439041, 0xfe5163abdebbc561,
        0xb7246e3a424dd2e0, 0x06492eea09d1921c, 0xfe1deb1cb129a73e, 0xe88235f52ebb4484,
        0xe99c7026b45f7e41, 0x3991d639835339f4, 0x9c845f8bbdf9283b, 0x1ff897ffde05980f,
        0xef2f118b5a0a6d1f, 0x6d367ecf27cb09b7, 0x4f463f669e5fea2d, 0x7527bac7ebe5f17b,
        0x3d0739f78a5292ea, 0x6bfb5fb11f8d5d08, 0x56033046fc7b6bab, 0xf0cfbc209af4361d,
        0xa9e391615ee61b08,
    ];

    /// <summary>x = (4 j + quadrant) π/2 + high + low, |high| ≤ π/4, for finite |x| ≥ 2³⁰.</summary>
    public static int Reduce(double x, out double high, out double low)
    {
        long bits = BitConverter.DoubleToInt64Bits(Math.Abs(x));
        int exponent = (int)(bits >> 52) - 1075;
        ulong mantissa = ((ulong)bits & 0x000fffffffffffff) | 0x0010000000000000;

        // |x| = mantissa 2^exponent. Bits of 2/π of weight 2^(2 − exponent) and above add multiples of 4 to the product; the
        // 192 bits below leave 190 bits of fraction, 137 of them right, where 62 can cancel.
        int first = exponent - 1 + 63;
        var (top, middle, bottom) = (Word(first), Word(first + 64), Word(first + 128));
        UInt128 low128 = (UInt128)mantissa * bottom;
        UInt128 middle128 = ((UInt128)mantissa * middle) + (low128 >> 64);
        ulong product0 = (ulong)low128;
        ulong product1 = (ulong)middle128;
        ulong product2 = (mantissa * top) + (ulong)(middle128 >> 64);

        int quadrant = (int)(product2 >> 62);
        bool negative = (product2 >> 61 & 1) != 0;
        if (negative)
        {
            // More than half a quadrant: count from the next one, the fraction becoming negative.
            quadrant++;
            (product0, product1, product2) = (~product0, ~product1, ~product2);
        }

        // The fraction with the binary point before the top bit, then normalised into two doubles.
        product2 = product2 << 2 | product1 >> 62;
        product1 = product1 << 2 | product0 >> 62;
        product0 <<= 2;
        int shift = 0;
        while (product2 == 0 && shift < 128)
        {
            (product2, product1, product0) = (product1, product0, 0);
            shift += 64;
        }

        int zeros = BitOperations.LeadingZeroCount(product2);
        if (zeros > 0)
        {
            product2 = product2 << zeros | product1 >> (64 - zeros);
            product1 = product1 << zeros | product0 >> (64 - zeros);
        }

        double a = Math.ScaleB((double)(product2 >> 11), -53 - shift - zeros);
        double b = Math.ScaleB((double)((product2 & 0x7ff) << 42 | product1 >> 22), -106 - shift - zeros);
        high = a * HalfPiHigh;
        low = Math.FusedMultiplyAdd(a, HalfPiHigh, -high) + ((a * HalfPiLow) + (b * HalfPiHigh));
        double sum = high + low;
        low -= sum - high;
        high = sum;
        if (negative != (x < 0)) (high, low) = (-high, -low);
        return (x < 0 ? -quadrant : quadrant) & 3;
    }

    private static ulong Word(int bit)
    {
        int index = bit >> 6, offset = bit & 63;
        return offset == 0 ? TwoOverPi[index] : TwoOverPi[index] << offset | TwoOverPi[index + 1] >> (64 - offset);
    }
}
