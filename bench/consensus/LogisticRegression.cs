using Optc.Runtime.Solvers;
using Optc.Runtime.Solvers.Consensus;
using Optc.Runtime.Solvers.CoordinateDescent;

namespace Optc.Bench.Consensus;

/// <summary>Σᵢ log(1 + exp(−yᵢ aᵢᵀw)) + λ‖w‖₁, λ a part of the one from which on w = 0, as a whole and over blocks of records.</summary>
internal sealed class LogisticRegression
{
    private readonly double[] _x;
    private readonly double[] _y;
    private readonly double[] _signed;
    private readonly double _lambda;
    private readonly int _blocks;

    public LogisticRegression(double[] x, double[] y, int blocks, double part)
    {
        (_x, _y, _blocks) = (x, y, blocks);
        _signed = [.. x];
        var slope = new double[Columns];
        for (int i = 0; i < Rows; i++)
        {
            for (int j = 0; j < Columns; j++)
            {
                _signed[(i * Columns) + j] *= y[i];
                slope[j] += 0.5 * _signed[(i * Columns) + j];
            }
        }
        _lambda = part * slope.Max(Math.Abs);
    }

    public int Rows => _y.Length;

    public int Columns => _x.Length / _y.Length;

    public double Objective(double[] w) => new LogisticLossProblem(_signed, Columns).Objective(w) + (_lambda * w.Sum(Math.Abs));

    /// <summary>The single solver's optimum.</summary>
    public double[] ByCoordinateDescent()
    {
        int n = Rows, p = Columns;
        double[][] columns = [.. Enumerable.Range(0, p).Select(j => Enumerable.Range(0, n).Select(i => _x[(i * p) + j]).ToArray())];
        var weights = new double[n];
        Array.Fill(weights, 1.0);
        var problem = new CompositeProblem
        {
            Matrix = new DenseColumns(n, columns),
            Loss = new LogisticLoss(),
            Labels = [.. _y.Select(v => v > 0.0 ? 1.0 : 0.0)],
            Weights = weights,
            Penalty = SeparablePenalty.Uniform(p, _lambda),
        };
        return new CompositeSolver(problem, new CompositeOptions { GapTolerance = 1e-13, Tolerance = 1e-11 }).Solve(new SolveRequest()).Point;
    }

    public (double[] Point, ConsensusResult Answer) ByConsensus(ConsensusOptions options, int threads)
    {
        ConsensusResult answer = new ConsensusSolver(options).Solve(Split(), new SolveRequest(), threads);
        return (answer.Result.Point[..Columns], answer);
    }

    /// <summary>Time and updates until z is within 1e-6 · max(1, ‖w‖∞) of the goal; NaN when that does not happen. Also what the first block did.</summary>
    public (double Time, int Updates, BlockReport Late) Until(ConsensusOptions options, double[] goal, int threads)
    {
        using var stop = new CancellationTokenSource();
        double time = double.NaN, close = 1e-6 * Math.Max(1.0, goal.Max(Math.Abs));
        int updates = 0;
        ConsensusResult answer = new ConsensusSolver(options).Solve(Split(), new SolveRequest(), threads, r =>
        {
            ReadOnlySpan<double> z = r.Shared.Span;
            double error = 0.0;
            for (int j = 0; j < goal.Length; j++) error = Math.Max(error, Math.Abs(z[j] - goal[j]));
            if (error > close || double.IsFinite(time)) return;
            (time, updates) = (r.Time, r.Update);
            stop.Cancel();
        }, stop.Token);
        return (time, updates, answer.Blocks[0]);
    }

    private ConsensusProblem Split()
    {
        int p = Columns, size = (Rows + _blocks - 1) / _blocks;
        int[] all = [.. Enumerable.Range(0, p)], wide = [.. Enumerable.Range(0, 2 * p)];
        BlockDefinition[] blocks =
        [
            .. Enumerable.Range(0, _blocks).Select(k => new BlockDefinition(
                $"records[{k + 1}]", new LogisticLossProblem(_signed[(k * size * p)..(Math.Min(Rows, (k + 1) * size) * p)], p), all, [], all, all)),
        ];
        var shared = new BlockDefinition("shared", L1Problem.Norm(_lambda, p), wide, wide, all, all);
        return new ConsensusProblem(new L1Problem(new LogisticLossProblem(_signed, p), _lambda), blocks, shared);
    }
}
