using Optc.Runtime.Native;

namespace Optc.Runtime.Solvers.CoordinateDescent;

/// <summary>
/// Newton's direction of the quadratic model on a small support S: (X_Sᵀ H X_S + K) d = −q by Cholesky. Inner products of columns are
/// kept while H does not change.
/// </summary>
internal sealed class SupportNewton(DesignMatrix matrix)
{
    /// <summary>Orders up to which the matrix is formed.</summary>
    public const int MostDense = 3000;

    private readonly List<int> _cached = [];
    private int[] _slot = [], _place = [];
    private bool[] _wanted = [];
    private double[] _scratch = [];
    private double[][] _rows = new double[64][];
    private double[] _factor = [], _cosines = [], _sines = [];
    private int[] _order = [];
    private int _size, _stride;
    private double _shift;
    private int[] _missing = [];

    /// <summary>Forgets inner products: H changed.</summary>
    public void Forget()
    {
        foreach (int j in _cached) _slot[j] = -1;
        _cached.Clear();
        Drop();
    }

    /// <summary>The columns of the factor in its order.</summary>
    public ReadOnlySpan<int> Order => _order.AsSpan(0, _size);

    /// <summary>Whether forming and factorising the matrix of a support costs less than that many passes over it.</summary>
    public bool IsWorthwhile(ReadOnlySpan<int> support, double passes)
    {
        int s = support.Length;
        if (s > MostDense) return false;
        long entries = 0;
        int fresh = 0;
        foreach (int j in support)
        {
            entries += matrix.Entries(j);
            fresh += _slot.Length == 0 || _slot[j] < 0 ? 1 : 0;
        }
        double all = Math.Max(1, entries);
        return ((double)s * s * s / 12) + (0.5 * fresh * all) <= passes * all;
    }

    /// <summary>
    /// Factorises X_Sᵀ H X_S + diag(l2): rows that left are taken out of the factor, those that came are appended. False when it is
    /// not positive definite.
    /// </summary>
    public bool Factor(ReadOnlySpan<int> support, double[] h, double[] l2)
    {
        EnsureRoom();
        int kept = 0;
        foreach (int j in support) kept += _place[j] >= 0 ? 1 : 0;
        int changes = (_size - kept) + (support.Length - kept);
        if (support.Length > _stride || changes > support.Length / 4) return FactorAnew(support, h, l2);
        if (changes == 0) return true;
        foreach (int j in support) _wanted[j] = true;
        for (int k = _size - 1; k >= 0; k--)
        {
            if (!_wanted[_order[k]]) Remove(k);
        }
        foreach (int j in support) _wanted[j] = false;
        Remember(support, h);
        foreach (int j in support)
        {
            if (_place[j] < 0 && !Append(j, l2)) return FactorAnew(support, h, l2);
        }
        return true;
    }

    /// <summary>x ← A⁻¹x in the order of the factor.</summary>
    public void Solve(Span<double> x) => DenseCholesky.Solve(_factor, _size, _stride, x);

    /// <summary>
    /// Takes row k out of the factor: the rows below lose a column by rotations (Golub, Van Loan, Matrix computations, §6.5.3).
    /// </summary>
    public void Remove(int k)
    {
        _place[_order[k]] = -1;
        Span<double> cosines = _cosines, sines = _sines;
        for (int r = k + 1; r < _size; r++)
        {
            Span<double> row = _factor.AsSpan(r * _stride, r + 1), target = _factor.AsSpan((r - 1) * _stride, r);
            row[..k].CopyTo(target);
            double carried = row[k];
            for (int j = k; j < r - 1; j++)
            {
                double next = row[j + 1];
                target[j] = (cosines[j] * carried) + (sines[j] * next);
                carried = (cosines[j] * next) - (sines[j] * carried);
            }
            double last = row[r], length = Math.Sqrt((carried * carried) + (last * last));
            (cosines[r - 1], sines[r - 1]) = (carried / length, last / length);
            target[r - 1] = length;
            _order[r - 1] = _order[r];
            _place[_order[r]] = r - 1;
        }
        _size--;
    }

