using Optc.Runtime.Solution;
using Optc.Runtime.Solvers;
using Optc.Runtime.Solvers.CoordinateDescent;
using Xunit;

namespace Optc.Runtime.Tests.Solvers.CoordinateDescent;

/// <summary>The solver against optimality conditions written out from their definition, and against plain proximal gradients.</summary>
public sealed class CompositeSolverTests
{
    [Theory]
    [InlineData("least squares", false)]
    [InlineData("least squares", true)]
    [InlineData("logistic", false)]
    [InlineData("logistic", true)]
    [InlineData("Huber", false)]
    [InlineData("Poisson", true)]
    [InlineData("squared hinge", false)]
    public void The_conditions_of_an_optimum_hold(string loss, bool sparse)
    {
        for (int seed = 1; seed <= 12; seed++)
        {
            CompositeProblem problem = Random(loss, sparse, seed);
            CompositeResult result = Solve(problem);
            Assert.True(result.Status == SolveStatus.Solved, $"seed {seed}: {result.Message}");
            Assert.True(NaiveComposite.Violation(problem, result.Point) <= 1e-6, $"seed {seed}: {NaiveComposite.Violation(problem, result.Point)}");
            Assert.Equal(NaiveComposite.Objective(problem, result.Point), result.Objective, 1e-9);
        }
    }

    [Theory]
    [InlineData("least squares")]
    [InlineData("logistic")]
    public void The_objective_is_that_of_plain_proximal_gradients(string loss)
    {
        CompositeProblem problem = Random(loss, false, 3);
        double[] naive = NaiveComposite.Solve(problem, 4000);
        CompositeResult result = Solve(problem);
        Assert.InRange(result.Objective, double.NegativeInfinity, NaiveComposite.Objective(problem, naive) + 1e-9);
        Assert.InRange(NaiveComposite.Objective(problem, naive) - result.Objective, -1e-9, 1e-5);
    }

    [Fact]
    public void Every_switch_gives_the_same_optimum()
    {
        CompositeProblem problem = Random("least squares", false, 5);
        double objective = Solve(problem).Objective;
        CompositeOptions options = new() { Tolerance = 1e-7 };
        foreach (CompositeOptions other in new[]
        {
            options with { Newton = false }, options with { Anderson = false, Newton = false }, options with { Screening = false },
            options with { WorkingSets = false }, options with { Continuation = false },
        })
        {
            CompositeResult result = new CompositeSolver(problem, other).Solve(new SolveRequest());
            Assert.Equal(SolveStatus.Solved, result.Status);
            Assert.Equal(objective, result.Objective, 1e-8);
        }
    }

    [Fact]
    public void The_gap_bounds_the_distance_to_the_least_objective()
    {
        CompositeProblem problem = Lasso(Matrix(30, 60, 1), Labels(30, 1), 0.02);
        double least = Solve(problem).Objective;
        CompositeResult loose = new CompositeSolver(problem, new CompositeOptions { Tolerance = double.PositiveInfinity, GapTolerance = 0.01 }).Solve(new SolveRequest());
        Assert.Equal(SolveStatus.Solved, loose.Status);
        Assert.InRange(loose.Objective - least, -1e-12, loose.Gap + 1e-12);
    }

    [Fact]
    public void At_the_largest_penalty_of_interest_everything_is_zero()
    {
        DenseColumns matrix = Matrix(20, 40, 2);
        double[] y = Labels(20, 2);
        double largest = 0;
        for (int j = 0; j < 40; j++) largest = Math.Max(largest, Math.Abs(matrix.Dot(j, y)) / 20);
        Assert.Equal(0, Solve(Lasso(matrix, y, largest * 1.0001)).Support);
        Assert.True(Solve(Lasso(matrix, y, largest * 0.99)).Support > 0);
    }

    [Fact]
    public void A_warm_start_goes_on_from_the_last_point()
    {
        CompositeProblem problem = Lasso(Matrix(40, 80, 3), Labels(40, 3), 0.05);
        var solver = new CompositeSolver(problem, new CompositeOptions());
        CompositeResult first = solver.Solve(new SolveRequest());
        CompositeResult again = solver.Solve(new SolveRequest());
        Assert.Equal(0, again.OuterIterations);
        Assert.Equal(first.Point, again.Point);
        Array.Fill(problem.Penalty.L1, 0.01);
        CompositeResult smaller = solver.Solve(new SolveRequest());
        Assert.True(NaiveComposite.Violation(problem, smaller.Point) <= 1e-7);
    }

