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
    private const double FirstShift = 1e-4;
    private const double SmallestShift = 1e-20;
    private const double LargestShift = 1e40;
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
    private double _lastShift;

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
    public double Shift { get; private set; }

    /// <summary>Begins with a problem; the caller fills the point returned with one strictly inside and calls <see cref="Linearise"/>.</summary>
    public Span<double> Begin(IBoundProblem problem)
    {
        _problem = problem;
        _lastShift = 0.0;
        StepNorm = StepLength = Shift = 0.0;
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
        if (!FactorWithShift(newton)) return StepOutcome.Singular;
        for (int attempt = 0; ; attempt++)
        {
            newton.Solve(_rhs.AsSpan(0, Count), _step.AsSpan(0, Count));
            if (Search(newton)) return StepOutcome.Moved;
            if (attempt == 3) return StepOutcome.NoDescent;
            _lastShift = Shift;
            double shift = Math.Max(Shift * 100.0, 1e-6);
            if (!newton.Factor(_diagonal.AsSpan(0, Count), shift)) return StepOutcome.NoDescent;
            Shift = _lastShift = shift;
        }
    }

    private void BuildSystem()
    {
        ReadOnlySpan<double> lower = _problem.Lower, upper = _problem.Upper;
        double mu = Barrier;
        for (int j = 0; j < Count; j++)
        {
            if (!(lower[j] < upper[j]))
            {
                _diagonal[j] = double.PositiveInfinity;
                _barrierGradient[j] = _rhs[j] = 0.0;
                continue;
            }
            double d = 0.0, g = _gradient[j];
            bool hasLower = !double.IsNegativeInfinity(lower[j]), hasUpper = !double.IsPositiveInfinity(upper[j]);
            if (hasLower)
            {
                double gap = _point[j] - lower[j];
                d += _lowerDual[j] / gap;
                g -= mu / gap;
                if (!hasUpper) g += Damping * mu;
            }
            if (hasUpper)
            {
                double gap = upper[j] - _point[j];
                d += _upperDual[j] / gap;
                g += mu / gap;
                if (!hasLower) g -= Damping * mu;
            }
            _diagonal[j] = d;
            _barrierGradient[j] = g;
            _rhs[j] = -g;
        }
    }

    private bool FactorWithShift(IBoundNewtonSystem newton)
    {
        ReadOnlySpan<double> diagonal = _diagonal.AsSpan(0, Count);
        Shift = 0.0;
        if (newton.Factor(diagonal, 0.0)) return true;
        double shift = _lastShift == 0.0 ? FirstShift : Math.Max(SmallestShift, _lastShift / 3.0);
        double growth = _lastShift == 0.0 ? 100.0 : 8.0;
        for (; shift <= LargestShift; shift *= growth)
        {
            if (!newton.Factor(diagonal, shift)) continue;
            Shift = _lastShift = shift;
            return true;
        }
        return false;
    }

    private bool Search(IBoundNewtonSystem newton)
    {
        ReadOnlySpan<double> lower = _problem.Lower, upper = _problem.Upper;
        int searched = _problem.SearchedCount;
        double tau = Math.Max(0.99, 1.0 - Barrier);
        double primal = 1.0, dual = 1.0, slope = 0.0, norm = 0.0, relative = 0.0;
        for (int j = 0; j < Count; j++)
        {
            double d = _step[j];
            if (!double.IsFinite(d)) return false;
            slope += _barrierGradient[j] * d;
            norm = Math.Max(norm, Math.Abs(d));
            relative = Math.Max(relative, Math.Abs(d) / (1.0 + Math.Abs(_point[j])));
            _lowerStep[j] = _upperStep[j] = 0.0;
            if (!(lower[j] < upper[j])) continue;
            if (!double.IsNegativeInfinity(lower[j]))
            {
                double gap = _point[j] - lower[j];
                double z = Barrier / gap - _lowerDual[j] - _lowerDual[j] / gap * d;
                _lowerStep[j] = z;
                if (j < searched && d < -tau * gap * primal) primal = Math.Min(primal, -tau * gap / d);
                if (z < 0.0) dual = Math.Min(dual, -tau * _lowerDual[j] / z);
            }
            if (!double.IsPositiveInfinity(upper[j]))
            {
                double gap = upper[j] - _point[j];
                double z = Barrier / gap - _upperDual[j] + _upperDual[j] / gap * d;
                _upperStep[j] = z;
                if (j < searched && d > tau * gap * primal) primal = Math.Min(primal, tau * gap / d);
                if (z < 0.0) dual = Math.Min(dual, -tau * _upperDual[j] / z);
            }
        }
        double slack = 10.0 * double.Epsilon + 2.2e-15 * Math.Abs(_value);
        if (!(slope < slack)) return false;
        double alpha = primal;
        for (int k = 0; k < 60 && alpha * relative > 1e-16 || k == 0; k++, alpha *= 0.5)
        {
            for (int j = 0; j < Count; j++) _trial[j] = Inside(_point[j] + alpha * _step[j], lower[j], upper[j], _point[j]);
            double value = _problem.Value(_trial.AsSpan(0, Count), Barrier) + BarrierValue(_trial);
            if (!(value <= _value + ArmijoFraction * alpha * slope + slack)) continue;
            Accept(newton, alpha, dual, norm);
            return true;
        }
        return false;
    }

    /// <summary>Rounding must not put a point onto its bound.</summary>
    private static double Inside(double trial, double lower, double upper, double old) =>
        trial > lower && trial < upper ? trial : old;

    private void Accept(IBoundNewtonSystem newton, double alpha, double dual, double norm)
    {
        ReadOnlySpan<double> lower = _problem.Lower, upper = _problem.Upper;
        newton.Moved(alpha);
        for (int j = 0; j < Count; j++)
        {
            _point[j] = _trial[j];
            if (!(lower[j] < upper[j])) continue;
            if (!double.IsNegativeInfinity(lower[j]))
            {
                double central = Barrier / (_point[j] - lower[j]);
                _lowerDual[j] = Math.Clamp(_lowerDual[j] + dual * _lowerStep[j], central / Safeguard(j), central * Safeguard(j));
            }
            if (!double.IsPositiveInfinity(upper[j]))
            {
                double central = Barrier / (upper[j] - _point[j]);
                _upperDual[j] = Math.Clamp(_upperDual[j] + dual * _upperStep[j], central / Safeguard(j), central * Safeguard(j));
            }
        }
        StepNorm = alpha * norm;
        StepLength = alpha;
        _value = _problem.Linearise(Point, Gradient) + BarrierValue(_point);
    }

    /// <summary>Placed variables are near the central path by construction, so their duals may be held closer to it.</summary>
    private double Safeguard(int j) => j < _problem.SearchedCount ? DualSafeguard : PlacedDualSafeguard;

    private double BarrierValue(double[] v) => Interior.BarrierValue(v, _problem.Lower, _problem.Upper, Barrier, Damping);
}
