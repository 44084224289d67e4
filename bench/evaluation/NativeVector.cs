using System.Runtime.InteropServices;

namespace Optc.Bench.Evaluation;

/// <summary>Doubles outside the heap, aligned to a cache line, so that every contestant has arrays of the same kind.</summary>
internal sealed unsafe class NativeVector : IDisposable
{
    private const nuint Alignment = 64;

    public NativeVector(long length)
    {
        Length = checked((int)length);
        Pointer = (double*)NativeMemory.AlignedAlloc((nuint)(Math.Max(length, 1) * sizeof(double)), Alignment);
        Span.Clear();
    }

    public int Length { get; }

    public double* Pointer { get; private set; }

    public Span<double> Span => new(Pointer, Length);

    public void Dispose()
    {
        NativeMemory.AlignedFree(Pointer);
        Pointer = null;
    }
}
