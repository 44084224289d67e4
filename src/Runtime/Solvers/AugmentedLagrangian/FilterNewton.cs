namespace Optc.Runtime.Solvers.AugmentedLagrangian;

/// <summary>
/// Newton's method on the KKT conditions of the barrier problem
/// <code>min ψ(v) = f(x) − μ Σ log(v − L) − μ Σ log(U − v)   subject to   r(v) = 0</code>
/// in all of v = (x, s), globalised by a filter on the violation θ = ‖r‖₁ and ψ with second-order corrections
/// (Wächter and Biegler 2006, Algorithm A without its restoration). The matrix is that of the augmented Lagrangian with a
/// penalty so large that 1/ρ only stabilises it (Kuhlmann and Büskens 2018): dependent rows do no harm.
/// </summary>
internal sealed class FilterNewton(AugmentedLagrangianModel model, int capacity, int rows) : IInteriorIterate
{
    private const double LeastPenalty = 1e8;
    private const double LargestPenalty = 1e14;
    private const double DualSafeguard = 1e10;
    private const double FirstShift = 1e-4;
    private const double SmallestShift = 1e-20;
    private const double LargestShift = 1e40;
    private const double Damping = 1e-5;

    // Wächter and Biegler's names: γ_θ, γ_φ, δ, s_θ, s_φ, η_φ, γ_α, κ_soc.
    private const double GammaTheta = 1e-5;
    private const double GammaPsi = 1e-8;
    private const double Delta = 1.0;
    private const double PowerTheta = 1.1;
    private const double PowerPsi = 2.3;
    private const double Eta = 1e-8;
    private const double GammaAlpha = 0.05;
    private const double CorrectionDecrease = 0.99;
    private const int MaxCorrections = 4;
    private const int MaxFilterResets = 5;
    private const int RejectionsToReset = 5;

    private readonly Filter _filter = new();
    private readonly double[] _point = new double[capacity];
    private readonly double[] _lowerDual = new double[capacity];
    private readonly double[] _upperDual = new double[capacity];
    private readonly double[] _lowerStep = new double[capacity];
    private readonly double[] _upperStep = new double[capacity];
    private readonly double[] _gradient = new double[capacity];
    private readonly double[] _slopes = new double[capacity];
    private readonly double[] _diagonal = new double[capacity];
    private readonly double[] _newton = new double[capacity];
    private readonly double[] _step = new double[capacity];
    private readonly double[] _trial = new double[capacity];
    private readonly double[] _residual = new double[rows];
    private readonly double[] _corrected = new double[rows];
    private double _psi;
    private double _theta;
    private double _leastTheta;
    private double _lastShift;
    private double _penalty = LeastPenalty;
    private int _resets;
    private int _rejections;

    private int Count => model.VariableCount;

    /// <inheritdoc/>
    public Span<double> Point => _point.AsSpan(0, Count);

    /// <inheritdoc/>
    public Span<double> LowerDual => _lowerDual.AsSpan(0, Count);

    /// <inheritdoc/>
    public Span<double> UpperDual => _upperDual.AsSpan(0, Count);

    /// <inheritdoc/>
    public double StepNorm { get; private set; }

    /// <inheritdoc/>
    public double Shift { get; private set; }

    /// <summary>θ = ‖r‖₁ at the point.</summary>
    public double Theta => _theta;

    /// <summary>Barrier parameter μ.</summary>
    public double Barrier { get; private set; }

    /// <inheritdoc/>
    public double Complementarity(double barrier) => Interior.Complementarity(Point, LowerDual, UpperDual, model.Lower, model.Upper, barrier);

    /// <summary>Takes over a point strictly inside, with duals; begins with an empty filter.</summary>
    public void Begin(ReadOnlySpan<double> point, ReadOnlySpan<double> lowerDual, ReadOnlySpan<double> upperDual, double barrier)
    {
        Take(point, lowerDual, upperDual, barrier);
        _leastTheta = 1e-4 * Math.Max(1.0, _theta);
        _filter.Reset(1e4 * Math.Max(1.0, _theta));
        _lastShift = 0.0;
        _penalty = LeastPenalty;
        _resets = _rejections = 0;
        StepNorm = Shift = 0.0;
    }

