namespace Optc.Runtime.Solvers.BlockCoordinate;

/// <summary>
/// The scores of atoms and blocks under a greedy rule, kept up to date: after a step only the atoms whose partial derivatives
/// changed are scored again, each at O(log n) in the heap (Nutini et al., ICML 2015: for graphs of bounded degree this
/// is as cheap as a random choice).
/// </summary>
internal sealed class GreedyScores
{
    private readonly BlockState _state;
    private readonly Partition? _partition;
    private readonly SelectionRule _rule;
    private readonly double[] _atomScores, _blockScores, _slopes, _step;
    private readonly int[] _stamps, _pending;
    private int _stamp;

    /// <param name="state">What is scored.</param>
    /// <param name="partition">The blocks; null to rank atoms for variable blocks.</param>
    /// <param name="rule">A greedy rule.</param>
    public GreedyScores(BlockState state, Partition? partition, SelectionRule rule)
    {
        (_state, _partition, _rule) = (state, partition, rule);
        int atoms = state.Penalty.AtomCount;
        (_atomScores, _blockScores) = (new double[atoms], new double[partition?.Count ?? 0]);
        (_stamps, _pending) = (new int[atoms], new int[atoms]);
        int longest = 0;
        for (int a = 0; a < atoms; a++) longest = Math.Max(longest, state.Penalty.Members(a).Length);
        (_slopes, _step) = (new double[longest], new double[longest]);
        Heap = new ScoreHeap(partition?.Count ?? atoms);
    }

    /// <summary>Blocks, or atoms where these are variable, by score.</summary>
    public ScoreHeap Heap { get; }

    /// <summary>Scores everything.</summary>
    public void Refresh()
    {
        for (int a = 0; a < _atomScores.Length; a++) _atomScores[a] = Score(a);
        if (_partition is null)
        {
            for (int a = 0; a < _atomScores.Length; a++) Heap.Set(a, _atomScores[a]);
            return;
        }
        for (int b = 0; b < _partition.Count; b++)
        {
            double sum = 0;
            foreach (int a in _partition.Atoms(b)) sum += _atomScores[a];
            _blockScores[b] = sum;
            Heap.Set(b, sum);
        }
    }

    /// <summary>Scores what a step of these coordinates has changed.</summary>
    public void Changed(ReadOnlySpan<int> coordinates)
    {
        _stamp++;
        int count = 0;
        foreach (int j in coordinates)
        {
            Note(_state.Penalty.AtomOf(j), ref count);
            foreach (int k in _state.Function.Dependents(j)) Note(_state.Penalty.AtomOf(k), ref count);
        }
        for (int p = 0; p < count; p++) Set(_pending[p], Score(_pending[p]));
    }

    /// <summary>Leaves an atom out until it is scored again.</summary>
    public void Remove(int atom) => Set(atom, 0);

    private void Note(int atom, ref int count)
    {
        if (_stamps[atom] == _stamp) return;
        _stamps[atom] = _stamp;
        _pending[count++] = atom;
    }

    private void Set(int atom, double score)
    {
        double change = score - _atomScores[atom];
        _atomScores[atom] = score;
        if (_partition is null)
        {
            Heap.Set(atom, score);
            return;
        }
        int b = _partition.BlockOf(atom);
        _blockScores[b] = _partition.Atoms(b).Length == 1 ? score : _blockScores[b] + change;
        Heap.Set(b, _blockScores[b]);
    }

    /// <summary>Squares of distances, over the curvature for gsl, or the decrease of the model: those of a block add up.</summary>
    public double Score(int atom)
    {
        ReadOnlySpan<int> members = _state.Penalty.Members(atom);
        for (int k = 0; k < members.Length; k++) _slopes[k] = _state.Slope(members[k]);
        if (_rule == SelectionRule.GaussSouthwellQuadratic) return _state.Penalty.ProximalStep(atom, _state.Function.Point, _slopes, Bound(members), _step);
        double distance = _state.Penalty.Distance(atom, _state.Function.Point, _slopes.AsSpan(0, members.Length));
        return _rule == SelectionRule.GaussSouthwell ? distance * distance : distance * distance / Bound(members);
    }

    private double Bound(ReadOnlySpan<int> members)
    {
        double bound = 0;
        foreach (int j in members) bound = Math.Max(bound, _state.Bound(j));
        return bound;
    }
}
