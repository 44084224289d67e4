using System.Diagnostics;
using Optc.Runtime.Solution;

namespace Optc.Runtime.Solvers.Consensus;

/// <summary>
/// Rounds in which the server talks to a random part of the blocks, over links that may be noisy: federated ADMM without dual variables at the
/// clients, after "Noise-Robust and Resource-Efficient ADMM-based Federated Learning" (Lari, Arablouei, Gogineni, Werner 2024; docs/consensus.md).
/// </summary>
internal sealed partial class ConsensusRun
{
    /// <summary>Rounds between two measurements of the whole problem.</summary>
    private const int RoundsPerMeasurement = 10;

    private ConsensusResult SolveScheduled(int threads)
    {
        // Blocks that go on by themselves end at z − ∇fₖ(z)/ρ, the mean of which is a gradient step: it shortens distances where ρ is above half the largest curvature
        // of the mean, which is at most the mean of the blocks'.
        if (_options.Penalty <= 0.0) _penalty = BlockCurvature.MeanLargest(_problem.Blocks);
        var random = new Random(_request.Seed);
        // A stream of its own: the schedule is the same whatever the links do.
        var noise = new NormalSource(new Random(random.Next()));
        (double up, double down) = (Math.Sqrt(_options.UplinkNoise), Math.Sqrt(_options.DownlinkNoise));
        bool settles = up == 0.0 && down == 0.0 && (_options.KeepsMessages || _options.Participation >= 1.0);
        foreach (BlockState block in _blocks) block.SetPenalty(_penalty, _z);
        ScheduledClient[] clients = [.. _blocks.Select(b => new ScheduledClient(b, _z))];
        int[] order = [.. Enumerable.Range(0, clients.Length)];
        int called = Math.Max(1, (int)Math.Round(_options.Participation * clients.Length));
        var tail = settles ? null : new PointAverage(_answer);
        SolveResult? result = null;
        try
        {
            while (result is null)
            {
                _cancellation.ThrowIfCancellationRequested();
                // In the first round everyone is called, so that everyone has said something.
                int count = _updates == 0 ? clients.Length : called;
                Draw(order, count, random);
                foreach (int k in order.AsSpan(0, count)) clients[k].Receive(_z, down, noise);
                ReadOnlyMemory<int> active = _options.ContinuesLocally ? order : order.AsMemory(0, count);
                Step(clients, active, threads);
                if (Array.FindIndex(clients, c => c.Status != SolveStatus.Solved) is int failed and >= 0)
                {
                    result = AfterFailure(failed);
                    break;
                }
                foreach (int k in order.AsSpan(0, count)) clients[k].Send(up, noise);
                if (!UpdateFromMessages(clients, _options.KeepsMessages ? order : order.AsSpan(0, count)))
                {
                    result = AfterFailure(_blocks.Length);
                    break;
                }
                foreach (int k in order.AsSpan(0, count)) _arrivals.Add((k, 0));
                Record(_updates);
                _arrivals.Clear();
                result = TestRound(tail);
            }
        }
        catch (OperationCanceledException)
        {
            result = EndOfRounds(tail, SolveStatus.Interrupted, "cancelled");
        }
        result.Seconds = Elapsed;
        result.OuterIterations = _updates;
        result.InnerIterations = (int)Math.Min(int.MaxValue, _blocks.Sum(b => b.Block.InnerIterations) + _coordinator.InnerIterations) + _finishIterations;
        return new ConsensusResult(result, Reports(), _updates, _finishIterations, _updates);
    }

    /// <summary>Brings a uniform sample to the front.</summary>
    private static void Draw(int[] order, int count, Random random)
    {
        for (int i = 0; i < count; i++)
        {
            int j = random.Next(i, order.Length);
            (order[i], order[j]) = (order[j], order[i]);
        }
    }

