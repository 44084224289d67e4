using Optc.Runtime.Problems;
using Optc.Runtime.Solution;
using Optc.Runtime.Solvers;
using Optc.Runtime.Solvers.AugmentedLagrangian;
using Optc.Runtime.Solvers.Inner;
using Optc.Runtime.Solvers.LevenbergMarquardt;
using Optc.Runtime.Tests.Models;
using Optc.Runtime.Tests.Solvers.AugmentedLagrangian;
using Xunit;

namespace Optc.Runtime.Tests.Solvers.LevenbergMarquardt;

public class LevenbergMarquardtTests
{
    private static readonly AugmentedLagrangianOptions Lm = new() { Inner = InnerMethod.Lm };

    /// <summary>The sum of the weighted squares, with the squares' insides as rows of a second problem.</summary>
    private static TermProblem Squares(double[] start, (double Lower, double Upper)[]? bounds, params (double Weight, Func<Taylor[], Taylor> Residual)[] terms)
    {
        var problem = new TermProblem(start);
        var rows = new TermProblem(start);
        for (int j = 0; j < (bounds?.Length ?? 0); j++)
        {
            problem.Bound(j, bounds![j].Lower, bounds[j].Upper);
            rows.Bound(j, bounds[j].Lower, bounds[j].Upper);
        }
        foreach ((double weight, Func<Taylor[], Taylor> residual) in terms)
        {
            problem.Minimise(x => weight * residual(x).Squared());
            rows.Subject(double.NegativeInfinity, residual, double.PositiveInfinity);
        }
        double[] weights = [.. terms.Select(t => t.Weight)];
        problem.LeastSquares = new LeastSquaresForm(new ResidualRows(rows, new double[terms.Length], weights, 0.0), false, "");
        return problem;
    }

    private static SolveResult Solved(TermProblem problem, double objective)
    {
        SolveResult result = SolverCase.Solve(problem, Lm);
        Assert.True(result.Status == SolveStatus.Solved, $"{result.Status}: {result.Message}");
        Assert.Equal(objective, result.Objective, 1e-7 * Math.Max(1.0, Math.Abs(objective)));
        Residuals residuals = KktResiduals.Of(problem, result.Point, result.ConstraintMultipliers, result.BoundMultipliers);
        Assert.InRange(residuals.Largest, 0, 1e-8);
        return result;
    }

    [Fact]
    public void RosenbrockTakesFewSteps()
    {
        SolveResult result = Solved(Squares([-1.2, 1], null, (100, x => x[1] - x[0].Squared()), (1, x => x[0] - 1)), 0);
        Assert.Equal(1.0, result.Point[0], 1e-7);
        Assert.InRange(result.InnerIterations, 1, 20);
    }

    [Fact]
    public void PowellsSingularFunctionIsHölderSubregularOnly()
    {
        // The Jacobian is singular at the solution, where errors fall by a constant factor only.
        SolveResult result = Solved(
            Squares([3, -1, 0, 1], null, (1, x => x[0] + 10 * x[1]), (5, x => x[2] - x[3]), (1, x => (x[1] - 2 * x[2]).Squared()), (10, x => (x[0] - x[3]).Squared())), 0);
        Assert.InRange(result.InnerIterations, 1, 60);
    }

    [Fact]
    public void LargeResidualsConvergeFastByTheSecondOrderTerms()
    {
        // Brown and Dennis: value 85822.2, where Gauss and Newton's method alone creeps.
        (double, Func<Taylor[], Taylor>)[] terms =
        [
            .. Enumerable.Range(1, 20).Select(i => (1.0, (Func<Taylor[], Taylor>)(x =>
                (x[0] + 0.2 * i * x[1] - Math.Exp(0.2 * i)).Squared() + (x[2] + Math.Sin(0.2 * i) * x[3] - Math.Cos(0.2 * i)).Squared()))),
        ];
        SolveResult result = Solved(Squares([25, 5, -5, -1], null, terms), 85822.2016263563);
        Assert.InRange(result.InnerIterations, 1, 30);
    }

