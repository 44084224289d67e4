using Optc.Runtime.Problems;

namespace Optc.Runtime.Tests.Models;

/// <summary>
/// A problem whose evaluations are watched: each is counted and told to <see cref="Evaluated"/>, and values or derivatives become NaN from
/// one of them on, or in a region.
/// </summary>
internal sealed class WatchedProblem(INlpProblem inner) : ProblemDecorator(inner)
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

    public override double Objective(ReadOnlySpan<double> x) => HasValue(x) ? Inner.Objective(x) : double.NaN;

    public override double Gradient(ReadOnlySpan<double> x, Span<double> gradient)
    {
        bool hasValue = HasValue(x);
        double f = Inner.Gradient(x, gradient);
        if (!hasValue || !HasDerivative(x)) gradient.Fill(double.NaN);
        return hasValue ? f : double.NaN;
    }

    public override void Constraints(ReadOnlySpan<double> x, Span<double> values)
    {
        bool hasValue = HasValue(x);
        Inner.Constraints(x, values);
        if (!hasValue) values.Fill(double.NaN);
    }

    public override void Jacobian(ReadOnlySpan<double> x, Span<double> values)
    {
        bool hasValue = HasValue(x);
        Inner.Jacobian(x, values);
        if (!hasValue || !HasDerivative(x)) values.Fill(double.NaN);
    }

    public override void Hessian(ReadOnlySpan<double> x, double objectiveWeight, ReadOnlySpan<double> constraintWeights, Span<double> values)
    {
        bool hasValue = HasValue(x);
        Inner.Hessian(x, objectiveWeight, constraintWeights, values);
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
