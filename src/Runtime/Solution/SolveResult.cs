namespace Optc.Runtime.Solution;

/// <summary>What a solver returns: why it stopped, the best point with its multipliers, and how good it is.</summary>
public sealed class SolveResult
{
    /// <summary>Why the solver stopped.</summary>
    public required SolveStatus Status { get; init; }

    /// <summary>One line for a person: what happened and where.</summary>
    public required string Message { get; init; }

    /// <summary>The point x (n).</summary>
    public required double[] Point { get; init; }

    /// <summary>f at the point, of the internal minimisation.</summary>
    public required double Objective { get; init; }

    /// <summary>c at the point (m).</summary>
    public required double[] ConstraintValues { get; init; }

    /// <summary>Multipliers y of the constraints (m): ≥ 0 at a lower side, ≤ 0 at an upper side; the sensitivity of f to the side.</summary>
    public required double[] ConstraintMultipliers { get; init; }

    /// <summary>Multipliers z of the bounds (n), same sign rule ("reduced costs").</summary>
    public required double[] BoundMultipliers { get; init; }

    /// <summary>Residuals of the unscaled problem at this point.</summary>
    public required Residuals Residuals { get; init; }

    /// <summary>Outer (multiplier) iterations.</summary>
    public int OuterIterations { get; init; }

    /// <summary>Inner (Newton) iterations, all outer ones together.</summary>
    public int InnerIterations { get; init; }

    /// <summary>Evaluations done.</summary>
    public EvaluationCounts Evaluations { get; init; }

    /// <summary>Wall time of the solve.</summary>
    public double Seconds { get; init; }
}

/// <summary>How often each function was evaluated.</summary>
public readonly record struct EvaluationCounts(int Objective, int Gradient, int Constraints, int Jacobian, int Hessian);
