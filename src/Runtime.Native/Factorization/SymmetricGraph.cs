namespace Optc.Runtime.Native;

/// <summary>Adjacency of a symmetric pattern: both triangles, no diagonal. Neighbours of i are
/// <c>Neighbours[Starts[i]..Starts[i+1]]</c>.</summary>
internal sealed class SymmetricGraph(int[] starts, int[] neighbours)
{
    public int Count => Starts.Length - 1;
    public int[] Starts { get; } = starts;
    public int[] Neighbours { get; } = neighbours;

    /// <summary>The graph of a lower triangle given by columns.</summary>
    public static SymmetricGraph FromLower(int n, ReadOnlySpan<int> columnStarts, ReadOnlySpan<int> rowIndices)
    {
        var starts = new int[n + 1];
        for (int j = 0; j < n; j++)
        {
            for (int p = columnStarts[j]; p < columnStarts[j + 1]; p++)
            {
                int i = rowIndices[p];
                if (i == j) continue;
                starts[i]++;
                starts[j]++;
            }
        }
        int total = 0;
        for (int i = 0; i <= n; i++)
        {
            int count = starts[i];
            starts[i] = total;
            total = checked(total + count);
        }
        var neighbours = new int[total];
        var write = starts.AsSpan(0, n).ToArray();
        for (int j = 0; j < n; j++)
        {
            for (int p = columnStarts[j]; p < columnStarts[j + 1]; p++)
            {
                int i = rowIndices[p];
                if (i == j) continue;
                neighbours[write[i]++] = j;
                neighbours[write[j]++] = i;
            }
        }
        return new SymmetricGraph(starts, neighbours);
    }

    /// <summary>The graph whose node <c>group[i]</c> stands for all i of that group; repeated edges are merged.</summary>
    public SymmetricGraph Compress(ReadOnlySpan<int> group, int groupCount)
    {
        var memberStart = new int[groupCount + 1];
        foreach (int g in group) memberStart[g + 1]++;
        for (int g = 0; g < groupCount; g++) memberStart[g + 1] += memberStart[g];
        var members = new int[group.Length];
        var write = memberStart.AsSpan(0, groupCount).ToArray();
        for (int i = 0; i < group.Length; i++) members[write[group[i]]++] = i;
        var starts = new int[groupCount + 1];
        var neighbours = new int[Neighbours.Length];
        var seen = new int[groupCount];
        seen.AsSpan().Fill(-1);
        int at = 0;
        for (int g = 0; g < groupCount; g++)
        {
            starts[g] = at;
            seen[g] = g;
            for (int m = memberStart[g]; m < memberStart[g + 1]; m++)
            {
                int i = members[m];
                for (int p = Starts[i]; p < Starts[i + 1]; p++)
                {
                    int h = group[Neighbours[p]];
                    if (seen[h] == g) continue;
                    seen[h] = g;
                    neighbours[at++] = h;
                }
            }
        }
        starts[groupCount] = at;
        return new SymmetricGraph(starts, neighbours);
    }
}
