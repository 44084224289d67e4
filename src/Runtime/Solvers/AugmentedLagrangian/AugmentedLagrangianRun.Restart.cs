namespace Optc.Runtime.Solvers.AugmentedLagrangian;

/// <summary>
/// When no progress is possible and the point is no solution: the method begins again from the best point, each time in
/// another way, a bounded number of times.
/// </summary>
internal sealed partial class AugmentedLagrangianRun
{
    private const int MaxRestarts = 3;

    private int _restarts;

    /// <summary>
    /// First with least-squares multipliers and a larger barrier, then as a plain Powell-Hestenes-Rockafellar method (zero
    /// multipliers, larger penalty), at last with least-squares multipliers, a still larger penalty and a small barrier.
    /// </summary>
    private void Restart()
    {
        _restarts++;
        state.BestX.CopyTo(state.X, 0);
        PlaceStart(_inner.Begin(_model), _restarts == MaxRestarts ? WarmPush : ColdPush);
        _barrier = Math.Max(_leastBarrier, _restarts == MaxRestarts ? Math.Min(WarmBarrier, options.InitialBarrier) : options.InitialBarrier);
        _inner.Linearise(_barrier);
        _inner.ResetDuals(1e-8, 1e3);
        if (_restarts == 2) _model.Multipliers.Clear(); else EstimateMultipliers();
        _penalty = Math.Min(options.MaxPenalty, 10.0 * Math.Pow(options.PenaltyFactor, _restarts));
        _reference = _violationReference = double.PositiveInfinity;
        _innerTolerance = BarrierToError * _barrier;
        _nextFinish = 1e-4;
        _leastViolation = _leastError = _leastObjective = double.PositiveInfinity;
        _lastProgress = _steps;
        _stuckSteps = _stalls = 0;
        ShiftTo(firstOrder: false);
    }
}
