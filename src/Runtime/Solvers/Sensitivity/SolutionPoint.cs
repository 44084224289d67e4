using Optc.Runtime.Native;
using Optc.Runtime.Problems;
using Optc.Runtime.Solvers.AugmentedLagrangian;

namespace Optc.Runtime.Solvers.Sensitivity;

/// <summary>
/// A solution (x, y, z) brought to full accuracy: the active set and Newton's method on its KKT system
/// <code>[H  Jᵀ_A; J_A  0] (dx; −dy) = −(∇f − Jᵀy; c_A − s_A)</code>
/// over the free variables, until nothing improves. A multiplier with the wrong sign leaves the set, a violated side enters it.
/// </summary>
internal sealed class SolutionPoint
{
    private const int SetChanges = 12;
    private const int NewtonSteps = 8;

    /// <summary>Relative residual that counts as zero.</summary>
    private const double Accuracy = 1e-9;

    private readonly ParametricProblem _parametric;
    private readonly INlpProblem _problem;
    private readonly KktMatrix _matrix;
    private readonly bool[] _isMoving;
    private readonly double[] _heldDiagonal;
    private readonly double[] _rowDiagonal;
    private readonly double[] _step;

    public SolutionPoint(ParametricProblem parametric, ReadOnlySpan<double> x, ReadOnlySpan<double> y, ReadOnlySpan<double> z)
    {
        _parametric = parametric;
        _problem = parametric.Problem;
        int n = _problem.VariableCount, m = _problem.ConstraintCount;
        (X, Y, Z) = (x.ToArray(), y.ToArray(), z.ToArray());
        (Gradient, Values) = (new double[n], new double[m]);
        Jacobian = new double[_problem.JacobianPattern.Count];
        Hessian = new double[_problem.HessianPattern.Count];
        (Rows, Columns) = (new Activity[m], new Activity[n]);
        (_heldDiagonal, _rowDiagonal, _step) = (new double[n], new double[m], new double[n + m]);
        RowSize = new double[m];
        _matrix = new KktMatrix(_problem.HessianPattern, _problem.JacobianPattern, 0.01);
        _isMoving = new bool[m];
        SparsePattern pattern = _problem.JacobianPattern;
        for (int i = 0; i < m; i++)
        {
            for (int k = pattern.Starts[i]; k < pattern.Starts[i + 1]; k++) _isMoving[i] |= !parametric.IsParameter[pattern.Indices[k]];
        }
    }

    /// <summary>x, parameters at their values (n).</summary>
    public double[] X { get; }

    /// <summary>y (m), 0 for inactive rows.</summary>
    public double[] Y { get; }

    /// <summary>z (n), 0 for free variables.</summary>
    public double[] Z { get; }

    /// <summary>∇f (n).</summary>
    public double[] Gradient { get; }

    /// <summary>c (m).</summary>
    public double[] Values { get; }

    /// <summary>Values of the Jacobian.</summary>
    public double[] Jacobian { get; }

    /// <summary>Values of the Hessian of the Lagrangian.</summary>
    public double[] Hessian { get; }

    /// <summary>Activity of the rows (m). Rows without variables are never active.</summary>
    public Activity[] Rows { get; }

    /// <summary>Activity of the bounds (n); parameters are <see cref="Activity.Both"/>.</summary>
    public Activity[] Columns { get; }

    /// <summary>‖∇c_i‖∞ over the variables (m).</summary>
    public double[] RowSize { get; }

    /// <summary>Rows that hold a variable, not parameters alone.</summary>
    public ReadOnlySpan<bool> IsMoving => _isMoving;

    /// <summary>The largest of |∇f_j|, |y_i|·‖∇c_i‖∞ and |z_j|: what multipliers are compared with.</summary>
    public double MultiplierScale { get; private set; }

    /// <summary>Finds the active set and the point; the last matrix stays factored.</summary>
    public Regularity Settle()
    {
        Evaluate();
        IdentifyAll();
        for (int change = 0; change <= SetChanges; change++)
        {
            Regularity found = Polish();
            if (found == Regularity.Inaccurate) return found;
            if (found != Regularity.Regular) return found;
            if (!Correct()) return WeaklyActive().Count > 0 ? Regularity.WeaklyActive : Regularity.Regular;
        }
        return Regularity.Inaccurate;
    }

