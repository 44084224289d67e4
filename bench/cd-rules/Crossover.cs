using Optc.Runtime.Problems;
using Optc.Runtime.Solvers;
using Optc.Runtime.Solvers.BlockCoordinate;
using Optc.Runtime.Solvers.CoordinateDescent;

namespace Optc.Bench.BlockRules;

/// <summary>Greedy against random rules on label propagation as the graph becomes dense.</summary>
internal static class Crossover
{
    private const int Nodes = 2000, Labelled = 10;

    public static void Run(Report report)
    {
        report.Heading("Greedy and random rules: the crossover");
        report.Text($"""
            Label propagation ½ Σ w_ij (x_i − x_j)² + ½ Σ x_i² on a random graph of {Nodes} nodes, {Labelled} of them labelled ±1 (moved to the linear term), to
            F − F* ≤ 1e-6 (F(0) − F*), by single coordinates moved exactly, without Newton's finish. Gauss-Southwell is never slower in iterations than random
            choice, (1 − μ₁/L) against (1 − μ/(nL)) with μ/n ≤ μ₁ ≤ μ (Nutini et al., ICML 2015); a greedy iteration costs the neighbours' scores in the
            heap, O(d log n) for a degree d, a random one O(d). So greedy must win in time on sparse graphs and lose on dense ones. Seconds are
            processor seconds from zero, first scores included (best of 3).
            """);
        var rows = new List<object[]>();
        var (iterationRatio, timeRatio) = (new List<(double, double)>(), new List<(double, double)>());
        foreach (int degree in new[] { 3, 4, 6, 8, 12, 25, 50, 100 })
        {
            (QuadraticFunction f, double start, double best) = Graph(degree);
            var found = new Dictionary<string, (double Iterations, double Seconds)>();
            foreach (string rule in new[] { "random", "shuffled", "lipschitz", "gs", "gsl" }) found[rule] = Solve(f, rule, best + (1e-6 * (start - best)));
            double iterations = found["random"].Iterations / found["gsl"].Iterations, seconds = found["random"].Seconds / found["gsl"].Seconds;
            iterationRatio.Add((degree, iterations));
            timeRatio.Add((degree, seconds));
            rows.Add([degree, .. found.Values.Select(v => (object)(v.Iterations / Nodes)), .. found.Values.Select(v => (object)v.Seconds), iterations, seconds]);
        }
        report.Table(["degree", "random it/n", "shuffled it/n", "lipschitz it/n", "gs it/n", "gsl it/n", "random s", "shuffled s", "lipschitz s", "gs s", "gsl s", "random/gsl it", "random/gsl s"], rows);
        report.Picture("cd-rules-crossover.svg", "random over greedy: iterations and time by degree", new Panel("random / gsl (above 1: greedy wins)", "mean degree", [new("iterations", iterationRatio), new("seconds", timeRatio), new("1", [(3, 1), (100, 1)])], true));
    }

    private static (double Iterations, double Seconds) Solve(QuadraticFunction f, string rule, double goal)
    {
        BlockOptions options = SparseData.Options($"rule={rule} finish=no tolerance=1e-14");
        var penalty = new BlockPenalty(new SeparablePenalty(f.VariableCount));
        // First how many steps it takes, looked at often; then the time of so many, looked at once.
        int steps = 0;
        using var stop = new CancellationTokenSource();
        new BlockSolver(f, penalty, options with { EpochSteps = Nodes / 100 }).Solve(new double[f.VariableCount], new SolveRequest
        {
            Progress = record =>
            {
                if (stop.IsCancellationRequested) return;
                steps = record.Inner;
                if (record.Objective <= goal) stop.Cancel();
            },
        }, stop.Token);
        double seconds = Clock.Best(3, () => new BlockSolver(f, penalty, options with { EpochSteps = steps, MaxEpochs = 1 }).Solve(new double[f.VariableCount], new SolveRequest()));
        return (steps, seconds);
    }

    /// <summary>Every node joined to others at random, weights in (0, 1]; the function, F at zero and its least value.</summary>
    private static (QuadraticFunction, double, double) Graph(int degree)
    {
        var random = new Random(degree);
        var rows = new Dictionary<int, double>[Nodes];
        for (int i = 0; i < Nodes; i++) rows[i] = new Dictionary<int, double> { [i] = 1 };
        double[] linear = new double[Nodes];
        bool[] isLabelled = new bool[Nodes];
        int[] order = [.. Enumerable.Range(0, Nodes)];
        random.Shuffle(order);
        foreach (int i in order[..Labelled]) isLabelled[i] = true;
        void Join(int i, int j)
        {
            if (i == j || rows[i].ContainsKey(j)) return;
            double w = 1 - random.NextDouble();
            rows[i][i] += w;
            rows[j][j] += w;
            (rows[i][j], rows[j][i]) = (-w, -w);
        }
        for (int i = 1; i < Nodes; i++) Join(i, random.Next(i));
        for (long edge = Nodes; edge < (long)degree * Nodes / 2; edge++) Join(random.Next(Nodes), random.Next(Nodes));
        // Labelled nodes are fixed: their edges become linear terms, their own rows the identity.
        for (int i = 0; i < Nodes; i++)
        {
            if (!isLabelled[i]) continue;
            double label = i % 2 == 0 ? 1 : -1;
            foreach ((int j, double w) in rows[i])
            {
                if (j == i) continue;
                linear[j] -= w * label;
                rows[j].Remove(i);
            }
            rows[i] = new Dictionary<int, double> { [i] = 1 };
            linear[i] = 0;
        }
        var (starts, indices, values) = (new int[Nodes + 1], new List<int>(), new List<double>());
        for (int i = 0; i < Nodes; i++)
        {
            foreach ((int j, double v) in rows[i].OrderBy(e => e.Key))
            {
                indices.Add(j);
                values.Add(v);
            }
            starts[i + 1] = indices.Count;
        }
        var f = new QuadraticFunction(new SparsePattern(Nodes, Nodes, starts, [.. indices]), [.. values], linear);
        double start = f.Value();
        BlockResult best = new BlockSolver(f, new BlockPenalty(new SeparablePenalty(Nodes)), new BlockOptions { Rule = SelectionRule.Cyclic, Acceleration = AccelerationKind.Anderson, Tolerance = 1e-11, Finish = false }).Solve(new double[Nodes], new SolveRequest());
        return (f, start, best.Objective);
    }
}
