namespace Optc.Runtime.Solvers.CoordinateDescent;

/// <summary>
/// g_j(b) = λ_j |b| + ½ κ_j b² + c_j b over [l_j, u_j] for every coordinate: ℓ1, weighted ℓ1, elastic net, box and sign constraints
/// are cases of it, and λ = κ = 0 without bounds is a coordinate without a penalty (an intercept).
/// </summary>
public sealed class SeparablePenalty
{
    /// <summary>No penalty and no bounds on p coordinates.</summary>
    public SeparablePenalty(int p)
    {
        L1 = new double[p];
        L2 = new double[p];
        Linear = new double[p];
        Lower = new double[p];
        Upper = new double[p];
        Array.Fill(Lower, double.NegativeInfinity);
        Array.Fill(Upper, double.PositiveInfinity);
    }

    /// <summary>λ ≥ 0 (p).</summary>
    public double[] L1 { get; }

    /// <summary>κ ≥ 0 (p).</summary>
    public double[] L2 { get; }

    /// <summary>c (p).</summary>
    public double[] Linear { get; }

    /// <summary>l ≤ u (p); −∞ for none.</summary>
    public double[] Lower { get; }

    /// <summary>u (p); +∞ for none.</summary>
    public double[] Upper { get; }

    /// <summary>λ|b_j| for all p coordinates: the lasso's penalty.</summary>
    public static SeparablePenalty Uniform(int p, double l1, double l2 = 0)
    {
        var penalty = new SeparablePenalty(p);
        Array.Fill(penalty.L1, l1);
        Array.Fill(penalty.L2, l2);
        return penalty;
    }

    /// <summary>No penalty and no bounds again.</summary>
    public void Clear()
    {
        Array.Clear(L1);
        Array.Clear(L2);
        Array.Clear(Linear);
        Array.Fill(Lower, double.NegativeInfinity);
        Array.Fill(Upper, double.PositiveInfinity);
    }

    /// <summary>Whether every coordinate has λ &gt; 0, no linear term and no bounds: the lasso and the elastic net.</summary>
    public bool IsPlain =>
        L1.AsSpan().IndexOf(0.0) < 0
        && !Linear.AsSpan().ContainsAnyExcept(0.0)
        && !Lower.AsSpan().ContainsAnyExcept(double.NegativeInfinity)
        && !Upper.AsSpan().ContainsAnyExcept(double.PositiveInfinity);

    /// <summary>Whether every coordinate has κ &gt; 0.</summary>
    public bool IsStronglyConvex => L2.AsSpan().IndexOf(0.0) < 0;

    /// <summary>Whether coordinate j has neither a penalty nor a bound.</summary>
    public bool IsFree(int j) => L1[j] == 0 && L2[j] == 0 && double.IsInfinity(Lower[j]) && double.IsInfinity(Upper[j]);

    /// <summary>g_j(b) without its bounds.</summary>
    public double Value(int j, double b) => (L1[j] * Math.Abs(b)) + (b * ((0.5 * L2[j] * b) + Linear[j]));

    /// <summary>argmin ½ a (t − v)² + g_j(t) for a &gt; 0.</summary>
    public double Prox(int j, double v, double a)
    {
        double t = (a * v) - Linear[j], size = Math.Abs(t) - L1[j];
        double free = size <= 0 ? 0 : Math.CopySign(size, t) / (a + L2[j]);
        return Math.Min(Math.Max(free, Lower[j]), Upper[j]);
    }

    /// <summary>Distance of −grad to ∂g_j(b): the violation of the first-order condition at b, which lies within the bounds.</summary>
    public double Distance(int j, double b, double grad)
    {
        double q = -(grad + Linear[j] + (L2[j] * b));
        double low = b > 0 ? L1[j] : -L1[j], high = b < 0 ? -L1[j] : L1[j];
        if (b <= Lower[j]) low = double.NegativeInfinity;
        if (b >= Upper[j]) high = double.PositiveInfinity;
        return q < low ? low - q : q > high ? q - high : 0;
    }

    /// <summary>Whether coordinate j rests at a kink or bound of g_j.</summary>
    public bool IsAtKink(int j, double b) => (b == 0 && L1[j] > 0) || b <= Lower[j] || b >= Upper[j];

    /// <summary>
    /// g_j*(v) = sup_b v b − g_j(b). A free coordinate is taken to lie within ±(1 + 2|b|) of zero, where b is its value now.
    /// </summary>
    public double Conjugate(int j, double v, double b)
    {
        double t = v - Linear[j];
        if (IsFree(j)) return Math.Abs(t) * (1 + (2 * Math.Abs(b)));
        double size = Math.Abs(t) - L1[j], best;
        if (L2[j] > 0)
        {
            best = size <= 0 ? 0 : Math.CopySign(size, t) / L2[j];
        }
        else
        {
            best = size <= 0 ? 0 : Math.CopySign(double.PositiveInfinity, t);
        }
        best = Math.Min(Math.Max(best, Lower[j]), Upper[j]);
        if (double.IsInfinity(best)) return double.PositiveInfinity;
        return (t * best) - (L1[j] * Math.Abs(best)) - (0.5 * L2[j] * best * best);
    }

    /// <summary>How far beyond the domain of g_j* the value v is, as a factor ≥ 1 by which v would have to be divided; 1 inside.</summary>
    public double Excess(int j, double v)
    {
        if (L2[j] > 0 || IsFree(j)) return 1;
        bool bounded = v > 0 ? !double.IsInfinity(Upper[j]) : !double.IsInfinity(Lower[j]);
        double t = v - Linear[j];
        if (bounded || Math.Abs(t) <= L1[j]) return 1;
        return Linear[j] != 0 || L1[j] == 0 ? double.PositiveInfinity : Math.Abs(t) / L1[j];
    }
}
