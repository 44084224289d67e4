using Optc.Runtime.Solution;
using Optc.Runtime.Solvers;
using Optc.Runtime.Solvers.BlockCoordinate;
using Optc.Runtime.Solvers.CoordinateDescent;
using Xunit;

namespace Optc.Runtime.Tests.Solvers.BlockCoordinate;

/// <summary>Descent under linear rows, its answers checked by the conditions of an optimum, written out on dense arrays.</summary>
public sealed class RowSolverTests
{
    [Theory]
    [InlineData("none", "")]
    [InlineData("l1", "")]
    [InlineData("mixed", "")]
    [InlineData("box", "rule=gsl")]
    [InlineData("mixed", "rule=cyclic update=matrix block=4")]
    [InlineData("l1", "rule=random finish=no")]
    [InlineData("l1", "acceleration=dual_averaging block=5")]
    public void Answers_meet_the_conditions_of_an_optimum(string kind, string options)
    {
        const int N = 20, M = 4;
        NaiveBlocks naive = NaiveBlocks.Random(9, N, 0.2, kind);
        double[,] a = Rows(M, N);
        double[] lower = [0.1, double.NegativeInfinity, -0.05, -50], upper = [0.1, -0.02, 0.05, 50];
        RowResult result = Solver(naive, a, lower, upper, options).Solve(new double[N], new SolveRequest());
        Assert.Equal(SolveStatus.Solved, result.Descent.Status);
        double[] x = result.Descent.Point, y = result.Multipliers, slopes = naive.Gradient(x);
        double infeasibility = 0, complementarity = 0;
        for (int i = 0; i < M; i++)
        {
            double value = 0;
            for (int j = 0; j < N; j++)
            {
                value += a[i, j] * x[j];
                slopes[j] -= a[i, j] * y[i];
            }
            Assert.Equal(value, result.Values[i], 1e-12);
            infeasibility = Math.Max(infeasibility, Math.Max(lower[i] - value, value - upper[i]) / Math.Max(1, Math.Abs(value < lower[i] ? lower[i] : upper[i])));
            if (lower[i] != upper[i] && y[i] != 0) complementarity = Math.Max(complementarity, Math.Abs(y[i] * (value - (y[i] > 0 ? lower[i] : upper[i]))));
            Assert.InRange(value, lower[i] - 2e-8, upper[i] + 2e-8);
            Assert.True(value <= lower[i] + 2e-8 || y[i] <= 1e-12, $"row {i} is above its lower side with the multiplier {y[i]}");
            Assert.True(value >= upper[i] - 2e-8 || y[i] >= -1e-12, $"row {i} is below its upper side with the multiplier {y[i]}");
        }
        Assert.True(Math.Abs(y[0]) > 1e-3 && y[3] == 0, "one row binds, one does not");
        Assert.Equal(infeasibility, result.Infeasibility, 1e-12);
        Assert.Equal(complementarity / Math.Max(1, Math.Abs(result.Descent.Objective)), result.Complementarity, 1e-12);
        for (int j = 0; j < N; j++)
        {
            // x is the minimum of its own model: a unit proximal step on the Lagrangian does not move it.
            double v = x[j] - slopes[j], moved = Math.Clamp(Math.Sign(v) * Math.Max(0, Math.Abs(v) - naive.Penalty.L1[j]), naive.Penalty.Lower[j], naive.Penalty.Upper[j]);
            Assert.Equal(x[j], moved, 5e-8);
        }
        Assert.Equal(naive.Objective(x), result.Descent.Objective, 1e-10);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("l1")]
    [InlineData("mixed")]
    public void Rows_in_other_units_have_the_same_answer(string kind)
    {
        const int N = 20, M = 4;
        NaiveBlocks naive = NaiveBlocks.Random(9, N, 0.2, kind);
        double[,] a = Rows(M, N), scaled = new double[M, N];
        double[] lower = [0.1, double.NegativeInfinity, -0.05, -50], upper = [0.1, -0.02, 0.05, 50], units = [1e6, 1e-3, 1e4, 1e-8];
        for (int i = 0; i < M; i++)
        {
            for (int j = 0; j < N; j++) scaled[i, j] = units[i] * a[i, j];
        }
        RowResult plain = Solver(naive, a, lower, upper, "").Solve(new double[N], new SolveRequest());
        RowResult result = Solver(naive, scaled, [.. lower.Zip(units, (l, s) => s * l)], [.. upper.Zip(units, (u, s) => s * u)], "").Solve(new double[N], new SolveRequest());
        Assert.Equal(SolveStatus.Solved, result.Descent.Status);
        for (int j = 0; j < N; j++) Assert.Equal(plain.Descent.Point[j], result.Descent.Point[j], 1e-6);
        for (int i = 0; i < M; i++)
        {
            Assert.Equal(plain.Multipliers[i], units[i] * result.Multipliers[i], 1e-6);
            Assert.Equal(plain.Values[i], result.Values[i] / units[i], 1e-6);
        }
    }

