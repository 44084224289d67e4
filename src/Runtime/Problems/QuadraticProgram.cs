using Optc.Runtime.Native;

namespace Optc.Runtime.Problems;

/// <summary>
/// A quadratic program with linear constraints, data in arrays:
/// <code>minimise ½ xᵀPx + qᵀx + q₀  subject to  ConstraintLower ≤ Ax ≤ ConstraintUpper,  VariableLower ≤ x ≤ VariableUpper.</code>
/// Patterns are fixed; vectors may be replaced by <see cref="WithVectors"/>. Linear when P has no entries. Whether P is
/// positive semidefinite is for its user to check.
/// </summary>
public sealed class QuadraticProgram : INlpProblem
{
    private readonly double[] _hessian;
    private readonly double[] _linear;
    private readonly double[] _jacobian;
    private readonly double[] _lower;
    private readonly double[] _upper;
    private readonly double[] _variableLower;
    private readonly double[] _variableUpper;
    private readonly double[] _start;

    /// <summary>A program over the given arrays, which are kept, not copied.</summary>
    /// <param name="hessianPattern">Lower triangle of P by columns, rows ascending.</param>
    /// <param name="hessian">Its values.</param>
    /// <param name="linear">q (n).</param>
    /// <param name="constant">q₀.</param>
    /// <param name="jacobianPattern">A (m × n) by rows, columns ascending.</param>
    /// <param name="jacobian">Its values.</param>
    /// <param name="constraintLower">Lower sides (m), −∞ for none.</param>
    /// <param name="constraintUpper">Upper sides (m), +∞ for none.</param>
    /// <param name="variableLower">Lower bounds (n), −∞ for none.</param>
    /// <param name="variableUpper">Upper bounds (n), +∞ for none.</param>
    /// <param name="start">A starting point (n); null for the point of the bounds that is nearest to zero.</param>
    public QuadraticProgram(
        SparsePattern hessianPattern, double[] hessian, double[] linear, double constant,
        SparsePattern jacobianPattern, double[] jacobian,
        double[] constraintLower, double[] constraintUpper, double[] variableLower, double[] variableUpper, double[]? start = null)
    {
        ArgumentNullException.ThrowIfNull(hessianPattern);
        ArgumentNullException.ThrowIfNull(jacobianPattern);
        HessianPattern = hessianPattern;
        JacobianPattern = jacobianPattern;
        _hessian = hessian;
        _linear = linear;
        Constant = constant;
        _jacobian = jacobian;
        (_lower, _upper, _variableLower, _variableUpper) = (constraintLower, constraintUpper, variableLower, variableUpper);
        int n = VariableCount;
        if (hessianPattern.MajorCount != n || hessian.Length != hessianPattern.Count || jacobian.Length != jacobianPattern.Count)
            throw new ArgumentException($"The parts of a quadratic program do not fit: {n} variables, Hessian of order {hessianPattern.MajorCount} with {hessian.Length} values for {hessianPattern.Count} entries, {jacobian.Length} values for {jacobianPattern.Count} Jacobian entries.");
        _start = start ?? [.. Enumerable.Range(0, variableLower.Length).Select(j => Math.Min(Math.Max(0.0, variableLower[j]), variableUpper[j]))];
        ProblemCheck.Bounds(this);
        Structure = new ProblemStructure
        {
            Class = hessian.Length == 0 ? ProblemClass.Linear : ProblemClass.Quadratic,
            ObjectiveIsLinear = hessian.Length == 0,
            ConstraintIsLinear = Enumerable.Repeat(true, ConstraintCount).ToArray(),
            Convexity = new Lazy<bool>(() => _hessian.Length == 0),
        };
    }

    /// <inheritdoc/>
    public int VariableCount => _linear.Length;

    /// <inheritdoc/>
    public int ConstraintCount => JacobianPattern.MajorCount;

    /// <inheritdoc/>
    public ReadOnlySpan<double> VariableLower => _variableLower;

    /// <inheritdoc/>
    public ReadOnlySpan<double> VariableUpper => _variableUpper;

    /// <inheritdoc/>
    public ReadOnlySpan<double> ConstraintLower => _lower;

    /// <inheritdoc/>
    public ReadOnlySpan<double> ConstraintUpper => _upper;

    /// <inheritdoc/>
    public ReadOnlySpan<double> Start => _start;

    /// <inheritdoc/>
    public ProblemStructure Structure { get; }

    /// <inheritdoc/>
    public SparsePattern JacobianPattern { get; }

    /// <inheritdoc/>
    public SparsePattern HessianPattern { get; }

    /// <summary>Values of P, in the order of <see cref="HessianPattern"/>.</summary>
    public ReadOnlySpan<double> HessianValues => _hessian;

    /// <summary>Values of A, in the order of <see cref="JacobianPattern"/>.</summary>
    public ReadOnlySpan<double> JacobianValues => _jacobian;

    /// <summary>q (n).</summary>
    public ReadOnlySpan<double> Linear => _linear;

    /// <summary>q₀.</summary>
    public double Constant { get; }

    /// <summary>The same matrices with other vectors; null keeps one.</summary>
    public QuadraticProgram WithVectors(
        double[]? linear = null, double[]? constraintLower = null, double[]? constraintUpper = null, double[]? variableLower = null, double[]? variableUpper = null) =>
        new(HessianPattern, _hessian, linear ?? _linear, Constant, JacobianPattern, _jacobian,
            constraintLower ?? _lower, constraintUpper ?? _upper, variableLower ?? _variableLower, variableUpper ?? _variableUpper);

    /// <inheritdoc/>
    public double Objective(ReadOnlySpan<double> x)
    {
        double value = Constant;
        int[] starts = HessianPattern.Starts, rows = HessianPattern.Indices;
        for (int j = 0; j < _linear.Length; j++)
        {
            double column = _linear[j];
            for (int p = starts[j]; p < starts[j + 1]; p++) column += (rows[p] == j ? 0.5 : 1.0) * _hessian[p] * x[rows[p]];
            value += column * x[j];
        }
        return value;
    }

    /// <inheritdoc/>
    public double Gradient(ReadOnlySpan<double> x, Span<double> gradient)
    {
        _linear.CopyTo(gradient);
        SparseKernels.SymmetricLowerMultiplyAdd(HessianPattern.Starts, HessianPattern.Indices, _hessian, 1.0, x, gradient);
        return Objective(x);
    }

    /// <inheritdoc/>
    public void Constraints(ReadOnlySpan<double> x, Span<double> values)
    {
        values.Clear();
        SparseKernels.MultiplyAdd(JacobianPattern.Starts, JacobianPattern.Indices, _jacobian, 1.0, x, values);
    }

    /// <inheritdoc/>
    public void Jacobian(ReadOnlySpan<double> x, Span<double> values) => _jacobian.CopyTo(values);

    /// <inheritdoc/>
    public void Hessian(ReadOnlySpan<double> x, double objectiveWeight, ReadOnlySpan<double> constraintWeights, Span<double> values) =>
        VectorKernels.Scale(objectiveWeight, _hessian, values);
}
