using System.Globalization;
using Optc.Runtime.Problems;
using Optc.Runtime.Solution;

namespace Optc.Runtime.Solvers.Bilevel;

/// <summary>The answer: the best candidate that stands a second look at the followers, or why there is none.</summary>
internal sealed partial class BilevelRun
{
    /// <summary>Relative difference of the leader's objective from which the followers' optima are of different worth.</summary>
    private const double SeveralOptima = 1e-4;

    /// <summary>Starts of the second look, in terms of those of the first.</summary>
    private const int SecondLook = 3;

    private BilevelResult Result(double[]? relaxed)
    {
        List<BilevelCandidate> left = [.. _candidates];
        while (left.Count > 0)
        {
            BilevelCandidate best = Best(left);
            // Among candidates of the same worth the one with the leader's multipliers.
            double size = SameObjective * Math.Max(1.0, Math.Abs(best.Objective));
            BilevelCandidate chosen = left
                .Where(c => Math.Abs(c.Objective - best.Objective) <= size && c.Gap <= Math.Max(best.Gap, 2.0 * SharpGap * _options.GapTolerance))
                .OrderByDescending(c => c.Leader is not null).ThenByDescending(c => c.Stationarity is not null)
                .ThenBy(c => Math.Max(c.Gap, c.Feasibility)).ThenBy(c => c.Objective).First();
            if (_isConvex || IsOver) return Answered(chosen, chosen.Answer);
            FollowerAnswer again = _oracle.Answer(chosen.Point, [_oracle.Followers(chosen.Answer.Point)], SecondLook * _options.LowerStarts);
            BilevelCandidate judged = Judged(chosen.Point, again);
            if (again.IsSolved && judged.Gap <= _options.GapTolerance) return Answered(chosen with { Gap = judged.Gap, Answer = again }, again);
            left.Remove(chosen);
        }
        return Unanswered(relaxed);
    }

    private BilevelResult Answered(BilevelCandidate chosen, FollowerAnswer answer)
    {
        INlpProblem joint = _problem.Joint;
        string method = _methodOf.FirstOrDefault(m => ReferenceEquals(m.Key.Point, chosen.Point)).Value ?? "response";
        double pessimistic = Pessimistic(chosen, answer);
        bool hasSeveral = pessimistic - chosen.Objective > SeveralOptima * Math.Max(1.0, Math.Abs(chosen.Objective));
        var values = new double[joint.ConstraintCount];
        joint.Constraints(chosen.Point, values);
        // Multipliers of the leader that nobody has computed are not zero.
        double[] rows = chosen.Multipliers ?? Unknown(joint.ConstraintCount), bounds = chosen.BoundMultipliers ?? Unknown(_n);
        for (int r = 0; r < answer.Multipliers.Length; r++) rows[_problem.LowerRows[r]] = answer.Multipliers[r];
        for (int k = 0; k < answer.BoundMultipliers.Length; k++) bounds[_problem.FollowerVariables[k]] = answer.BoundMultipliers[k];
        Residuals own = chosen.Leader ?? new Residuals(double.NaN, 0.0, double.NaN);
        string how = method switch
        {
            _ when chosen.Hypergradient is { } left => double.IsNaN(left) && !IsSampled
                ? $"by {method}, which took no step"
                : double.IsNaN(left)
                ? $"by {method} with samples, whose number of iterations ended it; the leader's stationarity is not known"
                : $"by {method}, which ended with a stationarity of {Text(left)}",
            _ when _options.IsFirstOrder && chosen.Leader is not null => $"by {MethodName}, made precise by the followers' conditions",
            "kkt" => "by the followers' conditions",
            "value" when chosen.Leader is not null => "by the followers' value function",
            "value" => "by the followers' value function; no multipliers of the leader exist or were found here",
            _ => "as the followers' answer to a decision met on the way; no multipliers of the leader exist or were found here",
        };
        string proof = _isConvex
            ? "the followers' problems are convex: their gap is a proof"
            : $"global optimality of the followers was checked from {SecondLook * _options.LowerStarts} starts and no more";
        string several = hasSeveral ? " The followers have several optima; the leader's choice among them is taken." : "";
        bool isPrecise = chosen.Feasibility <= _inner.Tolerance && (chosen.Leader is null || own.Largest <= _inner.Tolerance);
        // Without a problem of the leader solved at the point its stationarity is not known.
        bool isLimit = chosen.Hypergradient is { } hypergradient && !(hypergradient <= _options.FirstOrder.Tolerance);
        SolveStatus status = IsOver ? StopStatus : isLimit ? SolveStatus.IterationLimit : isPrecise && chosen.Leader is not null ? SolveStatus.Solved : SolveStatus.SolvedToAcceptable;
        string stop = IsOver ? "Stopped early; best so far found " : "Found ";
        return new BilevelResult
        {
            Result = new SolveResult
            {
                Status = status,
                Message = $"{stop}{how}; gap {Text(chosen.Gap)}, {proof}.{several}",
                Point = chosen.Point,
                Objective = chosen.Objective,
                ConstraintValues = values,
                ConstraintMultipliers = rows,
                BoundMultipliers = bounds,
                Residuals = own with { Feasibility = chosen.Feasibility },
                OuterIterations = _outer,
                InnerIterations = _inners,
                Seconds = Seconds,
            },
            Report = Report(chosen.Point, chosen.Gap, method) with
            {
                Stationarity = chosen.Stationarity,
                Pessimistic = pessimistic,
                HasSeveralOptima = hasSeveral,
            },
        };
    }

