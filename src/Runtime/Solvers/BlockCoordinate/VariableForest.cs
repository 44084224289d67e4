namespace Optc.Runtime.Solvers.BlockCoordinate;

/// <summary>
/// A forest grown anew for every step: coordinates by falling score, or in random order, each taken unless it would close a cycle (Nutini,
/// Laradji, Schmidt, JMLR 23, 2022: greedy and random trees). A forest moves a good part of all coordinates, so that all are scored
/// again and sorted, O(n log n + edges), and no heap is kept.
/// </summary>
internal sealed class VariableForest : BlockChoice
{
    private readonly InducedForest _forest;
    private readonly GreedyScores? _scores;
    private readonly Random _random;
    private readonly int[] _order;
    private readonly double[] _keys;

    /// <param name="function">What says which coordinates depend on each other.</param>
    /// <param name="isIndependent">Whether members are not to depend on each other at all.</param>
    /// <param name="scores">The scores of single coordinates; null for a random order.</param>
    /// <param name="random">For that order.</param>
    public VariableForest(SmoothFunction function, bool isIndependent, GreedyScores? scores, Random random)
    {
        int n = function.VariableCount;
        (_forest, _scores, _random) = (new InducedForest(function, isIndependent), scores, random);
        (_order, _keys) = (new int[n], new double[n]);
    }

    public override ReadOnlySpan<int> Atoms => _forest.Members;

    public override ReadOnlySpan<int> Coordinates => _forest.Members;

    public override bool Next()
    {
        _forest.Clear();
        foreach (int j in Candidates()) _forest.TryAdd(j);
        return _forest.Members.Length > 0;
    }

    /// <summary>The coordinates that would move, the largest score first; in random order all.</summary>
    private ReadOnlySpan<int> Candidates()
    {
        int count = 0;
        for (int j = 0; j < _order.Length; j++)
        {
            double score = _scores?.Score(j) ?? 1;
            if (!(score > 0)) continue;
            (_order[count], _keys[count]) = (j, -score);
            count++;
        }
        Span<int> candidates = _order.AsSpan(0, count);
        if (_scores is null) _random.Shuffle(candidates);
        else _keys.AsSpan(0, count).Sort(candidates);
        return candidates;
    }
}
