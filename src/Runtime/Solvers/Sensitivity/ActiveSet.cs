namespace Optc.Runtime.Solvers.Sensitivity;

/// <summary>Which side of a constraint or bound holds as an equation.</summary>
internal enum Activity : sbyte
{
    /// <summary>Neither.</summary>
    None,

    /// <summary>The lower one.</summary>
    Lower,

    /// <summary>The upper one.</summary>
    Upper,

    /// <summary>Both: an equation or a fixed variable; its multiplier may have any sign.</summary>
    Both,
}

/// <summary>Normalised sizes by which activity is judged, so that units of constraints and objective do not decide.</summary>
internal static class ActiveSet
{
    /// <summary>Multipliers and distances below this, normalised, are zero.</summary>
    public const double WeakTolerance = 1e-6;

    /// <summary>The side that is taken for active: where the multiplier outweighs the distance to the side it belongs to.</summary>
    public static Activity Identify(double value, double lower, double upper, double multiplier, double size)
    {
        if (lower == upper) return Activity.Both;
        if (multiplier > 0.0 && multiplier * size > Distance(value - lower, lower)) return Activity.Lower;
        return multiplier < 0.0 && -multiplier * size > Distance(upper - value, upper) ? Activity.Upper : Activity.None;
    }

    /// <summary>A distance to a side relative to max(1, |side|).</summary>
    public static double Distance(double distance, double side) => distance / Math.Max(1.0, Math.Abs(side));

    /// <summary>The value of the side that is active.</summary>
    public static double Side(Activity activity, double lower, double upper) => activity == Activity.Upper ? upper : lower;

    /// <summary>How far a multiplier of an inequality is inside its sign; +∞ where any sign is right.</summary>
    public static double Signed(Activity activity, double multiplier) => activity switch
    {
        Activity.Lower => multiplier,
        Activity.Upper => -multiplier,
        _ => double.PositiveInfinity,
    };
}
