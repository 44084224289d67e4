using Optc.Runtime.Native;
using Optc.Runtime.Problems;
using Optc.Runtime.Solvers.AugmentedLagrangian;

namespace Optc.Runtime.Solvers.Inner;

/// <summary>
/// The function that inner methods minimise over l ≤ x ≤ u: the objective, with constraints the augmented Lagrangian of Powell, Hestenes
/// and Rockafellar for two-sided rows (Andreani et al. 2008, (2)),
/// <code>φ(x) = f(x) + ρ/2 Σ dist(cᵢ(x) − ŷᵢ/ρ, [c_Lᵢ, c_Uᵢ])²,   ∇φ = ∇f − Jᵀπ,   πᵢ = −ρ (wᵢ − Π(wᵢ)), w = c − ŷ/ρ.</code>
/// Its (generalised) Hessian is ∇²(f − πᵀc) + ρ J_AᵀJ_A over the rows A with π ≠ 0 and the equations; it belongs to the point at which
/// <see cref="TakeHessianPoint"/> was called, whatever was evaluated since.
/// </summary>
internal sealed class PenaltyFunction
{
    private readonly ScaledProblem _problem;
    private readonly SparsePattern _pattern;
    private readonly int _n;
    private readonly int _m;
    private readonly double[] _constraints;
    private readonly double[] _jacobian;
    private readonly double[] _multipliers;
    private readonly double[] _shifted;
    private readonly double[] _point;
    private readonly double[] _weights;
    private readonly double[] _pointJacobian;
    private readonly double[] _rowProduct;
    private double[] _hessian = [];
    private double[] _rowDiagonal = [];
    private double[] _diagonal = [];
    private double[] _solution = [];
    private bool[] _active = [];
    private KktMatrix? _matrix;
    private bool _hasHessian;

    public PenaltyFunction(ScaledProblem problem)
    {
        _problem = problem;
        _n = problem.VariableCount;
        _m = problem.ConstraintCount;
        _pattern = problem.JacobianPattern;
        _constraints = new double[_m];
        _jacobian = new double[_pattern.Count];
        _multipliers = new double[_m];
        _shifted = new double[_m];
        _point = new double[_n];
        _weights = new double[_m];
        _pointJacobian = new double[_pattern.Count];
        _rowProduct = new double[_m];
        _active = new bool[_m];
    }

    /// <summary>Number of variables n.</summary>
    public int Count => _n;

    /// <summary>Lower bounds (n).</summary>
    public ReadOnlySpan<double> Lower => _problem.VariableLower;

    /// <summary>Upper bounds (n).</summary>
    public ReadOnlySpan<double> Upper => _problem.VariableUpper;

    /// <summary>Penalty ρ.</summary>
    public double Penalty { get; set; } = 10.0;

    /// <summary>Multipliers ŷ (m).</summary>
    public Span<double> Shifted => _shifted;

    /// <summary>First-order multipliers π (m) at the point of the last gradient.</summary>
    public ReadOnlySpan<double> Multipliers => _multipliers;

    /// <summary>‖c − Π(c)‖∞ (scaled) at the point of the last gradient.</summary>
    public double Violation { get; private set; }

    /// <summary>f (scaled) at the point of the last gradient.</summary>
    public double Objective { get; private set; }

    /// <summary>φ(x), with ∇φ(x) into <paramref name="gradient"/> (n).</summary>
    public double Gradient(ReadOnlySpan<double> x, Span<double> gradient)
    {
        double value = Objective = _problem.Gradient(x, gradient);
        Violation = 0.0;
        if (_m == 0) return value;
        _problem.Constraints(x, _constraints);
        _problem.Jacobian(x, _jacobian);
        ReadOnlySpan<double> lower = _problem.ConstraintLower, upper = _problem.ConstraintUpper;
        for (int i = 0; i < _m; i++)
        {
            double c = _constraints[i], w = c - _shifted[i] / Penalty, distance = w - Math.Clamp(w, lower[i], upper[i]);
            value += 0.5 * Penalty * distance * distance;
            _multipliers[i] = -Penalty * distance;
            Violation = Math.Max(Violation, Math.Max(lower[i] - c, c - upper[i]));
        }
        SparseKernels.TransposeMultiplyAdd(_pattern.Starts, _pattern.Indices, _jacobian, -1.0, _multipliers, gradient);
        return value;
    }

    /// <summary>Makes the point x, where the gradient was evaluated last, that of the Hessian.</summary>
    public void TakeHessianPoint(ReadOnlySpan<double> x)
    {
        x.CopyTo(_point);
        _hasHessian = false;
        ReadOnlySpan<double> lower = _problem.ConstraintLower, upper = _problem.ConstraintUpper;
        for (int i = 0; i < _m; i++)
        {
            _weights[i] = -_multipliers[i];
            _active[i] = _multipliers[i] != 0.0 || lower[i] == upper[i];
        }
        _jacobian.CopyTo(_pointJacobian, 0);
    }

    /// <summary>∇²φ · direction into <paramref name="product"/> (n).</summary>
    public void Product(ReadOnlySpan<double> direction, Span<double> product)
    {
        _problem.HessianVector(_point, 1.0, _weights, direction, product);
        if (_m == 0) return;
        Array.Clear(_rowProduct);
        SparseKernels.MultiplyAdd(_pattern.Starts, _pattern.Indices, _pointJacobian, 1.0, direction, _rowProduct);
        for (int i = 0; i < _m; i++)
        {
            if (!_active[i]) _rowProduct[i] = 0.0;
        }
        SparseKernels.TransposeMultiplyAdd(_pattern.Starts, _pattern.Indices, _pointJacobian, Penalty, _rowProduct, product);
    }

    /// <summary>Factors ∇²φ + δI on the variables that are not held; true when it is positive definite there.</summary>
    public bool Factor(ReadOnlySpan<bool> held, double shift)
    {
        if (_matrix is null)
        {
            _matrix = new KktMatrix(_problem.Original.HessianPattern, _pattern);
            _hessian = new double[_problem.Original.HessianPattern.Count];
            _rowDiagonal = new double[_m];
            _diagonal = new double[_n];
            _solution = new double[_n + _m];
        }
        if (!_hasHessian)
        {
            _problem.Hessian(_point, 1.0, _weights, _hessian);
            _hasHessian = true;
        }
        for (int j = 0; j < _n; j++) _diagonal[j] = held[j] ? double.PositiveInfinity : 0.0;
        for (int i = 0; i < _m; i++) _rowDiagonal[i] = _active[i] ? 1.0 / Penalty : double.PositiveInfinity;
        return _matrix.Factor(_hessian, _pointJacobian, _diagonal, _rowDiagonal, shift);
    }

    /// <summary>Solves with the last factors; held variables get 0.</summary>
    public void Solve(ReadOnlySpan<double> rhs, Span<double> step)
    {
        Span<double> solution = _solution;
        rhs.CopyTo(solution);
        solution[_n..].Clear();
        _matrix!.Solve(solution);
        solution[.._n].CopyTo(step);
    }
}
