using System.Runtime.CompilerServices;

namespace Optc.Runtime.Native;

/// <summary>log₁₀ x = k log₁₀ 2 + ln m / ln 10 with the reduction of <see cref="LogFunction"/>, the leading terms in two doubles.</summary>
internal readonly struct Log10Function : IUnaryFunction
{
    private const double Log10EHigh = 0.4342944819032518;
    private const double Log10ELow = 1.098319650216765e-17;

    /// <summary>log₁₀ 2 to 42 bits, so that its product with k is exact.</summary>
    private const double Log10Of2High = 0.30102999566383914;
    private const double Log10Of2Low = 1.42050232272661e-13;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Ordinary<TLane>(TLane x)
        where TLane : unmanaged, ILane<TLane> => LogFunction.Ordinary(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Compute<TLane>(TLane x)
        where TLane : unmanaged, ILane<TLane>
    {
        var f = LogFunction.Reduce(x, out var k);
        return OfReduced(f, k);
    }

    public static double Extraordinary(double x)
    {
        if (!(x > 0) || double.IsInfinity(x)) return LogFunction.Extraordinary(x);
        var f = LogFunction.Reduce(Lane1.All(x * 18014398509481984.0), out var k);
        return OfReduced(f, k - Lane1.All(54)).Value;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLane OfReduced<TLane>(TLane f, TLane k)
        where TLane : unmanaged, ILane<TLane>
    {
        var half = f * f * TLane.All(0.5);
        var high = f - half;
        var low = f - high - half + LogFunction.Tail(f, half);
        var product = high * TLane.All(Log10EHigh);
        var error = TLane.MultiplyAdd(high, TLane.All(Log10EHigh), -product)
            + TLane.MultiplyAdd(high, TLane.All(Log10ELow), low * TLane.All(Log10EHigh));
        var whole = k * TLane.All(Log10Of2High);
        var sum = whole + product;
        return sum + (whole - sum + product + TLane.MultiplyAdd(k, TLane.All(Log10Of2Low), error));
    }
}
