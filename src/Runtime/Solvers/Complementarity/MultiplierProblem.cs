using Optc.Runtime.Problems;

namespace Optc.Runtime.Solvers.Complementarity;

/// <summary>
/// The question whether multipliers with given signs exist at a point, as a convex program over y, z and the rest r:
/// <code>minimise ½‖r‖²   subject to   Jᵀy + z + r = ∇f,   signs of y and z.</code>
/// They exist when its value is zero.
/// </summary>
internal sealed class MultiplierProblem : INlpProblem
{
    private readonly int _n;
    private readonly int _m;
    private readonly double[] _lower;
    private readonly double[] _upper;
    private readonly double[] _gradient;
    private readonly double[] _matrix;
    private readonly double[] _jacobian;
    private readonly double[] _start;
    private readonly int[] _place;

    public MultiplierProblem(INlpProblem problem)
    {
        _n = problem.VariableCount;
        _m = problem.ConstraintCount;
        int size = _m + (2 * _n);
        _lower = new double[size];
        _upper = new double[size];
        _start = new double[size];
        _gradient = new double[_n];
        SparsePattern jacobian = problem.JacobianPattern;
        _jacobian = new double[jacobian.Count];
        _place = new int[jacobian.Count];
        var starts = new int[_n + 1];
        for (int k = 0; k < jacobian.Count; k++) starts[jacobian.Indices[k] + 1]++;
        for (int j = 0; j < _n; j++) starts[j + 1] += starts[j] + 2;
        var indices = new int[starts[_n]];
        _matrix = new double[indices.Length];
        var next = (int[])starts.Clone();
        for (int i = 0; i < _m; i++)
        {
            for (int k = jacobian.Starts[i]; k < jacobian.Starts[i + 1]; k++)
            {
                _place[k] = next[jacobian.Indices[k]]++;
                indices[_place[k]] = i;
            }
        }
        for (int j = 0; j < _n; j++)
        {
            (indices[next[j]], indices[next[j] + 1]) = (_m + j, _m + _n + j);
            (_matrix[next[j]], _matrix[next[j] + 1]) = (1.0, 1.0);
        }
        JacobianPattern = new SparsePattern(_n, size, starts, indices);
        var columns = new int[size + 1];
        for (int j = 0; j < size; j++) columns[j + 1] = columns[j] + (j >= _m + _n ? 1 : 0);
        HessianPattern = new SparsePattern(size, size, columns, [.. Enumerable.Range(_m + _n, _n)]);
    }

    public int VariableCount => _lower.Length;

    public int ConstraintCount => _n;

    public ReadOnlySpan<double> VariableLower => _lower;

    public ReadOnlySpan<double> VariableUpper => _upper;

    public ReadOnlySpan<double> ConstraintLower => _gradient;

    public ReadOnlySpan<double> ConstraintUpper => _gradient;

    public ReadOnlySpan<double> Start => _start;

    public ProblemStructure Structure => ProblemStructure.General;

    public SparsePattern JacobianPattern { get; }

    public SparsePattern HessianPattern { get; }

    /// <summary>Largest entry of ∇f.</summary>
    public double Scale { get; private set; }

    /// <summary>Takes the derivatives at x, and multipliers to start from.</summary>
    public void Linearise(INlpProblem problem, ReadOnlySpan<double> x, ReadOnlySpan<double> y, ReadOnlySpan<double> z)
    {
        problem.GradientOnly(x, _gradient);
        if (_m > 0) problem.Jacobian(x, _jacobian);
        for (int k = 0; k < _place.Length; k++) _matrix[_place[k]] = _jacobian[k];
        y.CopyTo(_start);
        z.CopyTo(_start.AsSpan(_m));
        Scale = 1.0;
        foreach (double g in _gradient) Scale = Math.Max(Scale, Math.Abs(g));
        _lower.AsSpan(_m + _n).Fill(double.NegativeInfinity);
        _upper.AsSpan(_m + _n).Fill(double.PositiveInfinity);
    }

    /// <summary>Allows the multiplier of a variable's bound or of a constraint to be negative, positive, both or neither.</summary>
    public void Allow(ComplementarityBody body, bool negative, bool positive)
    {
        int k = body.IsVariable ? _m + body.Index : body.Index;
        _lower[k] = negative ? double.NegativeInfinity : 0.0;
        _upper[k] = positive ? double.PositiveInfinity : 0.0;
    }

    public double Objective(ReadOnlySpan<double> x)
    {
        double sum = 0.0;
        foreach (double r in x[(_m + _n)..]) sum += r * r;
        return 0.5 * sum;
    }

    public double Gradient(ReadOnlySpan<double> x, Span<double> gradient)
    {
        gradient.Clear();
        x[(_m + _n)..].CopyTo(gradient[(_m + _n)..]);
        return Objective(x);
    }

    public void Constraints(ReadOnlySpan<double> x, Span<double> values)
    {
        SparsePattern pattern = JacobianPattern;
        for (int j = 0; j < _n; j++)
        {
            double sum = 0.0;
            for (int k = pattern.Starts[j]; k < pattern.Starts[j + 1]; k++) sum += _matrix[k] * x[pattern.Indices[k]];
            values[j] = sum;
        }
    }

    public void Jacobian(ReadOnlySpan<double> x, Span<double> values) => _matrix.CopyTo(values);

    public void Hessian(ReadOnlySpan<double> x, double objectiveWeight, ReadOnlySpan<double> constraintWeights, Span<double> values) =>
        values.Fill(objectiveWeight);
}
