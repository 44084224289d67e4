namespace Optc.Runtime.Solvers.Projections;

/// <summary>Exactly k of n operands are 1, the others 0: the k largest become 1, the first ones of equals.</summary>
/// <param name="count">n.</param>
/// <param name="chosen">k, from 0 to n.</param>
public sealed class ChoiceProjection(int count, int chosen) : IProjection
{
    /// <inheritdoc/>
    public string Name => "choice";

    /// <inheritdoc/>
    public int Arity => count;

    /// <inheritdoc/>
    public void Project(Span<double> operands)
    {
        // Chosen ones are marked by +∞ until all are found.
        for (int k = 0; k < chosen; k++)
        {
            int largest = -1;
            for (int i = 0; i < operands.Length; i++)
            {
                if (!double.IsPositiveInfinity(operands[i]) && (largest < 0 || operands[i] > operands[largest])) largest = i;
            }
            operands[largest] = double.PositiveInfinity;
        }
        for (int i = 0; i < operands.Length; i++) operands[i] = double.IsPositiveInfinity(operands[i]) ? 1.0 : 0.0;
    }
}
