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
}
