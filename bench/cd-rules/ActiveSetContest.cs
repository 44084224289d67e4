using Optc.Runtime.Solvers;
using Optc.Runtime.Solvers.BlockCoordinate;
using Optc.Runtime.Solvers.CoordinateDescent;

namespace Optc.Bench.BlockRules;

/// <summary>Greedy rules, identification of the active set and the superlinear finish on sparse logistic regression.</summary>
internal static class ActiveSetContest
{
    private const int Samples = 400, Features = 500;

    public static void Run(Report report)
    {
        report.Heading("Greedy rules, active sets and superlinear finish");
        report.Text($"""
            Nutini, Laradji and Schmidt (JMLR 23, 2022): greedy blocks converge in fewer iterations than random ones, matrix updates and variable blocks in fewer again; the active set is
            identified after finitely many iterations, and Newton's method on it converges superlinearly. ℓ1 logistic regression, {Samples} × {Features} correlated normals, λ = λmax/20, to a
            distance of 1e-10. An iteration moves one block; epochs have as many as there are blocks. "identified": the epoch after which no coordinate enters or leaves zero.
            """);
        CompositeProblem problem = Problem(isSquares: false);
        double best = SparseData.Best(problem);
        var rows = new List<object[]>();
        List<Line> lines = [], finishing = [];
        foreach (string options in new[]
        {
            "rule=random", "rule=shuffled", "rule=lipschitz", "rule=gs", "rule=gsl", "rule=gsq", "rule=shuffled block=5", "rule=shuffled block=5 update=matrix", "rule=gsq block=5",
            "rule=gsq block=5 variable=yes", "rule=gsq block=5 update=matrix", "rule=gsq block=5 variable=yes update=matrix", "rule=cyclic acceleration=anderson",
        })
        {
            foreach (string finish in new[] { "no", "yes" })
            {
                var points = new List<(double, double)>();
                BlockOptions set = SparseData.Options($"{options} finish={finish} tolerance=1e-10 max_epochs=2000");
                BlockResult result = new BlockSolver(new LossFunction(problem), new BlockPenalty(problem.Penalty), set).Solve(new double[Features], new SolveRequest
                {
                    Progress = record => points.Add((record.Inner, record.Objective - best)),
                });
                rows.Add([options, finish, result.Status, result.Epochs, result.Steps, result.IdentifiedEpoch, result.NewtonSteps, Math.Max(0, result.Objective - best), result.Violation]);
                if (finish == "no" && options is "rule=random" or "rule=shuffled" or "rule=gs" or "rule=gsl" or "rule=gsq" or "rule=gsq block=5 variable=yes update=matrix") lines.Add(new Line(options.Replace("rule=", "", StringComparison.Ordinal), points));
                if (options is "rule=shuffled" or "rule=gsq") finishing.Add(new Line($"{options[5..]}, finish={finish}", points));
            }
        }
        report.Table(["options", "finish", "status", "epochs", "iterations", "identified", "Newton steps", "F − F*", "distance"], rows);
        report.Picture("cd-rules-active-set.svg", "objective by iteration", new Panel("F − F* by rule, finish=no", "iterations", lines, true), new Panel("with and without the finish", "iterations", finishing, true));
        FiniteTermination(report);
    }

    /// <summary>With squares the method ends after finitely many steps: how many, from the right set on.</summary>
    private static void FiniteTermination(Report report)
    {
        CompositeProblem problem = Problem(isSquares: true);
        double best = SparseData.Best(problem);
        var rows = new List<object[]>();
        foreach (string options in new[] { "rule=random", "rule=shuffled", "rule=gs", "rule=gsq block=5 variable=yes update=matrix" })
        {
            var trace = new List<(int Epoch, double Distance)>();
            BlockResult result = new BlockSolver(new LossFunction(problem), new BlockPenalty(problem.Penalty), SparseData.Options($"{options} tolerance=1e-13 max_epochs=2000")).Solve(new double[Features], new SolveRequest
            {
                Progress = record => trace.Add((record.Outer, record.Stationarity)),
            });
            double before = trace.Count > 1 ? trace[^2].Distance : double.NaN;
            rows.Add([options, result.Status, result.Epochs, result.IdentifiedEpoch, result.NewtonSteps, before, result.Violation, Math.Max(0, result.Objective - best)]);
        }
        report.Text("Finite termination: squares in place of the logistic loss (the lasso), to a distance of 1e-13. One step on the right set is the solution, to rounding:");
        report.Table(["options", "status", "epochs", "identified", "Newton steps", "distance an epoch before", "distance", "F − F*"], rows);
    }

    private static CompositeProblem Problem(bool isSquares)
    {
        var random = new Random(17);
        var matrix = new DenseColumns(Samples, SparseData.Correlated(Samples, Features, 0.5, random));
        double[] response = SparseData.Response(matrix, 25, 1, random);
        return SparseData.Lasso(matrix, isSquares ? new LeastSquaresLoss() : new LogisticLoss(), isSquares ? response : SparseData.Signs(response), 0.05);
    }
}