    private bool FactorAnew(ReadOnlySpan<int> support, double[] h, double[] l2)
    {
        int s = support.Length;
        Remember(support, h);
        Drop();
        if (_stride < s)
        {
            _stride = Math.Min(MostDense + 64, Math.Max(s + 32, 2 * _stride));
            _factor = new double[_stride * _stride];
            (_order, _cosines, _sines) = (new int[_stride], new double[_stride], new double[_stride]);
        }
        double largest = 0;
        for (int a = 0; a < s; a++)
        {
            int slot = _slot[support[a]];
            for (int k = 0; k <= a; k++) _factor[(a * _stride) + k] = Product(slot, _slot[support[k]]);
            _factor[(a * _stride) + a] += l2[support[a]];
            largest = Math.Max(largest, _factor[(a * _stride) + a]);
        }
        // Duplicated columns, or more columns than rows, make the matrix singular. Under a shift far below its size the direction then
        // goes far along the null space, downhill in the penalty, and ends where a coordinate reaches its kink.
        _shift = 1e-10 * largest;
        for (int a = 0; a < s; a++) _factor[(a * _stride) + a] += _shift;
        if (!DenseCholesky.Factor(_factor, s, _stride)) return false;
        _size = s;
        for (int a = 0; a < s; a++) _place[_order[a] = support[a]] = a;
        return true;
    }

    private void Drop()
    {
        for (int k = 0; k < _size; k++) _place[_order[k]] = -1;
        _size = 0;
    }

    private double Product(int slot, int other) => slot >= other ? _rows[slot][other] : _rows[other][slot];

    private bool Append(int j, double[] l2)
    {
        if (_size == _stride) return false;
        int slot = _slot[j];
        Span<double> row = _factor.AsSpan(_size * _stride, _size + 1);
        double squares = 0;
        for (int k = 0; k < _size; k++)
        {
            row[k] = (Product(slot, _slot[_order[k]]) - VectorKernels.Dot(_factor.AsSpan(k * _stride, k), row[..k])) / _factor[(k * _stride) + k];
            squares += row[k] * row[k];
        }
        double diagonal = Product(slot, slot) + l2[j] + _shift, pivot = diagonal - squares;
        if (!(pivot > 1e-13 * diagonal)) return false;
        row[_size] = Math.Sqrt(pivot);
        _order[_size] = j;
        _place[j] = _size++;
        return true;
    }

    /// <summary>Completes the inner products among the columns of S.</summary>
    private void Remember(ReadOnlySpan<int> support, double[] h)
    {
        int fresh = 0;
        foreach (int j in support) fresh += _slot[j] < 0 ? 1 : 0;
        if (fresh == 0) return;
        if (_cached.Count + fresh > MostDense)
        {
            foreach (int j in _cached) _slot[j] = -1;
            _cached.Clear();
            fresh = support.Length;
        }
        if (_missing.Length < _cached.Count + fresh) _missing = new int[2 * (_cached.Count + fresh)];
        _cached.CopyTo(_missing);
        foreach (int j in support)
        {
            if (_slot[j] >= 0) continue;
            int slot = _cached.Count;
            _slot[j] = slot;
            _missing[slot] = j;
            _cached.Add(j);
            if (_rows.Length <= slot) Array.Resize(ref _rows, 2 * _rows.Length);
            if (_rows[slot] is null || _rows[slot].Length < slot + 1) _rows[slot] = new double[slot + 64];
            matrix.GramRow(j, _missing.AsSpan(0, slot + 1), h, _scratch, _rows[slot]);
        }
    }

    /// <summary>Most problems never come here, and their vectors are not made.</summary>
    private void EnsureRoom()
    {
        if (_slot.Length > 0) return;
        int p = matrix.ColumnCount;
        (_slot, _place, _wanted, _scratch) = (Filled(p), Filled(p), new bool[p], new double[matrix.RowCount]);
    }

    private static int[] Filled(int count)
    {
        var slots = new int[count];
        Array.Fill(slots, -1);
        return slots;
    }
}
