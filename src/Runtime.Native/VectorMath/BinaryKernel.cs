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
        int i = 0;
        for (; count - i >= TLane.Count; i += TLane.Count)
        {
            var value = TFunction.Compute(TLane.Load(first + i), TLane.Load(second + i), out var ordinary);
            if (TLane.Every(ordinary)) TLane.Store(value, to + i);
            else BinaryKernel<Lane1, TFunction>.Each(first + i, second + i, to + i, TLane.Count);
        }
        if (i < count) ApplyTail(first + i, second + i, to + i, count - i);
    }

    /// <summary>The same with one second argument for all.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ApplyUniform(nint a, double b, nint r, int count)
    {
        double* first = (double*)a, to = (double*)r;
        var second = TLane.All(b);
        int i = 0;
        for (; count - i >= TLane.Count; i += TLane.Count)
        {
            var value = TFunction.Compute(TLane.Load(first + i), second, out var ordinary);
            if (TLane.Every(ordinary)) TLane.Store(value, to + i);
            else BinaryKernel<Lane1, TFunction>.EachUniform(first + i, b, to + i, TLane.Count);
        }
        if (i < count)
        {
            var repeated = second;
            ApplyTail(first + i, (double*)&repeated, to + i, count - i);
        }
    }

    /// <summary>The last lanes, in registers filled up with ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void ApplyTail(double* first, double* second, double* to, int rest)
    {
        TLane a = TLane.All(1), b = a;
        for (int i = 0; i < rest; i++)
        {
            ((double*)&a)[i] = first[i];
            ((double*)&b)[i] = second[i];
        }
        a = TFunction.Compute(a, b, out var ordinary);
        if (TLane.Every(ordinary))
        {
            for (int i = 0; i < rest; i++) to[i] = ((double*)&a)[i];
        }
        else
        {
            BinaryKernel<Lane1, TFunction>.Each(first, second, to, rest);
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static double Evaluate(double a, double b)
    {
        double value = TFunction.Compute(Lane1.All(a), Lane1.All(b), out var ordinary).Value;
        return Lane1.Every(ordinary) ? value : TFunction.Extraordinary(a, b);
    }
}
