
namespace Optc.Runtime.Native;

public sealed unsafe partial class SymmetricFactorization
{
    /// <summary>Area of fronts that is no matter.</summary>
    private const long SmallArea = 4096;
    private const int MostPatience = 31;

    /// <summary>Multiply-adds, about, between questions whether to go on: about a millisecond's work.</summary>
    private const long WorkBetweenPolls = 1L << 22;

    private readonly PinnedBuffer<double> _factor = new();
    private readonly PinnedBuffer<double>[] _stacks = [new(), new()];
    private readonly PinnedBuffer<double> _scratch = new();
    private readonly PinnedBuffer<int> _pivotRows = new();
    private readonly PinnedBuffer<int> _positions = new();
    private readonly PinnedBuffer<double> _diagonal = new();
    private readonly PinnedBuffer<double> _off = new();
    private readonly long[] _stackTop = new long[2];
    private double[] _values = [];
    private double[] _scaled = [];
    private double[] _scale = [];
    private double[] _work = [];
    private Front[] _fronts = [];
    private int _eliminated;
    private long _factorTop;
    private long _pivotRowTop;
    private int _tallest;
    private long _area;
    private long _areaLimit;
    private long _unpolledWork;
    private long _relaxedLimit;
    private bool _byValues;
    private int _lenient;
    private int _patience;

    /// <summary>How often the pattern has been analysed.</summary>
    internal int Analyses { get; private set; } = 1;

    /// <summary>Entries the two stacks of contributions have room for.</summary>
    internal long StackCapacity => _stacks[0].Capacity + _stacks[1].Capacity;

    /// <summary>What the numeric factorisation made of one front. Its factor is Height × Eliminated, column major; its rows
    /// are Columns labels at PivotRows (eliminated first, then delayed), then the static rows.</summary>
    private struct Front
    {
        public long FactorOffset;
        public long PivotRows;
        public long Contribution;
        public int Columns;
        public int Eliminated;
        public int FirstPivot;

        public readonly int Delayed => Columns - Eliminated;
    }

    /// <summary>
    /// Factors the matrix with these values (in the order of the row indices given to the constructor). True if it is
    /// nonsingular; see <see cref="Status"/> otherwise. <see cref="Inertia"/> holds whenever the status is
    /// <see cref="FactorStatus.Nonsingular"/> or <see cref="FactorStatus.Singular"/>.
    /// </summary>
    public bool Factor(ReadOnlySpan<double> values)
    {
        if (values.Length != _rowIndices.Length)
            throw new ArgumentException($"Expected {_rowIndices.Length} values, one an entry of the pattern; got {values.Length}.", nameof(values));
        Status = Prepare(values);
        if (Status == FactorStatus.None) EliminateWithinReason();
        if (Status != FactorStatus.None)
        {
            Inertia = default;
            return false;
        }
        FactorNonzeros = _factorTop;
        Status = Inertia.Zero == 0 ? FactorStatus.Nonsingular : FactorStatus.Singular;
        return Status == FactorStatus.Nonsingular;
    }

    /// <summary>
    /// Delayed pivots make fronts grow, and a front that cannot be eliminated hands all of it to the next. So a factorisation whose
    /// fronts grow out of proportion is given up early: the pattern is analysed again by the values, once; then the threshold is relaxed; then
    /// the pattern is analysed again, and whatever comes is accepted.
    /// </summary>
    private void EliminateWithinReason()
    {
        UsedPivotThreshold = _options.PivotThreshold;
        if (_options.Ordering == FactorOrdering.Natural)
        {
            Eliminate(long.MaxValue);
            return;
        }
        bool strict = _lenient == 0;
        if (strict && Eliminate(Limit(_byValues ? 4 : 2)))
        {
            _patience = 0;
            return;
        }
        if (!_byValues)
        {
            Reanalyse();
            if (Status != FactorStatus.None || Eliminate(Limit(4))) return;
        }
        // Matrices like this one come in rows: the strict threshold is tried again after ever more of them.
        if (strict) _lenient = _patience = Math.Min(MostPatience, (2 * _patience) + 1);
        else _lenient--;
        UsedPivotThreshold = Math.Min(_options.PivotThreshold, _options.RelaxedPivotThreshold);
        if (Eliminate(Math.Max(_relaxedLimit, Limit(8)))) return;
        Reanalyse();
        if (Status == FactorStatus.None) Eliminate(long.MaxValue);
        _relaxedLimit = 2 * _area;

        long Limit(int times) => SmallArea + (times * _tree.FactorNonzeros);
    }

