using Optc.Runtime.Solution;
using Optc.Runtime.Solvers;
using Optc.Runtime.Solvers.CoordinateDescent;
using Xunit;

namespace Optc.Runtime.Tests.Solvers.CoordinateDescent;

/// <summary>Products told from earlier gradients against products, and paths solved with their help against fresh solves.</summary>
public sealed class GradientReferencesTests
{
    [Fact]
    public void What_is_told_inside_is_inside_and_within_its_error()
    {
        var random = new Random(1);
        const int rows = 40, columns = 200;
        int told = 0;
        for (int trial = 0; trial < 50; trial++)
        {
            double[][] x = [.. Enumerable.Range(0, columns).Select(_ => Vector(random, rows, trial % 2 == 0 ? 1 : 0.2))];
            var references = new GradientReferences(rows, columns);
            double[] g = Vector(random, rows, 1), change = Vector(random, rows, 1);
            var product = new double[columns];
            var error = new double[columns];
            for (int step = 0; step < 6; step++)
            {
                references.Fit(g);
                for (int j = 0; j < columns; j++)
                {
                    double exact = Dot(x[j], g), norm = Math.Sqrt(Dot(x[j], x[j]));
                    bool isInside = references.IsWithin(j, norm, x[j].Count(v => v != 0), 3, out double estimate, out double bound);
                    if (isInside)
                    {
                        told++;
                        Assert.InRange(Math.Abs(exact), 0, 3);
                        Assert.InRange(Math.Abs(exact - estimate), 0, bound + 1e-12);
                    }
                    (product[j], error[j]) = isInside ? (estimate, bound) : (exact, 0);
                }
                references.Keep(g, product, Array.Exists(error, e => e != 0) ? error : []);
                double[] noise = Vector(random, rows, 1);
                for (int i = 0; i < rows; i++) g[i] += (0.1 * change[i]) + (0.002 * noise[i]);
            }
        }
        Assert.InRange(told, 1000, 50 * 6 * columns);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Every_point_of_a_path_is_an_optimum(bool sparse, bool logistic)
    {
        var random = new Random(sparse ? 2 : 3);
        int rows = sparse ? 200 : 40, columns = sparse ? 150 : 250;
        double[][] x = [.. Enumerable.Range(0, columns).Select(_ => Vector(random, rows, sparse ? 0.1 : 1))];
        CompositeProblem problem = Problem(sparse ? Sparse(rows, x) : new DenseColumns(rows, x), Vector(random, rows, 1), logistic);
        var solver = new CompositeSolver(problem, new CompositeOptions { GapTolerance = 1e-10, Tolerance = 1e-7 });
        for (int k = 1; k <= 25; k++)
        {
            Array.Fill(problem.Penalty.L1, 0.1 * Math.Pow(0.85, k));
            Array.Fill(problem.Penalty.L2, k % 2 == 0 ? 0 : 0.01 * Math.Pow(0.85, k));
            CompositeResult result = solver.Solve(new SolveRequest());
            Assert.Equal(SolveStatus.Solved, result.Status);
            Assert.InRange(NaiveComposite.Violation(problem, result.Point), 0, 1e-6);
            Assert.Equal(NaiveComposite.Objective(problem, result.Point), result.Objective, 1e-10);
            double[] slopes = Slopes(problem, x, result.Point), gradient = [.. solver.FullGradient()];
            for (int j = 0; j < columns; j++) Assert.Equal(Dot(x[j], slopes), gradient[j], 1e-10);
        }
    }

    [Fact]
    public void A_path_with_columns_that_screening_left_out_ends_at_optima()
    {
        var random = new Random(4);
        double[][] x = [.. Enumerable.Range(0, 60).Select(_ => Vector(random, 100, 1))];
        CompositeProblem problem = Problem(new DenseColumns(100, x), [.. x[3].Select((v, i) => (2 * v) - x[7][i] + (0.1 * random.NextDouble()))], false);
        var solver = new CompositeSolver(problem, new CompositeOptions { GapTolerance = 1e-12 });
        int screened = 0;
        for (int k = 0; k < 20; k++)
        {
            Array.Fill(problem.Penalty.L1, 0.2 * Math.Pow(0.7, k));
            CompositeResult result = solver.Solve(new SolveRequest());
            screened += result.Screened;
            Assert.Equal(SolveStatus.Solved, result.Status);
            Assert.InRange(NaiveComposite.Violation(problem, result.Point), 0, 1e-6);
        }
        Assert.InRange(screened, 1, 20 * 60);
    }

    /// <summary>Derivatives of the loss by the linear forms.</summary>
    private static double[] Slopes(CompositeProblem problem, double[][] x, double[] b)
    {
        var slopes = new double[problem.Labels.Length];
        for (int i = 0; i < slopes.Length; i++)
        {
            double z = 0;
            for (int j = 0; j < b.Length; j++) z += x[j][i] * b[j];
            slopes[i] = problem.Weights[i] * (problem.Loss is LogisticLoss ? (1 / (1 + Math.Exp(-z))) - problem.Labels[i] : z - problem.Labels[i]);
        }
        return slopes;
    }

    private static CompositeProblem Problem(DesignMatrix matrix, double[] y, bool logistic)
    {
        var weights = new double[y.Length];
        Array.Fill(weights, 1.0 / y.Length);
        return new CompositeProblem
        {
            Matrix = matrix,
            Loss = logistic ? new LogisticLoss() : new LeastSquaresLoss(),
            Labels = logistic ? [.. y.Select(v => v > 0 ? 1.0 : 0.0)] : y,
            Weights = weights,
            Penalty = new SeparablePenalty(matrix.ColumnCount),
        };
    }

    private static SparseColumns Sparse(int rows, double[][] x)
    {
        int[] starts = [0, .. x.Select((_, j) => x.Take(j + 1).Sum(column => column.Count(v => v != 0)))];
        int[] places = [.. x.SelectMany(column => Enumerable.Range(0, rows).Where(i => column[i] != 0))];
        return new SparseColumns(rows, starts, places, [.. x.SelectMany(column => column.Where(v => v != 0))]);
    }

    private static double[] Vector(Random random, int length, double density) =>
        [.. Enumerable.Range(0, length).Select(_ => random.NextDouble() < density ? (2 * random.NextDouble()) - 1 : 0)];

    private static double Dot(double[] x, double[] y) => x.Zip(y, (a, b) => a * b).Sum();
}
