using System.Diagnostics;
using Optc.Runtime.Solvers.AugmentedLagrangian;

namespace Optc.Runtime.Solvers.Bilevel;

/// <summary>
/// Solves optimistic bilevel programs: candidates from the followers' optimality conditions and from their value function, from
/// several starts; each is judged by solving the followers' problems again. docs/bilevel.md has the steps and their sources.
/// </summary>
/// <param name="options">Options of the method; the defaults for null.</param>
/// <param name="inner">Options of the solver of the nonlinear programs; the defaults for null.</param>
public sealed class BilevelSolver(BilevelOptions? options = null, AugmentedLagrangianOptions? inner = null)
{
    private readonly BilevelOptions _options = Checked(options);
    private readonly AugmentedLagrangianOptions _inner = Checked(inner);

    /// <summary>The name used on the command line.</summary>
    public string Name => "bilevel";

    /// <summary>Solves; hitting a limit or cancellation is a status, never an exception. The time limit is for everything together.</summary>
    public BilevelResult Solve(BilevelProblem problem, SolveRequest request, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(request);
        return new BilevelRun(problem, _options, _inner, request, Stopwatch.GetTimestamp(), cancellation).Solve();
    }

    private static BilevelOptions Checked(BilevelOptions? options)
    {
        options ??= new BilevelOptions();
        options.Validate();
        return options;
    }

    private static AugmentedLagrangianOptions Checked(AugmentedLagrangianOptions? options)
    {
        options ??= new AugmentedLagrangianOptions();
        options.Validate();
        return options;
    }
}
