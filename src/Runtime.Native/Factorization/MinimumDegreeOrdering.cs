namespace Optc.Runtime.Native;

/// <summary>
/// Approximate minimum degree ordering of a symmetric pattern on its quotient graph, with element absorption, mass
/// elimination, supervariables found by hashing, aggressive absorption and removal of dense rows.
/// Amestoy, Davis, Duff: "An approximate minimum degree ordering algorithm", SIAM J. Matrix Anal. Appl. 17 (1996), and
/// Algorithm 837, ACM TOMS 30 (2004).
/// </summary>
/// <remarks>
/// Every node is a <i>variable</i> (uneliminated) or an <i>element</i> (an eliminated pivot and its clique). The list of a
/// variable holds first its elements, then the variables it is still directly joined to; the list of an element holds its
/// variables. <c>_size[i]</c> is the weight of a supervariable, 0 once it is merged, negative while it is in the clique
/// of the current pivot.
/// Variables whose long lists are scanned again and again (hubs below the density threshold) are put off like dense rows;
/// all that were put off are ordered at the end, among themselves, on the quotient graph that the others leave
/// (<see cref="PostponedGraph"/>). That keeps the work in proportion to the entries.
/// </remarks>
internal sealed class MinimumDegreeOrdering
{
    private enum Kind : byte { Variable, Element, Gone }

    private readonly int _n;
    private readonly int _totalWeight;
    private readonly int[] _start;
    private readonly int[] _length;
    private readonly int[] _elements;
    private readonly int[] _size;
    private readonly int[] _degree;
    private readonly int[] _mark;
    private readonly Kind[] _kind;
    private readonly int[] _head;
    private readonly int[] _next;
    private readonly int[] _previous;
    private readonly int[] _hash;
    private readonly int[] _hashHead;
    private readonly int[] _hashNext;
    private readonly int[] _memberNext;
    private readonly int[] _memberTail;
    private readonly int[] _pivots;
    private int[] _space;
    private int _free;
    private int _pivotCount;
    private int _flag = 2;
    private int _largestElement;
    private int _minimum;
    private int _eliminated;
    private readonly SymmetricGraph _graph;
    private readonly bool _mayPostpone;
    private readonly List<int> _postponed = [];
    private readonly long _fairWork;
    private long _work;
    private readonly long[] _workOf;

    /// <param name="graph">Adjacency; the lists of variables begin with the elements they belong to.</param>
    /// <param name="weights">Nodes each variable stands for, one if null; zero for an element.</param>
    /// <param name="elementCount">How many of the last nodes are elements from the start.</param>
    /// <param name="mayPostpone">Whether dense rows and hubs may be put off for a second ordering.</param>
    private MinimumDegreeOrdering(SymmetricGraph graph, int[]? weights, int elementCount, bool mayPostpone)
    {
        int n = _n = graph.Count;
        _graph = graph;
        _mayPostpone = mayPostpone;
        _fairWork = 30L * (graph.Starts[n] + n);
        _workOf = new long[_mayPostpone ? n : 0];
        _start = new int[n];
        _length = new int[n];
        _elements = new int[n];
        _size = new int[n];
        _degree = new int[n];
        _mark = new int[n];
        _kind = new Kind[n];
        _next = new int[n];
        _previous = new int[n];
        _hash = new int[n];
        _hashHead = new int[n];
        _hashNext = new int[n];
        _memberNext = new int[n];
        _memberTail = new int[n];
        _pivots = new int[n];
        int edges = graph.Starts[n];
        _space = new int[(int)Math.Min(Array.MaxLength, edges + (edges / 5L) + n + 1L)];
        Array.Copy(graph.Neighbours, _space, edges);
        _free = edges;
        _mark.AsSpan().Fill(1);
        _memberNext.AsSpan().Fill(-1);
        _hashHead.AsSpan().Fill(-1);
        for (int i = 0; i < n; i++)
        {
            _start[i] = graph.Starts[i];
            _length[i] = graph.Starts[i + 1] - graph.Starts[i];
            _size[i] = weights is null ? 1 : weights[i];
            _memberTail[i] = i;
            _totalWeight += _size[i];
        }
        _head = new int[_totalWeight + 1];
        _head.AsSpan().Fill(-1);
        for (int e = n - elementCount; e < n; e++)
        {
            _kind[e] = Kind.Element;
            for (int p = _start[e]; p < _start[e] + _length[e]; p++)
            {
                _elements[_space[p]]++;
                _degree[e] += _size[_space[p]];
            }
        }
    }

