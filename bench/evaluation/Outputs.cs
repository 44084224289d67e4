using Optc.Runtime.Problems;

namespace Optc.Bench.Evaluation;

/// <summary>Where contestants write: f, ∇f, c, the Jacobian's and the Hessian's entries. Those with the same layout share it.</summary>
internal sealed class Outputs(int variables, int constraints, int jacobianCount, int hessianCount) : IDisposable
{
    /// <summary>The last value, and a sum over the calls that keeps them from being optimised away.</summary>
    public NativeVector Objective { get; } = new(2);

    public NativeVector Gradient { get; } = new(variables);

    public NativeVector Constraints { get; } = new(constraints);

    public NativeVector Jacobian { get; } = new(jacobianCount);

    public NativeVector Hessian { get; } = new(hessianCount);

    public NativeVector this[Quantity quantity] => quantity switch
    {
        Quantity.Objective => Objective,
        Quantity.Gradient => Gradient,
        Quantity.Constraints => Constraints,
        Quantity.Jacobian => Jacobian,
        Quantity.Hessian => Hessian,
        _ => throw new ArgumentOutOfRangeException(nameof(quantity)),
    };

    public static Outputs For(INlpProblem problem) =>
        new(problem.VariableCount, problem.ConstraintCount, problem.JacobianPattern.Count, problem.HessianPattern.Count);

    public void Dispose()
    {
        Objective.Dispose();
        Gradient.Dispose();
        Constraints.Dispose();
        Jacobian.Dispose();
        Hessian.Dispose();
    }
}
