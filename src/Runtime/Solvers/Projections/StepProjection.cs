namespace Optc.Runtime.Solvers.Projections;

/// <summary>z = floor(x), ceil(x) or round(x); operands z x. z is one of the whole numbers about x and z, x is brought into the interval that belongs to it, by a margin from its
/// open end.</summary>
/// <param name="kind">Which of the three.</param>
/// <param name="margin">Distance of x to the steps.</param>
public sealed class StepProjection(StepKind kind, double margin) : IProjection
{
    private const int Candidates = 4;

    /// <inheritdoc/>
    public string Name => kind switch { StepKind.Floor => "floor", StepKind.Ceiling => "ceil", _ => "round" };

    /// <inheritdoc/>
    public int Arity => 2;

    /// <inheritdoc/>
    public void Project(Span<double> operands)
    {
        double z = operands[0], x = operands[1], best = double.PositiveInfinity;
        // The distance to the interval of k plus that of z to k is least between the two. Beyond 2⁵³ steps of 1 lead nowhere.
        double first = Math.Floor(0.5 * (x + z)) - 1.0;
        for (int step = 0; step < Candidates; step++)
        {
            double k = first + step;
            (double low, double high) = kind switch
            {
                StepKind.Floor => (k + margin, k + 1.0 - margin),
                StepKind.Ceiling => (k - 1.0 + margin, k - margin),
                _ => (k - 0.5 + margin, k + 0.5 - margin),
            };
            double near = Math.Clamp(x, low, high), cost = ((z - k) * (z - k)) + ((x - near) * (x - near));
            if (!(cost < best)) continue;
            (best, operands[0], operands[1]) = (cost, k, near);
        }
    }
}

/// <summary>A function to the whole numbers.</summary>
public enum StepKind
{
    /// <summary>Down.</summary>
    Floor,

    /// <summary>Up.</summary>
    Ceiling,

    /// <summary>To the nearest.</summary>
    Round,
}
