using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Optc.Runtime.Native;

/// <summary>
/// Kernels on single columns of a matrix, the work of coordinate descent: sparse columns as (rows, values), dense ones as spans.
/// Nothing allocates, and every reduction has one fixed shape. Row indices must lie inside the vectors: callers check patterns
/// once, when a matrix is made, not in every product.
/// </summary>
public static unsafe class ColumnKernels
{
    private const int Lanes = 4;

    private const int Fetched = 128;

    /// <summary>Σ_p values_p v[rows_p].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double SparseDot(ReadOnlySpan<int> rows, ReadOnlySpan<double> values, ReadOnlySpan<double> v)
    {
        fixed (int* r = rows)
        fixed (double* a = values)
        fixed (double* x = v)
        {
            double s0 = 0, s1 = 0, s2 = 0, s3 = 0;
            int p = 0, count = rows.Length;
            for (; p + 4 <= count; p += 4)
            {
                s0 = Math.FusedMultiplyAdd(a[p], x[r[p]], s0);
                s1 = Math.FusedMultiplyAdd(a[p + 1], x[r[p + 1]], s1);
                s2 = Math.FusedMultiplyAdd(a[p + 2], x[r[p + 2]], s2);
                s3 = Math.FusedMultiplyAdd(a[p + 3], x[r[p + 3]], s3);
            }
            for (; p < count; p++) s0 = Math.FusedMultiplyAdd(a[p], x[r[p]], s0);
            return (s0 + s1) + (s2 + s3);
        }
    }

    /// <summary>Σ_p values_p v[rows_p], where the columns that follow in memory are likely to come next: their entries are fetched ahead.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double SparseDotOfMany(ReadOnlySpan<int> rows, ReadOnlySpan<double> values, ReadOnlySpan<double> v)
    {
        fixed (int* r = rows)
        fixed (double* a = values)
        fixed (double* x = v)
        {
            double s0 = 0, s1 = 0, s2 = 0, s3 = 0;
            int p = 0, count = rows.Length;
            for (; p + 8 <= count; p += 8)
            {
                if (Sse.IsSupported)
                {
                    Sse.Prefetch0(r + p + (2 * Fetched));
                    Sse.Prefetch0(a + p + Fetched);
                }
                s0 = Math.FusedMultiplyAdd(a[p], x[r[p]], s0);
                s1 = Math.FusedMultiplyAdd(a[p + 1], x[r[p + 1]], s1);
                s2 = Math.FusedMultiplyAdd(a[p + 2], x[r[p + 2]], s2);
                s3 = Math.FusedMultiplyAdd(a[p + 3], x[r[p + 3]], s3);
                s0 = Math.FusedMultiplyAdd(a[p + 4], x[r[p + 4]], s0);
                s1 = Math.FusedMultiplyAdd(a[p + 5], x[r[p + 5]], s1);
                s2 = Math.FusedMultiplyAdd(a[p + 6], x[r[p + 6]], s2);
                s3 = Math.FusedMultiplyAdd(a[p + 7], x[r[p + 7]], s3);
            }
            for (; p < count; p++) s0 = Math.FusedMultiplyAdd(a[p], x[r[p]], s0);
            return (s0 + s1) + (s2 + s3);
        }
    }

    /// <summary>Σ_p values_p², and Σ_p values_p v[rows_p].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double SparseSquaresAndDot(ReadOnlySpan<int> rows, ReadOnlySpan<double> values, ReadOnlySpan<double> v, out double dot)
    {
        fixed (int* r = rows)
        fixed (double* a = values)
        fixed (double* x = v)
        {
            double s0 = 0, s1 = 0, q0 = 0, q1 = 0;
            int p = 0, count = rows.Length;
            for (; p + 4 <= count; p += 4)
            {
                if (Sse.IsSupported)
                {
                    Sse.Prefetch0(r + p + (2 * Fetched));
                    Sse.Prefetch0(a + p + Fetched);
                }
                s0 = Math.FusedMultiplyAdd(a[p], x[r[p]], s0);
                s1 = Math.FusedMultiplyAdd(a[p + 1], x[r[p + 1]], s1);
                s0 = Math.FusedMultiplyAdd(a[p + 2], x[r[p + 2]], s0);
                s1 = Math.FusedMultiplyAdd(a[p + 3], x[r[p + 3]], s1);
                q0 = Math.FusedMultiplyAdd(a[p], a[p], q0);
                q1 = Math.FusedMultiplyAdd(a[p + 1], a[p + 1], q1);
                q0 = Math.FusedMultiplyAdd(a[p + 2], a[p + 2], q0);
                q1 = Math.FusedMultiplyAdd(a[p + 3], a[p + 3], q1);
            }
            for (; p < count; p++)
            {
                s0 = Math.FusedMultiplyAdd(a[p], x[r[p]], s0);
                q0 = Math.FusedMultiplyAdd(a[p], a[p], q0);
            }
            dot = s0 + s1;
            return q0 + q1;
        }
    }

    /// <summary>Brings the first entries of a column near: the hardware finds the rest by itself once the column is read.</summary>
    public static void Prefetch(ReadOnlySpan<int> rows, ReadOnlySpan<double> values)
    {
        if (!Sse.IsSupported) return;
        fixed (int* r = rows)
        fixed (double* a = values)
        {
            for (int p = 0; p < rows.Length && p < Fetched; p += 16) Sse.Prefetch0(r + p);
            for (int p = 0; p < values.Length && p < Fetched; p += 8) Sse.Prefetch0(a + p);
        }
    }

