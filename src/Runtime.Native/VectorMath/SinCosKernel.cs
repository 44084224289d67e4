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
        int last = count - TLane.Count;
        if (last < 0)
        {
            Each(from, toSin, toCos, count);
            return;
        }

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
            if (TLane.Every(SinFunction.Ordinary(value)))
            {
                TLane.Store(SinFunction.Compute(value), toSin + i);
                TLane.Store(CosFunction.Compute(value), toCos + i);
            }
            else
            {
                Each(source, toSin + i, toCos + i, TLane.Count);
            }
            if (i == last) return;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Each(double* x, double* sin, double* cos, int count)
    {
        for (int i = 0; i < count; i++)
        {
            double value = x[i];
            sin[i] = VectorMathScalar.Sin(value);
            cos[i] = VectorMathScalar.Cos(value);
        }
    }
}
