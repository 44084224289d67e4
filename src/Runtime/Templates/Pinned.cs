using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Optc.Runtime.Templates;

/// <summary>Arrays that never move, for kernels that work on addresses.</summary>
internal static unsafe class Pinned
{
    /// <summary>A pinned array with every element zero.</summary>
    public static T[] Zeros<T>(int length) where T : unmanaged => GC.AllocateArray<T>(length, pinned: true);

    /// <summary>A pinned array whose elements are whatever was there.</summary>
    public static T[] Uninitialized<T>(int length) where T : unmanaged => GC.AllocateUninitializedArray<T>(length, pinned: true);

    /// <summary>Address of the first element; the caller keeps the array alive.</summary>
    public static nint Address<T>(T[]? array) where T : unmanaged =>
        array is null ? 0 : (nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(array));
}
