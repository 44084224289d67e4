using Optc.Runtime.Solvers.CoordinateDescent;

namespace Optc.Runtime.Solvers.BlockCoordinate;

/// <summary>The rows of a matrix that is held by columns: which columns share a row with a column.</summary>
internal sealed class RowIndex
{
    private readonly SparseColumns _matrix;
    private readonly int[] _starts, _columns, _found, _seen;
    private int _stamp;

    public RowIndex(SparseColumns matrix)
    {
        _matrix = matrix;
        int n = matrix.RowCount, p = matrix.ColumnCount;
        _starts = new int[n + 1];
        _columns = new int[matrix.EntryCount];
        (_found, _seen) = (new int[p], new int[p]);
        for (int j = 0; j < p; j++)
        {
            foreach (int i in matrix.Rows(j)) _starts[i + 1]++;
        }
        for (int i = 0; i < n; i++)
        {
            Pairs += (long)_starts[i + 1] * _starts[i + 1];
            _starts[i + 1] += _starts[i];
        }
        int[] next = _starts[..n];
        for (int j = 0; j < p; j++)
        {
            foreach (int i in matrix.Rows(j)) _columns[next[i]++] = j;
        }
    }

    /// <summary>Σ over rows of the squared number of entries: no fewer than XᵀX has.</summary>
    public long Pairs { get; }

    /// <summary>The columns other than j that share a row with it; valid until the next call.</summary>
    public ReadOnlySpan<int> Sharing(int j)
    {
        _seen[j] = ++_stamp;
        int count = 0;
        foreach (int i in _matrix.Rows(j))
        {
            for (int p = _starts[i]; p < _starts[i + 1]; p++)
            {
                int k = _columns[p];
                if (_seen[k] == _stamp) continue;
                _seen[k] = _stamp;
                _found[count++] = k;
            }
        }
        return _found.AsSpan(0, count);
    }

    /// <summary>All of 0 … n−1 but j.</summary>
    public static ReadOnlySpan<int> AllBut(int j, int n, ref int[] buffer)
    {
        if (buffer.Length < n) buffer = new int[n];
        for (int k = 0, at = 0; k < n; k++)
        {
            if (k != j) buffer[at++] = k;
        }
        return buffer.AsSpan(0, n - 1);
    }
}