    /// <summary>Goes through the fronts and sets the status; false, at once, when the area of the fronts exceeds the limit.</summary>
    private bool Eliminate(long areaLimit)
    {
        _area = 0;
        _areaLimit = areaLimit;
        Inertia = default;
        DelayedPivots = 0;
        FactorNonzeros = 0;
        _eliminated = 0;
        _factorTop = _pivotRowTop = 0;
        _stackTop[0] = _stackTop[1] = 0;
        for (int s = 0; s < _tree.FrontCount && Status == FactorStatus.None; s++)
        {
            Status = IsInterrupted() ? FactorStatus.Interrupted : FactorFront(s);
            if (_area > areaLimit) return false;
        }
        return true;
    }

    private bool IsInterrupted()
    {
        if (Interrupt is null || _unpolledWork < WorkBetweenPolls) return false;
        _unpolledWork = 0;
        return Interrupt();
    }

    /// <summary>The pattern alone has led to an order that these values do not bear: another one, by them.</summary>
    private void Reanalyse()
    {
        Analyses++;
        _byValues = true;
        if (_options.Equilibrate) Equilibrate();
        var graph = SymmetricGraph.FromLower(_n, _columnStarts, _rowIndices);
        int[] order = FactorOrder.FindForValues(graph, _columnStarts, _rowIndices, _scaled);
        _tree = new AssemblyTree(graph, new EliminationTree(graph, order), _options.SmallFront);
        Status = PlaceEntries();
    }

    private FactorStatus PlaceEntries()
    {
        _tree.LocateEntries(_columnStarts, _rowIndices);
        _fronts = new Front[_tree.FrontCount];
        return _factor.TryReserve(_tree.FactorNonzeros + 64, 0) ? FactorStatus.None : FactorStatus.TooLarge;
    }

    private FactorStatus Prepare(ReadOnlySpan<double> values)
    {
        if (_fronts.Length == 0 && _n > 0)
        {
            if (!_pivotRows.TryReserve(_n, 0) || !_diagonal.TryReserve(_n + 1L, 0) || !_off.TryReserve(_n + 1L, 0)
                || PlaceEntries() != FactorStatus.None)
            {
                _fronts = [];
                return FactorStatus.TooLarge;
            }
            _values = new double[_rowIndices.Length];
            _scaled = new double[_rowIndices.Length];
            _scale = new double[_n];
            _work = new double[_n];
            _scale.AsSpan().Fill(1);
        }
        values.CopyTo(_values);
        double sum = 0;
        foreach (double value in values) sum += value - value;
        if (sum != 0) return FactorStatus.NotFinite;
        if (!_options.Equilibrate)
        {
            values.CopyTo(_scaled);
            return FactorStatus.None;
        }
        Equilibrate();
        return FactorStatus.None;
    }

    private void Equilibrate()
    {
        SymmetricScaling.Compute(_columnStarts, _rowIndices, _values, _scale, _work, _byValues);
        for (int j = 0; j < _n; j++)
        {
            double sj = _scale[j];
            for (int p = _columnStarts[j]; p < _columnStarts[j + 1]; p++) _scaled[p] = _values[p] * sj * _scale[_rowIndices[p]];
        }
    }

    private FactorStatus FactorFront(int s)
    {
        ref Front front = ref _fronts[s];
        int childBegin = _tree.ChildStart[s], childEnd = _tree.ChildStart[s + 1], shift = 0;
        for (int k = childBegin; k < childEnd; k++) shift += _fronts[_tree.Children[k]].Delayed;
        int own = _tree.PivotCount[s], rest = _tree.RowStart[s + 1] - _tree.RowStart[s];
        int columns = shift + own, height = columns + rest;
        long size = (long)columns * height;
        _area += size;
        _unpolledWork += size * height;
        if (_area > _areaLimit) return FactorStatus.None;
        if (!_factor.TryReserve(_factorTop + size, _factorTop) || !_pivotRows.TryReserve(_pivotRowTop + columns, _pivotRowTop)
            || !_positions.TryReserve(height, 0) || !_scratch.TryReserve(FrontUpdate.ScratchSize(height), 0))
        {
            return FactorStatus.TooLarge;
        }
        _tallest = Math.Max(_tallest, height);
        front = new Front { FactorOffset = _factorTop, PivotRows = _pivotRowTop, Columns = columns, FirstPivot = _eliminated };
        double* block = _factor.Pointer + _factorTop;
        new Span<double>(block, checked((int)size)).Clear();
        AssembleEntries(s, block, shift, height);
        AssembleChildren(s, ref front, block, shift, height);

        var pivoting = new FrontPivoting
        {
            A = block,
            Height = height,
            Columns = columns,
            Rows = _pivotRows.Pointer + _pivotRowTop,
            Diagonal = _diagonal.Pointer + _eliminated,
            Off = _off.Pointer + _eliminated,
            Scratch = _scratch.Pointer,
            Threshold = UsedPivotThreshold,
            ZeroTolerance = _options.ZeroTolerance,
            MustFinish = _tree.Parent[s] < 0,
            Interrupt = size * height > WorkBetweenPolls ? Interrupt : null,
        };
        int done = pivoting.Run();
        if (pivoting.Interrupted) return FactorStatus.Interrupted;
        if (pivoting.Overflowed) return FactorStatus.NotFinite;
        Inertia = new Inertia(
            Inertia.Positive + pivoting.Positive, Inertia.Negative + pivoting.Negative, Inertia.Zero + pivoting.Zero);
        front.Eliminated = done;
        DelayedPivots += columns - done;
        _eliminated += done;
        _factorTop += (long)height * done;
        _pivotRowTop += columns;
        return PassOn(s, ref front, block, height);
    }

