using Optc.Runtime.Solvers;
using Optc.Runtime.Solvers.Asynchronous;
using Optc.Runtime.Solvers.BlockCoordinate;
using Optc.Runtime.Solvers.CoordinateDescent;

namespace Optc.Bench.Asynchronous;

/// <summary>What became of one run.</summary>
/// <param name="Time">When no weight was further than the accuracy from the optimum; NaN for never.</param>
/// <param name="Updates">Updates until then, or all.</param>
/// <param name="LargestDelay">In updates.</param>
/// <param name="MeanDelay">In updates.</param>
/// <param name="Curve">Time and largest error.</param>
/// <param name="Last">Largest error at the end.</param>
internal sealed record Race(double Time, int Updates, int LargestDelay, double MeanDelay, IReadOnlyList<(double X, double Y)> Curve, double Last);

/// <summary>ℓ1-regularised logistic regression on normal records with correlated neighbouring features, and its optimum by another solver.</summary>
internal sealed class Classification
{
    private readonly CompositeProblem _problem;
    private readonly int _p;

    public Classification(int records, int features, double correlation, double part, int seed)
    {
        _p = features;
        var random = new Random(seed);
        var columns = new double[features][];
        for (int j = 0; j < features; j++)
        {
            columns[j] = new double[records];
            for (int i = 0; i < records; i++)
                columns[j][i] = j == 0 ? Normal(random) : (correlation * columns[j - 1][i]) + (Math.Sqrt(1.0 - (correlation * correlation)) * Normal(random));
        }
        double[] truth = [.. columns.Select(_ => random.NextDouble() < 0.2 ? 2.0 * Normal(random) : 0.0)], labels = new double[records], ones = new double[records];
        Array.Fill(ones, 1.0);
        for (int i = 0; i < records; i++)
        {
            double form = 0.0;
            for (int j = 0; j < features; j++) form += truth[j] * columns[j][i];
            labels[i] = random.NextDouble() < 1.0 / (1.0 + Math.Exp(-form)) ? 1.0 : 0.0;
        }
        double lambda = part * columns.Max(c => Math.Abs(c.Zip(labels, (v, y) => v * (y - 0.5)).Sum()));
        _problem = new CompositeProblem
        {
            Matrix = new DenseColumns(records, columns), Loss = new LogisticLoss(), Labels = labels, Weights = ones, Penalty = SeparablePenalty.Uniform(features, lambda),
        };
        Optimum = new CompositeSolver(_problem, new CompositeOptions { GapTolerance = 1e-13, Tolerance = 1e-11 }).Solve(new SolveRequest()).Point;
        Accuracy = 1e-6 * Math.Max(1.0, Optimum.Max(Math.Abs));
        Columns = columns;
    }

    /// <summary>The features.</summary>
    public double[][] Columns { get; }

    /// <summary>The optimum, of coordinate descent with working sets.</summary>
    public double[] Optimum { get; }

    /// <summary>Error from which on a run counts as there.</summary>
    public double Accuracy { get; }

    /// <summary>Runs until the accuracy is reached.</summary>
    public Race Run(AsynchronousOptions options, int threads = 1, double limit = 120.0)
    {
        using var stop = new CancellationTokenSource();
        var curve = new List<(double X, double Y)>();
        double time = double.NaN, last = double.NaN, delays = 0.0;
        int largest = 0, updates = 0, next = 1;
        new AsynchronousSolver(options with { Tolerance = 1e-13 }).Solve(
            new LossFunction(_problem), new BlockPenalty(_problem.Penalty), new double[_p], new SolveRequest { TimeLimit = limit }, threads,
            r =>
            {
                if (double.IsFinite(time)) return;
                (largest, updates) = (Math.Max(largest, r.Delay), r.Update);
                delays += r.Delay;
                if (r.Update % 4 != 0) return;
                last = 0.0;
                ReadOnlySpan<double> x = r.Point.Span;
                for (int j = 0; j < x.Length; j++) last = Math.Max(last, Math.Abs(x[j] - Optimum[j]));
                if (r.Update >= next || last <= Accuracy)
                {
                    curve.Add((r.Time, last));
                    next = (int)Math.Ceiling(1.03 * r.Update);
                }
                if (last > Accuracy) return;
                time = r.Time;
                stop.Cancel();
            },
            stop.Token);
        return new Race(time, updates, largest, delays / Math.Max(1, updates), curve, last);
    }

    /// <summary>The answer without a reference: seconds until the solver says that it is solved.</summary>
    public AsynchronousResult Solve(AsynchronousOptions options, int threads) =>
        new AsynchronousSolver(options).Solve(new LossFunction(_problem), new BlockPenalty(_problem.Penalty), new double[_p], new SolveRequest { TimeLimit = 300.0 }, threads);

    private static double Normal(Random random) => Math.Sqrt(-2.0 * Math.Log(1.0 - random.NextDouble())) * Math.Cos(2.0 * Math.PI * random.NextDouble());
}
