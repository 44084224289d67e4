using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Optc.Runtime.Native.Tests;

public class VectorKernelsTests
{
    private static readonly Config Fixed = Config.QuickThrowOnFailure.WithReplay(20240611, 297);

    /// <summary>Runs the property on pairs of vectors of one length, 0 to 70.</summary>
    private static void ForPairs(Action<double[], double[]> property) =>
        Check.One(Fixed, Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
            var random = new Random(seed);
            int n = random.Next(71);
            property(TestMatrix.Vector(random, n), TestMatrix.Vector(random, n));
        }));

    private static void Near(double expected, double actual, double scale) => Assert.InRange(Math.Abs(expected - actual), 0, 1e-14 * (1 + scale));

    [Fact]
    public void Dot() => ForPairs((x, y) => Near(x.Zip(y, (a, b) => a * b).Sum(), VectorKernels.Dot(x, y), x.Length));

    [Fact]
    public void Sum() => ForPairs((x, _) => Near(x.Sum(), VectorKernels.Sum(x), x.Length));

    [Fact]
    public void SumOfSquares() => ForPairs((x, _) => Near(x.Sum(a => a * a), VectorKernels.SumOfSquares(x), x.Length));

    [Fact]
    public void Norm2() => ForPairs((x, _) => Near(Math.Sqrt(x.Sum(a => a * a)), VectorKernels.Norm2(x), x.Length));

    [Fact]
    public void Norm2AtTheEndsOfTheRange()
    {
        Assert.Equal(5e200, VectorKernels.Norm2([3e200, 4e200]), 5e185);
        Assert.Equal(5e-200, VectorKernels.Norm2([3e-200, 4e-200]), 5e-215);
        Assert.Equal(double.PositiveInfinity, VectorKernels.Norm2([double.NegativeInfinity, 1]));
        Assert.Equal(0, VectorKernels.Norm2([]));
    }

    [Fact]
    public void MaxAbs() => ForPairs((x, _) => Assert.Equal(x.Length == 0 ? 0 : x.Max(Math.Abs), VectorKernels.MaxAbs(x)));

    [Fact]
    public void MaxAbsShowsANaNAnywhere()
    {
        for (int i = 0; i < 23; i++)
        {
            var x = new double[23];
            x[i] = double.NaN;
            Assert.True(double.IsNaN(VectorKernels.MaxAbs(x)));
            Assert.True(double.IsNaN(VectorKernels.MaxAbsDifference(x, new double[23])));
            Assert.False(VectorKernels.AllFinite(x));
            x[i] = double.PositiveInfinity;
            Assert.False(VectorKernels.AllFinite(x));
            x[i] = double.MaxValue;
            Assert.True(VectorKernels.AllFinite(x));
        }
    }

    [Fact]
    public void MaxAbsDifference() => ForPairs((x, y) =>
        Assert.Equal(x.Length == 0 ? 0 : x.Zip(y, (a, b) => Math.Abs(a - b)).Max(), VectorKernels.MaxAbsDifference(x, y)));

    [Fact]
    public void AddScaled() => ForPairs((x, y) =>
    {
        var expected = x.Zip(y, (a, b) => Math.FusedMultiplyAdd(0.37, a, b)).ToArray();
        VectorKernels.AddScaled(0.37, x, y);
        Assert.Equal(expected, y);
    });

    [Fact]
    public void Combine() => ForPairs((x, y) =>
    {
        var expected = x.Zip(y, (a, b) => Math.FusedMultiplyAdd(0.37, a, -1.5 * b)).ToArray();
        VectorKernels.Combine(0.37, x, -1.5, y, y);
        Assert.Equal(expected, y);
    });

    [Fact]
    public void Scale() => ForPairs((x, _) =>
    {
        var expected = x.Select(a => -3.3 * a).ToArray();
        VectorKernels.Scale(-3.3, x);
        Assert.Equal(expected, x);
    });

    [Fact]
    public void Multiply() => ForPairs((x, y) =>
    {
        var expected = x.Zip(y, (a, b) => a * b).ToArray();
        VectorKernels.Multiply(x, y, x);
        Assert.Equal(expected, x);
    });

    [Fact]
    public void Clamp() => ForPairs((x, y) =>
    {
        var upper = y.Select(a => a + 0.5).ToArray();
        var expected = x.Select((a, i) => Math.Min(Math.Max(a, y[i]), upper[i])).ToArray();
        VectorKernels.Clamp(x, y, upper);
        Assert.Equal(expected, x);
    });

    [Fact]
    public void LengthsMustAgree() => Assert.Throws<ArgumentException>(() => VectorKernels.Dot([1.0], [1.0, 2.0]));
}
