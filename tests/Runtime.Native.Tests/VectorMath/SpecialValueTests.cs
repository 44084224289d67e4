using Xunit;
using M = Optc.Runtime.Native.VectorMathScalar;

namespace Optc.Runtime.Native.Tests;

/// <summary>Limits, domain errors and signs of zero as in C99's annex F.</summary>
public class SpecialValueTests
{
    private const double Inf = double.PositiveInfinity;
    private const double Pi = Math.PI;

    /// <summary>Equal, zeros of different sign not being so.</summary>
    private static void Same(double expected, double actual)
    {
        Assert.Equal(expected, actual);
        if (expected == 0) Assert.Equal(double.IsNegative(expected), double.IsNegative(actual));
    }

    [Fact]
    public void ErrorFunctions()
    {
        Same(0.0, M.Erf(0.0));
        Same(-0.0, M.Erf(-0.0));
        Same(-M.Erf(0.7), M.Erf(-0.7));
        Same(1, M.Erf(Inf));
        Same(-1, M.Erf(-Inf));
        Same(1, M.Erf(7));
        Same(0, M.Erfc(Inf));
        Same(0, M.Erfc(27.5));
        Same(2, M.Erfc(-Inf));
        Same(1, M.Erfc(0));
        Same(2, M.Erfc(-8));
    }

    [Fact]
    public void GammaAndItsLogarithm()
    {
        Same(Inf, M.Gamma(0.0));
        Same(-Inf, M.Gamma(-0.0));
        Same(double.NaN, M.Gamma(-3));
        Same(double.NaN, M.Gamma(-Inf));
        Same(Inf, M.Gamma(Inf));
        Same(Inf, M.Gamma(172));
        Same(Inf, M.Gamma(1e-309));
        Same(-0.0, M.Gamma(-200.5));
        Same(0.0, M.Gamma(-201.5));
        double factorial = 1;
        for (int n = 1; n <= 22; n++) Same(factorial *= n, M.Gamma(n + 1));
        Same(0.0, M.LogGamma(1));
        Same(0.0, M.LogGamma(2));
        foreach (double pole in new[] { 0.0, -0.0, -1, -1e300, Inf, -Inf }) Same(Inf, M.LogGamma(pole));
        Same(Inf, M.LogGamma(double.MaxValue));
        Same(Inf, M.LogGamma(2.5599833278516387e305));
        Assert.True(double.IsFinite(M.LogGamma(2.5599833278516383e305)));
    }

    [Fact]
    public void Polygamma()
    {
        foreach (double pole in new[] { 0.0, -1, -1e300, -Inf })
        {
            Same(double.NaN, M.Digamma(pole));
            Same(Inf, M.Trigamma(pole));
        }
        Same(Inf, M.Digamma(Inf));
        Same(0.0, M.Trigamma(Inf));
        Same(Inf, M.Trigamma(1e-200));
        Same(-1 / 1e-300, M.Digamma(1e-300));
    }

    private static Func<double, double> Find(string name) => Subjects.All.Concat(Subjects.Special).Single(s => s.Name == name).Function;

    public static TheoryData<string> Names => [.. Subjects.All.Concat(Subjects.Special).Select(s => s.Name)];

