namespace Optc.Runtime.Solvers.Projections;

/// <summary>
/// z = φ(x) for a differentiable φ; operands z x. The nearest point (x, φ(x)) is no further from x⁰ than |φ(x⁰) − z⁰|: about each of a few points there at which the
/// distance is no larger than next to it, bisection and Newton's method on the derivative of the distance, and the best of what they find. Where φ turns often in that interval it is a
/// near point, not always the nearest.
/// </summary>
public sealed class FunctionProjection : IProjection
{
    private const int Points = 24;
    private readonly ProjectedFunction _function;

    /// <summary>The graph of a function.</summary>
    public FunctionProjection(ProjectedFunction function)
    {
        ArgumentNullException.ThrowIfNull(function);
        _function = function;
    }

    /// <inheritdoc/>
    public string Name => _function.Name;

    /// <inheritdoc/>
    public int Arity => 2;

    /// <inheritdoc/>
    public void Project(Span<double> operands)
    {
        double z = operands[0], x = Math.Clamp(operands[1], _function.Lower, _function.Upper), off = operands[1] - x;
        double vertical = Math.Abs(_function.Value(x) - z), reach = Math.Min(Math.Sqrt((vertical * vertical) + (off * off)) + Math.Abs(off), 1e6);
        if (vertical == 0.0 && off == 0.0) return;
        double low = Math.Max(_function.Lower, x - reach), high = Math.Min(_function.Upper, x + reach), width = (high - low) / Points;
        Span<double> costs = stackalloc double[Points + 1];
        for (int k = 0; k <= Points; k++) costs[k] = Cost(low + (k * width), operands[1], z);
        double best = x, least = Cost(x, operands[1], z);
        for (int k = 0; k <= Points; k++)
        {
            if ((k > 0 && costs[k - 1] < costs[k]) || (k < Points && costs[k + 1] < costs[k])) continue;
            double at = low + (k * width), refined = Refine(Math.Max(low, at - width), Math.Min(high, at + width), at, operands[1], z), cost = Cost(refined, operands[1], z);
            if (cost < least) (best, least) = (refined, cost);
        }
        (operands[0], operands[1]) = (_function.Value(best), best);
    }

    /// <summary>A point between the ends at which the derivative of the distance vanishes or changes its sign.</summary>
    private double Refine(double low, double high, double x, double x0, double z0)
    {
        for (int step = 0; step < 60; step++)
        {
            double slope = Slope(x, x0, z0);
            if (slope == 0.0) return x;
            if (slope > 0.0) high = x;
            else low = x;
            double h = 1e-6 * Math.Max(1.0, Math.Abs(x)), curvature = (Slope(Math.Min(x + h, _function.Upper), x0, z0) - slope) / h, next = x - (slope / curvature);
            if (!(next > low && next < high)) next = 0.5 * (low + high);
            if (Math.Abs(next - x) <= 1e-15 * Math.Max(1.0, Math.Abs(x))) return next;
            x = next;
        }
        return x;
    }

    private double Cost(double x, double x0, double z0)
    {
        double vertical = _function.Value(x) - z0, horizontal = x - x0, cost = (vertical * vertical) + (horizontal * horizontal);
        return double.IsNaN(cost) ? double.PositiveInfinity : cost;
    }

    private double Slope(double x, double x0, double z0) => (x - x0) + (_function.Slope(x) * (_function.Value(x) - z0));
}

/// <summary>A function with its derivative on an interval.</summary>
/// <param name="Name">As models write it.</param>
/// <param name="Value">φ.</param>
/// <param name="Slope">φ′.</param>
/// <param name="Lower">Where it begins.</param>
/// <param name="Upper">Where it ends.</param>
public sealed record ProjectedFunction(string Name, Func<double, double> Value, Func<double, double> Slope, double Lower = double.NegativeInfinity, double Upper = double.PositiveInfinity)
{
    /// <summary>x to a constant power; on x ≥ 0 where the power is no whole number, on x > 0 where it is negative.</summary>
    public static ProjectedFunction Power(double exponent) => new(
        "^", x => Math.Pow(x, exponent), x => exponent * Math.Pow(x, exponent - 1.0),
        exponent == Math.Floor(exponent) && exponent > 0.0 ? double.NegativeInfinity : 1e-12);

    /// <summary>The function of a name; null where there is none.</summary>
    public static ProjectedFunction? Named(string name) => name switch
    {
        "exp" => new(name, Math.Exp, Math.Exp, Upper: 700.0),
        "log" => new(name, Math.Log, x => 1.0 / x, 1e-12),
        "log10" => new(name, Math.Log10, x => 1.0 / (x * Math.Log(10.0)), 1e-12),
        "sqrt" => new(name, Math.Sqrt, x => 0.5 / Math.Sqrt(x), 1e-16),
        "sin" => new(name, Math.Sin, Math.Cos),
        "cos" => new(name, Math.Cos, x => -Math.Sin(x)),
        "atan" => new(name, Math.Atan, x => 1.0 / (1.0 + (x * x))),
        "sinh" => new(name, Math.Sinh, Math.Cosh, -700.0, 700.0),
        "cosh" => new(name, Math.Cosh, Math.Sinh, -700.0, 700.0),
        "tanh" => new(name, Math.Tanh, x => 1.0 - (Math.Tanh(x) * Math.Tanh(x))),
        "asinh" => new(name, Math.Asinh, x => 1.0 / Math.Sqrt(1.0 + (x * x))),
        _ => null,
    };
}
