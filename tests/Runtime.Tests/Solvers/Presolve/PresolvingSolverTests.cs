using FsCheck;
using FsCheck.Fluent;
using Optc.Runtime.Problems;
using Optc.Runtime.Solution;
using Optc.Runtime.Solvers;
using Optc.Runtime.Solvers.AugmentedLagrangian;
using Optc.Runtime.Solvers.Presolve;
using Optc.Runtime.Tests.Models;
using Xunit;
using static System.Double;

namespace Optc.Runtime.Tests.Solvers.Presolve;

public class PresolvingSolverTests
{
    private static readonly Config Fixed = Config.QuickThrowOnFailure.WithReplay(20261122, 7).WithMaxTest(400);

    [Fact]
    public void SameOptimumWithMultipliersOfEveryRow()
    {
        Prop.ForAll(Gen.Choose(0, 1_000_000).ToArbitrary(), seed =>
        {
            DenseProgram problem = RedundantPrograms.Make(seed);
            SolveResult plain = new AugmentedLagrangianSolver().Solve(problem, new SolveRequest());
            SolveResult result = Solve(problem);
            Assert.True(plain.Status == SolveStatus.Solved, $"{seed} plain: {plain.Status}: {plain.Message}");
            Assert.True(result.Status == SolveStatus.Solved, $"{seed}: {result.Status}: {result.Message}");
            Assert.True(Math.Abs(plain.Objective - result.Objective) <= 1e-6 * Math.Max(1.0, Math.Abs(plain.Objective)), $"{seed}: {plain.Objective} and {result.Objective}");
            double kkt = KktCheck.Of(problem, result.Point, result.ConstraintMultipliers, result.BoundMultipliers);
            Assert.True(kkt <= 1e-6, $"{seed}: residual {kkt}");
            Assert.InRange(result.Residuals.Largest, 0, 1e-8);
        }).Check(Fixed);
    }

    [Fact]
    public void EveryKindOfReductionOccursInThoseTests()
    {
        var sum = new int[7];
        for (int seed = 0; seed < 100; seed++)
        {
            if (Presolver.Run(RedundantPrograms.Make(seed)) is not { Report: { } r }) continue;
            int[] counts = [r.EmptyRows, r.SingletonRows, r.RedundantRows, r.ForcingRows, r.ParallelRows, r.RedundantSides, r.FixedVariables];
            for (int k = 0; k < sum.Length; k++) sum[k] += counts[k];
        }
        Assert.All(sum, count => Assert.True(count > 5));
    }

    [Fact]
    public void AWarmStartAtTheSolutionNeedsNoStep()
    {
        for (int seed = 0; seed < 60; seed++)
        {
            DenseProgram problem = RedundantPrograms.Make(seed);
            var solver = new PresolvingSolver(new AugmentedLagrangianSolver());
            SolveResult first = solver.Solve(problem, new SolveRequest());
            SolveResult second = solver.Solve(problem, new SolveRequest
            {
                Start = first.Point,
                ConstraintMultipliers = first.ConstraintMultipliers,
                BoundMultipliers = first.BoundMultipliers,
            });
            Assert.Equal(SolveStatus.Solved, second.Status);
            Assert.Equal(first.Objective, second.Objective, 1e-7 * Math.Max(1.0, Math.Abs(first.Objective)));
            if (second.Presolve is not null) Assert.InRange(second.InnerIterations, 0, Math.Max(3, first.InnerIterations));
        }
    }

    /// <summary>min x + y, x + y ≥ 1 as it is; 2x ≥ 1 and −3y ≤ 0 become bounds, and have the multipliers at the end.</summary>
    [Fact]
    public void ASingletonsBoundGivesItsMultiplierBack()
    {
        SolveResult result = Solve(Linear([3, 1], new double[,] { { 2, 0 }, { 0, -3 } }, [1, NegativeInfinity], [PositiveInfinity, 0], [-5, -5], [5, 5]));
        Assert.Equal(SolveStatus.Solved, result.Status);
        Assert.Equal(2, result.Presolve!.SingletonRows);
        Assert.Equal(1.5, result.ConstraintMultipliers[0], 1e-6);
        Assert.Equal(-1.0 / 3.0, result.ConstraintMultipliers[1], 1e-6);
        Assert.Equal(0.0, result.BoundMultipliers[0], 1e-6);
        Assert.Equal(0.5, result.Point[0], 1e-7);
    }

