using FsCheck;
using FsCheck.Fluent;
using Optc.Runtime.Solvers.AugmentedLagrangian;
using Xunit;

namespace Optc.Runtime.Tests.Solvers.AugmentedLagrangian;

public class SlackPlacementTests
{
    [Fact]
    public void IsStationaryWithinItsSides()
    {
        var numbers = ArbMap.Default.ArbFor<NormalFloat>().Filter(v => Math.Abs(v.Get) < 1e3);
        Property property = Prop.ForAll(numbers, numbers, (a, w) =>
        {
            double lower = -1.0, upper = lower + 0.1 + Math.Abs(w.Get), epsilon = 1e-3;
            double s = SlackPlacement.Best(a.Get, epsilon, lower, upper);
            double slope = s - a.Get - epsilon / (s - lower) + epsilon / (upper - s);
            double scale = 1 + Math.Abs(a.Get) + 1e-10 * epsilon / Math.Pow(Math.Min(s - lower, upper - s), 2);
            return s > lower && s < upper && Math.Abs(slope) <= 1e-6 * scale;
        });
        property.Check(Config.QuickThrowOnFailure.WithReplay(1234, 5679));
    }

    [Fact]
    public void TendsToTheProjection()
    {
        Assert.Equal(0.0, SlackPlacement.Best(-3, 1e-16, 0, double.PositiveInfinity), 12);
        Assert.Equal(5.0, SlackPlacement.Best(5, 1e-16, 0, double.PositiveInfinity), 12);
        Assert.Equal(1.0, SlackPlacement.Best(7, 1e-16, double.NegativeInfinity, 1), 12);
    }

    [Fact]
    public void AgreesWithPlainBisectionForSmallBarriers()
    {
        var random = new Random(20);
        for (int k = 0; k < 2000; k++)
        {
            double upper = Math.Pow(10, random.Next(-3, 3)), lower = -upper * (k % 2 == 0 ? 1.0 : 1e-3);
            double a = (2.0 * random.NextDouble() - 1.0) * upper * (k % 5 == 0 ? 100.0 : 1.0);
            double epsilon = Math.Pow(10, random.Next(-22, 1));
            double s = SlackPlacement.Best(a, epsilon, lower, upper), expected = Bisect(a, epsilon, lower, upper);
            Assert.True(Math.Abs(s - expected) <= 1e-13 * (upper - lower), $"a={a:R} epsilon={epsilon:R} [{lower:R}, {upper:R}]: {s:R}, not {expected:R}");
        }
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.25)]
    [InlineData(-0.5)]
    public void StaysAtTheProjectionWhenTheSlopeThereRoundsToZero(double a) =>
        Assert.Equal(a, SlackPlacement.Best(a, 1e-22, -1.0, 1.0), 15);

    private static double Bisect(double a, double epsilon, double lower, double upper)
    {
        double left = lower, right = upper;
        for (int k = 0; k < 200; k++)
        {
            double s = left + 0.5 * (right - left);
            if (s - a - epsilon / (s - lower) + epsilon / (upper - s) > 0.0) right = s; else left = s;
        }
        return left + 0.5 * (right - left);
    }
}
