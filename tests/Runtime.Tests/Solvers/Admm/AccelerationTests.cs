using Optc.Runtime.Solvers.Admm;
using Xunit;

namespace Optc.Runtime.Tests.Solvers.Admm;

/// <summary>The safeguarded step, and the balance of penalties.</summary>
public sealed class AccelerationTests
{
    /// <summary>u ← (0.9 u₁ + 1, 0.5 u₂ − 2), whose fixed point is (10, −4).</summary>
    private static double[] Contraction(double[] u) => [(0.9 * u[0]) + 1.0, (0.5 * u[1]) - 2.0];

    private static double Error(double[] u) => Math.Max(Math.Abs(u[0] - 10.0), Math.Abs(u[1] + 4.0));

    [Fact]
    public void Proposals_reach_the_fixed_point_of_a_linear_map_in_a_few_steps()
    {
        var accelerated = new Acceleration(2, 5);
        double[] u = [0.0, 0.0], plain = [0.0, 0.0];
        for (int k = 0; k < 6; k++)
        {
            Assert.True(accelerated.Advance(u, Contraction(u), isPlain: false));
            plain = Contraction(plain);
        }
        Assert.True(Error(u) < 1e-6, $"{Error(u)}");
        Assert.True(Error(plain) > 1.0);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(5, true)]
    public void Without_memory_or_when_plain_it_is_the_map(int memory, bool isPlain)
    {
        var acceleration = new Acceleration(2, memory);
        double[] u = [3.0, 7.0], twin = [3.0, 7.0];
        for (int k = 0; k < 20; k++)
        {
            Assert.True(acceleration.Advance(u, Contraction(u), isPlain));
            twin = Contraction(twin);
            Assert.Equal(twin, u);
        }
    }

    [Fact]
    public void A_proposal_with_a_larger_residual_gives_way_to_the_image_before_it()
    {
        var acceleration = new Acceleration(2, 5);
        double[] u = [0.0, 0.0], image = [];
        for (int k = 0; k < 2; k++)
        {
            image = Contraction(u);
            acceleration.Advance(u, image, isPlain: false);
        }
        Assert.NotEqual(image, u);
        Assert.False(acceleration.Advance(u, [u[0] + 100.0, u[1]], isPlain: false));
        Assert.Equal(image, u);
        // All is forgotten: the next step is plain, and whatever it leads to is taken.
        double[] far = [u[0] + 1e6, u[1]];
        Assert.True(acceleration.Advance(u, far, isPlain: false));
        Assert.Equal(far, u);
    }

    [Fact]
    public void Penalties_move_by_the_root_of_the_ratio_of_relative_residuals()
    {
        // (1/10)/(1e-4/1) = 1e3.
        Assert.Equal(0.1 * Math.Sqrt(1e3), Penalties.Balanced(0.1, 1.0, 10.0, 1e-4, 1.0)!.Value, 12);
        Assert.Equal(0.1 / Math.Sqrt(1e3), Penalties.Balanced(0.1, 1e-4, 1.0, 1.0, 10.0)!.Value, 12);
        Assert.Null(Penalties.Balanced(0.1, 24.9, 1.0, 1.0, 1.0));
        Assert.NotNull(Penalties.Balanced(0.1, 25.1, 1.0, 1.0, 1.0));
        Assert.Null(Penalties.Balanced(0.1, 1.0, 24.9, 1.0, 1.0));
        Assert.NotNull(Penalties.Balanced(0.1, 1.0, 25.1, 1.0, 1.0));
        Assert.Null(Penalties.Balanced(0.1, 0.0, 1.0, 1.0, 1.0));
        Assert.Null(Penalties.Balanced(0.1, 1.0, 1.0, 0.0, 1.0));
        Assert.Null(Penalties.Balanced(0.1, double.NaN, 1.0, 1.0, 1.0));
        Assert.Equal(1e6, Penalties.Balanced(0.1, 1e30, 1.0, 1.0, 1.0));
    }
}
