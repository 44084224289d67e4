using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Optc.Runtime.Native;

/// <summary>
/// Dense vector kernels over 256-bit lanes. Every reduction has one fixed shape (four accumulators of four lanes, combined
/// pairwise, then the tail in order), so that a result depends on the data and its length only, not on the machine.
/// </summary>
public static unsafe class VectorKernels
{
    private const int Lanes = 4;
    private const int Block = 4 * Lanes;

    /// <summary>xᵀy.</summary>
    public static double Dot(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        RequireSame(x.Length, y.Length);
        fixed (double* px = x)
        fixed (double* py = y) return Dot(px, py, x.Length);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static double Dot(double* x, double* y, int count)
    {
        double sum = 0;
        int i = 0;
        if (count >= Block)
        {
            Vector256<double> a = Vector256<double>.Zero, b = a, c = a, d = a;
            for (; i + Block <= count; i += Block)
            {
                a = Vector256.FusedMultiplyAdd(Vector256.Load(x + i), Vector256.Load(y + i), a);
                b = Vector256.FusedMultiplyAdd(Vector256.Load(x + i + Lanes), Vector256.Load(y + i + Lanes), b);
                c = Vector256.FusedMultiplyAdd(Vector256.Load(x + i + (2 * Lanes)), Vector256.Load(y + i + (2 * Lanes)), c);
                d = Vector256.FusedMultiplyAdd(Vector256.Load(x + i + (3 * Lanes)), Vector256.Load(y + i + (3 * Lanes)), d);
            }
            sum = Combine((a + b) + (c + d));
        }
        for (; i < count; i++) sum = Math.FusedMultiplyAdd(x[i], y[i], sum);
        return sum;
    }

    /// <summary>xᵀx, not guarded against overflow; see <see cref="Norm2"/>.</summary>
    public static double SumOfSquares(ReadOnlySpan<double> x) => Dot(x, x);

    /// <summary>‖x‖₂, guarded against overflow and underflow.</summary>
    public static double Norm2(ReadOnlySpan<double> x)
    {
        double squares = Dot(x, x);
        if (squares is > 1e-280 and < 1e280) return Math.Sqrt(squares);
        double largest = MaxAbs(x);
        if (largest == 0 || !double.IsFinite(largest)) return largest;
        double sum = 0;
        foreach (double value in x) sum += value / largest * (value / largest);
        return largest * Math.Sqrt(sum);
    }

    /// <summary>Σᵢ xᵢ.</summary>
    public static double Sum(ReadOnlySpan<double> x)
    {
        double sum = 0;
        int i = 0;
        fixed (double* p = x)
        {
            if (x.Length >= Block)
            {
                Vector256<double> a = Vector256<double>.Zero, b = a, c = a, d = a;
                for (; i + Block <= x.Length; i += Block)
                {
                    a += Vector256.Load(p + i);
                    b += Vector256.Load(p + i + Lanes);
                    c += Vector256.Load(p + i + (2 * Lanes));
                    d += Vector256.Load(p + i + (3 * Lanes));
                }
                sum = Combine((a + b) + (c + d));
            }
            for (; i < x.Length; i++) sum += p[i];
        }
        return sum;
    }

    /// <summary>maxᵢ |xᵢ|, 0 for an empty vector, NaN if there is one.</summary>
    public static double MaxAbs(ReadOnlySpan<double> x)
    {
        double largest = 0;
        int i = 0;
        fixed (double* p = x)
        {
            if (x.Length >= Block)
            {
                Vector256<double> a = Vector256<double>.Zero, b = a;
                for (; i + (2 * Lanes) <= x.Length; i += 2 * Lanes)
                {
                    a = Vector256.Max(a, Vector256.Abs(Vector256.Load(p + i)));
                    b = Vector256.Max(b, Vector256.Abs(Vector256.Load(p + i + Lanes)));
                }
                a = Vector256.Max(a, b);
                largest = Math.Max(Math.Max(a[0], a[1]), Math.Max(a[2], a[3]));
            }
            for (; i < x.Length; i++) largest = Math.Max(largest, Math.Abs(p[i]));
        }
        return largest;
    }

    /// <summary>maxᵢ |xᵢ − yᵢ|, 0 for empty vectors, NaN if there is one.</summary>
    public static double MaxAbsDifference(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        RequireSame(x.Length, y.Length);
        double largest = 0;
        int i = 0;
        fixed (double* p = x)
        fixed (double* q = y)
        {
            if (x.Length >= Lanes)
            {
                var a = Vector256<double>.Zero;
                for (; i + Lanes <= x.Length; i += Lanes) a = Vector256.Max(a, Vector256.Abs(Vector256.Load(p + i) - Vector256.Load(q + i)));
                largest = Math.Max(Math.Max(a[0], a[1]), Math.Max(a[2], a[3]));
            }
            for (; i < x.Length; i++) largest = Math.Max(largest, Math.Abs(p[i] - q[i]));
        }
        return largest;
    }

    /// <summary>y ← y + a x.</summary>
    public static void AddScaled(double a, ReadOnlySpan<double> x, Span<double> y)
    {
        RequireSame(x.Length, y.Length);
        fixed (double* px = x)
        fixed (double* py = y) AddScaled(a, px, py, x.Length);
    }

    internal static void AddScaled(double a, double* x, double* y, int count)
    {
        int i = 0;
        var va = Vector256.Create(a);
        for (; i + (2 * Lanes) <= count; i += 2 * Lanes)
        {
            Vector256.Store(Vector256.FusedMultiplyAdd(va, Vector256.Load(x + i), Vector256.Load(y + i)), y + i);
            Vector256.Store(Vector256.FusedMultiplyAdd(va, Vector256.Load(x + i + Lanes), Vector256.Load(y + i + Lanes)), y + i + Lanes);
        }
        for (; i < count; i++) y[i] = Math.FusedMultiplyAdd(a, x[i], y[i]);
    }

    /// <summary>z ← a x + b y; z may be x or y.</summary>
    public static void Combine(double a, ReadOnlySpan<double> x, double b, ReadOnlySpan<double> y, Span<double> z)
    {
        RequireSame(x.Length, y.Length);
        RequireSame(x.Length, z.Length);
        int i = 0;
        fixed (double* px = x)
        fixed (double* py = y)
        fixed (double* pz = z)
        {
            Vector256<double> va = Vector256.Create(a), vb = Vector256.Create(b);
            for (; i + Lanes <= x.Length; i += Lanes)
            {
                Vector256.Store(Vector256.FusedMultiplyAdd(va, Vector256.Load(px + i), vb * Vector256.Load(py + i)), pz + i);
            }
            for (; i < x.Length; i++) pz[i] = Math.FusedMultiplyAdd(a, px[i], b * py[i]);
        }
    }

    /// <summary>x ← a x.</summary>
    public static void Scale(double a, Span<double> x) => Scale(a, x, x);

    /// <summary>y ← a x; y may be x.</summary>
    public static void Scale(double a, ReadOnlySpan<double> x, Span<double> y)
    {
        RequireSame(x.Length, y.Length);
        int i = 0;
        fixed (double* px = x, py = y)
        {
            var va = Vector256.Create(a);
            for (; i + Lanes <= x.Length; i += Lanes) Vector256.Store(va * Vector256.Load(px + i), py + i);
            for (; i < x.Length; i++) py[i] = a * px[i];
        }
    }

    /// <summary>z ← x ∘ y, entry by entry; z may be x or y.</summary>
    public static void Multiply(ReadOnlySpan<double> x, ReadOnlySpan<double> y, Span<double> z)
    {
        RequireSame(x.Length, y.Length);
        RequireSame(x.Length, z.Length);
        int i = 0;
        fixed (double* px = x)
        fixed (double* py = y)
        fixed (double* pz = z)
        {
            for (; i + Lanes <= x.Length; i += Lanes) Vector256.Store(Vector256.Load(px + i) * Vector256.Load(py + i), pz + i);
            for (; i < x.Length; i++) pz[i] = px[i] * py[i];
        }
    }

    /// <summary>x ← min(max(x, lower), upper), entry by entry; a NaN stays.</summary>
    public static void Clamp(Span<double> x, ReadOnlySpan<double> lower, ReadOnlySpan<double> upper)
    {
        RequireSame(x.Length, lower.Length);
        RequireSame(x.Length, upper.Length);
        int i = 0;
        fixed (double* p = x)
        fixed (double* l = lower)
        fixed (double* u = upper)
        {
            for (; i + Lanes <= x.Length; i += Lanes)
            {
                Vector256.Store(Vector256.Min(Vector256.Max(Vector256.Load(p + i), Vector256.Load(l + i)), Vector256.Load(u + i)), p + i);
            }
            for (; i < x.Length; i++) p[i] = Math.Min(Math.Max(p[i], l[i]), u[i]);
        }
    }

    /// <summary>Whether no entry is infinite or NaN.</summary>
    public static bool AllFinite(ReadOnlySpan<double> x)
    {
        // v − v is 0 for a finite v and NaN otherwise.
        double sum = 0;
        int i = 0;
        fixed (double* p = x)
        {
            if (x.Length >= Lanes)
            {
                var a = Vector256<double>.Zero;
                for (; i + Lanes <= x.Length; i += Lanes)
                {
                    var v = Vector256.Load(p + i);
                    a += v - v;
                }
                sum = Combine(a);
            }
            for (; i < x.Length; i++) sum += p[i] - p[i];
        }
        return sum == 0;
    }

    private static double Combine(Vector256<double> v) => (v[0] + v[1]) + (v[2] + v[3]);

    private static void RequireSame(int expected, int actual)
    {
        if (expected != actual) ThrowLengths(expected, actual);
    }

    private static void ThrowLengths(int expected, int actual) =>
        throw new ArgumentException($"Vectors of lengths {expected} and {actual}; pass spans of one length.");
}