    /// <summary>min (x − 2)² + (y − 3)², x ≤ 1 and x + 2y ≤ 3, both variables free: the row of x leaves it without a lower bound.</summary>
    [Fact]
    public void ASingletonOfAFreeVariableFixesNothing()
    {
        var problem = new DenseProgram(new double[,] { { 2, 0 }, { 0, 2 } }, [-4, -6], new double[,] { { 1, 0 }, { 1, 2 } }, [NegativeInfinity, NegativeInfinity], [1, 3],
            [NegativeInfinity, NegativeInfinity], [PositiveInfinity, PositiveInfinity]);
        SolveResult result = Solve(problem);
        Assert.Equal(SolveStatus.Solved, result.Status);
        Assert.Equal(1, result.Presolve!.SingletonRows);
        Assert.Equal(0, result.Presolve!.FixedVariables);
        Assert.Equal(1.0, result.Point[0], 1e-6);
        Assert.Equal(1.0, result.Point[1], 1e-6);
        Assert.InRange(KktCheck.Of(problem, result.Point, result.ConstraintMultipliers, result.BoundMultipliers), 0, 1e-6);
    }

    [Fact]
    public void OfTwoParallelRowsTheTighterSideHasTheMultiplier()
    {
        // −2(x + y) ≤ −4 is tighter than x + y ≥ 1.
        SolveResult result = Solve(Linear([1, 2], new double[,] { { 1, 1 }, { -2, -2 } }, [1, NegativeInfinity], [PositiveInfinity, -4], [0, 0], [9, 9]));
        Assert.Equal(SolveStatus.Solved, result.Status);
        Assert.Equal(1, result.Presolve!.ParallelRows);
        Assert.Equal(0.0, result.ConstraintMultipliers[0], 1e-6);
        Assert.Equal(-0.5, result.ConstraintMultipliers[1], 1e-6);
    }

    [Fact]
    public void AForcingRowHasTheMultiplierThatItsVariablesNeed()
    {
        // x + y ≤ 0 with x, y ≥ 0, against −3x − y: the row's multiplier has to make up for the larger of both. z is left to be solved for.
        SolveResult result = Solve(Linear([-3, -1, 1], new double[,] { { 1, 1, 0 }, { 1, 0, 1 } }, [NegativeInfinity, 2], [0, PositiveInfinity], [0, 0, 0], [9, 9, 9]));
        Assert.Equal(SolveStatus.Solved, result.Status);
        Assert.Equal(1, result.Presolve!.ForcingRows);
        Assert.Equal(2.0, result.Objective, 1e-6);
        Assert.True(result.ConstraintMultipliers[0] <= -3.0);
        Assert.All(result.BoundMultipliers[..2], z => Assert.True(z >= -1e-12));
    }

    [Fact]
    public void ContradictionsNameTheirRows()
    {
        SolveResult alone = Solve(Linear([1, 1], new double[,] { { 1, -1 }, { 1, 2 } }, [NegativeInfinity, 7], [3, PositiveInfinity], [0, 0], [2, 2]));
        Assert.Equal(SolveStatus.Infeasible, alone.Status);
        Assert.Equal([1], alone.Presolve!.Contradicting);
        Assert.Contains("at most 6", alone.Presolve.Reason);
        SolveResult pair = Solve(Linear([1, 1], new double[,] { { 1, 1 }, { -2, -2 } }, [NegativeInfinity, NegativeInfinity], [1, -6], [0, 0], [9, 9]));
        Assert.Equal(SolveStatus.Infeasible, pair.Status);
        Assert.Equal([0, 1], pair.Presolve!.Contradicting);
        // x ≤ 1 follows from the first row, y ≤ 1 from the second; together they contradict the third.
        SolveResult implied = Solve(Linear([1, 1, 1], new double[,] { { 1, 0, 1 }, { 0, 1, 1 }, { 1, 1, 0 } }, [NegativeInfinity, NegativeInfinity, 3], [1, 1, PositiveInfinity], [0, 0, 0], [9, 9, 9]));
        Assert.Equal(SolveStatus.Infeasible, implied.Status);
        Assert.Equal([2], implied.Presolve!.Contradicting);
        Assert.Contains("imply", implied.Presolve.Reason);
        SolveResult empty = Solve(Linear([1], new double[,] { { 0 } }, [1], [2], [0], [9]));
        Assert.Equal(SolveStatus.Infeasible, empty.Status);
        // Rows of one variable that became bounds are named with the row that contradicts them; the point violates both by as much as it must.
        SolveResult bounds = Solve(Linear([1], new double[,] { { 2 }, { 1 } }, [NegativeInfinity, 3], [2, PositiveInfinity], [0], [9]));
        Assert.Equal(SolveStatus.Infeasible, bounds.Status);
        Assert.Equal([1, 0], bounds.Presolve!.Contradicting);
        Assert.Equal([0, 1], bounds.WorstConstraints.Order());
        Assert.InRange(bounds.Point[0], 1.0, 3.0);
    }

