using System.Diagnostics;
using System.Globalization;
using Optc.Runtime.Problems;
using Optc.Runtime.Solution;
using Optc.Runtime.Solvers.AugmentedLagrangian;

namespace Optc.Runtime.Solvers.Complementarity;

/// <summary>
/// One solve: the sequence of relaxations, then that of penalties where the first fails. The other parts are the finish in
/// branches, the kind of stationarity, and the result.
/// </summary>
internal sealed partial class ComplementarityRun
{
    private static readonly double[] Relaxations = [1.0, 1e-1, 1e-2, 1e-4, 1e-6, 1e-8];
    private static readonly double[] Penalties = [1.0, 10.0, 100.0, 1e3, 1e4, 1e6];

    /// <summary>A relaxation from here on says which side of a condition is zero.</summary>
    private const double DecidedRelaxation = 1e-4;

    /// <summary>A relaxation that takes more steps than this is hopeless, or too tight for its start.</summary>
    private const int MaxRelaxedIterations = 1000;

    private readonly INlpProblem _problem;
    private readonly ComplementarityCondition[] _conditions;
    private readonly AugmentedLagrangianOptions _options;
    private readonly SolveRequest _request;
    private readonly long _began;
    private readonly CancellationToken _cancellation;
    private readonly RelaxedProblem _relaxed;
    private readonly AugmentedLagrangianSolver _relaxedSolver;
    private readonly bool _hasObjective;

    public ComplementarityRun(
        INlpProblem problem, ComplementarityCondition[] conditions, AugmentedLagrangianOptions options, SolveRequest request, long began, CancellationToken cancellation)
    {
        _problem = problem;
        _conditions = conditions;
        _options = options;
        _request = request;
        _began = began;
        _cancellation = cancellation;
        _relaxed = new RelaxedProblem(problem, conditions);
        _relaxedSolver = new AugmentedLagrangianSolver(options with { MaxInnerIterations = Math.Min(options.MaxInnerIterations, MaxRelaxedIterations) });
        _branchProblem = new BranchProblem(problem, conditions);
        _branchSolver = new AugmentedLagrangianSolver(options);
        _branch = new Branch[conditions.Length];
        _values = new double[problem.ConstraintCount];
        _hasObjective = HasObjective();
        _progress = request.Progress is { } report ? record => report(Shifted(record)) : null;
    }

    public ComplementarityResult Solve()
    {
        if (_request.ConstraintMultipliers is not null && _request.Start is not null)
        {
            Measure(_request.Start);
            if (FinishFrom(_request.Start, _request.ConstraintMultipliers, _request.BoundMultipliers)) return Result();
        }
        // Without an objective the products are one: a convex one, with the solutions as its minima, when the conditions are those of
        // a monotone linear problem. With one, relaxations hold on to it better.
        _ = _hasObjective
            ? Follow(Relaxations, isPenalty: false) || Follow(Penalties, isPenalty: true)
            : Follow(Penalties.AsSpan(0, 1), isPenalty: true) || Follow(Relaxations, isPenalty: false);
        return Result();
    }

    private bool HasObjective()
    {
        if (!_problem.Structure.ObjectiveIsLinear) return true;
        var gradient = new double[_problem.VariableCount];
        _problem.GradientOnly(_problem.Start, gradient);
        return gradient.Any(g => g != 0.0);
    }