    /// <summary>The elimination order: entry k is the node eliminated k-th. Weights default to one.</summary>
    public static int[] Order(SymmetricGraph graph, int[]? weights = null)
    {
        var order = new int[graph.Count];
        var first = new MinimumDegreeOrdering(graph, weights, 0, mayPostpone: true);
        int at = first.Run(order);
        if (at == order.Length) return order;
        int[] postponed = first.PostponedNodes();
        var (quotient, quotientWeights) = PostponedGraph.Create(graph, weights, postponed);
        // What was put off is ordered to the end, however dense it is among itself.
        var second = new MinimumDegreeOrdering(quotient, quotientWeights, quotient.Count - postponed.Length, mayPostpone: false);
        var rest = new int[postponed.Length];
        second.Run(rest);
        foreach (int k in rest) order[at++] = postponed[k];
        return order;
    }

    /// <summary>Fills the order with the variables that were not put off; returns their number.</summary>
    private int Run(Span<int> order)
    {
        SetInitialDegrees();
        while (_eliminated < _totalWeight)
        {
            int pivot = TakeMinimum();
            _pivots[_pivotCount++] = pivot;
            _eliminated += _size[pivot];
            BuildElement(pivot);
            MeasureOverlaps(pivot);
            UpdateDegrees(pivot);
            MergeIndistinguishable(pivot);
            ReturnToLists(pivot);
        }
        int at = 0;
        for (int k = 0; k < _pivotCount; k++)
        {
            for (int i = _pivots[k]; i >= 0; i = _memberNext[i]) order[at++] = i;
        }
        return at;
    }

    private int[] PostponedNodes()
    {
        var nodes = new List<int>();
        foreach (int first in _postponed)
        {
            for (int i = first; i >= 0; i = _memberNext[i]) nodes.Add(i);
        }
        return [.. nodes];
    }

    private void SetInitialDegrees()
    {
        // Rows denser than 10 √n leave the graph at once: they would touch every later step.
        double dense = _mayPostpone ? FactorOrder.DenseDegree(_totalWeight) : double.PositiveInfinity;
        for (int i = 0; i < _n; i++)
        {
            if (_kind[i] == Kind.Variable) _degree[i] = InitialDegree(i);
        }
        for (int i = 0; i < _n; i++)
        {
            if (_kind[i] == Kind.Variable && _degree[i] > dense) Postpone(i, _size[i]);
        }
        for (int i = _n - 1; i >= 0; i--)
        {
            if (_kind[i] != Kind.Variable) continue;
            if (_postponed.Count > 0) _degree[i] = InitialDegree(i);
            Insert(i, _degree[i]);
        }
    }

    private int InitialDegree(int i)
    {
        long degree = 0;
        int p = _start[i], split = p + _elements[i], end = p + _length[i];
        for (; p < split; p++) degree += _degree[_space[p]] - _size[i];
        for (; p < end; p++) degree += _size[_space[p]];
        return (int)Math.Min(degree, _totalWeight - _size[i]);
    }

    private void Postpone(int i, int size)
    {
        _eliminated += size;
        _size[i] = 0;
        _kind[i] = Kind.Gone;
        _postponed.Add(i);
    }

    /// <summary>Whether variable i has been scanned out of proportion, in an ordering that takes longer than it should.</summary>
    private bool IsTooCostly(int i)
    {
        if (!_mayPostpone) return false;
        _work += _length[i];
        _workOf[i] += _length[i];
        return _work > _fairWork && _workOf[i] > 50L * (_graph.Starts[i + 1] - _graph.Starts[i] + 20);
    }

    private int TakeMinimum()
    {
        while (_head[_minimum] < 0) _minimum++;
        int pivot = _head[_minimum];
        Remove(pivot, _minimum);
        return pivot;
    }

