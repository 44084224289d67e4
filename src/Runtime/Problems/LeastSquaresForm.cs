namespace Optc.Runtime.Problems;

/// <summary>A problem seen as one of least squares, or why it is none.</summary>
/// <param name="Problem">The residuals; null when the problem is no sum of squares.</param>
/// <param name="IsSystem">The residuals are those of the problem's equations, which has no objective: zero is what is wanted.</param>
/// <param name="Obstacle">What stands in the way, naming it; empty when nothing does.</param>
public sealed record LeastSquaresForm(ILeastSquaresProblem? Problem, bool IsSystem, string Obstacle)
{
    /// <summary>Of a problem whose objective nobody has looked into.</summary>
    public static LeastSquaresForm Unknown { get; } = new(null, false, "its objective is not known to be a sum of squares");
}
