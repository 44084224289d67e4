using Optc.Runtime.Native;

namespace Optc.Runtime.Solvers.CoordinateDescent;

/// <summary>A dense matrix, one array per column, so that its size is not limited by that of one array.</summary>
public sealed class DenseColumns : DesignMatrix
{
    private readonly double[][] _columns;

    /// <param name="rows">Rows n.</param>
    /// <param name="columns">p columns of n entries each; kept, not copied.</param>
    public DenseColumns(int rows, double[][] columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        RowCount = rows;
        _columns = columns;
        for (int j = 0; j < columns.Length; j++)
        {
            if (columns[j].Length != rows) ThrowShape($"Column {j} has {columns[j].Length} entries; expected {rows}.");
        }
    }

    /// <inheritdoc/>
    public override int RowCount { get; }

    /// <inheritdoc/>
    public override int ColumnCount => _columns.Length;

    /// <inheritdoc/>
    public override long EntryCount => (long)RowCount * ColumnCount;

    /// <inheritdoc/>
    public override int Entries(int j) => RowCount;

    /// <inheritdoc/>
    public override double Dot(int j, ReadOnlySpan<double> v) => VectorKernels.Dot(_columns[j], v);

    /// <inheritdoc/>
    public override void AddScaled(int j, double a, Span<double> v) => VectorKernels.AddScaled(a, _columns[j], v);

    /// <inheritdoc/>
    public override void AddScaledWeighted(int j, double a, ReadOnlySpan<double> w, Span<double> v) =>
        ColumnKernels.DenseAddScaledWeighted(a, _columns[j], w, v);

    /// <inheritdoc/>
    public override double WeightedSquares(int j, ReadOnlySpan<double> w) => ColumnKernels.DenseWeightedSquares(_columns[j], w);

    /// <inheritdoc/>
    public override double SquaresAndDot(int j, ReadOnlySpan<double> v, out double dot)
    {
        dot = VectorKernels.Dot(_columns[j], v);
        return VectorKernels.SumOfSquares(_columns[j]);
    }

    /// <inheritdoc/>
    public override bool IsFinite(int j) => VectorKernels.AllFinite(_columns[j]);

    /// <inheritdoc/>
    public override void Dots(ReadOnlySpan<int> columns, ReadOnlySpan<double> v, Span<double> result)
    {
        int k = 0;
        for (; k + 4 <= columns.Length; k += 4)
        {
            int a = columns[k], b = columns[k + 1], c = columns[k + 2], d = columns[k + 3];
            ColumnKernels.Dot4(_columns[a], _columns[b], _columns[c], _columns[d], v, out result[a], out result[b], out result[c], out result[d]);
        }
        for (; k < columns.Length; k++) result[columns[k]] = Dot(columns[k], v);
    }

    /// <inheritdoc/>
    public override void GramRow(int j, ReadOnlySpan<int> columns, ReadOnlySpan<double> w, Span<double> scratch, Span<double> result)
    {
        ReadOnlySpan<double> x = _columns[j];
        if (!w.IsEmpty)
        {
            VectorKernels.Multiply(x, w, scratch);
            x = scratch;
        }
        int k = 0;
        for (; k + 4 <= columns.Length; k += 4)
        {
            ColumnKernels.Dot4(
                _columns[columns[k]], _columns[columns[k + 1]], _columns[columns[k + 2]], _columns[columns[k + 3]], x,
                out result[k], out result[k + 1], out result[k + 2], out result[k + 3]);
        }
        for (; k < columns.Length; k++) result[k] = VectorKernels.Dot(_columns[columns[k]], x);
        if (!w.IsEmpty) scratch.Clear();
    }
}
