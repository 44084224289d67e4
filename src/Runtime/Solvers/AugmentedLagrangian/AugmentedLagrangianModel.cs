using Optc.Runtime.Problems;

namespace Optc.Runtime.Solvers.AugmentedLagrangian;

/// <summary>
/// The augmented Lagrangian of a nonlinear program for given multipliers ŷ and penalty ρ as a bound-constrained problem in
/// v = (x, s), with a slack s_i for every row that is not an equation:
/// <code>φ(x, s) = ω f(x) − ŷᵀr + ρ/2 ‖r‖²,   r_i = c_i(x) − s_i  (or c_i(x) − b_i),   l ≤ x ≤ u,  c_L ≤ s ≤ c_U.</code>
/// Minimised over s this is the Powell-Hestenes-Rockafellar function of a two-sided constraint (Andreani et al. 2008, (2)).
/// The slacks never enter the linear algebra: with w = ρ(J dx − ds) the Newton system is
/// <code>[H + D + δI, Jᵀ; J, −(1/ρ + 1/D_s)] (dx, w) = (r_x, r_s/D_s),   ds = (r_s + w)/D_s,</code>
/// and π − w, π = ŷ − ρr, are the multipliers after the step. H belongs to the multipliers y that move along with the
/// steps (primal-dual: Gill and Robinson 2012), so that near the solution this is Newton's method on the KKT conditions.
/// </summary>
internal sealed class AugmentedLagrangianModel : IBoundProblem, IBoundNewtonSystem
{
    private readonly ScaledProblem _problem;
    private readonly SparsePattern _pattern;
    private readonly KktMatrix _matrix;
    private readonly int _n;
    private readonly int _m;
    private readonly int[] _slack;
    private readonly double[] _lower;
    private readonly double[] _upper;
    private readonly double[] _point;
    private readonly double[] _gradient;
    private readonly double[] _constraints;
    private readonly double[] _trial;
    private readonly double[] _residual;
    private readonly double[] _jacobian;
    private readonly double[] _hessian;
    private readonly double[] _weights;
    private readonly double[] _rowDiagonal;
    private readonly double[] _slackDiagonal;
    private readonly double[] _shifted;
    private readonly double[] _multipliers;
    private readonly double[] _multiplierStep;
    private readonly double[] _solution;
    private readonly double[] _ones;

    public AugmentedLagrangianModel(ScaledProblem problem)
    {
        _problem = problem;
        INlpProblem original = problem.Original;
        _n = problem.VariableCount;
        _m = problem.ConstraintCount;
        _pattern = problem.JacobianPattern;
        _matrix = new KktMatrix(original.HessianPattern, _pattern);
        _slack = new int[_m];
        _lower = new double[_n + _m];
        _upper = new double[_n + _m];
        _point = new double[_n + _m];
        _gradient = new double[_n];
        _constraints = new double[_m];
        _trial = new double[_m];
        _residual = new double[_m];
        _jacobian = new double[_pattern.Count];
        _hessian = new double[original.HessianPattern.Count];
        _weights = new double[_m];
        _rowDiagonal = new double[_m];
        _slackDiagonal = new double[_m];
        _shifted = new double[_m];
        _multipliers = new double[_m];
        _multiplierStep = new double[_m];
        _solution = new double[_n + _m];
        _ones = new double[_n];
    }

    /// <summary>Weight ω of the objective: 1, or 0 while only the violation is minimised.</summary>
    public double ObjectiveWeight { get; set; } = 1.0;

    /// <summary>Penalty ρ.</summary>
    public double Penalty { get; set; } = 1.0;

    /// <summary>Asked during a factorisation: true gives it up.</summary>
    public Func<bool>? Interrupt { set => _matrix.Interrupt = value; }

    /// <inheritdoc/>
    public bool WasInterrupted => _matrix.WasInterrupted;

    /// <summary>Whether objective, constraints and first derivatives were all finite where they were evaluated last.</summary>
    public bool IsFinite { get; private set; } = true;

    /// <summary>Points tried whose values or first derivatives were not finite; reset by who counts them.</summary>
    public int NonFiniteTrials { get; set; }

    /// <summary>Multipliers ŷ (m) that shift the penalty term.</summary>
    public Span<double> Shifted => _shifted;

    /// <summary>Multipliers y (m) that move with the steps.</summary>
    public Span<double> Multipliers => _multipliers;

