using Optc.Runtime.Solvers.CoordinateDescent;

namespace Optc.Runtime.Solvers.BlockCoordinate;

/// <summary>Linear constraints l ≤ A x ≤ u, by columns.</summary>
public sealed class LinearRows
{
    /// <summary>Norms whose squares are still numbers.</summary>
    private const double SmallestNorm = 1e-100;

    /// <param name="matrix">A (m × n).</param>
    /// <param name="lower">l (m), −∞ where there is none.</param>
    /// <param name="upper">u (m), +∞ where there is none.</param>
    public LinearRows(SparseColumns matrix, double[] lower, double[] upper)
    {
        ArgumentNullException.ThrowIfNull(matrix);
        ArgumentNullException.ThrowIfNull(lower);
        ArgumentNullException.ThrowIfNull(upper);
        if (lower.Length != matrix.RowCount || upper.Length != matrix.RowCount) throw new ArgumentException($"{matrix.RowCount} rows have {lower.Length} lower and {upper.Length} upper sides.");
        for (int i = 0; i < lower.Length; i++)
        {
            if (!(lower[i] <= upper[i])) throw new ArgumentException($"Row {i + 1} has the sides {lower[i]} and {upper[i]}; the lower is not above the upper.");
        }
        (Matrix, Lower, Upper) = (matrix, lower, upper);
        Index = new RowIndex(matrix);
        Weights = WeightsOf(matrix);
    }

    /// <summary>A.</summary>
    public SparseColumns Matrix { get; }

    /// <summary>l.</summary>
    public double[] Lower { get; }

    /// <summary>u.</summary>
    public double[] Upper { get; }

    /// <summary>m.</summary>
    public int Count => Lower.Length;

    /// <summary>Which columns share a row.</summary>
    internal RowIndex Index { get; }

    /// <summary>1/‖aᵢ‖∞² (m), 1 for rows without entries: squares of rows so weighted do not depend on the rows' units.</summary>
    internal double[] Weights { get; }

    /// <summary>Σᵢ wᵢ Aᵢⱼ² with these weights.</summary>
    internal double Squares(int j) => Matrix.WeightedSquares(j, Weights);

    /// <summary>The nearest value within the sides.</summary>
    public double Clamp(int i, double value) => Math.Min(Math.Max(value, Lower[i]), Upper[i]);

    private static double[] WeightsOf(SparseColumns matrix)
    {
        double[] weights = new double[matrix.RowCount];
        for (int j = 0; j < matrix.ColumnCount; j++)
        {
            ReadOnlySpan<int> rows = matrix.Rows(j);
            ReadOnlySpan<double> values = matrix.Values(j);
            for (int p = 0; p < rows.Length; p++) weights[rows[p]] = Math.Max(weights[rows[p]], Math.Abs(values[p]));
        }
        for (int i = 0; i < weights.Length; i++)
        {
            double norm = weights[i] == 0 ? 1 : Math.Clamp(weights[i], SmallestNorm, 1 / SmallestNorm);
            weights[i] = 1 / (norm * norm);
        }
        return weights;
    }
}
