namespace Optc.Runtime.Problems;

/// <summary>The rows of a problem as residuals: rᵢ(x) = cᵢ(x) − tᵢ. The problem's objective is not looked at.</summary>
public sealed class ResidualRows : ILeastSquaresProblem
{
    private readonly INlpProblem _rows;
    private readonly double[] _targets;
    private readonly double[] _weights;

    /// <summary>Residuals with targets t and weights w, one of each for every row.</summary>
    public ResidualRows(INlpProblem rows, double[] targets, double[] weights, double offset)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(targets);
        ArgumentNullException.ThrowIfNull(weights);
        if (targets.Length != rows.ConstraintCount || weights.Length != rows.ConstraintCount)
            throw new ArgumentException($"{rows.ConstraintCount} residuals need as many targets and weights; got {targets.Length} and {weights.Length}.");
        if (Array.Exists(weights, w => !(w > 0.0 && double.IsFinite(w))))
            throw new ArgumentException("Weights of squares must be positive and finite.");
        _rows = rows;
        _targets = targets;
        _weights = weights;
        Offset = offset;
    }

    /// <summary>The equations of a problem, each with weight 1 and its side as the target; null when some row is no equation.</summary>
    public static ResidualRows? OfEquations(INlpProblem problem)
    {
        ArgumentNullException.ThrowIfNull(problem);
        double[] targets = [.. problem.ConstraintLower], weights = new double[targets.Length];
        Array.Fill(weights, 1.0);
        return targets.Length > 0 && problem.ConstraintLower.SequenceEqual(problem.ConstraintUpper) ? new ResidualRows(problem, targets, weights, 0.0) : null;
    }

    /// <inheritdoc/>
    public int VariableCount => _rows.VariableCount;

    /// <inheritdoc/>
    public int ResidualCount => _targets.Length;

    /// <inheritdoc/>
    public ReadOnlySpan<double> Weights => _weights;

    /// <inheritdoc/>
    public double Offset { get; }

    /// <inheritdoc/>
    public SparsePattern JacobianPattern => _rows.JacobianPattern;

    /// <inheritdoc/>
    public SparsePattern CurvaturePattern => _rows.HessianPattern;

    /// <inheritdoc/>
    public void Residuals(ReadOnlySpan<double> x, Span<double> residuals)
    {
        _rows.Constraints(x, residuals);
        SubtractTargets(residuals);
    }

    /// <inheritdoc/>
    public void ResidualsAndJacobian(ReadOnlySpan<double> x, Span<double> residuals, Span<double> jacobian)
    {
        _rows.ConstraintsAndJacobian(x, residuals, jacobian);
        SubtractTargets(residuals);
    }

    /// <inheritdoc/>
    public void Curvature(ReadOnlySpan<double> x, ReadOnlySpan<double> multipliers, Span<double> values) => _rows.Hessian(x, 0.0, multipliers, values);

    private void SubtractTargets(Span<double> residuals)
    {
        for (int i = 0; i < residuals.Length; i++) residuals[i] -= _targets[i];
    }
}
