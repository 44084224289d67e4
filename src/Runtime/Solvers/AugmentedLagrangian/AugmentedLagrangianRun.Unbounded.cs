using Optc.Runtime.Problems;
using Optc.Runtime.Solution;

namespace Optc.Runtime.Solvers.AugmentedLagrangian;

/// <summary>
/// Unboundedness is said with evidence only: a ray verified from the data where constraints are linear and the objective is linear
/// or quadratic, otherwise a sequence of feasible points whose objective goes on falling far below the threshold.
/// </summary>
internal sealed partial class AugmentedLagrangianRun
{
    private const double GrowthToTryRay = 1e6;
    private const int StepsBetweenProofs = 5;
    private const int LeastSequence = 3;
    private const int LongestReport = 10;

    /// <summary>How far below the threshold the objective must go on to fall: bounded objectives can pass it, too.</summary>
    private const double FallBeyond = 1e10;
    private const double FallBetweenPoints = 10.0;

    private int _sequenceCount;

    private void ResetSequence()
    {
        _sequenceCount = 0;
        state.X.CopyTo(state.FirstX, 0);
    }

    /// <summary>Looks at a feasible iterate in X; true when the problem is unbounded, and the solve over.</summary>
    private bool EndsUnbounded(double objective)
    {
        if (!(_violation <= options.AcceptableTolerance)) return false;
        NoteInSequence(objective, _violation);
        bool proves = _steps % StepsBetweenProofs == 0;
        if (RayCheck.Applies(_problem.Original.Structure)) return proves && EndsByRay();
        if (!(objective < options.UnboundedBelow)) return false;
        if (objective <= FallBeyond * options.UnboundedBelow && _sequenceCount >= LeastSequence) return EndBySequence();
        return proves && FallsOnFurtherOut(objective) && EndBySequence();
    }

    /// <summary>
    /// When there is no way on: whether the best point, feasible and below the threshold, is far from stationary, so that nothing but the
    /// arithmetic has stopped the fall.
    /// </summary>
    private bool StopsUnbounded()
    {
        const double Far = 1e-3;
        bool isBelow = _bestViolation <= options.AcceptableTolerance && _bestObjective < options.UnboundedBelow && _sequenceCount >= LeastSequence;
        if (!isBelow || RayCheck.Applies(_problem.Original.Structure)) return false;
        Residuals at = state.Residuals.Measure(_problem.Original, state.BestX, state.BestY, state.BestZ);
        double size = 1.0, gradient = 0.0;
        foreach (double x in state.BestX) size = Math.Max(size, Math.Abs(x));
        _problem.Original.Gradient(state.BestX, state.Work.AsSpan(0, state.X.Length));
        foreach (double g in state.Work.AsSpan(0, state.X.Length)) gradient = Math.Max(gradient, Math.Abs(g));
        if (!(at.Stationarity * gradient * size >= Far * -_bestObjective)) return false;
        state.BestX.CopyTo(state.X, 0);
        state.BestY.CopyTo(state.Y, 0);
        state.BestZ.CopyTo(state.Z, 0);
        return EndBySequence();
    }

    /// <summary>
    /// Whether the objective goes on to fall at feasible points on the line from the first iterate through this one, ever twice as far; they join
    /// the sequence.
    /// </summary>
    private bool FallsOnFurtherOut(double objective)
    {
        INlpProblem problem = _problem.Original;
        Span<double> x = state.Work.AsSpan(0, state.X.Length);
        Span<double> bodies = state.Work2.AsSpan(0, state.Y.Length);
        int before = _sequenceCount;
        double last = objective;
        for (double reach = 2.0; last > FallBeyond * options.UnboundedBelow; reach *= 2.0)
        {
            for (int j = 0; j < x.Length; j++) x[j] = state.FirstX[j] + reach * (state.X[j] - state.FirstX[j]);
            double f = problem.Objective(x);
            problem.Constraints(x, bodies);
            double violation = Math.Max(Violation(x, problem.VariableLower, problem.VariableUpper), Violation(bodies, problem.ConstraintLower, problem.ConstraintUpper));
            if (!(f <= 1.5 * last) || !double.IsFinite(f) || !(violation <= options.AcceptableTolerance))
            {
                _sequenceCount = Math.Min(before, _sequenceCount);
                return false;
            }
            NoteInSequence(f, violation);
            last = f;
        }
        return _sequenceCount >= LeastSequence;
    }

