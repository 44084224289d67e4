using Optc.Runtime.Problems;
using Optc.Runtime.Solution;
using Optc.Runtime.Solvers.AugmentedLagrangian;
using Optc.Runtime.Tests.Models;
using Xunit;
using static System.Double;

namespace Optc.Runtime.Tests.Solvers.AugmentedLagrangian;

/// <summary><see cref="SolveStatus.Unbounded"/> comes with a ray or a sequence that hold, and bounded look-alikes are not taken for unbounded.</summary>
public class UnboundednessTests
{
    private static readonly ProblemStructure Linear = new() { Class = ProblemClass.Linear };
    private static readonly ProblemStructure Quadratic = new() { Class = ProblemClass.Quadratic };

    [Fact]
    public void ALinearProgramHasARay()
    {
        TermProblem problem = new TermProblem(0, 0, 0, 0) { Structure = Linear }.Box(0, PositiveInfinity).Bound(3, 0, 5)
            .Minimise(x => -2 * x[0] - x[1] + x[2] - x[3]).Subject(NegativeInfinity, x => x[0] - x[1], 4).Subject(1, x => x[2] + x[3], PositiveInfinity);
        SolveResult result = SolverCase.Solve(problem);
        HasRay(problem, result, byCurvature: false);
        Assert.Equal([0, 1], result.Unboundedness!.Variables.Order());
        Assert.Equal(-3.0, result.Unboundedness.Rate, 1e-6);
    }

    [Fact]
    public void AnEquationHoldsAlongTheRay()
    {
        TermProblem problem = new TermProblem(0, 0) { Structure = Linear }.Minimise(x => x[0] + x[1]).Subject(0, x => x[0] - x[1], 0);
        HasRay(problem, SolverCase.Solve(problem), byCurvature: false);
    }

    [Fact]
    public void ANonconvexQuadraticFallsByCurvature()
    {
        TermProblem problem = new TermProblem(1, 0.5, 0.5) { Structure = Quadratic }.Bound(2, 0, 1)
            .Minimise(x => x[0].Squared() - x[1].Squared() + x[2]).Subject(0.5, x => x[0] + x[2], PositiveInfinity);
        SolveResult result = SolverCase.Solve(problem);
        HasRay(problem, result, byCurvature: true);
        Assert.Equal(1, result.Unboundedness!.Variables[0]);
        Assert.Equal(-1.0, result.Unboundedness.Rate, 1e-6);
    }

    [Fact]
    public void AConvexQuadraticFallsWhereItIsFlat()
    {
        TermProblem problem = new TermProblem(1, 2) { Structure = Quadratic }.Minimise(x => (x[0] - x[1]).Squared() - x[0]);
        HasRay(problem, SolverCase.Solve(problem), byCurvature: false);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(1.0)]
    public void ExponentialsFallInASequence(double start)
    {
        TermProblem problem = new TermProblem(0, start).Bound(1, 0, PositiveInfinity).Minimise(x => x[1] - x[0].Exp()).Subject(NegativeInfinity, x => x[0] - x[1], 3);
        SolveResult result = SolverCase.Solve(problem);
        Assert.Equal(SolveStatus.Unbounded, result.Status);
        UnboundednessEvidence evidence = result.Unboundedness!;
        Assert.False(evidence.IsRay);
        Assert.True(evidence.Sequence[^1].Objective < -1e20 && evidence.Sequence.Length >= 3);
        Assert.True(result.Objective < -1e20);
        Assert.All(evidence.Sequence, p => Assert.InRange(p.Feasibility, 0, 1e-6));
        Assert.All(evidence.Sequence.Zip(evidence.Sequence.Skip(1)), p => Assert.True(p.Second.Objective <= 10 * p.First.Objective && p.Second.Iteration >= p.First.Iteration));
        Assert.Equal([0, 1], evidence.Variables.Order());
        Assert.All(evidence.Changes, change => Assert.True(change > 5));
    }

    [Fact]
    public void AnInfimumThatIsNotAttainedIsNoUnboundedness()
    {
        Assert.Equal(SolveStatus.Solved, SolverCase.Solve(new TermProblem(0).Minimise(x => (-x[0]).Exp())).Status);
        Assert.Equal(
            SolveStatus.Solved,
            SolverCase.Solve(new TermProblem(0, 1).Minimise(x => (-x[0]).Exp() + (x[1] - 2).Squared()).Subject(-1, x => x[0] - x[1], PositiveInfinity)).Status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void BoundedObjectivesBelowTheThresholdAreSolved(bool asBound)
    {
        TermProblem problem = new TermProblem(0) { Structure = Linear }.Bound(0, 0, asBound ? 1e6 : PositiveInfinity).Minimise(x => x[0] * -1e15);
        if (!asBound) problem.Subject(NegativeInfinity, x => x[0] * 1.0, 1e6);
        SolveResult result = SolverCase.IsSolved(problem, -1e21);
        Assert.Null(result.Unboundedness);
    }

    [Fact]
    public void AMinimumFarBelowTheThresholdIsNotUnbounded()
    {
        // The least value is −2.5e28, at 2.2e8.
        SolveResult result = SolverCase.Solve(new TermProblem(1).Minimise(x => -1e12 * x[0].Squared() + 1e-5 * x[0].Squared().Squared()));
        Assert.NotEqual(SolveStatus.Unbounded, result.Status);
        Assert.InRange(result.Objective, -2.5000001e28, -2.4e28);
    }

    [Fact]
    public void ARayThatASideStopsIsNone()
    {
        // Long but bounded: x ≤ 1e9 through a small coefficient.
        TermProblem problem = new TermProblem(0, 0) { Structure = Linear }.Box(0, PositiveInfinity)
            .Minimise(x => -x[0]).Subject(NegativeInfinity, x => 1e-9 * x[0] + x[1], 1);
        SolveResult result = SolverCase.Solve(problem);
        Assert.NotEqual(SolveStatus.Unbounded, result.Status);
        Assert.InRange(result.Objective, -1.0001e9, -0.9999e9);
    }

    /// <summary>The ray in full from the report (small problems), checked against the problem itself at the point returned and far away.</summary>
    private static void HasRay(TermProblem problem, SolveResult result, bool byCurvature)
    {
        Assert.True(result.Status == SolveStatus.Unbounded, $"{result.Status}: {result.Message}");
        Assert.Contains("ray", result.Message);
        UnboundednessEvidence evidence = result.Unboundedness!;
        Assert.True(evidence.IsRay);
        Assert.Equal(byCurvature, evidence.IsByCurvature);
        Assert.Equal(1.0, evidence.Changes.Max(Math.Abs));
        var far = new double[problem.VariableCount];
        double length = 1e12;
        for (int k = 0; k < evidence.Variables.Length; k++) far[evidence.Variables[k]] = length * evidence.Changes[k];
        for (int j = 0; j < far.Length; j++) far[j] += problem.Start[j];
        Assert.InRange(KktResiduals.Of(problem, result.Point, new double[problem.ConstraintCount], new double[far.Length]).Feasibility, 0, 1e-8);
        double fall = problem.Objective(far);
        Assert.Equal(evidence.Rate * (byCurvature ? length * length : length), fall, 1e-3 * Math.Abs(fall));
        var bodies = new double[problem.ConstraintCount];
        problem.Constraints(far, bodies);
        for (int i = 0; i < bodies.Length; i++)
            Assert.InRange(KktResiduals.Violation(bodies[i] / length, problem.ConstraintLower[i] / length, problem.ConstraintUpper[i] / length), 0, 1e-8);
    }
}
