using Optc.Runtime.Solution;
using Optc.Runtime.Solvers.BlockCoordinate;

namespace Optc.Runtime.Solvers.Asynchronous;

/// <summary>
/// One solve: workers read the point as it stands and answer with steps of their blocks, which go into the point when they come, however old what they have
/// read is (docs/asynchronous.md). Between their steps they look at snapshots of the whole point: whether they are solutions, and whether the anchor moves.
/// </summary>
internal sealed class AsynchronousRun
{
    private const int LooksBetweenStates = 50;

    private readonly SmoothFunction _function;
    private readonly SharedFunction _shared;
    private readonly AsynchronousOptions _options;
    private readonly SolveRequest _request;
    private readonly Action<AsynchronousRecord>? _observer;
    private readonly CancellationToken _cancellation;
    private readonly Worker[] _workers;
    private readonly ProximalAnchor? _anchor;
    private readonly BlockWatch _watch;
    private readonly ObjectiveTrend _trend;
    private readonly double[] _point, _state, _centre, _snapshot, _snapshotState, _gradient;
    private readonly Lock _shares = new();
    private readonly List<BlockEvent> _events = [];
    private readonly List<int> _waiting = [];
    private readonly long _began;
    private SolveStatus? _status;
    private int _updates, _updatesAtLook, _looking, _looks;

    public AsynchronousRun(
        SmoothFunction function, BlockPenalty penalty, AsynchronousOptions options, double[] start, SolveRequest request, Action<AsynchronousRecord>? observer,
        CancellationToken cancellation)
    {
        (_function, _options, _request, _observer, _cancellation) = (function, options, request, observer, cancellation);
        _began = request.Clock.GetTimestamp();
        _shared = SharedFunction.Of(function);
        (_point, _state, _centre) = (start, new double[_shared.StateCount], (double[])start.Clone());
        (_snapshot, _snapshotState, _gradient) = ((double[])start.Clone(), new double[_shared.StateCount], new double[start.Length]);
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
        function.MoveTo(start);
        _watch = new BlockWatch(function, penalty, new BlockOptions { Tolerance = options.Tolerance, MaxEpochs = options.MaxEpochs }, request, cancellation);
        _trend = new ObjectiveTrend(_watch.Objective);
    }

    /// <summary>Blocks there are: not more than atoms.</summary>
    public int BlockCount => _workers.Length;

    public AsynchronousResult Solve(int threads)
    {
        if (!double.IsFinite(_watch.Objective)) return Result(SolveStatus.EvaluationError, "The objective is not defined at the start.", 0.0);
        if (_watch.IsSolved) return Result(SolveStatus.Solved, null, 0.0);
        _shared.State(_point, _state);
        double time;
        using (IBlockClock clock = _options.SimulatedClock ? new SimulatedClock(Work, Delay, 2 * BlockCount) : new ThreadClock(Work, Delay, 2 * BlockCount, threads))
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
        _function.MoveTo(_status is null ? _point : _snapshot);
        // A limit: the last point is looked at when the workers have stopped.
        _status ??= _watch.Measure(_updates / BlockCount, _updates) ?? SolveStatus.TimeLimit;
        return Result(_status.Value, null, time);
    }

    private void Iterate(IBlockClock clock)
    {
        // Delayed blocks may answer long after the limit.
        using var over = CancellationTokenSource.CreateLinkedTokenSource(_cancellation);
        double left = _request.TimeLimit - _request.Clock.GetElapsedTime(_began).TotalSeconds;
        if (left < ThreadClock.LongestTimer) over.CancelAfter(TimeSpan.FromSeconds(Math.Max(0.0, left)));
        for (int b = 0; b < _workers.Length; b++) clock.Start(b);
        while (_status is null && !_watch.IsOver(_updates))
        {
            clock.Next(_events, over.Token);
            foreach (BlockEvent e in _events)
            {
                if (e.Block < BlockCount) AbsorbStep(clock, e.Block);
                else if (--_looking == 0) AbsorbLook();
            }
            _events.Clear();
            if (_looking == 0 && IsTimeToLook()) BeginLook(clock);
            // A look is short, and steps beside it would be for a centre that is about to move.
            if ((_looking > 0 && _anchor is not null) || (!_options.Asynchronous && _waiting.Count < BlockCount)) continue;
            foreach (int b in _waiting) clock.Start(b);
            _waiting.Clear();
        }
    }

    private double Delay(int b) => b >= BlockCount ? 1.0 : _options.DelayLaw is { } law ? Math.Max(1.0, law(b, _workers[b].Answers)) : _options.Delays.GetValueOrDefault(b, 1.0);

    private void AbsorbStep(IBlockClock clock, int b)
    {
        int delay;
        lock (_shares) delay = _workers[b].Apply(_point, _state, _updates++);
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

    private void BeginLook(IBlockClock clock)
    {
        _point.CopyTo(_snapshot, 0);
        _state.CopyTo(_snapshotState, 0);
        (_updatesAtLook, _looking) = (_updates, BlockCount);
        for (int b = 0; b < BlockCount; b++) clock.Start(BlockCount + b);
    }

    /// <summary>All parts of the gradient at the snapshot are there.</summary>
    private void AbsorbLook()
    {
        _status = _watch.Measure(_updatesAtLook / BlockCount, _updatesAtLook, _snapshot, _shared.Value(_snapshot, _snapshotState, _gradient), _gradient);
        _trend.Note(_watch.Objective);
        bool hasMoved = _status is null && _anchor is not null && _anchor.Move(_snapshot, _watch.Slopes);
        lock (_shares)
        {
            if (hasMoved) _anchor!.Centre.CopyTo(_centre, 0);
            foreach (Worker worker in _workers) worker.Forget();
            // Changes add up with their rounding.
            if (++_looks % LooksBetweenStates == 0) _shared.State(_point, _state);
        }
    }

    /// <summary>A block's step, from what is there when a thread takes it up, or its part of a look. The numbers of looks follow those of steps.</summary>
    private void Work(int number)
    {
        if (number >= BlockCount)
        {
            _workers[number - BlockCount].Look(_snapshot, _snapshotState, _gradient);
            return;
        }
        lock (_shares) _workers[number].Read(_point, _state, _centre, _updates);
        _workers[number].Solve();
    }

    private AsynchronousResult Result(SolveStatus status, string? message, double time) => new(
        WithTrend(_watch.Result(status, message, _updates, 0, _workers.Length)), [.. _workers.Select((w, b) => w.Report(b + 1))], _updates, _anchor?.Moves ?? 0, time);

    /// <summary>Steps of bounded lengths come to no end of an unbounded objective before a limit does.</summary>
    private BlockResult WithTrend(BlockResult result) => result.Status is SolveStatus.IterationLimit or SolveStatus.TimeLimit && _trend.FallsOn
        ? result with { Message = $"{result.Message} The objective falls as fast as before and may be unbounded (name --solver auglag, which can tell)." }
        : result;
}
