namespace Optc.Runtime.Solvers.AugmentedLagrangian;

/// <summary>How one Newton step ended.</summary>
internal enum StepOutcome
{
    /// <summary>The merit function went down enough.</summary>
    Moved,

    /// <summary>No acceptable point along the direction.</summary>
    NoDescent,

    /// <summary>No shift δ made the matrix positive definite.</summary>
    Singular,
}

/// <summary>
/// Newton's method for a bound-constrained problem with a primal-dual logarithmic barrier,
/// <code>Φ_μ(v) = φ(v) − μ Σ log(v − L) − μ Σ log(U − v),</code>
/// duals z_L, z_U with (v − L) z_L = μ, step to the boundary limited by τ, inertia-controlled shift δ and an Armijo line
/// search that steps back into the domain where a value is not finite (Wächter and Biegler 2006, §§2.1, 3.1, 3.5).
/// </summary>
internal sealed class BarrierNewton : IInteriorIterate
{
    private const double ArmijoFraction = 1e-4;
    private const double DualSafeguard = 1e10;
    private const double PlacedDualSafeguard = 10.0;
    private const double Damping = 1e-5;

    private readonly double[] _gradient;
    private readonly double[] _barrierGradient;
    private readonly double[] _diagonal;
    private readonly double[] _rhs;
    private readonly double[] _step;
    private readonly double[] _lowerStep;
    private readonly double[] _upperStep;
    private readonly double[] _trial;
    private readonly double[] _point;
    private readonly double[] _lowerDual;
    private readonly double[] _upperDual;
    private IBoundProblem _problem;
    private double _value;
    private readonly InertiaControl _inertia = new();

    public BarrierNewton(IBoundProblem problem, int capacity)
    {
        _problem = problem;
        _gradient = new double[capacity];
        _barrierGradient = new double[capacity];
        _diagonal = new double[capacity];
        _rhs = new double[capacity];
        _step = new double[capacity];
        _lowerStep = new double[capacity];
        _upperStep = new double[capacity];
        _trial = new double[capacity];
        _point = new double[capacity];
        _lowerDual = new double[capacity];
        _upperDual = new double[capacity];
    }

    private int Count => _problem.VariableCount;

    /// <summary>The point v, strictly between its bounds.</summary>
    public Span<double> Point => _point.AsSpan(0, Count);

    /// <summary>Duals z_L.</summary>
    public Span<double> LowerDual => _lowerDual.AsSpan(0, Count);

    /// <summary>Duals z_U.</summary>
    public Span<double> UpperDual => _upperDual.AsSpan(0, Count);

    /// <summary>∇φ at the point.</summary>
    public Span<double> Gradient => _gradient.AsSpan(0, Count);

    /// <summary>Barrier parameter μ.</summary>
    public double Barrier { get; private set; }

    /// <summary>Length ‖·‖∞ of the last step.</summary>
    public double StepNorm { get; private set; }

    /// <summary>Fraction of the Newton step that was taken.</summary>
    public double StepLength { get; private set; }

    /// <summary>Shift δ of the last factorisation.</summary>
    public double Shift => _inertia.Shift;

    /// <summary>Asked in a line search: true gives it up.</summary>
    public Func<bool>? Interrupt { get; set; }

    /// <summary>Begins with a problem; the caller fills the point returned with one strictly inside and calls <see cref="Linearise"/>.</summary>
    public Span<double> Begin(IBoundProblem problem)
    {
        _problem = problem;
        _inertia.Reset();
        StepNorm = StepLength = 0.0;
        return Point;
    }

    /// <summary>Evaluates at the point, with barrier parameter μ.</summary>
    public void Linearise(double barrier)
    {
        Barrier = barrier;
        _value = _problem.Linearise(Point, Gradient) + BarrierValue(_point);
    }

    /// <inheritdoc/>
    public void Relinearise(double barrier) => Linearise(barrier);

    /// <summary>Duals μ/(v − L), clipped to [least, most].</summary>
    public void ResetDuals(double least, double most)
    {
        ReadOnlySpan<double> lower = _problem.Lower, upper = _problem.Upper;
        for (int j = 0; j < Count; j++)
        {
            bool free = lower[j] < upper[j];
            _lowerDual[j] = free && !double.IsNegativeInfinity(lower[j]) ? Math.Clamp(Barrier / (_point[j] - lower[j]), least, most) : 0.0;
            _upperDual[j] = free && !double.IsPositiveInfinity(upper[j]) ? Math.Clamp(Barrier / (upper[j] - _point[j]), least, most) : 0.0;
        }
    }

    /// <summary>Takes a new μ, or a changed φ whose value at the point is given.</summary>
    public void Renew(double barrier, double value)
    {
        Barrier = barrier;
        _value = value + BarrierValue(_point);
    }

