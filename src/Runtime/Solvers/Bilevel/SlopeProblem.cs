using Optc.Runtime.Problems;

namespace Optc.Runtime.Solvers.Bilevel;

/// <summary>
/// A problem over the followers' variables with the objective ∇ₓL(x, y, λ)ᵀd, whose gradient along y is a product with the Hessian of L. Its own second
/// derivatives are third ones of the followers and are left out: zero where f and g are at most bilinear in (x, y).
/// </summary>
internal sealed class SlopeProblem : ProblemDecorator
{
    private readonly BilevelProblem _problem;
    private readonly double[] _point;
    private readonly double[] _direction;
    private readonly double[] _rowWeights;
    private readonly double[] _valueWeights;
    private readonly double[] _jacobian;
    private readonly double[] _values;
    private readonly double[] _product;
    private readonly double[] _other;

    /// <summary>Makes it.</summary>
    /// <param name="problem">The program.</param>
    /// <param name="rows">The problem whose constraints and bounds hold.</param>
    /// <param name="point">The joint point with x.</param>
    /// <param name="direction">d, zero at followers' variables.</param>
    /// <param name="multipliers">λ.</param>
    public SlopeProblem(BilevelProblem problem, INlpProblem rows, double[] point, double[] direction, double[] multipliers)
        : base(rows)
    {
        _problem = problem;
        _point = [.. point];
        _direction = direction;
        _rowWeights = new double[problem.Joint.ConstraintCount];
        for (int r = 0; r < multipliers.Length; r++) _rowWeights[problem.LowerRows[r]] = -multipliers[r];
        _valueWeights = [.. Enumerable.Repeat(1.0, problem.Followers.Count)];
        _jacobian = new double[problem.Joint.JacobianPattern.Count];
        _values = new double[problem.Values.JacobianPattern.Count];
        (_product, _other) = (new double[point.Length], new double[point.Length]);
    }

    /// <inheritdoc/>
    public override ProblemStructure Structure => ProblemStructure.General;

    /// <inheritdoc/>
    public override double Objective(ReadOnlySpan<double> x)
    {
        MoveTo(x);
        _problem.Values.Jacobian(_point, _values);
        _problem.Joint.Jacobian(_point, _jacobian);
        double sum = 0.0;
        SparsePattern values = _problem.Values.JacobianPattern, rows = _problem.Joint.JacobianPattern;
        for (int k = 0; k < values.Count; k++) sum += _values[k] * _direction[values.Indices[k]];
        foreach (int row in _problem.LowerRows)
        {
            if (_rowWeights[row] == 0.0) continue;
            for (int k = rows.Starts[row]; k < rows.Starts[row + 1]; k++) sum += _rowWeights[row] * _jacobian[k] * _direction[rows.Indices[k]];
        }
        return sum;
    }

    /// <inheritdoc/>
    public override double Gradient(ReadOnlySpan<double> x, Span<double> gradient)
    {
        double value = Objective(x);
        _problem.Values.HessianVector(_point, 0.0, _valueWeights, _direction, _product);
        _problem.Joint.HessianVector(_point, 0.0, _rowWeights, _direction, _other);
        for (int k = 0; k < gradient.Length; k++) gradient[k] = _product[_problem.FollowerVariables[k]] + _other[_problem.FollowerVariables[k]];
        return value;
    }

    /// <inheritdoc/>
    public override void Hessian(ReadOnlySpan<double> x, double objectiveWeight, ReadOnlySpan<double> constraintWeights, Span<double> values) =>
        Inner.Hessian(x, 0.0, constraintWeights, values);

    private void MoveTo(ReadOnlySpan<double> y)
    {
        for (int k = 0; k < y.Length; k++) _point[_problem.FollowerVariables[k]] = y[k];
    }
}
