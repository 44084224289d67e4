using System.Runtime.CompilerServices;

namespace Optc.Runtime.Native;

/// <summary>
/// Memory access for emitted code: expression trees refuse pointers, but take a call with an address and an index,
/// and the calls vanish when the delegate is compiled.
/// </summary>
public static unsafe class Lanes
{
    /// <summary>((double*)address)[index].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Load(nint address, int index) => ((double*)address)[(nint)index];

    /// <summary>((int*)address)[index].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int LoadIndex(nint address, int index) => ((int*)address)[(nint)index];

    /// <summary>((nint*)address)[index].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint LoadAddress(nint address, int index) => ((nint*)address)[(nint)index];

    /// <summary>Address of ((double*)address)[index].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint Offset(nint address, int index) => (nint)((double*)address + (nint)index);

    /// <summary>Address of ((int*)address)[row · stride].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint MapRow(nint address, int row, int stride) => (nint)((int*)address + ((nint)row * stride));

    /// <summary>((double*)address)[index] += value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Accumulate(nint address, int index, double value) => ((double*)address)[(nint)index] += value;
}