    /// <summary>Goes on from another point with the filter as it is.</summary>
    public void Take(ReadOnlySpan<double> point, ReadOnlySpan<double> lowerDual, ReadOnlySpan<double> upperDual, double barrier)
    {
        point.CopyTo(_point);
        lowerDual.CopyTo(_lowerDual);
        upperDual.CopyTo(_upperDual);
        Barrier = barrier;
        Linearise();
    }

    /// <summary>Takes a new μ: another barrier problem, with a filter of its own.</summary>
    public void Renew(double barrier)
    {
        Barrier = barrier;
        _psi = model.ObjectiveWeight * model.Objective + BarrierValue(_point);
        _filter.Reset(_filter.LargestTheta);
        _resets = _rejections = 0;
    }

    /// <inheritdoc/>
    public void Relinearise(double barrier)
    {
        Barrier = barrier;
        Linearise();
    }

    /// <summary>Before leaving for a less violated point: what is there must not come back.</summary>
    public void Forbid() => _filter.Add((1.0 - GammaTheta) * _theta, _psi - GammaPsi * _theta);

    /// <summary>Whether a point is acceptable to the filter and better than the present one.</summary>
    public bool Welcomes(ReadOnlySpan<double> point)
    {
        double f = model.Evaluate(point, _corrected), theta = Norm(_corrected);
        point.CopyTo(_trial);
        double psi = f + BarrierValue(_trial);
        return _filter.Accepts(theta, psi) && theta <= 0.9 * _theta;
    }

    /// <summary>One Newton step. <see cref="StepOutcome.NoDescent"/> calls for a less violated point.</summary>
    public StepOutcome Step()
    {
        model.Penalty = _penalty;
        BuildSystem();
        model.Update();
        if (!FactorWithShift()) return StepOutcome.Singular;
        Span<double> step = _step.AsSpan(0, Count);
        model.SolveNewton(_newton.AsSpan(0, Count), model.Residual, step);
        RaisePenalty();
        return Search() ? StepOutcome.Moved : StepOutcome.NoDescent;
    }

    private void Linearise()
    {
        model.Linearise(Point, _gradient.AsSpan(0, Count));
        model.Residual.CopyTo(_residual);
        _theta = Norm(_residual);
        _psi = model.ObjectiveWeight * model.Objective + BarrierValue(_point);
    }

    private static double Norm(double[] residual)
    {
        double sum = 0.0;
        foreach (double r in residual) sum += Math.Abs(r);
        return sum;
    }

    private void BuildSystem()
    {
        ReadOnlySpan<double> lower = model.Lower, upper = model.Upper, f = model.ObjectiveGradient;
        model.LagrangianGradient(_gradient.AsSpan(0, Count));
        double mu = Barrier;
        for (int j = 0; j < Count; j++)
        {
            if (!(lower[j] < upper[j]))
            {
                _diagonal[j] = double.PositiveInfinity;
                _slopes[j] = _newton[j] = 0.0;
                continue;
            }
            double d = 0.0, b = 0.0;
            bool hasLower = !double.IsNegativeInfinity(lower[j]), hasUpper = !double.IsPositiveInfinity(upper[j]);
            if (hasLower)
            {
                double gap = _point[j] - lower[j];
                d += _lowerDual[j] / gap;
                b -= mu / gap;
                if (!hasUpper) b += Damping * mu;
            }
            if (hasUpper)
            {
                double gap = upper[j] - _point[j];
                d += _upperDual[j] / gap;
                b += mu / gap;
                if (!hasLower) b -= Damping * mu;
            }
            _diagonal[j] = d;
            _slopes[j] = b + (j < f.Length ? model.ObjectiveWeight * f[j] : 0.0);
            _newton[j] = -(_gradient[j] + b);
        }
    }

    /// <summary>
    /// The step leaves dy/ρ of the residual. Where that is much of it, multipliers are large and ρ is raised, for the next step. Where the
    /// matrix has the wrong inertia, dependent rows may be the reason, and ρ falls back (<see cref="FactorWithShift"/>).
    /// </summary>
    private void RaisePenalty()
    {
        const double Much = 0.1;
        if (model.LargestMultiplierStep() > Much * _penalty * model.Violation()) _penalty = Math.Min(LargestPenalty, 100.0 * _penalty);
    }