    /// <summary>Rows (≥ 0) and bounds (complement of the column) that are active with a multiplier of zero, or inactive without a distance.</summary>
    public List<int> WeaklyActive()
    {
        var weak = new List<int>();
        double tolerance = ActiveSet.WeakTolerance * MultiplierScale;
        for (int i = 0; i < Rows.Length; i++)
        {
            if (!_isMoving[i] || Rows[i] == Activity.Both) continue;
            bool isWeak = Rows[i] == Activity.None
                ? IsTight(Values[i], _problem.ConstraintLower[i], _problem.ConstraintUpper[i])
                : Math.Abs(Y[i]) * RowSize[i] <= tolerance;
            if (isWeak) weak.Add(i);
        }
        for (int j = 0; j < Columns.Length; j++)
        {
            if (Columns[j] == Activity.Both) continue;
            bool isWeak = Columns[j] == Activity.None
                ? IsTight(X[j], _problem.VariableLower[j], _problem.VariableUpper[j])
                : Math.Abs(Z[j]) <= tolerance;
            if (isWeak) weak.Add(~j);
        }
        return weak;
    }

    /// <summary>Solves with the last matrix: right side and solution are (dx; −dy), with zero for variables held and rows inactive.</summary>
    public void Solve(Span<double> rhs) => _matrix.Solve(rhs);

    /// <summary>
    /// Rows whose gradients over the free variables are dependent: those with large entries in the solution of
    /// <c>[I Jᵀ_A; J_A −εI] (u; w) = (0; b)</c>, where w ≈ −(part of b in the null space of Jᵀ)/ε. Empty when they are independent.
    /// <paramref name="weakToo"/> takes the weakly active rows and bounds in.
    /// </summary>
    public List<int> DependentRows(bool weakToo)
    {
        const double Epsilon = 1e-9;
        (double[] held, double[] rows) = (Held(), ActiveRows());
        if (weakToo)
        {
            foreach (int k in WeaklyActive())
            {
                if (k >= 0) rows[k] = 0.0;
                else held[~k] = double.PositiveInfinity;
            }
        }
        for (int i = 0; i < rows.Length; i++)
        {
            if (rows[i] == 0.0) rows[i] = Epsilon * RowSize[i] * RowSize[i];
        }
        var none = new double[Hessian.Length];
        _matrix.Factor(none, Jacobian, held, rows, 1.0);
        Span<double> x = new double[_step.Length];
        for (int i = 0; i < rows.Length; i++)
        {
            // Entries that differ, so that no null vector is orthogonal to them by symmetry.
            if (!double.IsInfinity(rows[i])) x[X.Length + i] = RowSize[i] * (1.0 + (0.37 * (i % 7)));
        }
        _matrix.Solve(x);
        var dependent = new List<int>();
        for (int i = 0; i < rows.Length; i++)
        {
            if (!double.IsInfinity(rows[i]) && Math.Abs(x[X.Length + i]) * RowSize[i] > 1e-3 / Epsilon) dependent.Add(i);
        }
        return dependent;
    }

    private static bool IsTight(double value, double lower, double upper) =>
        ActiveSet.Distance(value - lower, lower) <= ActiveSet.WeakTolerance || ActiveSet.Distance(upper - value, upper) <= ActiveSet.WeakTolerance;

    private double[] Held()
    {
        for (int j = 0; j < _heldDiagonal.Length; j++) _heldDiagonal[j] = Columns[j] == Activity.None ? 0.0 : double.PositiveInfinity;
        return _heldDiagonal;
    }

    private double[] ActiveRows()
    {
        for (int i = 0; i < _rowDiagonal.Length; i++) _rowDiagonal[i] = Rows[i] == Activity.None ? double.PositiveInfinity : 0.0;
        return _rowDiagonal;
    }

    private void Evaluate()
    {
        _problem.Gradient(X, Gradient);
        if (Values.Length > 0) _problem.ConstraintsAndJacobian(X, Values, Jacobian);
        Span<double> weights = new double[Y.Length];
        for (int i = 0; i < Y.Length; i++) weights[i] = -Y[i];
        _problem.Hessian(X, 1.0, weights, Hessian);
        MeasureScale();
    }

    private void MeasureScale()
    {
        SparsePattern pattern = _problem.JacobianPattern;
        double scale = 1e-10;
        for (int j = 0; j < X.Length; j++)
        {
            if (!_parametric.IsParameter[j]) scale = Math.Max(scale, Math.Max(Math.Abs(Gradient[j]), Math.Abs(Z[j])));
        }
        for (int i = 0; i < Y.Length; i++)
        {
            double size = 0.0;
            for (int k = pattern.Starts[i]; k < pattern.Starts[i + 1]; k++)
            {
                if (!_parametric.IsParameter[pattern.Indices[k]]) size = Math.Max(size, Math.Abs(Jacobian[k]));
            }
            RowSize[i] = size > 0.0 ? size : 1.0;
            scale = Math.Max(scale, Math.Abs(Y[i]) * size);
        }
        MultiplierScale = scale;
    }