    [Theory]
    [InlineData("least squares")]
    [InlineData("logistic")]
    public void Bounds_that_move_the_last_point_are_solved_for(string loss)
    {
        for (int seed = 1; seed <= 12; seed++)
        {
            CompositeProblem problem = Random(loss, false, seed);
            var solver = new CompositeSolver(problem, new CompositeOptions());
            CompositeResult first = solver.Solve(new SolveRequest());
            for (int j = 1; j < first.Point.Length; j++)
            {
                if (first.Point[j] > 0) problem.Penalty.Upper[j] = 0.5 * first.Point[j];
            }
            CompositeResult result = solver.Solve(new SolveRequest());
            Assert.True(result.Status == SolveStatus.Solved, $"seed {seed}: {result.Message}");
            Assert.True(NaiveComposite.Violation(problem, result.Point) <= 1e-6, $"seed {seed}: {NaiveComposite.Violation(problem, result.Point)}");
            Assert.Equal(NaiveComposite.Objective(problem, result.Point), result.Objective, 1e-9);
        }
    }

    [Fact]
    public void A_column_of_zeros_stays_out()
    {
        double[][] columns = Columns(20, 10, 4);
        columns[3] = new double[20];
        CompositeProblem problem = Lasso(new DenseColumns(20, columns), Labels(20, 4), 0.01);
        CompositeResult result = Solve(problem);
        Assert.Equal(SolveStatus.Solved, result.Status);
        Assert.Equal(0, result.Point[3]);
        Assert.True(NaiveComposite.Violation(problem, result.Point) <= 1e-7);
    }

    [Fact]
    public void Duplicated_columns_give_an_optimum()
    {
        double[][] columns = Columns(15, 30, 6);
        for (int j = 0; j < 15; j++) columns[15 + j] = columns[j];
        CompositeProblem problem = Lasso(new DenseColumns(15, columns), Labels(15, 6), 0.001);
        CompositeResult result = Solve(problem);
        Assert.Equal(SolveStatus.Solved, result.Status);
        Assert.True(NaiveComposite.Violation(problem, result.Point) <= 1e-7);
    }

    [Fact]
    public void A_second_solve_from_an_optimum_with_a_decoupled_free_coordinate_stays_finite()
    {
        double[][] columns = Columns(13, 9, 10);
        for (int j = 0; j < 9; j++) columns[j][12] = 0;
        columns[8] = [.. Enumerable.Range(0, 13).Select(i => i == 12 ? 1.0 : 0.0)];
        CompositeProblem problem = Lasso(new DenseColumns(13, columns), Labels(13, 10), 0.5);
        problem.Penalty.L1[8] = 0;
        var solver = new CompositeSolver(problem, new CompositeOptions { Continuation = false });
        for (double lambda = 0.5; lambda > 1e-4; lambda *= 0.5)
        {
            for (int j = 0; j < 8; j++) problem.Penalty.L1[j] = lambda;
            CompositeResult result = solver.Solve(new SolveRequest());
            Assert.Equal(SolveStatus.Solved, result.Status);
            Assert.True(NaiveComposite.Violation(problem, result.Point) <= 1e-7);
        }
    }

    [Fact]
    public void Without_a_penalty_more_columns_than_rows_interpolate()
    {
        CompositeProblem problem = Lasso(Matrix(10, 25, 7), Labels(10, 7), 0);
        CompositeResult result = Solve(problem);
        Assert.Equal(SolveStatus.Solved, result.Status);
        Assert.InRange(result.Objective, 0, 1e-12);
    }

    [Fact]
    public void A_linear_term_that_nothing_holds_is_unbounded()
    {
        double[][] columns = Columns(10, 4, 8);
        columns[2] = new double[10];
        CompositeProblem problem = Lasso(new DenseColumns(10, columns), Labels(10, 8), 0.1);
        problem.Penalty.Linear[2] = -0.5;
        CompositeResult result = Solve(problem);
        Assert.Equal(SolveStatus.Unbounded, result.Status);
        Assert.Contains("coordinate 3", result.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.0, SolveStatus.Unbounded)]
    [InlineData(0.2, SolveStatus.Unbounded)]
    [InlineData(0.6, SolveStatus.Solved)]
    public void Linear_terms_along_columns_that_cancel_are_unbounded_unless_a_penalty_holds_them(double l1, SolveStatus expected)
    {
        // Columns 1 and 2 are opposite: along b1 = b2 the forms do not change, and the linear terms fall by 0.5 each.
        double[][] columns = Columns(10, 4, 8);
        columns[1] = [.. columns[0].Select(v => -v)];
        CompositeProblem problem = Lasso(new DenseColumns(10, columns), Labels(10, 8), l1);
        problem.Penalty.Linear[0] = problem.Penalty.Linear[1] = -0.5;
        CompositeResult result = Solve(problem);
        Assert.True(result.Status == expected, $"{result.Status}: {result.Message}");
        if (expected == SolveStatus.Unbounded) Assert.Contains("without bound", result.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1e-2)]
    [InlineData(1e-3)]
    [InlineData(1e-4)]
    public void A_minimum_far_away_is_not_called_unbounded(double difference)
    {
        // Nearly opposite columns, whose sum no other column can undo: the least objective is about minus 1 / difference², and is attained.
        double[][] columns = Columns(10, 4, 8);
        columns[1] = [.. columns[0].Select((v, i) => -v + (difference * Math.Sin(i)))];
        CompositeProblem problem = Lasso(new DenseColumns(10, columns), Labels(10, 8), 0);
        problem.Penalty.Linear[0] = problem.Penalty.Linear[1] = -0.5;
        foreach (bool newton in new[] { true, false })
        {
            CompositeResult result = new CompositeSolver(problem, new CompositeOptions { Newton = newton, MaxEpochs = 2000 }).Solve(new SolveRequest { TimeLimit = 20 });
            Assert.NotEqual(SolveStatus.Unbounded, result.Status);
        }
    }

