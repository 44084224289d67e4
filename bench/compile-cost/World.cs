using System.Runtime.InteropServices;
using Optc.Runtime.Templates;

namespace Optc.Bench.CompileCost;

/// <summary>What the kernels read and write: pinned columns of so many instances.</summary>
internal sealed class World
{
    // Of a thousand arrays of the smallest blocks.
    private const int LargestBlock = 1 << 17;
    private readonly List<Array> _pinned = [];
    private readonly KernelFrame _frame;
    private readonly long _block;

    public World(int instances)
    {
        var random = new Random(5);
        _frame = new KernelFrame
        {
            Point = Pin(Numbers(random, instances + RandomGraph.SlotCount)),
            SlotBases = Pin([.. Enumerable.Range(0, RandomGraph.SlotCount)]),
            SlotTables = Pin(new nint[RandomGraph.SlotCount]),
            Data = Pin(Numbers(random, RandomGraph.DatumCount * instances)),
            DataBases = Pin([.. Enumerable.Range(0, RandomGraph.DatumCount).Select(d => d * instances)]),
        };
        _block = Pin(new double[LargestBlock]) + (sizeof(double) * KernelCode.History);
    }

    /// <summary>Runs code for the first so many instances, block by block; results stay in the block.</summary>
    public void Evaluate(KernelCode code, int instances)
    {
        for (int first = 0; first < instances; first += code.BlockSize)
            code.Run(_frame, first, Math.Min(code.BlockSize, instances - first), _block);
    }

    private static double[] Numbers(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextDouble())];

    private nint Pin<T>(T[] values)
        where T : unmanaged
    {
        T[] copy = GC.AllocateArray<T>(values.Length, pinned: true);
        values.CopyTo(copy, 0);
        _pinned.Add(copy);
        return Marshal.UnsafeAddrOfPinnedArrayElement(copy, 0);
    }
}
