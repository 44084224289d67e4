using Optc.Runtime.Solution;
using Optc.Runtime.Solvers.BlockCoordinate;

namespace Optc.Runtime.Solvers.Asynchronous;

/// <summary>
/// One solve: workers read the point as it stands and answer with steps of their blocks, which go into the point when they come, however old what they have
/// read is (docs/asynchronous.md). One more worker looks at snapshots of the whole point: whether they are solutions, and whether the anchor moves.
/// </summary>
internal sealed class AsynchronousRun
{
    private const int LooksBetweenStates = 50;

    private readonly SmoothFunction _function;
    private readonly SharedFunction _shared;
    private readonly AsynchronousOptions _options;
    private readonly Action<AsynchronousRecord>? _observer;
    private readonly CancellationToken _cancellation;
    private readonly Worker[] _workers;
    private readonly ProximalAnchor? _anchor;
    private readonly BlockWatch _watch;
    private readonly double[] _point, _state, _snapshot, _centre;
    private readonly List<BlockEvent> _events = [];
    private readonly List<int> _waiting = [];
    private SolveStatus? _status, _seen;
    private bool _isLooking, _hasMoved;
    private int _updates, _updatesAtLook, _looks;

    public AsynchronousRun(
        SmoothFunction function, BlockPenalty penalty, AsynchronousOptions options, double[] start, SolveRequest request, Action<AsynchronousRecord>? observer,
        CancellationToken cancellation)
    {
        (_function, _options, _observer, _cancellation) = (function, options, observer, cancellation);
        _shared = SharedFunction.Of(function);
        (_point, _snapshot, _state) = (start, (double[])start.Clone(), new double[_shared.StateCount]);
        Partition partition = Partition.Consecutive(penalty, (start.Length + options.Blocks - 1) / options.Blocks);
        BlockMetric metric = _shared.Metric(partition, penalty);
        double[] anchors = BlockSteps.Anchors(metric, options.Anchor), weights = new double[start.Length];
        _workers = new Worker[partition.Count];
        for (int b = 0; b < _workers.Length; b++)
        {
            double step = options.Step ?? BlockSteps.Length(metric, anchors, b);
            _workers[b] = new Worker(_shared, penalty, partition.Atoms(b).ToArray(), partition.Coordinates(b).ToArray(), metric.Diagonal, anchors[b], step);
            foreach (int j in partition.Coordinates(b)) weights[j] = anchors[b] * metric.Diagonal[j];
        }
        if (anchors.Any(a => a > 0.0)) _anchor = new ProximalAnchor(penalty, weights, start);
        _centre = (double[])start.Clone();
        function.MoveTo(start);
        _watch = new BlockWatch(function, penalty, new BlockOptions { Tolerance = options.Tolerance, MaxEpochs = options.MaxEpochs }, request, cancellation);
    }

    /// <summary>Blocks there are: not more than atoms.</summary>
    public int BlockCount => _workers.Length;

    private int Watcher => _workers.Length;

    public AsynchronousResult Solve(int threads)
    {
        if (!double.IsFinite(_watch.Objective)) return Result(SolveStatus.EvaluationError, "The objective is not defined at the start.", 0.0);
        if (_watch.IsSolved) return Result(SolveStatus.Solved, null, 0.0);
        _shared.State(_point, _state);
        double time;
        using (IBlockClock clock = _options.SimulatedClock ? new SimulatedClock(Work, Delay, Watcher + 1) : new ThreadClock(Work, Delay, Watcher + 1, threads))
        {
            try
            {
                Iterate(clock);
            }
            catch (OperationCanceledException)
            {
                // The last look says so.
            }
            time = clock.Now;
        }
        if (_status is null)
        {
            // A limit: the last point is looked at when the workers have stopped.
            _function.MoveTo(_point);
            _status = _watch.Measure(_updates / Math.Max(1, _workers.Length), _updates) ?? SolveStatus.TimeLimit;
        }
        return Result(_status.Value, null, time);
    }

    private void Iterate(IBlockClock clock)
    {
        for (int b = 0; b < _workers.Length; b++) Begin(clock, b);
        while (_status is null && !_watch.IsOver(_updates))
        {
            clock.Next(_events, _cancellation);
            foreach (BlockEvent e in _events)
            {
                if (e.Block == Watcher) AbsorbLook();
                else AbsorbStep(clock, e.Block);
            }
            _events.Clear();
            if (!_isLooking && IsTimeToLook()) Look(clock);
            if (!_options.Asynchronous && _waiting.Count < _workers.Length) continue;
            foreach (int b in _waiting) Begin(clock, b);
            _waiting.Clear();
        }
    }

    private double Delay(int b) => b == Watcher ? 1.0 : _options.DelayLaw is { } law ? Math.Max(1.0, law(b, _workers[b].Answers)) : _options.Delays.GetValueOrDefault(b, 1.0);

    private void Begin(IBlockClock clock, int b)
    {
        _workers[b].Read(_point, _state, _centre, _updates);
        clock.Start(b);
    }

    private void AbsorbStep(IBlockClock clock, int b)
    {
        int delay = _workers[b].Apply(_point, _state, _updates++);
        _observer?.Invoke(new AsynchronousRecord(_updates, clock.Now, b, delay, _point));
        _waiting.Add(b);
    }

    /// <summary>Every block has answered to something that it read after the last look: the same as in proofs makes an epoch of old information.</summary>
    private bool IsTimeToLook()
    {
        foreach (Worker worker in _workers)
        {
            if (!worker.HasAnsweredFresh) return false;
        }
        return true;
    }

    private void Look(IBlockClock clock)
    {
        _point.CopyTo(_snapshot, 0);
        (_updatesAtLook, _isLooking) = (_updates, true);
        clock.Start(Watcher);
    }

    private void AbsorbLook()
    {
        (_isLooking, _status) = (false, _seen);
        if (_hasMoved) _anchor!.Centre.CopyTo(_centre, 0);
        foreach (Worker worker in _workers) worker.Forget();
        // Changes add up with their rounding.
        if (++_looks % LooksBetweenStates == 0) _shared.State(_point, _state);
    }

    /// <summary>A block's step, or a look at the snapshot. Runs on any thread; the coordinator does not touch what it works on.</summary>
    private void Work(int b)
    {
        if (b < Watcher)
        {
            _workers[b].Solve();
            return;
        }
        _function.MoveTo(_snapshot);
        _seen = _watch.Measure(_updatesAtLook / _workers.Length, _updatesAtLook);
        _hasMoved = _seen is null && _anchor is not null && _anchor.Move(_snapshot, _watch.Slopes);
    }

    private AsynchronousResult Result(SolveStatus status, string? message, double time) => new(
        _watch.Result(status, message, _updates, 0, _workers.Length), [.. _workers.Select((w, b) => w.Report(b + 1))], _updates, _anchor?.Moves ?? 0, time);
}
