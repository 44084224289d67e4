using Optc.Runtime.Problems;
using Optc.Runtime.Solution;

namespace Optc.Runtime.Solvers.AugmentedLagrangian;

/// <summary>
/// The problem with the objective and every constraint multiplied by a factor, so that no gradient at the start is larger
/// than a limit (Wächter and Biegler 2006, §3.8); counts the evaluations. Variables are not scaled.
/// </summary>
internal sealed class ScaledProblem
{
    /// <summary>No function is scaled down further than this.</summary>
    private const double SmallestFactor = 1e-8;

    private INlpProblem _problem;
    private readonly SparsePattern _jacobian;
    private readonly double[] _rowFactor;
    private readonly double[] _rowSize;
    private readonly double[] _lower;
    private readonly double[] _upper;
    private readonly double[] _weights;
    private int _objectives, _gradients, _constraints, _jacobians, _hessians;

    public ScaledProblem(INlpProblem problem)
    {
        _problem = problem;
        _jacobian = problem.JacobianPattern;
        _rowFactor = new double[problem.ConstraintCount];
        _rowSize = new double[problem.ConstraintCount];
        _lower = new double[problem.ConstraintCount];
        _upper = new double[problem.ConstraintCount];
        _weights = new double[problem.ConstraintCount];
    }

    public INlpProblem Original => _problem;

    /// <summary>Factor σ of the objective.</summary>
    public double ObjectiveFactor { get; private set; } = 1.0;

    /// <summary>Factor of each constraint (m).</summary>
    public ReadOnlySpan<double> RowFactor => _rowFactor;

    /// <summary>Largest entry of each row of the scaled Jacobian at the start (m).</summary>
    public ReadOnlySpan<double> RowSize => _rowSize;

    public int VariableCount => _problem.VariableCount;

    public int ConstraintCount => _problem.ConstraintCount;

    public ReadOnlySpan<double> VariableLower => _problem.VariableLower;

    public ReadOnlySpan<double> VariableUpper => _problem.VariableUpper;

    public ReadOnlySpan<double> ConstraintLower => _lower;

    public ReadOnlySpan<double> ConstraintUpper => _upper;

    public SparsePattern JacobianPattern => _jacobian;

    public EvaluationCounts Counts => new(_objectives, _gradients, _constraints, _jacobians, _hessians);

    /// <summary>Takes another problem of the same shape, unscaled, and counts from zero.</summary>
    public void Attach(INlpProblem problem)
    {
        _problem = problem;
        ObjectiveFactor = 1.0;
        Array.Fill(_rowFactor, 1.0);
        problem.ConstraintLower.CopyTo(_lower);
        problem.ConstraintUpper.CopyTo(_upper);
        _objectives = _gradients = _constraints = _jacobians = _hessians = 0;
    }

    /// <summary>Sets the factors from the (unscaled) derivatives at the start; columns of fixed variables do not count.</summary>
    public void Scale(ReadOnlySpan<double> gradient, ReadOnlySpan<double> jacobian, double largestGradient)
    {
        ReadOnlySpan<double> lower = VariableLower, upper = VariableUpper;
        double largest = 0.0;
        for (int j = 0; j < gradient.Length; j++)
        {
            if (lower[j] < upper[j]) largest = Math.Max(largest, Math.Abs(gradient[j]));
        }
        ObjectiveFactor = Factor(largest, largestGradient);
        ReadOnlySpan<double> sideLower = _problem.ConstraintLower, sideUpper = _problem.ConstraintUpper;
        for (int i = 0; i < _rowFactor.Length; i++)
        {
            largest = 0.0;
            for (int k = _jacobian.Starts[i]; k < _jacobian.Starts[i + 1]; k++)
            {
                int j = _jacobian.Indices[k];
                if (lower[j] < upper[j]) largest = Math.Max(largest, Math.Abs(jacobian[k]));
            }
            _rowFactor[i] = Factor(largest, largestGradient);
            _rowSize[i] = largest * _rowFactor[i];
            _lower[i] = sideLower[i] * _rowFactor[i];
            _upper[i] = sideUpper[i] * _rowFactor[i];
        }
    }

    private static double Factor(double largest, double limit) =>
        largest > limit ? Math.Max(limit / largest, SmallestFactor) : 1.0;

    public double Objective(ReadOnlySpan<double> x)
    {
        _objectives++;
        return ObjectiveFactor * _problem.Objective(x);
    }

    public double Gradient(ReadOnlySpan<double> x, Span<double> gradient)
    {
        _gradients++;
        double f = _problem.Gradient(x, gradient);
        if (ObjectiveFactor != 1.0)
        {
            for (int j = 0; j < gradient.Length; j++) gradient[j] *= ObjectiveFactor;
        }
        return ObjectiveFactor * f;
    }

    public void Constraints(ReadOnlySpan<double> x, Span<double> values)
    {
        if (values.Length == 0) return;
        _constraints++;
        _problem.Constraints(x, values);
        for (int i = 0; i < values.Length; i++) values[i] *= _rowFactor[i];
    }

    public void Jacobian(ReadOnlySpan<double> x, Span<double> values)
    {
        if (_rowFactor.Length == 0) return;
        _jacobians++;
        _problem.Jacobian(x, values);
        for (int i = 0; i < _rowFactor.Length; i++)
        {
            double factor = _rowFactor[i];
            if (factor == 1.0) continue;
            for (int k = _jacobian.Starts[i]; k < _jacobian.Starts[i + 1]; k++) values[k] *= factor;
        }
    }

    /// <summary>Hessian of weight·f + Σ wᵢcᵢ, both scaled.</summary>
    public void Hessian(ReadOnlySpan<double> x, double objectiveWeight, ReadOnlySpan<double> constraintWeights, Span<double> values)
    {
        _hessians++;
        for (int i = 0; i < _weights.Length; i++) _weights[i] = constraintWeights[i] * _rowFactor[i];
        _problem.Hessian(x, objectiveWeight * ObjectiveFactor, _weights, values);
    }
}
