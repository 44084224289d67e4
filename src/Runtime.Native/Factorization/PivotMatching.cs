namespace Optc.Runtime.Native;

/// <summary>
/// Pairs rows to 2×2 pivots in waiting by the values of a matrix: a matching of rows with columns over its large entries
/// (augmenting paths as in Duff, "On algorithms for obtaining a maximum transversal", 1981) is a permutation, the cycles of
/// which fall apart into pairs of neighbours and rows that have a large diagonal (Duff, Gilbert, 2002; Duff, Pralet,
/// "Strategies for scaling and pivoting for sparse symmetric indefinite problems", 2005).
/// </summary>
internal sealed class PivotMatching
{
    /// <summary>Entries of the equilibrated matrix, whose rows have maximum one, that may be pivots.</summary>
    private const double Large = 0.1;

    private readonly int _n;
    private readonly int[] _starts;
    private readonly int[] _columns;
    private readonly double[] _sizes;
    private readonly double[] _diagonal;
    private readonly int[] _columnOf;
    private readonly int[] _rowOf;

    private PivotMatching(int n, ReadOnlySpan<int> columnStarts, ReadOnlySpan<int> rowIndices, ReadOnlySpan<double> scaled)
    {
        _n = n;
        _diagonal = new double[n];
        _starts = new int[n + 1];
        var degree = new int[n];
        for (int pass = 0; pass < 2; pass++)
        {
            for (int j = 0; j < n; j++)
            {
                for (int p = columnStarts[j]; p < columnStarts[j + 1]; p++)
                {
                    int i = rowIndices[p];
                    if (pass == 0)
                    {
                        degree[i]++;
                        degree[j]++;
                        if (i == j) _diagonal[j] = Math.Abs(scaled[p]);
                    }
                    else if (i != j && Math.Abs(scaled[p]) >= Large)
                    {
                        _starts[i + 1]++;
                        _starts[j + 1]++;
                    }
                }
            }
        }
        for (int i = 0; i < n; i++) _starts[i + 1] += _starts[i];
        _columns = new int[_starts[n]];
        _sizes = new double[_starts[n]];
        var write = _starts.AsSpan(0, n).ToArray();
        // A pair is ordered as late as the denser of the two: rows that come last anyway are not to take others along.
        double dense = FactorOrder.DenseDegree(n);
        for (int j = 0; j < n; j++)
        {
            for (int p = columnStarts[j]; p < columnStarts[j + 1]; p++)
            {
                int i = rowIndices[p];
                double size = Math.Abs(scaled[p]);
                if (i == j || size < Large || degree[i] > dense || degree[j] > dense) continue;
                _columns[write[i]] = j;
                _sizes[write[i]++] = size;
                _columns[write[j]] = i;
                _sizes[write[j]++] = size;
            }
        }
        _ends = write;
        _columnOf = new int[n];
        _rowOf = new int[n];
        _columnOf.AsSpan().Fill(-1);
        _rowOf.AsSpan().Fill(-1);
    }

    private readonly int[] _ends;

    /// <summary>The partner of each row, −1 where it has none.</summary>
    public static int[] Pair(int n, ReadOnlySpan<int> columnStarts, ReadOnlySpan<int> rowIndices, ReadOnlySpan<double> scaled)
    {
        var matching = new PivotMatching(n, columnStarts, rowIndices, scaled);
        matching.MatchGreedily();
        matching.Augment();
        return matching.SplitCycles();
    }

    private void Match(int row, int column)
    {
        _columnOf[row] = column;
        _rowOf[column] = row;
    }

    private void MatchGreedily()
    {
        for (int i = 0; i < _n; i++)
        {
            if (_diagonal[i] >= Large) Match(i, i);
        }
        // Two rows without pivots of their own help each other, if they can.
        for (int i = 0; i < _n; i++)
        {
            if (_columnOf[i] >= 0) continue;
            int best = -1;
            double largest = 0;
            for (int p = _starts[i]; p < _ends[i]; p++)
            {
                int j = _columns[p];
                if (_columnOf[j] >= 0 || _sizes[p] <= largest) continue;
                best = j;
                largest = _sizes[p];
            }
            if (best < 0) continue;
            Match(i, best);
            Match(best, i);
        }
    }

    /// <summary>Looks for an augmenting path from every row left over, depth first, within a work budget in proportion to
    /// the entries.</summary>
    private void Augment()
    {
        long budget = 20L * (_columns.Length + _n);
        var seen = new int[_n];
        var next = new int[_n];
        var path = new int[_n];
        seen.AsSpan().Fill(-1);
        for (int root = 0; root < _n && budget > 0; root++)
        {
            if (_columnOf[root] >= 0) continue;
            int top = 0;
            path[0] = root;
            next[root] = _starts[root];
            while (top >= 0 && budget > 0)
            {
                int row = path[top];
                if (next[row] == _ends[row])
                {
                    top--;
                    continue;
                }
                budget--;
                int column = _columns[next[row]++];
                if (seen[column] == root) continue;
                seen[column] = root;
                int owner = _rowOf[column];
                if (owner >= 0)
                {
                    path[++top] = owner;
                    next[owner] = _starts[owner];
                    // The diagonal of the owner is free if its column is: it matches itself only as its first choice.
                    continue;
                }
                for (; top >= 0; top--)
                {
                    int at = path[top], before = _columnOf[at];
                    Match(at, column);
                    column = before;
                }
                break;
            }
        }
    }

    /// <summary>Takes cycles and paths of the matching apart into pairs of successive rows.</summary>
    private int[] SplitCycles()
    {
        var partner = new int[_n];
        var done = new bool[_n];
        partner.AsSpan().Fill(-1);
        var chain = new List<int>();
        for (int pass = 0; pass < 2; pass++)
        {
            // Paths first, from the row whose column is nobody's; what is left are cycles.
            for (int i = 0; i < _n; i++)
            {
                if (done[i] || (pass == 0 && _rowOf[i] >= 0)) continue;
                chain.Clear();
                for (int j = i; j >= 0 && !done[j]; j = _columnOf[j])
                {
                    done[j] = true;
                    chain.Add(j);
                }
                int first = 0, count = chain.Count;
                if ((count & 1) != 0)
                {
                    // The row that stays alone: of a cycle any, the one with the largest diagonal; of a path the last.
                    if (pass == 1)
                    {
                        for (int k = 1; k < count; k++)
                        {
                            if (_diagonal[chain[k]] > _diagonal[chain[first]]) first = k;
                        }
                        first++;
                    }
                    count--;
                }
                for (int k = 0; k < count; k += 2)
                {
                    int a = chain[(first + k) % chain.Count], b = chain[(first + k + 1) % chain.Count];
                    partner[a] = b;
                    partner[b] = a;
                }
            }
        }
        return partner;
    }
}
