using System.Diagnostics;
using Optc.Runtime.Problems;
using Optc.Runtime.Solution;
using Optc.Runtime.Solvers.Asynchronous;

namespace Optc.Runtime.Solvers.Consensus;

/// <summary>
/// One solve of a split problem: the alternating direction method of multipliers in general consensus form (Boyd et al. 2011, section 7.2),
/// written with the governing sequences s = x + u of the Douglas–Rachford operator, so that the synchronous and the asynchronous method
/// differ only in how many answers an update of the shared variables waits for (docs/consensus.md).
/// </summary>
internal sealed partial class ConsensusRun
{
    /// <summary>Residuals at which the finish is tried, and by how much they must have fallen before it is tried again.</summary>
    private const double FinishFrom = 1e-4;
    private const double FinishAgain = 1e-2;

    /// <summary>Changes of ρ; convergence is proved for a ρ that is constant from some iteration on.</summary>
    private const int MostPenaltyChanges = 50;

    private readonly ConsensusProblem _problem;
    private readonly ConsensusOptions _options;
    private readonly SolveRequest _request;
    private readonly Action<ConsensusRecord>? _observer;
    private readonly CancellationToken _cancellation;
    private readonly IProximalBlock _coordinator;
    private readonly BlockState[] _blocks;
    private readonly WholeAnswer _answer;
    private readonly long _began;
    private readonly double[] _z;
    private readonly double[] _centre;
    private readonly double[] _weights;
    private readonly List<BlockEvent> _events = [];
    private readonly List<(int Block, int Delay)> _arrivals = [];
    private readonly bool[] _hasAnswered;
    private int _changes;
    private double _penalty;
    private double _primal;
    private double _dual;
    private int _updates;
    private double _coordinatorSeconds;
    private double _checkAt = 1e-3;
    private double _finishAt = FinishFrom;
    private int _finishIterations;

    public ConsensusRun(ConsensusProblem problem, ConsensusOptions options, SolveRequest request, Action<ConsensusRecord>? observer, CancellationToken cancellation)
    {
        (_problem, _options, _request, _observer, _cancellation) = (problem, options, request, observer, cancellation);
        _began = request.Clock.GetTimestamp();
        // Blocks are solved a hundred times as exactly as the whole, or their errors would be what is left.
        double inner = Math.Max(1e-12, 1e-2 * options.Tolerance);
        _coordinator = ProximalBlocks.Create(problem.Coordinator, inner);
        double[] start = request.Start ?? problem.Whole.Start.ToArray();
        _z = [.. problem.Coordinator.SharedVariables.Select(j => Math.Min(Math.Max(start[j], problem.Whole.VariableLower[j]), problem.Whole.VariableUpper[j]))];
        _blocks = [.. problem.Blocks.Select((b, k) => new BlockState(b, problem.SharedOfBlock[k], ProximalBlocks.Create(b, inner), _z))];
        _centre = new double[_z.Length];
        _weights = new double[_z.Length];
        _answer = new WholeAnswer(problem);
        _hasAnswered = new bool[_blocks.Length];
        _penalty = options.Penalty > 0.0 ? options.Penalty : AutomaticPenalty();
    }

    private double Elapsed => _request.Clock.GetElapsedTime(_began).TotalSeconds;

    private double TimeLeft => Math.Max(0.0, _request.TimeLimit - Elapsed);

    public ConsensusResult Solve(int threads)
    {
        if (_options.IsScheduled) return SolveScheduled(threads);
        using IBlockClock clock = _options.SimulatedClock ? new SimulatedClock(SolveBlock, Delay, _blocks.Length) : new ThreadClock(SolveBlock, Delay, _blocks.Length, threads);
        int waitsFor = _options.Asynchronous ? 1 : _blocks.Length;
        for (int k = 0; k < _blocks.Length; k++) Begin(clock, k);
        SolveResult? result = null;
        // Delayed blocks may answer long after the limit.
        using var over = CancellationTokenSource.CreateLinkedTokenSource(_cancellation);
        if (TimeLeft < ThreadClock.LongestTimer) over.CancelAfter(TimeSpan.FromSeconds(TimeLeft));
        try
        {
            while (result is null)
            {
                clock.Next(_events, over.Token);
                AbsorbAnswers(clock);
                if (_arrivals.Count < waitsFor) continue;
                _cancellation.ThrowIfCancellationRequested();
                if (FailedBlock() is { } failed)
                {
                    result = AfterFailure(failed);
                    break;
                }
                if (!UpdateShared())
                {
                    result = AfterFailure(_blocks.Length);
                    break;
                }
                Observe(clock);
                result = Test();
                AdaptPenalty();
                foreach ((int block, _) in _arrivals) BeginOrRest(clock, block);
                _arrivals.Clear();
            }
        }
        catch (OperationCanceledException)
        {
            result = _cancellation.IsCancellationRequested ? Limit(SolveStatus.Interrupted, "cancelled") : Limit(SolveStatus.TimeLimit, "the time limit");
        }
        result.Seconds = Elapsed;
        result.OuterIterations = _updates;
        result.InnerIterations = (int)Math.Min(int.MaxValue, _blocks.Sum(b => b.Block.InnerIterations) + _coordinator.InnerIterations) + _finishIterations;
        return new ConsensusResult(result, Reports(), _updates, _finishIterations, clock.Now);
    }

    private double Delay(int k) => _options.DelayLaw is { } law ? Math.Max(1.0, law(k, _blocks[k].Solves)) : _options.Delays.GetValueOrDefault(k, 1.0);

    private void SolveBlock(int k) => _blocks[k].Solve(TimeLeft, _cancellation);

