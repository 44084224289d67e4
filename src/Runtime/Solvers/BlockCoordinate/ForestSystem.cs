namespace Optc.Runtime.Solvers.BlockCoordinate;

/// <summary>
/// Solves H d = r on coordinates whose second derivatives form a forest, by passing messages from the leaves to the roots and back
/// (elimination in that order has no fill): O(b) for b coordinates (Nutini, Laradji, Schmidt, JMLR 23, 2022).
/// </summary>
internal sealed class ForestSystem
{
    private readonly int[] _place, _order, _parent;
    private readonly double[] _pivot, _edge;
    private readonly double[] _pair = new double[4];
    private readonly int[] _two = new int[2];

    public ForestSystem(int n)
    {
        (_place, _order, _parent, _pivot, _edge) = (new int[n], new int[n], new int[n], new double[n], new double[n]);
        Array.Fill(_place, -1);
    }

    /// <summary>r ← H⁻¹r; false where a pivot is not positive.</summary>
    public bool Solve(BlockState state, ReadOnlySpan<int> block, Span<double> r)
    {
        int b = block.Length;
        for (int k = 0; k < b; k++) _place[block[k]] = k;
        try
        {
            Order(state, block);
            for (int k = 0; k < b; k++) _pivot[k] = state.Curvature(block[k]);
            // Messages upwards: a child's pivot and right-hand side go to its parent.
            for (int at = b - 1; at >= 0; at--)
            {
                int k = _order[at], up = _parent[k];
                if (!(_pivot[k] > 0)) return false;
                if (up < 0) continue;
                _pivot[up] -= _edge[k] * _edge[k] / _pivot[k];
                r[up] -= _edge[k] / _pivot[k] * r[k];
            }
            for (int at = 0; at < b; at++)
            {
                int k = _order[at], up = _parent[k];
                r[k] = (r[k] - (up >= 0 ? _edge[k] * r[up] : 0)) / _pivot[k];
            }
            return true;
        }
        finally
        {
            foreach (int j in block) _place[j] = -1;
        }
    }

    /// <summary>Roots first, breadth first; each with the entry that joins it to its parent.</summary>
    private void Order(BlockState state, ReadOnlySpan<int> block)
    {
        int b = block.Length, count = 0;
        _parent.AsSpan(0, b).Fill(-2);
        for (int k = 0; k < b; k++)
        {
            if (_parent[k] != -2) continue;
            _parent[k] = -1;
            _order[count++] = k;
            for (int at = count - 1; at < count; at++)
            {
                int node = _order[at];
                foreach (int j in state.Function.Dependents(block[node]))
                {
                    int other = _place[j];
                    if (other < 0 || _parent[other] != -2) continue;
                    _parent[other] = node;
                    _order[count++] = other;
                }
            }
        }
        for (int k = 0; k < b; k++)
        {
            if (_parent[k] < 0) continue;
            (_two[0], _two[1]) = (block[_parent[k]], block[k]);
            state.Function.Hessian(_two, _pair);
            _edge[k] = _pair[1];
        }
    }
}
