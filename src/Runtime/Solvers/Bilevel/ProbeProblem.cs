using Optc.Runtime.Native;
using Optc.Runtime.Problems;

namespace Optc.Runtime.Solvers.Bilevel;

/// <summary>
/// A problem's constraints with a random linear objective, and bounds no farther from its start than a radius where its own are wide: its solutions are
/// corners of the feasible set, far from each other, where random points seldom are feasible at all.
/// </summary>
internal sealed class ProbeProblem : ProblemDecorator
{
    private readonly double[] _direction;
    private readonly double[] _lower;
    private readonly double[] _upper;

    public ProbeProblem(INlpProblem problem, int seed, int number, double radius)
        : base(problem)
    {
        var random = new Random(unchecked((seed * 486187739) + number));
        _direction = new double[problem.VariableCount];
        _lower = [.. problem.VariableLower];
        _upper = [.. problem.VariableUpper];
        for (int j = 0; j < _direction.Length; j++)
        {
            _direction[j] = (2.0 * random.NextDouble()) - 1.0;
            if (_upper[j] - _lower[j] <= radius * radius) continue;
            double start = Math.Clamp(problem.Start[j], _lower[j], _upper[j]), own = radius * Math.Max(1.0, Math.Abs(start));
            _lower[j] = Math.Max(_lower[j], start - own);
            _upper[j] = Math.Min(_upper[j], start + own);
        }
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<double> VariableLower => _lower;

    /// <inheritdoc/>
    public override ReadOnlySpan<double> VariableUpper => _upper;

    /// <inheritdoc/>
    public override ProblemStructure Structure => ProblemStructure.General;

    /// <inheritdoc/>
    public override double Objective(ReadOnlySpan<double> x)
    {
        double sum = 0.0;
        for (int j = 0; j < _direction.Length; j++) sum += _direction[j] * x[j];
        return sum;
    }

    /// <inheritdoc/>
    public override double Gradient(ReadOnlySpan<double> x, Span<double> gradient)
    {
        _direction.CopyTo(gradient);
        return Objective(x);
    }

    /// <inheritdoc/>
    public override void Hessian(ReadOnlySpan<double> x, double objectiveWeight, ReadOnlySpan<double> constraintWeights, Span<double> values) =>
        Inner.Hessian(x, 0.0, constraintWeights, values);
}
