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
            Vector256<double> a0 = Vector256<double>.Zero, a1 = a0;
            int p = 0, count = rows.Length;
            for (; p + (2 * Lanes) <= count; p += 2 * Lanes)
            {
                a0 = Vector256.FusedMultiplyAdd(Vector256.Load(a + p), Gather(x, r + p), a0);
                a1 = Vector256.FusedMultiplyAdd(Vector256.Load(a + p + Lanes), Gather(x, r + p + Lanes), a1);
            }
            double rest = 0;
            for (; p < count; p++) rest = Math.FusedMultiplyAdd(a[p], x[r[p]], rest);
            return Vector256.Sum(a0 + a1) + rest;
        }
    }

    /// <summary>Σ_p values_p v[rows_p], while the entries of the column that is needed soon are fetched: as many as this one has.</summary>
    /// <param name="rows">Rows of this column.</param>
    /// <param name="values">Values of this column.</param>
    /// <param name="v">The vector.</param>
    /// <param name="nextRows">Where the rows of the next one begin; never read.</param>
    /// <param name="nextValues">Where its values begin; never read.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double SparseDot(ReadOnlySpan<int> rows, ReadOnlySpan<double> values, ReadOnlySpan<double> v, ref readonly int nextRows, ref readonly double nextValues)
    {
        fixed (int* r = rows, soonRows = &nextRows)
        fixed (double* a = values, x = v, soonValues = &nextValues)
        {
            Vector256<double> a0 = Vector256<double>.Zero, a1 = a0;
            int p = 0, count = rows.Length;
            for (; p + (2 * Lanes) <= count; p += 2 * Lanes)
            {
                if (Sse.IsSupported)
                {
                    Sse.Prefetch0(soonRows + p);
                    Sse.Prefetch0(soonValues + p);
                }
                a0 = Vector256.FusedMultiplyAdd(Vector256.Load(a + p), Gather(x, r + p), a0);
                a1 = Vector256.FusedMultiplyAdd(Vector256.Load(a + p + Lanes), Gather(x, r + p + Lanes), a1);
            }
            double rest = 0;
            for (; p < count; p++) rest = Math.FusedMultiplyAdd(a[p], x[r[p]], rest);
            return Vector256.Sum(a0 + a1) + rest;
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
            Vector256<double> sums = Vector256<double>.Zero, more = sums, squares = sums, others = sums;
            int p = 0, count = rows.Length;
            for (; p + (2 * Lanes) <= count; p += 2 * Lanes)
            {
                if (Sse.IsSupported)
                {
                    Sse.Prefetch0(r + p + (2 * Fetched));
                    Sse.Prefetch0(a + p + Fetched);
                }
                Vector256<double> u = Vector256.Load(a + p), w = Vector256.Load(a + p + Lanes);
                sums = Vector256.FusedMultiplyAdd(u, Gather(x, r + p), sums);
                more = Vector256.FusedMultiplyAdd(w, Gather(x, r + p + Lanes), more);
                squares = Vector256.FusedMultiplyAdd(u, u, squares);
                others = Vector256.FusedMultiplyAdd(w, w, others);
            }
            double sum = Vector256.Sum(sums + more), square = Vector256.Sum(squares + others);
            for (; p < count; p++)
            {
                sum = Math.FusedMultiplyAdd(a[p], x[r[p]], sum);
                square = Math.FusedMultiplyAdd(a[p], a[p], square);
            }
            dot = sum;
            return square;
        }
    }

    /// <summary>Σ_p values_p² w[rows_p].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double SparseWeightedSquares(ReadOnlySpan<int> rows, ReadOnlySpan<double> values, ReadOnlySpan<double> w)
    {
        fixed (int* r = rows)
        fixed (double* a = values)
        fixed (double* h = w)
        {
            Vector256<double> a0 = Vector256<double>.Zero, a1 = a0;
            int p = 0, count = rows.Length;
            for (; p + (2 * Lanes) <= count; p += 2 * Lanes)
            {
                Vector256<double> x = Vector256.Load(a + p), y = Vector256.Load(a + p + Lanes);
                a0 = Vector256.FusedMultiplyAdd(x * x, Gather(h, r + p), a0);
                a1 = Vector256.FusedMultiplyAdd(y * y, Gather(h, r + p + Lanes), a1);
            }
            double sum = Vector256.Sum(a0 + a1);
            for (; p < count; p++) sum += a[p] * a[p] * h[r[p]];
            return sum;
        }
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

    // Four loads are faster here than the processor's gather.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Gather(double* x, int* r) => Vector256.Create(x[r[0]], x[r[1]], x[r[2]], x[r[3]]);

    private static void ThrowShort(int count) => throw new ArgumentException($"A column has fewer than {count} entries.");
}
