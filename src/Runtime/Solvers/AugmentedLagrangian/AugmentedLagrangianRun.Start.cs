using Optc.Runtime.Problems;
using Optc.Runtime.Solution;

namespace Optc.Runtime.Solvers.AugmentedLagrangian;

/// <summary>The start: a point strictly inside, scaling, first multipliers, penalty and barrier parameter.</summary>
internal sealed partial class AugmentedLagrangianRun
{
    private const double ColdPush = 1e-2;
    private const double WarmPush = 1e-4;
    private const double LeastPush = 1e-12;
    private const double WarmBarrier = 1e-4;
    private const double LeastFirstBarrier = 1e-5;
    private const double LargestFirstMultiplier = 1e3;

    private bool _warm;
    private double _violation;
    private double _bestViolation;
    private double _bestObjective;

    private bool Initialise()
    {
        INlpProblem problem = _problem.Original;
        int n = problem.VariableCount;
        double[] x = state.X;
        TakeStart();
        _warm = _request.ConstraintMultipliers is not null || _request.BoundMultipliers is not null;
        ReadOnlySpan<double> lower = problem.VariableLower, upper = problem.VariableUpper;
        _bestViolation = _bestObjective = double.PositiveInfinity;
        _violation = double.NaN;
        Array.Clear(state.Y);
        Array.Clear(state.Z);
        Residuals at = state.Residuals.Measure(problem, x, state.Y, state.Z);
        if (double.IsNaN(at.Largest) || !double.IsFinite(at.Largest))
        {
            for (int j = 0; j < n; j++) x[j] = PushInside(x[j], lower[j], upper[j], ColdPush);
            at = state.Residuals.Measure(problem, x, state.Y, state.Z);
        }
        if (!double.IsFinite(at.Largest))
        {
            Finish(SolveStatus.EvaluationError, $"The start cannot be evaluated, nor can the point moved into the bounds' interior: {Culprit()} is not finite.", x, state.Y, state.Z);
            return false;
        }
        ResetSequence();
        KeepBest(x, at.Feasibility, state.Residuals.Objective);

        // Measure leaves the Lagrangian's gradient, which with zero multipliers is that of the objective.
        _problem.Scale(state.Residuals.ObjectiveGradient, state.Residuals.Jacobian, options.ScalingMaxGradient);
        _model.Attach();
        _model.ObjectiveWeight = 1.0;
        _scaledTolerance = options.Tolerance;
        _leastBarrier = options.Tolerance / 10.0;
        TakeMultipliers();
        return true;
    }

    /// <summary>The start within the bounds into X.</summary>
    private void TakeStart()
    {
        INlpProblem problem = _problem.Original;
        double[] x = state.X;
        if (_request.Start is { } start) start.CopyTo(x, 0);
        else problem.Start.CopyTo(x);
        ReadOnlySpan<double> lower = problem.VariableLower, upper = problem.VariableUpper;
        for (int j = 0; j < x.Length; j++) x[j] = Math.Clamp(x[j], lower[j], upper[j]);
    }

    /// <summary>Scaled multipliers of the request into the model, bounds' multipliers into Work2.</summary>
    private void TakeMultipliers()
    {
        double sigma = _problem.ObjectiveFactor;
        Span<double> y = _model.Multipliers;
        y.Clear();
        Array.Clear(state.Work2);
        for (int i = 0; i < y.Length; i++)
        {
            if (_request.ConstraintMultipliers is not null) y[i] = _request.ConstraintMultipliers[i] * sigma / _problem.RowFactor[i];
            int s = _model.Slack[i];
            if (s == -2) y[i] = 0.0;
            if (s >= 0) state.Work2[s] = y[i];
        }
        if (_request.BoundMultipliers is null) return;
        for (int j = 0; j < state.X.Length; j++) state.Work2[j] = _request.BoundMultipliers[j] * sigma;
    }

    /// <summary>The fast finish from the request's point and multipliers: the slacks are at their constraints' values.</summary>
    private bool FinishesWarm()
    {
        Span<double> point = _inner.Begin(_model);
        PlaceStart(point, 0.0);
        return TryFinish(point, state.Work2.AsSpan(0, point.Length), 6);
    }

