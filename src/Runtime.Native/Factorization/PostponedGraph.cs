namespace Optc.Runtime.Native;

/// <summary>The quotient graph on a set of nodes once all others are eliminated: every connected component of the others has
/// become an element, a clique of those nodes of the set that it touches.</summary>
internal static class PostponedGraph
{
    /// <summary>Node k &lt; postponed.Length of the result stands for postponed[k], the nodes after that are elements (of
    /// weight zero). Lists of variables name elements before variables.</summary>
    public static (SymmetricGraph Graph, int[] Weights) Create(SymmetricGraph graph, int[]? weights, int[] postponed)
    {
        int n = graph.Count, variables = postponed.Length;
        const int Unseen = -1, Eliminated = -2;
        var index = new int[n];
        index.AsSpan().Fill(Unseen);
        for (int k = 0; k < variables; k++) index[postponed[k]] = k;
        var elementStarts = new List<int> { 0 };
        var members = new List<int>();
        var touched = new int[variables];
        touched.AsSpan().Fill(-1);
        var queue = new int[n];
        for (int root = 0; root < n; root++)
        {
            if (index[root] != Unseen) continue;
            int head = 0, tail = 0, element = elementStarts.Count - 1, begin = members.Count;
            queue[tail++] = root;
            index[root] = Eliminated;
            while (head < tail)
            {
                int i = queue[head++];
                for (int p = graph.Starts[i]; p < graph.Starts[i + 1]; p++)
                {
                    int j = graph.Neighbours[p];
                    if (index[j] == Unseen)
                    {
                        index[j] = Eliminated;
                        queue[tail++] = j;
                    }
                    else if (index[j] >= 0 && touched[index[j]] != root)
                    {
                        touched[index[j]] = root;
                        members.Add(index[j]);
                    }
                }
            }
            if (members.Count - begin < 2) members.RemoveRange(begin, members.Count - begin);
            else elementStarts.Add(members.Count);
        }
        return Build(graph, weights, postponed, index, elementStarts, members);
    }

    private static (SymmetricGraph Graph, int[] Weights) Build(
        SymmetricGraph graph, int[]? weights, int[] postponed, int[] index, List<int> elementStarts, List<int> members)
    {
        int variables = postponed.Length, elements = elementStarts.Count - 1;
        var starts = new int[variables + elements + 1];
        foreach (int k in members) starts[k + 1]++;
        for (int k = 0; k < variables; k++)
        {
            int node = postponed[k];
            for (int p = graph.Starts[node]; p < graph.Starts[node + 1]; p++)
            {
                if (index[graph.Neighbours[p]] >= 0) starts[k + 1]++;
            }
        }
        for (int e = 0; e < elements; e++) starts[variables + e + 1] = elementStarts[e + 1] - elementStarts[e];
        for (int k = 0; k < variables + elements; k++) starts[k + 1] += starts[k];
        var neighbours = new int[starts[^1]];
        var write = starts.AsSpan(0, variables).ToArray();
        for (int e = 0; e < elements; e++)
        {
            int at = starts[variables + e];
            for (int p = elementStarts[e]; p < elementStarts[e + 1]; p++)
            {
                neighbours[at++] = members[p];
                neighbours[write[members[p]]++] = variables + e;
            }
        }
        var sizes = new int[variables + elements];
        for (int k = 0; k < variables; k++)
        {
            int node = postponed[k];
            sizes[k] = weights is null ? 1 : weights[node];
            for (int p = graph.Starts[node]; p < graph.Starts[node + 1]; p++)
            {
                int j = index[graph.Neighbours[p]];
                if (j >= 0) neighbours[write[k]++] = j;
            }
        }
        return (new SymmetricGraph(starts, neighbours), sizes);
    }
}
