using Optc.Runtime.Native;
using Optc.Runtime.Solvers.CoordinateDescent;

namespace Optc.Runtime.Solvers.BlockCoordinate;

/// <summary>Linear constraints l ≤ A x ≤ u, by columns.</summary>
public sealed class LinearRows
{
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

    /// <summary>Σᵢ Aᵢⱼ².</summary>
    internal double Squares(int j) => VectorKernels.SumOfSquares(Matrix.Values(j));

    /// <summary>The nearest value within the sides.</summary>
    public double Clamp(int i, double value) => Math.Min(Math.Max(value, Lower[i]), Upper[i]);
}
