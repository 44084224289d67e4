using System.Runtime.CompilerServices;

namespace Optc.Runtime.Native;

/// <summary>arctan |x| = c π/4 + arctan t with t = |x|, (|x| − 1)/(|x| + 1) or −1/|x| as |x| lies below, within or above √2 ∓ 1.</summary>
internal readonly struct AtanFunction : IUnaryFunction
{
    internal const double QuarterPiHigh = 0.7853981633974483;
    internal const double QuarterPiLow = 3.061616997868383e-17;

    /// <summary>tan(π/8).</summary>
    internal const double Threshold = 0.41421356237309503;

    private const double UpperThreshold = 2.414213562373095;

    public static bool IsTotal => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Compute<TLane>(TLane x)
        where TLane : unmanaged, ILane<TLane>
    {
        var size = TLane.Abs(x);
        TLane middle = TLane.Less(TLane.All(Threshold), size), above = TLane.Less(TLane.All(UpperThreshold), size);
        var numerator = TLane.Select(above, TLane.All(-1), TLane.Select(middle, size - TLane.All(1), size));
        var denominator = TLane.Select(above, size, TLane.Select(middle, size + TLane.All(1), TLane.All(1)));
        var count = TLane.Select(above, TLane.All(2), middle & TLane.All(1));
        var t = numerator / denominator;
        var rest = TLane.MultiplyAdd(t, Quotient(t * t), count * TLane.All(QuarterPiLow));
        return TLane.MultiplyAdd(count, TLane.All(QuarterPiHigh), t + rest) | (x & TLane.AllBits(long.MinValue));
    }

    /// <summary>arctan(t)/t − 1 over z = t², |t| ≤ tan(π/8), minimax to 2⁻⁵⁸ of the arctangent.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TLane Quotient<TLane>(TLane z)
        where TLane : unmanaged, ILane<TLane> => z * Polynomial<TLane>.Evaluate(
            z,
            -0.333333333333332,
            0.19999999999953819,
            -0.1428571428022084,
            0.11111110784732552,
            -0.09090897796150488,
            0.07692060930875454,
            -0.0666311252722841,
            0.058479531070894736,
            -0.050396000180024714,
            0.038072228380989476,
            -0.01791576478847742);
}
