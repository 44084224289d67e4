using System.Diagnostics;
using Optc.Runtime.Problems;
using Optc.Runtime.Solution;
using Optc.Runtime.Solvers.AugmentedLagrangian;

namespace Optc.Runtime.Solvers.Complementarity;

/// <summary>
/// Solves problems with complementarity conditions: relaxations with a parameter that goes to zero lead to a branch (one side
/// of every condition an equation), whose solution is exact; its multipliers say how stationary it is and which branch next to
/// it is better. All nonlinear programs on the way are solved by <see cref="AugmentedLagrangianSolver"/>.
/// docs/complementarity.md has the steps and their sources.
/// </summary>
/// <param name="options">Options of the solver of the nonlinear programs; the defaults for null.</param>
public sealed class ComplementaritySolver(AugmentedLagrangianOptions? options = null)
{
    private readonly AugmentedLagrangianOptions _options = Checked(options);

    /// <summary>The name used on the command line.</summary>
    public string Name => "mpcc";

    /// <summary>
    /// Solves; hitting a limit or cancellation is a status, never an exception. A request with multipliers is first tried in
    /// the branch of its starting point. The time limit is for all nonlinear programs together.
    /// </summary>
    /// <exception cref="ArgumentException">A condition names no variable or constraint, or its sides cross.</exception>
    public ComplementarityResult Solve(
        INlpProblem problem, IReadOnlyList<ComplementarityCondition> conditions, SolveRequest request, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(conditions);
        ArgumentNullException.ThrowIfNull(request);
        long began = request.Clock.GetTimestamp();
        ProblemCheck.Bounds(problem);
        ComplementarityCondition[] all = [.. conditions];
        for (int k = 0; k < all.Length; k++) Check(problem, all[k], k);
        return new ComplementarityRun(problem, all, _options, request, began, cancellation).Solve();
    }

    private static AugmentedLagrangianOptions Checked(AugmentedLagrangianOptions? options)
    {
        options ??= new AugmentedLagrangianOptions();
        options.Validate();
        return options;
    }

    private static void Check(INlpProblem problem, ComplementarityCondition c, int k)
    {
        foreach (ComplementarityBody body in (ReadOnlySpan<ComplementarityBody>)[c.Bounded, c.Other])
        {
            int count = body.IsVariable ? problem.VariableCount : problem.ConstraintCount;
            if (body.Index >= 0 && body.Index < count) continue;
            string kind = body.IsVariable ? "variable" : "constraint";
            throw new ArgumentException($"Condition {k} names {kind} {body.Index}; the problem has {count} of them.");
        }
        bool isBounded = !double.IsNegativeInfinity(c.Lower) || !double.IsPositiveInfinity(c.Upper);
        if (!(c.Lower < c.Upper) || !isBounded)
            throw new ArgumentException($"Condition {k} needs a lower side below its upper side, one of them finite; they are {c.Lower:R} and {c.Upper:R}.");
        if (!double.IsFinite(c.OtherSide) || Math.Abs(c.OtherSign) != 1.0)
            throw new ArgumentException($"Condition {k} needs a finite other side and a sign of +1 or -1; they are {c.OtherSide:R} and {c.OtherSign:R}.");
    }
}
