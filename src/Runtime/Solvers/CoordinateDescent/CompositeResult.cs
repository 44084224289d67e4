using Optc.Runtime.Solution;

namespace Optc.Runtime.Solvers.CoordinateDescent;

/// <summary>What coordinate descent returns.</summary>
public sealed record CompositeResult
{
    /// <summary>Why it stopped.</summary>
    public required SolveStatus Status { get; init; }

    /// <summary>One line for a person.</summary>
    public required string Message { get; init; }

    /// <summary>b (p).</summary>
    public required double[] Point { get; init; }

    /// <summary>The objective, constant included.</summary>
    public required double Objective { get; init; }

    /// <summary>Objective minus the best lower bound by the dual; +∞ where there is none.</summary>
    public required double Gap { get; init; }

    /// <summary>The gap relative to the objective at zero.</summary>
    public required double RelativeGap { get; init; }

    /// <summary>Largest distance of a negative partial derivative to the subdifferential of its g_j, relative to max(1, ‖∇f‖∞).</summary>
    public required double Violation { get; init; }

    /// <summary>Coordinates that are not zero.</summary>
    public required int Support { get; init; }

    /// <summary>Coordinates that screening discarded.</summary>
    public required int Screened { get; init; }

    /// <summary>Working sets.</summary>
    public required int OuterIterations { get; init; }

    /// <summary>Passes over working sets.</summary>
    public required int Epochs { get; init; }

    /// <summary>Newton steps on supports that were taken.</summary>
    public required int NewtonSteps { get; init; }

    /// <summary>Wall time.</summary>
    public required double Seconds { get; init; }
}
