namespace Optc.Runtime.Native;

/// <summary>
/// Elimination tree of a symmetric pattern under an order (Liu, "The role of elimination trees in sparse factorization",
/// 1990), its postorder, and the column counts of the factor (Gilbert, Ng, Peyton, "An efficient algorithm to compute
/// row and column counts for sparse Cholesky factorization", 1994). All in almost linear time in the entries.
/// </summary>
internal sealed class EliminationTree
{
    /// <summary>Label k stands for node <c>Order[k]</c> of the graph; labels are a postorder of the tree.</summary>
    public int[] Order { get; }

    /// <summary>Label of each node: the inverse of <see cref="Order"/>.</summary>
    public int[] Label { get; }

    /// <summary>Parent of each label, −1 at a root.</summary>
    public int[] Parent { get; }

    /// <summary>Entries of each column of the factor, the diagonal included.</summary>
    public int[] ColumnCounts { get; }

    public EliminationTree(SymmetricGraph graph, int[] order)
    {
        int n = graph.Count;
        var label = Invert(order);
        var parent = FindParents(graph, order, label);
        var post = Postorder(parent);
        Order = new int[n];
        var newLabel = Invert(post);
        Parent = new int[n];
        for (int k = 0; k < n; k++)
        {
            Order[k] = order[post[k]];
            int p = parent[post[k]];
            Parent[k] = p < 0 ? -1 : newLabel[p];
        }
        Label = Invert(Order);
        ColumnCounts = Count(graph);
    }

    public static int[] Invert(int[] permutation)
    {
        var inverse = new int[permutation.Length];
        for (int k = 0; k < permutation.Length; k++) inverse[permutation[k]] = k;
        return inverse;
    }

    private static int[] FindParents(SymmetricGraph graph, int[] order, int[] label)
    {
        int n = order.Length;
        var parent = new int[n];
        var ancestor = new int[n];
        for (int k = 0; k < n; k++)
        {
            parent[k] = ancestor[k] = -1;
            int node = order[k];
            for (int p = graph.Starts[node]; p < graph.Starts[node + 1]; p++)
            {
                int i = label[graph.Neighbours[p]];
                while (i >= 0 && i < k)
                {
                    int up = ancestor[i];
                    ancestor[i] = k;
                    if (up < 0) parent[i] = k;
                    i = up;
                }
            }
        }
        return parent;
    }

    /// <summary>Depth-first postorder of a forest, without recursion; children in ascending order, except that those
    /// numbered <paramref name="ordinary"/> and above come before their siblings.</summary>
    public static int[] Postorder(int[] parent, int ordinary = int.MaxValue)
    {
        int n = parent.Length;
        ordinary = Math.Min(ordinary, n);
        var head = new int[n];
        var next = new int[n];
        head.AsSpan().Fill(-1);
        for (int k = n - 1; k >= 0; k--)
        {
            int j = k >= n - ordinary ? k - (n - ordinary) : k + ordinary;
            if (parent[j] < 0) continue;
            next[j] = head[parent[j]];
            head[parent[j]] = j;
        }
        var post = new int[n];
        var stack = new int[n];
        int at = 0;
        for (int root = 0; root < n; root++)
        {
            if (parent[root] >= 0) continue;
            int top = 0;
            stack[0] = root;
            while (top >= 0)
            {
                int node = stack[top], child = head[node];
                if (child < 0)
                {
                    post[at++] = node;
                    top--;
                }
                else
                {
                    head[node] = next[child];
                    stack[++top] = child;
                }
            }
        }
        return post;
    }

    private int[] Count(SymmetricGraph graph)
    {
        int n = Order.Length;
        var count = new int[n];
        var first = new int[n];
        var largestFirst = new int[n];
        var previousLeaf = new int[n];
        var ancestor = new int[n];
        first.AsSpan().Fill(int.MaxValue);
        largestFirst.AsSpan().Fill(-1);
        previousLeaf.AsSpan().Fill(-1);
        for (int j = 0; j < n; j++)
        {
            ancestor[j] = j;
            count[j] = first[j] == int.MaxValue ? 1 : 0;
            first[j] = Math.Min(first[j], j);
            if (Parent[j] >= 0) first[Parent[j]] = Math.Min(first[Parent[j]], first[j]);
        }
        for (int j = 0; j < n; j++)
        {
            if (Parent[j] >= 0) count[Parent[j]]--;
            int node = Order[j];
            for (int p = graph.Starts[node]; p < graph.Starts[node + 1]; p++)
            {
                int i = Label[graph.Neighbours[p]];
                if (i <= j || first[j] <= largestFirst[i]) continue;
                // j is a leaf of the row subtree of i; overlaps meet at the least common ancestor of successive leaves.
                largestFirst[i] = first[j];
                count[j]++;
                int leaf = previousLeaf[i];
                previousLeaf[i] = j;
                if (leaf < 0) continue;
                int root = leaf;
                while (root != ancestor[root]) root = ancestor[root];
                while (leaf != root)
                {
                    int up = ancestor[leaf];
                    ancestor[leaf] = root;
                    leaf = up;
                }
                count[root]--;
            }
            if (Parent[j] >= 0) ancestor[j] = Parent[j];
        }
        for (int j = 0; j < n; j++)
        {
            if (Parent[j] >= 0) count[Parent[j]] += count[j];
        }
        return count;
    }
}
