namespace Optc.Runtime.Solvers.Projections;

/// <summary>The two projections of a graph, each onto sets that share no copy: by operation, and by value. Every operation and every value may be done on a thread of its own; the
/// result does not depend on it.</summary>
internal sealed class ProjectionSweep
{
    /// <summary>Copies from which threads pay, and the least that one takes at a time.</summary>
    private const int ParallelFrom = 20_000;
    private const int LeastShare = 2_000;

    private readonly FeasibilityGraph _graph;
    private readonly IProjection[] _operations;
    private readonly int[] _first;
    private readonly int[] _copyFirst;
    private readonly int[] _copies;
    private readonly ParallelOptions _parallel;
    private readonly (int First, int End)[] _operationShares;
    private readonly (int First, int End)[] _valueShares;
    private readonly Action<int> _projectShare;
    private readonly Action<int> _agreeShare;
    private double[] _from = [];
    private double[] _to = [];

    public ProjectionSweep(FeasibilityGraph graph, int threads)
    {
        _graph = graph;
        _operations = [.. graph.Operations];
        _first = graph.First;
        ValueOfCopy = graph.ValueOfCopy;
        (_copyFirst, _copies) = CopiesOfValues(ValueOfCopy, graph.ValueCount);
        _parallel = new ParallelOptions { MaxDegreeOfParallelism = threads };
        int shares = threads > 1 && graph.CopyCount >= ParallelFrom ? Math.Min(8 * threads, graph.CopyCount / LeastShare) : 1;
        _operationShares = Shares(_first, shares);
        _valueShares = Shares(_copyFirst, shares);
        _projectShare = share => ProjectOperations(_operationShares[share].First, _operationShares[share].End);
        _agreeShare = share => AgreeValues(_valueShares[share].First, _valueShares[share].End);
    }

    /// <summary>The value of each copy.</summary>
    public int[] ValueOfCopy { get; }

    /// <summary>Every operation's operands go to the nearest ones that it allows.</summary>
    public void Project(double[] copies)
    {
        _from = copies;
        Run(_operationShares.Length, _projectShare);
    }

    /// <summary>Every value that is allowed and nearest to its copies; values without copies stay.</summary>
    public void Agree(double[] copies, double[] values)
    {
        (_from, _to) = (copies, values);
        Run(_valueShares.Length, _agreeShare);
    }

    private void Run(int shares, Action<int> share)
    {
        if (shares == 1) share(0);
        else Parallel.For(0, shares, _parallel, share);
    }

    private void ProjectOperations(int first, int end)
    {
        for (int k = first; k < end; k++) _operations[k].Project(_from.AsSpan(_first[k], _first[k + 1] - _first[k]));
    }

    private void AgreeValues(int first, int end)
    {
        for (int v = first; v < end; v++)
        {
            int from = _copyFirst[v], to = _copyFirst[v + 1];
            if (from == to) continue;
            double sum = 0.0;
            for (int k = from; k < to; k++) sum += _from[_copies[k]];
            _to[v] = _graph.Allowed(v, sum / (to - from));
        }
    }

    private static (int[] First, int[] Copies) CopiesOfValues(int[] valueOfCopy, int values)
    {
        var first = new int[values + 1];
        foreach (int v in valueOfCopy) first[v + 1]++;
        for (int v = 0; v < values; v++) first[v + 1] += first[v];
        int[] next = [.. first.Take(values)], copies = new int[valueOfCopy.Length];
        for (int k = 0; k < valueOfCopy.Length; k++) copies[next[valueOfCopy[k]]++] = k;
        return (first, copies);
    }

    /// <summary>Ranges of about as many copies each.</summary>
    private static (int First, int End)[] Shares(int[] first, int count)
    {
        int items = first.Length - 1;
        var shares = new (int, int)[count];
        int at = 0;
        for (int s = 0; s < count; s++)
        {
            long goal = (long)first[items] * (s + 1) / count;
            int end = at;
            while (end < items && (first[end] < goal || s == count - 1)) end++;
            shares[s] = (at, end);
            at = end;
        }
        return shares;
    }
}