    private void AssembleEntries(int s, double* block, int shift, int height)
    {
        int first = _tree.FirstLabel[s];
        int* rows = _pivotRows.Pointer + _pivotRowTop + shift;
        int[] starts = _tree.EntryStart, sources = _tree.EntrySource, entryRows = _tree.EntryRow;
        for (int j = 0; j < _tree.PivotCount[s]; j++)
        {
            rows[j] = first + j;
            double* column = block + ((long)(shift + j) * height) + shift;
            for (int p = starts[first + j]; p < starts[first + j + 1]; p++) column[entryRows[p]] = _scaled[sources[p]];
        }
    }

    /// <summary>Adds what the children contribute to the fully summed columns.</summary>
    private void AssembleChildren(int s, ref Front front, double* block, int shift, int height)
    {
        int* positions = _positions.Pointer;
        double* stack = _stacks[1 - _tree.Parity[s]].Pointer;
        int delayedBefore = 0;
        for (int k = _tree.ChildStart[s]; k < _tree.ChildStart[s + 1]; k++)
        {
            int child = _tree.Children[k];
            ref Front from = ref _fronts[child];
            int delayed = from.Delayed, begin = _tree.RowStart[child], count = delayed + _tree.RowStart[child + 1] - begin;
            int* labels = _pivotRows.Pointer + from.PivotRows + from.Eliminated;
            for (int i = 0; i < delayed; i++)
            {
                positions[i] = delayedBefore + i;
                _pivotRows.Pointer[front.PivotRows + delayedBefore + i] = labels[i];
            }
            for (int i = delayed; i < count; i++) positions[i] = shift + _tree.PositionInParent[begin + i - delayed];
            delayedBefore += delayed;
            int columns = delayed + _tree.RowsEliminatedByParent[child];
            double* source = stack + from.Contribution;
            for (int j = 0; j < columns; j++, source += count)
            {
                double* target = block + ((long)positions[j] * height);
                for (int i = j; i < count; i++) target[positions[i]] += source[i];
            }
        }
    }

    /// <summary>Pops the children's contributions and pushes this front's: delayed columns, then the Schur complement.</summary>
    private FactorStatus PassOn(int s, ref Front front, double* block, int height)
    {
        int parity = _tree.Parity[s], delayed = front.Delayed, rest = height - front.Columns, count = delayed + rest;
        int childBegin = _tree.ChildStart[s], childEnd = _tree.ChildStart[s + 1];
        var stack = _stacks[parity];
        front.Contribution = _stackTop[parity];
        if (!stack.TryReserve(front.Contribution + ((long)count * count), front.Contribution)) return FactorStatus.TooLarge;
        _stackTop[parity] += (long)count * count;
        double* target = stack.Pointer + front.Contribution;
        for (int j = 0; j < delayed; j++, target += count)
        {
            double* column = block + ((long)(front.Eliminated + j) * height) + front.Eliminated;
            for (int i = j; i < count; i++) target[i] = column[i];
        }
        target += delayed;
        for (int j = 0; j < rest; j++) new Span<double>(target + ((long)j * count) + j, rest - j).Clear();
        double* childStack = _stacks[1 - parity].Pointer;
        int own = _tree.PivotCount[s];
        for (int k = childBegin; k < childEnd; k++)
        {
            int child = _tree.Children[k];
            ref Front from = ref _fronts[child];
            int begin = _tree.RowStart[child], skipped = _tree.RowsEliminatedByParent[child];
            int rows = _tree.RowStart[child + 1] - begin, leading = from.Delayed + rows;
            double* source = childStack + from.Contribution + from.Delayed;
            fixed (int* to = _tree.PositionInParent)
            {
                int* position = to + begin;
                for (int j = skipped; j < rows; j++)
                {
                    double* column = target + ((long)(position[j] - own) * count) - own;
                    double* fromColumn = source + ((long)(from.Delayed + j) * leading);
                    for (int i = j; i < rows; i++) column[position[i]] += fromColumn[i];
                }
            }
        }
        if (childBegin < childEnd) _stackTop[1 - parity] = _fronts[_tree.Children[childBegin]].Contribution;
        FrontUpdate.Subtract(
            target, count, rest, rest, block + front.Columns, height, front.Eliminated,
            _diagonal.Pointer + front.FirstPivot, _off.Pointer + front.FirstPivot, _scratch.Pointer);
        return FactorStatus.None;
    }
}
