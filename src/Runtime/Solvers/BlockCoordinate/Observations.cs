using Optc.Runtime.Solvers.CoordinateDescent;

namespace Optc.Runtime.Solvers.BlockCoordinate;

/// <summary>
/// A loss of linear forms as the mean of its n observations, fₜ(x) = n wₜ ℓ(yₜ, oₜ + rₜᵀx), one of which is asked at a time: the matrix
/// by rows, which the loss holds by columns.
/// </summary>
internal sealed class Observations
{
    private readonly Loss _loss;
    private readonly double[] _labels, _weights, _offsets, _values;
    private readonly int[] _starts, _columns;

    public Observations(DesignMatrix matrix, Loss loss, double[] labels, double[] weights, double[] offsets)
    {
        (_loss, _labels, _weights, _offsets) = (loss, labels, weights, offsets);
        int n = matrix.RowCount;
        if (matrix.EntryCount > Array.MaxLength) throw new ArgumentException($"acceleration=variance_reduction keeps the matrix by rows in one array, and {matrix.EntryCount} entries are too many: name acceleration=dual_averaging.");
        _starts = new int[n + 1];
        double[] column = new double[n];
        Read(matrix, column, (i, _, _) => _starts[i + 1]++);
        for (int i = 0; i < n; i++) _starts[i + 1] += _starts[i];
        (_columns, _values) = (new int[_starts[n]], new double[_starts[n]]);
        int[] next = _starts[..n];
        Read(matrix, column, (i, j, v) => (_columns[next[i]], _values[next[i]++]) = (j, v));
    }

    /// <summary>n.</summary>
    public int Count => _labels.Length;

    /// <summary>The coordinates of rₜ that are not zero.</summary>
    public ReadOnlySpan<int> Columns(int t) => _columns.AsSpan(_starts[t], _starts[t + 1] - _starts[t]);

    /// <summary>Their values.</summary>
    public ReadOnlySpan<double> Values(int t) => _values.AsSpan(_starts[t], _starts[t + 1] - _starts[t]);

    /// <summary>oₜ.</summary>
    public double Offset(int t) => _offsets[t];

    /// <summary>n wₜ ℓ'(yₜ, z): ∇fₜ is this times rₜ where z is the linear form.</summary>
    public double Slope(int t, double form)
    {
        double slope = 0;
        _loss.Gradient(_labels.AsSpan(t, 1), _weights.AsSpan(t, 1), new ReadOnlySpan<double>(in form), new Span<double>(ref slope));
        return Count * slope;
    }

    private static void Read(DesignMatrix matrix, double[] column, Action<int, int, double> entry)
    {
        for (int j = 0; j < matrix.ColumnCount; j++)
        {
            Array.Clear(column);
            matrix.AddScaled(j, 1, column);
            for (int i = 0; i < column.Length; i++)
            {
                if (column[i] != 0) entry(i, j, column[i]);
            }
        }
    }
}
