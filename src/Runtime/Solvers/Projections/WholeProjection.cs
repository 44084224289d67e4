namespace Optc.Runtime.Solvers.Projections;

/// <summary>One operand that is a whole number between two others.</summary>
/// <param name="lower">The least.</param>
/// <param name="upper">The greatest.</param>
public sealed class WholeProjection(double lower, double upper) : IProjection
{
    /// <inheritdoc/>
    public string Name => "integer";

    /// <inheritdoc/>
    public int Arity => 1;

    /// <inheritdoc/>
    public void Project(Span<double> operands) => operands[0] = Math.Clamp(Math.Round(operands[0]), Math.Ceiling(lower), Math.Floor(upper));
}
