namespace Optc.Runtime.Native;

/// <summary>
/// The static plan of a multifrontal factorisation (Duff, Reid, "The multifrontal solution of indefinite sparse symmetric
/// linear equations", 1983): fronts in postorder, each with its pivot columns, its other rows, and where every matrix entry
/// and every row of a child lands in it.
/// </summary>
/// <remarks>
/// Labels are the final elimination order. Front s owns labels <c>FirstLabel[s] .. FirstLabel[s]+PivotCount[s]−1</c>; its
/// other rows are <c>Rows[RowStart[s]..RowStart[s+1]]</c>, ascending. The local position of an own label is its offset, of
/// another row PivotCount plus its index. Pivots delayed from children come before local position 0, so static positions
/// only shift.
/// </remarks>
internal sealed class AssemblyTree
{
    /// <summary>Node of the matrix that label k stands for.</summary>
    public int[] Order { get; }
    public int FrontCount { get; }
    public int[] Parent { get; }
    /// <summary>Parity of the depth: which of the two stacks the contribution of the front lies on.</summary>
    public byte[] Parity { get; }
    public int[] FirstLabel { get; }
    public int[] PivotCount { get; }
    public int[] RowStart { get; }
    public int[] Rows { get; private set; } = [];
    /// <summary>Position in the parent front of each entry of <see cref="Rows"/>.</summary>
    public int[] PositionInParent { get; private set; } = [];
    /// <summary>How many leading rows of the front are pivots of its parent.</summary>
    public int[] RowsEliminatedByParent { get; }
    public int[] ChildStart { get; }
    public int[] Children { get; }
    /// <summary>Entries of the matrix by the label of their column in the factor.</summary>
    public int[] EntryStart { get; private set; } = [];
    public int[] EntrySource { get; private set; } = [];
    public int[] EntryRow { get; private set; } = [];
    /// <summary>Stored entries of the factor when no pivot is delayed.</summary>
    public long FactorNonzeros { get; }
    public long Flops { get; }

    public AssemblyTree(SymmetricGraph graph, EliminationTree tree, int smallFront)
    {
        var plan = FrontPlan.Create(tree, smallFront);
        int n = tree.Order.Length;
        FrontCount = plan.Count;
        Parent = plan.Parent;
        PivotCount = plan.PivotCount;
        Order = new int[n];
        FirstLabel = new int[FrontCount];
        int label = 0;
        for (int s = 0; s < FrontCount; s++)
        {
            FirstLabel[s] = label;
            for (int p = plan.ColumnStart[s]; p < plan.ColumnStart[s + 1]; p++) Order[label++] = tree.Order[plan.Columns[p]];
        }
        (ChildStart, Children) = plan.ChildLists();
        Parity = new byte[FrontCount];
        for (int s = FrontCount - 1; s >= 0; s--) Parity[s] = (byte)(Parent[s] < 0 ? 0 : 1 - Parity[Parent[s]]);
        RowStart = new int[FrontCount + 1];
        RowsEliminatedByParent = new int[FrontCount];
        var labelOf = EliminationTree.Invert(Order);
        FindRows(graph, labelOf);
        LocateRowsInParents();
        for (int s = 0; s < FrontCount; s++)
        {
            long p = PivotCount[s], m = p + RowStart[s + 1] - RowStart[s];
            FactorNonzeros += p * m;
            for (long k = 0; k < p; k++) Flops += (m - k) * (m - k);
        }
    }

    private void FindRows(SymmetricGraph graph, int[] labelOf)
    {
        var seen = new int[Order.Length];
        seen.AsSpan().Fill(-1);
        var rows = new int[Math.Max(16, Order.Length)];
        int at = 0;
        for (int s = 0; s < FrontCount; s++)
        {
            RowStart[s] = at;
            int afterOwn = FirstLabel[s] + PivotCount[s];
            for (int c = FirstLabel[s]; c < afterOwn; c++)
            {
                int node = Order[c];
                for (int p = graph.Starts[node]; p < graph.Starts[node + 1]; p++) Add(labelOf[graph.Neighbours[p]]);
            }
            for (int k = ChildStart[s]; k < ChildStart[s + 1]; k++)
            {
                int child = Children[k];
                for (int p = RowStart[child]; p < RowStart[child + 1]; p++) Add(rows[p]);
            }
            Array.Sort(rows, RowStart[s], at - RowStart[s]);

            void Add(int row)
            {
                if (row < afterOwn || seen[row] == s) return;
                seen[row] = s;
                if (at == rows.Length) Array.Resize(ref rows, checked((int)Math.Min(Array.MaxLength, rows.Length * 2L)));
                rows[at++] = row;
            }
        }
        RowStart[FrontCount] = at;
        Array.Resize(ref rows, at);
        Rows = rows;
    }

    private void LocateRowsInParents()
    {
        PositionInParent = new int[Rows.Length];
        for (int s = 0; s < FrontCount; s++)
        {
            int parent = Parent[s];
            if (parent < 0) continue;
            int own = FirstLabel[parent], ownEnd = own + PivotCount[parent], other = RowStart[parent], inOwn = 0;
            for (int p = RowStart[s]; p < RowStart[s + 1]; p++)
            {
                int row = Rows[p];
                if (row < ownEnd)
                {
                    PositionInParent[p] = row - own;
                    inOwn++;
                    continue;
                }
                while (Rows[other] < row) other++;
                PositionInParent[p] = PivotCount[parent] + other - RowStart[parent];
            }
            RowsEliminatedByParent[s] = inOwn;
        }
    }

    /// <summary>Sorts the entries of the lower triangle (by columns) to the columns of the fronts that take them.</summary>
    public void LocateEntries(ReadOnlySpan<int> columnStarts, ReadOnlySpan<int> rowIndices)
    {
        int n = Order.Length;
        var labelOf = EliminationTree.Invert(Order);
        var start = new int[n + 1];
        for (int j = 0; j < n; j++)
        {
            for (int p = columnStarts[j]; p < columnStarts[j + 1]; p++)
            {
                start[Math.Min(labelOf[j], labelOf[rowIndices[p]]) + 1]++;
            }
        }
        for (int k = 0; k < n; k++) start[k + 1] += start[k];
        var source = new int[start[n]];
        var row = new int[start[n]];
        var write = start.AsSpan(0, n).ToArray();
        for (int j = 0; j < n; j++)
        {
            for (int p = columnStarts[j]; p < columnStarts[j + 1]; p++)
            {
                int a = labelOf[j], b = labelOf[rowIndices[p]];
                int at = write[Math.Min(a, b)]++;
                source[at] = p;
                row[at] = Math.Max(a, b);
            }
        }
        var position = new int[n];
        for (int s = 0; s < FrontCount; s++)
        {
            int own = FirstLabel[s], pivots = PivotCount[s], begin = RowStart[s];
            for (int p = begin; p < RowStart[s + 1]; p++) position[Rows[p]] = pivots + p - begin;
            for (int t = start[own], stop = start[own + pivots]; t < stop; t++)
            {
                row[t] = row[t] < own + pivots ? row[t] - own : position[row[t]];
            }
        }
        EntryStart = start;
        EntrySource = source;
        EntryRow = row;
    }
}
