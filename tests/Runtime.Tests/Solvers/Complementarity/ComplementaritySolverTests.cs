using Optc.Runtime.Problems;
using Optc.Runtime.Solution;
using Optc.Runtime.Solvers;
using Optc.Runtime.Solvers.Complementarity;
using Optc.Runtime.Tests.Models;
using Xunit;
using static System.Double;

namespace Optc.Runtime.Tests.Solvers.Complementarity;

public class ComplementaritySolverTests
{
    /// <summary>0 ≤ x₀ ⊥ x₁ ≥ 0.</summary>
    private static readonly ComplementarityCondition Crossed = new(Variable(0), 0, PositiveInfinity, Variable(1), 0, 1);

    [Fact]
    public void TheBetterBranchIsFoundFromTheOther()
    {
        // min (x − 1)² + 2 (y − 1)² over the half axes: 1 at (0, 1), 2 at (1, 0).
        TermProblem problem = new TermProblem(1, 0).Box(0, PositiveInfinity).Minimise(x => (x[0] - 1).Squared() + 2 * (x[1] - 1).Squared());
        ComplementarityResult at = Solve(problem, Crossed);
        Assert.Equal(SolveStatus.Solved, at.Result.Status);
        Assert.Equal(1, at.Result.Objective, 6);
        Assert.Equal((StationarityKind.S, true, 0), (at.Stationarity, at.IsBStationary, at.BiactiveCount));
        Assert.InRange(at.Residual, 0, 1e-8);
    }

    [Fact]
    public void ABiactivePointWithMultipliersOfBothSignsIsLeft()
    {
        // The origin is stationary where x = 0, and (1, 0) is the minimum where y = 0.
        TermProblem problem = new TermProblem(0, 0).Box(0, PositiveInfinity).Minimise(x => (x[0] - 1).Squared() + x[1].Squared() + x[1]);
        ComplementarityResult at = Solve(problem, Crossed);
        Assert.Equal(1, at.Result.Point[0], 6);
        Assert.Equal(0, at.Result.Objective, 6);
    }

    [Fact]
    public void NoStronglyStationaryMinimumIsCalledOne()
    {
        // min 2x − y, 0 ≤ y ⊥ y − x ≥ 0, x ≥ 0: the minimum is the origin (Ralph).
        TermProblem problem = new TermProblem(0, 0).Box(0, PositiveInfinity).Minimise(x => 2 * x[0] - x[1]).Subject(0, x => x[1] - x[0], PositiveInfinity);
        ComplementarityResult at = Solve(problem, new ComplementarityCondition(Variable(1), 0, PositiveInfinity, new(false, 0), 0, 1));
        Assert.Equal(SolveStatus.Solved, at.Result.Status);
        Assert.Equal((StationarityKind.M, true, 1), (at.Stationarity, at.IsBStationary, at.BiactiveCount));
    }

    [Theory]
    [InlineData(5, 1)]
    [InlineData(-5, -2)]
    [InlineData(0.25, 0.25)]
    public void AVariableBetweenBoundsAgainstAFunction(double target, double expected)
    {
        TermProblem problem = new TermProblem(0.0).Bound(0, -2, 1).Minimise(x => 0 * x[0]).Subject(NegativeInfinity, x => x[0] * 3, PositiveInfinity);
        ComplementarityResult at = Solve(problem, new ComplementarityCondition(Variable(0), -2, 1, new(false, 0), 3 * target, 1));
        Assert.Equal(SolveStatus.Solved, at.Result.Status);
        Assert.Equal(expected, at.Result.Point[0], 7);
    }

    [Fact]
    public void AnUpperSideAgainstANonpositiveBody()
    {
        // x ≤ 2 with y ≤ 3, one an equation; far from both (0, 9) is nearest to (0, 3), (9, 0) to (2, 0).
        TermProblem problem = new TermProblem(0, 0).Bound(0, NegativeInfinity, 2).Bound(1, NegativeInfinity, 3)
            .Minimise(x => (x[0] - 1).Squared() + (x[1] + 4).Squared());
        ComplementarityResult at = Solve(problem, new ComplementarityCondition(Variable(0), NegativeInfinity, 2, Variable(1), 3, 1));
        Assert.Equal(2, at.Result.Point[0], 7);
        Assert.Equal(-4, at.Result.Point[1], 7);
    }

    [Fact]
    public void RandomLinearProblemsAgreeWithProjectedGaussSeidel()
    {
        var random = new Random(7);
        for (int trial = 0; trial < 8; trial++)
        {
            int n = 5;
            var a = new double[n, n];
            var q = new double[n];
            for (int i = 0; i < n; i++)
            {
                q[i] = random.NextDouble() * 4 - 2;
                for (int j = 0; j < n; j++) a[i, j] = random.NextDouble() * 2 - 1;
                a[i, i] += 4.0;
            }
            var problem = new TermProblem(new double[n]).Box(0, PositiveInfinity).Minimise(x => 0 * x[0]);
            for (int i = 0; i < n; i++)
            {
                int row = i;
                problem.Subject(-q[i], x => Enumerable.Range(0, n).Select(j => a[row, j] * x[j]).Aggregate((s, t) => s + t), PositiveInfinity);
            }
            ComplementarityResult at = Solve(problem, [.. Enumerable.Range(0, n).Select(i => new ComplementarityCondition(Variable(i), 0, PositiveInfinity, new(false, i), -q[i], 1))]);
            Assert.Equal(SolveStatus.Solved, at.Result.Status);
            double[] reference = ProjectedGaussSeidel(a, q);
            for (int i = 0; i < n; i++) Assert.Equal(reference[i], at.Result.Point[i], 6);
        }
    }

