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
    /// <summary>The smallest ρ.</summary>
    public const double LeastPenalty = 1e8;

    private const double LargestPenalty = 1e14;
    private const double DualSafeguard = 1e10;
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
    private readonly InertiaControl _inertia = new();
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
    private double _penalty = LeastPenalty;
    private bool _curvesDown;
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
    public double Shift => _inertia.Shift;

    /// <summary>Asked in a line search: true gives it up.</summary>
    public Func<bool>? Interrupt { get; set; }

    /// <summary>θ = ‖r‖₁ at the point.</summary>
    public double Theta => _theta;

    /// <summary>Barrier parameter μ.</summary>
    public double Barrier { get; private set; }

    /// <inheritdoc/>
    public double Complementarity(double barrier) => Interior.Complementarity(Point, LowerDual, UpperDual, model.Lower, model.Upper, barrier);

    /// <summary>Takes over a point strictly inside, with duals, and the first ρ; begins with an empty filter.</summary>
    public void Begin(ReadOnlySpan<double> point, ReadOnlySpan<double> lowerDual, ReadOnlySpan<double> upperDual, double barrier, double penalty)
    {
        Take(point, lowerDual, upperDual, barrier);
        _leastTheta = 1e-4 * Math.Max(1.0, _theta);
        _filter.Reset(1e4 * Math.Max(1.0, _theta));
        _inertia.Reset();
        _penalty = penalty;
        _curvesDown = false;
        _resets = _rejections = 0;
        StepNorm = 0.0;
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
        if (!Factor()) return StepOutcome.Singular;
        Span<double> step = _step.AsSpan(0, Count);
        model.SolveNewton(_newton.AsSpan(0, Count), model.Residual, step);
        RaisePenalty();
        return Search() ? StepOutcome.Moved : StepOutcome.NoDescent;
    }

    private void Linearise()
    {
        model.Linearise(Point, _gradient.AsSpan(0, Count));
        TakeLinearised();
    }

    private void TakeLinearised()
    {
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
        ReadOnlySpan<double> f = model.ObjectiveGradient;
        model.LagrangianGradient(_gradient.AsSpan(0, Count));
        Interior.Terms(Point, LowerDual, UpperDual, model.Lower, model.Upper, Barrier, Damping, _diagonal, _slopes);
        for (int j = 0; j < Count; j++)
        {
            bool held = double.IsPositiveInfinity(_diagonal[j]);
            _newton[j] = held ? 0.0 : -(_gradient[j] + _slopes[j]);
            if (!held && j < f.Length) _slopes[j] += model.ObjectiveWeight * f[j];
        }
    }

    /// <summary>
    /// The step leaves dy/ρ of the residual. Where that is much of it, multipliers are large and ρ is raised, for the next step.
    /// </summary>
    private void RaisePenalty()
    {
        const double Much = 0.1;
        if (model.LargestMultiplierStep() > Much * _penalty * model.Violation()) _penalty = Math.Min(LargestPenalty, 100.0 * _penalty);
    }

    /// <summary>
    /// H + ρJᵀJ grows with ρ: where a smaller ρ gives the right inertia and a larger one did not, −1/ρ was lost in rounding (dependent
    /// rows). Where none does, H has negative curvature along the rows, and a shift is added for the ρ that was wanted.
    /// </summary>
    private bool Factor()
    {
        ReadOnlySpan<double> diagonal = _diagonal.AsSpan(0, Count);
        if (_inertia.FactorWithoutShift(model, diagonal))
        {
            _curvesDown = false;
            return true;
        }
        double wanted = _penalty;
        // Negative curvature lasts: after one step with a shift the smaller ρ are not tried again.
        for (double penalty = wanted / 100.0; penalty >= LeastPenalty && !_curvesDown && !model.WasInterrupted; penalty /= 100.0)
        {
            model.Penalty = _penalty = penalty;
            if (_inertia.FactorWithoutShift(model, diagonal)) return true;
        }
        _curvesDown = true;
        model.Penalty = _penalty = wanted;
        return _inertia.FactorWithShift(model, diagonal);
    }

    /// <summary>The largest steps in v and in the duals that stay inside.</summary>
    private (double Primal, double Dual) StepsToBoundary() => Interior.ToBoundary(
        Point, _step, LowerDual, UpperDual, model.Lower, model.Upper, Barrier, Count, _lowerStep, _upperStep);

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
            return Accept(alpha, dual, alpha * norm);
        }
        double least = LeastStep(slope);
        for (int k = 0; alpha >= least; k++, alpha *= 0.5)
        {
            MoveTo(alpha);
            double f = model.Evaluate(_trial.AsSpan(0, Count), _corrected);
            double psi = f + BarrierValue(_trial), theta = Norm(_corrected);
            if (Interrupt is not null && Interrupt()) return false;
            if (!double.IsFinite(psi) || !double.IsFinite(theta)) continue;
            if (IsAcceptable(theta, psi, alpha, slope))
            {
                if (Accept(alpha, dual, alpha * norm)) return true;
                continue;
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
                if (!Accept(primal, dual, primal * LargestOf(full))) break;
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

    /// <summary>Moves to the trial point, unless a derivative is not finite there: then everything is as it was.</summary>
    private bool Accept(double alpha, double dual, double norm)
    {
        ReadOnlySpan<double> lower = model.Lower, upper = model.Upper;
        double value = model.Linearise(_trial.AsSpan(0, Count), _gradient.AsSpan(0, Count));
        if (!double.IsFinite(value))
        {
            model.Linearise(Point, _gradient.AsSpan(0, Count));
            return false;
        }
        model.Moved(alpha);
        for (int j = 0; j < Count; j++)
        {
            _point[j] = _trial[j];
            if (!(lower[j] < upper[j])) continue;
            if (!double.IsNegativeInfinity(lower[j])) _lowerDual[j] = Interior.MoveDual(_lowerDual[j], _lowerStep[j], dual, Barrier, _point[j] - lower[j], DualSafeguard);
            if (!double.IsPositiveInfinity(upper[j])) _upperDual[j] = Interior.MoveDual(_upperDual[j], _upperStep[j], dual, Barrier, upper[j] - _point[j], DualSafeguard);
        }
        StepNorm = norm;
        TakeLinearised();
        return true;
    }

    private double BarrierValue(double[] v) => Interior.BarrierValue(v, model.Lower, model.Upper, Barrier, Damping);
}