    [Fact]
    public void Extrapolation_keeps_signs()
    {
        // Sparse and nearly as many columns in use as rows: extrapolated coordinates on the wrong side of zero, or sent away from it
        // while they rest, took 102 passes here.
        CompositeProblem problem = Scattered(1e-4);
        var solver = new CompositeSolver(problem, new CompositeOptions { Newton = false, Tolerance = double.PositiveInfinity });
        CompositeResult result = solver.Solve(new SolveRequest { TimeLimit = 20 });
        Assert.Equal(SolveStatus.Solved, result.Status);
        Assert.InRange(result.Epochs, 1, 75);
    }

    [Theory]
    [InlineData(false, 1e-3)]
    [InlineData(false, 2e-4)]
    [InlineData(true, 2e-4)]
    [InlineData(true, 1e-5)]
    public void Sweeps_on_the_way_from_zero_end_at_an_optimum(bool bounded, double l1)
    {
        CompositeProblem problem = Scattered(l1);
        for (int j = 0; bounded && j < 3000; j += 2) (problem.Penalty.Lower[j], problem.Penalty.Upper[j]) = (j % 4 == 0 ? 0 : -0.3, 0.2);
        CompositeResult result = new CompositeSolver(problem, new CompositeOptions { GapTolerance = 1e-9 }).Solve(new SolveRequest { TimeLimit = 20 });
        Assert.True(result.Status == SolveStatus.Solved, result.Message);
        Assert.InRange(NaiveComposite.Violation(problem, result.Point), 0, 1e-8);
        Assert.Equal(NaiveComposite.Objective(problem, result.Point), result.Objective, 1e-10);
        Assert.Equal(result.Point.Count(b => b != 0), result.Support);
    }

    /// <summary>A lasso of 3000 sparse columns of 30 entries, nearly orthogonal.</summary>
    private static CompositeProblem Scattered(double l1)
    {
        var random = new Random(5);
        const int n = 3000, entries = 30, stripe = n / entries;
        int[] starts = [.. Enumerable.Range(0, n + 1).Select(j => entries * j)];
        int[] rows = [.. Enumerable.Range(0, n).SelectMany(_ => Enumerable.Range(0, entries).Select(k => (stripe * k) + random.Next(stripe)))];
        double[] values = [.. rows.Select(_ => (2 * random.NextDouble()) - 1)];
        return Lasso(new SparseColumns(n, starts, rows, values), Labels(n, 5), l1);
    }

