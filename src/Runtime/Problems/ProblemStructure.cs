namespace Optc.Runtime.Problems;

/// <summary>The class of a model, from special to general.</summary>
public enum ProblemClass
{
    /// <summary>No objective and as many equations as variables.</summary>
    EquationSystem,

    /// <summary>Linear objective and constraints.</summary>
    Linear,

    /// <summary>Quadratic objective, linear constraints.</summary>
    Quadratic,

    /// <summary>Quadratic objective and constraints.</summary>
    QuadraticallyConstrained,

    /// <summary>Anything smooth.</summary>
    Nonlinear,
}

/// <summary>What the compiler knows of a problem's structure. Unknown is false.</summary>
public sealed record ProblemStructure
{
    /// <summary>A problem of which nothing is known.</summary>
    public static ProblemStructure General { get; } = new();

    /// <summary>The class.</summary>
    public ProblemClass Class { get; init; } = ProblemClass.Nonlinear;

    /// <summary>Proved convex: every first-order point is a global minimum.</summary>
    public bool IsConvex => Convexity.Value;

    /// <summary>The proof of convexity, attempted when first asked for.</summary>
    public Lazy<bool> Convexity { get; init; } = new(() => false);

    /// <summary>f is linear.</summary>
    public bool ObjectiveIsLinear { get; init; }

    /// <summary>For each constraint, whether it is linear; empty when none is known to be.</summary>
    public IReadOnlyList<bool> ConstraintIsLinear { get; init; } = [];
}
