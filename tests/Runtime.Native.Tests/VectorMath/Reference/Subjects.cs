using static Optc.Runtime.Native.Tests.Points;

namespace Optc.Runtime.Native.Tests;

/// <summary>The functions whose accuracy is tested and measured, with arguments over their whole domains.</summary>
internal static class Subjects
{
    public static IReadOnlyList<Subject> All { get; } =
    [
        new("exp", VectorMathScalar.Exp, Reference.Exp, (r, n) =>
            [.. Within(-745.2, 709.7827, [.. Exponents(r, n, -60, 9), .. Near(r, n, 708, -708, 709.78, -744, -708.4, 0.34657)]), .. Uniform(r, n, -1, 1), .. Uniform(r, n, -745.2, 709.78), .. Uniform(r, n, -745.2, -707)]),
        new("log", VectorMathScalar.Log, Reference.Log, Positive),
        new("log10", VectorMathScalar.Log10, Reference.Log10, Positive),
        new("sin", VectorMathScalar.Sin, Reference.Sin, Angles),
        new("cos", VectorMathScalar.Cos, Reference.Cos, Angles),
        new("tan", VectorMathScalar.Tan, Reference.Tan, Angles),
        new("asin", VectorMathScalar.Asin, Reference.Asin, UnitInterval),
        new("acos", VectorMathScalar.Acos, Reference.Acos, UnitInterval),
        new("atan", VectorMathScalar.Atan, Reference.Atan, (r, n) =>
            [.. Exponents(r, n, -1074, 1023), .. Uniform(r, n, -3, 3), .. Near(r, n, 1, 0.41421356237309503, 2.414213562373095)]),
        new("sinh", VectorMathScalar.Sinh, Reference.Sinh, Hyperbolic),
        new("cosh", VectorMathScalar.Cosh, Reference.Cosh, Hyperbolic),
        new("tanh", VectorMathScalar.Tanh, Reference.Tanh, (r, n) =>
            [.. Exponents(r, n, -1074, 9), .. Uniform(r, n, -20, 20), .. Uniform(r, n, -1.5, 1.5), .. Near(r, n, 22, 0.34657359027997264, 1.0397207708399179)]),
        new("asinh", VectorMathScalar.Asinh, Reference.Asinh, (r, n) =>
            [.. Exponents(r, n, -1074, 1023), .. Uniform(r, n, -3, 3), .. Near(r, n, 0.35355339059327373, 3.273390607896142e150)]),
        new("acosh", VectorMathScalar.Acosh, Reference.Acosh, (r, n) =>
            [.. Within(1, double.MaxValue, [.. Exponents(r, n, 0, 1023), .. Near(r, n, 1, 3.273390607896142e150)]), .. Uniform(r, n, 1, 3)]),
        new("atanh", VectorMathScalar.Atanh, Reference.Atanh, (r, n) =>
            [.. Exponents(r, n, -1074, -1), .. Uniform(r, n, -1, 1), .. Within(-0.9999999999999999, 0.9999999999999999, Near(r, n, 1, -1, 0.1716, 0.3333333333333333, 0.5))]),
        new("erf", VectorMathScalar.Erf, Reference.Erf, (r, n) =>
            [.. Exponents(r, n, -1074, 3), .. Uniform(r, n, -6.2, 6.2), .. Near(r, n, 0.5, 1)]),
        new("erfc", VectorMathScalar.Erfc, Reference.Erfc, (r, n) =>
            [.. Exponents(r, n, -1074, 2), .. Uniform(r, n, -6, 27.25), .. Uniform(r, n, -1, 1), .. Near(r, n, 0.5, 1), .. Uniform(r, n / 4, 25.9, 27.25)]),
    ];

