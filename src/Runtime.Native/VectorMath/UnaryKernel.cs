using System.Runtime.CompilerServices;

namespace Optc.Runtime.Native;

/// <summary>
/// A function of one argument in two parts: straight-line lane code for the arguments that occur, and a scalar form for the rest
/// (huge, subnormal, not finite, outside the domain).
/// </summary>
internal interface IUnaryFunction
{
    /// <summary>Whether the lane code serves every argument.</summary>
    static virtual bool IsTotal => false;

    /// <summary>An argument for the unused lanes of a tail, one that the lane code serves.</summary>
    static virtual double Padding => 0.5;

    /// <summary>The mask of the lanes that the lane code serves; ignored if <see cref="IsTotal"/>.</summary>
    static virtual TLane Ordinary<TLane>(TLane x)
        where TLane : unmanaged, ILane<TLane> => TLane.AllBits(-1);

    /// <summary>The function at ordinary arguments.</summary>
    static abstract TLane Compute<TLane>(TLane x)
        where TLane : unmanaged, ILane<TLane>;

    /// <summary>The function at an argument that is not ordinary.</summary>
    static virtual double Extraordinary(double x) => double.NaN;
}

/// <summary>Applies a function to blocks and to single numbers; both give the same bits.</summary>
internal static unsafe class UnaryKernel<TLane, TFunction>
    where TLane : unmanaged, ILane<TLane>
    where TFunction : struct, IUnaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Apply(nint x, nint y, int count)
    {
        double* from = (double*)x, to = (double*)y;
        int i = 0;
        for (; count - i >= TLane.Count; i += TLane.Count)
        {
            var value = TLane.Load(from + i);
            if (TFunction.IsTotal || TLane.Every(TFunction.Ordinary(value))) TLane.Store(TFunction.Compute(value), to + i);
            else UnaryKernel<Lane1, TFunction>.Each(from + i, to + i, TLane.Count);
        }
        if (i < count) ApplyTail(from + i, to + i, count - i);
    }

    /// <summary>The last lanes, in a register filled up with ordinary arguments.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void ApplyTail(double* from, double* to, int rest)
    {
        var padded = TLane.All(TFunction.Padding);
        for (int i = 0; i < rest; i++) ((double*)&padded)[i] = from[i];
        var value = padded;
        if (TFunction.IsTotal || TLane.Every(TFunction.Ordinary(value)))
        {
            padded = TFunction.Compute(value);
            for (int i = 0; i < rest; i++) to[i] = ((double*)&padded)[i];
        }
        else
        {
            UnaryKernel<Lane1, TFunction>.Each(from, to, rest);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    internal static void Each(double* from, double* to, int count)
    {
        for (int i = 0; i < count; i++) to[i] = Evaluate(from[i]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static double Evaluate(double x)
    {
        var value = Lane1.All(x);
        return TFunction.IsTotal || Lane1.Every(TFunction.Ordinary(value)) ? TFunction.Compute(value).Value : TFunction.Extraordinary(x);
    }
}
