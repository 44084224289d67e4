using Optc.Runtime.Problems;

namespace Optc.Runtime.Solvers.Elastic;

/// <summary>How the amounts of a relaxation are added up.</summary>
public enum RelaxationNorm
{
    /// <summary>Σ w s: few sides move.</summary>
    One,

    /// <summary>max w s: all bear a part.</summary>
    Infinity,

    /// <summary>½ Σ (w s)².</summary>
    Two,
}

/// <summary>What of a problem may be relaxed, and at what cost for a unit.</summary>
/// <param name="RowWeights">Of each constraint (m): a positive cost, or +∞ for a constraint that is kept, or NaN for one that is left out.</param>
/// <param name="BoundWeights">Of the bounds of each variable (n): a positive cost, or +∞ for bounds that are kept.</param>
/// <param name="Norm">How amounts are added up.</param>
public sealed record ElasticWeights(double[] RowWeights, double[] BoundWeights, RelaxationNorm Norm);

/// <summary>
/// The elastic form of a problem, in v = (x, s, t): every side that may be relaxed has a slack s ≥ 0,
/// <code>c_L ≤ c(x) + s_L − s_U ≤ c_U,    minimise Σ w s   (or ½ Σ (w s)², or t + ε Σ w s with w s ≤ t)</code>
/// (Chinneck, Feasibility and Infeasibility in Optimization, 2008, §6.1). Bounds that may be relaxed become such rows. The problem's own
/// objective plays no part. It always has a feasible point when nothing is kept.
/// </summary>
internal sealed class ElasticProblem : INlpProblem
{
    /// <summary>ε: makes the amounts below the largest as small as they can be.</summary>
    private const double TieBreak = 1e-4;

    private readonly INlpProblem _inner;
    private readonly ElasticWeights _weights;
    private readonly int _n;
    private readonly int _m;
    private readonly int _t;
    private readonly List<Slack> _slacks = [];
    private readonly List<int> _boundRows = [];
    private readonly double[] _lower;
    private readonly double[] _upper;
    private readonly double[] _rowLower;
    private readonly double[] _rowUpper;
    private readonly double[] _start;
    private readonly double[] _innerJacobian;
    private readonly double[] _innerHessian;

    public ElasticProblem(INlpProblem inner, ElasticWeights weights)
    {
        (_inner, _weights) = (inner, weights);
        (_n, _m) = (inner.VariableCount, inner.ConstraintCount);
        var (rowLower, rowUpper) = (new List<double>(), new List<double>());
        (double[] lower, double[] upper) = (inner.VariableLower.ToArray(), inner.VariableUpper.ToArray());
        for (int i = 0; i < _m; i++)
        {
            double weight = weights.RowWeights[i];
            bool isOut = double.IsNaN(weight);
            rowLower.Add(isOut ? double.NegativeInfinity : inner.ConstraintLower[i]);
            rowUpper.Add(isOut ? double.PositiveInfinity : inner.ConstraintUpper[i]);
            if (double.IsFinite(weight)) AddSlacks(i, rowLower[i], rowUpper[i], weight);
        }
        for (int j = 0; j < _n; j++)
        {
            if (!double.IsFinite(weights.BoundWeights[j]) || (double.IsInfinity(lower[j]) && double.IsInfinity(upper[j]))) continue;
            AddSlacks(_m + _boundRows.Count, lower[j], upper[j], weights.BoundWeights[j]);
            rowLower.Add(lower[j]);
            rowUpper.Add(upper[j]);
            _boundRows.Add(j);
            (lower[j], upper[j]) = (double.NegativeInfinity, double.PositiveInfinity);
        }
        bool isLargest = weights.Norm == RelaxationNorm.Infinity;
        _t = isLargest ? _n + _slacks.Count : -1;
        int extra = _slacks.Count + (isLargest ? 1 : 0);
        if (isLargest)
        {
            rowLower.AddRange(Enumerable.Repeat(double.NegativeInfinity, _slacks.Count));
            rowUpper.AddRange(Enumerable.Repeat(0.0, _slacks.Count));
        }
        _lower = [.. lower, .. new double[extra]];
        _upper = [.. upper, .. Enumerable.Repeat(double.PositiveInfinity, extra)];
        (_rowLower, _rowUpper) = ([.. rowLower], [.. rowUpper]);
        _start = [.. inner.Start, .. new double[extra]];
        JacobianPattern = MakeJacobian();
        HessianPattern = MakeHessian();
        _innerJacobian = new double[inner.JacobianPattern.Count];
        _innerHessian = new double[inner.HessianPattern.Count];
        SetStart(inner.Start);
    }

