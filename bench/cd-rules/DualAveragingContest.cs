using System.Globalization;
using Optc.Runtime.Solvers;
using Optc.Runtime.Solvers.BlockCoordinate;
using Optc.Runtime.Solvers.CoordinateDescent;

namespace Optc.Bench.BlockRules;

/// <summary>A-CODER and VR-A-CODER against accelerated proximal gradient and cyclic proximal gradient by blocks.</summary>
internal static class DualAveragingContest
{
    private const double MostPasses = 4000;

    public static void Run(Report report)
    {
        report.Heading("A-CODER and VR-A-CODER: accelerated cyclic dual averaging");
        report.Text($"""
            Lin, Song and Diakonikolas (ICML 2023) claim the optimal 1/k² rate for cyclic blocks with a dependence on the number m of blocks that is better than that of accelerated methods
            before, and for finite sums a variance-reduced version whose cost is that of the best methods. ℓ1-regularised losses to a relative gap F − F* ≤ 1e-6 (F(0) − F*). Counted are data
            passes, n gradients of single observations (partial ones by their share): an iteration of APG (FISTA with restart) takes 1, an epoch of cyclic proximal gradient steps 1, of A-CODER 2
            (at x and at the mixed points), of VR-A-CODER 1 + 4 (the full gradient, four of one observation for each of n cycles) + 1 for the restart that may follow; 2 more for
            each look at the answer, every fifth epoch. No step length was tuned by hand: all find theirs by doubling. Seconds include what sampling rows and small blocks cost.
            """);
        var panels = new List<Panel>();
        foreach ((string name, CompositeProblem problem, int[] blocks) in Problems())
        {
            int features = problem.Matrix.ColumnCount;
            double best = SparseData.Best(problem), start = SparseData.Value(problem, new double[features]), goal = best + (1e-6 * (start - best));
            var lines = new List<Line>();
            var rows = new List<object[]>();
            var points = new List<(double, double)>();
            double reference = 0, time = Clock.Seconds(() => reference = Fista.Solve(problem, goal, (int)MostPasses, (k, value) => points.Add((k, (value - best) / (start - best)))));
            lines.Add(new Line("APG", points));
            rows.Add(["APG", 1, Passes(reference), time, 1.0, Gap(points, 100)]);
            foreach (int m in blocks)
            {
                foreach (string method in new[] { "A-CODER", "VR-A-CODER", "cyclic" })
                {
                    (string options, double cost) = method switch
                    {
                        "A-CODER" => ("acceleration=dual_averaging", 2.4),
                        "VR-A-CODER" => ("acceleration=variance_reduction", 6.4),
                        _ => ("rule=cyclic update=gradient finish=no", 1.0),
                    };
                    points = [];
                    double taken = 0;
                    BlockOptions set = SparseData.Options($"{options} block={features / m} tolerance=1e-14 max_epochs={(int)(MostPasses / cost)}");
                    using var stop = new CancellationTokenSource();
                    time = Clock.Seconds(() => new BlockSolver(new LossFunction(problem), new BlockPenalty(problem.Penalty), set).Solve(new double[features], new SolveRequest
                    {
                        Progress = record =>
                        {
                            taken = cost * record.Outer;
                            points.Add((taken, (record.Objective - best) / (start - best)));
                            if (record.Objective <= goal) stop.Cancel();
                        },
                    }, stop.Token));
                    bool isThere = stop.IsCancellationRequested;
                    rows.Add([method, m, isThere ? Passes(taken) : $"> {MostPasses}", time, isThere ? taken / reference : "", Gap(points, 100)]);
                    if (m == blocks[0] || m == blocks[^1]) lines.Add(new Line($"{method}, m = {m}", points));
                }
            }
            report.Text($"{name}:");
            report.Table(["method", "blocks m", "passes", "s", "passes / APG's", "relative gap at 100 passes"], rows);
            panels.Add(new Panel($"{name.Split(',')[0]}: relative gap", "data passes", lines, true));
        }
        report.Picture("cd-rules-acoder.svg", "relative gap by data passes", [.. panels]);
    }

    private static IEnumerable<(string, CompositeProblem, int[])> Problems()
    {
        foreach (Loss loss in new Loss[] { new LeastSquaresLoss(), new LogisticLoss() })
        {
            var random = new Random(11);
            double[][] columns = SparseData.Correlated(600, 256, 0.9, random);
            var matrix = new DenseColumns(600, columns);
            double[] y = SparseData.Response(matrix, 20, 0.5, random);
            if (loss.IsQuadratic) SparseData.Spread(columns, random);
            string what = loss.IsQuadratic ? "Least squares, 600 × 256 normals, neighbours correlated by 0.9, column scales over a decade" : "Logistic loss, 600 × 256 normals, neighbours correlated by 0.9";
            yield return ($"{what}, λ = λmax/100", SparseData.Lasso(matrix, loss, loss.IsQuadratic ? y : SparseData.Signs(y), 0.01), [1, 4, 16, 64, 256]);
        }
        var draw = new Random(12);
        SparseColumns indicators = SparseData.Indicators(20_000, 14, 8, draw);
        double[] labels = SparseData.Signs(SparseData.Response(indicators, 40, 1, draw));
        yield return ("Logistic loss on indicators, 20,000 × 112, 14 questions of 8 levels, λ = λmax/1000", SparseData.Lasso(indicators, new LogisticLoss(), labels, 0.001), [1, 4, 14]);
    }

    private static string Passes(double k) => k > MostPasses ? $"> {MostPasses}" : k.ToString("F0", CultureInfo.InvariantCulture);

    /// <summary>The gap last seen by so many passes.</summary>
    private static object Gap(List<(double Passes, double Gap)> points, double passes) => points.Exists(p => p.Passes <= passes) ? (points.Last(p => p.Passes <= passes).Gap).ToString("E3", CultureInfo.InvariantCulture) : "";
}
