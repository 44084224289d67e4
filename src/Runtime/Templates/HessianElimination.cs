using System.Runtime.CompilerServices;
using Optc.Runtime.Problems;

namespace Optc.Runtime.Templates;

/// <summary>
/// Takes the stage values out of the extended second derivatives W of the Lagrangian (Gower and Mello, "A new framework
/// for the computation of Hessians", 2012: edge pushing; here on static patterns). From the highest rank down, with
/// dz = Σ pₐ duₐ: an entry W(z,b) spreads to W(a,b) += pₐ W(z,b), twice where a = b, and W(z,z) to
/// W(a,a′) += pₐ pₐ′ W(z,z). All operations are a flat list found once, executed in order.
/// Cells: the final entries (CSC order of the lower triangle), then the entries of each stage value with those before it.
/// </summary>
internal sealed class HessianElimination
{
    private readonly int[] _cellStarts;
    private readonly int[] _diagonals;
    private readonly int[] _targets;
    private readonly int[] _twiceStarts;
    private readonly Twice[] _twice;

    /// <param name="extended">Lower triangle of W by rows, columns as in <see cref="ColumnSpace"/>.</param>
    /// <param name="stages">First derivatives of the stage values, row = rank.</param>
    /// <param name="freeCount">Free variables n.</param>
    /// <param name="limit">Most operations.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public HessianElimination(SparsePattern extended, SparsePattern stages, int freeCount, long limit)
    {
        var stageCount = extended.MajorCount - freeCount;
        var builder = new PatternBuilder(freeCount, freeCount);
        for (var row = 0; row < freeCount; row++)
        {
            for (var k = extended.Starts[row]; k < extended.Starts[row + 1]; k++)
                builder.Count(extended.Indices[k]);
        }

        var cells = new int[extended.Count];
        var waiting = new WaitingOperations(stageCount);
        var cellOfColumn = new int[extended.MajorCount];
        var lastRank = new int[extended.MajorCount];
        Array.Fill(lastRank, -1);
        // An operation's target is the smaller column until all are known, or ~cell where it is an entry of a stage value.
        List<int> targets = [], larger = [], neighbours = [];
        var twice = new List<Twice>();
        _cellStarts = new int[stageCount + 1];
        _twiceStarts = new int[stageCount + 1];
        _diagonals = new int[stageCount];
        for (var step = 0; step < stageCount; step++)
        {
            var rank = stageCount - 1 - step;
            var z = freeCount + rank;
            var arguments = stages.Indices.AsSpan(stages.Starts[rank]..stages.Starts[rank + 1]);
            for (var k = extended.Starts[z]; k < extended.Starts[z + 1]; k++)
                cells[k] = Cell(extended.Indices[k], rank);
            for (var w = waiting.First(rank); w >= 0; w = waiting.Next(w))
                targets[waiting.Operation(w)] = Cell(waiting.Column(w), rank);

            long others = neighbours.Count - _cellStarts[step], count = arguments.Length;
            Eliminations.CheckLimit(targets.Count + (others * count) + (count * (count + 1) / 2), limit, "Hessian");
            _diagonals[step] = -1;
            for (var k = _cellStarts[step]; k < neighbours.Count; k++)
            {
                var b = neighbours[k];
                if (b == z)
                {
                    _diagonals[step] = k;
                    continue;
                }
                for (var p = 0; p < arguments.Length; p++)
                {
                    if (arguments[p] == b)
                        twice.Add(new Twice(targets.Count, k, stages.Starts[rank] + p));
                    AddOperation(arguments[p], b);
                }
            }
            for (var p = 0; _diagonals[step] >= 0 && p < arguments.Length; p++)
            {
                for (var q = 0; q <= p; q++)
                    AddOperation(arguments[p], arguments[q]);
            }
            _cellStarts[step + 1] = neighbours.Count;
            _twiceStarts[step + 1] = twice.Count;
        }

        builder.BeginPlacing();
        for (var row = 0; row < freeCount; row++)
        {
            for (var k = extended.Starts[row]; k < extended.Starts[row + 1]; k++)
                cells[k] = builder.Place(extended.Indices[k], row);
        }
        _targets = [.. targets];
        for (var k = 0; k < _targets.Length; k++)
        {
            if (_targets[k] >= 0)
                _targets[k] = builder.Place(_targets[k], larger[k]);
        }
        Pattern = builder.Compress();
        CellCount = checked(Pattern.Count + neighbours.Count);
        Settle(_targets);
        Settle(cells);
        CellOfEntry = cells;
        _twice = [.. twice];

        int Cell(int column, int rank)
        {
            if (lastRank[column] != rank)
            {
                lastRank[column] = rank;
                cellOfColumn[column] = ~neighbours.Count;
                neighbours.Add(column);
            }
            return cellOfColumn[column];
        }

        void AddOperation(int a, int b)
        {
            var (low, high) = a < b ? (a, b) : (b, a);
            if (high >= freeCount)
                waiting.Add(high - freeCount, targets.Count, low);
            else
                builder.Count(low);
            targets.Add(low);
            larger.Add(high);
        }

        void Settle(int[] places)
        {
            foreach (ref var place in places.AsSpan())
                place = place < 0 ? checked(Pattern.Count + ~place) : builder.Position(place);
        }
    }

