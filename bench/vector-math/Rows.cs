using System.Runtime.Intrinsics;
using Optc.Runtime.Native;

namespace Optc.Bench.VectorMath;

internal delegate void Loop(nint x, nint p, nint y, nint z, int count);

/// <summary>One function, the range of its arguments and its implementations, all over addresses of doubles.</summary>
internal sealed record Row(string Name, double Lower, double Upper, Loop Ours, Loop? Vector, Loop? Library, Loop? Framework, Loop? FrameworkVector);

/// <summary>The rows of the table.</summary>
internal static class Rows
{
    public static IEnumerable<Row> All(CLibrary fast, CLibrary plain)
    {
        Row Unary(string name, double lower, double upper, Action<nint, nint, int> ours, Func<double, double>? framework, Func<Vector256<double>, Vector256<double>>? vector = null, string? c = null)
        {
            var (a, b) = (fast.Unary(c ?? name), plain.Unary(c ?? name));
            return new Row(
                name,
                lower,
                upper,
                (x, _, y, _, n) => ours(x, y, n),
                (x, _, y, _, n) => a(x, y, n),
                (x, _, y, _, n) => b(x, y, n),
                framework is null ? null : (x, _, y, _, n) => Each(framework, x, y, n),
                vector is null ? null : (x, _, y, _, n) => Each(vector, x, y, n));
        }

        Row Binary(string name, double lower, double upper, Loop ours, string c, Func<double, double, double>? framework)
        {
            var (a, b) = (fast.Binary(c), plain.Binary(c));
            return new Row(
                name,
                lower,
                upper,
                ours,
                (x, p, y, _, n) => a(x, p, y, n),
                (x, p, y, _, n) => b(x, p, y, n),
                framework is null ? null : (x, p, y, _, n) => Each(framework, x, p, y, n),
                null);
        }

        yield return Unary("exp", -10, 10, VectorMath<Lane4>.Exp, Math.Exp, Vector256.Exp);
        yield return Unary("log", 0, 100, VectorMath<Lane4>.Log, Math.Log, Vector256.Log);
        yield return Unary("log10", 0, 100, VectorMath<Lane4>.Log10, Math.Log10);
        yield return Unary("sin", -10, 10, VectorMath<Lane4>.Sin, Math.Sin, Vector256.Sin);
        yield return Unary("cos", -10, 10, VectorMath<Lane4>.Cos, Math.Cos, Vector256.Cos);
        yield return Unary("tan", -10, 10, VectorMath<Lane4>.Tan, Math.Tan);
        yield return Unary("asin", -1, 1, VectorMath<Lane4>.Asin, Math.Asin);
        yield return Unary("acos", -1, 1, VectorMath<Lane4>.Acos, Math.Acos);
        yield return Unary("atan", -5, 5, VectorMath<Lane4>.Atan, Math.Atan);
        yield return Unary("sinh", -10, 10, VectorMath<Lane4>.Sinh, Math.Sinh);
        yield return Unary("cosh", -10, 10, VectorMath<Lane4>.Cosh, Math.Cosh);
        yield return Unary("tanh", -10, 10, VectorMath<Lane4>.Tanh, Math.Tanh);
        yield return Unary("asinh", -10, 10, VectorMath<Lane4>.Asinh, Math.Asinh);
        yield return Unary("acosh", 1, 10, VectorMath<Lane4>.Acosh, Math.Acosh);
        yield return Unary("atanh", -1, 1, VectorMath<Lane4>.Atanh, Math.Atanh);
        yield return Unary("erf", -4, 4, VectorMath<Lane4>.Erf, MathNet.Numerics.SpecialFunctions.Erf);
        yield return Unary("erfc", -4, 8, VectorMath<Lane4>.Erfc, MathNet.Numerics.SpecialFunctions.Erfc);
        yield return Unary("gamma", -10, 40, VectorMath<Lane4>.Gamma, MathNet.Numerics.SpecialFunctions.Gamma, null, "tgamma");
        yield return Unary("lgamma", 0, 40, VectorMath<Lane4>.LogGamma, MathNet.Numerics.SpecialFunctions.GammaLn);
        yield return Binary("atan2", -5, 5, (x, p, y, _, n) => VectorMath<Lane4>.Atan2(x, p, y, n), "atan2", Math.Atan2);
        yield return Binary("pow", 0, 10, (x, p, y, _, n) => VectorMath<Lane4>.Pow(x, p, y, n), "pow", Math.Pow);
        yield return Binary("pow, one exponent", 0, 10, (x, p, y, _, n) => VectorMath<Lane4>.PowUniform(x, 1.7, y, n), "powu", (x, _) => Math.Pow(x, 1.7));
        yield return Binary("sincos", -10, 10, (x, _, y, z, n) => VectorMath<Lane4>.SinCos(x, y, z, n), "sincos", null) with
        {
            Vector = SinCos(fast),
            Library = SinCos(plain),
            Framework = (x, _, y, z, n) => SinCos(x, y, z, n),
        };
    }

    private static Loop SinCos(CLibrary library)
    {
        var loop = library.Binary("sincos");
        return (x, _, y, z, n) => loop(x, y, z, n);
    }

    private static unsafe void SinCos(nint x, nint y, nint z, int count)
    {
        double* from = (double*)x, sin = (double*)y, cos = (double*)z;
        for (int i = 0; i < count; i++) (sin[i], cos[i]) = Math.SinCos(from[i]);
    }

    private static unsafe void Each(Func<double, double> function, nint x, nint y, int count)
    {
        double* from = (double*)x, to = (double*)y;
        for (int i = 0; i < count; i++) to[i] = function(from[i]);
    }

    private static unsafe void Each(Func<double, double, double> function, nint x, nint p, nint y, int count)
    {
        double* first = (double*)x, second = (double*)p, to = (double*)y;
        for (int i = 0; i < count; i++) to[i] = function(first[i], second[i]);
    }

    private static unsafe void Each(Func<Vector256<double>, Vector256<double>> function, nint x, nint y, int count)
    {
        double* from = (double*)x, to = (double*)y;
        for (int i = 0; i <= count - 4; i += 4) Vector256.Store(function(Vector256.Load(from + i)), to + i);
    }
}
