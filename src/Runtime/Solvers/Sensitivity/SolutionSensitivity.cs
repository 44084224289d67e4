using Optc.Runtime.Native;
using Optc.Runtime.Problems;

namespace Optc.Runtime.Solvers.Sensitivity;

/// <summary>
/// Derivatives of a solution with respect to parameters (Fiacco, Introduction to Sensitivity and Stability Analysis in Nonlinear
/// Programming, 1983, §3.2): with L = f − yᵀ(c − s) − zᵀ(x − b), sides s(p) and bounds b(p), the active set A held,
/// <code>[H  Jᵀ_A; J_A  0] (dx; −dy) = −(∂_p∇_x L; ∂_p(c_A − s_A)),    dF/dp = ∂_p L</code>
/// and the largest interval of p in which, to first order, no inactive side is reached and no multiplier changes its sign.
/// </summary>
public sealed class SolutionSensitivity
{
    /// <summary>A rate below this part of its own summands is rounding.</summary>
    private const double Rounding = 1e-11;

    private readonly ParametricProblem _parametric;
    private readonly INlpProblem _problem;
    private readonly SolutionPoint _point;
    private readonly double[] _lowerRate;
    private readonly double[] _upperRate;
    private readonly double[] _boundLowerRate;
    private readonly double[] _boundUpperRate;

    /// <summary>Analyses a solution x with multipliers y, z (signs of docs/conventions.md; parameters at their values, z of theirs unused).</summary>
    public SolutionSensitivity(ParametricProblem parametric, ReadOnlySpan<double> x, ReadOnlySpan<double> y, ReadOnlySpan<double> z)
    {
        ArgumentNullException.ThrowIfNull(parametric);
        _parametric = parametric;
        _problem = parametric.Problem;
        int n = _problem.VariableCount, m = _problem.ConstraintCount;
        (_lowerRate, _upperRate, _boundLowerRate, _boundUpperRate) = (new double[m], new double[m], new double[n], new double[n]);
        _point = new SolutionPoint(parametric, x, y, z);
        Regularity = _point.Settle();
        switch (Regularity)
        {
            case Regularity.WeaklyActive:
                Weak = _point.WeaklyActive();
                Dependent = _point.DependentRows(weakToo: true);
                if (Dependent.Count > 0) Regularity = Regularity.Dependent;
                break;
            case Regularity.Dependent:
                Weak = _point.WeaklyActive();
                Dependent = _point.DependentRows(weakToo: false);
                break;
            case Regularity.SecondOrder:
                Weak = _point.WeaklyActive();
                break;
        }
    }

    /// <summary>Which derivatives exist.</summary>
    public Regularity Regularity { get; }

    /// <summary>Weakly active constraints: rows as they are, bounds as the complement (~) of their column.</summary>
    public IReadOnlyList<int> Weak { get; } = [];

    /// <summary>Rows with dependent gradients.</summary>
    public IReadOnlyList<int> Dependent { get; } = [];

    /// <summary>x at full accuracy (n).</summary>
    public ReadOnlySpan<double> Point => _point.X;

    /// <summary>y at full accuracy (m).</summary>
    public ReadOnlySpan<double> Multipliers => _point.Y;

    /// <summary>z at full accuracy (n).</summary>
    public ReadOnlySpan<double> BoundMultipliers => _point.Z;

    /// <summary>Whether the objective, at least, is differentiable.</summary>
    public bool HasObjective => Regularity is Regularity.Regular or Regularity.WeaklyActive;

    /// <summary>Whether a parameter occurs in the problem at all.</summary>
    public bool Occurs(int column)
    {
        SparsePattern jacobian = _problem.JacobianPattern, hessian = _problem.HessianPattern;
        if (_point.Gradient[column] != 0.0 || hessian.Starts[column] < hessian.Starts[column + 1]) return true;
        return jacobian.Indices.AsSpan(0, jacobian.Count).Contains(column) || hessian.Indices.AsSpan(0, hessian.Count).Contains(column);
    }

    /// <summary>Derivatives with respect to the parameter in a column.</summary>
    /// <exception cref="InvalidOperationException">Not even the objective has one: <see cref="HasObjective"/>.</exception>
    public ParameterDerivative Along(int column)
    {
        if (!HasObjective) throw new InvalidOperationException($"the solution has no derivatives: {Regularity}");
        MoveSides(column);
        double objective = ObjectiveRate(column);
        if (Regularity != Regularity.Regular) return new ParameterDerivative { Objective = objective };
        (double[] dx, double[] dy, double[] dz) = Solve(column);
        (RangeLimit below, RangeLimit above) = Range(dx, dy, dz);
        return new ParameterDerivative { Objective = objective, Point = dx, Multipliers = dy, BoundMultipliers = dz, Below = below, Above = above };
    }

    /// <summary>∂_p L = ∂_p f − Σ yᵢ (∂_p cᵢ − sᵢ') + Σ zⱼ bⱼ'.</summary>
    private double ObjectiveRate(int column)
    {
        double rate = _point.Gradient[column];
        for (int i = 0; i < _point.Y.Length; i++)
        {
            if (_point.Y[i] != 0.0) rate -= _point.Y[i] * (Entry(i, column) - SideRate(i));
        }
        for (int j = 0; j < _point.Z.Length; j++)
        {
            if (!_parametric.IsParameter[j]) rate += _point.Z[j] * BoundRate(j);
        }
        return rate;
    }

