namespace Optc.Runtime.Solvers.Projections;

/// <summary>z = max(x₁, …, xₙ), or the minimum; operands z x₁ … xₙ. Below the largest x the point is outside of the convex set z ≥ x, whose nearest point has equality;
/// above, only the largest x need rise.</summary>
/// <param name="count">n.</param>
/// <param name="isLeast">Whether it is the minimum.</param>
public sealed class LargestProjection(int count, bool isLeast) : IProjection
{
    /// <inheritdoc/>
    public string Name => isLeast ? "min" : "max";

    /// <inheritdoc/>
    public int Arity => count + 1;

    /// <inheritdoc/>
    public void Project(Span<double> operands)
    {
        if (isLeast) Negate(operands);
        int largest = 1;
        for (int i = 2; i < operands.Length; i++)
        {
            if (operands[i] > operands[largest]) largest = i;
        }
        if (operands[0] >= operands[largest]) operands[0] = operands[largest] = 0.5 * (operands[0] + operands[largest]);
        else Lower(operands);
        if (isLeast) Negate(operands);
    }

    /// <summary>All x above a level come down to it and z rises to it; the level is their mean.</summary>
    private static void Lower(Span<double> operands)
    {
        double level = operands[0];
        for (double before = double.NaN; level != before;)
        {
            before = level;
            double sum = operands[0];
            int above = 1;
            for (int i = 1; i < operands.Length; i++)
            {
                if (operands[i] <= before) continue;
                sum += operands[i];
                above++;
            }
            // The level rises from step to step, until rounding.
            level = Math.Max(before, sum / above);
        }
        operands[0] = level;
        for (int i = 1; i < operands.Length; i++) operands[i] = Math.Min(operands[i], level);
    }

    private static void Negate(Span<double> operands)
    {
        for (int i = 0; i < operands.Length; i++) operands[i] = -operands[i];
    }
}
