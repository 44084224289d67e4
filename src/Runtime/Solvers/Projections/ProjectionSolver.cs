using Optc.Runtime.Problems;
using Optc.Runtime.Solution;

namespace Optc.Runtime.Solvers.Projections;

/// <summary>
/// The solver <c>projections</c>: a point in the intersection of A, where every operation's copies satisfy it, and B, where all copies of a value agree (docs/projections.md).
/// <code>b = P_B(x),  a = P_A(2b − x),  x ← x + β (a − b)</code>
/// are the Douglas–Rachford reflections for β = 1 and Elser's relaxed–reflect–reflect for others, without derivatives; or P_A and P_B alternate. After "A projection-based
/// framework for gradient-free and parallel learning" (Bergmeister, Lal, Jegelka, Sra 2025).
/// </summary>
public sealed class ProjectionSolver
{
    /// <summary>Iterations between two evaluations of the problem.</summary>
    private const int Interval = 4;

    private readonly ProjectionOptions _options;

    /// <summary>A solver with these options (the defaults for null), which are validated here.</summary>
    public ProjectionSolver(ProjectionOptions? options = null)
    {
        _options = options ?? new ProjectionOptions();
        _options.Validate();
    }

    /// <summary>Looks for a point; a limit or cancellation is a status.</summary>
    /// <param name="graph">The problem in operations; its first values are the problem's variables in their order.</param>
    /// <param name="problem">The problem by which points are judged: its rows and bounds; of its objective nothing is asked.</param>
    /// <param name="request">Limits, progress. The start is the graph's.</param>
    /// <param name="threads">Threads that share a projection.</param>
    /// <param name="cancellation">Stops the solve.</param>
    public SolveResult Solve(FeasibilityGraph graph, INlpProblem problem, SolveRequest request, int threads = 1, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(request);
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        if (graph.ValueCount < problem.VariableCount) throw new ArgumentException("The graph has fewer values than the problem has variables.", nameof(graph));
        long began = request.Clock.GetTimestamp();
        var judge = new PointJudge(problem);
        var sweep = new ProjectionSweep(graph, threads);
        int[] valueOf = sweep.ValueOfCopy;
        double[] values = graph.Start, x = [.. valueOf.Select(v => values[v])], a = new double[x.Length], point = new double[problem.VariableCount];
        for (int v = 0; v < values.Length; v++) values[v] = graph.Allowed(v, values[v]);
        var stagnation = new Stagnation(_options.Restart);
        var cycle = new Cycle(x.Length);
        var random = new Random(request.Seed);
        int starts = 1, cycles = 0;
        for (int iteration = 0; ; iteration++)
        {
            sweep.Agree(x, values);
            double elapsed = request.Clock.GetElapsedTime(began).TotalSeconds;
            bool isLast = iteration >= _options.MaxIterations, isLate = elapsed >= request.TimeLimit, isCancelled = cancellation.IsCancellationRequested;
            if (iteration % Interval == 0 || isLast || isLate || isCancelled)
            {
                for (int j = 0; j < point.Length; j++) point[j] = graph.Judged(j, values[j]);
                judge.Consider(point);
                if (judge.Violation <= _options.Tolerance) return judge.Result(SolveStatus.Solved, $"feasible after {iteration} iterations{Begun()}", iteration, elapsed);
                if (isCancelled) return Stopped(SolveStatus.Interrupted, "cancelled");
                if (isLast) return Stopped(SolveStatus.IterationLimit, $"{iteration} iterations{Begun()}");
                if (isLate) return Stopped(SolveStatus.TimeLimit, $"the time limit after {iteration} iterations{Begun()}");
            }
            double gap = Iterate(sweep, x, a, values);
            // The map is deterministic: from a point where it was before, it goes round for ever.
            bool isCycle = cycle.Closes(x);
            if (isCycle && _options.Restart == 0) return Stopped(SolveStatus.NumericalFailure, $"a cycle after {iteration + 1} iterations, from which restart=0 does not begin again");
            if (isCycle) cycles++;
            if (stagnation.IsStuck(gap) || isCycle)
            {
                cycle.Reset();
                graph.Scatter(values, random);
                for (int k = 0; k < x.Length; k++) x[k] = values[valueOf[k]];
                starts++;
            }
            if (iteration % 100 == 0) request.Progress?.Invoke(new IterationRecord(iteration, iteration, 0.0, judge.Violation, 0.0, _options.Step, gap, 0.0, elapsed));

            string Begun() => starts > 1 ? $", begun {starts} times{(cycles > 0 ? $", {cycles} of them after a cycle" : "")}" : "";

            SolveResult Stopped(SolveStatus status, string why)
            {
                SolveStatus reached = judge.Violation <= _options.AcceptableTolerance ? SolveStatus.SolvedToAcceptable : status;
                return judge.Result(reached, $"stopped: {why}; the best point violates a constraint by {judge.Violation:0.0e+0}. That says nothing of whether there is a feasible one", iteration, elapsed);
            }
        }
    }

    /// <summary>One step; the largest distance between a copy in A and its value in B.</summary>
    private double Iterate(ProjectionSweep sweep, double[] x, double[] a, double[] values)
    {
        int[] valueOf = sweep.ValueOfCopy;
        for (int k = 0; k < a.Length; k++) a[k] = _options.Alternates ? values[valueOf[k]] : (2.0 * values[valueOf[k]]) - x[k];
        sweep.Project(a);
        double gap = 0.0;
        for (int k = 0; k < a.Length; k++)
        {
            double difference = a[k] - values[valueOf[k]];
            gap = Math.Max(gap, Math.Abs(difference));
            x[k] = _options.Alternates ? a[k] : x[k] + (_options.Step * difference);
        }
        return gap;
    }
}
