namespace Optc.Bench.Evaluation;

internal static class Sides
{
    /// <summary>Constraint values minus their lower side, or the upper where there is no lower.</summary>
    public static void Subtract(Span<double> values, ReadOnlySpan<double> lower, ReadOnlySpan<double> upper)
    {
        for (int i = 0; i < values.Length; i++)
            values[i] -= double.IsFinite(lower[i]) ? lower[i] : double.IsFinite(upper[i]) ? upper[i] : 0.0;
    }
}