    /// <summary>
    /// F where the followers choose their optimum that is worst for the leader; NaN where it was not found. Slack ε in f ≤ v moves F by
    /// about √ε where the optimum is unique, and hardly changes it where there are several: two slacks tell them apart.
    /// </summary>
    private double Pessimistic(BilevelCandidate chosen, FollowerAnswer answer)
    {
        if (IsOver) return double.NaN;
        if (_problem.IsStronglyConvex.Value) return chosen.Objective;
        double loose = Worst(SharpGap), tight = Worst(0.01 * SharpGap);
        if (double.IsNaN(tight)) return loose - chosen.Objective <= SeveralOptima * Math.Max(1.0, Math.Abs(chosen.Objective)) ? loose : double.NaN;
        return tight - chosen.Objective >= 0.5 * (loose - chosen.Objective) ? tight : chosen.Objective;

        double Worst(double share)
        {
            double[]? worst = AmongOptima(BilevelObjective.LeaderNegated, answer, share);
            return worst is null ? double.NaN : Math.Max(chosen.Objective, _problem.Joint.Objective(worst));
        }
    }

    private static double[] Unknown(int count) => [.. Enumerable.Repeat(double.NaN, count)];

    private bool IsSampled => _options.FirstOrder.Batch > 0 || _options.FirstOrder.BlockBatch > 0;

    private SolveStatus StopStatus => _cancellation.IsCancellationRequested ? SolveStatus.Interrupted : SolveStatus.TimeLimit;

    /// <summary>No candidate: the nearest point, and what the followers' answers say of the reason.</summary>
    private BilevelResult Unanswered(double[]? relaxed)
    {
        // Answers of the followers that the leader may not take say more than points that are no answers.
        List<(BilevelCandidate Candidate, string Method)> answers = [.. _near.Where(c => c.Candidate.Gap <= _options.GapTolerance)];
        List<(BilevelCandidate Candidate, string Method)> pool = answers.Count > 0 ? answers : _near;
        (BilevelCandidate Candidate, string Method)? nearest = pool.Count == 0 ? null : pool.MinBy(c => Math.Max(c.Candidate.Gap, c.Candidate.Feasibility));
        double[] point = nearest?.Candidate.Point ?? relaxed ?? Clamped([.. _problem.Joint.Start]);
        double gap = nearest?.Candidate.Gap ?? double.NaN;
        (SolveStatus status, string message) = Reason(nearest?.Candidate);
        var values = new double[_problem.Joint.ConstraintCount];
        _problem.Joint.Constraints(point, values);
        (double upper, double lower) = Feasibility(point);
        return new BilevelResult
        {
            Result = new SolveResult
            {
                Status = status,
                Message = message,
                Point = point,
                Objective = _problem.Joint.Objective(point),
                ConstraintValues = values,
                ConstraintMultipliers = new double[values.Length],
                BoundMultipliers = new double[_n],
                Residuals = new Residuals(double.NaN, Math.Max(upper, lower), double.NaN),
                OuterIterations = _outer,
                InnerIterations = _inners,
                Seconds = Seconds,
            },
            Report = Report(point, gap, nearest?.Method ?? (_options.IsFirstOrder ? MethodName : "kkt")),
        };
    }

    private (SolveStatus Status, string Message) Reason(BilevelCandidate? nearest)
    {
        if (!IsOver && _methodFailure is not null && nearest is null) return (SolveStatus.NumericalFailure, $"Method {MethodName} broke down: {_methodFailure}.");
        if (IsOver) return (StopStatus, "Stopped before an answer of the followers was found that the leader may take.");
        if (_relaxedStatus == SolveStatus.Infeasible)
            return (SolveStatus.Infeasible, "The constraints of both levels together have no feasible point near the start.");
        if (nearest is null && _lowerUnbounded > 0)
            return (SolveStatus.Infeasible, $"The followers' objective falls without limit at all {_lowerUnbounded} decisions of the leader that were met: the followers have no answer.");
        if (nearest is null && _lowerInfeasible > 0)
            return (SolveStatus.Infeasible, $"The followers have no feasible point at all {_lowerInfeasible} decisions of the leader that were met.");
        if (nearest is null && _lowerFailed > 0)
        {
            return (SolveStatus.NumericalFailure,
                $"The followers' problem was not solved at any of the {_lowerFailed} decisions of the leader that were met; one that satisfies no constraint qualification has no multipliers there.");
        }
        if (nearest is not null && nearest.Gap <= _options.GapTolerance)
        {
            return (SolveStatus.Infeasible,
                $"No decision was found at which the leader's constraints hold for the followers' answer (largest violation {Text(nearest.Feasibility)}): the problem is locally infeasible.");
        }
        return (SolveStatus.NumericalFailure,
            $"No point was found at which the followers' gap is small: the nearest has a gap of {Text(nearest?.Gap ?? double.NaN)} and violations of {Text(nearest?.Feasibility ?? double.NaN)}.");
    }

    private BilevelReport Report(double[] point, double gap, string method)
    {
        (double upper, double lower) = Feasibility(point);
        string name = _problem.Class.Value switch
        {
            LowerClass.Linear => "linear",
            LowerClass.ConvexQuadratic => "convex quadratic",
            LowerClass.Convex => "convex",
            _ => "nonconvex",
        };
        return new BilevelReport
        {
            Followers = _problem.Followers.Count,
            LowerClass = _problem.IsStronglyConvex.Value ? "strongly " + name : name,
            Gap = gap,
            LowerFeasibility = lower,
            UpperFeasibility = upper,
            IsLowerGlobal = _isConvex,
            LowerStarts = _isConvex ? 1 : SecondLook * _options.LowerStarts,
            Method = method,
            Starts = _options.StartCount,
            LowerSolves = _oracle.Solves,
            LowerInfeasible = _lowerInfeasible,
            LowerUnbounded = _lowerUnbounded,
        };
    }

    private static string Text(double value) => value.ToString("G3", CultureInfo.InvariantCulture);
}