    /// <summary>The Hessian in the free variables: lower triangle by columns.</summary>
    public SparsePattern Pattern { get; }

    /// <summary>Cell of each entry of the extended matrix.</summary>
    public int[] CellOfEntry { get; }

    /// <summary>Number of cells.</summary>
    public int CellCount { get; }

    /// <summary>Eliminates, given the stages' first derivatives.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(Span<double> cells, SparsePattern stages, ReadOnlySpan<double> stageValues)
    {
        var first = Pattern.Count;
        var next = 0;
        for (var step = 0; step < _diagonals.Length; step++)
        {
            var rank = _diagonals.Length - 1 - step;
            var partials = stageValues[stages.Starts[rank]..stages.Starts[rank + 1]];
            var diagonal = _diagonals[step];
            for (var k = _cellStarts[step]; k < _cellStarts[step + 1]; k++)
            {
                if (k == diagonal)
                    continue;
                var value = cells[first + k];
                foreach (var partial in partials)
                    cells[_targets[next++]] += partial * value;
            }
            for (var t = _twiceStarts[step]; t < _twiceStarts[step + 1]; t++)
            {
                var (operation, source, partial) = _twice[t];
                cells[_targets[operation]] += stageValues[partial] * cells[first + source];
            }
            if (diagonal < 0)
                continue;
            var curvature = cells[first + diagonal];
            for (var p = 0; p < partials.Length; p++)
            {
                var value = partials[p] * curvature;
                for (var q = 0; q <= p; q++)
                    cells[_targets[next++]] += value * partials[q];
            }
        }
    }

    /// <summary>The operation to repeat because its two variables are one; source is counted from the first stage cell.</summary>
    private readonly record struct Twice(int Operation, int Source, int Partial);

    /// <summary>For each stage value, the operations that add to its entries: linked lists.</summary>
    private sealed class WaitingOperations
    {
        private readonly int[] _head;
        private readonly List<(int Operation, int Column, int Next)> _nodes = [];

        public WaitingOperations(int stageCount)
        {
            _head = new int[stageCount];
            Array.Fill(_head, -1);
        }

        public void Add(int rank, int operation, int column)
        {
            _nodes.Add((operation, column, _head[rank]));
            _head[rank] = _nodes.Count - 1;
        }

        public int First(int rank) => _head[rank];

        public int Next(int node) => _nodes[node].Next;

        public int Operation(int node) => _nodes[node].Operation;

        public int Column(int node) => _nodes[node].Column;
    }
}
