using Optc.Runtime.Problems;
using Optc.Runtime.Solution;
using Optc.Runtime.Solvers;
using Optc.Runtime.Solvers.AugmentedLagrangian;
using Xunit;

namespace Optc.Runtime.Tests.Solvers.AugmentedLagrangian;

/// <summary>Solves and checks status, objective and, independently, the residuals.</summary>
internal static class SolverCase
{
    public static SolveResult Solve(INlpProblem problem, AugmentedLagrangianOptions? options = null, SolveRequest? request = null) =>
        new AugmentedLagrangianSolver(options).Solve(problem, request ?? new SolveRequest());

    public static SolveResult IsSolved(INlpProblem problem, double objective, double within = 1e-6)
    {
        SolveResult result = Solve(problem);
        Assert.True(result.Status == SolveStatus.Solved, $"{result.Status}: {result.Message}");
        Assert.InRange(result.Objective, objective - within * Math.Max(1, Math.Abs(objective)), objective + within * Math.Max(1, Math.Abs(objective)));
        Residuals residuals = KktResiduals.Of(problem, result.Point, result.ConstraintMultipliers, result.BoundMultipliers);
        Assert.InRange(residuals.Largest, 0, 1e-8);
        return result;
    }
}