    private static double Violation(ReadOnlySpan<double> values, ReadOnlySpan<double> lower, ReadOnlySpan<double> upper)
    {
        double largest = 0.0;
        for (int i = 0; i < values.Length; i++) largest = Math.Max(largest, KktResiduals.Violation(values[i], lower[i], upper[i]));
        return largest;
    }

    private void NoteInSequence(double objective, double violation)
    {
        FeasiblePoint[] sequence = state.Sequence;
        double last = _sequenceCount == 0 ? -0.1 : sequence[_sequenceCount - 1].Objective;
        if (!(objective <= FallBetweenPoints * last) || !double.IsFinite(objective)) return;
        if (_sequenceCount == sequence.Length) Array.Copy(sequence, 1, sequence, 0, --_sequenceCount);
        sequence[_sequenceCount++] = new FeasiblePoint(_steps, objective, violation);
    }

    private bool EndBySequence()
    {
        double objective = state.Sequence[_sequenceCount - 1].Objective;
        Span<double> change = state.Work.AsSpan(0, state.X.Length);
        for (int j = 0; j < change.Length; j++) change[j] = state.X[j] - state.FirstX[j];
        UnboundednessEvidence evidence = Evidence(change, double.NaN, false);
        return Finish(
            SolveStatus.Unbounded, $"The objective falls without limit at feasible points, to {Text(objective)} at the last of {_sequenceCount}.",
            state.X, state.Y, state.Z, evidence);
    }

    private bool EndsByRay()
    {
        if (!(_bestViolation <= options.Tolerance)) return false;
        Span<double> ray = state.Work.AsSpan(0, state.X.Length);
        double largest = 0.0, size = 1.0;
        for (int j = 0; j < ray.Length; j++)
        {
            ray[j] = state.X[j] - state.FirstX[j];
            largest = Math.Max(largest, Math.Abs(ray[j]));
            size = Math.Max(size, Math.Abs(state.FirstX[j]));
        }
        if (!(largest >= GrowthToTryRay * size)) return false;
        RayCheck.Normalise(ray);
        INlpProblem problem = _problem.Original;
        if (!RayCheck.IsRecession(problem, _model.Jacobian, ray)) return false;
        var hessian = new double[problem.HessianPattern.Count];
        var gradient = new double[ray.Length];
        problem.Hessian(state.FirstX, 1.0, new double[state.Y.Length], hessian);
        problem.Gradient(state.FirstX, gradient);
        (double rate, bool byCurvature) = RayCheck.Fall(problem, hessian, gradient, ray);
        if (!(rate < 0.0)) return false;
        string how = byCurvature ? "with the square of the distance, by negative curvature" : "in proportion to the distance";
        UnboundednessEvidence evidence = Evidence(ray, rate, byCurvature);
        return Finish(
            SolveStatus.Unbounded, $"The objective falls without limit along a ray, {how}; the ray was verified from the data.",
            state.X, state.Y, state.Z, evidence);
    }

    private UnboundednessEvidence Evidence(ReadOnlySpan<double> change, double rate, bool byCurvature)
    {
        double[] size = change.ToArray();
        int[] fastest = [.. Enumerable.Range(0, size.Length).Where(j => size[j] != 0.0).OrderByDescending(j => Math.Abs(size[j])).ThenBy(j => j).Take(LongestReport)];
        return new UnboundednessEvidence
        {
            IsRay = !double.IsNaN(rate),
            Sequence = state.Sequence[Math.Max(0, _sequenceCount - LongestReport).._sequenceCount],
            Variables = fastest,
            Changes = [.. fastest.Select(j => size[j])],
            Rate = rate,
            IsByCurvature = byCurvature,
        };
    }
}
