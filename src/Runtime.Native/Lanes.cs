using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Optc.Runtime.Native;

/// <summary>
/// What emitted code calls: expression trees refuse pointers, but take a call with an address and an index, and the calls
/// vanish when the delegate is compiled. Indices count doubles (ints for tables).
/// </summary>
/// <typeparam name="TLane">The register.</typeparam>
public static unsafe class Lanes<TLane>
    where TLane : unmanaged, ILane<TLane>
{
    /// <summary>The neighbours from ((double*)address)[index] on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Load(long address, long index) => TLane.Load((double*)address + index);

    /// <summary>((double*)address)[step · (index + lane)].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane LoadStrided(long address, long step, long index)
    {
        var p = (double*)address + (step * index);
        if (TLane.Count == 1)
            return TLane.Load(p);
        if (TLane.Count == 2)
            return Unsafe.BitCast<Vector128<double>, TLane>(Vector128.Create(p[0], p[step]));
        var low = Vector256.Create(p[0], p[step], p[2 * step], p[3 * step]);
        if (TLane.Count == 4)
            return Unsafe.BitCast<Vector256<double>, TLane>(low);
        p += 4 * step;
        return Unsafe.BitCast<Vector512<double>, TLane>(Vector512.Create(low, Vector256.Create(p[0], p[step], p[2 * step], p[3 * step])));
    }

    /// <summary>((double*)address)[((int*)table)[index + lane]].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Gather(long address, long table, long index)
    {
        var p = (double*)address;
        var t = (int*)table + index;
        if (TLane.Count == 1)
            return TLane.Load(p + *t);
        if (TLane.Count == 2)
            return Unsafe.BitCast<Vector128<double>, TLane>(Vector128.Create(p[t[0]], p[t[1]]));
        var low = Vector256.Create(p[t[0]], p[t[1]], p[t[2]], p[t[3]]);
        if (TLane.Count == 4)
            return Unsafe.BitCast<Vector256<double>, TLane>(low);
        return Unsafe.BitCast<Vector512<double>, TLane>(Vector512.Create(low, Vector256.Create(p[t[4]], p[t[5]], p[t[6]], p[t[7]])));
    }

    /// <summary>Writes the neighbours from ((double*)address)[index] on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(TLane value, long address, long index) => TLane.Store(value, (double*)address + index);

    /// <summary>Stores, or adds to, the neighbours from ((double*)address)[index] on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Put1(bool add, TLane a, long address, long index) => Put(add, a, (double*)address + index);

    /// <summary>Stores, or adds to, ((double*)address)[2 · (index + lane)] and what follows: a₀ b₀ a₁ b₁ …</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Put2(bool add, TLane a, TLane b, long address, long index)
    {
        var p = (double*)address + (2 * index);
        if (TLane.Count == 1)
        {
            Put(add, a, p);
            Put(add, b, p + 1);
        }
        else if (TLane.Count == 4 && Avx.IsSupported)
        {
            var (x, y) = (Four(a), Four(b));
            var (low, high) = (Avx.UnpackLow(x, y), Avx.UnpackHigh(x, y));
            Put(add, Four(Avx.Permute2x128(low, high, 0x20)), p);
            Put(add, Four(Avx.Permute2x128(low, high, 0x31)), p + 4);
        }
        else
        {
            PutLanes(add, a, b, default, default, 2, p);
        }
    }

    /// <summary>The same with three: a₀ b₀ c₀ a₁ …</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Put3(bool add, TLane a, TLane b, TLane c, long address, long index)
    {
        var p = (double*)address + (3 * index);
        if (TLane.Count == 4 && Avx.IsSupported)
        {
            var (x, y, z) = (Four(a), Four(b), Four(c));
            // a₀ b₀ a₂ b₂, b₁ c₁ b₃ c₃, c₀ a₁ c₂ a₃
            var (ab, bc, ca) = (Avx.UnpackLow(x, y), Avx.UnpackHigh(y, z), Avx.Shuffle(z, x, 0b1010));
            Put(add, Four(Avx.Permute2x128(ab, ca, 0x20)), p);
            Put(add, Four(Avx.Permute2x128(bc, ab, 0x30)), p + 4);
            Put(add, Four(Avx.Permute2x128(ca, bc, 0x31)), p + 8);
        }
        else
        {
            PutLanes(add, a, b, c, default, 3, p);
        }
    }

    /// <summary>The same with four: a₀ b₀ c₀ d₀ a₁ …</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Put4(bool add, TLane a, TLane b, TLane c, TLane d, long address, long index)
    {
        var p = (double*)address + (4 * index);
        if (TLane.Count == 4 && Avx.IsSupported)
        {
            var (x, y, z, w) = (Four(a), Four(b), Four(c), Four(d));
            var (even, odd) = (Avx.UnpackLow(x, y), Avx.UnpackHigh(x, y));
            var (evenRight, oddRight) = (Avx.UnpackLow(z, w), Avx.UnpackHigh(z, w));
            Put(add, Four(Avx.Permute2x128(even, evenRight, 0x20)), p);
            Put(add, Four(Avx.Permute2x128(odd, oddRight, 0x20)), p + 4);
            Put(add, Four(Avx.Permute2x128(even, evenRight, 0x31)), p + 8);
            Put(add, Four(Avx.Permute2x128(odd, oddRight, 0x31)), p + 12);
        }
        else
        {
            PutLanes(add, a, b, c, d, 4, p);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(bool add, TLane value, double* p) => TLane.Store(add ? TLane.Load(p) + value : value, p);

    // Not inlined: a method that takes memory of the stack in a loop may not be.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void PutLanes(bool add, TLane a, TLane b, TLane c, TLane d, int step, double* p)
    {
        var lanes = stackalloc double[4 * TLane.Count];
        TLane.Store(a, lanes);
        TLane.Store(b, lanes + TLane.Count);
        TLane.Store(c, lanes + (2 * TLane.Count));
        TLane.Store(d, lanes + (3 * TLane.Count));
        for (var lane = 0; lane < TLane.Count; lane++)
        {
            for (var r = 0; r < step; r++, p++)
                *p = add ? *p + lanes[(r * TLane.Count) + lane] : lanes[(r * TLane.Count) + lane];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Four(TLane value) => Unsafe.BitCast<TLane, Vector256<double>>(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLane Four(Vector256<double> value) => Unsafe.BitCast<Vector256<double>, TLane>(value);

    /// <summary>The same number in all lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane All(double value) => TLane.All(value);

    /// <summary>−x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Negate(TLane x) => x ^ TLane.All(-0.0);

    /// <summary>a·b + c, rounded once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane MultiplyAdd(TLane a, TLane b, TLane c) => TLane.MultiplyAdd(a, b, c);

    /// <summary>a·b − c, rounded once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane MultiplySubtract(TLane a, TLane b, TLane c) =>
        TLane.Count == 4 && Fma.IsSupported ? Four(Fma.MultiplySubtract(Four(a), Four(b), Four(c))) : TLane.MultiplyAdd(a, b, Negate(c));

    /// <summary>c − a·b, rounded once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane NegateMultiplyAdd(TLane a, TLane b, TLane c) =>
        // The compiler does not find this instruction by itself.
        TLane.Count == 4 && Fma.IsSupported ? Four(Fma.MultiplyAddNegated(Four(a), Four(b), Four(c))) : TLane.NegateMultiplyAdd(a, b, c);

    /// <summary>√x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane SquareRoot(TLane x) => TLane.Sqrt(x);

    /// <summary>|x|.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Absolute(TLane x) => TLane.Abs(x);

    /// <summary>The smaller one; NaN if one is NaN; −0 is smaller than 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Minimum(TLane a, TLane b) =>
        TLane.Select(TLane.Less(a, b), a, TLane.Select(TLane.Less(b, a), b, TLane.Select(TLane.Equal(a, b), a | b, a + b)));

    /// <summary>The larger one; NaN if one is NaN; 0 is larger than −0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Maximum(TLane a, TLane b) =>
        TLane.Select(TLane.Less(b, a), a, TLane.Select(TLane.Less(a, b), b, TLane.Select(TLane.Equal(a, b), a & b, a + b)));

    /// <summary>1 where a &lt; b, else 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane IsLess(TLane a, TLane b) => TLane.Less(a, b) & TLane.All(1);

    /// <summary>1 where a ≤ b, else 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane IsLessOrEqual(TLane a, TLane b) => TLane.LessOrEqual(a, b) & TLane.All(1);

    /// <summary>1 where a = b, else 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane IsEqual(TLane a, TLane b) => TLane.Equal(a, b) & TLane.All(1);

    /// <summary>no where the condition is 0, else yes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Select(TLane condition, TLane yes, TLane no) => TLane.Select(TLane.Equal(condition, TLane.All(0)), no, yes);
}

/// <summary>Single numbers from memory, for emitted code.</summary>
public static unsafe class MemoryAccess
{
    /// <summary>((double*)address)[index].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Double(long address, long index) => ((double*)address)[index];

    /// <summary>((int*)address)[index].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Int(long address, long index) => ((int*)address)[index];

    /// <summary>((long*)address)[index].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Address(long address, long index) => ((long*)address)[index];

    /// <summary>((double*)address)[index] += value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddTo(long address, long index, double value) => ((double*)address)[index] += value;
}
