using System.Runtime.CompilerServices;

namespace Optc.Runtime.Native;

/// <summary>
/// Polynomials c0 + c1 z + c2 z² + … by Estrin's scheme: parts of two and of four coefficients side by side, then Horner's rule in z⁴.
/// The processor holds few evaluations at a time, so that the latency of one decides; the scheme costs two products more than
/// Horner's rule and has a third of its latency.
/// </summary>
internal static class Polynomial<TLane>
    where TLane : unmanaged, ILane<TLane>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLane Part(TLane z, double c0, double c1) => TLane.MultiplyAdd(TLane.All(c1), z, TLane.All(c0));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLane Part(TLane z, TLane square, double c0, double c1, double c2) =>
        TLane.MultiplyAdd(TLane.All(c2), square, Part(z, c0, c1));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLane Part(TLane z, TLane square, double c0, double c1, double c2, double c3) =>
        TLane.MultiplyAdd(Part(z, c2, c3), square, Part(z, c0, c1));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Evaluate(TLane z, double c0, double c1, double c2, double c3, double c4)
    {
        var square = z * z;
        return TLane.MultiplyAdd(TLane.MultiplyAdd(TLane.All(c4), square, Part(z, c2, c3)), square, Part(z, c0, c1));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Evaluate(TLane z, double c0, double c1, double c2, double c3, double c4, double c5)
    {
        var square = z * z;
        return TLane.MultiplyAdd(TLane.MultiplyAdd(Part(z, c4, c5), square, Part(z, c2, c3)), square, Part(z, c0, c1));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Evaluate(TLane z, double c0, double c1, double c2, double c3, double c4, double c5, double c6)
    {
        var square = z * z;
        return TLane.MultiplyAdd(Part(z, square, c4, c5, c6), square * square, Part(z, square, c0, c1, c2, c3));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Evaluate(TLane z, double c0, double c1, double c2, double c3, double c4, double c5, double c6, double c7)
    {
        var square = z * z;
        return TLane.MultiplyAdd(Part(z, square, c4, c5, c6, c7), square * square, Part(z, square, c0, c1, c2, c3));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Evaluate(TLane z, double c0, double c1, double c2, double c3, double c4, double c5, double c6, double c7, double c8)
    {
        var square = z * z;
        var fourth = square * square;
        var value = TLane.MultiplyAdd(TLane.All(c8), fourth, Part(z, square, c4, c5, c6, c7));
        return TLane.MultiplyAdd(value, fourth, Part(z, square, c0, c1, c2, c3));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Evaluate(TLane z, double c0, double c1, double c2, double c3, double c4, double c5, double c6, double c7, double c8, double c9)
    {
        var square = z * z;
        var fourth = square * square;
        var value = TLane.MultiplyAdd(Part(z, c8, c9), fourth, Part(z, square, c4, c5, c6, c7));
        return TLane.MultiplyAdd(value, fourth, Part(z, square, c0, c1, c2, c3));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Evaluate(TLane z, double c0, double c1, double c2, double c3, double c4, double c5, double c6, double c7, double c8, double c9, double c10)
    {
        var square = z * z;
        var fourth = square * square;
        var value = TLane.MultiplyAdd(Part(z, square, c8, c9, c10), fourth, Part(z, square, c4, c5, c6, c7));
        return TLane.MultiplyAdd(value, fourth, Part(z, square, c0, c1, c2, c3));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Evaluate(TLane z, double c0, double c1, double c2, double c3, double c4, double c5, double c6, double c7, double c8, double c9, double c10, double c11)
    {
        var square = z * z;
        var fourth = square * square;
        var value = TLane.MultiplyAdd(Part(z, square, c8, c9, c10, c11), fourth, Part(z, square, c4, c5, c6, c7));
        return TLane.MultiplyAdd(value, fourth, Part(z, square, c0, c1, c2, c3));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Evaluate(TLane z, double c0, double c1, double c2, double c3, double c4, double c5, double c6, double c7, double c8, double c9, double c10, double c11, double c12)
    {
        var square = z * z;
        var fourth = square * square;
        var value = TLane.MultiplyAdd(TLane.All(c12), fourth, Part(z, square, c8, c9, c10, c11));
        value = TLane.MultiplyAdd(value, fourth, Part(z, square, c4, c5, c6, c7));
        return TLane.MultiplyAdd(value, fourth, Part(z, square, c0, c1, c2, c3));
    }
}
