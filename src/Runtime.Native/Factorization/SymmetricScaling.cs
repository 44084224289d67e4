namespace Optc.Runtime.Native;

/// <summary>
/// Symmetric equilibration S A S towards unit row maxima by a few sweeps of Ruiz's iteration ("A scaling algorithm to
/// equilibrate both rows and columns norms in matrices", 2001), rounded to powers of two so that scaling rounds nothing.
/// </summary>
/// <remarks>Row maxima alone leave rows that have their largest entry in a dense row without a pivot. Sweeps towards unit row
/// sums first (Knight, Ruiz, Uçar, "A symmetry preserving algorithm for matrix scaling", 2014) shrink the dense row instead, and
/// what is left large are entries that a permutation of the matrix has on its diagonal.</remarks>
internal static class SymmetricScaling
{
    private const int Sweeps = 3;
    private const int SumSweeps = 8;

    /// <summary>Fills <paramref name="scale"/> (n) from a lower triangle by columns; <paramref name="work"/> has length n;
    /// <paramref name="balanceSums"/> asks for the sweeps over row sums.</summary>
    public static void Compute(
        ReadOnlySpan<int> columnStarts, ReadOnlySpan<int> rowIndices, ReadOnlySpan<double> values, Span<double> scale, Span<double> work,
        bool balanceSums)
    {
        scale.Fill(1);
        if (balanceSums) BalanceSums(columnStarts, rowIndices, values, scale, work);
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

    private static void BalanceSums(
        ReadOnlySpan<int> columnStarts, ReadOnlySpan<int> rowIndices, ReadOnlySpan<double> values, Span<double> scale, Span<double> work)
    {
        for (int sweep = 0; sweep < SumSweeps; sweep++)
        {
            work.Clear();
            for (int j = 0; j < scale.Length; j++)
            {
                double own = 0, sj = scale[j];
                for (int p = columnStarts[j]; p < columnStarts[j + 1]; p++)
                {
                    int i = rowIndices[p];
                    double size = Math.Abs(values[p]) * sj * scale[i];
                    own += size;
                    if (i != j) work[i] += size;
                }
                work[j] += own;
            }
            for (int i = 0; i < scale.Length; i++)
            {
                if (work[i] > 0 && work[i] < double.PositiveInfinity) scale[i] = Math.Clamp(scale[i] / Math.Sqrt(work[i]), 1e-75, 1e75);
            }
        }
    }
}
