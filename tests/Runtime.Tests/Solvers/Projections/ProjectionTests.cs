using Optc.Runtime.Solvers.Projections;
using Xunit;

namespace Optc.Runtime.Tests.Solvers.Projections;

/// <summary>Every projection gives a point of its set, and no other point of the set that is found is nearer.</summary>
public sealed class ProjectionTests
{
    private const int Trials = 300;

    [Fact]
    public void Sums_products_and_squares()
    {
        var random = new Random(3);
        for (int trial = 0; trial < Trials; trial++)
        {
            double[] products = Coefficients(random, random.Next(4)), squares = Coefficients(random, random.Next(3)), linear = Coefficients(random, 1 + random.Next(3));
            double lower = Normal(random), upper = trial % 3 == 0 ? lower : lower + random.NextDouble();
            double Value(double[] v)
            {
                double sum = 0.0;
                int at = 0;
                foreach (double a in products) sum += a * v[at++] * v[at++];
                foreach (double s in squares) sum += s * v[at] * v[at++];
                foreach (double b in linear) sum += b * v[at++];
                return sum;
            }
            var projection = new QuadraticProjection(products, squares, linear, lower, upper);
            double[] start = Point(random, projection.Arity), found = Projected(projection, start);
            Assert.InRange(Value(found), lower - 1e-9, upper + 1e-9);
            // Others in the set: move the first linear operand of a random point to a side.
            int last = (2 * products.Length) + squares.Length;
            NothingNearer(random, start, found, other =>
            {
                double side = Math.Clamp(Value(other), lower, upper);
                other[last] += (side - Value(other)) / linear[0];
            });
        }
    }

    /// <summary>x = y, x = −y and w = 0 are where the multiplier has no root between its poles.</summary>
    [Theory]
    [InlineData(1.0, 1.0, -4.0)]
    [InlineData(1.0, -1.0, 4.0)]
    [InlineData(0.0, 0.0, 3.0)]
    [InlineData(0.0, 0.0, -3.0)]
    [InlineData(2.0, 2.0, 50.0)]
    public void Degenerate_products(double x, double y, double side)
    {
        var projection = new QuadraticProjection([1.0], [], [], side, side);
        double[] found = Projected(projection, [x, y]);
        Assert.Equal(side, found[0] * found[1], 1e-6);
        double own = Distance(found, [x, y]);
        for (double u = 0.01; u < 20.0; u *= 1.01)
        {
            foreach (double a in new[] { u, -u }) Assert.True(own <= Distance([a, side / a], [x, y]) + 1e-5, $"({a}, {side / a}) is nearer");
        }
    }

