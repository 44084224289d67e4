using Optc.Runtime.Problems;
using Optc.Runtime.Solution;
using Optc.Runtime.Solvers;
using Optc.Runtime.Solvers.Projections;
using Optc.Runtime.Tests.Models;
using Xunit;

namespace Optc.Runtime.Tests.Solvers.Projections;

/// <summary>The methods that go to and fro between operations and values.</summary>
public sealed class ProjectionSolverTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Linear_inequalities(bool alternates)
    {
        var random = new Random(3);
        (FeasibilityGraph graph, DenseProgram problem) = Polyhedron(random, 12, 30);
        SolveResult result = new ProjectionSolver(new ProjectionOptions { Alternates = alternates }).Solve(graph, problem, new SolveRequest());
        Assert.Equal(SolveStatus.Solved, result.Status);
        Residuals own = KktResiduals.Of(problem, result.Point, result.ConstraintMultipliers, result.BoundMultipliers);
        Assert.True(own.Feasibility <= 1e-8);
        Assert.Equal(own.Feasibility, result.Residuals.Feasibility);
    }

    [Fact]
    public void Threads_do_not_change_the_bits()
    {
        double[] Solve(int threads)
        {
            (FeasibilityGraph graph, DenseProgram problem) = Polyhedron(new Random(5), 100, 300);
            Assert.True(graph.CopyCount > 20000, "large enough for threads");
            return new ProjectionSolver(new ProjectionOptions { MaxIterations = 20 }).Solve(graph, problem, new SolveRequest(), threads).Point;
        }
        Assert.Equal(Solve(1), Solve(2));
    }

    /// <summary>x + y = 1 and x + y = 2: the answer says that nothing is proved.</summary>
    [Fact]
    public void What_cannot_hold_ends_at_the_limit()
    {
        var problem = new DenseProgram(new double[2, 2], new double[2], new[,] { { 1.0, 1.0 }, { 1.0, 1.0 } }, [1.0, 2.0], [1.0, 2.0], [-9.0, -9.0], [9.0, 9.0]);
        SolveResult result = new ProjectionSolver(new ProjectionOptions { MaxIterations = 20000 }).Solve(Graph(problem, []), problem, new SolveRequest());
        Assert.Equal(SolveStatus.IterationLimit, result.Status);
        Assert.Contains("says nothing of whether there is a feasible one", result.Message, StringComparison.Ordinal);
        Assert.Contains("begun", result.Message, StringComparison.Ordinal);
        Assert.InRange(result.Residuals.Feasibility, 0.2, 0.6);
        Assert.Equal([0, 1], result.WorstConstraints.Order());
    }

    /// <summary>3x + 5y = 19 over whole numbers from 0 to 6 has one solution in these bounds, x = 3 and y = 2.</summary>
    [Fact]
    public void Whole_numbers()
    {
        var problem = new DenseProgram(new double[2, 2], new double[2], new[,] { { 3.0, 5.0 } }, [19.0], [19.0], [0.0, 0.0], [6.0, 6.0]);
        SolveResult result = new ProjectionSolver().Solve(Graph(problem, [0, 1]), problem, new SolveRequest());
        Assert.Equal(SolveStatus.Solved, result.Status);
        Assert.Equal([3.0, 2.0], result.Point);
    }

    /// <summary>floor(x) + round(y) = 3.5 has no solution, and the iterates come back to where they were.</summary>
    [Theory]
    [InlineData(0, SolveStatus.NumericalFailure, "a cycle after")]
    [InlineData(5000, SolveStatus.IterationLimit, "of them after a cycle")]
    public void A_cycle_is_left_at_once(int restart, SolveStatus status, string says)
    {
        var graph = new FeasibilityGraph();
        for (int j = 0; j < 4; j++) graph.AddValue(0.0, -10.0, 10.0);
        graph.AddOperation(new QuadraticProjection([], [], [1.0, 1.0], 3.5, 3.5), [2, 3]);
        graph.AddOperation(new StepProjection(StepKind.Floor, 1e-3), [2, 0]);
        graph.AddOperation(new StepProjection(StepKind.Round, 1e-3), [3, 1]);
        // Judged by a row that never holds: that of the graph would hold at sums that steps do not have.
        var judged = new DenseProgram(new double[4, 4], new double[4], new[,] { { 0.0, 0.0, 0.0, 0.0 } }, [1.0], [1.0], [-10.0, -10.0, -10.0, -10.0], [10.0, 10.0, 10.0, 10.0]);
        SolveResult result = new ProjectionSolver(new ProjectionOptions { Restart = restart, MaxIterations = 20000 }).Solve(graph, judged, new SolveRequest());
        Assert.Equal(status, result.Status);
        Assert.Contains(says, result.Message, StringComparison.Ordinal);
        Assert.True(restart > 0 || result.OuterIterations < 10000);
    }

    /// <summary>Brent's search finds every cycle behind every tail, and nothing before the sequence has come back.</summary>
    [Theory]
    [InlineData(0, 1)]
    [InlineData(5, 1)]
    [InlineData(7, 3)]
    [InlineData(100, 17)]
    public void Cycles_are_found(int tail, int length)
    {
        var cycle = new Cycle(2);
        int step = 0;
        while (!cycle.Closes([1.0, step < tail ? step : tail + ((step - tail) % length)])) step++;
        Assert.InRange(step, tail + length, 4 * (tail + length));
        cycle.Reset();
        Assert.False(cycle.Closes([1.0, tail]));
    }

    [Fact]
    public void Limits_and_cancellation_are_statuses()
    {
        (FeasibilityGraph graph, DenseProgram problem) = Polyhedron(new Random(3), 12, 30);
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.Equal(SolveStatus.Interrupted, new ProjectionSolver().Solve(graph, problem, new SolveRequest(), 1, source.Token).Status);
        Assert.Equal(SolveStatus.TimeLimit, new ProjectionSolver().Solve(graph, problem, new SolveRequest { TimeLimit = 0.0 }).Status);
    }

    [Theory]
    [InlineData("beta", "2")]
    [InlineData("margin", "0.5")]
    [InlineData("method", "fast")]
    [InlineData("restart", "-1")]
    [InlineData("max_iter", "0")]
    public void Values_out_of_range_are_refused(string name, string value)
    {
        string message = Assert.Throws<ArgumentException>(() => ProjectionOptions.Table.With(new ProjectionOptions(), name, value).Validate()).Message;
        Assert.Contains($"'{name}'", message, StringComparison.Ordinal);
        Assert.Contains("it takes", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Graphs_refuse_what_does_not_fit()
    {
        var graph = new FeasibilityGraph();
        int x = graph.AddValue(0.0);
        Assert.Throws<ArgumentException>(() => graph.AddOperation(new AbsoluteProjection(), [x]));
        Assert.Throws<ArgumentOutOfRangeException>(() => graph.AddOperation(new AbsoluteProjection(), [x, 7]));
        Assert.Contains("whole number", Assert.Throws<ArgumentException>(() => graph.AddValue(0.0, 0.2, 0.8, true)).Message, StringComparison.Ordinal);
        graph.AddOperation(new AbsoluteProjection(), [x, x]);
        Assert.Equal("1 abs", graph.Describe());
    }

    /// <summary>Rows through a point that is known, with room about it for half of them.</summary>
    private static (FeasibilityGraph Graph, DenseProgram Problem) Polyhedron(Random random, int n, int m)
    {
        double[] inside = [.. Enumerable.Range(0, n).Select(_ => random.NextDouble() - 0.5)];
        var a = new double[m, n];
        double[] lower = new double[m], upper = new double[m];
        for (int i = 0; i < m; i++)
        {
            double value = 0.0;
            for (int j = 0; j < n; j++) value += (a[i, j] = random.NextDouble() - 0.5) * inside[j];
            (lower[i], upper[i]) = (value - (i % 2 == 0 ? 0.1 : 0.0), i % 5 == 0 ? value + 0.2 : double.PositiveInfinity);
        }
        var problem = new DenseProgram(new double[n, n], new double[n], a, lower, upper, [.. inside.Select(v => v - 1.0)], [.. inside.Select(v => v + 1.0)], [.. inside.Select(v => v + 3.0)]);
        return (Graph(problem, []), problem);
    }

    private static FeasibilityGraph Graph(DenseProgram problem, int[] integers)
    {
        var graph = new FeasibilityGraph();
        for (int j = 0; j < problem.VariableCount; j++) graph.AddValue(problem.Start[j], problem.Lower[j], problem.Upper[j], integers.Contains(j));
        foreach (int j in integers) graph.AddOperation(new WholeProjection(problem.Lower[j], problem.Upper[j]), [j]);
        for (int i = 0; i < problem.ConstraintCount; i++)
        {
            double[] row = [.. Enumerable.Range(0, problem.VariableCount).Select(j => problem.A[i, j])];
            graph.AddOperation(new QuadraticProjection([], [], row, problem.RowLower[i], problem.RowUpper[i]), [.. Enumerable.Range(0, row.Length)]);
        }
        return graph;
    }
}
