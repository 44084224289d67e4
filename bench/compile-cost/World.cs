using System.Runtime.InteropServices;
using Optc.Runtime.Templates;

namespace Optc.Bench.CompileCost;

/// <summary>What the kernels read and write: pinned columns of many instances, and a block.</summary>
internal sealed class World
{
    public const int MostInstances = 1_000_000;
    private readonly List<Array> _pinned = [];
    private readonly KernelFrame _frame;
    private double[] _block = [];

    public World()
    {
        var random = new Random(5);
        _frame = new KernelFrame
        {
            Point = Pin(Numbers(random, MostInstances + RandomGraph.SlotCount)),
            SlotBases = Pin([.. Enumerable.Range(0, RandomGraph.SlotCount)]),
            SlotTables = Pin(new nint[RandomGraph.SlotCount]),
            Data = Pin(Numbers(random, RandomGraph.DatumCount * MostInstances)),
            DataBases = Pin([.. Enumerable.Range(0, RandomGraph.DatumCount).Select(d => d * MostInstances)]),
        };
    }

    /// <summary>Evaluates the first instances, block by block.</summary>
    public void Run(KernelCode code, int instances)
    {
        int need = KernelCode.History + (code.ArrayCount * code.Stride);
        if (_block.Length < need) _block = GC.AllocateArray<double>(need, pinned: true);
        long block = Marshal.UnsafeAddrOfPinnedArrayElement(_block, KernelCode.History);
        for (int first = 0; first < instances; first += code.BlockSize)
            code.Run(_frame, first, Math.Min(code.BlockSize, instances - first), block);
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