    [Fact]
    public void A_square_of_nothing_finds_a_root()
    {
        double[] found = Projected(new QuadraticProjection([], [1.0], [], 4.0, 4.0), [0.0]);
        Assert.Equal(4.0, found[0] * found[0], 1e-6);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Maxima_and_minima(bool isLeast)
    {
        var random = new Random(5);
        double Of(double[] v) => isLeast ? v.Skip(1).Min() : v.Skip(1).Max();
        for (int trial = 0; trial < Trials; trial++)
        {
            int count = 1 + random.Next(5);
            double[] start = Point(random, count + 1), found = Projected(new LargestProjection(count, isLeast), start);
            Assert.Equal(Of(found), found[0], 1e-12);
            NothingNearer(random, start, found, other => other[0] = Of(other));
        }
    }

    [Fact]
    public void Absolute_values()
    {
        var random = new Random(6);
        for (int trial = 0; trial < Trials; trial++)
        {
            double[] start = Point(random, 2), found = Projected(new AbsoluteProjection(), start);
            Assert.Equal(Math.Abs(found[1]), found[0], 1e-12);
            NothingNearer(random, start, found, other => other[0] = Math.Abs(other[1]));
        }
    }

    [Theory]
    [InlineData(false, 1.0, -1.0)]
    [InlineData(false, double.NaN, 0.5)]
    [InlineData(false, double.NaN, double.NaN)]
    [InlineData(true, 1.0, 0.0)]
    [InlineData(true, double.NaN, double.NaN)]
    public void Conditions(bool isEquality, double whenTrue, double whenFalse)
    {
        const double Margin = 0.05;
        var random = new Random(7);
        var projection = new ConditionalProjection(whenTrue, whenFalse, isEquality, Margin);
        void Allow(double[] v)
        {
            if (isEquality) v[1] = random.Next(2) == 0 ? 0.0 : v[1] < 0.0 ? Math.Min(v[1], -Margin) : Math.Max(v[1], Margin);
            else v[1] = v[1] < 0.0 ? Math.Min(v[1], -Margin) : Math.Max(v[1], Margin);
            bool holds = isEquality ? v[1] == 0.0 : v[1] >= 0.0;
            v[0] = Branch(v, holds);
        }
        double Branch(double[] v, bool holds) =>
            holds ? (double.IsNaN(whenTrue) ? v[2] : whenTrue) : double.IsNaN(whenFalse) ? v[double.IsNaN(whenTrue) ? 3 : 2] : whenFalse;
        for (int trial = 0; trial < Trials; trial++)
        {
            double[] start = Point(random, projection.Arity), found = Projected(projection, start);
            bool holds = isEquality ? found[1] == 0.0 : found[1] >= 0.0;
            Assert.True(isEquality && holds || Math.Abs(found[1]) >= Margin);
            Assert.Equal(Branch(found, holds), found[0], 1e-12);
            NothingNearer(random, start, found, Allow);
        }
    }

    [Theory]
    [InlineData(StepKind.Floor)]
    [InlineData(StepKind.Ceiling)]
    [InlineData(StepKind.Round)]
    public void Steps(StepKind kind)
    {
        double Of(double x) => kind switch { StepKind.Floor => Math.Floor(x), StepKind.Ceiling => Math.Ceiling(x), _ => Math.Round(x) };
        var random = new Random(8);
        for (int trial = 0; trial < Trials; trial++)
        {
            double[] start = [5.0 * Normal(random), 5.0 * Normal(random)], found = Projected(new StepProjection(kind, 1e-9), start);
            Assert.Equal(Of(found[1]), found[0]);
            NothingNearer(random, start, found, other => other[0] = Of(other[1]), 1e-7);
        }
    }

    /// <summary>Beyond 2⁵³ there is no next whole number; the projection ends all the same.</summary>
    [Theory]
    [InlineData(1e18, 1e18)]
    [InlineData(-1e300, 3.0)]
    [InlineData(double.MaxValue, double.MaxValue)]
    [InlineData(double.PositiveInfinity, 0.0)]
    [InlineData(double.NaN, 1.0)]
    public void Steps_end_at_any_size(double z, double x)
    {
        foreach (StepKind kind in Enum.GetValues<StepKind>())
        {
            double[] found = Projected(new StepProjection(kind, 1e-3), [z, x]);
            Assert.True(!double.IsFinite(z) || !double.IsFinite(z + x) || (found[0] == Math.Floor(found[0]) && double.IsFinite(found[1])));
        }
    }

    [Fact]
    public void Choices()
    {
        var random = new Random(9);
        for (int trial = 0; trial < Trials; trial++)
        {
            int count = 1 + random.Next(6), chosen = random.Next(count + 1);
            double[] start = Point(random, count), found = Projected(new ChoiceProjection(count, chosen), start);
            Assert.Equal(chosen, found.Count(v => v == 1.0));
            Assert.Equal(count - chosen, found.Count(v => v == 0.0));
            for (int other = 0; other < 1 << count; other++)
            {
                if (int.PopCount(other) != chosen) continue;
                double[] point = [.. Enumerable.Range(0, count).Select(i => (other >> i & 1) == 1 ? 1.0 : 0.0)];
                Assert.True(Distance(found, start) <= Distance(point, start) + 1e-12);
            }
        }
    }

    [Theory]
    [InlineData("exp")]
    [InlineData("log")]
    [InlineData("sqrt")]
    [InlineData("sin")]
    [InlineData("cos")]
    [InlineData("atan")]
    [InlineData("sinh")]
    [InlineData("tanh")]
    [InlineData("asinh")]
    [InlineData("3")]
    [InlineData("1.5")]
    public void Functions(string name)
    {
        ProjectedFunction function = ProjectedFunction.Named(name) ?? ProjectedFunction.Power(double.Parse(name, System.Globalization.CultureInfo.InvariantCulture));
        var projection = new FunctionProjection(function);
        var random = new Random(10);
        for (int trial = 0; trial < 100; trial++)
        {
            double[] start = [(6.0 * random.NextDouble()) - 3.0, (6.0 * random.NextDouble()) - 3.0], found = Projected(projection, start);
            Assert.Equal(function.Value(found[1]), found[0], 1e-12);
            double own = Distance(found, start);
            for (double x = Math.Max(function.Lower, -6.0); x < 6.0; x += 0.01)
            {
                if (own > Distance([function.Value(x), x], start) + 1e-6) Assert.Fail($"{name}: ({x}, {function.Value(x)}) is nearer to ({start[1]}, {start[0]}) than {found[1]}");
            }
            // The slope of the distance vanishes, unless the point is at the end.
            double slope = found[1] - start[1] + (function.Slope(found[1]) * (found[0] - start[0]));
            Assert.True(Math.Abs(slope) < 1e-6 || found[1] - function.Lower < 1e-6, $"{name}: slope {slope}");
        }
    }

    [Fact]
    public void Whole_numbers_stay_between_their_bounds() => Assert.Equal([2.0], Projected(new WholeProjection(-0.5, 2.5), [7.3]));

    private static double[] Projected(IProjection projection, double[] start)
    {
        var operands = (double[])start.Clone();
        projection.Project(operands);
        return operands;
    }

    /// <summary>Random points, near and far, brought into the set.</summary>
    private static void NothingNearer(Random random, double[] start, double[] found, Action<double[]> allow, double slack = 1e-9)
    {
        double own = Distance(found, start);
        for (int k = 0; k < 60; k++)
        {
            double size = Math.Pow(10.0, -(k % 5));
            double[] other = [.. (k % 2 == 0 ? start : found).Select(v => v + (size * Normal(random)))];
            allow(other);
            Assert.True(own <= Distance(other, start) + slack, $"{string.Join(' ', other)} is nearer to {string.Join(' ', start)} than {string.Join(' ', found)}");
        }
    }

    private static double Distance(double[] a, double[] b) => Math.Sqrt(a.Zip(b, (u, v) => (u - v) * (u - v)).Sum());

    private static double Normal(Random random) => Enumerable.Range(0, 6).Sum(_ => random.NextDouble() - 0.5) * 1.4;

    private static double[] Point(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => 2.0 * Normal(random))];

    private static double[] Coefficients(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (0.3 + random.NextDouble()) * (random.Next(2) == 0 ? 1.0 : -1.0))];
}