    /// <summary>‖∇φ − z_L + z_U‖∞ over the variables that may move.</summary>
    public double Stationarity()
    {
        ReadOnlySpan<double> lower = _problem.Lower, upper = _problem.Upper;
        double largest = 0.0;
        for (int j = 0; j < Count; j++)
        {
            if (lower[j] < upper[j]) largest = Math.Max(largest, Math.Abs(_gradient[j] - _lowerDual[j] + _upperDual[j]));
        }
        return largest;
    }

    /// <summary>Largest |(v − L) z_L − μ| and its twin.</summary>
    public double Complementarity(double barrier) => Interior.Complementarity(Point, LowerDual, UpperDual, _problem.Lower, _problem.Upper, barrier);

    /// <summary>One Newton step.</summary>
    public StepOutcome Step()
    {
        IBoundNewtonSystem newton = _problem.Newton;
        BuildSystem();
        newton.Update();
        ReadOnlySpan<double> diagonal = _diagonal.AsSpan(0, Count);
        if (!_inertia.Factor(newton, diagonal)) return StepOutcome.Singular;
        for (int attempt = 0; ; attempt++)
        {
            newton.Solve(_rhs.AsSpan(0, Count), _step.AsSpan(0, Count));
            if (Search(newton)) return StepOutcome.Moved;
            if (attempt == 3 || (Interrupt is not null && Interrupt()) || !_inertia.Raise(newton, diagonal)) return StepOutcome.NoDescent;
        }
    }

    private void BuildSystem()
    {
        Interior.Terms(Point, LowerDual, UpperDual, _problem.Lower, _problem.Upper, Barrier, Damping, _diagonal, _barrierGradient);
        for (int j = 0; j < Count; j++)
        {
            if (!double.IsPositiveInfinity(_diagonal[j])) _barrierGradient[j] += _gradient[j];
            _rhs[j] = -_barrierGradient[j];
        }
    }

    private bool Search(IBoundNewtonSystem newton)
    {
        ReadOnlySpan<double> lower = _problem.Lower, upper = _problem.Upper;
        double slope = 0.0, norm = 0.0, relative = 0.0;
        for (int j = 0; j < Count; j++)
        {
            double d = _step[j];
            if (!double.IsFinite(d)) return false;
            slope += _barrierGradient[j] * d;
            norm = Math.Max(norm, Math.Abs(d));
            relative = Math.Max(relative, Math.Abs(d) / (1.0 + Math.Abs(_point[j])));
        }
        (double primal, double dual) = Interior.ToBoundary(
            Point, _step, LowerDual, UpperDual, lower, upper, Barrier, _problem.SearchedCount, _lowerStep, _upperStep);
        double slack = 10.0 * double.Epsilon + 2.2e-15 * Math.Abs(_value);
        if (!(slope < slack)) return false;
        double alpha = primal;
        for (int k = 0; k < 60 && alpha * relative > 1e-16 || k == 0; k++, alpha *= 0.5)
        {
            for (int j = 0; j < Count; j++) _trial[j] = Inside(_point[j] + alpha * _step[j], lower[j], upper[j], _point[j]);
            double value = _problem.Value(_trial.AsSpan(0, Count), Barrier) + BarrierValue(_trial);
            if (value <= _value + ArmijoFraction * alpha * slope + slack && Accept(newton, alpha, dual, norm)) return true;
            if (Interrupt is not null && Interrupt()) return false;
        }
        return false;
    }

    /// <summary>Rounding must not put a point onto its bound.</summary>
    private static double Inside(double trial, double lower, double upper, double old) =>
        trial > lower && trial < upper ? trial : old;

    /// <summary>Moves to the trial point, unless a derivative is not finite there: then everything is as it was.</summary>
    private bool Accept(IBoundNewtonSystem newton, double alpha, double dual, double norm)
    {
        ReadOnlySpan<double> lower = _problem.Lower, upper = _problem.Upper;
        double value = _problem.Linearise(_trial.AsSpan(0, Count), Gradient);
        if (!double.IsFinite(value))
        {
            _problem.Linearise(Point, Gradient);
            return false;
        }
        newton.Moved(alpha);
        for (int j = 0; j < Count; j++)
        {
            _point[j] = _trial[j];
            if (!(lower[j] < upper[j])) continue;
            if (!double.IsNegativeInfinity(lower[j])) _lowerDual[j] = Interior.MoveDual(_lowerDual[j], _lowerStep[j], dual, Barrier, _point[j] - lower[j], Safeguard(j));
            if (!double.IsPositiveInfinity(upper[j])) _upperDual[j] = Interior.MoveDual(_upperDual[j], _upperStep[j], dual, Barrier, upper[j] - _point[j], Safeguard(j));
        }
        StepNorm = alpha * norm;
        StepLength = alpha;
        _value = value + BarrierValue(_point);
        return true;
    }

    /// <summary>Placed variables are near the central path by construction, so their duals may be held closer to it.</summary>
    private double Safeguard(int j) => j < _problem.SearchedCount ? DualSafeguard : PlacedDualSafeguard;

    private double BarrierValue(double[] v) => Interior.BarrierValue(v, _problem.Lower, _problem.Upper, Barrier, Damping);
}