    [Fact]
    public void A_NaN_in_the_data_is_named()
    {
        double[][] columns = Columns(10, 4, 9);
        columns[1][5] = double.NaN;
        CompositeResult result = Solve(Lasso(new DenseColumns(10, columns), Labels(10, 9), 0.1));
        Assert.Equal(SolveStatus.EvaluationError, result.Status);
        Assert.Contains("column 2", result.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("logistic", 2.0, "labels are 0 and 1")]
    [InlineData("Poisson", -1.0, "not negative")]
    [InlineData("squared hinge", 0.0, "labels are -1 and 1")]
    public void Labels_that_a_loss_does_not_have_are_refused(string loss, double label, string expected)
    {
        CompositeProblem problem = Random(loss, false, 1);
        problem.Labels[2] = label;
        CompositeResult result = Solve(problem);
        Assert.Equal(SolveStatus.EvaluationError, result.Status);
        Assert.Contains(expected, result.Message, StringComparison.Ordinal);
        Assert.Contains("label 3", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_separable_logistic_problem_without_a_penalty_does_not_end_as_solved_far_from_its_infimum()
    {
        CompositeProblem problem = new()
        {
            Matrix = new DenseColumns(2, [[1.0, -1.0]]),
            Loss = new LogisticLoss(),
            Labels = [1, 0],
            Weights = [0.5, 0.5],
            Penalty = new SeparablePenalty(1),
        };
        CompositeResult result = Solve(problem);
        // The infimum 0 is not attained; what is returned is close to it.
        Assert.InRange(result.Objective, 0, 1e-6);
    }

    private static CompositeResult Solve(CompositeProblem problem) => new CompositeSolver(problem, new CompositeOptions()).Solve(new SolveRequest { TimeLimit = 20 });

    private static CompositeProblem Lasso(DesignMatrix matrix, double[] y, double lambda)
    {
        var weights = new double[y.Length];
        Array.Fill(weights, 1.0 / y.Length);
        return new CompositeProblem
        {
            Matrix = matrix,
            Loss = new LeastSquaresLoss(),
            Labels = y,
            Weights = weights,
            Penalty = SeparablePenalty.Uniform(matrix.ColumnCount, lambda),
        };
    }

    /// <summary>Sizes, penalties, bounds, weights and offsets drawn at random: intercepts, boxes and signs among them.</summary>
    private static CompositeProblem Random(string loss, bool sparse, int seed)
    {
        var random = new Random(seed);
        int n = random.Next(5, 40), p = random.Next(3, 60);
        double[][] columns = Columns(n, p, seed, sparse ? 0.3 : 1.0);
        Array.Fill(columns[0], 1.0);
        var penalty = new SeparablePenalty(p);
        double scale = Math.Pow(10, -1 - (2 * random.NextDouble()));
        for (int j = 1; j < p; j++)
        {
            penalty.L1[j] = scale * random.NextDouble();
            penalty.L2[j] = random.Next(3) == 0 || loss is not "least squares" ? 0.1 * scale : 0;
            if (random.Next(4) == 0) penalty.Lower[j] = 0;
            if (random.Next(4) == 0) penalty.Upper[j] = 0.3;
            if (random.Next(8) == 0) penalty.Linear[j] = 0.2 * penalty.L1[j];
        }
        var y = new double[n];
        var weights = new double[n];
        var offset = new double[n];
        for (int i = 0; i < n; i++)
        {
            double u = random.NextDouble();
            y[i] = loss switch
            {
                "logistic" => i % 2 == 0 || u > 0.7 ? 1 : 0,
                "squared hinge" => i % 2 == 0 || u > 0.7 ? 1 : -1,
                "Poisson" => Math.Floor(4 * u),
                _ => (4 * u) - 2,
            };
            weights[i] = seed % 2 == 0 ? 1.0 / n : (0.1 + random.NextDouble()) / n;
            offset[i] = 0.2 * random.NextDouble();
        }
        return new CompositeProblem
        {
            Matrix = sparse ? Sparse(n, columns) : new DenseColumns(n, columns),
            Loss = loss switch
            {
                "logistic" => new LogisticLoss(),
                "Poisson" => new PoissonLoss(),
                "squared hinge" => new SquaredHingeLoss(),
                "Huber" => new HuberLoss(0.5),
                _ => new LeastSquaresLoss(),
            },
            Labels = y,
            Weights = weights,
            Offset = seed % 3 == 0 ? offset : null,
            Penalty = penalty,
            Constant = 1.25,
        };
    }

    private static SparseColumns Sparse(int n, double[][] columns)
    {
        var starts = new List<int> { 0 };
        var rows = new List<int>();
        var values = new List<double>();
        foreach (double[] column in columns)
        {
            for (int i = 0; i < n; i++)
            {
                if (column[i] == 0) continue;
                rows.Add(i);
                values.Add(column[i]);
            }
            starts.Add(rows.Count);
        }
        return new SparseColumns(n, [.. starts], [.. rows], [.. values]);
    }

    private static DenseColumns Matrix(int n, int p, int seed) => new(n, Columns(n, p, seed));

    private static double[][] Columns(int n, int p, int seed, double density = 1)
    {
        var random = new Random(100 + seed);
        var columns = new double[p][];
        for (int j = 0; j < p; j++)
        {
            columns[j] = new double[n];
            for (int i = 0; i < n; i++) columns[j][i] = random.NextDouble() < density ? (2 * random.NextDouble()) - 1 : 0;
        }
        return columns;
    }

    private static double[] Labels(int n, int seed)
    {
        var random = new Random(200 + seed);
        return [.. Enumerable.Range(0, n).Select(_ => (2 * random.NextDouble()) - 1)];
    }
}
