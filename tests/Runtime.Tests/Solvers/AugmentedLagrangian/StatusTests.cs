using Optc.Runtime.Solution;
using Optc.Runtime.Solvers;
using Optc.Runtime.Solvers.AugmentedLagrangian;
using Optc.Runtime.Tests.Models;
using Xunit;
using static System.Double;

namespace Optc.Runtime.Tests.Solvers.AugmentedLagrangian;

public class StatusTests
{
    [Fact]
    public void InfeasibleNamesTheWorstConstraint()
    {
        SolveResult result = SolverCase.Solve(new TermProblem(1, 1).Minimise(x => x[0].Squared() + x[1].Squared())
            .Subject(NegativeInfinity, x => x[0].Squared() + x[1].Squared(), 1).Subject(4, x => x[0] + x[1], PositiveInfinity));
        Assert.Equal(SolveStatus.Infeasible, result.Status);
        Assert.NotEmpty(result.WorstConstraints);
        Assert.Contains("locally", result.Message);
    }

    [Fact]
    public void UnboundedBelow() => Assert.Equal(
        SolveStatus.Unbounded,
        SolverCase.Solve(new TermProblem(1, 1).Bound(1, 0, PositiveInfinity).Minimise(x => -x[0] - x[1]).Subject(NegativeInfinity, x => x[0] - x[1], 4)).Status);

    [Fact]
    public void StartOutsideTheDomain() => Assert.Equal(
        SolveStatus.EvaluationError, SolverCase.Solve(new TermProblem(-1).Minimise(x => x[0].Log())).Status);

    [Fact]
    public void StartOnTheBoundaryOfTheDomainIsMovedInside() =>
        SolverCase.IsSolved(new TermProblem(0).Bound(0, 0, PositiveInfinity).Minimise(x => x[0] - x[0].Log()), 1);

    [Fact]
    public void RedundantEquations() => SolverCase.IsSolved(
        new TermProblem(-0.5, 0.5).Minimise(x => x[0] + x[1]).Subject(1, x => x[0].Squared() + x[1].Squared(), 1)
            .Subject(2, x => 2 * x[0].Squared() + 2 * x[1].Squared(), 2), -Math.Sqrt(2));

    [Fact]
    public void ComplementarityWithoutMangasarianFromovitz() => SolverCase.IsSolved(
        new TermProblem(1, 1).Box(0, PositiveInfinity).Minimise(x => (x[0] - 1).Squared() + (x[1] - 2).Squared()).Subject(NegativeInfinity, x => x[0] * x[1], 0), 1);

    [Fact]
    public void NoMultipliersExistAtTheSolution()
    {
        // Problem 13: the optimum 1 is no KKT point, so no method may claim one; the point is still near.
        SolveResult result = SolverCase.Solve(new TermProblem(-2, -2).Box(0, PositiveInfinity).Minimise(x => (x[0] - 2).Squared() + x[1].Squared())
            .Subject(0, x => (1 - x[0]).Pow(3) - x[1], PositiveInfinity));
        Assert.NotEqual(SolveStatus.Infeasible, result.Status);
        Assert.InRange(result.Objective, 0.97, 1.01);
    }

    [Fact]
    public void FixedVariablesAndFreeRows()
    {
        SolveResult result = SolverCase.IsSolved(
            new TermProblem(5, 1).Bound(0, 3, 3).Minimise(x => (x[0] - x[1]).Squared()).Subject(NegativeInfinity, x => x[0] * x[1], PositiveInfinity), 0);
        Assert.Equal(3.0, result.Point[0]);
    }

    [Fact]
    public void CrossingBoundsAreRefused()
    {
        var error = Assert.Throws<ArgumentException>(() => SolverCase.Solve(new TermProblem(0, 0).Bound(1, 2, 1).Minimise(x => x[0].Squared())));
        Assert.Contains("variable 1", error.Message);
    }

    [Fact]
    public void IterationLimitKeepsAFeasibleStart()
    {
        SolveResult result = SolverCase.Solve(new Hs071(), new AugmentedLagrangianOptions { MaxInnerIterations = 1, FastFinish = false },
            new SolveRequest { Start = [4.5, 3.5, 2.5, Math.Sqrt(40 - 4.5 * 4.5 - 3.5 * 3.5 - 2.5 * 2.5 + 0.0)] });
        Assert.Equal(SolveStatus.IterationLimit, result.Status);
        Assert.InRange(result.Residuals.Feasibility, 0, 1e-8);
    }

    [Fact]
    public void CancellationIsAStatus()
    {
        SolveResult result = new AugmentedLagrangianSolver().Solve(new Hs071(), new SolveRequest(), new CancellationToken(canceled: true));
        Assert.Equal(SolveStatus.Interrupted, result.Status);
    }

    [Fact]
    public void TimeLimitIsAStatus() =>
        Assert.Equal(SolveStatus.TimeLimit, SolverCase.Solve(new Hs071(), null, new SolveRequest { TimeLimit = 0 }).Status);
}
