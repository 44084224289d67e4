using System.Globalization;
using Optc.Runtime.Problems;
using Optc.Runtime.Solution;

namespace Optc.Runtime.Solvers.AugmentedLagrangian;

/// <summary>
/// One solve: the outer loop over multipliers, penalty and barrier parameter (docs/auglag.md has the steps with their
/// sources). The inner solver takes one Newton step at a time, so that multipliers may follow every step that reduces
/// the KKT residual and not only exact minimisers of the subproblem.
/// </summary>
internal sealed partial class AugmentedLagrangianRun(AugmentedLagrangianState state, AugmentedLagrangianOptions options)
{
    private const double BarrierToError = 10.0;
    private const double BarrierFactor = 0.2;
    private const double BarrierPower = 1.5;
    private const double ResidualDecrease = 0.9;
    private const double LargestEarlyPenalty = 1e8;

    private readonly ScaledProblem _problem = state.Problem;
    private readonly AugmentedLagrangianModel _model = state.Model;
    private readonly BarrierNewton _inner = state.Inner;
    private IInteriorIterate _current = state.Inner;
    private SolveRequest _request = new();
    private SolveResult _result = null!;
    private long _began;
    private int _outer;
    private int _steps;
    private double _barrier;
    private double _leastBarrier;
    private double _penalty;
    private double _reference;
    private double _violationReference;
    private double _innerTolerance;
    private double _scaledTolerance;
    private double _error;
    private int _stalls;
    private CancellationToken _cancellation;
    private Func<bool>? _isStopped;
    private bool _isBlocked;

    public void Solve(INlpProblem problem, SolveRequest request, SolveResult result, long began, CancellationToken cancellation)
    {
        _request = request;
        _result = result;
        _began = began;
        _cancellation = cancellation;
        _isBlocked = false;
        state.Interrupt = _isStopped ??= IsStopped;
        _outer = _steps = _stalls = 0;
        _finishResidual = double.PositiveInfinity;
        ResetProgress();
        ResetDivergence();
        _problem.Attach(problem);
        if (!Initialise()) return;
        if (options.FastFinish && _warm && FinishesWarm()) return;
        PlaceInside();
        if (options.Filter && _model.Multipliers.Length > 0)
        {
            if (EndsByFilter()) return;
            GoOnFromBest();
        }
        BeginInner();
        while (!ReachedEnd())
        {
            ReduceBarrier();
            StepOutcome outcome = Counted(_inner.Step());
            UpdateMultipliers(outcome);
            Report();
            if (ViolationIsStuck() && MinimiseViolation()) return;
        }
    }

    /// <summary>μ falls when the barrier problem is solved to a multiple of it (Wächter and Biegler 2006, (7)).</summary>
    private void ReduceBarrier()
    {
        while (_barrier > _leastBarrier && Error(_barrier) <= BarrierToError * _barrier)
        {
            _barrier = Math.Max(_leastBarrier, Math.Min(BarrierFactor * _barrier, Math.Pow(_barrier, BarrierPower)));
            _reference = double.PositiveInfinity;
            _innerTolerance = BarrierToError * _barrier;
            Renew();
        }
    }

    /// <summary>
    /// Multipliers follow a step that reduces the KKT residual of the barrier problem; otherwise they, or the penalty, change
    /// when the subproblem is solved (Andreani et al. 2008, Algorithm 3.1, steps 3 and 4).
    /// </summary>
    private void UpdateMultipliers(StepOutcome outcome)
    {
        double error = Error(_barrier);
        if (outcome == StepOutcome.Moved && error <= ResidualDecrease * _reference)
        {
            _reference = error;
            _stalls = 0;
            RaisePenaltyOfStalledStep(error);
            ShiftTo(firstOrder: false);
            _outer++;
            return;
        }
        bool solved = Math.Max(_inner.Stationarity(), _inner.Complementarity(_barrier)) <= _innerTolerance;
        if (outcome == StepOutcome.Moved && !solved) return;
        if (outcome != StepOutcome.Moved) _stalls++;
        _outer++;
        double violation = _model.Violation();
        if (violation > options.ViolationDecrease * _violationReference) _penalty = Math.Min(options.MaxPenalty, _penalty * options.PenaltyFactor);
        _violationReference = Math.Min(violation, _violationReference);
        _innerTolerance = Math.Max(0.1 * _innerTolerance, 0.1 * _scaledTolerance);
        ShiftTo(firstOrder: true);
    }

