using Optc.Runtime.Problems;
using Optc.Runtime.Solution;
using Optc.Runtime.Solvers.AugmentedLagrangian;
using Optc.Runtime.Solvers.LevenbergMarquardt;

namespace Optc.Runtime.Solvers.Inner;

/// <summary>Gives a problem to the method that the options name, keeping its workspace for problems of the same shape.</summary>
internal sealed class InnerAlternatives(AugmentedLagrangianOptions options)
{
    /// <summary>Sums of squares with more variables take Newton's method less time (docs/inner.md has the measurements).</summary>
    private const int LargestForLevenbergMarquardt = 50;

    private LeastSquaresForm? _form;
    private LevenbergMarquardtRun? _levenbergMarquardt;

    /// <summary>Solves, unless the method is Newton's with a barrier, which is the caller's own.</summary>
    /// <exception cref="ArgumentException">The method makes no sense for the problem.</exception>
    public bool Solves(INlpProblem problem, SolveRequest request, SolveResult result, long began, CancellationToken cancellation)
    {
        switch (options.Inner)
        {
            case InnerMethod.Auto when problem.VariableCount <= LargestForLevenbergMarquardt && problem.LeastSquares is { Problem: not null, IsSystem: false }:
                LevenbergMarquardt(problem).Solve(problem, request, result, began, cancellation);
                // Where it loses its way without being at the end of the precision, Newton's method may not.
                return result.Status is not (SolveStatus.NumericalFailure or SolveStatus.IterationLimit) || _levenbergMarquardt!.EndedByRounding;
            case InnerMethod.Lm:
                Require(InnerMethods.Obstacle(options.Inner, problem));
                LevenbergMarquardt(problem).Solve(problem, request, result, began, cancellation);
                return true;
            default:
                return false;
        }
    }

    private LevenbergMarquardtRun LevenbergMarquardt(INlpProblem problem)
    {
        if (_levenbergMarquardt is null || !ReferenceEquals(_form, problem.LeastSquares))
        {
            _form = problem.LeastSquares;
            _levenbergMarquardt = new LevenbergMarquardtRun(problem, _form, options);
        }
        return _levenbergMarquardt;
    }

    private void Require(string? obstacle)
    {
        if (obstacle is not null) throw new ArgumentException($"inner={InnerMethods.Name(options.Inner)}: {obstacle}.");
    }
}
