using System.Runtime.CompilerServices;

namespace Optc.Runtime.Native;

/// <summary>tan |x| = sin r / cos r or −cos r / sin r with |x| = n π/2 + r, |r| ≤ π/4.</summary>
internal readonly struct TanFunction : IUnaryFunction
{
    private const double TwoOverPi = 0.6366197723675814;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Ordinary<TLane>(TLane x)
        where TLane : unmanaged, ILane<TLane> => SinFunction.Ordinary(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Compute<TLane>(TLane x)
        where TLane : unmanaged, ILane<TLane>
    {
        var size = TLane.Abs(x);
        var shifted = TLane.MultiplyAdd(size, TLane.All(TwoOverPi), TLane.All(ExpFunction.RoundingShift));
        var r = SinFunction.Reduce(size, (shifted - TLane.All(ExpFunction.RoundingShift)) * TLane.All(0.5));
        var square = r * r;
        var (sin, cos) = (QuarterWave.Sin(r, square), QuarterWave.Cos(r, square));
        // Where n is odd, the two change places.
        var odd = TLane.SubtractBits(TLane.AllBits(0), shifted & TLane.AllBits(1));
        var change = (sin ^ cos) & odd;
        var sign = (odd ^ x) & TLane.AllBits(long.MinValue);
        return ((sin ^ change) / (cos ^ change)) ^ sign;
    }

    public static double Extraordinary(double x)
    {
        if (!double.IsFinite(x)) return double.NaN;
        int quadrant = TrigonometricReduction.Reduce(x, out double high, out double low);
        var (sin, cos) = (QuarterWave.Sin(high, low), QuarterWave.Cos(high, low));
        return (quadrant & 1) == 0 ? sin / cos : -cos / sin;
    }
}
