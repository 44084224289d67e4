using System.Runtime.CompilerServices;

namespace Optc.Runtime.Native;

/// <summary>cos |x| = (−1)ʲ sin r with |x| = (j − ½) π + r, |r| ≤ π/2; reduction and polynomial are those of the sine.</summary>
internal readonly struct CosFunction : IUnaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Ordinary<TLane>(TLane x)
        where TLane : unmanaged, ILane<TLane> => SinFunction.Ordinary(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Compute<TLane>(TLane x)
        where TLane : unmanaged, ILane<TLane>
    {
        var size = TLane.Abs(x);
        var shifted = TLane.MultiplyAdd(size, TLane.All(SinFunction.InversePi), TLane.All(0.5)) + TLane.All(ExpFunction.RoundingShift);
        var n = shifted - TLane.All(ExpFunction.RoundingShift) - TLane.All(0.5);
        return SinFunction.OfReduced(size, n) ^ TLane.ShiftLeft(shifted, 63);
    }

    public static double Extraordinary(double x)
    {
        if (!double.IsFinite(x)) return double.NaN;
        int quadrant = TrigonometricReduction.Reduce(x, out double high, out double low);
        double value = (quadrant & 1) == 0 ? QuarterWave.Cos(high, low) : QuarterWave.Sin(high, low);
        return ((quadrant + 1) & 2) == 0 ? value : -value;
    }
}