    /// <summary>Σ_p values_p² w[rows_p].</summary>
    public static double SparseWeightedSquares(ReadOnlySpan<int> rows, ReadOnlySpan<double> values, ReadOnlySpan<double> w)
    {
        double sum = 0;
        for (int p = 0; p < rows.Length; p++) sum += values[p] * values[p] * w[rows[p]];
        return sum;
    }

    /// <summary>v[rows_p] ← v[rows_p] + a values_p.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SparseAddScaled(double a, ReadOnlySpan<int> rows, ReadOnlySpan<double> values, Span<double> v)
    {
        fixed (int* r = rows)
        fixed (double* x = values)
        fixed (double* y = v)
        {
            int p = 0, count = rows.Length;
            for (; p + 4 <= count; p += 4)
            {
                y[r[p]] += a * x[p];
                y[r[p + 1]] += a * x[p + 1];
                y[r[p + 2]] += a * x[p + 2];
                y[r[p + 3]] += a * x[p + 3];
            }
            for (; p < count; p++) y[r[p]] += a * x[p];
        }
    }

    /// <summary>v[rows_p] ← v[rows_p] + a values_p w[rows_p].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SparseAddScaledWeighted(double a, ReadOnlySpan<int> rows, ReadOnlySpan<double> values, ReadOnlySpan<double> w, Span<double> v)
    {
        fixed (int* r = rows)
        fixed (double* x = values)
        fixed (double* h = w)
        fixed (double* y = v)
        {
            for (int p = 0; p < rows.Length; p++)
            {
                int i = r[p];
                y[i] += a * x[p] * h[i];
            }
        }
    }

    /// <summary>Σ_i x_i² w_i.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double DenseWeightedSquares(ReadOnlySpan<double> x, ReadOnlySpan<double> w)
    {
        fixed (double* px = x)
        fixed (double* pw = w)
        {
            Vector256<double> a = Vector256<double>.Zero, b = a;
            int i = 0, count = x.Length;
            for (; i + (2 * Lanes) <= count; i += 2 * Lanes)
            {
                Vector256<double> u = Vector256.Load(px + i), v = Vector256.Load(px + i + Lanes);
                a = Vector256.FusedMultiplyAdd(u * u, Vector256.Load(pw + i), a);
                b = Vector256.FusedMultiplyAdd(v * v, Vector256.Load(pw + i + Lanes), b);
            }
            double sum = Vector256.Sum(a + b);
            for (; i < count; i++) sum += px[i] * px[i] * pw[i];
            return sum;
        }
    }

    /// <summary>v ← v + a x ∘ w.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void DenseAddScaledWeighted(double a, ReadOnlySpan<double> x, ReadOnlySpan<double> w, Span<double> v)
    {
        fixed (double* px = x)
        fixed (double* pw = w)
        fixed (double* pv = v)
        {
            var va = Vector256.Create(a);
            int i = 0, count = x.Length;
            for (; i + Lanes <= count; i += Lanes)
            {
                Vector256.Store(Vector256.FusedMultiplyAdd(va * Vector256.Load(px + i), Vector256.Load(pw + i), Vector256.Load(pv + i)), pv + i);
            }
            for (; i < count; i++) pv[i] += a * px[i] * pw[i];
        }
    }

    /// <summary>
    /// Four inner products at a time with one vector: the vector is read once for all four columns.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Dot4(
        ReadOnlySpan<double> x0, ReadOnlySpan<double> x1, ReadOnlySpan<double> x2, ReadOnlySpan<double> x3, ReadOnlySpan<double> v,
        out double d0, out double d1, out double d2, out double d3)
    {
        int count = v.Length;
        if (x0.Length < count || x1.Length < count || x2.Length < count || x3.Length < count) ThrowShort(count);
        fixed (double* p0 = x0, p1 = x1, p2 = x2, p3 = x3, q = v)
        {
            Vector256<double> a0 = Vector256<double>.Zero, a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
            int i = 0;
            for (; i + (2 * Lanes) <= count; i += 2 * Lanes)
            {
                Vector256<double> u = Vector256.Load(q + i), w = Vector256.Load(q + i + Lanes);
                a0 = Vector256.FusedMultiplyAdd(Vector256.Load(p0 + i), u, a0);
                a1 = Vector256.FusedMultiplyAdd(Vector256.Load(p1 + i), u, a1);
                a2 = Vector256.FusedMultiplyAdd(Vector256.Load(p2 + i), u, a2);
                a3 = Vector256.FusedMultiplyAdd(Vector256.Load(p3 + i), u, a3);
                b0 = Vector256.FusedMultiplyAdd(Vector256.Load(p0 + i + Lanes), w, b0);
                b1 = Vector256.FusedMultiplyAdd(Vector256.Load(p1 + i + Lanes), w, b1);
                b2 = Vector256.FusedMultiplyAdd(Vector256.Load(p2 + i + Lanes), w, b2);
                b3 = Vector256.FusedMultiplyAdd(Vector256.Load(p3 + i + Lanes), w, b3);
            }
            d0 = Vector256.Sum(a0 + b0);
            d1 = Vector256.Sum(a1 + b1);
            d2 = Vector256.Sum(a2 + b2);
            d3 = Vector256.Sum(a3 + b3);
            for (; i < count; i++)
            {
                d0 += p0[i] * q[i];
                d1 += p1[i] * q[i];
                d2 += p2[i] * q[i];
                d3 += p3[i] * q[i];
            }
        }
    }

    private static void ThrowShort(int count) => throw new ArgumentException($"A column has fewer than {count} entries.");
}