    private bool FactorWithShift()
    {
        ReadOnlySpan<double> diagonal = _diagonal.AsSpan(0, Count);
        Shift = 0.0;
        if (model.Factor(diagonal, 0.0)) return true;
        if (_penalty > LeastPenalty)
        {
            model.Penalty = _penalty = LeastPenalty;
            if (model.Factor(diagonal, 0.0)) return true;
        }
        double shift = _lastShift == 0.0 ? FirstShift : Math.Max(SmallestShift, _lastShift / 3.0);
        double growth = _lastShift == 0.0 ? 100.0 : 8.0;
        for (; shift <= LargestShift; shift *= growth)
        {
            if (!model.Factor(diagonal, shift)) continue;
            Shift = _lastShift = shift;
            return true;
        }
        return false;
    }

    /// <summary>The largest steps in v and in the duals that stay inside.</summary>
    private (double Primal, double Dual) StepsToBoundary()
    {
        ReadOnlySpan<double> lower = model.Lower, upper = model.Upper;
        double tau = Math.Max(0.99, 1.0 - Barrier), primal = 1.0, dual = 1.0;
        for (int j = 0; j < Count; j++)
        {
            _lowerStep[j] = _upperStep[j] = 0.0;
            if (!(lower[j] < upper[j])) continue;
            double d = _step[j];
            if (!double.IsNegativeInfinity(lower[j]))
            {
                double gap = _point[j] - lower[j], z = (Barrier - _lowerDual[j] * d) / gap - _lowerDual[j];
                _lowerStep[j] = z;
                if (d < -tau * gap * primal) primal = Math.Min(primal, -tau * gap / d);
                if (z < 0.0) dual = Math.Min(dual, -tau * _lowerDual[j] / z);
            }
            if (!double.IsPositiveInfinity(upper[j]))
            {
                double gap = upper[j] - _point[j], z = (Barrier + _upperDual[j] * d) / gap - _upperDual[j];
                _upperStep[j] = z;
                if (d > tau * gap * primal) primal = Math.Min(primal, tau * gap / d);
                if (z < 0.0) dual = Math.Min(dual, -tau * _upperDual[j] / z);
            }
        }
        return (primal, dual);
    }

    private bool Search()
    {
        double slope = 0.0, norm = 0.0, relative = 0.0;
        for (int j = 0; j < Count; j++)
        {
            if (!double.IsFinite(_step[j])) return false;
            slope += _slopes[j] * _step[j];
            norm = Math.Max(norm, Math.Abs(_step[j]));
            relative = Math.Max(relative, Math.Abs(_step[j]) / (1.0 + Math.Abs(_point[j])));
        }
        (double alpha, double dual) = StepsToBoundary();
        // Below what rounding lets anybody see there is nothing to test.
        if (relative < 2e-15 && _theta < 1e-4)
        {
            MoveTo(alpha);
            model.Evaluate(_trial.AsSpan(0, Count), _corrected);
            Accept(alpha, dual, alpha * norm);
            return true;
        }
        double least = LeastStep(slope);
        for (int k = 0; alpha >= least; k++, alpha *= 0.5)
        {
            MoveTo(alpha);
            double f = model.Evaluate(_trial.AsSpan(0, Count), _corrected);
            double psi = f + BarrierValue(_trial), theta = Norm(_corrected);
            if (!double.IsFinite(psi) || !double.IsFinite(theta)) continue;
            if (IsAcceptable(theta, psi, alpha, slope))
            {
                Accept(alpha, dual, alpha * norm);
                return true;
            }
            if (k == 0 && theta >= _theta && Corrects(theta, alpha, slope)) return true;
        }
        return false;
    }

    /// <summary>The step below which only a less violated point helps (Wächter and Biegler 2006, (23)).</summary>
    private double LeastStep(double slope)
    {
        double least = GammaTheta;
        if (slope < 0.0)
        {
            least = Math.Min(least, GammaPsi * _theta / -slope);
            if (_theta <= _leastTheta) least = Math.Min(least, Delta * Math.Pow(_theta, PowerTheta) / Math.Pow(-slope, PowerPsi));
        }
        return Math.Max(GammaAlpha * least, 1e-16);
    }

