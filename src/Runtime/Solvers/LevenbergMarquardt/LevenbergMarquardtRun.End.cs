using Optc.Runtime.Native;
using Optc.Runtime.Problems;
using Optc.Runtime.Solution;

namespace Optc.Runtime.Solvers.LevenbergMarquardt;

/// <summary>The end: steps that only the gradient can judge, stopping tests, and the result.</summary>
internal sealed partial class LevenbergMarquardtRun
{
    /// <summary>Predicted changes of F below this fraction of it are lost in the rounding of residuals.</summary>
    private const double RoundingFloor = 1e-14;

    /// <summary>‖D⁻¹Jᵀr‖ relative to ‖r‖ at which equations that do not hold have no way on (MINPACK's gtol).</summary>
    private const double OrthogonalResidual = 1e-9;

    private const int MaxEscapes = 10;

    private double _ownTolerance;
    private bool _atFloor;
    private int _escapes;

    /// <summary>Whether the last solve ended because rounding hides every further change of the objective.</summary>
    public bool EndedByRounding => _atFloor;

    private bool AtRoundingFloor(double predicted) => Math.Abs(predicted) <= RoundingFloor * _model.Value;

    /// <summary>Near the end the value tells nothing any more: a step counts when it makes the gradient smaller.</summary>
    private bool AcceptByGradient()
    {
        double before = _stationarity;
        _atFloor = true;
        _newton = true;
        _damping = LeastDamping;
        for (int attempt = 0; attempt < 4; attempt++)
        {
            if (!ComputeStep(_newton))
            {
                _newton = false;
                continue;
            }
            TakeTrial();
            _x.CopyTo(_correction, 0);
            if (Accept() && _stationarity < before) return true;
            _correction.CopyTo(_x, 0);
            _model.Linearise(_x);
            FindHeld();
            _newton = !_newton;
        }
        return false;
    }

    private bool Ends(CancellationToken cancellation)
    {
        if (_isSystem ? _model.Value <= double.Epsilon || Feasibility() <= _options.Tolerance : _stationarity <= _ownTolerance)
        {
            if (Measure().Largest <= _options.Tolerance) return Finish(SolveStatus.Solved, "Solved.");
            _ownTolerance = Math.Max(0.1 * _ownTolerance, 1e-15);
        }
        if (_isSystem && IsOrthogonal() && !LeavesSaddle()) return FinishStalled();
        if (_steps >= _options.MaxInnerIterations) return Finish(SolveStatus.IterationLimit, $"Stopped after {_steps} iterations.");
        if (cancellation.IsCancellationRequested) return Finish(SolveStatus.Interrupted, "Interrupted.");
        return Seconds > _request.TimeLimit && Finish(SolveStatus.TimeLimit, $"Stopped after {Text(Seconds)} seconds.");
    }

    /// <summary>Equations that do not hold where their squares have a saddle: goes on from a point nearby that is better.</summary>
    private bool LeavesSaddle()
    {
        if (_escapes >= MaxEscapes) return false;
        _escapes++;
        _model.UpdateCurvature(_x);
        var random = new Random(_request.Seed);
        for (int j = 0; j < _x.Length; j++) _correction[j] = 2.0 * random.NextDouble() - 1.0;
        if (!_model.FindNegativeCurvature(_held, _correction)) return false;
        double length = (1.0 + VectorKernels.MaxAbs(_x)) / VectorKernels.MaxAbs(_correction);
        for (double size = 0.1; size > 1e-6; size *= 0.25)
        {
            for (int j = 0; j < _x.Length; j++) _trial[j] = _x[j] + size * length * _correction[j];
            Clamp(_trial);
            if (!(_model.Evaluate(_trial, _residual) < _model.Value) || !Accept()) continue;
            _newton = false;
            _damping = FirstDamping;
            return true;
        }
        return false;
    }

    private bool IsOrthogonal() => ScaledGradient() <= OrthogonalResidual * Math.Sqrt(2.0 * _model.Value);

    private double Feasibility()
    {
        ReadOnlySpan<double> side = _problem.ConstraintLower;
        ReadOnlySpan<double> residual = _model.Residual;
        double largest = 0.0;
        for (int i = 0; i < residual.Length; i++) largest = Math.Max(largest, Math.Abs(residual[i]) / Math.Max(1.0, Math.Abs(side[i])));
        return largest;
    }

    private Residuals Measure()
    {
        if (_isSystem) Array.Clear(_z);
        return _measure.Measure(_problem, _x, _y, _z);
    }

    /// <summary>No damping gives a better point.</summary>
    private bool FinishStalled()
    {
        if (!_isSystem) SearchRounding();
        Residuals at = Measure();
        if (at.Largest <= _options.Tolerance) return Finish(SolveStatus.Solved, "Solved.");
        if (at.Largest <= _options.AcceptableTolerance)
            return Finish(SolveStatus.SolvedToAcceptable, $"Solved to the acceptable tolerance; rounding hides the rest (residual {Text(at.Largest)}).");
        if (_isSystem && ScaledGradient() <= 1e-6 * Math.Sqrt(2.0 * _model.Value))
            return Finish(SolveStatus.Infeasible, $"The equations have no solution near here: their squares have a minimum with the violation {Text(at.Feasibility)}.");
        string reason = _atFloor
            ? $"The best that this precision gives: a further step would change the objective by less than {Text(RoundingFloor)} of it, but rounding leaves the residual {Text(at.Largest)}."
            : $"No step makes the squares smaller: residual {Text(at.Largest)} after {_steps} iterations.";
        return Finish(SolveStatus.NumericalFailure, reason);
    }

    private bool Finish(SolveStatus status, string message)
    {
        SolveResult result = _result;
        result.Status = status;
        result.Message = message;
        result.Residuals = Measure();
        result.Objective = _measure.Objective;
        result.Point = Fill(result.Point, _x);
        result.ConstraintValues = Fill(result.ConstraintValues, _measure.Constraints);
        result.ConstraintMultipliers = Fill(result.ConstraintMultipliers, _y);
        result.BoundMultipliers = Fill(result.BoundMultipliers, _z);
        result.WorstConstraints = status == SolveStatus.Solved ? [] : Worst();
        result.OuterIterations = 0;
        result.InnerIterations = _steps;
        result.Evaluations = new EvaluationCounts(_model.Counts.Residuals, 0, 0, _model.Counts.Jacobians, _model.Counts.Curvatures);
        result.Seconds = Seconds;
        return true;
    }

    private int[] Worst()
    {
        if (!_isSystem) return [];
        double[] residual = [.. _model.Residual];
        int[] order = [.. Enumerable.Range(0, residual.Length).Where(i => Math.Abs(residual[i]) > _options.Tolerance)];
        return [.. order.OrderByDescending(i => Math.Abs(residual[i])).ThenBy(i => i).Take(10)];
    }

    private static double[] Fill(double[] target, ReadOnlySpan<double> source)
    {
        if (target.Length != source.Length) target = new double[source.Length];
        source.CopyTo(target);
        return target;
    }
}