    private void Step(ScheduledClient[] clients, ReadOnlyMemory<int> active, int threads)
    {
        if (threads == 1)
        {
            foreach (int k in active.Span) clients[k].Step(TimeLeft, _cancellation);
        }
        else
        {
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = _cancellation };
            Parallel.For(0, active.Length, parallel, i => clients[active.Span[i]].Step(TimeLeft, _cancellation));
        }
        foreach (int k in active.Span) clients[k].Absorb();
    }

    /// <summary>z = argmin g(z) + ½ Σⱼ ρ nⱼ (zⱼ − mean of the messages)², nⱼ blocks having a copy of zⱼ.</summary>
    private bool UpdateFromMessages(ScheduledClient[] clients, ReadOnlySpan<int> heard)
    {
        Array.Clear(_centre);
        Array.Clear(_weights);
        foreach (int k in heard)
        {
            ReadOnlySpan<int> place = _blocks[k].Place;
            for (int i = 0; i < place.Length; i++)
            {
                _centre[place[i]] += clients[k].Message[i];
                _weights[place[i]] += 1.0;
            }
        }
        for (int j = 0; j < _centre.Length; j++) _centre[j] = _weights[j] > 0.0 ? _centre[j] / _weights[j] : _z[j];
        Array.Clear(_weights);
        foreach (BlockState block in _blocks)
        {
            foreach (int place in block.Place) _weights[place] += _penalty;
        }
        long began = Stopwatch.GetTimestamp();
        SolveStatus status = _coordinator.Solve(_centre, _weights, TimeLeft, _cancellation);
        _coordinatorSeconds += Stopwatch.GetElapsedTime(began).TotalSeconds;
        if (status != SolveStatus.Solved) return false;
        double primal = 0.0, dual = 0.0;
        for (int i = 0; i < _z.Length; i++)
        {
            double next = _coordinator.Point[_problem.Coordinator.SharedLocal[i]], change = _penalty * (next - _z[i]);
            dual += change * change;
            _z[i] = next;
        }
        foreach (BlockState block in _blocks)
        {
            ReadOnlySpan<int> place = block.Place;
            for (int i = 0; i < place.Length; i++) primal += (block.Tied[i] - _z[place[i]]) * (block.Tied[i] - _z[place[i]]);
        }
        (_primal, _dual) = (Math.Sqrt(primal), Math.Sqrt(dual));
        _updates++;
        return true;
    }

    private SolveResult? TestRound(PointAverage? tail)
    {
        bool isLast = _updates >= _options.MaxIterations, isLate = Elapsed >= _request.TimeLimit;
        if (tail is not null)
        {
            _answer.Gather(_blocks, _coordinator);
            tail.Add(_updates);
        }
        else if (_updates % RoundsPerMeasurement == 0)
        {
            _answer.Measure(_blocks, _coordinator);
            if (_answer.Largest <= _options.Tolerance) return Found(SolveStatus.Solved, "the rounds have reached the tolerance");
            if (_options.Finish && _answer.Largest <= _finishAt && Finish() is { } finished) return finished;
        }
        if (isLast) return EndOfRounds(tail, SolveStatus.IterationLimit, $"{_updates} rounds");
        return isLate ? EndOfRounds(tail, SolveStatus.TimeLimit, "the time limit") : null;
    }

    /// <summary>What does not settle is averaged over the later half of the rounds: its mean converges.</summary>
    private SolveResult EndOfRounds(PointAverage? tail, SolveStatus status, string why)
    {
        if (tail is null || tail.Count == 0) return Limit(status, why);
        tail.Take();
        _answer.Judge();
        if (_options.Finish && _answer.Largest <= _finishAt && Finish() is { } finished) return finished;
        SolveStatus reached = _answer.Largest <= _options.Tolerance ? SolveStatus.Solved : _answer.Largest <= _options.AcceptableTolerance ? SolveStatus.SolvedToAcceptable : status;
        return Found(reached, $"stopped: {why}; the mean of the last {tail.Count} of them, largest residual {_answer.Largest:0.0e+0}");
    }
}
