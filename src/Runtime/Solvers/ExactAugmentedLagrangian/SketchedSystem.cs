using Optc.Runtime.Problems;

namespace Optc.Runtime.Solvers.ExactAugmentedLagrangian;

/// <summary>
/// The Newton system <c>K d = b</c> with <c>K = [H + δI, Jᵀ; J, 0]</c>, solved approximately by sketch-and-project with random blocks of rows
/// (Gower and Richtárik, SIAM J. Matrix Anal. Appl. 36, 2015): for a random S,
/// <code>d ← d + K S (Sᵀ K² S)⁺ Sᵀ (b − K d),</code>
/// the nearest point to d on the block's equations. K is never factorised; it is equilibrated, as the rate depends on its condition.
/// </summary>
internal sealed class SketchedSystem
{
    private const int LargestBlock = 64;
    private const int EquilibrationPasses = 5;

    private readonly int _n;
    private readonly int _size;
    private readonly int[] _starts;
    private readonly int[] _columns;
    private readonly int[] _hessianUpper;
    private readonly int[] _hessianLower;
    private readonly int[] _jacobianUpper;
    private readonly int[] _jacobianLower;
    private readonly int[] _diagonal;
    private readonly double[] _values;
    private readonly double[] _scale;
    private readonly double[] _residual;
    private readonly double[] _solution;
    private readonly double[] _work;
    private readonly double[] _correction;
    private readonly int[] _touched;
    private readonly int[] _order;
    private readonly double[] _gram;
    private readonly double[] _weights;

    public SketchedSystem(SparsePattern hessian, SparsePattern jacobian)
    {
        _n = hessian.MajorCount;
        _size = _n + jacobian.MajorCount;
        var rows = new List<(int Column, int Kind, int Entry)>[_size];
        for (int i = 0; i < _size; i++) rows[i] = [];
        for (int j = 0; j < _n; j++) rows[j].Add((j, 0, j));
        for (int j = 0; j < _n; j++)
        {
            for (int k = hessian.Starts[j]; k < hessian.Starts[j + 1]; k++)
            {
                int i = hessian.Indices[k];
                if (i == j) continue;
                rows[i].Add((j, 1, k));
                rows[j].Add((i, 2, k));
            }
        }
        for (int i = 0; i < jacobian.MajorCount; i++)
        {
            for (int k = jacobian.Starts[i]; k < jacobian.Starts[i + 1]; k++)
            {
                rows[_n + i].Add((jacobian.Indices[k], 3, k));
                rows[jacobian.Indices[k]].Add((_n + i, 4, k));
            }
        }
        _starts = new int[_size + 1];
        for (int i = 0; i < _size; i++) _starts[i + 1] = _starts[i] + rows[i].Count;
        (_columns, _values) = (new int[_starts[_size]], new double[_starts[_size]]);
        (_diagonal, _hessianLower, _hessianUpper) = (new int[_n], new int[hessian.Count], new int[hessian.Count]);
        (_jacobianLower, _jacobianUpper) = (new int[jacobian.Count], new int[jacobian.Count]);
        int[][] places = [_diagonal, _hessianLower, _hessianUpper, _jacobianLower, _jacobianUpper];
        for (int i = 0; i < _size; i++)
        {
            int at = _starts[i];
            foreach ((int column, int kind, int entry) in rows[i])
            {
                _columns[at] = column;
                places[kind][entry] = at++;
            }
        }
        for (int j = 0; j < _n; j++)
        {
            for (int k = hessian.Starts[j]; k < hessian.Starts[j + 1]; k++)
            {
                if (hessian.Indices[k] == j) _hessianLower[k] = _hessianUpper[k] = _diagonal[j];
            }
        }
        Block = Math.Clamp(_size / 4, 1, LargestBlock);
        (_scale, _residual, _solution, _work, _correction) = (new double[_size], new double[_size], new double[_size], new double[_size], new double[_size]);
        (_touched, _order) = (new int[_size], new int[_size]);
        for (int i = 0; i < _size; i++) _order[i] = i;
        (_gram, _weights) = (new double[Block * Block], new double[Block]);
    }

    /// <summary>Rows in a sketch.</summary>
    public int Block { get; }

    /// <summary>Order n + m.</summary>
    public int Size => _size;

    /// <summary>‖b − K d‖₂, unscaled.</summary>
    public double ResidualNorm
    {
        get
        {
            double sum = 0.0;
            for (int i = 0; i < _size; i++) sum += _residual[i] * _residual[i] / (_scale[i] * _scale[i]);
            return Math.Sqrt(sum);
        }
    }