    public int VariableCount => _lower.Length;

    public int ConstraintCount => _rowLower.Length;

    public ReadOnlySpan<double> VariableLower => _lower;

    public ReadOnlySpan<double> VariableUpper => _upper;

    public ReadOnlySpan<double> ConstraintLower => _rowLower;

    public ReadOnlySpan<double> ConstraintUpper => _rowUpper;

    public ReadOnlySpan<double> Start => _start;

    public ProblemStructure Structure => ProblemStructure.General;

    public SparsePattern JacobianPattern { get; }

    public SparsePattern HessianPattern { get; }

    /// <summary>Starts at x with the amounts that it needs.</summary>
    public void SetStart(ReadOnlySpan<double> x)
    {
        for (int j = 0; j < _n; j++) _start[j] = Math.Clamp(x[j], _lower[j], _upper[j]);
        var bodies = new double[_m + _boundRows.Count];
        if (_m > 0) _inner.Constraints(_start.AsSpan(0, _n), bodies.AsSpan(0, _m));
        for (int k = 0; k < _boundRows.Count; k++) bodies[_m + k] = _start[_boundRows[k]];
        double largest = 0.0;
        for (int k = 0; k < _slacks.Count; k++)
        {
            Slack s = _slacks[k];
            double lack = s.Sign > 0 ? _rowLower[s.Row] - bodies[s.Row] : bodies[s.Row] - _rowUpper[s.Row];
            _start[_n + k] = double.IsFinite(lack) ? Math.Max(0.0, lack) : 0.0;
            largest = Math.Max(largest, s.Weight * _start[_n + k]);
        }
        if (_t >= 0) _start[_t] = largest;
    }

    public double Objective(ReadOnlySpan<double> v)
    {
        double sum = 0.0;
        bool isSquare = _weights.Norm == RelaxationNorm.Two;
        for (int k = 0; k < _slacks.Count; k++)
        {
            double cost = _slacks[k].Weight * v[_n + k];
            sum += isSquare ? 0.5 * cost * cost : cost;
        }
        return _t < 0 ? sum : v[_t] + (TieBreak / _slacks.Count * sum);
    }

    public double Gradient(ReadOnlySpan<double> v, Span<double> gradient)
    {
        gradient.Clear();
        for (int k = 0; k < _slacks.Count; k++)
        {
            double weight = _slacks[k].Weight;
            gradient[_n + k] = _weights.Norm switch
            {
                RelaxationNorm.One => weight,
                RelaxationNorm.Two => weight * weight * v[_n + k],
                _ => TieBreak / _slacks.Count * weight,
            };
        }
        if (_t >= 0) gradient[_t] = 1.0;
        return Objective(v);
    }

    public void Constraints(ReadOnlySpan<double> v, Span<double> values)
    {
        if (_m > 0) _inner.Constraints(v[.._n], values[.._m]);
        AddSlackParts(v, values);
    }

    public void Jacobian(ReadOnlySpan<double> v, Span<double> values)
    {
        if (_m > 0) _inner.Jacobian(v[.._n], _innerJacobian);
        Spread(values);
    }

    public void ConstraintsAndJacobian(ReadOnlySpan<double> v, Span<double> constraints, Span<double> jacobian)
    {
        if (_m > 0) _inner.ConstraintsAndJacobian(v[.._n], constraints[.._m], _innerJacobian);
        AddSlackParts(v, constraints);
        Spread(jacobian);
    }

