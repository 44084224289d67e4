using Optc.Runtime.Native;
using Optc.Runtime.Problems;

namespace Optc.Runtime.Solvers.AugmentedLagrangian;

/// <summary>
/// The symmetric indefinite matrix <c>[H + D + δI, Jᵀ; J, −E]</c> with diagonal D (n) and E (m), on one fixed pattern, so that
/// the symbolic analysis is done once. An infinite D_j takes variable j out, an infinite E_i takes row i out (their rows
/// and columns become those of ±identity), which keeps the inertia of the whole at (n, m, 0) when the rest is right.
/// </summary>
internal sealed class KktMatrix
{
    private const int RefinementSteps = 3;

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
    private readonly SymmetricFactorization _factor;

    /// <summary>Analyses the pattern. Rows with a small diagonal −1/ρ and large entries beside them are the rule in the solver: a large
    /// threshold would delay them all, and refinement makes up for the small one.</summary>
    public KktMatrix(SparsePattern hessian, SparsePattern jacobian, double pivotThreshold = 1e-8)
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
        _factor = new SymmetricFactorization(size, _starts, _rows, new SymmetricFactorizationOptions { PivotThreshold = pivotThreshold });
    }

    /// <summary>Asked during a factorisation, every millisecond or so: true gives it up.</summary>
    public Func<bool>? Interrupt { set => _factor.Interrupt = value; }

    /// <summary>Whether the last factorisation was given up.</summary>
    public bool WasInterrupted => _factor.Status == FactorStatus.Interrupted;

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
        return _factor.Factor(values) && _factor.Inertia.Positive == _n && _factor.Inertia.Negative == _m;
    }

    /// <summary>Solves in place, refined; variables held do not move.</summary>
    public void Solve(Span<double> x)
    {
        for (int j = 0; j < _n; j++)
        {
            if (_held[j]) x[j] = 0.0;
        }
        _factor.SolveRefined(x, RefinementSteps);
    }
}
