namespace Optc.Runtime.Native.Tests;

/// <summary>One function, its reference and the arguments that try it.</summary>
internal sealed record Subject(string Name, Func<double, double> Function, Func<BigFloat, BigFloat> Exact, Func<Random, int, IEnumerable<double>> Points);

/// <summary>The same for two arguments.</summary>
internal sealed record PairSubject(
    string Name, Func<double, double, double> Function, Func<BigFloat, BigFloat, BigFloat> Exact, Func<Random, int, IEnumerable<(double X, double Y)>> Points);

/// <summary>A largest error and where it is.</summary>
internal readonly record struct Worst(double Ulp, string At, int Points)
{
    public static Worst Of(Subject subject, int count, int seed) => Of(
        subject.Points(new Random(seed), count).Where(double.IsFinite),
        x => subject.Exact(x).ErrorInUlp(subject.Function(x)),
        x => FormattableString.Invariant($"{x:R}"));

    /// <summary>The same in units of 2⁻⁵² where the result is below 1, so that roots do not count.</summary>
    public static Worst AbsoluteNearRoots(Subject subject, int count, int seed) => Of(
        subject.Points(new Random(seed), count).Where(double.IsFinite),
        x =>
        {
            var exact = subject.Exact(x);
            return exact.ErrorInUlp(subject.Function(x)) * Math.Min(1, Math.ScaleB(1, exact.Exponent));
        },
        x => FormattableString.Invariant($"{x:R}"));

    public static Worst Of(PairSubject subject, int count, int seed) => Of(
        subject.Points(new Random(seed), count).Where(p => double.IsFinite(p.X) && double.IsFinite(p.Y)),
        p => subject.Exact(p.X, p.Y).ErrorInUlp(subject.Function(p.X, p.Y)),
        p => FormattableString.Invariant($"{p.X:R}, {p.Y:R}"));

    private static Worst Of<T>(IEnumerable<T> points, Func<T, double> errorAt, Func<T, string> print)
    {
        var worst = new Worst(0, "", 0);
        int count = 0;
        foreach (var point in points)
        {
            count++;
            double error = errorAt(point);
            if (!(error <= worst.Ulp)) worst = new(error, print(point), 0);
        }
        return worst with { Points = count };
    }
}
