using Optc.Runtime.Problems;
using Optc.Runtime.Solution;

namespace Optc.Runtime.Solvers.AugmentedLagrangian;

/// <summary>The end: stopping tests, the fast finish, and the result.</summary>
internal sealed partial class AugmentedLagrangianRun
{
    private const int MaxStalls = 12;
    private const int MaxIdleSteps = 500;
    private const double FinishReach = 0.1;
    private double _nextFinish;
    private double _leastError;
    private double _leastObjective = double.PositiveInfinity;
    private int _lastProgress;
    private double _finishResidual;

    private bool ReachedEnd()
    {
        if (Ends()) return true;
        if (MultipliersDiverge) return EndDiverging();
        if (_stalls < MaxStalls && !IsIdle()) return false;
        // Where rounding hides every decrease of the merit function, residuals may still fall.
        if (options.FastFinish && TryFinishFromIterate()) return true;
        TakeIterate();
        if (_finishResidual <= options.AcceptableTolerance)
            return Finish(SolveStatus.SolvedToAcceptable, "Solved to the acceptable tolerance; rounding hides the rest.", state.FinishX, state.FinishY, state.FinishZ);
        Residuals last = state.Residuals.Measure(_problem.Original, state.X, state.Y, state.Z);
        if (last.Largest <= options.AcceptableTolerance)
            return Finish(SolveStatus.SolvedToAcceptable, "Solved to the acceptable tolerance; no further progress was possible.", state.X, state.Y, state.Z);
        if (_restarts < MaxRestarts)
        {
            Restart();
            return false;
        }
        if (StopsUnbounded()) return true;
        if (_isBlocked)
        {
            return Stop(
                SolveStatus.EvaluationError,
                "No further progress: the steps from the best point lead to where a function or a derivative is not finite. Bounds that keep the variables inside the domain may help.");
        }
        return Stop(SolveStatus.NumericalFailure, $"No progress after {_steps} inner iterations and {_restarts} restarts: residual {Text(last.Largest)}, penalty {Text(_penalty)}.");
    }

    /// <summary>Whether the current iterate solves the problem, or a limit is reached.</summary>
    private bool Ends()
    {
        TakeIterate();
        INlpProblem problem = _problem.Original;
        _violation = Violation();
        if (!_model.IsFinite)
        {
            return Stop(
                SolveStatus.EvaluationError,
                "A function or derivative that could be evaluated before is not finite next to the best point, which is returned.");
        }
        KeepBest(state.X, _violation, UnscaledObjective);
        _error = Error(0.0);
        if (_error <= _scaledTolerance)
        {
            Residuals at = state.Residuals.Measure(problem, state.X, state.Y, state.Z);
            if (at.Largest <= options.Tolerance) return Finish(SolveStatus.Solved, "Solved.", state.X, state.Y, state.Z);
            _scaledTolerance = Math.Max(0.1 * _scaledTolerance, 1e-15);
            _leastBarrier = Math.Max(0.1 * _leastBarrier, 1e-18);
        }
        if (options.FastFinish && _error <= _nextFinish)
        {
            _nextFinish = 0.1 * _error;
            if (TryFinishFromIterate()) return true;
            TakeIterate();
        }
        if (EndsUnbounded(UnscaledObjective)) return true;
        if (_error <= options.AcceptableTolerance && _violation <= options.AcceptableTolerance) NoteDivergence();
        if (_steps >= options.MaxInnerIterations || _outer >= options.MaxOuterIterations)
            return Stop(SolveStatus.IterationLimit, $"Stopped after {_steps} inner and {_outer} outer iterations.");
        if (_cancellation.IsCancellationRequested) return Stop(SolveStatus.Interrupted, "Interrupted.");
        if (Seconds > _request.TimeLimit) return Stop(SolveStatus.TimeLimit, $"Stopped after {Text(Seconds)} seconds.");
        return false;
    }