    [Fact]
    public void HoldsActiveBoundsWithTheirMultipliers()
    {
        // min (x − 2)² + (y + x)², x ≤ 1, y ≥ −0.5: x = 1, y = −0.5; ∇ = (2(x − 2) + 2(x + y), 2(x + y)) = (−1, 1).
        SolveResult result = Solved(Squares([0, 3], [(-1, 1), (-0.5, 10)], (1, x => x[0] - 2), (1, x => x[0] + x[1])), 1.25);
        Assert.Equal([1.0, -0.5], result.Point);
        Assert.Equal(-1.0, result.BoundMultipliers[0], 1e-8);
        Assert.Equal(1.0, result.BoundMultipliers[1], 1e-8);
    }

    [Fact]
    public void LeavesABoundThatTheStartIsAt()
    {
        SolveResult result = Solved(Squares([0, 0], [(0, 10), (0, 10)], (1, x => x[0] - 3), (2, x => x[1] * x[0] - 6)), 0);
        Assert.Equal(2.0, result.Point[1], 1e-6);
    }

    [Fact]
    public void StepsBackFromPointsThatCannotBeEvaluated()
    {
        SolveResult result = Solved(Squares([4.0], null, (1, x => x[0].Log() + 3)), 0);
        Assert.Equal(Math.Exp(-3), result.Point[0], 1e-8);
    }

    [Fact]
    public void EquationsAreSolvedAsSuch()
    {
        var problem = new TermProblem(0.5, 2).Subject(4, x => x[0].Squared() + x[1].Squared(), 4).Subject(1, x => x[0] * x[1], 1);
        problem.LeastSquares = new LeastSquaresForm(ResidualRows.OfEquations(problem), true, "");
        SolveResult result = SolverCase.Solve(problem, Lm);
        Assert.Equal(SolveStatus.Solved, result.Status);
        Assert.Equal(1.0, result.Point[0] * result.Point[1], 1e-7);
    }

    [Fact]
    public void EquationsWithoutSolutionAreInfeasibleAtAMinimumOfTheirSquares()
    {
        var problem = new TermProblem(3.0).Subject(-1, x => x[0].Squared(), -1);
        problem.LeastSquares = new LeastSquaresForm(ResidualRows.OfEquations(problem), true, "");
        SolveResult result = SolverCase.Solve(problem, Lm);
        Assert.Equal(SolveStatus.Infeasible, result.Status);
        Assert.Equal([0], result.WorstConstraints);
    }

    [Fact]
    public void InequalitiesAreNoEquations() => Assert.Null(ResidualRows.OfEquations(new TermProblem(1.0).Subject(0, x => x[0], 1)));

    [Fact]
    public void WhatIsNoSumOfSquaresIsRefused()
    {
        var problem = new TermProblem(1.0).Minimise(x => x[0].Squared());
        Assert.Contains("not known to be a sum of squares", Assert.Throws<ArgumentException>(() => SolverCase.Solve(problem, Lm)).Message);
    }

    [Fact]
    public void LimitsAndCancellationAreStatuses()
    {
        TermProblem problem = Squares([-1.2, 1], null, (100, x => x[1] - x[0].Squared()), (1, x => x[0] - 1));
        Assert.Equal(SolveStatus.IterationLimit, SolverCase.Solve(problem, Lm with { MaxInnerIterations = 2 }).Status);
        SolveResult interrupted = new AugmentedLagrangianSolver(Lm).Solve(problem, new SolveRequest(), new CancellationToken(true));
        Assert.Equal(SolveStatus.Interrupted, interrupted.Status);
    }

    [Fact]
    public void WeightsMustBePositive() =>
        Assert.Throws<ArgumentException>(() => new ResidualRows(new TermProblem(1.0).Subject(0, x => x[0], 0), [0.0], [-1.0], 0.0));

    [Fact]
    public void CompensatedSumsKeepWhatCancels()
    {
        double sum = 0.0, low = 0.0;
        double[] factors = [1e10, 1.0, -1e10], values = [1e10, 1e-3, 1e10];
        for (int k = 0; k < 3; k++) CompensatedSums.Add(ref sum, ref low, factors[k], values[k]);
        Assert.Equal(1e-3, sum + low, 1e-18);
        Assert.Equal(0.0, (1e10 * 1e10) + (1.0 * 1e-3) + (-1e10 * 1e10));
        Assert.Equal(0.5 * ((2 * 9) + (3 * 16)), CompensatedSums.HalfWeightedSquares([2.0, 3.0], [3.0, 4.0]));
    }
}
