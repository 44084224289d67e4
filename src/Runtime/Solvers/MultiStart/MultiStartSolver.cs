using System.Diagnostics;
using Optc.Runtime.Problems;
using Optc.Runtime.Solution;

namespace Optc.Runtime.Solvers.MultiStart;

/// <summary>
/// Solves from several starting points and keeps the best answer: the model's own start and seeded random ones. The points depend
/// on the seed and their number only, and answers are judged in the order of the starts, so that the result is the same for any
/// number of threads (a time limit or cancellation cuts off what has not been solved by then).
/// </summary>
public static class MultiStartSolver
{
    /// <summary>Relative differences of points and of objectives below which two answers are one optimum.</summary>
    private const double SamePoint = 1e-4;
    private const double SameObjective = 1e-6;

    /// <summary>Solves from <paramref name="starts"/> points.</summary>
    /// <param name="problem">Makes a problem for one thread; all have the same functions, bounds and start.</param>
    /// <param name="solver">Makes a solver for one thread.</param>
    /// <param name="request">The first start, the time limit of all solves together, the seed; starting multipliers serve the first start only. Progress is
    /// reported of the first start.</param>
    /// <param name="starts">Number of points, at least 1.</param>
    /// <param name="threads">Solves at a time, at least 1.</param>
    /// <param name="cancellation">Ends all solves.</param>
    public static MultiStartResult Solve(
        Func<INlpProblem> problem, Func<ISolver> solver, SolveRequest request, int starts, int threads, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(solver);
        ArgumentNullException.ThrowIfNull(request);
        ArgumentOutOfRangeException.ThrowIfLessThan(starts, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        long began = request.Clock.GetTimestamp();
        var results = new SolveResult[starts];
        int next = -1;

        void Work()
        {
            INlpProblem own = problem();
            ISolver ownSolver = solver();
            for (int k = Interlocked.Increment(ref next); k < starts; k = Interlocked.Increment(ref next))
            {
                double left = Math.Max(0.0, request.TimeLimit - request.Clock.GetElapsedTime(began).TotalSeconds);
                results[k] = ownSolver.Solve(own, RequestOf(k, own, request, left), cancellation);
            }
        }

        int workers = Math.Min(threads, starts);
        var others = new Task[workers - 1];
        for (int t = 0; t < others.Length; t++) others[t] = Task.Factory.StartNew(Work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            Work();
        }
        finally
        {
            Task.WaitAll(others, CancellationToken.None);
        }
        return Judge(results);
    }

    /// <summary>The k-th request: the given one, or a random point.</summary>
    private static SolveRequest RequestOf(int k, INlpProblem problem, SolveRequest request, double timeLimit) =>
        k == 0
            ? new SolveRequest
            {
                Start = request.Start,
                ConstraintMultipliers = request.ConstraintMultipliers,
                BoundMultipliers = request.BoundMultipliers,
                TimeLimit = timeLimit,
                Clock = request.Clock,
                Progress = request.Progress,
                Seed = request.Seed,
            }
            : new SolveRequest { Start = StartingPoints.Draw(problem, request.Start, request.Seed, k), TimeLimit = timeLimit, Clock = request.Clock, Seed = request.Seed };

    private static MultiStartResult Judge(SolveResult[] results)
    {
        int best = 0;
        for (int k = 1; k < results.Length; k++)
        {
            if (IsBetter(results[k], results[best])) best = k;
        }
        var optima = new List<Optimum>();
        foreach (int k in Enumerable.Range(0, results.Length).Where(k => IsSolved(results[k])).OrderBy(k => results[k].Objective).ThenBy(k => k))
        {
            int known = optima.FindIndex(o => AreSame(results[o.Start], results[k]));
            if (known < 0) optima.Add(new Optimum(results[k].Objective, k, 1));
            else optima[known] = optima[known] with { Start = Math.Min(optima[known].Start, k), Hits = optima[known].Hits + 1 };
        }
        return new MultiStartResult(results[best], best, [.. results.Select(r => r.Status)], [.. optima]);
    }

    private static bool IsSolved(SolveResult r) => r.Status is SolveStatus.Solved or SolveStatus.SolvedToAcceptable;

    /// <summary>Solved before unsolved; then by objective, or among the unsolved by feasibility. An objective that falls without limit is the best news.</summary>
    private static bool IsBetter(SolveResult a, SolveResult b)
    {
        int rankA = Rank(a), rankB = Rank(b);
        if (rankA != rankB) return rankA < rankB;
        if (rankA > 1) return a.Residuals.Feasibility < b.Residuals.Feasibility;
        // Rounding does not make an answer better, nor does the looser of two tolerances.
        double gap = b.Objective - a.Objective, size = SameObjective * Math.Max(1.0, Math.Abs(b.Objective));
        return gap > size || (gap >= -size && a.Status == SolveStatus.Solved && b.Status != SolveStatus.Solved);
    }

    private static int Rank(SolveResult r) => r.Status == SolveStatus.Unbounded ? 0 : IsSolved(r) ? 1 : 2;

    private static bool AreSame(SolveResult a, SolveResult b)
    {
        if (Math.Abs(a.Objective - b.Objective) > SameObjective * Math.Max(1.0, Math.Abs(a.Objective))) return false;
        for (int j = 0; j < a.Point.Length; j++)
        {
            if (Math.Abs(a.Point[j] - b.Point[j]) > SamePoint * Math.Max(1.0, Math.Abs(a.Point[j]))) return false;
        }
        return true;
    }
}