    /// <summary>ρ between the blocks' smallest and largest curvature; the mean of the diagonal is nearer to the largest, and away from the start curvatures of
    /// losses fall.</summary>
    private double AutomaticPenalty()
    {
        double[] curvatures = [.. _blocks.Select(b => b.Block.Curvature).Where(c => c > 0.0 && double.IsFinite(c))];
        return curvatures.Length > 0 ? 0.2 * curvatures.Average() : 1.0;
    }

    private void Begin(IBlockClock clock, int k)
    {
        _blocks[k].SetPenalty(_penalty * Lateness(clock, k), _z);
        _blocks[k].ReadShared(_z, _updates);
        clock.Start(k);
    }

    /// <summary>
    /// A block that is late meets, whenever it answers, others that have settled with it: to it the problem has two blocks, itself and the rest, whose
    /// curvature is K − 1 times as large, and √(K − 1) is what the best penalty of two blocks gains by that.
    /// </summary>
    private double Lateness(IBlockClock clock, int k)
    {
        if (!_options.Asynchronous || _blocks.Length < 3) return 1.0;
        double lateness = clock.Duration(k) / Median(clock);
        return lateness > 3.0 ? Math.Min(Math.Sqrt(_blocks.Length - 1.0), Math.Sqrt(lateness)) : 1.0;
    }

    /// <summary>A block that is late reads the shared variables when the others have answered to its last answer.</summary>
    private void BeginOrRest(IBlockClock clock, int k)
    {
        double behind = _options.Asynchronous ? clock.Duration(k) - (3.0 * Median(clock)) : 0.0;
        if (behind > 0.0 && _options.Rest > 0.0) clock.Rest(k, _options.Rest * behind);
        else Begin(clock, k);
    }

    private double Median(IBlockClock clock)
    {
        double[] durations = [.. Enumerable.Range(0, _blocks.Length).Select(clock.Duration).Where(d => d > 0.0).Order()];
        return durations.Length == 0 ? double.PositiveInfinity : durations[(durations.Length - 1) / 2];
    }

    private void AbsorbAnswers(IBlockClock clock)
    {
        foreach (BlockEvent e in _events)
        {
            if (e.IsAnswer) _arrivals.Add((e.Block, _blocks[e.Block].Absorb(_options.Relaxation, _updates)));
            else Begin(clock, e.Block);
        }
        _events.Clear();
    }

    private int? FailedBlock()
    {
        foreach ((int block, _) in _arrivals)
        {
            if (_blocks[block].Status != SolveStatus.Solved) return block;
        }
        return null;
    }

    /// <summary>z = argmin g(z) + ½ Σₖ ρₖ ‖z − sₖ‖², and the residuals (Boyd et al. 2011, section 3.3).</summary>
    private bool UpdateShared()
    {
        Array.Clear(_centre);
        Array.Clear(_weights);
        foreach (BlockState block in _blocks)
        {
            ReadOnlySpan<int> place = block.Place;
            for (int i = 0; i < place.Length; i++)
            {
                _centre[place[i]] += block.Penalty * block.Governing[i];
                _weights[place[i]] += block.Penalty;
            }
        }
        for (int i = 0; i < _centre.Length; i++) _centre[i] = _weights[i] > 0.0 ? _centre[i] / _weights[i] : _z[i];
        long began = Stopwatch.GetTimestamp();
        SolveStatus status = _coordinator.Solve(_centre, _weights, TimeLeft, _cancellation);
        _coordinatorSeconds += Stopwatch.GetElapsedTime(began).TotalSeconds;
        if (status != SolveStatus.Solved) return false;
        ReadOnlySpan<double> point = _coordinator.Point;
        for (int i = 0; i < _z.Length; i++) _z[i] = point[_problem.Coordinator.SharedLocal[i]];
        _updates++;
        double primal = 0.0, dual = 0.0;
        foreach (BlockState block in _blocks)
        {
            ReadOnlySpan<int> place = block.Place;
            for (int i = 0; i < place.Length; i++)
            {
                double p = block.Tied[i] - _z[place[i]], d = block.Penalty * (_z[place[i]] - block.Read[i]);
                primal += p * p;
                dual += d * d;
            }
        }
        (_primal, _dual) = (Math.Sqrt(primal), Math.Sqrt(dual));
        return true;
    }

    private void Observe(IBlockClock clock) => Record(clock.Now);

    private void Record(double time)
    {
        _observer?.Invoke(new ConsensusRecord(_updates, time, _primal, _dual, _penalty, _arrivals, _z));
        _request.Progress?.Invoke(new IterationRecord(
            _updates, (int)Math.Min(int.MaxValue, _updates + _finishIterations), _answer.Objective, _primal, _dual, _penalty, double.NaN, 0.0, Elapsed));
    }

    /// <summary>
    /// Residual balancing (Boyd et al. 2011, equation (3.13)) whenever every block has answered since the last change: the synchronous method may
    /// change ρ at every update. A block takes the new ρ when it begins again.
    /// </summary>
    private void AdaptPenalty()
    {
        foreach ((int block, _) in _arrivals) _hasAnswered[block] = true;
        if (!_options.AdaptivePenalty || _changes >= MostPenaltyChanges || _hasAnswered.Contains(false)) return;
        Array.Clear(_hasAnswered);
        // Old readings make the dual residual of an asynchronous step large for every ρ.
        (double rise, double fall) = _options.Asynchronous ? (2.0, 20.0) : (10.0, 10.0);
        if (_primal > rise * _dual) _penalty *= 2.0;
        else if (_dual > fall * _primal) _penalty /= 2.0;
        else return;
        _changes++;
    }
}