    /// <summary>
    /// Whether for very long neither the residual has fallen by a tenth nor, at feasible points, the objective has fallen at all
    /// (no multipliers exist, or the precision is used up). A long curved valley is progress.
    /// </summary>
    private bool IsIdle() => StepsWithoutProgress() > MaxIdleSteps;

    private int StepsWithoutProgress()
    {
        if (_error <= 0.9 * _leastError)
        {
            _leastError = _error;
            _lastProgress = _steps;
        }
        double objective = _model.Objective;
        bool falls = objective < _leastObjective - (1e-9 * Math.Max(1.0, Math.Abs(objective)));
        if (_violation <= options.AcceptableTolerance && falls)
        {
            _leastObjective = objective;
            _lastProgress = _steps;
        }
        return _steps - _lastProgress;
    }

    /// <summary>
    /// Newton on the active set of the current iterate (of the request's point and multipliers, before the inner solver has
    /// begun); ends the solve when the independent residuals hold. The multipliers are put back when it fails.
    /// </summary>
    private bool TryFinish(ReadOnlySpan<double> point, ReadOnlySpan<double> boundMultipliers, int steps)
    {
        ActiveSetNewton newton = state.Finish;
        Span<double> y = _model.Multipliers, saved = state.SavedMultipliers;
        y.CopyTo(saved);
        _model.Shifted.CopyTo(state.SavedShifted);
        newton.Begin(point, boundMultipliers);
        double best = double.PositiveInfinity;
        int failures = 0;
        for (int k = 0; ; k++)
        {
            TakeIterate(newton.Point, newton.BoundMultipliers);
            Residuals at = state.Residuals.Measure(_problem.Original, state.X, state.Y, state.Z);
            if (at.Largest <= options.Tolerance) return Finish(SolveStatus.Solved, "Solved.", state.X, state.Y, state.Z);
            KeepFinish(at.Largest);
            failures = at.Largest < 0.5 * best ? 0 : failures + 1;
            if (!(at.Largest < double.PositiveInfinity) || failures > 3 || k == steps) break;
            best = Math.Min(best, at.Largest);
            if (!newton.Step(FinishReach)) break;
            _steps++;
        }
        saved.CopyTo(y);
        state.SavedShifted.CopyTo(_model.Shifted);
        return false;
    }

    /// <summary>The fast finish from the inner solver's iterate.</summary>
    private bool TryFinishFromIterate()
    {
        Span<double> z = state.Work.AsSpan(0, _model.VariableCount);
        for (int j = 0; j < z.Length; j++) z[j] = _current.LowerDual[j] - _current.UpperDual[j];
        if (TryFinish(_current.Point, z, 12)) return true;
        _current.Relinearise(_barrier);
        if (ReferenceEquals(_current, _inner)) Renew();
        return false;
    }

    /// <summary>Unscales the inner solver's iterate into X, Y, Z.</summary>
    private void TakeIterate()
    {
        Span<double> z = state.Work.AsSpan(0, _model.VariableCount);
        for (int j = 0; j < z.Length; j++) z[j] = _current.LowerDual[j] - _current.UpperDual[j];
        TakeIterate(_current.Point, z);
    }

    /// <summary>Unscales a point with bound multipliers, and the model's multipliers, into X, Y, Z.</summary>
    private void TakeIterate(ReadOnlySpan<double> point, ReadOnlySpan<double> boundMultipliers)
    {
        double sigma = _problem.ObjectiveFactor;
        ReadOnlySpan<double> y = _model.Multipliers;
        point[..state.X.Length].CopyTo(state.X);
        for (int i = 0; i < y.Length; i++) state.Y[i] = y[i] * _problem.RowFactor[i] / sigma;
        Span<double> gradient = state.Work2.AsSpan(0, _model.VariableCount);
        _model.LagrangianGradient(gradient);
        for (int j = 0; j < state.X.Length; j++)
        {
            bool free = _model.Lower[j] < _model.Upper[j];
            state.Z[j] = (free ? boundMultipliers[j] : gradient[j]) / sigma;
        }
    }

