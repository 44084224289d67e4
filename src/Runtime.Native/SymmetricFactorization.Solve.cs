
namespace Optc.Runtime.Native;

public sealed unsafe partial class SymmetricFactorization
{
    private double[] _solution = [];
    private double[] _local = [];
    private double[] _right = [];
    private double[] _residual = [];
    private double[] _iterate = [];

    /// <summary>
    /// Overwrites <paramref name="rhs"/> (n) with the solution of A x = rhs. Where a pivot is zero the solution's component in
    /// the transformed variables is zero, which solves a consistent singular system.
    /// </summary>
    public void Solve(Span<double> rhs)
    {
        CheckSolvable(rhs.Length);
        if (_n == 0) return;
        EnsureSolveSpace();
        int[] order = _tree.Order;
        for (int k = 0; k < _n; k++) _solution[k] = rhs[order[k]] * _scale[order[k]];
        fixed (double* x = _solution)
        fixed (double* y = _local)
        fixed (int* rows = _tree.Rows)
        {
            for (int s = 0; s < _tree.FrontCount; s++) SolveForward(s, x, y, rows + _tree.RowStart[s]);
            for (int s = _tree.FrontCount - 1; s >= 0; s--) SolveBackward(s, x, y, rows + _tree.RowStart[s]);
        }
        for (int k = 0; k < _n; k++) rhs[order[k]] = _solution[k] * _scale[order[k]];
    }

    /// <summary>
    /// Solves as <see cref="Solve"/> and refines against the unscaled matrix until the residual stops shrinking by half.
    /// Returns ‖b − A x‖ / (‖A‖ ‖x‖ + ‖b‖) in maximum norms (Rigal, Gaches, 1967), the best that was reached and returned.
    /// </summary>
    /// <param name="rhs">Right-hand side (n) on entry, solution on return.</param>
    /// <param name="maxIterations">Refinement steps at most.</param>
    /// <param name="tolerance">Residual to be content with.</param>
    public double SolveRefined(Span<double> rhs, int maxIterations = 5, double tolerance = 1e-16)
    {
        CheckSolvable(rhs.Length);
        if (_n == 0) return 0;
        EnsureSolveSpace();
        double normA = SparseKernels.SymmetricLowerNorm(_columnStarts, _rowIndices, _values, _work);
        double normB = VectorKernels.MaxAbs(rhs);
        rhs.CopyTo(_right);
        Solve(rhs);
        double best = RelativeResidual(rhs, normA, normB);
        for (int step = 0; step < maxIterations && best > tolerance; step++)
        {
            rhs.CopyTo(_iterate);
            Solve(_residual);
            VectorKernels.AddScaled(1, _residual, rhs);
            double now = RelativeResidual(rhs, normA, normB);
            if (!(now < best))
            {
                _iterate.CopyTo(rhs);
                break;
            }
            bool slow = now > 0.5 * best;
            best = now;
            if (slow) break;
        }
        return best;
    }

    private double RelativeResidual(ReadOnlySpan<double> x, double normA, double normB)
    {
        _right.CopyTo(_residual.AsSpan());
        SparseKernels.SymmetricLowerMultiplyAdd(_columnStarts, _rowIndices, _values, -1, x, _residual);
        double norm = VectorKernels.MaxAbs(_residual), scale = (normA * VectorKernels.MaxAbs(x)) + normB;
        return norm == 0 ? 0 : norm / scale;
    }

    private void CheckSolvable(int length)
    {
        if (Status is not (FactorStatus.Nonsingular or FactorStatus.Singular))
            throw new InvalidOperationException($"There is no factor to solve with (status {Status}); call Factor first and test its result.");
        if (length != _n) throw new ArgumentException($"Expected a right-hand side of length {_n}, got {length}.");
    }

    private void EnsureSolveSpace()
    {
        if (_solution.Length == 0)
        {
            _solution = new double[_n];
            _right = new double[_n];
            _residual = new double[_n];
            _iterate = new double[_n];
        }
        if (_local.Length < _tallest) _local = new double[_tallest];
    }

    private void SolveForward(int s, double* x, double* y, int* rows)
    {
        ref Front front = ref _fronts[s];
        int done = front.Eliminated;
        if (done == 0) return;
        int columns = front.Columns, rest = _tree.RowStart[s + 1] - _tree.RowStart[s], height = columns + rest;
        int* pivotRows = _pivotRows.Pointer + front.PivotRows;
        double* l = _factor.Pointer + front.FactorOffset;
        for (int i = 0; i < done; i++) y[i] = x[pivotRows[i]];
        for (int i = done; i < height; i++) y[i] = 0;
        for (int k = 0; k < done; k++, l += height)
        {
            double value = y[k];
            if (value != 0) VectorKernels.AddScaled(-value, l + k + 1, y + k + 1, height - k - 1);
        }
        ApplyInverseDiagonal(y, _diagonal.Pointer + front.FirstPivot, _off.Pointer + front.FirstPivot, done);
        for (int i = 0; i < done; i++) x[pivotRows[i]] = y[i];
        for (int i = done; i < columns; i++) x[pivotRows[i]] += y[i];
        for (int i = 0; i < rest; i++) x[rows[i]] += y[columns + i];
    }

    private void SolveBackward(int s, double* x, double* y, int* rows)
    {
        ref Front front = ref _fronts[s];
        int done = front.Eliminated;
        if (done == 0) return;
        int columns = front.Columns, rest = _tree.RowStart[s + 1] - _tree.RowStart[s], height = columns + rest;
        int* pivotRows = _pivotRows.Pointer + front.PivotRows;
        double* l = _factor.Pointer + front.FactorOffset + ((long)(done - 1) * height);
        for (int i = 0; i < columns; i++) y[i] = x[pivotRows[i]];
        for (int i = 0; i < rest; i++) y[columns + i] = x[rows[i]];
        for (int k = done - 1; k >= 0; k--, l -= height) y[k] -= VectorKernels.Dot(l + k + 1, y + k + 1, height - k - 1);
        for (int i = 0; i < done; i++) x[pivotRows[i]] = y[i];
    }

    private static void ApplyInverseDiagonal(double* y, double* diagonal, double* off, int count)
    {
        for (int k = 0; k < count; k++)
        {
            double b = off[k];
            if (b == 0)
            {
                y[k] = diagonal[k] == 0 ? 0 : y[k] / diagonal[k];
                continue;
            }
            // Cramer's rule relative to b, which is the largest entry of the block or close to it.
            double a = diagonal[k] / b, d = diagonal[k + 1] / b, det = (a * d) - 1, u = y[k] / b, v = y[k + 1] / b;
            y[k] = ((d * u) - v) / det;
            y[k + 1] = ((a * v) - u) / det;
            k++;
        }
    }
}
