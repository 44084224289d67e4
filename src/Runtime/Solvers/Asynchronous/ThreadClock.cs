using System.Diagnostics;
using System.Threading.Channels;

namespace Optc.Runtime.Solvers.Asynchronous;

/// <summary>
/// Wall time: solves run on the threads of the pool, so many at a time, and an answer comes when the solve's time has passed as
/// often as the block's delay says, the block's shortest solve so far counting, so that waiting for a processor is not multiplied; a
/// delayed block holds no thread while it waits.
/// </summary>
internal sealed class ThreadClock : IBlockClock
{
    /// <summary>Seconds that a timer can wait: 49 days, a little less.</summary>
    public const double LongestTimer = 4e6;

    private readonly Action<int> _solve;
    private readonly Func<int, double> _delay;
    private readonly double[] _durations;
    private readonly double[] _shortest;
    private readonly SemaphoreSlim _threads;
    private readonly Channel<(BlockEvent Event, Exception? Error)> _channel = Channel.CreateUnbounded<(BlockEvent, Exception?)>();
    private readonly CancellationTokenSource _stop = new();
    private readonly long _began = Stopwatch.GetTimestamp();
    private readonly Task[] _running;

    public ThreadClock(Action<int> solve, Func<int, double> delay, int blocks, int threads)
    {
        _solve = solve;
        _delay = delay;
        _durations = new double[blocks];
        _shortest = new double[blocks];
        Array.Fill(_shortest, double.PositiveInfinity);
        _threads = new SemaphoreSlim(threads);
        _running = [.. Enumerable.Repeat(Task.CompletedTask, blocks)];
    }

    /// <inheritdoc/>
    public double Now => Stopwatch.GetElapsedTime(_began).TotalSeconds;

    /// <inheritdoc/>
    public double Duration(int block) => Volatile.Read(ref _durations[block]);

    /// <inheritdoc/>
    public void Start(int block) => _running[block] = Task.Run(() => Solve(block));

    /// <inheritdoc/>
    public void Rest(int block, double time) => _running[block] = Task.Run(() => Sleep(block, time));

    /// <inheritdoc/>
    public void Next(List<BlockEvent> events, CancellationToken cancellation)
    {
        if (!_channel.Reader.TryRead(out (BlockEvent Event, Exception? Error) next))
            next = _channel.Reader.ReadAsync(cancellation).AsTask().GetAwaiter().GetResult();
        do
        {
            if (next.Error is { } error) throw new InvalidOperationException($"Block {next.Event.Block + 1} has failed: {error.Message}", error);
            events.Add(next.Event);
        }
        while (_channel.Reader.TryRead(out next));
    }

    /// <summary>Waits until no block works any more: their memory belongs to the caller again.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        Task.WaitAll(_running);
        _stop.Dispose();
        _threads.Dispose();
    }

    private async Task Solve(int block)
    {
        Exception? failure = null;
        try
        {
            await _threads.WaitAsync(_stop.Token).ConfigureAwait(false);
            long began = Stopwatch.GetTimestamp();
            try
            {
                _solve(block);
            }
            finally
            {
                _threads.Release();
            }
            double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
            double delay = _delay(block);
            _shortest[block] = Math.Min(_shortest[block], seconds);
            if (delay > 1.0) await Task.Delay(Span((delay - 1.0) * _shortest[block]), _stop.Token).ConfigureAwait(false);
            Volatile.Write(ref _durations[block], seconds + ((delay - 1.0) * _shortest[block]));
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            return;
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            failure = error;
        }
        _channel.Writer.TryWrite((new BlockEvent(block, true), failure));
    }

    private static TimeSpan Span(double seconds) => TimeSpan.FromSeconds(Math.Min(seconds, LongestTimer));

    private async Task Sleep(int block, double time)
    {
        try
        {
            await Task.Delay(Span(time), _stop.Token).ConfigureAwait(false);
            _channel.Writer.TryWrite((new BlockEvent(block, false), null));
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
        }
    }
}