    private void Insert(int i, int degree)
    {
        int head = _head[degree];
        _next[i] = head;
        _previous[i] = -1;
        if (head >= 0) _previous[head] = i;
        _head[degree] = i;
        if (degree < _minimum) _minimum = degree;
    }

    private void Remove(int i, int degree)
    {
        int next = _next[i], previous = _previous[i];
        if (next >= 0) _previous[next] = previous;
        if (previous >= 0) _next[previous] = next; else _head[degree] = next;
    }

    /// <summary>Forms the clique of the pivot: the union of its elements (absorbed) and its direct neighbours.</summary>
    private void BuildElement(int pivot)
    {
        int weight = 0, begin, end;
        int elementCount = _elements[pivot];
        if (elementCount > 0)
        {
            long bound = _length[pivot] - elementCount;
            for (int p = _start[pivot], stop = p + elementCount; p < stop; p++) bound += _length[_space[p]];
            Reserve(Math.Min(bound, _n));
        }
        int[] space = _space;
        int own = _start[pivot], ownEnd = own + _length[pivot];
        _size[pivot] = -_size[pivot];
        begin = end = elementCount == 0 ? own : _free;
        for (int p = own; p < own + elementCount; p++)
        {
            int e = space[p];
            for (int t = _start[e], stop = t + _length[e]; t < stop; t++) Collect(space[t]);
            _kind[e] = Kind.Gone;
            _mark[e] = 0;
        }
        for (int p = own + elementCount; p < ownEnd; p++) Collect(space[p]);
        if (elementCount > 0) _free = end;
        _start[pivot] = begin;
        _length[pivot] = end - begin;
        _degree[pivot] = weight;
        _kind[pivot] = Kind.Element;

        void Collect(int i)
        {
            int size = _size[i];
            if (size <= 0) return;
            weight += size;
            _size[i] = -size;
            space[end++] = i;
            Remove(i, _degree[i]);
        }
    }

    /// <summary>Sets mark[e] − flag = |Lₑ \ Lₚ| for every element that meets the clique of the pivot.</summary>
    private void MeasureOverlaps(int pivot)
    {
        RaiseFlag(0);
        int flag = _flag;
        for (int p = _start[pivot], end = p + _length[pivot]; p < end; p++)
        {
            int i = _space[p], size = -_size[i];
            for (int t = _start[i], stop = t + _elements[i]; t < stop; t++)
            {
                int e = _space[t], mark = _mark[e];
                if (mark >= flag) _mark[e] = mark - size;
                else if (mark != 0) _mark[e] = _degree[e] + flag - size;
            }
        }
    }

    private void UpdateDegrees(int pivot)
    {
        int[] space = _space;
        int flag = _flag;
        for (int p = _start[pivot], end = p + _length[pivot]; p < end; p++)
        {
            int i = space[p], first = _start[i], write = first, degree = 0;
            if (IsTooCostly(i))
            {
                _degree[pivot] += _size[i];
                Postpone(i, -_size[i]);
                continue;
            }
            uint hash = 0;
            int firstVariable = first + _elements[i], stop = first + _length[i];
            for (int t = first; t < firstVariable; t++)
            {
                int e = space[t], mark = _mark[e];
                if (mark == 0) continue;
                int outside = mark - flag;
                if (outside > 0)
                {
                    degree += outside;
                    space[write++] = e;
                    hash += (uint)e;
                }
                else
                {
                    // Aggressive absorption: the clique of e lies within the pivot's.
                    _mark[e] = 0;
                    _kind[e] = Kind.Gone;
                }
            }
            int kept = write - first, split = write;
            for (int t = firstVariable; t < stop; t++)
            {
                int j = space[t], size = _size[j];
                if (size <= 0) continue;
                degree += size;
                space[write++] = j;
                hash += (uint)j;
            }
            if (write == first)
            {
                // Mass elimination: i has no neighbour outside the clique, it is eliminated with the pivot at no fill.
                int size = -_size[i];
                _degree[pivot] -= size;
                _eliminated += size;
                Absorb(i, pivot);
                continue;
            }
            _degree[i] = Math.Min(_degree[i], degree);
            // The list has lost the pivot or an absorbed element, so there is room for the new element in front.
            space[write] = space[split];
            space[split] = space[first];
            space[first] = pivot;
            _elements[i] = kept + 1;
            _length[i] = write - first + 1;
            int bucket = (int)(hash % (uint)_n);
            _hash[i] = bucket;
            _hashNext[i] = _hashHead[bucket];
            _hashHead[bucket] = i;
        }
        _largestElement = Math.Max(_largestElement, _degree[pivot]);
        RaiseFlag(_largestElement);
    }