    /// <summary>Special functions evaluated one by one.</summary>
    public static IReadOnlyList<Subject> Special { get; } =
    [
        new("gamma", VectorMathScalar.Gamma, Reference.Gamma, (r, n) =>
            NoPoles([.. Exponents(r, n, -1020, 7), .. Uniform(r, n, -184, 171.6), .. Uniform(r, n, -5, 5), .. Near(r, n / 4, -30, -29, -2, 1, 2, 10)])),
        new("lgamma for x > 0", VectorMathScalar.LogGamma, Reference.LogGamma, (r, n) =>
            [.. Exponents(r, n, -1074, 1013).Select(Math.Abs), .. Uniform(r, n, 0, 4), .. Uniform(r, n, 0, 40), .. Near(r, n, 0.75, 1, 1.25, 1.5, 2, 2.5, 10)]),
        new("digamma for x > 0", VectorMathScalar.Digamma, Reference.Digamma, (r, n) =>
            [.. Exponents(r, n, -1020, 1023).Select(Math.Abs), .. Uniform(r, n, 0, 4), .. Uniform(r, n, 0, 40), .. Near(r, n, 1.4616321449683622, 1.2116321449683622, 1.7116321449683622, 10)]),
        new("trigamma", VectorMathScalar.Trigamma, Reference.Trigamma, (r, n) =>
            NoPoles([.. Exponents(r, n, -500, 50), .. Exponents(r, n, 50, 1023).Select(Math.Abs), .. Uniform(r, n, -50, 40), .. Near(r, n / 2, -30, -29, -2, 1, 2, 10)])),
    ];

    /// <summary>Those with roots that are not doubles, near which only the absolute error can be small; see <see cref="Worst"/>.</summary>
    public static IReadOnlyList<Subject> WithRoots { get; } =
    [
        new("lgamma for x < 0", VectorMathScalar.LogGamma, Reference.LogGamma, Negative),
        new("digamma for x < 0", VectorMathScalar.Digamma, Reference.Digamma, Negative),
    ];

    private static IEnumerable<double> Negative(Random random, int count) =>
        NoPoles([.. Exponents(random, count, -1020, 50).Select(x => -Math.Abs(x)), .. Uniform(random, count, -50, 0), .. Uniform(random, count, -4, 0)]);

    private static IEnumerable<double> NoPoles(IEnumerable<double> points) => points.Where(x => x > 0 || Math.Floor(x) != x);

    /// <summary>Functions of two arguments; the pairs are those in whose result the function is finite and the reference fast.</summary>
    public static IReadOnlyList<PairSubject> Pairs { get; } =
    [
        new("atan2", VectorMathScalar.Atan2, Reference.Atan2, AnyPairs),
        new("pow", VectorMathScalar.Pow, Reference.Pow, Powers),
    ];

    private static IEnumerable<(double, double)> AnyPairs(Random random, int count) =>
    [
        .. Exponents(random, count, -1074, 1023).Zip(Exponents(random, count, -1074, 1023)),
        .. Exponents(random, count, -1074, 1023).Select(x => (x, x * 4 * random.NextDouble())),
        .. Uniform(random, count, -1, 1).Zip(Uniform(random, count, -1, 1)),
        .. Near(random, count, 1, 0.41421356237309503, 2.414213562373095).Select(x => (x, random.Next(2) == 0 ? 1.0 : -1.0)),
    ];

    /// <summary>Bases of all sizes with exponents that bring the result into, and just outside of, the range of doubles.</summary>
    private static IEnumerable<(double, double)> Powers(Random random, int count)
    {
        IEnumerable<double> bases =
        [
            .. Exponents(random, count, -1074, 1023).Select(Math.Abs),
            .. Exponents(random, count, -3, 2).Select(Math.Abs),
            .. Near(random, count, 1, 0.7071067811865476, 1.4142135623730951),
        ];
        foreach (double x in bases)
        {
            if (x == 1 || !(x > 0) || double.IsInfinity(x)) continue;
            double limit = 1 / Math.Log2(x);
            yield return (x, ((random.NextDouble() * 2100) - 1075) * limit);
            yield return (x, (random.Next(2) == 0 ? 1023.9 : -1040) * (1 + (0.02 * random.NextDouble())) * limit);
            yield return (x, (random.NextDouble() * 10) - 5);
            yield return (x, random.Next(-8, 9) * 0.5);
        }
    }

    private static IEnumerable<double> Within(double lower, double upper, IEnumerable<double> points) => points.Where(x => x >= lower && x <= upper);

    private static IEnumerable<double> UnitInterval(Random random, int count) =>
    [
        .. Exponents(random, count, -1074, -1),
        .. Uniform(random, count, -1, 1),
        .. Within(-1, 1, Near(random, count, 1, -1, 0.5, -0.5)),
    ];

    private static IEnumerable<double> Hyperbolic(Random random, int count) =>
    [
        .. Exponents(random, count, -1074, 8),
        .. Uniform(random, count, -710.4, 710.4),
        .. Uniform(random, count, -2, 2),
        .. Within(-711, 711, Near(random, count, 708, 710.47, 0.34657359027997264, 1.0397207708399179)),
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
