using Optc.Runtime.Problems;
using Optc.Runtime.Solution;

namespace Optc.Runtime.Solvers.Admm;

/// <summary>The solver <c>admm</c> of convex quadratic programs, for problems whose structure says that they are linear or quadratic (docs/admm.md).</summary>
public sealed class AdmmSolver : ISolver
{
    private readonly AdmmOptions _options;

    /// <summary>A solver with these options (the defaults for null), which are validated here.</summary>
    public AdmmSolver(AdmmOptions? options = null)
    {
        _options = options ?? new AdmmOptions();
        _options.Validate();
    }

    /// <inheritdoc/>
    public string Name => "admm";

    /// <summary>Solves. Throws <see cref="ArgumentException"/> for a problem that is not linear or quadratic, <see cref="NonconvexException"/> for one that is not convex.</summary>
    public SolveResult Solve(INlpProblem problem, SolveRequest request, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(request);
        var solver = new QpSolver(QuadraticExtraction.From(problem), _options);
        if (request.Start is { } start && (request.ConstraintMultipliers is not null || request.BoundMultipliers is not null))
            solver.WarmStart(start, request.ConstraintMultipliers, request.BoundMultipliers);
        return solver.Solve(request, cancellation).Result;
    }
}
