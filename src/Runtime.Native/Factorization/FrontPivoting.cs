using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Optc.Runtime.Native;

/// <summary>
/// Eliminates the fully summed columns of one front with 1×1 and 2×2 pivots under threshold partial pivoting: a 1×1 pivot d
/// needs |d| ≥ u·max|column|, a 2×2 pivot P needs |P⁻¹|·(column maxima) ≤ 1/u (Duff, Reid, "Exploiting zeros on the
/// diagonal in the direct solution of indefinite sparse symmetric linear systems", 1996; pivots sought as in Bunch, Kaufman,
/// 1977). Columns with no acceptable pivot stay behind, updated, for the parent.
/// </summary>
/// <remarks>Loops over vectors are compiled optimised at once: they cannot be compiled ahead of time, and one factorisation is over
/// before the runtime's tiering would have replaced them.</remarks>
internal unsafe struct FrontPivoting
{
    /// <summary>Columns whose rank-one updates are applied at once; the rest get them a panel at a time.</summary>
    private const int PanelWidth = 32;

    /// <summary>The front's fully summed columns, column major with leading dimension <see cref="Height"/>; on return
    /// the leading ones hold L (unit diagonal, D not in place).</summary>
    public double* A;
    public int Height;
    public int Columns;

    /// <summary>Labels of the fully summed rows, permuted along.</summary>
    public int* Rows;

    /// <summary>D by position: diagonal and subdiagonal, the latter at the first column of a 2×2 pivot, else 0.</summary>
    public double* Diagonal;
    public double* Off;
    public double* Scratch;
    public double Threshold;
    public double ZeroTolerance;

    /// <summary>Where a root has no parent to delay to, the best pivot is taken, acceptable or not.</summary>
    public bool MustFinish;

    /// <summary>Asked between panels; true gives up. Null where the front is small.</summary>
    public Func<bool>? Interrupt;

    /// <summary>Set when <see cref="Interrupt"/> gave it up.</summary>
    public bool Interrupted;

    public int Positive;
    public int Negative;
    public int Zero;

    /// <summary>Set when an infinity or a NaN has come up.</summary>
    public bool Overflowed;
    private int _done;

    /// <summary>Eliminates what can be; returns the number of columns eliminated.</summary>
    public int Run()
    {
        int end = Math.Min(PanelWidth, Columns), candidates = 0;
        while (true)
        {
            int before = _done;
            if (Interrupt is not null && Interrupt())
            {
                Interrupted = true;
                return _done;
            }
            // Columns that have failed and have not changed since are tried once more, at the end.
            EliminatePanel(end, end == Columns ? 0 : candidates);
            candidates = end;
            if (end == Columns)
            {
                while (MustFinish && _done < end)
                {
                    TakeLargestDiagonal(end);
                    EliminatePanel(end, 0);
                }
                return _done;
            }
            if (_done > before)
            {
                double* l = A + end + ((long)before * Height);
                FrontUpdate.Subtract(
                    A + end + ((long)end * Height), Height, Height - end, Columns - end, l, Height, _done - before,
                    Diagonal + before, Off + before, Scratch);
            }
            end = Math.Min(end + PanelWidth, Columns);
        }
    }

    private void EliminatePanel(int end, int from)
    {
        // Candidates in cyclic order until each of those left has failed once since the last success.
        int candidate = Math.Max(_done, from), failures = candidate - _done;
        while (_done < end && failures < end - _done)
        {
            if (candidate >= end || candidate < _done) candidate = _done;
            int taken = TryPivot(candidate, end);
            failures = taken > 0 ? 0 : failures + 1;
            candidate = taken > 0 ? Math.Max(candidate, _done) : candidate + 1;
        }
    }

    private int TryPivot(int t, int end)
    {
        double largest = ScanColumn(t, end, -1, out int partner, out double largestInPanel);
        double diagonal = Math.Abs(A[t + ((long)t * Height)]);
        if (!(Math.Max(largest, diagonal) > ZeroTolerance))
        {
            Overflowed |= !double.IsFinite(largest + diagonal);
            DropZero(t, end);
            return 1;
        }
        if (diagonal > 0 && diagonal >= Threshold * largest)
        {
            Swap(_done, t);
            EliminateOne(end);
            return 1;
        }
        // A partner known only through rounding errors is none.
        if (partner < 0 || largestInPanel <= ZeroTolerance) return 0;
        int low = Math.Min(t, partner), high = Math.Max(t, partner);
        double a = A[t + ((long)t * Height)], b = A[high + ((long)low * Height)], d = A[partner + ((long)partner * Height)];
        double columnT = ScanColumn(t, end, partner, out _, out _), columnP = ScanColumn(partner, end, t, out _, out _);
        double det = (a * d) - (b * b), scale = Math.Max(Math.Abs(a * d), b * b);
        double bound = Math.Abs(det) / Threshold;
        bool acceptable = Math.Abs(det) > 1e-8 * scale
            && (Math.Abs(d) * columnT) + (Math.Abs(b) * columnP) <= bound
            && (Math.Abs(b) * columnT) + (Math.Abs(a) * columnP) <= bound;
        if (acceptable)
        {
            Swap(_done, low);
            Swap(_done + 1, high);
            EliminateTwo(end);
            return 2;
        }
        if (Math.Abs(d) > 0 && Math.Abs(d) >= Threshold * Math.Max(Math.Abs(b), columnP))
        {
            Swap(_done, partner);
            EliminateOne(end);
            return 1;
        }
        return 0;
    }