    /// <summary>Objective f (scaled) at the point linearised last.</summary>
    public double Objective { get; private set; }

    /// <summary>∇f (n, scaled) there.</summary>
    public ReadOnlySpan<double> ObjectiveGradient => _gradient;

    /// <summary>c (m, scaled) there.</summary>
    public ReadOnlySpan<double> Constraints => _constraints;

    /// <summary>r (m) there.</summary>
    public ReadOnlySpan<double> Residual => _residual;

    /// <summary>Jacobian (scaled) there.</summary>
    public ReadOnlySpan<double> Jacobian => _jacobian;

    /// <summary>Position in v of the slack of row i; −1 for an equation, −2 for a row without sides.</summary>
    public ReadOnlySpan<int> Slack => _slack;

    /// <inheritdoc/>
    public int VariableCount { get; private set; }

    /// <inheritdoc/>
    public int SearchedCount => _n;

    /// <inheritdoc/>
    public ReadOnlySpan<double> Lower => _lower.AsSpan(0, VariableCount);

    /// <inheritdoc/>
    public ReadOnlySpan<double> Upper => _upper.AsSpan(0, VariableCount);

    /// <inheritdoc/>
    public IBoundNewtonSystem Newton => this;

    /// <summary>Takes bounds and sides from the problem, after it was scaled.</summary>
    public void Attach()
    {
        ReadOnlySpan<double> lower = _problem.ConstraintLower, upper = _problem.ConstraintUpper;
        _problem.VariableLower.CopyTo(_lower);
        _problem.VariableUpper.CopyTo(_upper);
        int next = _n;
        for (int i = 0; i < _m; i++)
        {
            if (lower[i] == upper[i])
            {
                _slack[i] = -1;
            }
            else if (double.IsNegativeInfinity(lower[i]) && double.IsPositiveInfinity(upper[i]))
            {
                _slack[i] = -2;
            }
            else
            {
                _slack[i] = next;
                _lower[next] = lower[i];
                _upper[next] = upper[i];
                next++;
            }
        }
        VariableCount = next;
    }

    /// <inheritdoc/>
    public double Value(Span<double> point, double barrier)
    {
        ReadOnlySpan<double> x = point[.._n];
        double f = ObjectiveWeight == 0.0 ? 0.0 : ObjectiveWeight * _problem.Objective(x);
        _problem.Constraints(x, _trial);
        PlaceSlacks(_trial, point, barrier);
        for (int i = 0; i < _m; i++)
        {
            double r = RowResidual(i, _trial[i], point);
            f += (0.5 * Penalty * r - _shifted[i]) * r;
        }
        if (!double.IsFinite(f)) NonFiniteTrials++;
        return f;
    }

    /// <inheritdoc/>
    public double Linearise(ReadOnlySpan<double> point, Span<double> gradient)
    {
        point.CopyTo(_point);
        ReadOnlySpan<double> x = point[.._n];
        Objective = _problem.Gradient(x, _gradient);
        _problem.Constraints(x, _constraints);
        _problem.Jacobian(x, _jacobian);
        for (int i = 0; i < _m; i++) _residual[i] = RowResidual(i, _constraints[i], point);
        double value = Combine(gradient);
        IsFinite = double.IsFinite(Objective) && AreFinite(_gradient) && AreFinite(_constraints) && AreFinite(_jacobian);
        if (IsFinite) return value;
        NonFiniteTrials++;
        return double.NaN;
    }

    private static bool AreFinite(ReadOnlySpan<double> values)
    {
        // The difference of an infinity or NaN with itself is NaN.
        double sum = 0.0;
        foreach (double v in values) sum += v - v;
        return sum == 0.0;
    }

    /// <summary>φ and ∇φ at the point linearised last, after ŷ, ρ or ω have changed.</summary>
    public double Combine(Span<double> gradient)
    {
        for (int j = 0; j < _n; j++) gradient[j] = ObjectiveWeight * _gradient[j];
        double f = ObjectiveWeight == 0.0 ? 0.0 : ObjectiveWeight * Objective;
        for (int i = 0; i < _m; i++)
        {
            double r = _residual[i];
            f += (0.5 * Penalty * r - _shifted[i]) * r;
            double pi = _shifted[i] - Penalty * r;
            if (_slack[i] >= 0) gradient[_slack[i]] = pi;
            if (_slack[i] == -2 || pi == 0.0) continue;
            for (int k = _pattern.Starts[i]; k < _pattern.Starts[i + 1]; k++) gradient[_pattern.Indices[k]] -= pi * _jacobian[k];
        }
        return f;
    }

