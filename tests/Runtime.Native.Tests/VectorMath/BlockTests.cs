using Xunit;

namespace Optc.Runtime.Native.Tests;

/// <summary>Blocks give the bits of the scalar functions for every width, count and position, touch nothing else and may work in place.</summary>
public unsafe class BlockTests
{
    private const double Guard = 12345.678;

    public delegate void Block(nint x, nint y, int count);

    public delegate void PairBlock(nint a, nint b, nint r, int count);

    public static TheoryData<string> Widths => ["64", "128", "256", "512"];

    private static Block Find(string width, string name) =>
        (Block)Delegate.CreateDelegate(typeof(Block), Lane(width).GetMethod(name)!);

    private static Type Lane(string width) => width switch
    {
        "64" => typeof(VectorMath<Lane1>),
        "128" => typeof(VectorMath<Lane2>),
        "256" => typeof(VectorMath<Lane4>),
        _ => typeof(VectorMath<Lane8>),
    };

    private static string MethodOf(Subject subject) => subject.Function.Method.Name;

    /// <summary>Ordinary arguments with all the special ones sprinkled in.</summary>
    private static double[] Arguments(Subject subject, int seed)
    {
        double[] special = [0.0, -0.0, 1, -1, double.NaN, double.PositiveInfinity, double.NegativeInfinity, 1e-310, -1e300, 1e22, 800, -800, 0.5];
        var random = new Random(seed);
        var points = subject.Points(random, 20).ToArray();
        random.Shuffle(points);
        var x = new double[33 + 8];
        for (int i = 0; i < x.Length; i++) x[i] = random.Next(12) == 0 ? special[random.Next(special.Length)] : points[i % points.Length];
        return x;
    }

    private static void Same(double expected, double actual, string what) =>
        Assert.True(
            double.IsNaN(expected) ? double.IsNaN(actual) : BitConverter.DoubleToInt64Bits(expected) == BitConverter.DoubleToInt64Bits(actual),
            $"{what} is {actual:R} instead of {expected:R}.");

    [Theory]
    [MemberData(nameof(Widths))]
    public void UnaryFunctions(string width)
    {
        foreach (var subject in Subjects.All.Concat(Subjects.Special))
        {
            var block = Find(width, MethodOf(subject));
            for (int count = 0; count <= 33; count++)
            {
                var x = Arguments(subject, count);
                var y = new double[count + 2];
                Array.Fill(y, Guard);
                int offset = count % 5;
                fixed (double* px = x)
                fixed (double* py = y) block((nint)(px + offset), (nint)(py + 1), count);
                Assert.Equal(Guard, y[0]);
                Assert.Equal(Guard, y[count + 1]);
                for (int i = 0; i < count; i++) Same(subject.Function(x[offset + i]), y[1 + i], $"{subject.Name}({x[offset + i]:R}) of {count}");

                // In place.
                fixed (double* px = x) block((nint)(px + offset), (nint)(px + offset), count);
                for (int i = 0; i < count; i++) Same(y[1 + i], x[offset + i], subject.Name + " in place");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void AnEmptyBlockIsNotTouched(string width)
    {
        foreach (var subject in Subjects.All.Concat(Subjects.Special)) Find(width, MethodOf(subject))(0, 0, 0);
        foreach (string name in new[] { "SinCos", "Atan2", "Pow" })
        {
            ((PairBlock)Delegate.CreateDelegate(typeof(PairBlock), Lane(width).GetMethod(name)!))(0, 0, 0, 0);
        }
        Assert.Contains(width, new[] { "64", "128", "256", "512" });
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void SineAndCosine(string width)
    {
        var subject = Subjects.All.Single(s => s.Name == "sin");
        var block = (PairBlock)Delegate.CreateDelegate(typeof(PairBlock), Lane(width).GetMethod("SinCos")!);
        for (int count = 0; count <= 33; count++)
        {
            double[] x = Arguments(subject, count), s = new double[count + 1], c = new double[count + 1];
            s[count] = c[count] = Guard;
            fixed (double* px = x)
            fixed (double* ps = s)
            fixed (double* pc = c)
            {
                block((nint)px, (nint)ps, (nint)pc, count);
                for (int i = 0; i < count; i++)
                {
                    Same(VectorMathScalar.Sin(x[i]), s[i], $"sin {x[i]:R}");
                    Same(VectorMathScalar.Cos(x[i]), c[i], $"cos {x[i]:R}");
                }
                Assert.Equal(Guard, s[count]);
                Assert.Equal(Guard, c[count]);
                block((nint)px, (nint)ps, (nint)px, count);
                for (int i = 0; i < count; i++) Same(c[i], x[i], "cos in place");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void BinaryFunctions(string width)
    {
        foreach (var (name, function) in new (string, Func<double, double, double>)[] { ("Atan2", VectorMathScalar.Atan2), ("Pow", VectorMathScalar.Pow) })
        {
            var block = (PairBlock)Delegate.CreateDelegate(typeof(PairBlock), Lane(width).GetMethod(name)!);
            for (int count = 0; count <= 33; count++)
            {
                double[] a = Arguments(Subjects.All[1], count), b = Arguments(Subjects.All[6], count + 100), r = new double[count + 1];
                for (int i = 0; i < a.Length; i += 3) (a[i], b[i]) = (-a[i], Math.Round(b[i] * 4));
                r[count] = Guard;
                fixed (double* pa = a)
                fixed (double* pb = b)
                fixed (double* pr = r)
                {
                    block((nint)pa, (nint)pb, (nint)pr, count);
                    for (int i = 0; i < count; i++) Same(function(a[i], b[i]), r[i], $"{name}({a[i]:R}, {b[i]:R})");
                    Assert.Equal(Guard, r[count]);
                    block((nint)pa, (nint)pb, (nint)pb, count);
                    for (int i = 0; i < count; i++) Same(r[i], b[i], name + " in place");
                }
            }
        }
    }

    private delegate void UniformBlock(nint x, double p, nint r, int count);

    [Theory]
    [MemberData(nameof(Widths))]
    public void PowersWithOneExponent(string width)
    {
        var block = (UniformBlock)Delegate.CreateDelegate(typeof(UniformBlock), Lane(width).GetMethod("PowUniform")!);
        foreach (double p in new[] { 2, 0.5, -1.5, 3, 0, 1e3, double.NaN, double.NegativeInfinity })
        {
            for (int count = 0; count <= 33; count++)
            {
                double[] x = Arguments(Subjects.All[6], count), r = new double[count + 1];
                r[count] = Guard;
                fixed (double* px = x)
                fixed (double* pr = r)
                {
                    block((nint)px, p, (nint)pr, count);
                    for (int i = 0; i < count; i++) Same(VectorMathScalar.Pow(x[i], p), r[i], $"pow({x[i]:R}, {p:R})");
                    Assert.Equal(Guard, r[count]);
                    block((nint)px, p, (nint)px, count);
                    for (int i = 0; i < count; i++) Same(r[i], x[i], "pow in place");
                }
            }
        }
    }
}
