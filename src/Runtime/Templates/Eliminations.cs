namespace Optc.Runtime.Templates;

/// <summary>What the eliminations of stage values share.</summary>
internal static class Eliminations
{
    /// <summary>Refuses a model whose stage values spread too far.</summary>
    public static void CheckLimit(long operations, long limit, string matrix)
    {
        if (operations > Math.Min(limit, Array.MaxLength))
            throw new EliminationTooLargeException($"Eliminating the defined variables and nonlinear sums from the {matrix} takes more than {Math.Min(limit, Array.MaxLength)} multiplications. Declare the largest of them as a variable with an equation, which keeps the matrices sparse.");
    }

    /// <summary>Turns ~k into first + k.</summary>
    public static void Shift(Span<int> cells, int first)
    {
        foreach (ref var cell in cells)
        {
            if (cell < 0)
                cell = checked(first + ~cell);
        }
    }
}
