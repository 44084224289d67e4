namespace Optc.Runtime.Solvers.BlockCoordinate;

/// <summary>
/// Blocks of coordinates that stay forests while they grow, or stay without any dependence: a coordinate is taken unless it would close a cycle
/// (or depend on a member). Trees are kept by union and find.
/// </summary>
internal sealed class InducedForest
{
    private readonly SmoothFunction _function;
    private readonly bool _isIndependent;
    private readonly int[] _blockOf, _parent, _met, _closed, _members;
    private int _stamp, _count;

    public InducedForest(SmoothFunction function, bool isIndependent)
    {
        (_function, _isIndependent) = (function, isIndependent);
        int n = function.VariableCount;
        (_blockOf, _parent, _met, _closed, _members) = (new int[n], new int[n], new int[n], new int[n + 1], new int[n]);
        Array.Fill(_blockOf, -1);
    }

    /// <summary>What was taken, in that order.</summary>
    public ReadOnlySpan<int> Members => _members.AsSpan(0, _count);

    /// <summary>Forgets all members.</summary>
    public void Clear()
    {
        foreach (int j in Members) _blockOf[j] = -1;
        _count = 0;
    }

    /// <summary>Takes a coordinate into block 0, unless that closes it.</summary>
    public bool TryAdd(int j)
    {
        ReadOnlySpan<int> dependents = _function.Dependents(j);
        FindClosed(dependents);
        if (_closed[0] == _stamp) return false;
        Join(j, 0, dependents);
        return true;
    }

    /// <summary>Takes a coordinate into the first block that stays open to it; that block.</summary>
    public int FirstFit(int j)
    {
        ReadOnlySpan<int> dependents = _function.Dependents(j);
        FindClosed(dependents);
        int block = 0;
        while (_closed[block] == _stamp) block++;
        Join(j, block, dependents);
        return block;
    }

    /// <summary>Blocks in which two dependents belong to one tree would have a cycle.</summary>
    private void FindClosed(ReadOnlySpan<int> dependents)
    {
        _stamp++;
        foreach (int k in dependents)
        {
            int block = _blockOf[k];
            if (block < 0) continue;
            int root = Root(k);
            if (_isIndependent || _met[root] == _stamp) _closed[block] = _stamp;
            _met[root] = _stamp;
        }
    }

    private void Join(int j, int block, ReadOnlySpan<int> dependents)
    {
        (_blockOf[j], _parent[j]) = (block, j);
        _members[_count++] = j;
        foreach (int k in dependents)
        {
            if (_blockOf[k] == block) _parent[Root(k)] = j;
        }
    }

    private int Root(int k)
    {
        while (_parent[k] != k) k = _parent[k] = _parent[_parent[k]];
        return k;
    }
}
