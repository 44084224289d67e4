using System.Diagnostics.CodeAnalysis;

namespace Optc.Runtime.Solvers.CoordinateDescent;

/// <summary>
/// An n × p matrix by columns, as coordinate descent reads it: one column at a time. Implementations keep their columns where
/// they are; nothing here allocates.
/// </summary>
public abstract class DesignMatrix
{
    /// <summary>Columns that are fetched before their turn.</summary>
    internal const int Ahead = 2;

    /// <summary>Rows n: samples.</summary>
    public abstract int RowCount { get; }

    /// <summary>Columns p: coordinates.</summary>
    public abstract int ColumnCount { get; }

    /// <summary>Stored entries.</summary>
    public abstract long EntryCount { get; }

    /// <summary>Stored entries of column j.</summary>
    public abstract int Entries(int j);

    /// <summary>x_jᵀv.</summary>
    public abstract double Dot(int j, ReadOnlySpan<double> v);

    /// <summary>v ← v + a x_j.</summary>
    public abstract void AddScaled(int j, double a, Span<double> v);

    /// <summary>v ← v + a x_j ∘ w.</summary>
    public abstract void AddScaledWeighted(int j, double a, ReadOnlySpan<double> w, Span<double> v);

    /// <summary>Σᵢ w_i x_ij².</summary>
    public abstract double WeightedSquares(int j, ReadOnlySpan<double> w);

    /// <summary>‖x_j‖², finite only where all entries are, and x_jᵀv.</summary>
    public abstract double SquaresAndDot(int j, ReadOnlySpan<double> v, out double dot);

    /// <summary>Whether all entries of column j are finite.</summary>
    public abstract bool IsFinite(int j);

    /// <summary>x_jᵀv, while the processor is asked for the next column, which is needed soon.</summary>
    public virtual double Dot(int j, int next, ReadOnlySpan<double> v) => Dot(j, v);

    /// <summary>result[j] ← x_jᵀv for the given columns.</summary>
    public virtual void Dots(ReadOnlySpan<int> columns, ReadOnlySpan<double> v, Span<double> result)
    {
        foreach (int j in columns) result[j] = Dot(j, v);
    }

    /// <summary>
    /// result[k] ← x_jᵀ diag(w) x_c for c = columns[k]; <paramref name="scratch"/> has n entries, zero before and after. An empty w is
    /// the identity.
    /// </summary>
    public abstract void GramRow(int j, ReadOnlySpan<int> columns, ReadOnlySpan<double> w, Span<double> scratch, Span<double> result);

    /// <summary>z ← offset + X b; an empty offset is zero.</summary>
    public void Multiply(ReadOnlySpan<double> b, ReadOnlySpan<double> offset, Span<double> z)
    {
        if (offset.IsEmpty) z.Clear();
        else offset.CopyTo(z);
        for (int j = 0; j < b.Length; j++)
        {
            if (b[j] != 0) AddScaled(j, b[j], z);
        }
    }

    [DoesNotReturn]
    private protected static void ThrowShape(string what) => throw new ArgumentException(what);
}
