namespace Optc.Runtime.Native;

/// <summary>
/// Chooses the elimination order. Rows whose diagonal entry is structurally absent cannot be pivots of their own before a
/// neighbour has filled them, so each is matched with a neighbour that has a diagonal (greedily, the neighbour of smallest
/// degree) and the pair is ordered as one node: a 2×2 pivot in waiting (Duff, Gilbert, "Symmetric weighted matching for
/// indefinite systems", 2002).
/// </summary>
internal static class FactorOrder
{
    public static int[] Find(
        SymmetricGraph graph, ReadOnlySpan<int> columnStarts, ReadOnlySpan<int> rowIndices, SymmetricFactorizationOptions options)
    {
        int n = graph.Count;
        if (options.Ordering == FactorOrdering.Natural)
        {
            var natural = new int[n];
            for (int i = 0; i < n; i++) natural[i] = i;
            return natural;
        }
        int[]? partner = options.PairMissingDiagonals ? Pair(graph, columnStarts, rowIndices) : null;
        return partner is null ? MinimumDegreeOrdering.Order(graph) : OrderPairs(graph, partner);
    }

    /// <summary>The order when the values are known: rows are paired by <see cref="PivotMatching"/>.</summary>
    public static int[] FindForValues(
        SymmetricGraph graph, ReadOnlySpan<int> columnStarts, ReadOnlySpan<int> rowIndices, ReadOnlySpan<double> scaled) =>
        OrderPairs(graph, PivotMatching.Pair(graph.Count, columnStarts, rowIndices, scaled));

    /// <summary>Rows with more entries than this are ordered last.</summary>
    public static double DenseDegree(int n) => Math.Max(16.0, 10.0 * Math.Sqrt(n));

    private static int[]? Pair(SymmetricGraph graph, ReadOnlySpan<int> columnStarts, ReadOnlySpan<int> rowIndices)
    {
        int n = graph.Count;
        int[]? partner = null;
        for (int j = 0; j < n; j++)
        {
            bool hasDiagonal = columnStarts[j] < columnStarts[j + 1] && rowIndices[columnStarts[j]] == j;
            if (hasDiagonal) continue;
            if (partner is null)
            {
                partner = new int[n];
                partner.AsSpan().Fill(-1);
            }
            // Dense rows are left alone: minimum degree puts them last by itself.
            int best = -1, bestDegree = int.MaxValue;
            for (int p = graph.Starts[j]; p < graph.Starts[j + 1] && partner[j] < 0; p++)
            {
                int i = graph.Neighbours[p];
                int degree = graph.Starts[i + 1] - graph.Starts[i];
                if (partner[i] >= 0 || degree >= bestDegree || !HasDiagonal(i, columnStarts, rowIndices)) continue;
                best = i;
                bestDegree = degree;
            }
            if (best < 0) continue;
            partner[j] = best;
            partner[best] = j;
        }
        return partner;
    }

    private static bool HasDiagonal(int j, ReadOnlySpan<int> columnStarts, ReadOnlySpan<int> rowIndices) =>
        columnStarts[j] < columnStarts[j + 1] && rowIndices[columnStarts[j]] == j;

    private static int[] OrderPairs(SymmetricGraph graph, int[] partner)
    {
        int n = graph.Count, groups = 0;
        var group = new int[n];
        var first = new int[n];
        for (int i = 0; i < n; i++)
        {
            if (partner[i] >= 0 && partner[i] < i)
            {
                group[i] = group[partner[i]];
                continue;
            }
            first[groups] = i;
            group[i] = groups++;
        }
        var weights = new int[groups];
        foreach (int g in group) weights[g]++;
        var compressed = MinimumDegreeOrdering.Order(graph.Compress(group, groups), weights);
        var order = new int[n];
        int at = 0;
        foreach (int g in compressed)
        {
            int i = first[g];
            order[at++] = i;
            if (partner[i] >= 0) order[at++] = partner[i];
        }
        return order;
    }
}
