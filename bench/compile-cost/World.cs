using System.Runtime.InteropServices;
using Optc.Runtime.Templates;

namespace Optc.Bench.CompileCost;

/// <summary>What the kernels read and write: pinned columns of so many instances.</summary>
internal sealed class World
{
    private readonly List<Array> _pinned = [];

    public World(int instances)
    {
        var random = new Random(5);
        Frame = new KernelFrame
        {
            Point = Pin(Numbers(random, instances + RandomGraph.SlotCount)),
            SlotBases = Pin([.. Enumerable.Range(0, RandomGraph.SlotCount)]),
            SlotTables = Pin(new nint[RandomGraph.SlotCount]),
            Data = Pin(Numbers(random, RandomGraph.DatumCount * instances)),
            DataBases = Pin([.. Enumerable.Range(0, RandomGraph.DatumCount).Select(d => d * instances)]),
            Output = Pin(new double[1]),
        };
    }

    public KernelFrame Frame { get; }

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
