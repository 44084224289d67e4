using Optc.Runtime.Problems;
using Optc.Runtime.Solution;
using Optc.Runtime.Solvers.AugmentedLagrangian;
using Optc.Runtime.Tests.Models;
using Xunit;
using static System.Double;

namespace Optc.Runtime.Tests.Solvers.AugmentedLagrangian;

/// <summary>Problems whose solutions have no multipliers: that is said, with the constraints at fault, at a point near the solution.</summary>
public class QualificationTests
{
    /// <summary>Hock and Schittkowski 1981, problem 13: a cusp at (1, 0).</summary>
    [Fact]
    public void Problem13()
    {
        SolveResult result = Diverges(
            new TermProblem(-2, -2).Box(0, PositiveInfinity).Minimise(x => (x[0] - 2).Squared() + x[1].Squared()).Subject(0, x => (1 - x[0]).Pow(3) - x[1], PositiveInfinity),
            1.0, 0.005);
        Assert.Equal([0], result.Diverging!.Constraints);
        Assert.Equal([1], result.Diverging.Variables);
    }

    /// <summary>Kuhn and Tucker 1951: the example with which they motivate the qualification, a cusp of two constraints at (1, 0).</summary>
    [Fact]
    public void TheCuspOfKuhnAndTucker()
    {
        SolveResult result = Diverges(
            new TermProblem(0.2, 0.3).Minimise(x => -x[0]).Subject(NegativeInfinity, x => x[1] - (1 - x[0]).Pow(3), 0).Subject(0, [1], x => x[0] * 1.0, PositiveInfinity),
            -1.0, 0.005);
        Assert.Equal([0, 1], result.Diverging!.Constraints.Order());
        Assert.Empty(result.Diverging.Variables);
    }

    /// <summary>Two circles that touch, the objective not along their common tangent: residuals vanish, slowly, with multipliers that may grow.</summary>
    [Fact]
    public void CirclesThatTouch() => SolverCase.IsSolved(
        new TermProblem(1, 0.5).Minimise(x => x[0] + x[1]).Subject(1, x => (x[0] - 1).Squared() + x[1].Squared(), 1).Subject(4, x => (x[0] - 2).Squared() + x[1].Squared(), 4),
        0, 1e-4);

    /// <summary>A single point written as a square: no gradient at all.</summary>
    [Fact]
    public void ASquareThatMustVanish()
    {
        SolveResult result = SolverCase.Solve(new TermProblem(1.0).Minimise(x => x[0] * 1.0).Subject(NegativeInfinity, x => x[0].Squared(), 0));
        Says(result, 0.0, 0.005);
        Assert.Equal([0], result.Diverging!.Constraints);
    }

    [Fact]
    public void LargeMultipliersAreNotDivergingOnes()
    {
        SolveResult result = SolverCase.IsSolved(
            new TermProblem(3, 3).Minimise(x => x[0] + 1e7 * x[1]).Subject(1, x => x[0] + 1e-3 * x[1], PositiveInfinity).Subject(0.5, [1], x => x[0] * 1.0, PositiveInfinity), 5000000.9995, 1e-5);
        Assert.Null(result.Diverging);
    }

    [Fact]
    public void DependentGradientsWithMultipliersAreNoFailure()
    {
        SolveResult result = SolverCase.IsSolved(
            new TermProblem(-0.5, 0.5).Minimise(x => x[0] + x[1]).Subject(1, x => x[0].Squared() + x[1].Squared(), 1).Subject(2, x => 2 * x[0].Squared() + 2 * x[1].Squared(), 2),
            -Math.Sqrt(2));
        Assert.Null(result.Diverging);
    }

    /// <summary>No status that residuals do not bear, and a report that Fritz John's condition bears.</summary>
    private static SolveResult Diverges(TermProblem problem, double objective, double within)
    {
        SolveResult result = SolverCase.Solve(problem);
        Residuals at = KktResiduals.Of(problem, result.Point, result.ConstraintMultipliers, result.BoundMultipliers);
        Assert.Equal(at, result.Residuals);
        Assert.InRange(at.Feasibility, 0, 1e-8);
        Says(result, objective, within);
        return result;
    }

    private static void Says(SolveResult result, double objective, double within)
    {
        Assert.True(result.Status is SolveStatus.NumericalFailure or SolveStatus.SolvedToAcceptable, $"{result.Status}: {result.Message}");
        Assert.True(result.Status == SolveStatus.SolvedToAcceptable == result.Residuals.Largest <= 1e-6, result.Residuals.ToString());
        Assert.InRange(result.Objective, objective - within, objective + within);
        Assert.NotNull(result.Diverging);
        Assert.InRange(result.Diverging.ObjectiveWeight, 0, 1e-3);
        Assert.InRange(result.Diverging.Residual, 0, 1e-2);
        Assert.InRange(result.InnerIterations, 0, 1500);
    }
}