    [Theory]
    [InlineData("sin")]
    [InlineData("tan")]
    [InlineData("asin")]
    [InlineData("atan")]
    [InlineData("sinh")]
    [InlineData("tanh")]
    [InlineData("asinh")]
    [InlineData("atanh")]
    public void OddFunctionsKeepTheSignOfZeroAndTinyArguments(string name)
    {
        var function = Find(name);
        Same(0.0, function(0.0));
        Same(-0.0, function(-0.0));
        Same(double.Epsilon, function(double.Epsilon));
        Same(-1e-310, function(-1e-310));
        Same(-function(0.7), function(-0.7));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void NaNStays(string name) => Assert.True(double.IsNaN(Find(name)(double.NaN)));

    [Fact]
    public void Exponential()
    {
        Same(1, M.Exp(0));
        Same(1, M.Exp(-0.0));
        Same(Inf, M.Exp(Inf));
        Same(0, M.Exp(-Inf));
        Same(Inf, M.Exp(709.79));
        Same(0, M.Exp(-745.14));
        Same(double.Epsilon, M.Exp(-745.13));
    }

    [Fact]
    public void Logarithms()
    {
        foreach (var log in new Func<double, double>[] { M.Log, M.Log10 })
        {
            Same(0.0, log(1));
            Same(-Inf, log(0));
            Same(-Inf, log(-0.0));
            Same(Inf, log(Inf));
            Same(double.NaN, log(-1));
            Same(double.NaN, log(-double.Epsilon));
            Same(double.NaN, log(-Inf));
        }
        for (int i = 0; i <= 22; i++) Same(i, M.Log10(Math.Pow(10, i)));
    }

    [Fact]
    public void Trigonometric()
    {
        foreach (var f in new Func<double, double>[] { M.Sin, M.Cos, M.Tan })
        {
            Same(double.NaN, f(Inf));
            Same(double.NaN, f(-Inf));
        }
        Same(1, M.Cos(0));
        Same(1, M.Cos(-0.0));
        Same(1, M.Sin(Pi / 2));
        Same(-1, M.Cos(Pi));
    }

    [Fact]
    public void InverseTrigonometric()
    {
        Same(Pi / 2, M.Asin(1));
        Same(-Pi / 2, M.Asin(-1));
        Same(0, M.Acos(1));
        Same(Pi, M.Acos(-1));
        Same(Pi / 2, M.Acos(0));
        foreach (double x in new[] { 1.0000000000000002, -1.0000000000000002, 3, Inf, -Inf })
        {
            Same(double.NaN, M.Asin(x));
            Same(double.NaN, M.Acos(x));
        }
        Same(Pi / 2, M.Atan(Inf));
        Same(-Pi / 2, M.Atan(-Inf));
    }

    [Fact]
    public void Hyperbolic()
    {
        Same(1, M.Cosh(0));
        Same(Inf, M.Cosh(-Inf));
        Same(-Inf, M.Sinh(-Inf));
        Same(Inf, M.Sinh(710.5));
        Same(-Inf, M.Sinh(-710.5));
        Same(Inf, M.Cosh(710.5));
        Same(1, M.Tanh(Inf));
        Same(-1, M.Tanh(-Inf));
        Same(1, M.Tanh(40));
        Same(Inf, M.Asinh(Inf));
        Same(-Inf, M.Asinh(-Inf));
        Same(0.0, M.Acosh(1));
        Same(Inf, M.Acosh(Inf));
        Same(double.NaN, M.Acosh(0.9999999999999999));
        Same(double.NaN, M.Acosh(-Inf));
        Same(Inf, M.Atanh(1));
        Same(-Inf, M.Atanh(-1));
        Same(double.NaN, M.Atanh(1.0000000000000002));
        Same(double.NaN, M.Atanh(-Inf));
    }

    [Fact]
    public void PairsAgreeWithTheFrameworkAtTheLimits()
    {
        double[] values =
        [
            0.0, -0.0, 1, -1, 0.5, -0.5, 2, -2, 3, -3, 1.5, -1.5, Inf, -Inf, double.NaN, double.Epsilon, -double.Epsilon, double.MaxValue, -double.MaxValue,
            1e-300, -1e300, 9007199254740991, -9007199254740991, 9007199254740992, 9007199254740993, 4503599627370495.5, 0.9999999999999999, 1.0000000000000002,
        ];
        foreach (double a in values)
        {
            foreach (double b in values)
            {
                Close(Math.Pow(a, b), M.Pow(a, b), $"pow({a:R}, {b:R})");
                Close(Math.Atan2(a, b), M.Atan2(a, b), $"atan2({a:R}, {b:R})");
            }
        }
    }

    private static void Close(double expected, double actual, string what)
    {
        bool close = double.IsNaN(expected) ? double.IsNaN(actual)
            : double.IsNegative(expected) == double.IsNegative(actual)
                && (expected == actual || (double.IsFinite(expected) && double.IsFinite(actual) && Math.Abs(BitConverter.DoubleToInt64Bits(expected) - BitConverter.DoubleToInt64Bits(actual)) <= 3));
        Assert.True(close, $"{what} is {actual:R} instead of {expected:R}.");
    }
}
