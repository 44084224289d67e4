using System.Runtime.CompilerServices;

namespace Optc.Runtime.Native;

/// <summary>Sine and cosine of a block in one pass, with the bits of the separate functions.</summary>
internal static unsafe class SinCosKernel<TLane>
    where TLane : unmanaged, ILane<TLane>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Apply(nint x, nint sin, nint cos, int count)
    {
        double* from = (double*)x, toSin = (double*)sin, toCos = (double*)cos;
        int i = 0;
        for (; count - i >= TLane.Count; i += TLane.Count)
        {
            var value = TLane.Load(from + i);
            if (TLane.Every(SinFunction.Ordinary(value)))
            {
                var sine = SinFunction.Compute(value);
                TLane.Store(CosFunction.Compute(value), toCos + i);
                TLane.Store(sine, toSin + i);
            }
            else
            {
                Each(from + i, toSin + i, toCos + i, TLane.Count);
            }
        }
        if (i < count) Each(from + i, toSin + i, toCos + i, count - i);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Each(double* x, double* sin, double* cos, int count)
    {
        for (int i = 0; i < count; i++)
        {
            double value = x[i];
            double sine = UnaryKernel<Lane1, SinFunction>.Evaluate(value);
            cos[i] = UnaryKernel<Lane1, CosFunction>.Evaluate(value);
            sin[i] = sine;
        }
    }
}