    private double Violation()
    {
        ReadOnlySpan<double> lower = _problem.Original.ConstraintLower, upper = _problem.Original.ConstraintUpper;
        ReadOnlySpan<double> factor = _problem.RowFactor, constraints = _model.Constraints;
        double largest = 0.0;
        for (int i = 0; i < factor.Length; i++)
        {
            double v = KktResiduals.Violation(constraints[i] / factor[i], lower[i], upper[i]);
            largest = Math.Max(largest, v);
        }
        return largest;
    }

    /// <summary>The best point that the fast finish came to, should nothing better be reached.</summary>
    private void KeepFinish(double residual)
    {
        if (!(residual < _finishResidual)) return;
        _finishResidual = residual;
        state.X.CopyTo(state.FinishX, 0);
        state.Y.CopyTo(state.FinishY, 0);
        state.Z.CopyTo(state.FinishZ, 0);
    }

    /// <summary>f at the point that was linearised last.</summary>
    private double UnscaledObjective => _model.Objective / _problem.ObjectiveFactor;

    private void KeepBest(double[] x, double violation, double objective)
    {
        if (!double.IsFinite(objective)) return;
        bool feasible = violation <= options.Tolerance, bestFeasible = _bestViolation <= options.Tolerance;
        bool better = feasible ? !bestFeasible || objective < _bestObjective : !bestFeasible && violation < _bestViolation;
        if (!better) return;
        _bestViolation = violation;
        _bestObjective = objective;
        x.CopyTo(state.BestX, 0);
        state.Y.CopyTo(state.BestY, 0);
        state.Z.CopyTo(state.BestZ, 0);
    }

    private bool Stop(SolveStatus status, string message) => Finish(status, message, state.BestX, state.BestY, state.BestZ);

    private bool Finish(SolveStatus status, string message, double[] x, double[] y, double[] z, UnboundednessEvidence? unboundedness = null)
    {
        SolveResult result = _result;
        result.Status = status;
        result.Message = message;
        result.Residuals = state.Residuals.Measure(_problem.Original, x, y, z);
        result.Objective = state.Residuals.Objective;
        if (!double.IsFinite(result.Objective) && ReferenceEquals(x, state.BestX))
        {
            // Functions that could be evaluated here once: what was seen then still holds.
            result.Objective = _bestObjective;
            result.Residuals = new Residuals(double.NaN, _bestViolation, double.NaN);
        }
        result.Point = Fill(result.Point, x);
        result.ConstraintValues = Fill(result.ConstraintValues, state.Residuals.Constraints);
        result.ConstraintMultipliers = Fill(result.ConstraintMultipliers, y);
        result.BoundMultipliers = Fill(result.BoundMultipliers, z);
        result.Unboundedness = unboundedness;
        result.Diverging = Divergence(status, y, z);
        result.WorstConstraints = status == SolveStatus.Solved ? [] : Worst(_problem.Original, state.Residuals.Constraints, options.Tolerance);
        result.OuterIterations = _outer;
        result.InnerIterations = _steps;
        result.Evaluations = _problem.Counts;
        result.Seconds = Seconds;
        return true;
    }

    private static double[] Fill(double[] target, ReadOnlySpan<double> source)
    {
        if (target.Length != source.Length) target = new double[source.Length];
        source.CopyTo(target);
        return target;
    }

    /// <summary>The most violated constraints, worst first, at most ten.</summary>
    internal static int[] Worst(INlpProblem problem, ReadOnlySpan<double> constraints, double tolerance)
    {
        ReadOnlySpan<double> lower = problem.ConstraintLower, upper = problem.ConstraintUpper;
        var found = new List<(double Violation, int Index)>();
        for (int i = 0; i < constraints.Length; i++)
        {
            double v = KktResiduals.Violation(constraints[i], lower[i], upper[i]);
            if (v > tolerance) found.Add((v, i));
        }
        return [.. found.OrderByDescending(f => f.Violation).ThenBy(f => f.Index).Take(10).Select(f => f.Index)];
    }
}
