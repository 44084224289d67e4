using Optc.Runtime.Problems;
using Optc.Runtime.Solution;

namespace Optc.Runtime.Solvers.Complementarity;

/// <summary>The result: the solution of a branch, or the best point on the way.</summary>
internal sealed partial class ComplementarityRun
{
    private const int MaxWorst = 10;

    private readonly Action<IterationRecord>? _progress;
    private int _outer;
    private int _inner;
    private EvaluationCounts _evaluations;
    private SolveResult? _best;
    private double _bestViolation = double.PositiveInfinity;
    private bool _isInfeasible;
    private SolveStatus? _endStatus;
    private string _endMessage = "";

    private bool End(SolveStatus status, string message)
    {
        (_endStatus, _endMessage) = (status, message);
        return true;
    }

    private bool EndStopped(SolveResult at) => End(at.Status, at.Status == SolveStatus.TimeLimit ? $"Stopped after {Text(Seconds)} seconds." : at.Message);

    /// <summary>However heavy the products weigh, they do not vanish: a stationary point of what the conditions lack.</summary>
    private void EndPenalised(SolveResult at)
    {
        _isInfeasible = true;
        _bestViolation = double.PositiveInfinity;
        KeepRelaxed(at);
    }

    private bool EndUnbounded(SolveResult at)
    {
        (_best, _bestViolation) = (at, 0.0);
        return End(SolveStatus.Unbounded, at.Message);
    }

    /// <summary>Keeps the point of a relaxation when it violates less than those before: bounds, sides and conditions.</summary>
    private void KeepRelaxed(SolveResult at)
    {
        double[] x = at.Point[.._problem.VariableCount], y = at.ConstraintMultipliers[.._problem.ConstraintCount];
        if (!x.All(double.IsFinite)) return;
        var z = new double[x.Length];
        _relaxed.BoundMultipliers(at.Point, at.ConstraintMultipliers, at.BoundMultipliers, z);
        var measure = new KktResiduals(x.Length, y.Length, _problem.JacobianPattern.Count);
        Residuals residuals = measure.Measure(_problem, x, y, z);
        double violation = Math.Max(residuals.Feasibility, Measure(x));
        if (_best is not null && !(violation < _bestViolation)) return;
        _bestViolation = violation;
        _best = new SolveResult
        {
            Status = at.Status,
            Message = at.Message,
            Point = x,
            Objective = measure.Objective,
            ConstraintValues = measure.Constraints.ToArray(),
            ConstraintMultipliers = y,
            BoundMultipliers = z,
            Residuals = residuals,
        };
    }

    private ComplementarityResult Result()
    {
        if (_endStatus == SolveStatus.Unbounded) _solved = null;
        SolveResult at = _solved ?? _best ?? Nothing();
        double residual = Measure(at.Point);
        if (_endStatus is { } status)
        {
            (at.Status, at.Message) = (status, _endMessage);
        }
        else if (_solved is null)
        {
            at.Status = _isInfeasible ? SolveStatus.Infeasible : SolveStatus.NumericalFailure;
            at.Message = _isInfeasible
                ? $"No point near the start satisfies all conditions (largest violation {Text(_bestViolation)}): the problem is locally infeasible."
                : $"No branch of the conditions could be solved: largest violation {Text(_bestViolation)} after {_branches} branches.";
        }
        at.OuterIterations = _outer;
        at.InnerIterations = _inner;
        at.Evaluations = _evaluations;
        at.Seconds = Seconds;
        if (_solved is null) at.WorstConstraints = WorstConstraints(at);
        at.Residuals = at.Residuals with { Feasibility = Math.Max(at.Residuals.Feasibility, residual / Scale(at.Point)) };
        return new ComplementarityResult
        {
            Result = at,
            Residual = residual,
            Stationarity = _solved is null ? StationarityKind.None : _kind,
            IsBStationary = _solved is not null && _isBStationary,
            BiactiveCount = _solved is null ? 0 : _biactive.Count,
            Branches = _branches,
            WorstConditions = WorstConditions(at.Point),
        };
    }

    /// <summary>What the residual of the conditions is relative to: the largest of 1 and their sides at the point.</summary>
    private double Scale(ReadOnlySpan<double> x)
    {
        double scale = 1.0;
        foreach (ComplementarityCondition c in _conditions)
        {
            double side = Math.Abs(c.OtherSide);
            if (double.IsFinite(c.Lower)) side = Math.Max(side, Math.Abs(c.Lower));
            if (double.IsFinite(c.Upper)) side = Math.Max(side, Math.Abs(c.Upper));
            if (c.Residual(Value(c.Bounded, x), Value(c.Other, x)) > 0.0) scale = Math.Max(scale, side);
        }
        return scale;
    }

    private int[] WorstConditions(double[] x)
    {
        var found = new List<(double Residual, int Index)>();
        for (int k = 0; k < _conditions.Length; k++)
        {
            double residual = _conditions[k].Residual(Value(_conditions[k].Bounded, x), Value(_conditions[k].Other, x));
            if (!(residual <= _options.AcceptableTolerance)) found.Add((residual, k));
        }
        return [.. found.OrderByDescending(f => f.Residual).ThenBy(f => f.Index).Take(MaxWorst).Select(f => f.Index)];
    }

    private int[] WorstConstraints(SolveResult at)
    {
        ReadOnlySpan<double> lower = _problem.ConstraintLower, upper = _problem.ConstraintUpper;
        var found = new List<(double Violation, int Index)>();
        for (int i = 0; i < at.ConstraintValues.Length; i++)
        {
            double v = KktResiduals.Violation(at.ConstraintValues[i], lower[i], upper[i]);
            if (v > _options.Tolerance) found.Add((v, i));
        }
        return [.. found.OrderByDescending(f => f.Violation).ThenBy(f => f.Index).Take(MaxWorst).Select(f => f.Index)];
    }

    /// <summary>The start, when no relaxation gave a point.</summary>
    private SolveResult Nothing() => new()
    {
        Status = SolveStatus.NumericalFailure,
        Message = "",
        Point = [.. _request.Start ?? _problem.Start.ToArray()],
        Objective = double.NaN,
        ConstraintValues = [.. _values],
        ConstraintMultipliers = new double[_problem.ConstraintCount],
        BoundMultipliers = new double[_problem.VariableCount],
        Residuals = new Residuals(double.NaN, double.NaN, double.NaN),
    };
}