    /// <summary>Largest off-diagonal magnitude of column t among the rows not eliminated, row <paramref name="except"/> left
    /// out; <paramref name="where"/> is the row of the largest within the panel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly double ScanColumn(int t, int end, int except, out int where, out double inPanel)
    {
        double* column = A + ((long)t * Height);
        inPanel = 0;
        where = -1;
        for (int j = _done; j < t; j++)
        {
            double value = Math.Abs(A[t + ((long)j * Height)]);
            if (value > inPanel && j != except)
            {
                inPanel = value;
                where = j;
            }
        }
        for (int i = t + 1; i < end; i++)
        {
            double value = Math.Abs(column[i]);
            if (value > inPanel && i != except)
            {
                inPanel = value;
                where = i;
            }
        }
        return Math.Max(inPanel, MaxAbs(column + end, Height - end));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double MaxAbs(double* x, int count)
    {
        double largest = 0;
        int i = 0;
        if (count >= 8)
        {
            var m0 = Vector256<double>.Zero;
            var m1 = m0;
            for (; i + 8 <= count; i += 8)
            {
                m0 = Vector256.Max(m0, Vector256.Abs(Vector256.Load(x + i)));
                m1 = Vector256.Max(m1, Vector256.Abs(Vector256.Load(x + i + 4)));
            }
            m0 = Vector256.Max(m0, m1);
            largest = Math.Max(Math.Max(m0[0], m0[1]), Math.Max(m0[2], m0[3]));
        }
        for (; i < count; i++) largest = Math.Max(largest, Math.Abs(x[i]));
        return largest;
    }

    private void DropZero(int t, int end)
    {
        Swap(_done, t);
        double* column = A + ((long)_done * Height);
        for (int i = _done; i < Height; i++) column[i] = 0;
        Diagonal[_done] = Off[_done] = 0;
        Zero++;
        _done++;
    }

    private void TakeLargestDiagonal(int end)
    {
        int best = _done;
        for (int t = _done + 1; t < end; t++)
        {
            if (Math.Abs(A[t + ((long)t * Height)]) > Math.Abs(A[best + ((long)best * Height)])) best = t;
        }
        if (A[best + ((long)best * Height)] == 0)
        {
            DropZero(best, end);
            return;
        }
        Swap(_done, best);
        EliminateOne(end);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void EliminateOne(int end)
    {
        int k = _done, height = Height;
        double* column = A + ((long)k * height);
        double d = column[k], inverse = 1 / d;
        Diagonal[k] = d;
        Off[k] = 0;
        if (d > 0) Positive++; else Negative++;
        Overflowed |= !double.IsFinite(d);
        column[k] = 1;
        for (int j = k + 1; j < end; j++)
        {
            double w = column[j] * inverse;
            if (w != 0) AddScaled(A + j + ((long)j * height), column + j, -w, height - j);
        }
        ScaleBy(column + k + 1, inverse, height - k - 1);
        _done++;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void EliminateTwo(int end)
    {
        int k = _done, height = Height;
        double* first = A + ((long)k * height);
        double* second = first + height;
        double a = first[k], b = first[k + 1], d = second[k + 1];
        Diagonal[k] = a;
        Diagonal[k + 1] = d;
        Off[k] = b;
        Off[k + 1] = 0;
        // The determinant is formed relative to b, which is the largest or close to it, so that nothing overflows.
        double ab = a / b, db = d / b, det = (ab * db) - 1;
        if (det < 0)
        {
            Positive++;
            Negative++;
        }
        else if (a + d > 0)
        {
            Positive += 2;
        }
        else
        {
            Negative += 2;
        }
        double scale = 1 / (b * det), inverseA = db * scale, inverseB = -scale, inverseD = ab * scale;
        first[k] = 1;
        first[k + 1] = 0;
        second[k + 1] = 1;
        for (int j = k + 2; j < end; j++)
        {
            double x = first[j], y = second[j];
            if (x == 0 && y == 0) continue;
            double u = (inverseA * x) + (inverseB * y), v = (inverseB * x) + (inverseD * y);
            double* target = A + j + ((long)j * height);
            AddScaled(target, first + j, -u, height - j);
            AddScaled(target, second + j, -v, height - j);
        }
        for (int i = k + 2; i < height; i++)
        {
            double x = first[i], y = second[i];
            first[i] = (inverseA * x) + (inverseB * y);
            second[i] = (inverseB * x) + (inverseD * y);
        }
        _done += 2;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddScaled(double* y, double* x, double a, int count)
    {
        int i = 0;
        var va = Vector256.Create(a);
        for (; i + 4 <= count; i += 4)
        {
            Vector256.Store(Vector256.FusedMultiplyAdd(va, Vector256.Load(x + i), Vector256.Load(y + i)), y + i);
        }
        for (; i < count; i++) y[i] = Math.FusedMultiplyAdd(a, x[i], y[i]);
    }

    private static void ScaleBy(double* x, double a, int count)
    {
        for (int i = 0; i < count; i++) x[i] *= a;
    }

    /// <summary>Symmetric interchange of two rows and columns of the panel, low ≤ high.</summary>
    private readonly void Swap(int low, int high)
    {
        if (low == high) return;
        long height = Height;
        double* a = A;
        (Rows[low], Rows[high]) = (Rows[high], Rows[low]);
        for (int c = 0; c < low; c++) (a[low + (c * height)], a[high + (c * height)]) = (a[high + (c * height)], a[low + (c * height)]);
        double* columnLow = a + (low * height);
        double* columnHigh = a + (high * height);
        (columnLow[low], columnHigh[high]) = (columnHigh[high], columnLow[low]);
        for (int x = low + 1; x < high; x++) (columnLow[x], a[high + (x * height)]) = (a[high + (x * height)], columnLow[x]);
        for (int x = high + 1; x < Height; x++) (columnLow[x], columnHigh[x]) = (columnHigh[x], columnLow[x]);
    }
}
