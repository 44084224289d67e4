using Optc.Runtime.Solvers.AugmentedLagrangian;
using Xunit;

namespace Optc.Runtime.Tests.Solvers.AugmentedLagrangian;

public class InteriorTests
{
    private const double Barrier = 0.3, Damping = 1e-5;
    private static readonly double[] Lower = [0, double.NegativeInfinity, -1, 2, double.NegativeInfinity];
    private static readonly double[] Upper = [double.PositiveInfinity, 4, 1, 2, double.PositiveInfinity];
    private static readonly double[] Point = [0.7, 3.1, 0.2, 2, 9];
    private static readonly double[] LowerDual = [0.4, 0, 0.5, 0, 0];
    private static readonly double[] UpperDual = [0, 0.6, 0.8, 0, 0];

    [Fact]
    public void GradientIsThatOfTheBarrierFunction()
    {
        double[] diagonal = new double[5], gradient = new double[5];
        Interior.Terms(Point, LowerDual, UpperDual, Lower, Upper, Barrier, Damping, diagonal, gradient);
        for (int j = 0; j < 5; j++)
        {
            if (Lower[j] == Upper[j]) continue;
            const double h = 1e-6;
            double[] left = [.. Point], right = [.. Point];
            (left[j], right[j]) = (left[j] - h, right[j] + h);
            double difference = Interior.BarrierValue(right, Lower, Upper, Barrier, Damping) - Interior.BarrierValue(left, Lower, Upper, Barrier, Damping);
            Assert.Equal(difference / (2 * h), gradient[j], 1e-7);
        }
        Assert.Equal(0.4 / 0.7, diagonal[0], 1e-14);
        Assert.Equal(0.5 / 1.2 + 0.8 / 0.8, diagonal[2], 1e-14);
        Assert.Equal(double.PositiveInfinity, diagonal[3]);
        Assert.Equal(0.0, gradient[3]);
        Assert.Equal(0.0, diagonal[4]);
    }

    [Fact]
    public void StepsStayInside()
    {
        double[] step = [-7, 2, 3, 0, 100], lowerStep = new double[5], upperStep = new double[5];
        (double primal, double dual) = Interior.ToBoundary(Point, step, LowerDual, UpperDual, Lower, Upper, Barrier, 5, lowerStep, upperStep);
        Assert.InRange(primal, 1e-6, 0.1);
        Assert.InRange(dual, 1e-6, 1.0);
        for (int j = 0; j < 5; j++)
        {
            if (Lower[j] == Upper[j]) continue;
            Assert.InRange(Point[j] + primal * step[j], Lower[j], Upper[j]);
            Assert.True(LowerDual[j] + dual * lowerStep[j] >= 0 && UpperDual[j] + dual * upperStep[j] >= 0);
        }
        // The first variable is the one that stops: 99 % of 0.7 at 7 a unit.
        Assert.Equal(0.099, primal, 1e-12);
    }

    [Fact]
    public void DualsStayNearTheCentralPath()
    {
        Assert.Equal(2.5, Interior.MoveDual(2.0, 1.0, 0.5, 0.1, 0.05, 10.0));
        Assert.Equal(20.0, Interior.MoveDual(2.0, 1e6, 1.0, 0.1, 0.05, 10.0));
        Assert.Equal(0.2, Interior.MoveDual(2.0, -1.99, 1.0, 0.1, 0.05, 10.0));
    }
}
