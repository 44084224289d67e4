namespace Optc.Runtime.Solution;

/// <summary>A feasible point on the way to ever lower objectives.</summary>
/// <param name="Iteration">Inner iterations until then.</param>
/// <param name="Objective">f there, of the internal minimisation.</param>
/// <param name="Feasibility">Largest violation there, relative.</param>
public readonly record struct FeasiblePoint(int Iteration, double Objective, double Feasibility);

/// <summary>Why a problem is said to be unbounded, for <see cref="SolveStatus.Unbounded"/>.</summary>
public sealed class UnboundednessEvidence
{
    /// <summary>
    /// Whether a ray was verified from the data: a direction along which, from the feasible point returned, all (linear) constraints keep
    /// holding and the (linear or quadratic) objective falls without limit. Otherwise the sequence is the evidence.
    /// </summary>
    public required bool IsRay { get; init; }

    /// <summary>Feasible points, each with at least ten times the objective of the one before, the last ones below −1e20 where there is no ray.</summary>
    public required FeasiblePoint[] Sequence { get; init; }

    /// <summary>Variables that change most, at most ten, the fastest first.</summary>
    public required int[] Variables { get; init; }

    /// <summary>For each of <see cref="Variables"/> its component of the ray, ‖ray‖∞ = 1, or of the change from the first point to the last.</summary>
    public required double[] Changes { get; init; }

    /// <summary>
    /// What the objective loses to first order along the ray per unit: ∇fᵀd &lt; 0; where it falls by curvature, ½dᵀHd &lt; 0 per
    /// unit squared. NaN without a ray.
    /// </summary>
    public double Rate { get; init; } = double.NaN;

    /// <summary>Whether the ray's objective falls by negative curvature.</summary>
    public bool IsByCurvature { get; init; }
}

/// <summary>Constraints and bounds whose multipliers diverge: at the limit of the iterates no multipliers exist.</summary>
/// <param name="Constraints">Constraints, by index.</param>
/// <param name="Variables">Variables with such a bound, by index.</param>
/// <param name="ObjectiveWeight">
/// The weight of the objective in Fritz John's condition, f₀∇f = Jᵀy + z with ‖(y, z)‖ = 1 (each multiplier times the size of its gradient):
/// it goes to zero.
/// </param>
/// <param name="Residual">‖Jᵀy + z‖∞ of those multipliers: how nearly the gradients of active constraints cancel.</param>
public sealed record DivergingMultipliers(int[] Constraints, int[] Variables, double ObjectiveWeight, double Residual);
