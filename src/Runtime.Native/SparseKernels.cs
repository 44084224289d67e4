namespace Optc.Runtime.Native;

/// <summary>
/// Kernels on compressed sparse matrices. A pattern is starts (count + 1) and indices; by rows (CSR) the indices are
/// columns, by columns (CSC) rows. Nothing allocates but <see cref="Transpose"/> and <see cref="CompressColumns"/>.
/// </summary>
public static class SparseKernels
{
    /// <summary>y ← y + a A x for an m × n matrix by rows; y has m entries, x has n.</summary>
    public static void MultiplyAdd(
        ReadOnlySpan<int> rowStarts, ReadOnlySpan<int> columns, ReadOnlySpan<double> values, double a, ReadOnlySpan<double> x, Span<double> y)
    {
        RequireStarts(rowStarts, y.Length);
        for (int i = 0; i < y.Length; i++)
        {
            double sum = 0;
            for (int p = rowStarts[i]; p < rowStarts[i + 1]; p++) sum += values[p] * x[columns[p]];
            y[i] += a * sum;
        }
    }

    /// <summary>x ← x + a Aᵀ y for an m × n matrix by rows; y has m entries, x has n.</summary>
    public static void TransposeMultiplyAdd(
        ReadOnlySpan<int> rowStarts, ReadOnlySpan<int> columns, ReadOnlySpan<double> values, double a, ReadOnlySpan<double> y, Span<double> x)
    {
        RequireStarts(rowStarts, y.Length);
        for (int i = 0; i < y.Length; i++)
        {
            double weight = a * y[i];
            if (weight == 0) continue;
            for (int p = rowStarts[i]; p < rowStarts[i + 1]; p++) x[columns[p]] += weight * values[p];
        }
    }

    /// <summary>y ← y + a H x for a symmetric n × n matrix given by the columns of its lower triangle.</summary>
    public static void SymmetricLowerMultiplyAdd(
        ReadOnlySpan<int> columnStarts, ReadOnlySpan<int> rows, ReadOnlySpan<double> values, double a, ReadOnlySpan<double> x, Span<double> y)
    {
        RequireStarts(columnStarts, y.Length);
        for (int j = 0; j < y.Length; j++)
        {
            double xj = a * x[j], sum = 0;
            for (int p = columnStarts[j]; p < columnStarts[j + 1]; p++)
            {
                int i = rows[p];
                if (i == j)
                {
                    sum += values[p] * x[j];
                }
                else
                {
                    y[i] += values[p] * xj;
                    sum += values[p] * x[i];
                }
            }
            y[j] += a * sum;
        }
    }

    /// <summary>Maximum row sum of magnitudes ‖H‖∞ of a symmetric matrix given by the columns of its lower triangle;
    /// <paramref name="work"/> has length n.</summary>
    public static double SymmetricLowerNorm(ReadOnlySpan<int> columnStarts, ReadOnlySpan<int> rows, ReadOnlySpan<double> values, Span<double> work)
    {
        RequireStarts(columnStarts, work.Length);
        work.Clear();
        for (int j = 0; j < work.Length; j++)
        {
            for (int p = columnStarts[j]; p < columnStarts[j + 1]; p++)
            {
                double size = Math.Abs(values[p]);
                work[j] += size;
                if (rows[p] != j) work[rows[p]] += size;
            }
        }
        return VectorKernels.MaxAbs(work);
    }

    /// <summary>
    /// The transposed pattern (of a matrix with <paramref name="count"/> columns if it is by rows), indices ascending, and
    /// the map to refresh its values: entry k of the transpose is entry <c>Source[k]</c> of the original.
    /// </summary>
    public static (int[] Starts, int[] Indices, int[] Source) Transpose(ReadOnlySpan<int> starts, ReadOnlySpan<int> indices, int count)
    {
        int lines = starts.Length - 1, entries = starts[lines];
        var newStarts = new int[count + 1];
        for (int p = 0; p < entries; p++) newStarts[indices[p] + 1]++;
        for (int k = 0; k < count; k++) newStarts[k + 1] += newStarts[k];
        var write = newStarts.AsSpan(0, count).ToArray();
        var newIndices = new int[entries];
        var source = new int[entries];
        for (int line = 0; line < lines; line++)
        {
            for (int p = starts[line]; p < starts[line + 1]; p++)
            {
                int at = write[indices[p]]++;
                newIndices[at] = line;
                source[at] = p;
            }
        }
        return (newStarts, newIndices, source);
    }

    /// <summary>
    /// Compresses triplets (row, column) to columns with ascending rows, repeats merged. Entry k of the triplets belongs to
    /// entry <c>Target[k]</c> of the result; use <see cref="ScatterAdd"/> to sum values.
    /// </summary>
    public static (int[] ColumnStarts, int[] RowIndices, int[] Target) CompressColumns(
        int rowCount, int columnCount, ReadOnlySpan<int> rows, ReadOnlySpan<int> columns)
    {
        if (rows.Length != columns.Length) throw new ArgumentException($"{rows.Length} rows but {columns.Length} columns; triplets come in pairs.");
        // Two stable counting sorts: by row, then by column.
        var rowStarts = new int[rowCount + 1];
        foreach (int i in rows) rowStarts[i + 1]++;
        for (int i = 0; i < rowCount; i++) rowStarts[i + 1] += rowStarts[i];
        var byRow = new int[rows.Length];
        for (int k = 0; k < rows.Length; k++) byRow[rowStarts[rows[k]]++] = k;
        var starts = new int[columnCount + 1];
        foreach (int j in columns) starts[j + 1]++;
        for (int j = 0; j < columnCount; j++) starts[j + 1] += starts[j];
        var write = starts.AsSpan(0, columnCount).ToArray();
        var sorted = new int[rows.Length];
        foreach (int k in byRow) sorted[write[columns[k]]++] = k;
        var target = new int[rows.Length];
        var indices = new int[rows.Length];
        int at = 0, begin = 0;
        for (int j = 0; j < columnCount; j++)
        {
            int end = starts[j + 1], first = at;
            for (int p = begin; p < end; p++)
            {
                int k = sorted[p];
                if (at == first || indices[at - 1] != rows[k]) indices[at++] = rows[k];
                target[k] = at - 1;
            }
            begin = end;
            starts[j + 1] = at;
        }
        Array.Resize(ref indices, at);
        return (starts, indices, target);
    }

    /// <summary>target[map[k]] += source[k].</summary>
    public static void ScatterAdd(ReadOnlySpan<double> source, ReadOnlySpan<int> map, Span<double> target)
    {
        if (source.Length != map.Length) throw new ArgumentException($"{source.Length} values but a map of {map.Length}.");
        for (int k = 0; k < source.Length; k++) target[map[k]] += source[k];
    }

    /// <summary>target[k] = source[map[k]].</summary>
    public static void Gather(ReadOnlySpan<double> source, ReadOnlySpan<int> map, Span<double> target)
    {
        if (target.Length != map.Length) throw new ArgumentException($"{target.Length} targets but a map of {map.Length}.");
        for (int k = 0; k < target.Length; k++) target[k] = source[map[k]];
    }

    private static void RequireStarts(ReadOnlySpan<int> starts, int count)
    {
        if (starts.Length != count + 1)
            throw new ArgumentException($"{starts.Length} starts for {count} rows or columns; expected {count + 1}.");
    }
}