    [Fact]
    public void Rows_that_contradict_each_other_end_without_an_answer()
    {
        NaiveBlocks naive = NaiveBlocks.Random(9, 6, 0.3, "l1");
        double[,] a = new double[2, 6];
        for (int j = 0; j < 6; j++) (a[0, j], a[1, j]) = (1, 1);
        RowResult result = Solver(naive, a, [1, 3], [2, 4], "").Solve(new double[6], new SolveRequest());
        Assert.Equal(SolveStatus.NumericalFailure, result.Descent.Status);
        Assert.True(result.Infeasibility > 0.1);
        Assert.Contains("contradict", result.Descent.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(9)]
    public void A_limit_on_epochs_holds_for_all_descents_together(int limit)
    {
        NaiveBlocks naive = NaiveBlocks.Random(9, 20, 0.2, "mixed");
        var records = new List<IterationRecord>();
        RowSolver solver = Solver(naive, Rows(3, 20), [0.1, -1, -0.05], [0.1, -0.02, 0.05], $"finish=no max_epochs={limit}");
        RowResult result = solver.Solve(new double[20], new SolveRequest { Progress = records.Add });
        Assert.Equal(SolveStatus.IterationLimit, result.Descent.Status);
        Assert.StartsWith($"{limit} epochs were not enough", result.Descent.Message, StringComparison.Ordinal);
        Assert.Equal(limit, result.Descent.Epochs);
        Assert.Equal(Enumerable.Range(1, limit), records.Select(r => r.Outer));
        Assert.Equal(records.Select(r => r.Inner).Order(), records.Select(r => r.Inner));
        Assert.Equal(naive.Objective(result.Descent.Point), records[^1].Objective, 1e-12);
    }

    [Fact]
    public void Feasibility_and_complementarity_are_told_apart()
    {
        NaiveBlocks naive = NaiveBlocks.Random(9, 20, 0.2, "none");
        double[,] a = Rows(2, 20);
        for (int j = 0; j < 20; j++) a[0, j] *= 1e-3;
        RowResult result = Solver(naive, a, [1e-3, -1], [1e-3, -0.5], "finish=no max_epochs=5").Solve(new double[20], new SolveRequest());
        double equation = Math.Abs(result.Values[0] - 1e-3), range = Math.Max(0, result.Values[1] + 0.5);
        Assert.Equal(SolveStatus.IterationLimit, result.Descent.Status);
        Assert.Equal(Math.Max(equation, range), result.Infeasibility, 1e-15);
        Assert.Equal(Math.Abs(result.Multipliers[1] * (result.Values[1] + 0.5)) / Math.Max(1, Math.Abs(result.Descent.Objective)), result.Complementarity, 1e-15);
        Assert.True(result.Infeasibility > 0 && result.Complementarity > 0);
    }

    [Fact]
    public void Wrong_sides_and_single_observations_are_refused()
    {
        NaiveBlocks naive = NaiveBlocks.Random(9, 6, 0.3, "l1");
        Assert.Contains("Row 1", Assert.Throws<ArgumentException>(() => Solver(naive, Rows(1, 6), [2], [1], "")).Message, StringComparison.Ordinal);
        Assert.Contains("dual_averaging", Assert.Throws<ArgumentException>(() => Solver(naive, Rows(1, 6), [1], [1], "acceleration=variance_reduction")).Message, StringComparison.Ordinal);
    }

    private static RowSolver Solver(NaiveBlocks naive, double[,] a, double[] lower, double[] upper, string options)
    {
        int m = a.GetLength(0), n = a.GetLength(1);
        int[] starts = [.. Enumerable.Range(0, n + 1).Select(j => j * m)], rows = [.. Enumerable.Range(0, n * m).Select(k => k % m)];
        double[] values = [.. Enumerable.Range(0, n * m).Select(k => a[k % m, k / m])];
        BlockOptions chosen = options.Split(' ', StringSplitOptions.RemoveEmptyEntries).Aggregate(new BlockOptions(), (o, pair) => BlockOptions.Table.With(o, pair.Split('=')[0], pair.Split('=')[1]));
        return new RowSolver(naive.Function(), new BlockPenalty(naive.Penalty, naive.Groups), new LinearRows(new SparseColumns(m, starts, rows, values), lower, upper), chosen);
    }

    private static double[,] Rows(int m, int n)
    {
        var random = new Random(5);
        var a = new double[m, n];
        for (int i = 0; i < m; i++)
        {
            for (int j = 0; j < n; j++) a[i, j] = random.NextDouble() - 0.4;
        }
        return a;
    }
}
