namespace Optc.Runtime.Solution;

/// <summary>Why a solver stopped. What the point is worth is said by its <see cref="Residuals"/>.</summary>
public enum SolveStatus
{
    /// <summary>Scaled and unscaled first-order conditions hold to the tolerance (default 1e-8 relative).</summary>
    Solved,

    /// <summary>They hold to 1e-6 and no further progress was possible.</summary>
    SolvedToAcceptable,

    /// <summary>No feasible point: a stationary point of the violation (local), or a certificate for convex models.</summary>
    Infeasible,

    /// <summary>A feasible sequence below −1e20, or a ray.</summary>
    Unbounded,

    /// <summary>The iteration limit was reached; the best point is returned.</summary>
    IterationLimit,

    /// <summary>The time limit was reached; the best point is returned.</summary>
    TimeLimit,

    /// <summary>Cancelled; the best point is returned.</summary>
    Interrupted,

    /// <summary>A function could not be evaluated; the message says which, where.</summary>
    EvaluationError,

    /// <summary>The message says what failed and what was tried.</summary>
    NumericalFailure,
}
