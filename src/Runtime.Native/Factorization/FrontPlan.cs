namespace Optc.Runtime.Native;

/// <summary>
/// Which columns form which front: fundamental supernodes (Liu, Ng, Peyton, 1993) merged into their parents where that
/// costs few explicit zeros (Ashcraft, Grimes, "The influence of relaxed supernode partitions", 1989), in postorder.
/// </summary>
/// <remarks>A front with a great many children gets pivotless fronts in between that add up groups of contributions, so that
/// the stack of contributions stays in proportion to the front itself.</remarks>
internal sealed class FrontPlan
{
    public int Count { get; private init; }
    public required int[] Parent { get; init; }
    public required int[] PivotCount { get; init; }
    public required int[] ColumnStart { get; init; }
    /// <summary>Labels of the elimination tree, front by front.</summary>
    public required int[] Columns { get; init; }

    public static FrontPlan Create(EliminationTree tree, int smallFront)
    {
        var nodes = new Supernodes(tree);
        nodes.Merge(smallFront);
        return nodes.ToPlan();
    }

    /// <summary>Children of each front in ascending order, as starts and a flat list.</summary>
    public (int[] Starts, int[] Children) ChildLists()
    {
        var starts = new int[Count + 1];
        foreach (int p in Parent)
        {
            if (p >= 0) starts[p + 1]++;
        }
        for (int s = 0; s < Count; s++) starts[s + 1] += starts[s];
        var children = new int[starts[Count]];
        var write = starts.AsSpan(0, Count).ToArray();
        for (int s = 0; s < Count; s++)
        {
            if (Parent[s] >= 0) children[write[Parent[s]]++] = s;
        }
        return (starts, children);
    }

    private sealed class Supernodes
    {
        private readonly List<int> _parent = [];
        private readonly List<int> _pivots = [];
        private readonly List<int> _rows = [];
        private readonly List<long> _zeros = [];
        private readonly List<int> _firstColumn = [];
        private readonly int[] _columnNext;
        private readonly List<int> _lastColumn = [];

        public Supernodes(EliminationTree tree)
        {
            int n = tree.Parent.Length;
            var owner = new int[n];
            var childCount = new int[n];
            _columnNext = new int[n];
            _columnNext.AsSpan().Fill(-1);
            foreach (int p in tree.Parent)
            {
                if (p >= 0) childCount[p]++;
            }
            for (int j = 0; j < n; j++)
            {
                bool extends = j > 0 && tree.Parent[j - 1] == j && childCount[j] == 1
                    && tree.ColumnCounts[j - 1] == tree.ColumnCounts[j] + 1;
                if (extends)
                {
                    int s = _pivots.Count - 1;
                    _pivots[s]++;
                    _columnNext[_lastColumn[s]] = j;
                    _lastColumn[s] = j;
                }
                else
                {
                    _pivots.Add(1);
                    _rows.Add(tree.ColumnCounts[j]);
                    _zeros.Add(0);
                    _firstColumn.Add(j);
                    _lastColumn.Add(j);
                }
                owner[j] = _pivots.Count - 1;
            }
            for (int s = 0; s < _pivots.Count; s++)
            {
                int up = tree.Parent[_lastColumn[s]];
                _parent.Add(up < 0 ? -1 : owner[up]);
            }
        }

        public void Merge(int smallFront)
        {
            int count = _parent.Count;
            var head = new int[count];
            var tail = new int[count];
            var next = new int[count];
            head.AsSpan().Fill(-1);
            tail.AsSpan().Fill(-1);
            for (int s = 0; s < count; s++)
            {
                // Children precede s. The ones it takes in leave their own children to it; those are not asked again.
                int child = head[s], keptHead = -1, keptTail = -1;
                while (child >= 0)
                {
                    int following = next[child];
                    if (TryMerge(child, s, smallFront))
                    {
                        if (head[child] >= 0) Append(ref keptHead, ref keptTail, head[child], tail[child]);
                    }
                    else
                    {
                        Append(ref keptHead, ref keptTail, child, child);
                    }
                    child = following;
                }
                head[s] = keptHead;
                tail[s] = keptTail;
                if (keptTail >= 0) next[keptTail] = -1;
                for (int c = keptHead; c >= 0; c = next[c]) _parent[c] = s;
                int up = _parent[s];
                if (up < 0) continue;
                next[s] = -1;
                if (tail[up] >= 0) next[tail[up]] = s; else head[up] = s;
                tail[up] = s;
            }

            void Append(ref int listHead, ref int listTail, int first, int last)
            {
                if (listTail >= 0) next[listTail] = first; else listHead = first;
                listTail = last;
            }
        }

