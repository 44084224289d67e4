using System.Runtime.CompilerServices;

namespace Optc.Runtime.Native;

/// <summary>
/// erf x by a polynomial in x² up to ¾, erfc x = e^(−x²) g(t)/(1 + 2x) beyond, with t = (x − 3)/(x + 3) (M. M. Shepherd and J. G. Laframboise,
/// Chebyshev approximation of (1 + 2x) exp(x²) erfc x in 0 ≤ x &lt; ∞, Mathematics of Computation 36, 1981; the constant is ours).
/// </summary>
internal static class ErrorFunctionParts
{
    /// <summary>Where the two forms meet.</summary>
    internal const double Boundary = 0.75;

    /// <summary>erf x for |x| ≤ ¾.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Inner<TLane>(TLane x)
        where TLane : unmanaged, ILane<TLane>
    {
        // erf(x)/x − 1 over x², minimax to 2⁻⁵⁶.
        var quotient = Polynomial<TLane>.Evaluate(
            x * x,
            0.1283791670955126,
            -0.3761263890318418,
            0.11283791670979523,
            -0.026866170650499666,
            0.005223977685040444,
            -0.0008548330779437118,
            0.00012055474010352736,
            -1.4928785999091513e-05,
            1.6499742489578234e-06,
            -1.651562239862016e-07,
            1.3512030349953282e-08);
        return TLane.MultiplyAdd(x, quotient, x);
    }

    /// <summary>erfc x without the factor 2ᵏ, which stands in the low bits of <paramref name="shifted"/>, for ¾ ≤ x ≤ 28.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLane Outer<TLane>(TLane x, out TLane shifted)
        where TLane : unmanaged, ILane<TLane>
    {
        // x² in two doubles; the lower one joins the reduced argument of the exponential.
        var square = x * x;
        var low = TLane.MultiplyAdd(x, x, -square);
        var r = ExpFunction.Reduce(-square, out shifted, out _) - low;
        var t = (x - TLane.All(3)) / (x + TLane.All(3));
        var envelope = Envelope(t) / (x + x + TLane.All(1));
        return TLane.MultiplyAdd(ExpFunction.OfReducedMinusOne(r), envelope, envelope);
    }

    /// <summary>g(t), interpolated at Chebyshev points of x in [0.45, 28] to 2⁻⁵⁴.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLane Envelope<TLane>(TLane t)
        where TLane : unmanaged, ILane<TLane>
    {
        // The upper half over t¹², the two halves running side by side.
        var upper = Polynomial<TLane>.Evaluate(
            t,
            4.9492347360956755e-06,
            -2.0099922580094685e-05,
            -7.303431788850293e-07,
            3.4704763768340144e-06,
            3.5349863091448884e-07,
            -6.128754926539542e-07,
            -1.3567738403155552e-07,
            9.725436494084162e-08,
            3.5489820960622545e-08,
            -1.0096333797401699e-08,
            -4.819971581991126e-09);
        // The leading coefficient last: one rounding at its size instead of three.
        var lower = Polynomial<TLane>.Evaluate(
            t,
            -0.13562110612458117,
            -0.04756229435345069,
            0.12964515870275992,
            -0.11927366341531172,
            0.0683080273440331,
            -0.023770514918556238,
            0.0025293918146319454,
            0.001888690357008306,
            -0.0007798322535249472,
            -0.00010515976842654433,
            0.0001250992136022878);
        lower = TLane.MultiplyAdd(lower, t, TLane.All(1.2530080582697296));
        var square = t * t;
        var fourth = square * square;
        return TLane.MultiplyAdd(upper, fourth * fourth * fourth, lower);
    }
}
