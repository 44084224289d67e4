namespace Optc.Runtime.Problems;

/// <summary>
/// A problem that is another one but for what a derived class overrides. Calls that the interface makes of others (the gradient alone, products with
/// the Hessian) are not handed on: they are made of what is overridden.
/// </summary>
/// <param name="inner">The other problem.</param>
public abstract class ProblemDecorator(INlpProblem inner) : INlpProblem
{
    /// <inheritdoc/>
    public int VariableCount => Inner.VariableCount;

    /// <inheritdoc/>
    public int ConstraintCount => Inner.ConstraintCount;

    /// <inheritdoc/>
    public virtual ReadOnlySpan<double> VariableLower => Inner.VariableLower;

    /// <inheritdoc/>
    public virtual ReadOnlySpan<double> VariableUpper => Inner.VariableUpper;

    /// <inheritdoc/>
    public virtual ReadOnlySpan<double> ConstraintLower => Inner.ConstraintLower;

    /// <inheritdoc/>
    public virtual ReadOnlySpan<double> ConstraintUpper => Inner.ConstraintUpper;

    /// <inheritdoc/>
    public ReadOnlySpan<double> Start => Inner.Start;

    /// <inheritdoc/>
    public virtual ProblemStructure Structure => Inner.Structure;

    /// <inheritdoc/>
    public SparsePattern JacobianPattern => Inner.JacobianPattern;

    /// <inheritdoc/>
    public SparsePattern HessianPattern => Inner.HessianPattern;

    /// <summary>The other problem.</summary>
    protected INlpProblem Inner { get; } = inner;

    /// <inheritdoc/>
    public virtual double Objective(ReadOnlySpan<double> x) => Inner.Objective(x);

    /// <inheritdoc/>
    public virtual double Gradient(ReadOnlySpan<double> x, Span<double> gradient) => Inner.Gradient(x, gradient);

    /// <inheritdoc/>
    public virtual void Constraints(ReadOnlySpan<double> x, Span<double> values) => Inner.Constraints(x, values);

    /// <inheritdoc/>
    public virtual void Jacobian(ReadOnlySpan<double> x, Span<double> values) => Inner.Jacobian(x, values);

    /// <inheritdoc/>
    public virtual void Hessian(ReadOnlySpan<double> x, double objectiveWeight, ReadOnlySpan<double> constraintWeights, Span<double> values) =>
        Inner.Hessian(x, objectiveWeight, constraintWeights, values);
}
