using Optc.Runtime.Problems;

namespace Optc.Runtime.Solvers.AugmentedLagrangian;

/// <summary>
/// The symmetric indefinite matrix <c>[H + D + δI, Jᵀ; J, −E]</c> with diagonal D (n) and E (m), on one fixed pattern, so that
/// the symbolic analysis is done once. An infinite D_j takes variable j out, an infinite E_i takes row i out (their rows
/// and columns become those of ±identity), which keeps the inertia of the whole at (n, m, 0) when the rest is right.
/// </summary>
internal sealed class KktMatrix
{
    private readonly SparsePattern _hessian;
    private readonly SparsePattern _jacobian;
    private readonly int _n;
    private readonly int _m;
    private readonly int[] _starts;
    private readonly int[] _rows;
    private readonly int[] _hessianPosition;
    private readonly int[] _jacobianPosition;
    private readonly double[] _values;
    private readonly bool[] _held;
    private readonly double[] _rhs;
    private readonly double[] _residual;
    private readonly ISymmetricSolver _factor;

    public KktMatrix(SparsePattern hessian, SparsePattern jacobian)
    {
        _hessian = hessian;
        _jacobian = jacobian;
        _n = hessian.MajorCount;
        _m = jacobian.MajorCount;
        int size = _n + _m;
        _starts = new int[size + 1];
        for (int j = 0; j < _n; j++)
        {
            _starts[j + 1]++;
            for (int k = hessian.Starts[j]; k < hessian.Starts[j + 1]; k++)
            {
                if (hessian.Indices[k] != j) _starts[j + 1]++;
            }
        }
        for (int k = 0; k < jacobian.Count; k++) _starts[jacobian.Indices[k] + 1]++;
        for (int i = _n; i < size; i++) _starts[i + 1]++;
        for (int j = 0; j < size; j++) _starts[j + 1] += _starts[j];

        _rows = new int[_starts[size]];
        _values = new double[_starts[size]];
        _hessianPosition = new int[hessian.Count];
        _jacobianPosition = new int[jacobian.Count];
        var next = new int[size];
        for (int j = 0; j < size; j++)
        {
            _rows[_starts[j]] = j;
            next[j] = _starts[j] + 1;
        }
        for (int j = 0; j < _n; j++)
        {
            for (int k = hessian.Starts[j]; k < hessian.Starts[j + 1]; k++)
            {
                int row = hessian.Indices[k];
                int position = row == j ? _starts[j] : next[j]++;
                _rows[position] = row;
                _hessianPosition[k] = position;
            }
        }
        for (int i = 0; i < _m; i++)
        {
            for (int k = jacobian.Starts[i]; k < jacobian.Starts[i + 1]; k++)
            {
                int position = next[jacobian.Indices[k]]++;
                _rows[position] = _n + i;
                _jacobianPosition[k] = position;
            }
        }
        _held = new bool[_n];
        _rhs = new double[size];
        _residual = new double[size];
        _factor = new DenseSymmetricSolver(size, _starts, _rows);
    }

    /// <summary>Order n + m.</summary>
    public int Size => _n + _m;

    /// <summary>Factors; true when the inertia is (n, m, 0), that is when H + D + δI + JᵀE⁻¹J is positive definite.</summary>
    public bool Factor(ReadOnlySpan<double> hessian, ReadOnlySpan<double> jacobian, ReadOnlySpan<double> d, ReadOnlySpan<double> e, double shift)
    {
        double[] values = _values;
        Array.Clear(values);
        for (int j = 0; j < _n; j++)
        {
            bool held = double.IsPositiveInfinity(d[j]);
            _held[j] = held;
            values[_starts[j]] = held ? 1.0 : d[j] + shift;
            if (held) continue;
            for (int k = _hessian.Starts[j]; k < _hessian.Starts[j + 1]; k++)
            {
                if (!double.IsPositiveInfinity(d[_hessian.Indices[k]])) values[_hessianPosition[k]] += hessian[k];
            }
        }
        for (int i = 0; i < _m; i++)
        {
            bool dropped = double.IsPositiveInfinity(e[i]);
            values[_starts[_n + i]] = dropped ? -1.0 : -e[i];
            if (dropped) continue;
            for (int k = _jacobian.Starts[i]; k < _jacobian.Starts[i + 1]; k++)
            {
                if (!double.IsPositiveInfinity(d[_jacobian.Indices[k]])) values[_jacobianPosition[k]] = jacobian[k];
            }
        }
        foreach (double value in values)
        {
            if (!double.IsFinite(value)) return false;
        }
        return _factor.Factor(values) && _factor.Positive == _n && _factor.Negative == _m;
    }

    /// <summary>Solves in place (variables held do not move), with up to two steps of iterative refinement.</summary>
    public void Solve(Span<double> x)
    {
        int size = Size;
        for (int j = 0; j < _n; j++)
        {
            if (_held[j]) x[j] = 0.0;
        }
        x.CopyTo(_rhs);
        _factor.Solve(x);
        double last = double.PositiveInfinity;
        for (int pass = 0; pass < 2; pass++)
        {
            double norm = Residual(x, out double scale);
            if (!(norm > 1e-15 * scale) || !(norm < 0.5 * last)) return;
            last = norm;
            _factor.Solve(_residual);
            for (int i = 0; i < size; i++) x[i] += _residual[i];
        }
    }

    private double Residual(ReadOnlySpan<double> x, out double scale)
    {
        int size = Size;
        double[] r = _residual;
        Array.Copy(_rhs, r, size);
        scale = 0.0;
        for (int j = 0; j < size; j++)
        {
            double xj = x[j];
            double sum = _values[_starts[j]] * xj;
            for (int k = _starts[j] + 1; k < _starts[j + 1]; k++)
            {
                int row = _rows[k];
                sum += _values[k] * x[row];
                r[row] -= _values[k] * xj;
            }
            r[j] -= sum;
        }
        double norm = 0.0;
        for (int i = 0; i < size; i++)
        {
            norm = Math.Max(norm, Math.Abs(r[i]));
            scale = Math.Max(scale, Math.Abs(_rhs[i]));
        }
        return norm;
    }
}
