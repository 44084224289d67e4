using Xunit;

namespace Optc.Runtime.Native.Tests.Factorization;

public class OrderingTests
{
    /// <summary>Column counts of the factor by elimination on sets.</summary>
    private static int[] NaiveCounts(SymmetricGraph graph, int[] label)
    {
        int n = graph.Count;
        var higher = new SortedSet<int>[n];
        for (int k = 0; k < n; k++) higher[k] = [];
        for (int i = 0; i < n; i++)
        {
            for (int p = graph.Starts[i]; p < graph.Starts[i + 1]; p++)
            {
                if (label[graph.Neighbours[p]] > label[i]) higher[label[i]].Add(label[graph.Neighbours[p]]);
            }
        }
        for (int k = 0; k < n; k++)
        {
            if (higher[k].Count > 0) higher[higher[k].Min].UnionWith(higher[k].Skip(1));
        }
        return [.. higher.Select(h => h.Count + 1)];
    }

    private static SymmetricGraph Graph(TestMatrix matrix) => SymmetricGraph.FromLower(matrix.Count, matrix.Starts, matrix.Rows);

    [Fact]
    public void MinimumDegreeGivesAPermutationAndCountsAreExact()
    {
        for (int seed = 0; seed < 80; seed++)
        {
            var random = new Random(seed);
            var graph = Graph(TestMatrix.Random(random, random.Next(1, 120), 0.2 * random.NextDouble()));
            int[] order = MinimumDegreeOrdering.Order(graph);
            Assert.Equal(Enumerable.Range(0, graph.Count), order.Order());
            var tree = new EliminationTree(graph, order);
            Assert.Equal(NaiveCounts(graph, tree.Label), tree.ColumnCounts);
            for (int k = 0; k < graph.Count; k++) Assert.True(tree.Parent[k] == -1 || tree.Parent[k] > k);
        }
    }

    [Fact]
    public void MinimumDegreeNeverFillsATree()
    {
        for (int seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            int n = 500;
            var entries = new SortedDictionary<(int, int), double>();
            for (int i = 1; i < n; i++) entries[(random.Next(i), i)] = 1;
            var graph = Graph(TestMatrix.From(n, entries));
            var tree = new EliminationTree(graph, MinimumDegreeOrdering.Order(graph));
            Assert.Equal((2 * n) - 1, tree.ColumnCounts.Sum());
        }
    }

    [Fact]
    public void MinimumDegreeKeepsTheFillOfAGridLow()
    {
        var graph = Graph(TestMatrix.Grid(100));
        var tree = new EliminationTree(graph, MinimumDegreeOrdering.Order(graph));
        // Natural order needs 10⁶; published minimum degree counts are near 2.3·10⁵.
        Assert.InRange(tree.ColumnCounts.Sum(c => (long)c), 1, 280_000);
    }

    [Fact]
    public void DenseRowsComeLast()
    {
        var random = new Random(5);
        const int N = 4000, Dense = 5;
        var entries = new SortedDictionary<(int, int), double>();
        for (int i = 0; i < N; i++)
        {
            if (i + 1 < N) entries[(i, i + 1)] = 1;
            for (int d = 0; d < Dense; d++)
            {
                int hub = d * 700;
                if (i != hub) entries[(Math.Min(i, hub), Math.Max(i, hub))] = 1;
            }
        }
        int[] order = MinimumDegreeOrdering.Order(Graph(TestMatrix.From(N, entries)));
        Assert.Equal([0, 700, 1400, 2100, 2800], order[^Dense..].Order());
        Assert.Equal(Enumerable.Range(0, N), order.Order());
    }

    [Fact]
    public void WeightedOrderOfTheCompressedGraphIsAPermutationToo()
    {
        var random = new Random(6);
        var graph = Graph(TestMatrix.Random(random, 90, 0.1));
        int[] group = [.. Enumerable.Range(0, 90).Select(i => i / 2)];
        var compressed = graph.Compress(group, 45);
        int[] weights = [.. Enumerable.Repeat(2, 45)];
        Assert.Equal(Enumerable.Range(0, 45), MinimumDegreeOrdering.Order(compressed, weights).Order());
    }

    [Fact]
    public void PostponedGraphHoldsTheFillPathsThroughTheOthers()
    {
        for (int seed = 0; seed < 40; seed++)
        {
            var random = new Random(seed);
            int n = random.Next(2, 40);
            var graph = Graph(TestMatrix.Random(random, n, 2.0 / n));
            int[] postponed = [.. Enumerable.Range(0, n).Where(_ => random.Next(3) == 0)];
            var (quotient, weights) = PostponedGraph.Create(graph, null, postponed);
            Assert.Equal(postponed.Length, weights.Sum());
            // Eliminate the others by sets, then compare neighbourhoods.
            var sets = new HashSet<int>[n];
            for (int i = 0; i < n; i++) sets[i] = [.. graph.Neighbours[graph.Starts[i]..graph.Starts[i + 1]]];
            foreach (int pivot in Enumerable.Range(0, n).Except(postponed))
            {
                foreach (int i in sets[pivot])
                {
                    sets[i].UnionWith(sets[pivot]);
                    sets[i].Remove(i);
                    sets[i].Remove(pivot);
                }
            }
            for (int k = 0; k < postponed.Length; k++)
            {
                var reached = new HashSet<int>();
                for (int p = quotient.Starts[k]; p < quotient.Starts[k + 1]; p++)
                {
                    int other = quotient.Neighbours[p];
                    if (other < postponed.Length) reached.Add(postponed[other]);
                    else reached.UnionWith(quotient.Neighbours[quotient.Starts[other]..quotient.Starts[other + 1]].Select(m => postponed[m]));
                }
                reached.Remove(postponed[k]);
                Assert.Equal(sets[postponed[k]].Order(), reached.Order());
            }
        }
    }

    [Fact]
    public void HubsBelowTheDensityThresholdArePutOffBeforeTheyCostTooMuch()
    {
        // 20000 leaves on 60 hubs, 3 hubs a leaf: each hub has degree near 1000, below 10 √n, and 20000 · 3 · 1000
        // steps would be needed to scan them at every leaf.
        const int N = 20_000, Hubs = 60;
        var random = new Random(8);
        var entries = new SortedDictionary<(int, int), double>();
        for (int i = Hubs; i < N; i++)
        {
            for (int t = 0; t < 3; t++) entries[(random.Next(Hubs), i)] = 1;
        }
        var graph = Graph(TestMatrix.From(N, entries));
        int[] order = MinimumDegreeOrdering.Order(graph);
        Assert.Equal(N, order.Distinct().Count());
        var tree = new EliminationTree(graph, order);
        // No leaf may come after a hub it would fill: at most 4 entries a leaf and the hubs' triangle.
        Assert.InRange(tree.ColumnCounts.Sum(c => (long)c), N, (4L * N) + (Hubs * Hubs));
    }
}