    /// <summary>At the point linearised last: moves the slacks to their best values for barrier parameter μ.</summary>
    public void PlaceSlacks(Span<double> point, double barrier)
    {
        PlaceSlacks(_constraints, point, barrier);
        for (int i = 0; i < _m; i++) _residual[i] = RowResidual(i, _constraints[i], point);
    }

    private void PlaceSlacks(double[] constraints, Span<double> point, double barrier)
    {
        for (int i = 0; i < _m; i++)
        {
            int s = _slack[i];
            if (s >= 0) point[s] = SlackPlacement.Best(constraints[i] - _shifted[i] / Penalty, barrier / Penalty, _lower[s], _upper[s]);
        }
    }

    /// <summary>First-order multipliers π = ŷ − ρr of row i.</summary>
    public double FirstOrderMultiplier(int i) => _slack[i] == -2 ? 0.0 : _shifted[i] - Penalty * _residual[i];

    /// <inheritdoc/>
    public void Update()
    {
        for (int i = 0; i < _m; i++) _weights[i] = -_multipliers[i];
        _problem.Hessian(_point.AsSpan(0, _n), ObjectiveWeight, _weights, _hessian);
    }

    /// <inheritdoc/>
    public bool Factor(ReadOnlySpan<double> diagonal, double shift)
    {
        for (int i = 0; i < _m; i++)
        {
            double e = 1.0 / Penalty;
            if (_slack[i] == -2)
            {
                e = double.PositiveInfinity;
            }
            else if (_slack[i] >= 0)
            {
                _slackDiagonal[i] = diagonal[_slack[i]];
                e += 1.0 / _slackDiagonal[i];
            }
            _rowDiagonal[i] = e;
        }
        return _matrix.Factor(_hessian, _jacobian, diagonal[.._n], _rowDiagonal, shift);
    }

    /// <inheritdoc/>
    public void Solve(ReadOnlySpan<double> rhs, Span<double> step)
    {
        Span<double> solution = _solution;
        rhs[.._n].CopyTo(solution);
        for (int i = 0; i < _m; i++)
        {
            double side = 0.0;
            if (_slack[i] >= 0)
            {
                double rs = rhs[_slack[i]];
                if (double.IsPositiveInfinity(_rowDiagonal[i]))
                {
                    // A slack without curvature takes its optimal value: w = −r_s is known beforehand.
                    for (int k = _pattern.Starts[i]; k < _pattern.Starts[i + 1]; k++) solution[_pattern.Indices[k]] += rs * _jacobian[k];
                }
                else
                {
                    side = rs / _slackDiagonal[i];
                }
            }
            solution[_n + i] = side;
        }
        _matrix.Solve(solution);
        solution[.._n].CopyTo(step);
        for (int i = 0; i < _m; i++)
        {
            double w = solution[_n + i];
            int s = _slack[i];
            if (s >= 0)
            {
                double rs = rhs[s];
                if (double.IsPositiveInfinity(_rowDiagonal[i]))
                {
                    w = -rs;
                    double product = 0.0;
                    for (int k = _pattern.Starts[i]; k < _pattern.Starts[i + 1]; k++) product += _jacobian[k] * solution[_pattern.Indices[k]];
                    step[s] = product - w / Penalty;
                }
                else
                {
                    step[s] = (rs + w) / _slackDiagonal[i];
                }
            }
            _multiplierStep[i] = s == -2 ? 0.0 : _shifted[i] - Penalty * _residual[i] - w - _multipliers[i];
        }
    }

    /// <inheritdoc/>
    public void Moved(double length)
    {
        for (int i = 0; i < _m; i++) _multipliers[i] += length * _multiplierStep[i];
    }

    /// <summary>
    /// After <see cref="Factor"/>: the Newton step of the KKT conditions themselves,
    /// <code>[H + D + δI, Jᵀ; J, −(1/ρ + 1/D_s)] (dx, −dy) = (q_x, −r + q_s/D_s),   ds = (q_s − dy)/D_s,</code>
    /// for the negative gradient q of the barrier Lagrangian and any residual r of the rows.
    /// </summary>
    public void SolveNewton(ReadOnlySpan<double> q, ReadOnlySpan<double> residual, Span<double> step)
    {
        Span<double> solution = _solution;
        q[.._n].CopyTo(solution);
        for (int i = 0; i < _m; i++)
        {
            int s = _slack[i];
            solution[_n + i] = s == -2 ? 0.0 : s == -1 ? -residual[i] : -residual[i] + q[s] / _slackDiagonal[i];
        }
        _matrix.Solve(solution);
        solution[.._n].CopyTo(step);
        for (int i = 0; i < _m; i++)
        {
            int s = _slack[i];
            double dy = s == -2 ? 0.0 : -solution[_n + i];
            _multiplierStep[i] = dy;
            if (s >= 0) step[s] = (q[s] - dy) / _slackDiagonal[i];
        }
    }

