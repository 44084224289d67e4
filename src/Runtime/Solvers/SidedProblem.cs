using Optc.Runtime.Problems;

namespace Optc.Runtime.Solvers;

/// <summary>A problem with other sides and bounds, read at each call.</summary>
internal class SidedProblem(INlpProblem inner, double[] lower, double[] upper, double[] rowLower, double[] rowUpper)
    : ProblemDecorator(inner), INlpProblem
{
    public override ReadOnlySpan<double> VariableLower => Lower;

    public override ReadOnlySpan<double> VariableUpper => Upper;

    public override ReadOnlySpan<double> ConstraintLower => RowLower;

    public override ReadOnlySpan<double> ConstraintUpper => RowUpper;

    protected double[] Lower { get; } = lower;

    protected double[] Upper { get; } = upper;

    protected double[] RowLower { get; } = rowLower;

    protected double[] RowUpper { get; } = rowUpper;

    public void GradientOnly(ReadOnlySpan<double> x, Span<double> gradient) => Inner.GradientOnly(x, gradient);

    public void ConstraintsAndJacobian(ReadOnlySpan<double> x, Span<double> constraints, Span<double> jacobian) => Inner.ConstraintsAndJacobian(x, constraints, jacobian);

    public void HessianVector(
        ReadOnlySpan<double> x, double objectiveWeight, ReadOnlySpan<double> constraintWeights, ReadOnlySpan<double> direction, Span<double> product) =>
        Inner.HessianVector(x, objectiveWeight, constraintWeights, direction, product);
}
