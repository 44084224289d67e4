using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Optc.Runtime.Native;

/// <summary>
/// Moves blocks of results to where they belong: sums of arrays, interleaved and strided stores. Sums have a fixed shape,
/// so that their bits depend on the numbers only.
/// </summary>
public static unsafe class BlockStores
{
    /// <summary>Numbers that a sum is kept in while it grows.</summary>
    public const int PartialSums = 8;

    /// <summary>
    /// Adds the next values to a sum that is kept in <see cref="PartialSums"/> partial sums: element i of the whole sequence
    /// belongs to number i mod 8, however the sequence is cut.
    /// </summary>
    /// <param name="partial">The partial sums.</param>
    /// <param name="done">How many values have been added before.</param>
    /// <param name="values">The next values.</param>
    /// <param name="count">Their number.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddToSum(double* partial, int done, double* values, int count)
    {
        var i = 0;
        for (; i < count && ((done + i) & 7) != 0; i++)
            partial[(done + i) & 7] += values[i];
        Vector256<double> low = Vector256.Load(partial), high = Vector256.Load(partial + 4);
        for (; i + 8 <= count; i += 8)
        {
            low += Vector256.Load(values + i);
            high += Vector256.Load(values + i + 4);
        }
        low.Store(partial);
        high.Store(partial + 4);
        for (; i < count; i++)
            partial[(done + i) & 7] += values[i];
    }

    /// <summary>The sum that the partial sums make.</summary>
    public static double Sum(double* partial) =>
        ((partial[0] + partial[4]) + (partial[2] + partial[6])) + ((partial[1] + partial[5]) + (partial[3] + partial[7]));

    /// <summary>target = a + b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(double* a, double* b, double* target, int count)
    {
        var i = 0;
        for (; i + 4 <= count; i += 4)
            (Vector256.Load(a + i) + Vector256.Load(b + i)).Store(target + i);
        for (; i < count; i++)
            target[i] = a[i] + b[i];
    }

    /// <summary>target = a.</summary>
    public static void Copy(double* a, double* target, int count) =>
        new ReadOnlySpan<double>(a, count).CopyTo(new Span<double>(target, count));

    /// <summary>target[step·i] = a[i].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Store(double* a, double* target, int step, int count)
    {
        for (var i = 0; i < count; i++)
            target[(nint)step * i] = a[i];
    }

    /// <summary>target[step·i] += a[i].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Accumulate(double* a, double* target, int step, int count)
    {
        if (step == 1)
        {
            Add(target, a, target, count);
            return;
        }
        for (var i = 0; i < count; i++)
            target[(nint)step * i] += a[i];
    }

    /// <summary>target = a₀ b₀ a₁ b₁ …</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Interleave(double* a, double* b, double* target, int count)
    {
        var i = 0;
        if (Avx.IsSupported)
        {
            for (; i + 4 <= count; i += 4)
            {
                var (x, y) = (Vector256.Load(a + i), Vector256.Load(b + i));
                Store(x, y, target + (2 * i));
            }
        }
        for (; i < count; i++)
        {
            target[2 * i] = a[i];
            target[(2 * i) + 1] = b[i];
        }
    }


    /// <summary>target = a₀ b₀ c₀ a₁ b₁ c₁ …</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Interleave(double* a, double* b, double* c, double* target, int count)
    {
        for (var i = 0; i < count; i++, target += 3)
        {
            target[0] = a[i];
            target[1] = b[i];
            target[2] = c[i];
        }
    }

    /// <summary>target = a₀ b₀ c₀ d₀ a₁ …</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Interleave(double* a, double* b, double* c, double* d, double* target, int count)
    {
        for (var i = 0; i < count; i++, target += 4)
        {
            target[0] = a[i];
            target[1] = b[i];
            target[2] = c[i];
            target[3] = d[i];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<double> even, Vector256<double> odd, double* target)
    {
        var (low, high) = (Avx.UnpackLow(even, odd), Avx.UnpackHigh(even, odd));
        Avx.Permute2x128(low, high, 0x20).Store(target);
        Avx.Permute2x128(low, high, 0x31).Store(target + 4);
    }

    /// <summary>Stores a[i] to, or adds it to, target[step·i]; addresses of doubles, for emitted code.</summary>
    public static void Put(bool add, long a, long target, int step, int count)
    {
        if (add)
            Accumulate((double*)a, (double*)target, step, count);
        else
            Store((double*)a, (double*)target, step, count);
    }
}