    [Fact]
    public void ConstantsOfRowsCount()
    {
        // 2x + 3 ≥ 4.
        var problem = new DenseProgram(new double[1, 1], [1], new double[,] { { 2 } }, [4], [PositiveInfinity], [-9], [9], constants: [3]);
        SolveResult result = Solve(problem);
        Assert.Equal(SolveStatus.Solved, result.Status);
        Assert.Equal(0.5, result.Point[0], 1e-7);
        Assert.Equal(0.5, result.ConstraintMultipliers[0], 1e-6);
        Assert.Equal(4.0, result.ConstraintValues[0], 1e-6);
    }

    [Fact]
    public void NonlinearRowsStay()
    {
        // x² + y² ≤ 4 is left alone; y ≤ 1 becomes a bound; x + y ≤ 99 goes.
        TermProblem problem = new TermProblem(0.1, 0.1) { Structure = new ProblemStructure { ConstraintIsLinear = [false, true, true] } }.Box(-50, 49)
            .Minimise(x => -x[0] - x[1]).Subject(NegativeInfinity, x => x[0].Squared() + x[1].Squared(), 4)
            .Subject(NegativeInfinity, [1], x => x[0] * 1.0, 1).Subject(NegativeInfinity, x => x[0] + x[1], 99);
        SolveResult result = Solve(problem);
        Assert.Equal(SolveStatus.Solved, result.Status);
        Assert.Equal((1, 1), (result.Presolve!.SingletonRows, result.Presolve.RedundantRows));
        Assert.Equal(-Math.Sqrt(3) - 1, result.Objective, 1e-6);
        Assert.InRange(KktResiduals.Of(problem, result.Point, result.ConstraintMultipliers, result.BoundMultipliers).Largest, 0, 1e-8);
        Assert.Equal(-1.0 + (1.0 / Math.Sqrt(3)), result.ConstraintMultipliers[1], 1e-5);
    }

    [Fact]
    public void AVariableFixedWhereAFunctionHasNoValueIsLeftToTheSolver()
    {
        // The row forces x to 0, where its logarithm has no value; near it there are values.
        TermProblem problem = new TermProblem(1, 1) { Structure = new ProblemStructure { ConstraintIsLinear = [true] } }.Box(0, 9)
            .Minimise(x => x[1].Squared() - 1e-3 * x[0].Log()).Subject(NegativeInfinity, x => x[0] + x[1] * 0.5, 0);
        Assert.NotEqual(SolveStatus.Solved, Solve(problem).Status);
    }

    [Fact]
    public void NothingToTakeOutIsNothingChanged()
    {
        TermProblem problem = new TermProblem(1, 1) { Structure = new ProblemStructure { ConstraintIsLinear = [true] } }
            .Minimise(x => (x[0] - 3).Squared() + x[1].Squared()).Subject(NegativeInfinity, x => x[0] + x[1], 1);
        SolveResult plain = new AugmentedLagrangianSolver().Solve(problem, new SolveRequest()), result = Solve(problem);
        Assert.Null(result.Presolve);
        Assert.Equal(plain.Point, result.Point);
        Assert.Equal(plain.InnerIterations, result.InnerIterations);
    }

    [Fact]
    public void LimitsGoThrough()
    {
        DenseProgram problem = RedundantPrograms.Make(3);
        Assert.Equal(SolveStatus.TimeLimit, new PresolvingSolver(new AugmentedLagrangianSolver()).Solve(problem, new SolveRequest { TimeLimit = 0 }).Status);
        Assert.Equal(
            SolveStatus.Interrupted,
            new PresolvingSolver(new AugmentedLagrangianSolver()).Solve(problem, new SolveRequest(), new CancellationToken(canceled: true)).Status);
    }

    [Fact]
    public void AnUnboundedRayIsNamedInTheProblemsOwnNumbers()
    {
        // Variable 0 is fixed, variable 2 grows.
        SolveResult result = Solve(Linear([1, 1, -1], new double[,] { { 1, 1, 0 }, { 2, 0, 0 } }, [1, 2], [PositiveInfinity, 2], [0, 0, 0], [9, 9, PositiveInfinity]));
        Assert.Equal(SolveStatus.Unbounded, result.Status);
        Assert.Equal([2], result.Unboundedness!.Variables);
    }

    private static DenseProgram Linear(double[] q, double[,] a, double[] rowLower, double[] rowUpper, double[] lower, double[] upper) =>
        new(new double[q.Length, q.Length], q, a, rowLower, rowUpper, lower, upper);

    private static SolveResult Solve(INlpProblem problem) => new PresolvingSolver(new AugmentedLagrangianSolver()).Solve(problem, new SolveRequest());
}