    /// <summary>The start X and its slacks, at least a fraction of the width (or size) of the bounds inside.</summary>
    private void PlaceStart(Span<double> point, double fraction)
    {
        int n = state.X.Length;
        ReadOnlySpan<double> lower = _model.Lower, upper = _model.Upper;
        for (int j = 0; j < n; j++) point[j] = PushInside(state.X[j], lower[j], upper[j], fraction);
        Span<double> constraints = state.Work.AsSpan(0, _model.Slack.Length);
        _problem.Constraints(point[..n], constraints);
        for (int i = 0; i < _model.Slack.Length; i++)
        {
            int s = _model.Slack[i];
            if (s >= 0) point[s] = PushInside(constraints[i], lower[s], upper[s], fraction);
        }
    }

    /// <summary>The unscaled point X moved strictly inside the bounds, with duals and multipliers to begin with.</summary>
    private void PlaceInside()
    {
        _barrier = _warm ? Math.Min(WarmBarrier, options.InitialBarrier) : options.InitialBarrier;
        // A point that can be evaluated may have neighbours that cannot: then it is moved less far.
        for (double push = _warm ? WarmPush : ColdPush; push >= LeastPush; push *= 1e-3)
        {
            PlaceStart(_inner.Begin(_model), push);
            _inner.Linearise(_barrier);
            if (_model.IsFinite) break;
        }
        if (!_warm && _model.Multipliers.Length == 0) StartBelowObjective();
        if (_warm) _inner.ResetDuals(0.0, double.MaxValue); else _inner.ResetDuals(1.0, 1.0);
        if (!_warm) EstimateMultipliers();
    }

    /// <summary>
    /// A barrier parameter with which the logarithms pull no harder than the objective, the mean of |∂f/∂x| times the distance to the
    /// bound: on a fine grid every ∂f is small, and a larger μ sends the first steps far away. Where there are constraints, their multipliers
    /// are not known yet, and this would say too little.
    /// </summary>
    private void StartBelowObjective()
    {
        ReadOnlySpan<double> lower = _model.Lower, upper = _model.Upper, point = _inner.Point, gradient = _inner.Gradient;
        double sum = 0.0;
        int bounded = 0;
        for (int j = 0; j < point.Length; j++)
        {
            double gap = Math.Min(point[j] - lower[j], upper[j] - point[j]);
            if (!(lower[j] < upper[j]) || double.IsInfinity(gap)) continue;
            sum += Math.Abs(gradient[j]) * gap;
            bounded++;
        }
        if (bounded == 0) return;
        double barrier = Math.Clamp(sum / bounded, Math.Min(_barrier, LeastFirstBarrier), _barrier);
        if (barrier == _barrier) return;
        _barrier = barrier;
        _inner.Linearise(_barrier);
    }

    /// <summary>First penalty and tolerance of the inner solver.</summary>
    private void BeginInner()
    {
        double violation = _model.Violation();
        _penalty = options.InitialPenalty > 0.0
            ? options.InitialPenalty
            : Math.Clamp(10.0 * Math.Max(1.0, Math.Abs(_model.Objective)) / Math.Max(1e-8, violation * violation), 10.0, 100.0);
        _reference = double.PositiveInfinity;
        _violationReference = double.PositiveInfinity;
        _innerTolerance = BarrierToError * _barrier;
        ShiftTo(firstOrder: false);
    }

    /// <summary>Least-squares multipliers at the start from [I, Jᵀ; J, −1/ρ] (Wächter and Biegler 2006, (36)); zero when they are large.</summary>
    private void EstimateMultipliers()
    {
        Span<double> y = _model.Multipliers;
        y.Clear();
        if (y.Length == 0 || !_model.LeastSquaresMultipliers(_inner.LowerDual, _inner.UpperDual, y)) return;
        foreach (double value in y)
        {
            if (Math.Abs(value) <= LargestFirstMultiplier) continue;
            y.Clear();
            return;
        }
    }

    private static double PushInside(double v, double lower, double upper, double fraction)
    {
        if (fraction == 0.0 || lower == upper) return Math.Clamp(v, lower, upper);
        double width = upper - lower;
        double fromLower = double.IsNegativeInfinity(lower) ? 0.0 : Math.Min(fraction * Math.Max(1.0, Math.Abs(lower)), fraction * width);
        double fromUpper = double.IsPositiveInfinity(upper) ? 0.0 : Math.Min(fraction * Math.Max(1.0, Math.Abs(upper)), fraction * width);
        return Math.Min(Math.Max(v, lower + fromLower), upper - fromUpper);
    }

    private string Culprit()
    {
        if (!double.IsFinite(state.Residuals.Objective)) return "the objective";
        for (int i = 0; i < state.Residuals.Constraints.Length; i++)
        {
            if (!double.IsFinite(state.Residuals.Constraints[i])) return $"constraint {i}";
        }
        return "a derivative";
    }
}
