using System.Runtime.CompilerServices;

namespace Optc.Runtime.Native;

/// <summary>
/// Polynomials c0 + c1 z + c2 z² + …: two Horner chains in z², for the even and the odd coefficients, which halve the latency of one
/// at the price of one product.
/// </summary>
internal static class Polynomial<TLane>
    where TLane : unmanaged, ILane<TLane>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Horner(TLane z, double c0, double c1) =>
        TLane.MultiplyAdd(TLane.All(c1), z, TLane.All(c0));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Horner(TLane z, double c0, double c1, double c2) =>
        TLane.MultiplyAdd(Horner(z, c1, c2), z, TLane.All(c0));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Horner(TLane z, double c0, double c1, double c2, double c3) =>
        TLane.MultiplyAdd(Horner(z, c1, c2, c3), z, TLane.All(c0));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Horner(TLane z, double c0, double c1, double c2, double c3, double c4) =>
        TLane.MultiplyAdd(Horner(z, c1, c2, c3, c4), z, TLane.All(c0));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Horner(TLane z, double c0, double c1, double c2, double c3, double c4, double c5) =>
        TLane.MultiplyAdd(Horner(z, c1, c2, c3, c4, c5), z, TLane.All(c0));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Horner(TLane z, double c0, double c1, double c2, double c3, double c4, double c5, double c6) =>
        TLane.MultiplyAdd(Horner(z, c1, c2, c3, c4, c5, c6), z, TLane.All(c0));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Evaluate(TLane z, double c0, double c1, double c2, double c3, double c4)
    {
        var square = z * z;
        return TLane.MultiplyAdd(Horner(square, c1, c3), z, Horner(square, c0, c2, c4));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Evaluate(TLane z, double c0, double c1, double c2, double c3, double c4, double c5)
    {
        var square = z * z;
        return TLane.MultiplyAdd(Horner(square, c1, c3, c5), z, Horner(square, c0, c2, c4));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Evaluate(TLane z, double c0, double c1, double c2, double c3, double c4, double c5, double c6)
    {
        var square = z * z;
        return TLane.MultiplyAdd(Horner(square, c1, c3, c5), z, Horner(square, c0, c2, c4, c6));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Evaluate(TLane z, double c0, double c1, double c2, double c3, double c4, double c5, double c6, double c7)
    {
        var square = z * z;
        return TLane.MultiplyAdd(Horner(square, c1, c3, c5, c7), z, Horner(square, c0, c2, c4, c6));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Evaluate(TLane z, double c0, double c1, double c2, double c3, double c4, double c5, double c6, double c7, double c8)
    {
        var square = z * z;
        return TLane.MultiplyAdd(Horner(square, c1, c3, c5, c7), z, Horner(square, c0, c2, c4, c6, c8));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Evaluate(TLane z, double c0, double c1, double c2, double c3, double c4, double c5, double c6, double c7, double c8, double c9)
    {
        var square = z * z;
        return TLane.MultiplyAdd(Horner(square, c1, c3, c5, c7, c9), z, Horner(square, c0, c2, c4, c6, c8));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Evaluate(TLane z, double c0, double c1, double c2, double c3, double c4, double c5, double c6, double c7, double c8, double c9, double c10)
    {
        var square = z * z;
        return TLane.MultiplyAdd(Horner(square, c1, c3, c5, c7, c9), z, Horner(square, c0, c2, c4, c6, c8, c10));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Evaluate(TLane z, double c0, double c1, double c2, double c3, double c4, double c5, double c6, double c7, double c8, double c9, double c10, double c11)
    {
        var square = z * z;
        return TLane.MultiplyAdd(Horner(square, c1, c3, c5, c7, c9, c11), z, Horner(square, c0, c2, c4, c6, c8, c10));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Evaluate(TLane z, double c0, double c1, double c2, double c3, double c4, double c5, double c6, double c7, double c8, double c9, double c10, double c11, double c12)
    {
        var square = z * z;
        return TLane.MultiplyAdd(Horner(square, c1, c3, c5, c7, c9, c11), z, Horner(square, c0, c2, c4, c6, c8, c10, c12));
    }
}
