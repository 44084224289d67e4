using System.Runtime.CompilerServices;

namespace Optc.Runtime.Native;

/// <summary>
/// What arcsine and arccosine share: for |x| ≤ ½, t = |x| and z = x²; beyond, z = (1 − |x|)/2 and t = √z, from which
/// arccos |x| = 2 arcsin t. Outside of [−1, 1] the root is NaN, and so is all that follows.
/// </summary>
internal static class ArcsineSeries
{
    /// <summary>t, z and whether |x| > ½.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Reduce<TLane>(TLane size, out TLane z, out TLane beyond)
        where TLane : unmanaged, ILane<TLane>
    {
        beyond = TLane.Less(TLane.All(0.5), size);
        z = TLane.Select(beyond, TLane.MultiplyAdd(size, TLane.All(-0.5), TLane.All(0.5)), size * size);
        return TLane.Select(beyond, TLane.Sqrt(z), size);
    }

    /// <summary>arcsin(t)/t − 1 over z = t² ≤ ¼, minimax to 2⁻⁵⁸ of the arcsine.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Quotient<TLane>(TLane z)
        where TLane : unmanaged, ILane<TLane> => z * Polynomial<TLane>.Evaluate(
            z,
            0.16666666666666763,
            0.07499999999970129,
            0.04464285717525506,
            0.03038194267681618,
            0.022372215861854828,
            0.017351596299237687,
            0.013981008887393285,
            0.011397372708677439,
            0.010788867170308733,
            0.003673952567151113,
            0.021786130304933034,
            -0.021109858988097446,
            0.032697459530181716);
}
