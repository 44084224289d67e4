using Optc.Runtime.Tests.Models;
using Xunit;

namespace Optc.Runtime.Tests.Solvers.AugmentedLagrangian;

public class StructuredProblemTests
{
    [Fact]
    public void ChainedRosenbrock()
    {
        const int N = 200;
        var problem = new TermProblem([.. Enumerable.Repeat(2.0, N)]);
        for (int i = 0; i + 1 < N; i++) problem.Minimise([i, i + 1], x => 100 * (x[0].Squared() - x[1]).Squared() + (x[0] - 1).Squared());
        SolverCase.IsSolved(problem, 0);
    }

    [Fact]
    public void ChainedWoodUnderBandedEquations()
    {
        // Lukšan and Vlček, problem 5.2, at a smaller size; the value is the one at which the KKT residuals vanish.
        const int N = 40;
        var problem = new TermProblem([.. Enumerable.Range(1, N).Select(i => i % 2 == 1 ? -2.0 : 1.0)]);
        for (int j = 0; j + 3 < N; j += 2)
        {
            problem.Minimise([j, j + 1, j + 2, j + 3], x =>
                100 * (x[0].Squared() - x[1]).Squared() + (x[0] - 1).Squared() + 90 * (x[2].Squared() - x[3]).Squared()
                + (x[2] - 1).Squared() + 10 * (x[1] + x[3] - 2).Squared() + (x[1] - x[3]).Squared() / 10);
        }
        for (int k = 1; k <= N - 7; k++)
        {
            int first = Math.Max(k - 5, 1), last = k + 1;
            int[] variables = [.. Enumerable.Range(first - 1, last - first + 1), k + 4];
            problem.Subject(0, variables, x => (2 + 5 * x[^1].Squared()) * x[^1] + 1 + x[..^1].Select(v => v * (1 + v)).Aggregate((a, b) => a + b), 0);
        }
        Assert.True(SolverCase.IsSolved(problem, SolverCase.Solve(problem).Objective).InnerIterations < 60);
    }

    [Fact]
    public void OptimalControlOfADoubleIntegrator()
    {
        // Position and speed from (0, 0) to (1, 0) in unit time with least ∫u²: the continuous optimum is 12.
        const int N = 100;
        const double H = 1.0 / N;
        var problem = new TermProblem(new double[3 * (N + 1)]);
        for (int k = 0; k < N; k++)
        {
            problem.Minimise([3 * k + 2], x => H * x[0].Squared());
            problem.Subject(0, [3 * k, 3 * k + 1, 3 * k + 3, 3 * k + 4], x => x[2] - x[0] - 0.5 * H * (x[1] + x[3]), 0);
            problem.Subject(0, [3 * k + 1, 3 * k + 2, 3 * k + 4], x => x[2] - x[0] - H * x[1], 0);
        }
        problem.Bound(0, 0, 0).Bound(1, 0, 0).Bound(3 * N, 1, 1).Bound(3 * N + 1, 0, 0);
        SolverCase.IsSolved(problem, 12 / (1 - 1.0 / (N * (double)N)), 1e-6);
    }

    [Fact]
    public void LinearProgram() => SolverCase.IsSolved(
        new TermProblem(0, 0, 0).Box(0, double.PositiveInfinity).Minimise(x => -3 * x[0] - 2 * x[1] - x[2])
            .Subject(double.NegativeInfinity, x => x[0] + x[1] + x[2], 10).Subject(double.NegativeInfinity, x => x[0] - x[1], 2)
            .Subject(double.NegativeInfinity, x => x[0] + 3 * x[1], 12), -21.5);

    [Fact]
    public void MultipliersHaveTheSignsOfTheConvention()
    {
        // min x² + y², x + y ≥ 1, x ≤ 0.2: y = 2·0.8 at the lower side, z = 0.4 − 1.6 at the upper bound.
        var result = SolverCase.IsSolved(
            new TermProblem(0, 0).Bound(0, double.NegativeInfinity, 0.2).Minimise(x => x[0].Squared() + x[1].Squared())
                .Subject(1, x => x[0] + x[1], double.PositiveInfinity), 0.68);
        Assert.Equal(1.6, result.ConstraintMultipliers[0], 6);
        Assert.Equal(-1.2, result.BoundMultipliers[0], 6);
    }
}
