using Optc.Runtime.Solution;
using Optc.Runtime.Solvers;
using Optc.Runtime.Solvers.AugmentedLagrangian;
using Optc.Runtime.Solvers.MultiStart;
using Optc.Runtime.Tests.Models;
using Xunit;
using static System.Double;

namespace Optc.Runtime.Tests.Solvers.MultiStart;

public class MultiStartTests
{
    /// <summary>Minima near −1 and 1; the left one is lower. The start leads to the right one.</summary>
    private static TermProblem TwoMinima() => new TermProblem(0.9).Bound(0, -3, 3).Minimise(x => (x[0].Squared() - 1).Squared() + 0.1 * x[0]);

    private static MultiStartResult Solve(Func<TermProblem> problem, int starts, int threads = 1, int seed = 1, CancellationToken cancellation = default) =>
        MultiStartSolver.Solve(problem, () => new AugmentedLagrangianSolver(), new SolveRequest { Seed = seed }, starts, threads, cancellation);

    [Fact]
    public void FindsTheLowerOfTwoMinima()
    {
        MultiStartResult found = Solve(TwoMinima, 12);
        Assert.Equal(2, found.Optima.Count);
        Assert.True(found.Best.Point[0] < -0.9);
        Assert.True(found.Optima[0].Objective < found.Optima[1].Objective);
        Assert.Equal(found.Best.Objective, found.Optima[0].Objective, 1e-9);
        Assert.Equal(0, found.Optima[1].Start);
        Assert.Equal(12, found.Optima.Sum(o => o.Hits));
        Assert.NotEqual(0, found.BestStart);
    }

    [Fact]
    public void OneStartIsTheModelsOwn()
    {
        MultiStartResult found = Solve(TwoMinima, 1);
        SolveResult alone = new AugmentedLagrangianSolver().Solve(TwoMinima(), new SolveRequest());
        Assert.Equal(0, found.BestStart);
        Assert.Equal(alone.Point, found.Best.Point);
        Assert.Equal(1, found.Optima.Single().Hits);
    }

    [Fact]
    public void ThreadsChangeNothing()
    {
        MultiStartResult one = Solve(TwoMinima, 16), three = Solve(TwoMinima, 16, threads: 3);
        Assert.Equal(one.Best.Point, three.Best.Point);
        Assert.Equal(one.BestStart, three.BestStart);
        Assert.Equal(one.Statuses, three.Statuses);
        Assert.Equal(one.Optima, three.Optima);
    }

    [Fact]
    public void SeedsChoosePoints()
    {
        double[] a = StartingPoints.Draw(TwoMinima(), null, 1, 3), again = StartingPoints.Draw(TwoMinima(), null, 1, 3);
        Assert.Equal(a, again);
        Assert.NotEqual(a, StartingPoints.Draw(TwoMinima(), null, 2, 3));
        Assert.NotEqual(a, StartingPoints.Draw(TwoMinima(), null, 1, 4));
    }

    [Fact]
    public void PointsKeepTheirBounds()
    {
        var problem = new TermProblem(5, -2, 0, 7).Bound(0, 0, PositiveInfinity).Bound(1, NegativeInfinity, -1).Bound(2, -4, 6).Bound(3, 7, 7)
            .Minimise(x => x[0] + x[1] + x[2] + x[3]);
        for (int k = 1; k < 200; k++)
        {
            double[] x = StartingPoints.Draw(problem, null, 1, k);
            Assert.True(x[0] >= 0 && x[1] <= -1 && x[2] is >= -4 and <= 6 && x[3] == 7);
        }
    }

    [Fact]
    public void UnsolvedStartsGiveTheLeastViolatedPoint()
    {
        MultiStartResult found = Solve(() => new TermProblem(1, 1).Minimise(x => x[0].Squared() + x[1].Squared()).Subject(4, x => x[0] + x[1], 4).Subject(0, x => x[0] + x[1], 0), 4);
        Assert.Empty(found.Optima);
        Assert.Equal(SolveStatus.Infeasible, found.Best.Status);
        Assert.Equal(4, found.Statuses.Count);
    }

    [Fact]
    public void CancellationEndsAll()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        MultiStartResult found = Solve(TwoMinima, 5, 2, cancellation: cancelled.Token);
        Assert.All(found.Statuses, s => Assert.Equal(SolveStatus.Interrupted, s));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    public void CountsArePositive(int starts, int threads) => Assert.Throws<ArgumentOutOfRangeException>(() => Solve(TwoMinima, starts, threads));
}
