using Optc.Runtime.Problems;

namespace Optc.Runtime.Solvers.Sensitivity;

/// <summary>A side of a constraint or a bound of a variable that is a function of parameters.</summary>
/// <param name="OfRow">A side of the constraint <paramref name="Index"/>, or a bound of the variable <paramref name="Index"/>.</param>
/// <param name="Index">Row or column of the problem.</param>
/// <param name="IsUpper">The upper side or bound; else the lower one.</param>
/// <param name="Row">The row of the problem whose body is this side up to a constant. It has no sides of its own.</param>
public readonly record struct MovingSide(bool OfRow, int Index, bool IsUpper, int Row);

/// <summary>
/// A problem in which parameters are variables: <c>min f(x, p)</c> subject to <c>c(x, p)</c> between its sides, so that the problem's
/// own Jacobian and Hessian hold the derivatives with respect to p. Parameters have no bounds and never move.
/// </summary>
/// <param name="Problem">The problem in (x, p), in any order of columns.</param>
/// <param name="IsParameter">For each column whether it is a parameter (n).</param>
/// <param name="MovingSides">Sides and bounds that depend on parameters and are not part of a row's body.</param>
public sealed record ParametricProblem(INlpProblem Problem, bool[] IsParameter, MovingSide[] MovingSides);
