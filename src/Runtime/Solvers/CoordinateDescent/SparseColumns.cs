using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Optc.Runtime.Native;

namespace Optc.Runtime.Solvers.CoordinateDescent;

/// <summary>A sparse matrix by compressed columns; rows within a column ascend and occur once.</summary>
public sealed class SparseColumns : DesignMatrix
{
    private readonly int[] _starts;
    private readonly int[] _rows;
    private readonly double[] _values;

    /// <param name="rowCount">Rows n.</param>
    /// <param name="starts">Where each of the p columns begins, and the end of the last.</param>
    /// <param name="rows">Row of each entry.</param>
    /// <param name="values">Value of each entry.</param>
    public SparseColumns(int rowCount, int[] starts, int[] rows, double[] values)
    {
        ArgumentNullException.ThrowIfNull(starts);
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(values);
        if (starts.Length == 0 || starts[0] != 0 || rows.Length < starts[^1] || values.Length < starts[^1])
        {
            ThrowShape($"{starts.Length} starts, {rows.Length} rows and {values.Length} values do not make a matrix by columns.");
        }
        RowCount = rowCount;
        (_starts, _rows, _values) = (starts, rows, values);
        for (int j = 0; j + 1 < starts.Length; j++)
        {
            int last = -1;
            if (starts[j + 1] < starts[j]) ThrowShape($"Column {j} ends before it begins.");
            for (int p = starts[j]; p < starts[j + 1]; p++)
            {
                if (rows[p] <= last || rows[p] >= rowCount) ThrowShape($"Column {j} has row {rows[p]} after {last}; rows ascend from 0 to {rowCount - 1}.");
                last = rows[p];
            }
        }
    }

    /// <inheritdoc/>
    public override int RowCount { get; }

    /// <inheritdoc/>
    public override int ColumnCount => _starts.Length - 1;

    /// <inheritdoc/>
    public override long EntryCount => _starts[^1];

    /// <inheritdoc/>
    public override int Entries(int j) => _starts[j + 1] - _starts[j];

    /// <summary>Rows of the entries of column j.</summary>
    public ReadOnlySpan<int> Rows(int j) => _rows.AsSpan(_starts[j], _starts[j + 1] - _starts[j]);

    /// <summary>Values of the entries of column j.</summary>
    public ReadOnlySpan<double> Values(int j) => _values.AsSpan(_starts[j], _starts[j + 1] - _starts[j]);

    /// <inheritdoc/>
    public override double Dot(int j, ReadOnlySpan<double> v) => ColumnKernels.SparseDot(Rows(j), Values(j), v);

    /// <inheritdoc/>
    public override void AddScaled(int j, double a, Span<double> v) => ColumnKernels.SparseAddScaled(a, Rows(j), Values(j), v);

    /// <inheritdoc/>
    public override void AddScaledWeighted(int j, double a, ReadOnlySpan<double> w, Span<double> v) =>
        ColumnKernels.SparseAddScaledWeighted(a, Rows(j), Values(j), w, v);

    /// <inheritdoc/>
    public override double WeightedSquares(int j, ReadOnlySpan<double> w) => ColumnKernels.SparseWeightedSquares(Rows(j), Values(j), w);

    /// <inheritdoc/>
    public override double Dot(int j, int next, ReadOnlySpan<double> v)
    {
        int soon = _starts[next];
        return ColumnKernels.SparseDot(
            Rows(j), Values(j), v,
            ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_rows), soon), ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_values), soon));
    }

    /// <inheritdoc/>
    public override double SquaresAndDot(int j, ReadOnlySpan<double> v, out double dot) =>
        ColumnKernels.SparseSquaresAndDot(Rows(j), Values(j), v, out dot);

    /// <inheritdoc/>
    public override bool IsFinite(int j) => VectorKernels.AllFinite(Values(j));

    /// <inheritdoc/>
    public override void Dots(ReadOnlySpan<int> columns, ReadOnlySpan<double> v, Span<double> result)
    {
        for (int k = 0; k < columns.Length; k++) result[columns[k]] = Dot(columns[k], columns[Math.Min(k + Ahead, columns.Length - 1)], v);
    }

    /// <inheritdoc/>
    public override void GramRow(int j, ReadOnlySpan<int> columns, ReadOnlySpan<double> w, Span<double> scratch, Span<double> result)
    {
        ReadOnlySpan<int> rows = Rows(j);
        ReadOnlySpan<double> values = Values(j);
        for (int p = 0; p < rows.Length; p++) scratch[rows[p]] = w.IsEmpty ? values[p] : values[p] * w[rows[p]];
        for (int k = 0; k < columns.Length; k++) result[k] = Dot(columns[k], scratch);
        foreach (int i in rows) scratch[i] = 0;
    }
}
