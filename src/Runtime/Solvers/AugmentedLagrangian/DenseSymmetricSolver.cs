namespace Optc.Runtime.Solvers.AugmentedLagrangian;

/// <summary>Bunch-Kaufman LDLᵀ with partial pivoting of a dense symmetric matrix (Golub and Van Loan, 4.4.4).</summary>
internal sealed class DenseSymmetricSolver(int size, int[] starts, int[] rows) : ISymmetricSolver
{
    private readonly double[] _a = new double[(long)size * size];
    private readonly int[] _order = new int[size];
    private readonly bool[] _pair = new bool[size];
    private readonly double[] _work = new double[size];

    public int Positive { get; private set; }

    public int Negative { get; private set; }

    private ref double A(int i, int j) => ref _a[(long)i * size + j];

    public bool Factor(ReadOnlySpan<double> values)
    {
        Array.Clear(_a);
        double largest = 0.0;
        for (int j = 0; j < size; j++)
        {
            _order[j] = j;
            _pair[j] = false;
            for (int k = starts[j]; k < starts[j + 1]; k++)
            {
                A(rows[k], j) = values[k];
                A(j, rows[k]) = values[k];
                largest = Math.Max(largest, Math.Abs(values[k]));
            }
        }
        Positive = Negative = 0;
        double alpha = (1.0 + Math.Sqrt(17.0)) / 8.0;
        double tiny = largest * 1e-18;
        for (int k = 0; k < size;)
        {
            int r = k;
            double lambda = 0.0;
            for (int i = k + 1; i < size; i++)
            {
                if (Math.Abs(A(i, k)) > lambda) { lambda = Math.Abs(A(i, k)); r = i; }
            }
            double akk = Math.Abs(A(k, k));
            if (Math.Max(akk, lambda) <= tiny) return false;
            bool two = false;
            if (akk < alpha * lambda)
            {
                double sigma = 0.0;
                for (int i = k; i < size; i++)
                {
                    if (i != r) sigma = Math.Max(sigma, Math.Abs(A(i, r)));
                }
                if (akk * sigma >= alpha * lambda * lambda) { }
                else if (Math.Abs(A(r, r)) >= alpha * sigma) Swap(k, r);
                else { two = true; Swap(k + 1, r); }
            }
            if (two) { Eliminate2(k); k += 2; }
            else { Eliminate1(k); k++; }
        }
        return true;
    }

    public void Solve(Span<double> x)
    {
        for (int i = 0; i < size; i++) _work[i] = x[_order[i]];
        for (int k = 0; k < size;)
        {
            int width = _pair[k] ? 2 : 1;
            for (int i = k + width; i < size; i++)
            {
                double s = A(i, k) * _work[k];
                if (width == 2) s += A(i, k + 1) * _work[k + 1];
                _work[i] -= s;
            }
            k += width;
        }
        for (int k = 0; k < size;)
        {
            if (_pair[k])
            {
                double a = A(k, k), b = A(k + 1, k), c = A(k + 1, k + 1);
                double det = a * c - b * b;
                double p = _work[k], q = _work[k + 1];
                _work[k] = (c * p - b * q) / det;
                _work[k + 1] = (a * q - b * p) / det;
                k += 2;
            }
            else
            {
                _work[k] /= A(k, k);
                k++;
            }
        }
        for (int k = size - 1; k >= 0; k--)
        {
            int first = _pair[k] ? k + 2 : k + 1;
            double s = 0.0;
            for (int i = first; i < size; i++) s += A(i, k) * _work[i];
            _work[k] -= s;
        }
        for (int i = 0; i < size; i++) x[_order[i]] = _work[i];
    }

    private void Eliminate1(int k)
    {
        double d = A(k, k);
        if (d > 0.0) Positive++; else Negative++;
        for (int j = k + 1; j < size; j++)
        {
            double l = A(j, k) / d;
            if (l == 0.0) continue;
            for (int i = j; i < size; i++)
            {
                A(i, j) -= l * A(i, k);
                A(j, i) = A(i, j);
            }
        }
        for (int i = k + 1; i < size; i++) A(i, k) /= d;
    }

    private void Eliminate2(int k)
    {
        _pair[k] = true;
        double a = A(k, k), b = A(k + 1, k), c = A(k + 1, k + 1);
        double det = a * c - b * b;
        if (det < 0.0) { Positive++; Negative++; }
        else if (a > 0.0) Positive += 2;
        else Negative += 2;
        for (int j = k + 2; j < size; j++)
        {
            double p = A(j, k), q = A(j, k + 1);
            double l1 = (c * p - b * q) / det, l2 = (a * q - b * p) / det;
            for (int i = j; i < size; i++)
            {
                A(i, j) -= l1 * A(i, k) + l2 * A(i, k + 1);
                A(j, i) = A(i, j);
            }
        }
        for (int i = k + 2; i < size; i++)
        {
            double p = A(i, k), q = A(i, k + 1);
            A(i, k) = (c * p - b * q) / det;
            A(i, k + 1) = (a * q - b * p) / det;
        }
    }

    private void Swap(int p, int q)
    {
        if (p == q) return;
        (_order[p], _order[q]) = (_order[q], _order[p]);
        for (int j = 0; j < size; j++) (A(p, j), A(q, j)) = (A(q, j), A(p, j));
        for (int i = 0; i < size; i++)
        {
            (A(i, p), A(i, q)) = (A(i, q), A(i, p));
        }
    }
}
