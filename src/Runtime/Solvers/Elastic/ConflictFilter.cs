using Optc.Runtime.Problems;
using Optc.Runtime.Solvers.AugmentedLagrangian;

namespace Optc.Runtime.Solvers.Elastic;

/// <summary>
/// The deletion filter (Chinneck and Dravnieks, ORSA J. Comput. 3, 1991) over groups of constraints: a group without which the rest is
/// still infeasible is left out for good. What stays is irreducible as far as the solver tells feasible from infeasible; for models that
/// are not convex it does so locally. Bounds of variables always hold.
/// </summary>
public static class ConflictFilter
{
    /// <summary>The groups of an irreducible infeasible subset, ascending; empty when all groups together are feasible.</summary>
    /// <param name="problem">The problem.</param>
    /// <param name="group">Group of each constraint (m); −1 for constraints that always hold.</param>
    /// <param name="candidates">Groups that are likely in it: tried alone first.</param>
    /// <param name="options">Of the solver.</param>
    /// <param name="request">Limits.</param>
    /// <param name="cancellation">Stops the search.</param>
    public static IReadOnlyList<int> Find(
        INlpProblem problem, int[] group, IReadOnlySet<int> candidates, AugmentedLagrangianOptions options, SolveRequest request, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(group);
        ArgumentNullException.ThrowIfNull(candidates);
        double[] sizes = ElasticRepair.RowSizes(problem);
        int[] all = [.. group.Where(g => g >= 0).Distinct().Order()];
        var kept = new SortedSet<int>(all.Where(candidates.Contains));
        if (kept.Count == 0 || !IsInfeasible(kept))
        {
            kept = new SortedSet<int>(all);
            if (!IsInfeasible(kept)) return [];
        }
        foreach (int g in kept.ToArray())
        {
            kept.Remove(g);
            if (!IsInfeasible(kept)) kept.Add(g);
        }
        return [.. kept];

        bool IsInfeasible(SortedSet<int> groups)
        {
            cancellation.ThrowIfCancellationRequested();
            var weights = new double[group.Length];
            for (int i = 0; i < weights.Length; i++) weights[i] = group[i] < 0 ? double.PositiveInfinity : groups.Contains(group[i]) ? 1.0 / sizes[i] : double.NaN;
            var bounds = new double[problem.VariableCount];
            Array.Fill(bounds, double.PositiveInfinity);
            Relaxation found = ElasticRepair.Solve(problem, new ElasticWeights(weights, bounds, RelaxationNorm.One), options, request, cancellation);
            return found.IsNeeded;
        }
    }
}
