using Optc.Runtime.Solvers;
using Optc.Runtime.Solvers.AugmentedLagrangian;
using Optc.Runtime.Tests.Models;
using Xunit;

namespace Optc.Runtime.Tests.Solvers.AugmentedLagrangian;

public class FilterTests
{
    private static Filter Empty()
    {
        var filter = new Filter();
        filter.Reset(100.0);
        return filter;
    }

    [Fact]
    public void RefusesWhatIsWorseInBoth()
    {
        Filter filter = Empty();
        filter.Add(1.0, 5.0);
        Assert.False(filter.Accepts(1.0, 5.0));
        Assert.False(filter.Accepts(2.0, 6.0));
        Assert.True(filter.Accepts(0.5, 6.0));
        Assert.True(filter.Accepts(2.0, 4.0));
    }

    [Fact]
    public void RefusesTooLargeViolationsAndNaN()
    {
        Filter filter = Empty();
        Assert.False(filter.Accepts(101.0, -1e9));
        Assert.False(filter.Accepts(double.NaN, 0.0));
        Assert.True(filter.Accepts(100.0, 1e9));
    }

    [Fact]
    public void ManyEntriesActAsTheNaiveList()
    {
        Filter filter = Empty();
        var random = new Random(5);
        var all = new List<(double Theta, double Psi)>();
        int refused = 0;
        for (int k = 0; k < 3000; k++)
        {
            double theta = 50.0 * random.NextDouble(), psi = random.NextDouble() - theta;
            bool expected = all.TrueForAll(e => theta < e.Theta || psi < e.Psi);
            Assert.Equal(expected, filter.Accepts(theta, psi));
            if (!expected) refused++;
            if (k % 3 != 0) continue;
            filter.Add(theta, psi);
            all.Add((theta, psi));
        }
        Assert.InRange(refused, 100, 2900);
    }

    [Fact]
    public void ResetForgetsEntriesAndTakesALimit()
    {
        Filter filter = Empty();
        filter.Add(1.0, 1.0);
        filter.Reset(7.0);
        Assert.True(filter.Accepts(2.0, 2.0));
        Assert.Equal(7.0, filter.LargestTheta);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void SolvesWithAndWithout(bool isUsed)
    {
        // min x + y on the circle of radius 2 with x ≥ −1: the bound is active, y = −√3.
        TermProblem problem = new TermProblem(0, -1).Bound(0, -1, double.PositiveInfinity).Minimise(x => x[0] + x[1])
            .Subject(4, x => x[0].Squared() + x[1].Squared(), 4);
        var result = new AugmentedLagrangianSolver(new AugmentedLagrangianOptions { Filter = isUsed }).Solve(problem, new SolveRequest());
        Assert.Equal(Runtime.Solution.SolveStatus.Solved, result.Status);
        Assert.Equal(-1 - Math.Sqrt(3), result.Objective, 1e-7);
    }
}
