using Optc.Runtime.Problems;
using Optc.Runtime.Solvers;
using Optc.Runtime.Solvers.Consensus;
using Optc.Runtime.Tests.Models;
using Xunit;

namespace Optc.Runtime.Tests.Solvers.Consensus;

/// <summary>Draws of a normal density against the moments that the recursion has, which are computed from the formulas; and what cannot be drawn from.</summary>
public sealed class SamplerTests
{
    private static readonly double[][,] Curvatures = [new[,] { { 2.0, 0.3 }, { 0.3, 1.0 } }, new[,] { { 0.5, -0.2 }, { -0.2, 3.0 } }, new[,] { { 1.0, 0.0 }, { 0.0, 0.4 } }];
    private static readonly double[][] Slopes = [[-1.0, 0.5], [0.3, -2.0], [0.0, 1.0]];

    [Theory]
    [InlineData(3.0)]
    [InlineData(20.0)]
    public void Draws_have_the_moments_of_the_recursion(double rho)
    {
        SamplingResult result = new ConsensusSampler(new SamplingOptions { Draws = 20000, Burn = 200, Thin = 2, Penalty = rho }).Sample(Problem(), new SolveRequest { Seed = 4 });
        Assert.True(result.IsComplete);
        Assert.Equal(1.0 / (3.0 * rho), result.Step, 1e-12);
        (double[] mean, double[,] covariance) = Stationary(rho);
        for (int i = 0; i < 2; i++)
        {
            DrawSummary s = result.Summarise(i);
            double error = s.Deviation / Math.Sqrt(s.Effective);
            Assert.InRange(s.Mean, mean[i] - (4.5 * error), mean[i] + (4.5 * error));
            Assert.InRange(s.Deviation / Math.Sqrt(covariance[i, i]), 0.9, 1.1);
            Assert.True(s.Lower < s.Median && s.Median < s.Upper);
            Assert.Equal(2.0 * 1.645, (s.Upper - s.Lower) / s.Deviation, 0.25);
        }
    }

    /// <summary>With ρ the stationary covariance nears that of the density, and the mean is the density's for every ρ.</summary>
    [Fact]
    public void The_recursion_nears_the_density()
    {
        double[,] h = Sum();
        double determinant = (h[0, 0] * h[1, 1]) - (h[0, 1] * h[1, 0]);
        double[,] exact = { { h[1, 1] / determinant, -h[0, 1] / determinant }, { -h[1, 0] / determinant, h[0, 0] / determinant } };
        double before = double.PositiveInfinity;
        foreach (double rho in new[] { 8.0, 32.0, 128.0 })
        {
            (double[] mean, double[,] covariance) = Stationary(rho);
            Assert.Equal((-exact[0, 0] * (-0.7)) - (exact[0, 1] * (-0.5)), mean[0], 1e-8);
            double error = Math.Abs(covariance[0, 0] - exact[0, 0]) + Math.Abs(covariance[1, 1] - exact[1, 1]);
            Assert.True(error < 0.5 * before, $"{error} after {before}");
            before = error;
        }
    }

    [Fact]
    public void The_same_seed_draws_the_same_on_any_threads()
    {
        var options = new SamplingOptions { Draws = 20, Burn = 5, Thin = 1 };
        var one = new ConsensusSampler(options).Sample(Problem(), new SolveRequest { Seed = 2 });
        var two = new ConsensusSampler(options).Sample(Problem(), new SolveRequest { Seed = 2 }, 2);
        Assert.Equal(one.Draws, two.Draws);
        Assert.NotEqual(one.Draws, new ConsensusSampler(options).Sample(Problem(), new SolveRequest { Seed = 3 }).Draws);
    }

    [Fact]
    public void Bounds_and_rows_are_no_density()
    {
        INlpProblem bounded = new DenseProgram(Curvatures[0], Slopes[0], new double[0, 2], [], [], [0.0, 0.0], [1.0, 1.0]);
        var problem = new ConsensusProblem(bounded, [], new BlockDefinition("all", bounded, [0, 1], [], [0, 1], [0, 1]));
        Assert.Contains("bounds", ConsensusSampler.Obstacle(problem)!.Value.What, StringComparison.Ordinal);
        Assert.Contains("bounds", Assert.Throws<ArgumentException>(() => new ConsensusSampler().Sample(problem, new SolveRequest())).Message, StringComparison.Ordinal);
        INlpProblem ruled = new DenseProgram(Curvatures[0], Slopes[0], new[,] { { 1.0, 1.0 } }, [1.0], [1.0], [double.NegativeInfinity, double.NegativeInfinity], [double.PositiveInfinity, double.PositiveInfinity]);
        Assert.Contains("constraints", ConsensusSampler.Obstacle(new ConsensusProblem(ruled, [], new BlockDefinition("all", ruled, [0, 1], [0], [0, 1], [0, 1])))!.Value.What, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new ConsensusSampler(new SamplingOptions { Thin = 0 }));
    }

