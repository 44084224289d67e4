using Optc.Runtime.Solution;

namespace Optc.Runtime.Solvers.AugmentedLagrangian;

/// <summary>
/// The first phase of a problem with constraints: Newton's method on the KKT conditions with a filter. Most problems end here in
/// few steps; where it finds no way on, the augmented Lagrangian goes on from its best point.
/// </summary>
internal sealed partial class AugmentedLagrangianRun
{
    private const double FirstPenalty = 1e10;
    private const int MaxFilterSteps = 1000;
    private const int MaxIdleFilterSteps = 40;
    private const int MaxFilterRestorations = 30;
    private const double AlmostFeasible = 1e-10;
    private const double NearlyFeasible = 1e-3;

    private readonly FilterNewton _filter = state.Filter;
    private Func<bool>? _isWelcome;
    private double _leastNearObjective;
    private int _lastDescent;

    /// <summary>
    /// True when that ended the solve. A large first ρ follows large multipliers at once, a small one bears nearly dependent constraints:
    /// what fails with the one is tried with the other, from the start again.
    /// </summary>
    private bool EndsByFilter()
    {
        if (EndsByFilter(FirstPenalty)) return true;
        if (_warm || _steps > MaxFilterSteps / 2 || MultipliersDiverge) return false;
        TakeStart();
        PlaceInside();
        ResetProgress();
        _lastProgress = _steps;
        return EndsByFilter(FilterNewton.LeastPenalty);
    }

    private bool EndsByFilter(double penalty)
    {
        _filter.Begin(_inner.Point, _inner.LowerDual, _inner.UpperDual, _barrier, penalty);
        _current = _filter;
        _leastNearObjective = double.PositiveInfinity;
        _lastDescent = _steps;
        _divergingSteps = 0;
        for (int restorations = 0; ;)
        {
            if (Ends()) return true;
            if (_steps >= MaxFilterSteps || Math.Min(StepsWithoutProgress(), StepsWithoutDescent()) > MaxIdleFilterSteps || MultipliersDiverge) return false;
            if (_barrier > _leastBarrier && Error(_barrier) <= BarrierToError * _barrier)
            {
                _barrier = Math.Max(_leastBarrier, Math.Min(BarrierFactor * _barrier, Math.Pow(_barrier, BarrierPower)));
                _filter.Renew(_barrier);
            }
            StepOutcome outcome = Counted(_filter.Step());
            _outer++;
            Report();
            if (outcome == StepOutcome.Moved) continue;
            if (_filter.Theta <= AlmostFeasible || ++restorations > MaxFilterRestorations) return false;
            // A stationary point of the violation may be one of many: what it means is left to the augmented Lagrangian.
            if (Restore() != Restoration.Enough) return Ends();
        }
    }

    /// <summary>Steps since the objective last fell by a millionth at points that are nearly feasible: a long valley is progress.</summary>
    private int StepsWithoutDescent()
    {
        double objective = _model.Objective;
        if (_violation <= NearlyFeasible && objective < _leastNearObjective - (1e-6 * Math.Max(1.0, Math.Abs(objective))))
        {
            _leastNearObjective = objective;
            _lastDescent = _steps;
        }
        return _steps - _lastDescent;
    }

    /// <summary>A point that the filter welcomes, by minimising the violation; multipliers and duals anew.</summary>
    private Restoration Restore()
    {
        _filter.Forbid();
        _filter.Point.CopyTo(_inner.Begin(_model));
        _inner.Linearise(Math.Min(_barrier, RestorationBarrier(_model.Violation())));
        _current = _inner;
        Restoration outcome = ReduceViolation(_isWelcome ??= () => _filter.Welcomes(_inner.Point));
        if (outcome != Restoration.Enough) return outcome;
        _inner.Linearise(_barrier);
        _inner.ResetDuals(1e-8, 1e3);
        EstimateMultipliers();
        _filter.Take(_inner.Point, _inner.LowerDual, _inner.UpperDual, _barrier);
        _current = _filter;
        return outcome;
    }

    /// <summary>Leaves the rest to the augmented Lagrangian, from the best point so far.</summary>
    private void GoOnFromBest()
    {
        _current = _inner;
        _divergingSteps = 0;
        state.BestX.CopyTo(state.X, 0);
        PlaceInside();
        ResetProgress();
        _lastProgress = _steps;
    }
}