    /// <summary>A full step leaves a violation (y⁺ − ŷ)/ρ to first order: where that does not shrink, ρ is too small.</summary>
    private void RaisePenaltyOfStalledStep(double error)
    {
        double violation = _model.Violation();
        if (_inner.StepLength > 0.9 && violation > options.ViolationDecrease * _violationReference && violation > 0.1 * error)
            _penalty = Math.Max(_penalty, Math.Min(_penalty * options.PenaltyFactor, LargestEarlyPenalty));
        _violationReference = violation;
    }

    /// <summary>ŷ becomes y, or the first-order estimate π (and then y too), projected to the safe box.</summary>
    private void ShiftTo(bool firstOrder)
    {
        Span<double> shifted = _model.Shifted, y = _model.Multipliers;
        double bound = options.MultiplierBound;
        for (int i = 0; i < shifted.Length; i++)
        {
            if (firstOrder) y[i] = _model.FirstOrderMultiplier(i);
            shifted[i] = Math.Clamp(y[i], -bound, bound);
        }
        Renew();
    }

    private void Renew()
    {
        _model.Penalty = _penalty;
        _model.PlaceSlacks(_inner.Point, _barrier);
        _inner.Renew(_barrier, _model.Combine(_inner.Gradient));
    }

    /// <summary>KKT residual of the barrier problem with the multipliers y: stationarity, violation, (v − L) z − μ; the first
    /// and last relative to the mean multiplier (Wächter and Biegler 2006, (5)).</summary>
    private double Error(double barrier)
    {
        int count = _model.VariableCount;
        Span<double> gradient = state.Work.AsSpan(0, count);
        _model.LagrangianGradient(gradient);
        ReadOnlySpan<double> lower = _model.Lower, upper = _model.Upper, zl = _current.LowerDual, zu = _current.UpperDual;
        double stationarity = 0.0, sum = 0.0;
        for (int j = 0; j < count; j++)
        {
            sum += zl[j] + zu[j];
            if (lower[j] < upper[j]) stationarity = Math.Max(stationarity, Math.Abs(gradient[j] - zl[j] + zu[j]));
        }
        foreach (double y in _model.Multipliers) sum += Math.Abs(y);
        double scale = Math.Max(1.0, sum / (100.0 * (count + _model.Multipliers.Length)));
        return Math.Max(_model.Violation(), Math.Max(stationarity, _current.Complementarity(barrier)) / scale);
    }

    private void Report()
    {
        if (_request.Progress is null) return;
        _request.Progress(new IterationRecord(
            _outer, _steps, _model.Objective / _problem.ObjectiveFactor, _violation, Error(0.0), _model.Penalty, _current.StepNorm, _current.Shift, Seconds));
    }

    /// <summary>
    /// Counts a step and notes, where it found no acceptable point, whether values that are not finite were in its way: then the
    /// method stands at the edge of the functions' domain.
    /// </summary>
    private StepOutcome Counted(StepOutcome outcome)
    {
        _steps++;
        _isBlocked = outcome != StepOutcome.Moved && _model.NonFiniteTrials > 0;
        _model.NonFiniteTrials = 0;
        return outcome;
    }

    /// <summary>Whether the caller has cancelled or the time is up; asked inside factorisations and line searches, too.</summary>
    private bool IsStopped() => _cancellation.IsCancellationRequested || Seconds > _request.TimeLimit;

    private double Seconds => _request.Clock.GetElapsedTime(_began).TotalSeconds;

    private static string Text(double value) => value.ToString("G6", CultureInfo.InvariantCulture);
}