    /// <summary>Where no term holds a variable its density is flat: there is nothing to draw from.</summary>
    [Fact]
    public void An_objective_without_terms_is_no_density()
    {
        double[] none = [double.NegativeInfinity, double.NegativeInfinity], all = [double.PositiveInfinity, double.PositiveInfinity];
        INlpProblem flat = new DenseProgram(new double[2, 2], new double[2], new double[0, 2], [], [], none, all);
        var problem = new ConsensusProblem(flat, [], new BlockDefinition("all", flat, [0, 1], [], [0, 1], [0, 1]));
        Assert.Contains("flat", ConsensusSampler.Obstacle(problem)!.Value.What, StringComparison.Ordinal);
        Assert.Null(ConsensusSampler.Obstacle(Problem()));
    }

    /// <summary>A cancelled sampler gives what it has.</summary>
    [Fact]
    public void A_cancelled_sampler_says_that_it_is_not_complete()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        SamplingResult result = new ConsensusSampler().Sample(Problem(), new SolveRequest(), 1, source.Token);
        Assert.False(result.IsComplete);
        Assert.Empty(result.Draws);
    }

    private static ConsensusProblem Problem()
    {
        int[] all = [0, 1];
        double[] slopes = [.. Enumerable.Range(0, 2).Select(i => Slopes.Sum(q => q[i]))];
        return new ConsensusProblem(
            Free(Sum(), slopes), [.. Curvatures.Select((h, k) => new BlockDefinition($"b{k}", Free(h, Slopes[k]), all, [], all, all))],
            new BlockDefinition("shared", Free(new double[2, 2], [0.0, 0.0]), all, [], all, all));
    }

    private static DenseProgram Free(double[,] h, double[] q) =>
        new(h, q, new double[0, 2], [], [], [double.NegativeInfinity, double.NegativeInfinity], [double.PositiveInfinity, double.PositiveInfinity]);

    private static double[,] Sum()
    {
        var sum = new double[2, 2];
        foreach (double[,] h in Curvatures)
        {
            for (int i = 0; i < 2; i++)
            {
                for (int j = 0; j < 2; j++) sum[i, j] += h[i, j];
            }
        }
        return sum;
    }

    /// <summary>Mean and covariance of z by running the recursion of the whole state, its mean without noise and its covariance by one column of noise at a time.</summary>
    private static (double[] Mean, double[,] Covariance) Stationary(double rho)
    {
        const int Rounds = 4000;
        (double[] Z, double[][] U) state = (new double[2], [new double[2], new double[2], new double[2]]);
        for (int round = 0; round < Rounds; round++) state = Next(state, rho, Slopes, null);
        // The covariance of a linear recursion is the sum of the squares of its responses to each unit of noise.
        var covariance = new double[2, 2];
        double[][] none = [new double[2], new double[2], new double[2]];
        for (int k = 0; k < 3; k++)
        {
            for (int i = 0; i < 2; i++)
            {
                double[][] unit = [new double[2], new double[2], new double[2]];
                unit[k][i] = Math.Sqrt(2.0 / rho);
                (double[] Z, double[][] U) response = Next((new double[2], none), rho, none, unit);
                for (int round = 0; round < Rounds; round++)
                {
                    for (int a = 0; a < 2; a++)
                    {
                        for (int b = 0; b < 2; b++) covariance[a, b] += response.Z[a] * response.Z[b];
                    }
                    response = Next(response, rho, none, null);
                }
            }
        }
        return (state.Z, covariance);
    }

    private static (double[] Z, double[][] U) Next((double[] Z, double[][] U) s, double rho, double[][] q, double[][]? noise)
    {
        var x = new double[3][];
        for (int k = 0; k < 3; k++)
        {
            double[,] h = Curvatures[k];
            double a = h[0, 0] + rho, b = h[0, 1], c = h[1, 1] + rho, d = (a * c) - (b * b);
            double[] r = [.. Enumerable.Range(0, 2).Select(i => (rho * (s.Z[i] - s.U[k][i] + (noise?[k][i] ?? 0.0))) - q[k][i])];
            x[k] = [((c * r[0]) - (b * r[1])) / d, ((a * r[1]) - (b * r[0])) / d];
        }
        double[] z = [.. Enumerable.Range(0, 2).Select(i => Enumerable.Range(0, 3).Average(k => x[k][i] + s.U[k][i]))];
        return (z, [.. Enumerable.Range(0, 3).Select(k => Enumerable.Range(0, 2).Select(i => s.U[k][i] + x[k][i] - z[i]).ToArray())]);
    }
}
