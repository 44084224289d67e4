using Optc.Runtime.Problems;

namespace Optc.Runtime.Solvers.Admm;

/// <summary>
/// Takes fixed variables, rows without sides and rows without entries out of a program, and puts them back into a solution.
/// </summary>
internal sealed class QpReduction
{
    private readonly QuadraticProgram _program;
    private readonly int[] _rowOf;
    private readonly int[] _columnOf;

    public QpReduction(QuadraticProgram program)
    {
        _program = program;
        int n = program.VariableCount, m = program.ConstraintCount;
        _columnOf = new int[n];
        var columns = new List<int>();
        for (int j = 0; j < n; j++)
        {
            bool isFree = program.VariableLower[j] < program.VariableUpper[j];
            _columnOf[j] = isFree ? columns.Count : -1;
            if (isFree) columns.Add(j);
        }
        Columns = [.. columns];
        _rowOf = new int[m];
        var rows = new List<int>();
        SparsePattern a = program.JacobianPattern;
        for (int i = 0; i < m; i++)
        {
            bool isEmpty = true;
            double fixedPart = 0.0;
            for (int p = a.Starts[i]; p < a.Starts[i + 1]; p++)
            {
                int j = a.Indices[p];
                if (_columnOf[j] < 0) fixedPart += program.JacobianValues[p] * program.VariableLower[j];
                else if (program.JacobianValues[p] != 0.0) isEmpty = false;
            }
            bool isVacuous = double.IsNegativeInfinity(program.ConstraintLower[i]) && double.IsPositiveInfinity(program.ConstraintUpper[i]);
            if (isEmpty && KktResiduals.Violation(fixedPart, program.ConstraintLower[i], program.ConstraintUpper[i]) > 1e-9 && ContradictoryRow < 0) ContradictoryRow = i;
            _rowOf[i] = isEmpty || isVacuous ? -1 : rows.Count;
            if (_rowOf[i] >= 0) rows.Add(i);
        }
        Rows = [.. rows];
        Data = Reduce();
    }

    /// <summary>Variables of the original.</summary>
    public int VariableCount => _columnOf.Length;

    /// <summary>The reduced program.</summary>
    public QpData Data { get; }

    /// <summary>Original index of each variable that is left.</summary>
    public int[] Columns { get; }

    /// <summary>Original index of each row that is left.</summary>
    public int[] Rows { get; }

    /// <summary>A row that no value of the free variables changes and that does not hold; −1 for none.</summary>
    public int ContradictoryRow { get; } = -1;

    /// <summary>Whether another program was reduced to the same variables and rows.</summary>
    public bool SameAs(QpReduction other) => Columns.AsSpan().SequenceEqual(other.Columns) && Rows.AsSpan().SequenceEqual(other.Rows);

    /// <summary>A point and multipliers of the original from those of the reduced program: rows left out have no multiplier, fixed variables the one that makes them stationary.</summary>
    public void Restore(ReadOnlySpan<double> x, ReadOnlySpan<double> y, ReadOnlySpan<double> z, Span<double> fullX, Span<double> fullY, Span<double> fullZ)
    {
        _program.VariableLower.CopyTo(fullX);
        for (int k = 0; k < Columns.Length; k++) fullX[Columns[k]] = x[k];
        fullY.Clear();
        for (int k = 0; k < Rows.Length; k++) fullY[Rows[k]] = y[k];
        _program.Gradient(fullX, fullZ);
        Native.SparseKernels.TransposeMultiplyAdd(_program.JacobianPattern.Starts, _program.JacobianPattern.Indices, _program.JacobianValues, -1.0, fullY, fullZ);
        for (int k = 0; k < Columns.Length; k++) fullZ[Columns[k]] = z[k];
    }

    private QpData Reduce()
    {
        ReadOnlySpan<double> fixedAt = _program.VariableLower;
        int n = Columns.Length, m = Rows.Length;
        double[] q = [.. Columns.Select(j => _program.Linear[j])];
        SparsePattern p = _program.HessianPattern, a = _program.JacobianPattern;
        var pStarts = new int[n + 1];
        var pRows = new List<int>();
        var pValues = new List<double>();
        for (int j = 0; j < _program.VariableCount; j++)
        {
            for (int k = p.Starts[j]; k < p.Starts[j + 1]; k++)
            {
                int i = p.Indices[k], ri = _columnOf[i], rj = _columnOf[j];
                double value = _program.HessianValues[k];
                if (ri >= 0 && rj >= 0 && value != 0.0)
                {
                    pRows.Add(ri);
                    pValues.Add(value);
                }
                else if (ri >= 0 && rj < 0) q[ri] += value * fixedAt[j];
                else if (rj >= 0 && ri < 0) q[rj] += value * fixedAt[i];
            }
            if (_columnOf[j] >= 0) pStarts[_columnOf[j] + 1] = pRows.Count;
        }
        var aStarts = new int[m + 1];
        var aColumns = new List<int>();
        var aValues = new List<double>();
        var lower = new double[m];
        var upper = new double[m];
        for (int r = 0; r < m; r++)
        {
            int i = Rows[r];
            double shift = 0.0;
            for (int k = a.Starts[i]; k < a.Starts[i + 1]; k++)
            {
                int j = a.Indices[k];
                double value = _program.JacobianValues[k];
                if (_columnOf[j] < 0) shift += value * fixedAt[j];
                else if (value != 0.0)
                {
                    aColumns.Add(_columnOf[j]);
                    aValues.Add(value);
                }
            }
            aStarts[r + 1] = aColumns.Count;
            lower[r] = _program.ConstraintLower[i] - shift;
            upper[r] = _program.ConstraintUpper[i] - shift;
        }
        return new QpData
        {
            N = n,
            M = m,
            PStarts = pStarts,
            PRows = [.. pRows],
            P = [.. pValues],
            Q = q,
            AStarts = aStarts,
            AColumns = [.. aColumns],
            A = [.. aValues],
            L = lower,
            U = upper,
            Lx = [.. Columns.Select(j => _program.VariableLower[j])],
            Ux = [.. Columns.Select(j => _program.VariableUpper[j])],
        };
    }
}