    /// <summary>Merges variables of the clique that have the same neighbours (compared only within a hash bucket).</summary>
    private void MergeIndistinguishable(int pivot)
    {
        int[] space = _space;
        for (int p = _start[pivot], end = p + _length[pivot]; p < end; p++)
        {
            int member = space[p];
            if (_size[member] >= 0) continue;
            int bucket = _hash[member];
            int i = _hashHead[bucket];
            _hashHead[bucket] = -1;
            while (i >= 0 && _hashNext[i] >= 0)
            {
                int length = _length[i], elements = _elements[i];
                for (int t = _start[i] + 1, stop = _start[i] + length; t < stop; t++) _mark[space[t]] = _flag;
                int before = i;
                for (int j = _hashNext[i]; j >= 0;)
                {
                    bool same = _length[j] == length && _elements[j] == elements;
                    for (int t = _start[j] + 1, stop = _start[j] + length; same && t < stop; t++)
                    {
                        same = _mark[space[t]] == _flag;
                    }
                    int following = _hashNext[j];
                    if (same)
                    {
                        _size[i] += _size[j];
                        Absorb(j, i);
                        _hashNext[before] = following;
                    }
                    else
                    {
                        before = j;
                    }
                    j = following;
                }
                _flag++;
                i = _hashNext[i];
            }
        }
    }

    private void Absorb(int i, int into)
    {
        _size[i] = 0;
        _kind[i] = Kind.Gone;
        _memberNext[_memberTail[into]] = i;
        _memberTail[into] = _memberTail[i];
    }

    private void ReturnToLists(int pivot)
    {
        int[] space = _space;
        int begin = _start[pivot], end = begin + _length[pivot], write = begin;
        bool atTail = end == _free;
        int weight = _degree[pivot];
        for (int p = begin; p < end; p++)
        {
            int i = space[p], size = -_size[i];
            if (size <= 0) continue;
            _size[i] = size;
            int degree = Math.Min(_degree[i] + weight - size, _totalWeight - _eliminated - size);
            _degree[i] = degree;
            Insert(i, degree);
            space[write++] = i;
        }
        _size[pivot] = 0;
        _length[pivot] = write - begin;
        if (atTail) _free = write;
        if (write == begin)
        {
            _kind[pivot] = Kind.Gone;
            _mark[pivot] = 0;
        }
    }

    private void RaiseFlag(int by)
    {
        if ((long)_flag + by + _totalWeight + _n + 2 < int.MaxValue)
        {
            _flag += by;
            return;
        }
        for (int i = 0; i < _n; i++)
        {
            if (_mark[i] != 0) _mark[i] = 1;
        }
        _flag = 2;
    }

    /// <summary>Makes room for <paramref name="count"/> entries at the tail: packs the live lists, grows as a last resort.</summary>
    private void Reserve(long count)
    {
        if (_free + count <= _space.Length) return;
        int[] space = _space;
        for (int i = 0; i < _n; i++)
        {
            if (_kind[i] == Kind.Gone || _length[i] == 0) continue;
            // The head of each live list changes places with the list's own name, so that one sweep can move them all.
            int at = _start[i];
            _start[i] = space[at];
            space[at] = -i - 1;
        }
        int write = 0;
        for (int read = 0; read < _free;)
        {
            int entry = space[read];
            if (entry >= 0)
            {
                read++;
                continue;
            }
            int i = -entry - 1;
            space[read] = _start[i];
            _start[i] = write;
            Array.Copy(space, read, space, write, _length[i]);
            write += _length[i];
            read += _length[i];
        }
        _free = write;
        if (_free + count > _space.Length) Array.Resize(ref _space, checked((int)(_free + count + (_space.Length / 4))));
    }
}
