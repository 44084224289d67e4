using Optc.Runtime.Solution;

namespace Optc.Runtime.Solvers.Admm;

/// <summary>The answer to one solve of a quadratic program.</summary>
/// <param name="Result">Status, point, multipliers, residuals as every solver gives them.</param>
/// <param name="Residuals">Residuals and duality gap on the program as it was given, absolute and relative.</param>
/// <param name="SplittingIterations">Iterations of the splitting.</param>
/// <param name="FinishIterations">Newton steps of the finish.</param>
/// <param name="Factorizations">Factorisations in this solve.</param>
/// <param name="Certificate">A Farkas vector of the constraints (m) when the program is infeasible, a ray (n) when it is unbounded; else null.</param>
public sealed record QpResult(SolveResult Result, QpResiduals Residuals, int SplittingIterations, int FinishIterations, int Factorizations, double[]? Certificate);
