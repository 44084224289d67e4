using Optc.Compiler;

namespace Optc.Bench.CompileCost;

/// <summary>Value kernels of random expressions over four slots and two data, most of it arithmetic as in models.</summary>
internal static class RandomGraph
{
    public const int SlotCount = 4;
    public const int DatumCount = 2;

    /// <summary>The value of an expression with about so many nodes.</summary>
    public static KernelSpec Spec(int nodes, int seed)
    {
        var random = new Random(seed);
        var graph = new Graph();
        List<int> known = [.. Enumerable.Range(0, SlotCount).Select(graph.Slot), .. Enumerable.Range(0, DatumCount).Select(graph.Datum)];
        int unused = 0;
        while (graph.Count < nodes)
        {
            // Values stay near 1, where functions cost what they usually do. One argument in order, so that the last node needs all before it.
            int x = known[unused++], y = known[random.Next(known.Count)];
            int node = random.Next(10) switch
            {
                < 4 => graph.Mul(graph.Constant(0.5), graph.Add(x, y)),
                < 6 => graph.Mul(graph.Constant(0.5), graph.Sub(x, y)),
                < 8 => graph.Mul(graph.Constant(0.5), graph.Mul(x, y)),
                8 => graph.Un(Op.Sin, x),
                _ => graph.Un(Op.Sqrt, graph.Add(graph.Square(x), graph.Constant(1.0))),
            };
            known.Add(node);
        }
        int root = known[unused];
        for (int k = unused + 1; k < known.Count; k++) root = graph.Add(root, known[k]);
        return new KernelSpec(graph, [root], [], [.. Enumerable.Repeat(1, SlotCount)], [.. Enumerable.Range(0, SlotCount)], [.. Enumerable.Repeat(1, DatumCount)], 0);
    }
}
