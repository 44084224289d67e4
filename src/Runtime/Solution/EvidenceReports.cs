namespace Optc.Runtime.Solution;

/// <summary>A variable and how it changes.</summary>
/// <param name="Name">As the user would write it.</param>
/// <param name="Change">Its component of a ray, ‖ray‖∞ = 1, or the change from the first point to the last.</param>
public readonly record struct NamedChange(string Name, double Change);

/// <summary><see cref="UnboundednessEvidence"/> in the words of the model.</summary>
public sealed record UnboundednessReport
{
    /// <summary>Whether a ray was verified from the data; otherwise the points are the evidence.</summary>
    public required bool IsRay { get; init; }

    /// <summary>Change of the objective as written per unit along the ray (per unit squared where <see cref="IsByCurvature"/>); NaN without a ray.</summary>
    public required double Rate { get; init; }

    /// <summary>Whether the objective changes with the square of the distance.</summary>
    public required bool IsByCurvature { get; init; }

    /// <summary>Feasible points on the way, with the objective as written.</summary>
    public required IReadOnlyList<FeasiblePoint> Points { get; init; }

    /// <summary>The variables that change most, the fastest first, at most ten.</summary>
    public required IReadOnlyList<NamedChange> Variables { get; init; }
}

/// <summary><see cref="DivergingMultipliers"/> in the words of the model.</summary>
public sealed record DegeneracyReport
{
    /// <summary>Constraints whose multipliers diverge.</summary>
    public required IReadOnlyList<string> Constraints { get; init; }

    /// <summary>Variables whose bounds' multipliers diverge.</summary>
    public required IReadOnlyList<string> Bounds { get; init; }

    /// <summary>The weight of the objective in Fritz John's condition; it goes to zero.</summary>
    public required double ObjectiveWeight { get; init; }

    /// <summary>How nearly the gradients of those constraints cancel, weighted by their multipliers.</summary>
    public required double Residual { get; init; }
}
