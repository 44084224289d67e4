using System.Runtime.CompilerServices;

namespace Optc.Runtime.Native;

/// <summary>Sine and cosine on [−π/4, π/4].</summary>
internal static class QuarterWave
{
    /// <summary>sin r.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Sin<TLane>(TLane r, TLane square)
        where TLane : unmanaged, ILane<TLane>
    {
        // (sin(r)/r − 1)/r² over r², minimax to 2⁻⁵⁷ of the sine.
        var quotient = Polynomial<TLane>.Evaluate(
            square,
            -0.1666666666666663,
            0.00833333333332184,
            -0.00019841269829359905,
            2.7557313540393893e-06,
            -2.5050735024045633e-08,
            1.5895493540812858e-10);
        return TLane.MultiplyAdd(square * quotient, r, r);
    }

    /// <summary>cos r.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Cos<TLane>(TLane r, TLane square)
        where TLane : unmanaged, ILane<TLane>
    {
        // (cos(r) − 1 + r²/2)/r⁴ over r², minimax to 2⁻⁶² of the cosine.
        var quotient = Polynomial<TLane>.Evaluate(
            square,
            0.041666666666666595,
            -0.0013888888888873422,
            2.4801587289078366e-05,
            -2.755731424081565e-07,
            2.0875708193171984e-09,
            -1.1358846151388776e-11);
        return TLane.MultiplyAdd(TLane.MultiplyAdd(quotient, square, TLane.All(-0.5)), square, TLane.All(1));
    }

    /// <summary>sin(high + low).</summary>
    public static double Sin(double high, double low)
    {
        var r = Lane1.All(high);
        return Sin(r, r * r).Value + low;
    }

    /// <summary>cos(high + low).</summary>
    public static double Cos(double high, double low)
    {
        var r = Lane1.All(high);
        return Cos(r, r * r).Value - (high * low);
    }

    /// <summary>sin(high + low) for |high| ≤ π/2, in two doubles that are better than one by what the sine differs from its argument.</summary>
    public static TwoDoubles SinHalf(double high, double low)
    {
        var r = Lane1.All(high);
        var square = r * r;
        return high + (TwoDoubles)(((square * SinFunction.Quotient(square)).Value * high) + (low * Cos(r, square).Value));
    }
}