        private bool TryMerge(int child, int parent, int smallFront)
        {
            long p = _pivots[child], extra = p + _rows[parent] - _rows[child];
            long columns = p + _pivots[parent], height = p + _rows[parent];
            long zeros = _zeros[child] + _zeros[parent] + (p * extra);
            double share = zeros / (double)((columns * height) - (columns * (columns - 1) / 2));
            bool merge = extra == 0 || columns <= 4
                || (columns <= smallFront && share < 0.8) || (columns <= 3 * smallFront && share < 0.1) || share < 0.03;
            if (!merge) return false;
            _pivots[parent] = (int)columns;
            _rows[parent] = (int)height;
            _zeros[parent] = zeros;
            _columnNext[_lastColumn[child]] = _firstColumn[parent];
            _firstColumn[parent] = _firstColumn[child];
            _pivots[child] = -1;
            return true;
        }

        public FrontPlan ToPlan()
        {
            int ordinary = _parent.Count;
            BoundSiblings();
            int count = _parent.Count;
            var post = EliminationTree.Postorder([.. _parent], ordinary);
            var number = new int[count];
            int live = 0;
            foreach (int s in post) number[s] = _pivots[s] < 0 ? -1 : live++;
            var parent = new int[live];
            var pivots = new int[live];
            var starts = new int[live + 1];
            var columns = new int[_columnNext.Length];
            int at = 0;
            foreach (int s in post)
            {
                int k = number[s];
                if (k < 0) continue;
                parent[k] = _parent[s] < 0 ? -1 : number[_parent[s]];
                pivots[k] = _pivots[s];
                starts[k] = at;
                for (int j = _firstColumn[s], left = _pivots[s]; left > 0; left--, j = _columnNext[j]) columns[at++] = j;
            }
            starts[live] = at;
            return new FrontPlan { Count = live, Parent = parent, PivotCount = pivots, ColumnStart = starts, Columns = columns };
        }

        private void BoundSiblings()
        {
            int count = _parent.Count;
            var area = new double[count];
            var group = new int[count];
            group.AsSpan().Fill(-1);
            var pending = new double[count];
            for (int s = 0; s < count; s++)
            {
                if (_pivots[s] >= 0) area[s] = Math.Pow(_rows[s] - _pivots[s], 2);
            }
            for (int s = 0; s < count; s++)
            {
                int up = _parent[s];
                if (_pivots[s] < 0 || up < 0) continue;
                double limit = Math.Max(4.0 * _rows[up] * _rows[up], 1 << 16);
                if (pending[up] + area[s] > limit)
                {
                    // The children so far are added up in a front of their own, the first child of those to come.
                    int sum = AddPivotless(up);
                    for (int c = group[up]; c >= 0;)
                    {
                        int following = _sibling[c];
                        _parent[c] = sum;
                        c = following;
                    }
                    group[up] = -1;
                    pending[up] = (double)_rows[up] * _rows[up];
                    Link(sum, up);
                }
                pending[up] += area[s];
                Link(s, up);
            }

            void Link(int s, int up)
            {
                while (_sibling.Count <= s) _sibling.Add(-1);
                _sibling[s] = group[up];
                group[up] = s;
            }
        }

        private readonly List<int> _sibling = [];

        private int AddPivotless(int parent)
        {
            _parent.Add(parent);
            _pivots.Add(0);
            _rows.Add(_rows[parent]);
            _zeros.Add(0);
            _firstColumn.Add(-1);
            _lastColumn.Add(-1);
            return _parent.Count - 1;
        }
    }
}
