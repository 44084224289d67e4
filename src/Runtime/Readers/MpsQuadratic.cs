using Optc.Runtime.Native;
using Optc.Runtime.Problems;

namespace Optc.Runtime.Readers;

/// <summary>
/// The matrix Q of ½ xᵀQx. QUADOBJ and QSECTION hold one triangle, whichever, each entry off the diagonal standing for two;
/// QMATRIX holds both, which must agree.
/// </summary>
internal sealed class MpsQuadratic
{
    private readonly Dictionary<(int Row, int Column), (double Value, int Line)> _entries = [];
    private bool? _bothTriangles;

    public void Add(MpsLine line, int row, int column, double value, bool bothTriangles, string columnName, string rowName)
    {
        if (_bothTriangles is { } before && before != bothTriangles)
            throw new MpsFormatException(line.Number, "the file has both a QMATRIX and a QUADOBJ or QSECTION", "keep one of them");
        _bothTriangles = bothTriangles;
        if (!bothTriangles && row < column) (row, column) = (column, row);
        if (_entries.TryAdd((row, column), (value, line.Number))) return;
        string remedy = bothTriangles || rowName == columnName ? "give one; entries are not added up" : "QUADOBJ holds one triangle only; remove the mirrored entry, or name the section QMATRIX";
        throw new MpsFormatException(line.Number, $"the quadratic entry of {columnName} and {rowName} is given twice (before in line {_entries[(row, column)].Line})", remedy);
    }

    /// <summary>The lower triangle by columns, each value times a factor.</summary>
    public (SparsePattern Pattern, double[] Values) Lower(int n, double factor, List<string> names)
    {
        var rows = new List<int>();
        var columns = new List<int>();
        var values = new List<double>();
        foreach (((int row, int column), (double value, int number)) in _entries)
        {
            if (_bothTriangles == true && row != column)
            {
                double mirrored = _entries.TryGetValue((column, row), out (double Value, int Line) other) ? other.Value : 0.0;
                if (Math.Abs(mirrored - value) > 1e-12 * Math.Abs(value))
                {
                    throw new MpsFormatException(
                        number, $"QMATRIX is not symmetric: {names[column]}, {names[row]} has {value:R}, the mirrored entry {mirrored:R}",
                        "give both triangles with the same values, or name the section QUADOBJ and give one");
                }
                if (row < column) continue;
            }
            if (value == 0.0) continue;
            rows.Add(row);
            columns.Add(column);
            values.Add(factor * value);
        }
        (int[] starts, int[] indices, int[] target) = SparseKernels.CompressColumns(n, n, rows.ToArray(), columns.ToArray());
        var sorted = new double[indices.Length];
        SparseKernels.ScatterAdd(values.ToArray(), target, sorted);
        return (new SparsePattern(n, n, starts, indices), sorted);
    }
}
