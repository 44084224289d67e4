using Optc.Runtime.Solvers.Bilevel.FirstOrder;

namespace Optc.Runtime.Solvers.Bilevel;

/// <summary>A first-order method from each start, judged by the followers' answer to its last decision and made precise by their conditions.</summary>
internal sealed partial class BilevelRun
{
    private FirstOrderMethod? _method;
    private FirstOrderProblem? _methodProblem;
    private FirstOrderForm? _form;
    private string? _methodFailure;

    private string MethodName => _method?.Name ?? "";

    private void PrepareFirstOrder()
    {
        _method = FirstOrderForm.MethodOf(_options.Method, _options.FirstOrder with { Seed = _request.Seed });
        _methodProblem = FirstOrderForm.Make(_problem, _options, out _form);
    }

    private void ByFirstOrder(double[] start)
    {
        (double[] x, double[] y) = _form!.Split(start);
        FirstOrderProblem problem = _methodProblem!.From(x, y);
        FirstOrderTrace? trace = _progress is null ? null : Report;
        FirstOrderResult found = _method!.Run(problem, trace, () => IsOver);
        _outer += found.Iterations;
        double[] point = _form.Joint(found.Leader, found.Follower);
        string? failure = found.Failure ?? (point.All(double.IsFinite) ? null : "the followers' steps diverge; a smaller follower_step is needed");
        if (failure is not null)
        {
            _methodFailure = failure;
            return;
        }
        FollowerAnswer answer = Ask(point, []);
        if (!answer.IsSolved) return;
        // The followers' answer to x; the method's own y, which a gap has made a little better for the leader, where there are several optima.
        BilevelCandidate theirs = Judged(answer.Point, answer) with { Hypergradient = found.Stationarity };
        BilevelCandidate own = Judged(point, answer) with { Hypergradient = found.Stationarity };
        Keep(theirs, MethodName);
        if (own.Objective < theirs.Objective - (BoughtByGap * Math.Max(1.0, Math.Abs(theirs.Objective)))) Keep(own, MethodName);
        if (_options.Finish && !IsOver) ByConditions(answer.Point, answer, MethodName + "+kkt");
    }

    private void Report(int iteration, long samples, ReadOnlySpan<double> x, ReadOnlySpan<double> y) =>
        _progress!(new IterationRecord(iteration, 0, _problem.Joint.Objective(_form!.Joint(x, y)), double.NaN, double.NaN, double.NaN, double.NaN, 0.0, Seconds));
}