    /// <summary>‖dy‖∞ of the step solved for last.</summary>
    public double LargestMultiplierStep()
    {
        double largest = 0.0;
        foreach (double dy in _multiplierStep) largest = Math.Max(largest, Math.Abs(dy));
        return largest;
    }

    /// <summary>f (scaled, weighted) and the residual r (m) of the rows at a point.</summary>
    public double Evaluate(ReadOnlySpan<double> point, Span<double> residual)
    {
        ReadOnlySpan<double> x = point[.._n];
        double f = ObjectiveWeight == 0.0 ? 0.0 : ObjectiveWeight * _problem.Objective(x);
        _problem.Constraints(x, _trial);
        bool finite = double.IsFinite(f);
        for (int i = 0; i < _m; i++)
        {
            residual[i] = RowResidual(i, _trial[i], point);
            finite &= double.IsFinite(residual[i]);
        }
        if (!finite) NonFiniteTrials++;
        return f;
    }

    /// <summary>y that minimises ‖∇f − Jᵀy − z‖² + ‖y − z_s‖² (+ ‖y‖²/ρ); false when the system cannot be solved.</summary>
    public bool LeastSquaresMultipliers(ReadOnlySpan<double> zl, ReadOnlySpan<double> zu, Span<double> y)
    {
        const double Regularisation = 1e-8;
        Array.Clear(_hessian);
        Span<double> solution = _solution;
        for (int j = 0; j < _n; j++)
        {
            bool held = _lower[j] == _upper[j];
            _ones[j] = held ? double.PositiveInfinity : 1.0;
            solution[j] = held ? 0.0 : _gradient[j] - zl[j] + zu[j];
        }
        for (int i = 0; i < _m; i++)
        {
            int s = _slack[i];
            _rowDiagonal[i] = s == -2 ? double.PositiveInfinity : s == -1 ? Regularisation : 1.0;
            solution[_n + i] = s >= 0 ? -(zl[s] - zu[s]) : 0.0;
        }
        if (!_matrix.Factor(_hessian, _jacobian, _ones, _rowDiagonal, 0.0)) return false;
        _matrix.Solve(solution);
        solution[_n..(_n + _m)].CopyTo(y);
        return true;
    }

    /// <summary>ω∇f − Jᵀy for x and y for s: the gradient of the Lagrangian without the bounds' part, with the multipliers y.</summary>
    public void LagrangianGradient(Span<double> target)
    {
        for (int j = 0; j < _n; j++) target[j] = ObjectiveWeight * _gradient[j];
        for (int i = 0; i < _m; i++)
        {
            double y = _multipliers[i];
            if (_slack[i] >= 0) target[_slack[i]] = y;
            if (y == 0.0) continue;
            for (int k = _pattern.Starts[i]; k < _pattern.Starts[i + 1]; k++) target[_pattern.Indices[k]] -= y * _jacobian[k];
        }
    }

    /// <summary>At the point linearised last: puts every slack that is not held at its constraint's value, within its sides.</summary>
    public void SettleSlacks(Span<double> point, ReadOnlySpan<bool> held)
    {
        for (int i = 0; i < _m; i++)
        {
            int s = _slack[i];
            if (s >= 0 && !held[s]) point[s] = Math.Clamp(_constraints[i], _lower[s], _upper[s]);
            _residual[i] = RowResidual(i, _constraints[i], point);
        }
    }

    /// <summary>‖r‖∞.</summary>
    public double Violation()
    {
        double largest = 0.0;
        foreach (double r in _residual) largest = Math.Max(largest, Math.Abs(r));
        return largest;
    }

    private double RowResidual(int i, double value, ReadOnlySpan<double> point)
    {
        int s = _slack[i];
        return s >= 0 ? value - point[s] : s == -1 ? value - _problem.ConstraintLower[i] : 0.0;
    }
}
