using System.Runtime.InteropServices;

namespace Optc.Bench.Evaluation;

/// <summary>
/// Doubles outside the heap, aligned to a cache line, each array beginning elsewhere in its page: a processor takes a load for one
/// behind a store when their addresses differ by a multiple of a page, and how often that happens should not be left to the allocator.
/// </summary>
internal sealed unsafe class NativeVector : IDisposable
{
    private const nuint Page = 4096, Stagger = 13 * 64;
    private static nuint s_next;
    private readonly void* _memory;

    public NativeVector(long length)
    {
        Length = checked((int)length);
        nuint offset = s_next;
        s_next = (s_next + Stagger) % Page;
        _memory = NativeMemory.AlignedAlloc((nuint)(Math.Max(length, 1) * sizeof(double)) + offset, Page);
        Pointer = (double*)((byte*)_memory + offset);
        Span.Clear();
    }

    public int Length { get; }

    public double* Pointer { get; private set; }

    public Span<double> Span => new(Pointer, Length);

    public void Dispose()
    {
        if (Pointer == null) return;
        NativeMemory.AlignedFree(_memory);
        Pointer = null;
    }
}
