namespace Optc.Runtime.Solvers.Projections;

/// <summary>z = |x|; operands z x. The nearer of two half-lines.</summary>
public sealed class AbsoluteProjection : IProjection
{
    /// <inheritdoc/>
    public string Name => "abs";

    /// <inheritdoc/>
    public int Arity => 2;

    /// <inheritdoc/>
    public void Project(Span<double> operands)
    {
        double z = operands[0], x = operands[1], sign = x < 0.0 ? -1.0 : 1.0;
        // On the side of x the half-line is never further than on the other.
        double t = Math.Max(0.0, 0.5 * (z + (sign * x)));
        (operands[0], operands[1]) = (t, sign * t);
    }
}
