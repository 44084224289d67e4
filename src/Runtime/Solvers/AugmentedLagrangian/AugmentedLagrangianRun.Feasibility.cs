using Optc.Runtime.Solution;

namespace Optc.Runtime.Solvers.AugmentedLagrangian;

/// <summary>
/// When the violation does not go down: ½‖r‖² alone is minimised within the bounds. That ends at a point that is clearly
/// less violated, from which the method goes on, or at a stationary point of the violation, which is what
/// <see cref="SolveStatus.Infeasible"/> means (Andreani et al. 2008, Theorem 4.1: limits of the method are one or the other).
/// </summary>
internal sealed partial class AugmentedLagrangianRun
{
    private const double HopelessPenalty = 1e9;
    private const int PatientSteps = 60;
    private const int HastySteps = 5;
    private const int MaxRestorations = 4;
    private const int MaxRestorationSteps = 500;

    private double _leastViolation;
    private double _enoughViolation;
    private Func<bool>? _isBelowEnough;
    private int _stuckSteps;
    private int _restorations;

    private void ResetProgress()
    {
        _nextFinish = 1e-4;
        _leastViolation = _leastError = _leastObjective = double.PositiveInfinity;
        _stuckSteps = _restorations = _restarts = _lastProgress = 0;
    }

    private bool ViolationIsStuck()
    {
        double violation = _model.Violation();
        if (violation <= options.AcceptableTolerance || violation <= 0.9 * _leastViolation)
        {
            _leastViolation = Math.Min(violation, _leastViolation);
            _stuckSteps = 0;
            return false;
        }
        _stuckSteps++;
        if (_restorations >= MaxRestorations) return false;
        return _stuckSteps > PatientSteps || (_penalty >= HopelessPenalty && _stuckSteps > HastySteps) || _stalls >= HastySteps;
    }

    /// <summary>Minimises the violation; true when that ended the solve.</summary>
    private bool MinimiseViolation()
    {
        double before = _model.Violation();
        _enoughViolation = Math.Max(0.05 * before, 0.1 * options.AcceptableTolerance);
        _restorations++;
        _inner.Linearise(RestorationBarrier(before));
        if (ReduceViolation(_isBelowEnough ??= () => _model.Violation() <= _enoughViolation) == Restoration.Stationary)
        {
            if (_bestViolation > options.Tolerance) return EndInfeasible(_model.Violation());
            // A feasible point is known: this stationary point of the violation says nothing of the problem.
            state.BestX.CopyTo(state.X, 0);
            PlaceStart(_inner.Begin(_model), WarmPush);
            _inner.Linearise(_barrier);
        }
        Resume();
        return false;
    }

    private static double RestorationBarrier(double violation) => 1e-4 * Math.Min(1e-2, violation * violation);

    private enum Restoration
    {
        /// <summary>The violation fell as asked.</summary>
        Enough,

        /// <summary>A stationary point of the violation.</summary>
        Stationary,

        /// <summary>Neither.</summary>
        Failed,
    }

    /// <summary>Minimises ½‖r‖² alone from the inner solver's point, where it has been evaluated, until that is enough.</summary>
    private Restoration ReduceViolation(Func<bool> isEnough)
    {
        double barrier = _inner.Barrier;
        _model.ObjectiveWeight = 0.0;
        _model.Penalty = 1.0;
        _model.Shifted.Clear();
        _inner.ResetDuals(0.0, double.MaxValue);
        int failures = 0;
        var outcome = Restoration.Failed;
        for (int k = 0; k < MaxRestorationSteps; k++)
        {
            _model.PlaceSlacks(_inner.Point, barrier);
            _inner.Renew(barrier, _model.Combine(_inner.Gradient));
            for (int i = 0; i < _model.Multipliers.Length; i++) _model.Multipliers[i] = _model.FirstOrderMultiplier(i);
            if (isEnough())
            {
                outcome = Restoration.Enough;
                break;
            }
            double violation = _model.Violation(), stationarity = Math.Max(_inner.Stationarity(), _inner.Complementarity(barrier));
            if (failures > 2 || stationarity <= 1e-7 * Math.Min(1.0, violation))
            {
                if (failures <= 2 || stationarity <= 1e-4 * violation) outcome = Restoration.Stationary;
                break;
            }
            if (IsStopped() || _steps >= options.MaxInnerIterations) break;
            failures = Counted(_inner.Step()) == StepOutcome.Moved ? 0 : failures + 1;
            KeepBestOfViolation();
            Report();
        }
        _model.ObjectiveWeight = 1.0;
        return outcome;
    }

    /// <summary>A point on the way to less violation may be the best one, should that way be cut short.</summary>
    private void KeepBestOfViolation()
    {
        double violation = Violation();
        if (!(violation < _bestViolation) && violation > options.Tolerance) return;
        _inner.Point[..state.X.Length].CopyTo(state.X);
        Array.Clear(state.Y);
        Array.Clear(state.Z);
        KeepBest(state.X, violation, UnscaledObjective);
    }

    private bool EndInfeasible(double violation)
    {
        TakeIterate();
        Array.Clear(state.Y);
        Array.Clear(state.Z);
        return Finish(
            SolveStatus.Infeasible,
            $"The violation {Text(violation)} (scaled) cannot be reduced near this point, a stationary point of it: the problem is locally infeasible.",
            state.X, state.Y, state.Z);
    }

    /// <summary>Goes on with the whole problem from the less violated point, multipliers and penalty anew.</summary>
    private void Resume()
    {
        _barrier = Math.Max(_barrier, Math.Min(options.InitialBarrier, 1e-2));
        _penalty = 100.0 * Math.Pow(10.0, _restorations);
        _model.Penalty = _penalty;
        _inner.Linearise(_barrier);
        _inner.ResetDuals(1e-8, 1e3);
        EstimateMultipliers();
        _reference = _violationReference = double.PositiveInfinity;
        _innerTolerance = BarrierToError * _barrier;
        _leastViolation = _model.Violation();
        _leastError = _leastObjective = double.PositiveInfinity;
        _lastProgress = _steps;
        _stuckSteps = _stalls = 0;
        ShiftTo(firstOrder: false);
    }
}
