using static Optc.Runtime.Native.Tests.Points;

namespace Optc.Runtime.Native.Tests;

/// <summary>The functions whose accuracy is tested and measured, with arguments over their whole domains.</summary>
internal static class Subjects
{
    public static IReadOnlyList<Subject> All { get; } =
    [
        new("exp", VectorMathScalar.Exp, Reference.Exp, (r, n) =>
            [.. Exponents(r, n, -60, 9).Where(x => x < 709.7827 && x > -745.2), .. Uniform(r, n, -1, 1), .. Uniform(r, n, -745.2, 709.78), .. Uniform(r, n, -745.2, -707), .. Near(r, n, 708, -708, 709.78, -744, -708.4, 0.34657)]),
        new("log", VectorMathScalar.Log, Reference.Log, Positive),
        new("sin", VectorMathScalar.Sin, Reference.Sin, Angles),
        new("cos", VectorMathScalar.Cos, Reference.Cos, Angles),
    ];

    private static IEnumerable<double> Positive(Random random, int count) =>
    [
        .. Exponents(random, count, -1074, 1023).Select(Math.Abs),
        .. Uniform(random, count, 0.4, 3),
        .. Near(random, count, 1, 0.7071067811865476, 1.4142135623730951, 2, 0.5, 2.2250738585072014e-308, double.MaxValue).Select(Math.Abs),
    ];

    private static IEnumerable<double> Angles(Random random, int count) =>
    [
        .. Exponents(random, count, -1074, 1023),
        .. Exponents(random, count, -30, 34),
        .. Uniform(random, count, -7, 7),
        .. Multiples(random, count, Math.PI / 2, 1e12),
        .. Multiples(random, count / 2, Math.PI / 4, 1e3),
        .. Near(random, count / 2, 1e22, 1e300, 1073741824, 6381956970095103.0 * Math.Pow(2, 797), double.MaxValue),
    ];
}