    /// <summary>Filter, switching condition and Armijo's condition (ibid., (18)–(20)); adds to the filter what the step calls for.</summary>
    private bool IsAcceptable(double theta, double psi, double alpha, double slope)
    {
        double rounding = 1e-14 * Math.Max(1.0, Math.Abs(_psi));
        if (!_filter.Accepts(theta, psi - rounding))
        {
            // An old entry may stand in the way of everything.
            if (++_rejections < RejectionsToReset || _resets == MaxFilterResets) return false;
            _rejections = 0;
            _resets++;
            _filter.Reset(_filter.LargestTheta);
            return false;
        }
        bool decreases = slope < 0.0 && alpha * Math.Pow(-slope, PowerPsi) > Delta * Math.Pow(_theta, PowerTheta);
        if (decreases && _theta <= _leastTheta)
        {
            if (!(psi <= _psi + Eta * alpha * slope + rounding)) return false;
        }
        else
        {
            if (!(theta <= (1.0 - GammaTheta) * _theta || psi <= _psi - GammaPsi * _theta + rounding)) return false;
        }
        if (!decreases || !(psi <= _psi + Eta * alpha * slope + rounding)) Forbid();
        _rejections = 0;
        return true;
    }

    /// <summary>Second-order corrections: Newton steps for the residual that the full step left (ibid., §2.4).</summary>
    private bool Corrects(double theta, double alpha, double slope)
    {
        Span<double> full = _step.AsSpan(0, Count);
        for (int i = 0; i < _residual.Length; i++) _residual[i] = alpha * _residual[i] + _corrected[i];
        double last = theta;
        for (int k = 0; k < MaxCorrections; k++)
        {
            model.SolveNewton(_newton.AsSpan(0, Count), _residual, full);
            (double primal, double dual) = StepsToBoundary();
            MoveTo(primal);
            double f = model.Evaluate(_trial.AsSpan(0, Count), _corrected);
            double psi = f + BarrierValue(_trial), now = Norm(_corrected);
            if (!double.IsFinite(psi) || !double.IsFinite(now)) break;
            if (IsAcceptable(now, psi, alpha, slope))
            {
                Accept(primal, dual, primal * LargestOf(full));
                return true;
            }
            if (now > CorrectionDecrease * last) break;
            last = now;
            for (int i = 0; i < _residual.Length; i++) _residual[i] = primal * _residual[i] + _corrected[i];
        }
        // Back to the step itself, with its multipliers.
        model.Residual.CopyTo(_residual);
        model.SolveNewton(_newton.AsSpan(0, Count), _residual, full);
        StepsToBoundary();
        return false;
    }

    private static double LargestOf(ReadOnlySpan<double> values)
    {
        double largest = 0.0;
        foreach (double v in values) largest = Math.Max(largest, Math.Abs(v));
        return largest;
    }

    private void MoveTo(double alpha)
    {
        ReadOnlySpan<double> lower = model.Lower, upper = model.Upper;
        for (int j = 0; j < Count; j++)
        {
            double v = _point[j] + alpha * _step[j];
            // Rounding must not put a point onto its bound.
            _trial[j] = v > lower[j] && v < upper[j] ? v : _point[j];
        }
    }

    private void Accept(double alpha, double dual, double norm)
    {
        ReadOnlySpan<double> lower = model.Lower, upper = model.Upper;
        model.Moved(alpha);
        for (int j = 0; j < Count; j++)
        {
            _point[j] = _trial[j];
            if (!(lower[j] < upper[j])) continue;
            if (!double.IsNegativeInfinity(lower[j]))
            {
                double central = Barrier / (_point[j] - lower[j]);
                _lowerDual[j] = Math.Clamp(_lowerDual[j] + dual * _lowerStep[j], central / DualSafeguard, central * DualSafeguard);
            }
            if (!double.IsPositiveInfinity(upper[j]))
            {
                double central = Barrier / (upper[j] - _point[j]);
                _upperDual[j] = Math.Clamp(_upperDual[j] + dual * _upperStep[j], central / DualSafeguard, central * DualSafeguard);
            }
        }
        StepNorm = norm;
        Linearise();
    }

    private double BarrierValue(double[] v) => Interior.BarrierValue(v, model.Lower, model.Upper, Barrier, Damping);
}
