namespace Optc.Runtime.Solvers.Asynchronous;

/// <summary>Simulated time: a solve lasts one unit times the block's delay. Solves are done on the caller's thread, in the order of their start.</summary>
internal sealed class SimulatedClock(Action<int> solve, Func<int, double> delay, int blocks) : IBlockClock
{
    private readonly PriorityQueue<BlockEvent, (double Time, int Order)> _queue = new();
    private readonly double[] _durations = new double[blocks];

    /// <inheritdoc/>
    public double Now { get; private set; }

    /// <inheritdoc/>
    public double Duration(int block) => _durations[block];

    /// <inheritdoc/>
    public void Start(int block)
    {
        solve(block);
        _durations[block] = delay(block);
        _queue.Enqueue(new BlockEvent(block, true), (Now + _durations[block], block));
    }

    /// <inheritdoc/>
    public void Rest(int block, double time) => _queue.Enqueue(new BlockEvent(block, false), (Now + time, block));

    /// <inheritdoc/>
    public void Next(List<BlockEvent> events, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        while (_queue.TryPeek(out BlockEvent next, out (double Time, int Order) at))
        {
            if (events.Count > 0 && at.Time > Now) return;
            Now = at.Time;
            events.Add(next);
            _queue.Dequeue();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
