namespace Optc.Runtime.Solvers.CoordinateDescent;

/// <summary>
/// g_j(b) = λ_j |b| + ½ κ_j b² + c_j b over [l_j, u_j] for every coordinate: ℓ1, weighted ℓ1, elastic net, box and sign constraints
/// are cases of it, and λ = κ = 0 without bounds is a coordinate without a penalty (an intercept).
/// </summary>
/// <param name="p">Coordinates, at first without a penalty and bounds.</param>
public sealed class SeparablePenalty(int p)
{
    private double[]? _linear, _lower, _upper;

    /// <summary>λ ≥ 0 (p).</summary>
    public double[] L1 { get; } = new double[p];

    /// <summary>κ ≥ 0 (p).</summary>
    public double[] L2 { get; } = new double[p];

    /// <summary>c (p); made when it is first asked for, as the bounds are.</summary>
    public double[] Linear => _linear ??= new double[L1.Length];

    /// <summary>l ≤ u (p); −∞ for none.</summary>
    public double[] Lower => _lower ??= Filled(double.NegativeInfinity);

    /// <summary>u (p); +∞ for none.</summary>
    public double[] Upper => _upper ??= Filled(double.PositiveInfinity);

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
        (_linear, _lower, _upper) = (null, null, null);
    }

    /// <summary>c_j.</summary>
    public double LinearOf(int j) => _linear is null ? 0 : _linear[j];

    /// <summary>l_j.</summary>
    public double LowerOf(int j) => _lower is null ? double.NegativeInfinity : _lower[j];

    /// <summary>u_j.</summary>
    public double UpperOf(int j) => _upper is null ? double.PositiveInfinity : _upper[j];

    /// <summary>The number within [l_j, u_j] that is nearest to b.</summary>
    public double Clamp(int j, double b) => Math.Min(Math.Max(b, LowerOf(j)), UpperOf(j));

    /// <summary>Whether every coordinate has λ &gt; 0, no linear term and no bounds: the lasso and the elastic net.</summary>
    public bool IsPlain =>
        L1.AsSpan().IndexOf(0.0) < 0
        && !_linear.AsSpan().ContainsAnyExcept(0.0)
        && !_lower.AsSpan().ContainsAnyExcept(double.NegativeInfinity)
        && !_upper.AsSpan().ContainsAnyExcept(double.PositiveInfinity);

    /// <summary>Whether every coordinate has κ &gt; 0.</summary>
    public bool IsStronglyConvex => L2.AsSpan().IndexOf(0.0) < 0;

    /// <summary>Whether coordinate j has neither a penalty nor a bound.</summary>
    public bool IsFree(int j) => L1[j] == 0 && L2[j] == 0 && double.IsInfinity(LowerOf(j)) && double.IsInfinity(UpperOf(j));

    /// <summary>g_j(b) without its bounds.</summary>
    public double Value(int j, double b) => (L1[j] * Math.Abs(b)) + (b * ((0.5 * L2[j] * b) + LinearOf(j)));

    /// <summary>argmin ½ a (t − v)² + g_j(t) for a &gt; 0.</summary>
    public double Prox(int j, double v, double a)
    {
        double t = (a * v) - LinearOf(j), size = Math.Abs(t) - L1[j];
        double free = size <= 0 ? 0 : Math.CopySign(size, t) / (a + L2[j]);
        return Clamp(j, free);
    }

    /// <summary>Distance of −grad to ∂g_j(b): the violation of the first-order condition at b, which lies within the bounds.</summary>
    public double Distance(int j, double b, double grad) => Slack(j, b, grad) is < 0 and var slack ? -slack : 0;

    /// <summary>How far −grad lies within ∂g_j(b) from its nearer end; outside, minus the distance.</summary>
    public double Slack(int j, double b, double grad)
    {
        double q = -(grad + LinearOf(j) + (L2[j] * b));
        double low = b > 0 ? L1[j] : -L1[j], high = b < 0 ? -L1[j] : L1[j];
        if (b <= LowerOf(j)) low = double.NegativeInfinity;
        if (b >= UpperOf(j)) high = double.PositiveInfinity;
        return Math.Min(q - low, high - q);
    }

    /// <summary>Whether coordinate j rests at a kink or bound of g_j.</summary>
    public bool IsAtKink(int j, double b) => (b == 0 && L1[j] > 0) || b <= LowerOf(j) || b >= UpperOf(j);

    /// <summary>
    /// g_j*(v) = sup_b v b − g_j(b). A free coordinate is taken to lie within ±(1 + 2|b|) of zero, where b is its value now.
    /// </summary>
    public double Conjugate(int j, double v, double b)
    {
        double t = v - LinearOf(j);
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
        best = Clamp(j, best);
        if (double.IsInfinity(best)) return double.PositiveInfinity;
        return (t * best) - (L1[j] * Math.Abs(best)) - (0.5 * L2[j] * best * best);
    }

    /// <summary>How far beyond the domain of g_j* the value v is, as a factor ≥ 1 by which v would have to be divided; 1 inside.</summary>
    public double Excess(int j, double v)
    {
        if (L2[j] > 0 || IsFree(j)) return 1;
        bool bounded = v > 0 ? !double.IsInfinity(UpperOf(j)) : !double.IsInfinity(LowerOf(j));
        double t = v - LinearOf(j);
        if (bounded || Math.Abs(t) <= L1[j]) return 1;
        return LinearOf(j) != 0 || L1[j] == 0 ? double.PositiveInfinity : Math.Abs(t) / L1[j];
    }

    private double[] Filled(double value)
    {
        var filled = new double[L1.Length];
        Array.Fill(filled, value);
        return filled;
    }
}