    /// <summary>Follows the relaxations (or penalties) to a branch; true when the solve has ended.</summary>
    private bool Follow(ReadOnlySpan<double> parameters, bool isPenalty)
    {
        double[] start = new double[_relaxed.VariableCount];
        _relaxed.Lift(_request.Start ?? _problem.Start, start);
        double[]? y = null, z = null;
        _relaxed.Penalty = 0.0;
        _relaxed.Relaxation = double.PositiveInfinity;
        int failures = 0;
        foreach (double parameter in parameters)
        {
            if (isPenalty) _relaxed.Penalty = parameter; else _relaxed.Relaxation = parameter;
            SolveResult at = Run(_relaxedSolver, _relaxed, start, y, z);
            if (Stops(at.Status))
            {
                KeepRelaxed(at);
                return EndStopped(at);
            }
            bool isSolved = at.Status is SolveStatus.Solved or SolveStatus.SolvedToAcceptable;
            if (at.Status == SolveStatus.Infeasible) _isInfeasible = true;
            if (at.Status == SolveStatus.Unbounded || !at.Point.All(double.IsFinite))
            {
                if (FinishUnbounded(at)) return true;
                if (++failures > 1) return false;
                continue;
            }
            KeepRelaxed(at);
            at.Point.CopyTo(start, 0);
            // Multipliers of an unsolved relaxation would start the next one badly.
            y = isSolved ? at.ConstraintMultipliers : null;
            z = isSolved ? at.BoundMultipliers : null;
            if (!isSolved && ++failures > 1) return false;
            double residual = Measure(at.Point.AsSpan(0, _problem.VariableCount));
            bool isDecided = isPenalty ? residual <= Math.Sqrt(DecidedRelaxation) : parameter <= DecidedRelaxation;
            if (!isDecided)
            {
                if (isPenalty && isSolved && parameter == parameters[^1]) EndPenalised(at);
                continue;
            }
            var bounds = new double[_problem.VariableCount];
            _relaxed.BoundMultipliers(at.Point, at.ConstraintMultipliers, at.BoundMultipliers, bounds);
            if (FinishFrom(at.Point.AsSpan(0, _problem.VariableCount), at.ConstraintMultipliers.AsSpan(0, _problem.ConstraintCount), bounds)) return true;
        }
        return false;
    }

    /// <summary>An objective that falls without limit in a relaxation says something of the problem when it does so in a branch.</summary>
    private bool FinishUnbounded(SolveResult at)
    {
        ReadOnlySpan<double> x = at.Point.AsSpan(0, _problem.VariableCount);
        foreach (double value in x)
        {
            if (!double.IsFinite(value)) return false;
        }
        return FinishFrom(x, default, default);
    }

    /// <summary>One nonlinear program within what is left of the time.</summary>
    private SolveResult Run(AugmentedLagrangianSolver solver, INlpProblem problem, double[] start, double[]? y, double[]? z)
    {
        var request = new SolveRequest
        {
            Start = start,
            ConstraintMultipliers = y,
            BoundMultipliers = z,
            TimeLimit = Math.Max(0.0, _request.TimeLimit - Seconds),
            Clock = _request.Clock,
            Progress = _progress,
            Seed = _request.Seed,
        };
        SolveResult at = solver.Solve(problem, request, _cancellation);
        _outer += at.OuterIterations;
        _inner += at.InnerIterations;
        EvaluationCounts a = _evaluations, b = at.Evaluations;
        _evaluations = new EvaluationCounts(a.Objective + b.Objective, a.Gradient + b.Gradient, a.Constraints + b.Constraints, a.Jacobian + b.Jacobian, a.Hessian + b.Hessian)
        {
            HessianVector = a.HessianVector + b.HessianVector,
        };
        return at;
    }

    private IterationRecord Shifted(IterationRecord record) =>
        record with { Outer = record.Outer + _outer, Inner = record.Inner + _inner, Seconds = Seconds };

    /// <summary>Statuses that end everything.</summary>
    private static bool Stops(SolveStatus status) =>
        status is SolveStatus.TimeLimit or SolveStatus.Interrupted or SolveStatus.EvaluationError;

    /// <summary>Largest residual of a condition at x; the bodies stay in _values.</summary>
    private double Measure(ReadOnlySpan<double> x)
    {
        if (_values.Length > 0) _problem.Constraints(x, _values);
        double largest = 0.0;
        foreach (ComplementarityCondition c in _conditions)
        {
            double residual = c.Residual(Value(c.Bounded, x), Value(c.Other, x));
            if (double.IsNaN(residual)) return double.NaN;
            largest = Math.Max(largest, residual);
        }
        return largest;
    }

    private double Value(ComplementarityBody body, ReadOnlySpan<double> x) => body.IsVariable ? x[body.Index] : _values[body.Index];

    private double Seconds => _request.Clock.GetElapsedTime(_began).TotalSeconds;

    private static string Text(double value) => value.ToString("G6", CultureInfo.InvariantCulture);
}
