using Optc.Runtime.Problems;

namespace Optc.Runtime.Tests.Models;

/// <summary>
/// A problem whose evaluations are watched: each is counted and told to <see cref="Evaluated"/>, and values or derivatives become NaN from
/// one of them on, or in a region.
/// </summary>
internal sealed class WatchedProblem(INlpProblem inner) : INlpProblem
{
    public int Evaluations { get; private set; }

    /// <summary>Called with the number of each evaluation, from 1.</summary>
    public Action<int>? Evaluated { get; init; }

    /// <summary>From this evaluation on everything is NaN.</summary>
    public int NaNFrom { get; init; } = int.MaxValue;

    /// <summary>Where values are NaN.</summary>
    public Func<double[], bool>? NoValueAt { get; init; }

    /// <summary>Where derivatives are NaN.</summary>
    public Func<double[], bool>? NoDerivativeAt { get; init; }

    public int VariableCount => inner.VariableCount;

    public int ConstraintCount => inner.ConstraintCount;

    public ReadOnlySpan<double> VariableLower => inner.VariableLower;

    public ReadOnlySpan<double> VariableUpper => inner.VariableUpper;

    public ReadOnlySpan<double> ConstraintLower => inner.ConstraintLower;

    public ReadOnlySpan<double> ConstraintUpper => inner.ConstraintUpper;

    public ReadOnlySpan<double> Start => inner.Start;

    public ProblemStructure Structure => inner.Structure;

    public SparsePattern JacobianPattern => inner.JacobianPattern;

    public SparsePattern HessianPattern => inner.HessianPattern;

    public double Objective(ReadOnlySpan<double> x) => HasValue(x) ? inner.Objective(x) : double.NaN;

    public double Gradient(ReadOnlySpan<double> x, Span<double> gradient)
    {
        bool hasValue = HasValue(x);
        double f = inner.Gradient(x, gradient);
        if (!hasValue || !HasDerivative(x)) gradient.Fill(double.NaN);
        return hasValue ? f : double.NaN;
    }

    public void Constraints(ReadOnlySpan<double> x, Span<double> values)
    {
        bool hasValue = HasValue(x);
        inner.Constraints(x, values);
        if (!hasValue) values.Fill(double.NaN);
    }

    public void Jacobian(ReadOnlySpan<double> x, Span<double> values)
    {
        bool hasValue = HasValue(x);
        inner.Jacobian(x, values);
        if (!hasValue || !HasDerivative(x)) values.Fill(double.NaN);
    }

    public void Hessian(ReadOnlySpan<double> x, double objectiveWeight, ReadOnlySpan<double> constraintWeights, Span<double> values)
    {
        bool hasValue = HasValue(x);
        inner.Hessian(x, objectiveWeight, constraintWeights, values);
        if (!hasValue || !HasDerivative(x)) values.Fill(double.NaN);
    }

    private bool HasValue(ReadOnlySpan<double> x)
    {
        Evaluations++;
        Evaluated?.Invoke(Evaluations);
        return Evaluations < NaNFrom && NoValueAt?.Invoke(x.ToArray()) != true;
    }

    private bool HasDerivative(ReadOnlySpan<double> x) => NoDerivativeAt?.Invoke(x.ToArray()) != true;
}