    [Fact]
    public void AnInfeasibleSystemNamesItsWorstCondition()
    {
        TermProblem problem = new TermProblem(1, 1).Box(1, PositiveInfinity).Minimise(x => x[0] + x[1]);
        ComplementarityResult at = Solve(problem, Crossed);
        Assert.Equal(SolveStatus.Infeasible, at.Result.Status);
        Assert.Equal([0], at.WorstConditions);
        Assert.Equal(StationarityKind.None, at.Stationarity);
        Assert.True(at.Residual > 0.5);
    }

    [Fact]
    public void AnUnboundedBranchIsUnbounded() => Assert.Equal(
        SolveStatus.Unbounded, Solve(new TermProblem(1, 1).Box(0, PositiveInfinity).Minimise(x => -x[0] - x[1]), Crossed).Result.Status);

    [Fact]
    public void AnUnboundedBranchNextToAStationaryPointIsUnbounded()
    {
        // At the origin x = 0 is stationary in y; y = 0 leads down for ever.
        TermProblem problem = new TermProblem(0, 0).Box(0, PositiveInfinity).Minimise(x => x[1] - x[0]);
        var request = new SolveRequest { Start = [0, 0], ConstraintMultipliers = [], BoundMultipliers = [-1, 1] };
        ComplementarityResult at = new ComplementaritySolver().Solve(problem, [Crossed], request);
        Assert.Equal(SolveStatus.Unbounded, at.Result.Status);
        Assert.Equal(StationarityKind.None, at.Stationarity);
    }

    [Fact]
    public void LimitsReturnTheBestPoint()
    {
        TermProblem problem = new TermProblem(1, 1).Box(0, PositiveInfinity).Minimise(x => (x[0] - 1).Squared() + (x[1] - 2).Squared());
        ComplementarityResult at = new ComplementaritySolver().Solve(problem, [Crossed], new SolveRequest { TimeLimit = 0 });
        Assert.Equal(SolveStatus.TimeLimit, at.Result.Status);
        Assert.Equal(2, at.Result.Point.Length);
        Assert.All(at.Result.Point, value => Assert.True(IsFinite(value)));
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        at = new ComplementaritySolver().Solve(problem, [Crossed], new SolveRequest(), cancelled.Token);
        Assert.Equal(SolveStatus.Interrupted, at.Result.Status);
        Assert.All(at.Result.Point, value => Assert.True(IsFinite(value)));
    }

    [Fact]
    public void AWarmStartStaysInItsBranch()
    {
        TermProblem problem = new TermProblem(1, 1).Box(0, PositiveInfinity).Minimise(x => (x[0] - 1).Squared() + 2 * (x[1] - 1).Squared());
        var request = new SolveRequest { Start = [1, 0], ConstraintMultipliers = [], BoundMultipliers = [0, -4] };
        ComplementarityResult at = new ComplementaritySolver().Solve(problem, [Crossed], request);
        Assert.Equal(SolveStatus.Solved, at.Result.Status);
        Assert.Equal((1.0, 0.0), (Math.Round(at.Result.Point[0], 6), Math.Round(at.Result.Point[1], 6)));
        Assert.Equal(1, at.Branches);
    }

    [Fact]
    public void WrongConditionsAreRefused()
    {
        var problem = new TermProblem(1, 1).Minimise(x => x[0] + x[1]);
        foreach (ComplementarityCondition wrong in new[]
        {
            new(Variable(2), 0, 1, Variable(1), 0, 1), Crossed with { Lower = 2, Upper = 1 }, Crossed with { Lower = NegativeInfinity },
            Crossed with { OtherSign = 2 }, Crossed with { OtherSide = NaN },
        })
        {
            Assert.Throws<ArgumentException>(() => Solve(problem, wrong));
        }
    }

    private static ComplementarityBody Variable(int index) => new(true, index);

    private static ComplementarityResult Solve(TermProblem problem, params ComplementarityCondition[] conditions) =>
        new ComplementaritySolver().Solve(problem, conditions, new SolveRequest());

    /// <summary>0 ≤ x ⊥ a x + q ≥ 0 for a diagonally dominant a.</summary>
    private static double[] ProjectedGaussSeidel(double[,] a, double[] q)
    {
        var x = new double[q.Length];
        for (int sweep = 0; sweep < 5000; sweep++)
        {
            for (int i = 0; i < x.Length; i++)
            {
                double rest = q[i];
                for (int j = 0; j < x.Length; j++) rest += j == i ? 0.0 : a[i, j] * x[j];
                x[i] = Math.Max(0.0, -rest / a[i, i]);
            }
        }
        return x;
    }
}
