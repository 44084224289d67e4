namespace Optc.Runtime.Native;

/// <summary>A growing array that does not move in memory, so that kernels may hold its address between two growths.</summary>
internal sealed unsafe class PinnedBuffer<T> where T : unmanaged
{
    private T[] _items = [];

    public T* Pointer { get; private set; }

    public long Capacity => _items.LongLength;

    /// <summary>Grows to at least <paramref name="capacity"/> entries (half as much again beyond the present size), keeping
    /// the first <paramref name="keep"/>; false if there can be no such array or no memory for it.</summary>
    public bool TryReserve(long capacity, long keep)
    {
        if (capacity <= _items.LongLength) return true;
        if (capacity > Array.MaxLength) return false;
        long size = Math.Min(Array.MaxLength, Math.Max(capacity, _items.LongLength + (_items.LongLength / 2)));
        T[] items;
        try
        {
            items = GC.AllocateUninitializedArray<T>((int)size, pinned: true);
        }
        catch (OutOfMemoryException)
        {
            return false;
        }
        _items.AsSpan(0, (int)keep).CopyTo(items);
        _items = items;
        Pointer = (T*)System.Runtime.CompilerServices.Unsafe.AsPointer(
            ref System.Runtime.InteropServices.MemoryMarshal.GetArrayDataReference(items));
        return true;
    }
}