    private (double[] X, double[] Y, double[] Z) Solve(int column)
    {
        int n = _point.X.Length, m = _point.Y.Length;
        var dx = new double[n];
        for (int j = 0; j < n; j++)
        {
            if (!_parametric.IsParameter[j] && _point.Columns[j] != Activity.None) dx[j] = BoundRate(j);
        }
        dx[column] = 1.0;
        var rhs = new double[n + m];
        var product = new double[Math.Max(n, m)];
        HessianProduct(dx, product);
        for (int j = 0; j < n; j++) rhs[j] = -product[j];
        for (int i = 0; i < m; i++)
        {
            if (_point.Rows[i] != Activity.None) rhs[n + i] = SideRate(i) - RowRate(i, dx, out _);
        }
        _point.Solve(rhs);
        var (dy, dz) = (new double[m], new double[n]);
        for (int j = 0; j < n; j++)
        {
            if (_point.Columns[j] == Activity.None) dx[j] = rhs[j];
        }
        for (int i = 0; i < m; i++)
        {
            if (_point.Rows[i] != Activity.None) dy[i] = -rhs[n + i];
        }
        HessianProduct(dx, product);
        SparsePattern pattern = _problem.JacobianPattern;
        for (int i = 0; i < m; i++)
        {
            for (int k = pattern.Starts[i]; k < pattern.Starts[i + 1]; k++) product[pattern.Indices[k]] -= dy[i] * _point.Jacobian[k];
        }
        for (int j = 0; j < n; j++)
        {
            if (!_parametric.IsParameter[j] && _point.Columns[j] != Activity.None) dz[j] = product[j];
        }
        return (dx, dy, dz);
    }

    private void HessianProduct(double[] direction, double[] product)
    {
        Array.Clear(product);
        SparsePattern pattern = _problem.HessianPattern;
        SparseKernels.SymmetricLowerMultiplyAdd(pattern.Starts, pattern.Indices, _point.Hessian, 1, direction, product.AsSpan(0, direction.Length));
    }

    private (RangeLimit Below, RangeLimit Above) Range(double[] dx, double[] dy, double[] dz)
    {
        var range = new RangeTest();
        double dual = 0.0;
        for (int i = 0; i < dy.Length; i++) dual = Math.Max(dual, Math.Abs(dy[i]) * _point.RowSize[i]);
        foreach (double rate in dz) dual = Math.Max(dual, Math.Abs(rate));
        dual *= Rounding;
        for (int i = 0; i < dy.Length; i++)
        {
            if (_point.Rows[i] == Activity.None)
            {
                double rate = RowRate(i, dx, out double size);
                range.Value(_point.Values[i], _problem.ConstraintLower[i], _problem.ConstraintUpper[i], rate - _lowerRate[i], rate - _upperRate[i], Rounding * size, LimitKind.LowerSide, LimitKind.UpperSide, i);
            }
            else if (_point.Rows[i] != Activity.Both && Math.Abs(dy[i]) * _point.RowSize[i] > dual)
            {
                range.Distance(Math.Abs(_point.Y[i]), dy[i] * Math.Sign(_point.Y[i]), LimitKind.Multiplier, i);
            }
        }
        double primal = 0.0;
        foreach (double rate in dx) primal = Math.Max(primal, Math.Abs(rate));
        for (int j = 0; j < dx.Length; j++)
        {
            if (_point.Columns[j] == Activity.None)
            {
                range.Value(_point.X[j], _problem.VariableLower[j], _problem.VariableUpper[j], dx[j] - _boundLowerRate[j], dx[j] - _boundUpperRate[j], Rounding * primal, LimitKind.LowerBound, LimitKind.UpperBound, j);
            }
            else if (_point.Columns[j] != Activity.Both && Math.Abs(dz[j]) > dual)
            {
                range.Distance(Math.Abs(_point.Z[j]), dz[j] * Math.Sign(_point.Z[j]), LimitKind.ReducedCost, j);
            }
        }
        return (range.Below, range.Above);
    }

    private double SideRate(int row) => _point.Rows[row] == Activity.Upper ? _upperRate[row] : _lowerRate[row];

    private double BoundRate(int column) => _point.Columns[column] == Activity.Upper ? _boundUpperRate[column] : _boundLowerRate[column];

    private void MoveSides(int column)
    {
        foreach (MovingSide side in _parametric.MovingSides)
        {
            double[] rates = side.OfRow ? side.IsUpper ? _upperRate : _lowerRate : side.IsUpper ? _boundUpperRate : _boundLowerRate;
            rates[side.Index] = Entry(side.Row, column);
        }
    }

    /// <summary>J_i d, and the sum of the absolute values of its summands.</summary>
    private double RowRate(int row, double[] direction, out double size)
    {
        SparsePattern pattern = _problem.JacobianPattern;
        double sum = 0.0;
        size = 0.0;
        for (int k = pattern.Starts[row]; k < pattern.Starts[row + 1]; k++)
        {
            double term = _point.Jacobian[k] * direction[pattern.Indices[k]];
            sum += term;
            size += Math.Abs(term);
        }
        return sum;
    }

    private double Entry(int row, int column)
    {
        SparsePattern pattern = _problem.JacobianPattern;
        int k = Array.BinarySearch(pattern.Indices, pattern.Starts[row], pattern.Starts[row + 1] - pattern.Starts[row], column);
        return k >= 0 ? _point.Jacobian[k] : 0.0;
    }
}
