using System.Runtime.CompilerServices;

namespace Optc.Runtime.Native;

/// <summary>A function of two arguments: lane code that says where it holds, and a scalar form for the rest.</summary>
internal interface IBinaryFunction
{
    /// <summary>The function, right in the lanes where the mask <paramref name="ordinary"/> is set.</summary>
    static abstract TLane Compute<TLane>(TLane a, TLane b, out TLane ordinary)
        where TLane : unmanaged, ILane<TLane>;

    /// <summary>The function at arguments that are not ordinary.</summary>
    static abstract double Extraordinary(double a, double b);
}

/// <summary>Applies a function of two arguments to blocks and to single numbers; both give the same bits.</summary>
internal static unsafe class BinaryKernel<TLane, TFunction>
    where TLane : unmanaged, ILane<TLane>
    where TFunction : struct, IBinaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Apply(nint a, nint b, nint r, int count)
    {
        double* first = (double*)a, second = (double*)b, to = (double*)r;
        int last = count - TLane.Count;
        if (last < 0)
        {
            BinaryKernel<Lane1, TFunction>.Each(first, second, to, count);
            return;
        }

        // The last vector may overlap the one before; its arguments are kept, lest results in place overwrite them.
        TLane keptFirst = TLane.Load(first + last), keptSecond = TLane.Load(second + last);
        for (int i = 0; ; i += TLane.Count)
        {
            double* firstSource = first + i, secondSource = second + i;
            if (i >= last)
            {
                firstSource = (double*)&keptFirst;
                secondSource = (double*)&keptSecond;
                i = last;
            }
            var value = TFunction.Compute(TLane.Load(firstSource), TLane.Load(secondSource), out var ordinary);
            if (TLane.Every(ordinary)) TLane.Store(value, to + i);
            else BinaryKernel<Lane1, TFunction>.Each(firstSource, secondSource, to + i, TLane.Count);
            if (i == last) return;
        }
    }

    /// <summary>The same with one second argument for all.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ApplyUniform(nint a, double b, nint r, int count)
    {
        double* first = (double*)a, to = (double*)r;
        int last = count - TLane.Count;
        if (last < 0)
        {
            BinaryKernel<Lane1, TFunction>.EachUniform(first, b, to, count);
            return;
        }

        var kept = TLane.Load(first + last);
        var second = TLane.All(b);
        for (int i = 0; ; i += TLane.Count)
        {
            var source = first + i;
            if (i >= last)
            {
                source = (double*)&kept;
                i = last;
            }
            var value = TFunction.Compute(TLane.Load(source), second, out var ordinary);
            if (TLane.Every(ordinary)) TLane.Store(value, to + i);
            else BinaryKernel<Lane1, TFunction>.EachUniform(source, b, to + i, TLane.Count);
            if (i == last) return;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    internal static void Each(double* a, double* b, double* r, int count)
    {
        for (int i = 0; i < count; i++) r[i] = Evaluate(a[i], b[i]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    internal static void EachUniform(double* a, double b, double* r, int count)
    {
        for (int i = 0; i < count; i++) r[i] = Evaluate(a[i], b);
    }

    /// <summary>The function of one number, by the compiled loop: a method as small as this one could inline too little itself.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static double One(double a, double b)
    {
        double result;
        Each(&a, &b, &result, 1);
        return result;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Evaluate(double a, double b)
    {
        double value = TFunction.Compute(Lane1.All(a), Lane1.All(b), out var ordinary).Value;
        return Lane1.Every(ordinary) ? value : Rare(a, b);
    }

    /// <summary>Apart, because the compiler inlines only so much into one method.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static double Rare(double a, double b) => TFunction.Extraordinary(a, b);
}
