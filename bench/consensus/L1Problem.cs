using Optc.Runtime.Problems;

namespace Optc.Bench.Consensus;

/// <summary>f(w) + λ‖w‖₁ in the variables (w, t): f, and the linear program that has t ≥ ±w and λ Σ t.</summary>
internal sealed class L1Problem(INlpProblem smooth, double lambda) : INlpProblem
{
    private readonly int _p = smooth.VariableCount;
    private readonly QuadraticProgram _norm = Norm(lambda, smooth.VariableCount);

    public int VariableCount => 2 * _p;

    public int ConstraintCount => 2 * _p;

    public ReadOnlySpan<double> VariableLower => _norm.VariableLower;

    public ReadOnlySpan<double> VariableUpper => _norm.VariableUpper;

    public ReadOnlySpan<double> ConstraintLower => _norm.ConstraintLower;

    public ReadOnlySpan<double> ConstraintUpper => _norm.ConstraintUpper;

    public ReadOnlySpan<double> Start => _norm.Start;

    public ProblemStructure Structure { get; } = new()
    {
        ConstraintIsLinear = [.. Enumerable.Repeat(true, 2 * smooth.VariableCount)],
        Convexity = new Lazy<bool>(() => true),
    };

    public SparsePattern JacobianPattern => _norm.JacobianPattern;

    public SparsePattern HessianPattern { get; } = new(
        2 * smooth.VariableCount, 2 * smooth.VariableCount,
        [.. smooth.HessianPattern.Starts, .. Enumerable.Repeat(smooth.HessianPattern.Count, smooth.VariableCount)], smooth.HessianPattern.Indices);

    /// <summary>λ‖w‖₁ alone, as the linear program.</summary>
    public static QuadraticProgram Norm(double lambda, int p)
    {
        var linear = new double[2 * p];
        linear.AsSpan(p).Fill(lambda);
        int[] starts = [.. Enumerable.Range(0, (2 * p) + 1).Select(i => 2 * i)], indices = [.. Enumerable.Range(0, 2 * p).SelectMany(i => new[] { i / 2, p + (i / 2) })];
        double[] values = [.. Enumerable.Range(0, p).SelectMany(_ => new[] { -1.0, 1.0, 1.0, 1.0 })], zero = new double[2 * p];
        double[] infinite = [.. Enumerable.Repeat(double.PositiveInfinity, 2 * p)], free = [.. Enumerable.Repeat(double.NegativeInfinity, 2 * p)];
        return new QuadraticProgram(SparsePattern.Empty(2 * p, 2 * p), [], linear, 0.0, new SparsePattern(2 * p, 2 * p, starts, indices), values, zero, infinite, free, infinite);
    }

    public double Objective(ReadOnlySpan<double> x) => smooth.Objective(x[.._p]) + _norm.Objective(x);

    public double Gradient(ReadOnlySpan<double> x, Span<double> gradient)
    {
        double sum = _norm.Gradient(x, gradient);
        return sum + smooth.Gradient(x[.._p], gradient[.._p]);
    }

    public void Constraints(ReadOnlySpan<double> x, Span<double> values) => _norm.Constraints(x, values);

    public void Jacobian(ReadOnlySpan<double> x, Span<double> values) => _norm.Jacobian(x, values);

    public void Hessian(ReadOnlySpan<double> x, double objectiveWeight, ReadOnlySpan<double> constraintWeights, Span<double> values) =>
        smooth.Hessian(x[.._p], objectiveWeight, [], values);
}
