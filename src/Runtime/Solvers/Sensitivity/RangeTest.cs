namespace Optc.Runtime.Solvers.Sensitivity;

/// <summary>The largest interval of a change t in which distances d + t·d' stay ≥ 0, with what ends it on each side.</summary>
internal sealed class RangeTest
{
    /// <summary>The end at t ≤ 0.</summary>
    public RangeLimit Below { get; private set; } = new(double.NegativeInfinity, LimitKind.None, -1);

    /// <summary>The end at t ≥ 0.</summary>
    public RangeLimit Above { get; private set; } = new(double.PositiveInfinity, LimitKind.None, -1);

    /// <summary>A value between two sides; the rates are those of value − side, of which those up to <paramref name="rounding"/> are zero.</summary>
    public void Value(double value, double lower, double upper, double lowerRate, double upperRate, double rounding, LimitKind atLower, LimitKind atUpper, int index)
    {
        if (!double.IsInfinity(lower) && Math.Abs(lowerRate) > rounding) Distance(Math.Max(0.0, value - lower), lowerRate, atLower, index);
        if (!double.IsInfinity(upper) && Math.Abs(upperRate) > rounding) Distance(Math.Max(0.0, upper - value), -upperRate, atUpper, index);
    }

    /// <summary>A distance ≥ 0 and its rate.</summary>
    public void Distance(double distance, double rate, LimitKind kind, int index)
    {
        if (rate == 0.0) return;
        double change = -distance / rate;
        if (rate < 0.0 && change < Above.Change) Above = new RangeLimit(change, kind, index);
        if (rate > 0.0 && change > Below.Change) Below = new RangeLimit(change, kind, index);
    }
}