    /// <summary>Takes the values of H and J, the shift and b, and starts at d = 0.</summary>
    public void Begin(ReadOnlySpan<double> hessian, ReadOnlySpan<double> jacobian, double shift, ReadOnlySpan<double> b)
    {
        Array.Clear(_values);
        for (int j = 0; j < _n; j++) _values[_diagonal[j]] = shift;
        for (int k = 0; k < hessian.Length; k++)
        {
            _values[_hessianLower[k]] += hessian[k];
            if (_hessianUpper[k] != _hessianLower[k]) _values[_hessianUpper[k]] += hessian[k];
        }
        for (int k = 0; k < jacobian.Length; k++) _values[_jacobianLower[k]] = _values[_jacobianUpper[k]] = jacobian[k];
        Equilibrate();
        for (int i = 0; i < _size; i++) _residual[i] = _scale[i] * b[i];
        Array.Clear(_solution);
    }

    /// <summary>d, as far as it is found.</summary>
    public void Solution(Span<double> d)
    {
        for (int i = 0; i < _size; i++) d[i] = _scale[i] * _solution[i];
    }

    /// <summary>One sketch.</summary>
    public void Project(Random random)
    {
        for (int a = 0; a < Block; a++)
        {
            int other = random.Next(a, _size);
            (_order[a], _order[other]) = (_order[other], _order[a]);
        }
        Gram();
        SolveGram();
        int touched = 0;
        for (int a = 0; a < Block; a++)
        {
            if (_weights[a] == 0.0) continue;
            for (int k = _starts[_order[a]]; k < _starts[_order[a] + 1]; k++)
            {
                int j = _columns[k];
                if (_work[j] == 0.0)
                {
                    _work[j] = 1.0;
                    _touched[touched++] = j;
                }
                _correction[j] += _weights[a] * _values[k];
            }
        }
        for (int t = 0; t < touched; t++)
        {
            int j = _touched[t];
            double change = _correction[j];
            _solution[j] += change;
            // K is symmetric: its column j is its row j.
            for (int k = _starts[j]; k < _starts[j + 1]; k++) _residual[_columns[k]] -= change * _values[k];
            _correction[j] = _work[j] = 0.0;
        }
    }

    /// <summary>Scales rows and columns alike until all have an infinity norm near 1 (Ruiz 2001).</summary>
    private void Equilibrate()
    {
        Array.Fill(_scale, 1.0);
        for (int pass = 0; pass < EquilibrationPasses; pass++)
        {
            for (int i = 0; i < _size; i++)
            {
                double largest = 0.0;
                for (int k = _starts[i]; k < _starts[i + 1]; k++) largest = Math.Max(largest, Math.Abs(_values[k]));
                _work[i] = largest > 0.0 ? 1.0 / Math.Sqrt(largest) : 1.0;
            }
            for (int i = 0; i < _size; i++)
            {
                for (int k = _starts[i]; k < _starts[i + 1]; k++) _values[k] *= _work[i] * _work[_columns[k]];
                _scale[i] *= _work[i];
            }
        }
        Array.Clear(_work);
    }

    /// <summary>Sᵀ K² S: the products of the block's rows, lower triangle.</summary>
    private void Gram()
    {
        for (int a = 0; a < Block; a++)
        {
            int row = _order[a];
            for (int k = _starts[row]; k < _starts[row + 1]; k++) _work[_columns[k]] = _values[k];
            for (int b = a; b < Block; b++)
            {
                double sum = 0.0;
                for (int k = _starts[_order[b]]; k < _starts[_order[b] + 1]; k++) sum += _work[_columns[k]] * _values[k];
                _gram[(b * Block) + a] = sum;
            }
            for (int k = _starts[row]; k < _starts[row + 1]; k++) _work[_columns[k]] = 0.0;
        }
    }

    /// <summary>The weights of the block's rows by Cholesky's method; a row that depends on those before it gets none.</summary>
    private void SolveGram()
    {
        const double Dependent = 1e-13;
        int q = Block;
        for (int a = 0; a < q; a++)
        {
            double diagonal = _gram[(a * q) + a], pivot = diagonal;
            for (int k = 0; k < a; k++) pivot -= _gram[(a * q) + k] * _gram[(a * q) + k];
            bool isDependent = pivot <= Dependent * diagonal || diagonal == 0.0;
            double root = isDependent ? 0.0 : Math.Sqrt(pivot);
            _gram[(a * q) + a] = root;
            for (int b = a + 1; b < q; b++)
            {
                double value = _gram[(b * q) + a];
                for (int k = 0; k < a; k++) value -= _gram[(b * q) + k] * _gram[(a * q) + k];
                _gram[(b * q) + a] = isDependent ? 0.0 : value / root;
            }
        }
        for (int a = 0; a < q; a++)
        {
            double value = _residual[_order[a]];
            for (int k = 0; k < a; k++) value -= _gram[(a * q) + k] * _weights[k];
            _weights[a] = _gram[(a * q) + a] == 0.0 ? 0.0 : value / _gram[(a * q) + a];
        }
        for (int a = q - 1; a >= 0; a--)
        {
            double value = _weights[a];
            for (int b = a + 1; b < q; b++) value -= _gram[(b * q) + a] * _weights[b];
            _weights[a] = _gram[(a * q) + a] == 0.0 ? 0.0 : value / _gram[(a * q) + a];
        }
    }
}
