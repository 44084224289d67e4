namespace Optc.Runtime.Solvers.BlockCoordinate;

/// <summary>
/// H on coordinates whose second derivatives form a forest, eliminated by messages from the leaves to the roots and solved with by messages
/// back: an order without fill, O(b) for b coordinates where a dense matrix takes O(b³) (Nutini, Laradji, Schmidt, JMLR 23, 2022).
/// </summary>
internal sealed class ForestSystem
{
    private readonly int[] _place, _order, _parent, _upper, _lower;
    private readonly double[] _diagonal, _pivot, _edge, _mixed;
    private int _size;

    public ForestSystem(int n)
    {
        (_place, _order, _parent, _upper, _lower) = (new int[n], new int[n], new int[n], new int[n], new int[n]);
        (_diagonal, _pivot, _edge, _mixed) = (new double[n], new double[n], new double[n], new double[n]);
        Array.Fill(_place, -1);
    }

    /// <summary>Reads H at the point, the penalty's part and μ included; the largest entry of its diagonal.</summary>
    public double Read(BlockState state, ReadOnlySpan<int> block)
    {
        _size = block.Length;
        for (int k = 0; k < _size; k++) _place[block[k]] = k;
        int edges = Order(state.Function, block);
        foreach (int j in block) _place[j] = -1;
        state.Function.Mixed(_upper.AsSpan(0, edges), _lower.AsSpan(0, edges), _mixed.AsSpan(0, edges));
        double largest = 0;
        for (int k = 0, edge = 0; k < _size; k++)
        {
            int j = block[k];
            _diagonal[k] = state.Function.Curvature(j) + state.Penalty.Separable.L2[j] + state.Proximal;
            largest = Math.Max(largest, Math.Abs(_diagonal[k]));
            _edge[k] = _parent[k] < 0 ? 0 : _mixed[edge++];
        }
        return largest;
    }

    /// <summary>Messages from the leaves to the roots: the pivots of H + raise · I; false where one is not positive.</summary>
    public bool Factor(double raise)
    {
        for (int k = 0; k < _size; k++) _pivot[k] = _diagonal[k] + raise;
        for (int at = _size - 1; at >= 0; at--)
        {
            int k = _order[at];
            if (!(_pivot[k] > 0)) return false;
            if (_parent[k] >= 0) _pivot[_parent[k]] -= _edge[k] * _edge[k] / _pivot[k];
        }
        return true;
    }

    /// <summary>r ← (H + raise · I)⁻¹ r with the pivots of the last <see cref="Factor"/>.</summary>
    public void Solve(Span<double> r)
    {
        for (int at = _size - 1; at >= 0; at--)
        {
            int k = _order[at];
            if (_parent[k] >= 0) r[_parent[k]] -= _edge[k] / _pivot[k] * r[k];
        }
        for (int at = 0; at < _size; at++)
        {
            int k = _order[at];
            r[k] = (r[k] - (_parent[k] >= 0 ? _edge[k] * r[_parent[k]] : 0)) / _pivot[k];
        }
    }

    /// <summary>Roots first, breadth first; the number of edges, whose ends are listed by the place of the lower one.</summary>
    private int Order(SmoothFunction function, ReadOnlySpan<int> block)
    {
        const int Unseen = -2;
        int count = 0, edges = 0;
        _parent.AsSpan(0, _size).Fill(Unseen);
        for (int root = 0; root < _size; root++)
        {
            if (_parent[root] != Unseen) continue;
            _parent[root] = -1;
            _order[count++] = root;
            for (int at = count - 1; at < count; at++)
            {
                int node = _order[at];
                foreach (int j in function.Dependents(block[node]))
                {
                    int other = _place[j];
                    if (other < 0 || _parent[other] != Unseen) continue;
                    _parent[other] = node;
                    _order[count++] = other;
                }
            }
        }
        for (int k = 0; k < _size; k++)
        {
            if (_parent[k] < 0) continue;
            (_upper[edges], _lower[edges]) = (block[_parent[k]], block[k]);
            edges++;
        }
        return edges;
    }
}