    public void Hessian(ReadOnlySpan<double> v, double objectiveWeight, ReadOnlySpan<double> constraintWeights, Span<double> values)
    {
        _inner.Hessian(v[.._n], 0.0, constraintWeights[.._m], _innerHessian);
        _innerHessian.CopyTo(values);
        for (int k = _innerHessian.Length; k < values.Length; k++)
        {
            double weight = _slacks[k - _innerHessian.Length].Weight;
            values[k] = objectiveWeight * weight * weight;
        }
    }

    private void AddSlacks(int row, double lower, double upper, double weight)
    {
        if (!double.IsInfinity(lower)) _slacks.Add(new Slack(row, 1, weight));
        if (!double.IsInfinity(upper)) _slacks.Add(new Slack(row, -1, weight));
    }

    private void AddSlackParts(ReadOnlySpan<double> v, Span<double> values)
    {
        for (int k = 0; k < _boundRows.Count; k++) values[_m + k] = v[_boundRows[k]];
        for (int k = 0; k < _slacks.Count; k++) values[_slacks[k].Row] += _slacks[k].Sign * v[_n + k];
        if (_t < 0) return;
        int first = _m + _boundRows.Count;
        for (int k = 0; k < _slacks.Count; k++) values[first + k] = (_slacks[k].Weight * v[_n + k]) - v[_t];
    }

    private void Spread(Span<double> values)
    {
        int[] from = _inner.JacobianPattern.Starts;
        int at = 0, slack = 0;
        for (int i = 0; i < _m + _boundRows.Count; i++)
        {
            if (i < _m)
            {
                int count = from[i + 1] - from[i];
                _innerJacobian.AsSpan(from[i], count).CopyTo(values[at..]);
                at += count;
            }
            else
            {
                values[at++] = 1.0;
            }
            for (; slack < _slacks.Count && _slacks[slack].Row == i; slack++) values[at++] = _slacks[slack].Sign;
        }
        if (_t < 0) return;
        for (int k = 0; k < _slacks.Count; k++)
        {
            values[at++] = _slacks[k].Weight;
            values[at++] = -1.0;
        }
    }

    private SparsePattern MakeJacobian()
    {
        SparsePattern inner = _inner.JacobianPattern;
        var starts = new int[ConstraintCount + 1];
        var indices = new List<int>(inner.Count + (2 * _slacks.Count));
        int slack = 0;
        for (int i = 0; i < _m + _boundRows.Count; i++)
        {
            if (i < _m) indices.AddRange(inner.Indices.AsSpan(inner.Starts[i], inner.Starts[i + 1] - inner.Starts[i]));
            else indices.Add(_boundRows[i - _m]);
            for (; slack < _slacks.Count && _slacks[slack].Row == i; slack++) indices.Add(_n + slack);
            starts[i + 1] = indices.Count;
        }
        for (int i = _m + _boundRows.Count; i < ConstraintCount; i++)
        {
            indices.Add(_n + i - _m - _boundRows.Count);
            indices.Add(_t);
            starts[i + 1] = indices.Count;
        }
        return new SparsePattern(ConstraintCount, VariableCount, starts, [.. indices]);
    }

    private SparsePattern MakeHessian()
    {
        SparsePattern inner = _inner.HessianPattern;
        var starts = new int[VariableCount + 1];
        inner.Starts.AsSpan(0, _n + 1).CopyTo(starts);
        List<int> indices = [.. inner.Indices.AsSpan(0, inner.Count)];
        for (int j = _n; j < VariableCount; j++)
        {
            if (_weights.Norm == RelaxationNorm.Two) indices.Add(j);
            starts[j + 1] = indices.Count;
        }
        return new SparsePattern(VariableCount, VariableCount, starts, [.. indices]);
    }

    /// <summary>An amount by which a row is lifted (+1, for a lower side) or lowered (−1).</summary>
    private readonly record struct Slack(int Row, int Sign, double Weight);
}
