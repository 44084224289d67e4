using Optc.Runtime.Solvers.CoordinateDescent;
using Xunit;

namespace Optc.Runtime.Tests.Solvers.CoordinateDescent;

/// <summary>Linear terms and bounds that nobody asked for, and conditions of first order against scans of the penalty.</summary>
public sealed class SeparablePenaltyTests
{
    [Fact]
    public void What_was_not_asked_for_is_zero_and_unbounded()
    {
        var penalty = new SeparablePenalty(2);
        Assert.True(penalty.IsFree(0));
        Assert.Equal((0.0, double.NegativeInfinity, double.PositiveInfinity), (penalty.LinearOf(1), penalty.LowerOf(1), penalty.UpperOf(1)));
        Assert.Equal(-7, penalty.Clamp(0, -7));
        Array.Fill(penalty.L1, 1);
        Assert.True(penalty.IsPlain);
        Assert.Equal((0.0, double.NegativeInfinity, double.PositiveInfinity), (penalty.Linear[1], penalty.Lower[1], penalty.Upper[1]));
        Assert.True(penalty.IsPlain);
        penalty.Upper[1] = 3;
        Assert.False(penalty.IsPlain);
        Assert.Equal(3, penalty.Clamp(1, 5));
        penalty.Clear();
        Assert.Equal(5, penalty.Clamp(1, 5));
        Assert.Equal(2, penalty.Linear.Length);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.5)]
    [InlineData(-0.25)]
    [InlineData(1.0)]
    [InlineData(-0.5)]
    public void Slack_is_how_far_the_slope_may_move_before_a_step_pays(double b)
    {
        var penalty = new SeparablePenalty(1);
        (penalty.L1[0], penalty.L2[0], penalty.Linear[0], penalty.Lower[0], penalty.Upper[0]) = (0.8, 0.3, 0.1, -0.5, 1);
        for (double slope = -3; slope <= 3; slope += 0.0625)
        {
            double slack = penalty.Slack(0, b, slope), distance = penalty.Distance(0, b, slope);
            Assert.Equal(Math.Max(0, -slack), distance);
            Assert.Equal(slack >= 0, IsBest(penalty, b, slope));
            if (double.IsFinite(slack) && slack > 1e-3)
            {
                // One of the two ends of the interval is at the slack, none is nearer.
                Assert.True(IsBest(penalty, b, slope + slack - 1e-3) && IsBest(penalty, b, slope - slack + 1e-3));
                Assert.False(IsBest(penalty, b, slope + slack + 1e-3) && IsBest(penalty, b, slope - slack - 1e-3));
            }
        }
    }

    /// <summary>Whether no point of a fine grid within the bounds makes slope · t + g(t) smaller than b does.</summary>
    private static bool IsBest(SeparablePenalty penalty, double b, double slope)
    {
        double best = (slope * b) + penalty.Value(0, b);
        for (double t = -0.5; t <= 1; t += 1.0 / 8192)
        {
            if ((slope * t) + penalty.Value(0, t) < best - 1e-12) return false;
        }
        return true;
    }
}
