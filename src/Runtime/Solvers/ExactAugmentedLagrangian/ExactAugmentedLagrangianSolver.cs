using System.Diagnostics;
using Optc.Runtime.Problems;
using Optc.Runtime.Solution;
using Optc.Runtime.Solvers.AugmentedLagrangian;

namespace Optc.Runtime.Solvers.ExactAugmentedLagrangian;

/// <summary>
/// An adaptive inexact Newton method on the exact augmented Lagrangian whose Newton systems are solved by randomised iterative
/// sketching, after Hong, Na, Mahoney and Kolar, Constrained Optimization via Exact Augmented Lagrangian and Randomized Iterative
/// Sketching, ICML 2023 (docs/exact-auglag.md). For problems with equations only and without bounds; no matrix is factorised.
/// </summary>
public sealed class ExactAugmentedLagrangianSolver : ISolver
{
    private readonly AugmentedLagrangianOptions _options;

    /// <summary>A solver with the tolerances and limits of these options (the defaults for null).</summary>
    public ExactAugmentedLagrangianSolver(AugmentedLagrangianOptions? options = null)
    {
        _options = options ?? new AugmentedLagrangianOptions();
        _options.Validate();
    }

    /// <inheritdoc/>
    public string Name => "auglag-exact";

    /// <summary>Called after every step: ‖∇L‖ before it, the step size, sketches used, relative residual of the Newton system.</summary>
    public Action<ExactStep>? Trace { get; set; }

    /// <summary>The first inequality (row) or bounded variable (complement of the column), which this method does not take; null when there is none.</summary>
    public static int? FirstInequality(INlpProblem problem)
    {
        ArgumentNullException.ThrowIfNull(problem);
        for (int i = 0; i < problem.ConstraintCount; i++)
        {
            if (problem.ConstraintLower[i] != problem.ConstraintUpper[i]) return i;
        }
        for (int j = 0; j < problem.VariableCount; j++)
        {
            if (!double.IsInfinity(problem.VariableLower[j]) || !double.IsInfinity(problem.VariableUpper[j])) return ~j;
        }
        return null;
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The problem has inequalities or bounds.</exception>
    public SolveResult Solve(INlpProblem problem, SolveRequest request, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (FirstInequality(problem) is { } place)
            throw new ArgumentException($"{(place >= 0 ? $"Row {place} is an inequality" : $"Variable {~place} has a bound")}; this method takes equations only.", nameof(problem));
        long began = Stopwatch.GetTimestamp();
        var run = new ExactAugmentedLagrangianRun(problem, _options, request, began, cancellation) { Trace = Trace };
        return run.Solve();
    }
}

/// <summary>One step of the method.</summary>
/// <param name="Norm">‖∇L‖₂ before it.</param>
/// <param name="StepSize">α.</param>
/// <param name="Sketches">Sketches of the Newton system.</param>
/// <param name="Residual">‖K d + ∇L‖₂ / ‖∇L‖₂.</param>
/// <param name="Shift">δ added to the Hessian.</param>
public readonly record struct ExactStep(double Norm, double StepSize, int Sketches, double Residual, double Shift);
