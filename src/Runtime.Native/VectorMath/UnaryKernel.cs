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
        int last = count - TLane.Count;
        if (last < 0)
        {
            UnaryKernel<Lane1, TFunction>.Each(from, to, count);
            return;
        }

        // The last vector may overlap the one before; its arguments are kept, lest results in place overwrite them.
        var kept = TLane.Load(from + last);
        for (int i = 0; ; i += TLane.Count)
        {
            var source = from + i;
            if (i >= last)
            {
                source = (double*)&kept;
                i = last;
            }
            var value = TLane.Load(source);
            if (TFunction.IsTotal || TLane.Every(TFunction.Ordinary(value))) TLane.Store(TFunction.Compute(value), to + i);
            else UnaryKernel<Lane1, TFunction>.Each(source, to + i, TLane.Count);
            if (i == last) return;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    internal static void Each(double* from, double* to, int count)
    {
        for (int i = 0; i < count; i++) to[i] = Evaluate(from[i]);
    }

    /// <summary>The function of one number, by the compiled loop: a method as small as this one could inline too little itself.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static double One(double x)
    {
        double result;
        Each(&x, &result, 1);
        return result;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Evaluate(double x)
    {
        var value = Lane1.All(x);
        return TFunction.IsTotal || Lane1.Every(TFunction.Ordinary(value)) ? TFunction.Compute(value).Value : Rare(x);
    }

    /// <summary>Apart, because the compiler inlines only so much into one method.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static double Rare(double x) => TFunction.Extraordinary(x);
}
