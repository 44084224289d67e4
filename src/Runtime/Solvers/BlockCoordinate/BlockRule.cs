namespace Optc.Runtime.Solvers.BlockCoordinate;

/// <summary>Which block comes next.</summary>
internal abstract class BlockRule
{
    /// <summary>The next block; −1 when no block would change.</summary>
    public abstract int Next();
}

/// <summary>0, 1, …, n−1, 0, 1, …</summary>
internal sealed class CyclicRule(int count) : BlockRule
{
    private int _next = -1;

    public override int Next() => _next = _next + 1 == count ? 0 : _next + 1;
}

/// <summary>Every block once an epoch, in an order drawn anew for each.</summary>
internal sealed class ShuffledRule(int count, Random random) : BlockRule
{
    private readonly int[] _order = [.. Enumerable.Range(0, count)];
    private int _next = count;

    public override int Next()
    {
        if (_next == _order.Length)
        {
            random.Shuffle(_order);
            _next = 0;
        }
        return _order[_next++];
    }
}

/// <summary>Every block with the same probability.</summary>
internal sealed class RandomRule(int count, Random random) : BlockRule
{
    public override int Next() => random.Next(count);
}

/// <summary>
/// Blocks with probabilities in proportion to their curvature bounds (Nesterov, SIAM J. Optim. 22, 2012), by
/// Walker's alias method: O(1) a draw.
/// </summary>
internal sealed class LipschitzRule : BlockRule
{
    private readonly double[] _share;
    private readonly int[] _alias;
    private readonly Random _random;

    public LipschitzRule(ReadOnlySpan<double> bounds, Random random)
    {
        int n = bounds.Length;
        (_share, _alias, _random) = (new double[n], new int[n], random);
        double sum = 0;
        foreach (double bound in bounds) sum += bound;
        var (small, large) = (new Stack<int>(), new Stack<int>());
        for (int b = 0; b < n; b++)
        {
            _share[b] = sum > 0 ? bounds[b] * n / sum : 1;
            (_share[b] < 1 ? small : large).Push(b);
        }
        while (small.Count > 0 && large.Count > 0)
        {
            int low = small.Pop(), high = large.Pop();
            _alias[low] = high;
            _share[high] -= 1 - _share[low];
            (_share[high] < 1 ? small : large).Push(high);
        }
        foreach (int b in small.Concat(large)) _share[b] = 1;
    }

    public override int Next()
    {
        int b = _random.Next(_share.Length);
        return _random.NextDouble() < _share[b] ? b : _alias[b];
    }
}

/// <summary>The block with the largest score, from a heap whose scores the solver keeps up to date.</summary>
internal sealed class GreedyRule(ScoreHeap heap) : BlockRule
{
    public override int Next() => heap[heap.Top] > 0 ? heap.Top : -1;
}
