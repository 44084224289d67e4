namespace Optc.Runtime.Native;

/// <summary>
/// Symmetric equilibration S A S towards unit row maxima by a few sweeps of Ruiz's iteration ("A scaling algorithm to
/// equilibrate both rows and columns norms in matrices", 2001), rounded to powers of two so that scaling rounds nothing.
/// </summary>
internal static class SymmetricScaling
{
    private const int Sweeps = 3;

    /// <summary>Fills <paramref name="scale"/> (n) from a lower triangle by columns; <paramref name="work"/> has length n.</summary>
    public static void Compute(
        ReadOnlySpan<int> columnStarts, ReadOnlySpan<int> rowIndices, ReadOnlySpan<double> values, Span<double> scale, Span<double> work)
    {
        scale.Fill(1);
        for (int sweep = 0; sweep < Sweeps; sweep++)
        {
            work.Clear();
            for (int j = 0; j < scale.Length; j++)
            {
                double own = work[j], sj = scale[j];
                for (int p = columnStarts[j]; p < columnStarts[j + 1]; p++)
                {
                    int i = rowIndices[p];
                    double size = Math.Abs(values[p]) * sj * scale[i];
                    if (size > own) own = size;
                    if (size > work[i]) work[i] = size;
                }
                if (own > work[j]) work[j] = own;
            }
            double largest = 0, smallest = double.PositiveInfinity;
            for (int i = 0; i < scale.Length; i++)
            {
                if (work[i] == 0) continue;
                largest = Math.Max(largest, work[i]);
                smallest = Math.Min(smallest, work[i]);
                scale[i] /= Math.Sqrt(work[i]);
            }
            if (largest <= 1.5 && smallest >= 0.5) break;
        }
        for (int i = 0; i < scale.Length; i++)
        {
            // Bounded so that products of two scales and a value stay clear of overflow.
            scale[i] = Math.ScaleB(1.0, Math.Clamp(Math.ILogB(scale[i] * Math.Sqrt(2)), -250, 250));
        }
    }
}
