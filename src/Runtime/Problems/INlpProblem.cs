using Optc.Runtime.Native;

namespace Optc.Runtime.Problems;

/// <summary>
/// A nonlinear program as a solver sees it, always a minimisation:
/// <code>minimise f(x)  subject to  ConstraintLower ≤ c(x) ≤ ConstraintUpper,  VariableLower ≤ x ≤ VariableUpper.</code>
/// Patterns are fixed for the life of the problem; only values change. Calls fill the spans they are given, allocate
/// nothing, and never hide a NaN or an infinity. One instance is used by one thread at a time.
/// </summary>
public interface INlpProblem
{
    /// <summary>Number of variables n, length of every x.</summary>
    int VariableCount { get; }

    /// <summary>Number of constraints m, length of every c and y.</summary>
    int ConstraintCount { get; }

    /// <summary>Lower bounds of the variables (n), −∞ where there is none.</summary>
    ReadOnlySpan<double> VariableLower { get; }

    /// <summary>Upper bounds of the variables (n), +∞ where there is none.</summary>
    ReadOnlySpan<double> VariableUpper { get; }

    /// <summary>Lower sides of the constraints (m), −∞ where there is none. Equal to the upper side for an equation.</summary>
    ReadOnlySpan<double> ConstraintLower { get; }

    /// <summary>Upper sides of the constraints (m), +∞ where there is none.</summary>
    ReadOnlySpan<double> ConstraintUpper { get; }

    /// <summary>The starting point (n). It may violate the bounds.</summary>
    ReadOnlySpan<double> Start { get; }

    /// <summary>What is known of the structure before any evaluation.</summary>
    ProblemStructure Structure { get; }

    /// <summary>The problem as one of least squares, if it is one.</summary>
    LeastSquaresForm LeastSquares => LeastSquaresForm.Unknown;

    /// <summary>Pattern of the m × n Jacobian by rows (CSR), columns ascending within a row.</summary>
    SparsePattern JacobianPattern { get; }

    /// <summary>Pattern of the lower triangle of the n × n Hessian of the Lagrangian by columns (CSC), rows ascending,
    /// every diagonal entry that can be nonzero included.</summary>
    SparsePattern HessianPattern { get; }

    /// <summary>f(x).</summary>
    double Objective(ReadOnlySpan<double> x);

    /// <summary>∇f(x) into <paramref name="gradient"/> (n); returns f(x).</summary>
    double Gradient(ReadOnlySpan<double> x, Span<double> gradient);

    /// <summary>∇f(x) into <paramref name="gradient"/> (n), for callers who do not need f(x).</summary>
    void GradientOnly(ReadOnlySpan<double> x, Span<double> gradient) => Gradient(x, gradient);

    /// <summary>c(x) into <paramref name="values"/> (m).</summary>
    void Constraints(ReadOnlySpan<double> x, Span<double> values);

    /// <summary>The Jacobian's values in the order of <see cref="JacobianPattern"/>.</summary>
    void Jacobian(ReadOnlySpan<double> x, Span<double> values);

    /// <summary>c(x) and the Jacobian's values, at less than the cost of both apart; counts as one of each.</summary>
    void ConstraintsAndJacobian(ReadOnlySpan<double> x, Span<double> constraints, Span<double> jacobian)
    {
        Constraints(x, constraints);
        Jacobian(x, jacobian);
    }

    /// <summary>
    /// Values of σ∇²f(x) + Σᵢ wᵢ∇²cᵢ(x) in the order of <see cref="HessianPattern"/>.
    /// The weights enter with a plus sign, whatever sign convention the multipliers of the caller have.
    /// </summary>
    void Hessian(ReadOnlySpan<double> x, double objectiveWeight, ReadOnlySpan<double> constraintWeights, Span<double> values);

    /// <summary>
    /// The product (σ∇²f(x) + Σᵢ wᵢ∇²cᵢ(x)) v of the Hessian of the Lagrangian with a direction v (n), into
    /// <paramref name="product"/> (n), which must not overlap v. Weights as for <see cref="Hessian"/>. Unless a problem has
    /// something better, the matrix is computed and multiplied, and that allocates it.
    /// </summary>
    void HessianVector(
        ReadOnlySpan<double> x, double objectiveWeight, ReadOnlySpan<double> constraintWeights, ReadOnlySpan<double> direction, Span<double> product)
    {
        var values = new double[HessianPattern.Count];
        Hessian(x, objectiveWeight, constraintWeights, values);
        product.Clear();
        SparseKernels.SymmetricLowerMultiplyAdd(HessianPattern.Starts, HessianPattern.Indices, values, 1, direction, product);
    }
}