    private void IdentifyAll()
    {
        for (int i = 0; i < Rows.Length; i++)
        {
            Rows[i] = _isMoving[i]
                ? ActiveSet.Identify(Values[i], _problem.ConstraintLower[i], _problem.ConstraintUpper[i], Y[i], RowSize[i] / MultiplierScale)
                : Activity.None;
        }
        for (int j = 0; j < Columns.Length; j++)
        {
            Columns[j] = _parametric.IsParameter[j]
                ? Activity.Both
                : ActiveSet.Identify(X[j], _problem.VariableLower[j], _problem.VariableUpper[j], Z[j], 1.0 / MultiplierScale);
        }
    }

    /// <summary>Newton's method on the present active set.</summary>
    private Regularity Polish()
    {
        for (int j = 0; j < X.Length; j++)
        {
            if (Columns[j] != Activity.None && !_parametric.IsParameter[j]) X[j] = ActiveSet.Side(Columns[j], _problem.VariableLower[j], _problem.VariableUpper[j]);
        }
        for (int i = 0; i < Y.Length; i++)
        {
            if (Rows[i] == Activity.None) Y[i] = 0.0;
        }
        double last = double.PositiveInfinity;
        for (int step = 0; step <= NewtonSteps; step++)
        {
            Evaluate();
            double residual = Residual();
            bool isRight = _matrix.Factor(Hessian, Jacobian, Held(), ActiveRows(), 0.0);
            if (!isRight)
                return residual > 1e3 * Accuracy ? Regularity.Inaccurate : DependentRows(weakToo: false).Count > 0 ? Regularity.Dependent : Regularity.SecondOrder;
            if (residual <= 1e-14 || (residual <= Accuracy && residual > 0.1 * last)) return Regularity.Regular;
            if (!double.IsFinite(residual) || residual > 1e3 * last) return Regularity.Inaccurate;
            last = residual;
            _matrix.Solve(_step);
            for (int j = 0; j < X.Length; j++) X[j] += _step[j];
            for (int i = 0; i < Y.Length; i++)
            {
                if (Rows[i] != Activity.None) Y[i] -= _step[X.Length + i];
            }
        }
        return last <= Accuracy ? Regularity.Regular : Regularity.Inaccurate;
    }

    /// <summary>The largest relative residual of the active set's equations, whose negative is left in the step; sets z.</summary>
    private double Residual()
    {
        Span<double> rhs = _step;
        rhs.Clear();
        int n = X.Length;
        for (int j = 0; j < n; j++) Z[j] = Gradient[j];
        SparsePattern pattern = _problem.JacobianPattern;
        for (int i = 0; i < Y.Length; i++)
        {
            if (Y[i] == 0.0) continue;
            for (int k = pattern.Starts[i]; k < pattern.Starts[i + 1]; k++) Z[pattern.Indices[k]] -= Y[i] * Jacobian[k];
        }
        double largest = 0.0;
        for (int j = 0; j < n; j++)
        {
            if (Columns[j] != Activity.None) continue;
            largest = Math.Max(largest, Math.Abs(Z[j]) / MultiplierScale);
            if (double.IsNaN(Z[j])) return double.NaN;
            rhs[j] = -Z[j];
            Z[j] = 0.0;
        }
        for (int i = 0; i < Y.Length; i++)
        {
            if (Rows[i] == Activity.None) continue;
            double gap = Values[i] - ActiveSet.Side(Rows[i], _problem.ConstraintLower[i], _problem.ConstraintUpper[i]);
            if (double.IsNaN(gap)) return double.NaN;
            largest = Math.Max(largest, Math.Abs(gap) / Math.Max(RowSize[i], 1.0));
            rhs[n + i] = -gap;
        }
        return largest;
    }

    /// <summary>Takes sides that are violated in and those with multipliers of the wrong sign out; whether anything changed.</summary>
    private bool Correct()
    {
        bool changed = false;
        double tolerance = ActiveSet.WeakTolerance * MultiplierScale;
        for (int i = 0; i < Rows.Length; i++)
        {
            if (!_isMoving[i]) continue;
            Activity before = Rows[i];
            if (before == Activity.None) Rows[i] = Violated(Values[i], _problem.ConstraintLower[i], _problem.ConstraintUpper[i]);
            else if (ActiveSet.Signed(before, Y[i]) * RowSize[i] < -tolerance) Rows[i] = Activity.None;
            changed |= Rows[i] != before;
        }
        for (int j = 0; j < Columns.Length; j++)
        {
            Activity before = Columns[j];
            if (before == Activity.None) Columns[j] = Violated(X[j], _problem.VariableLower[j], _problem.VariableUpper[j]);
            else if (ActiveSet.Signed(before, Z[j]) < -tolerance) Columns[j] = Activity.None;
            changed |= Columns[j] != before;
        }
        return changed;
    }

    private static Activity Violated(double value, double lower, double upper)
    {
        if (ActiveSet.Distance(lower - value, lower) > ActiveSet.WeakTolerance) return Activity.Lower;
        return ActiveSet.Distance(value - upper, upper) > ActiveSet.WeakTolerance ? Activity.Upper : Activity.None;
    }
}
