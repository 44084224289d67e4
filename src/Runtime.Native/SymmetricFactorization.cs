namespace Optc.Runtime.Native;

/// <summary>Why <see cref="SymmetricFactorization.Factor"/> returned what it did.</summary>
public enum FactorStatus
{
    /// <summary>Nothing has been factored yet.</summary>
    None,

    /// <summary>Factored, no zero pivot.</summary>
    Nonsingular,

    /// <summary>Factored; <see cref="Inertia.Zero"/> pivots vanished to working precision.</summary>
    Singular,

    /// <summary>A value was infinite or NaN, or the elimination overflowed.</summary>
    NotFinite,

    /// <summary>The factor does not fit in memory or in one array (2³¹ entries); see <see cref="SymmetricFactorization.AnalyzedFactorNonzeros"/>.</summary>
    TooLarge,

    /// <summary>Given up because <see cref="SymmetricFactorization.Interrupt"/> said so; there is no factor.</summary>
    Interrupted,
}

/// <summary>
/// Sparse L D Lᵀ factorisation of a symmetric indefinite matrix with exact inertia.
/// </summary>
/// <remarks>
/// Multifrontal (Duff, Reid, 1983) on an approximate-minimum-degree order (Amestoy, Davis, Duff, 1996/2004), D of 1×1 and 2×2
/// blocks chosen by threshold partial pivoting; pivots that fail in their front are delayed to its parent, so that the static
/// order never forces an unstable pivot and none is perturbed: D has the inertia of a matrix within rounding of A (Sylvester).
/// The pattern is analysed once, and again, with the values at hand, when they delay pivots out of proportion; other
/// refactorisations allocate nothing unless more pivots are delayed than ever before. The result is the same on every run, but
/// may depend on the values factored before in the same instance.
/// An instance is used by one thread at a time.
/// </remarks>
public sealed partial class SymmetricFactorization
{
    private readonly SymmetricFactorizationOptions _options;
    private readonly int _n;
    private readonly int[] _columnStarts;
    private readonly int[] _rowIndices;
    private AssemblyTree _tree;

    /// <summary>Analyses the pattern.</summary>
    /// <param name="n">Order of the matrix.</param>
    /// <param name="columnStarts">n + 1 starts of the columns of the lower triangle.</param>
    /// <param name="rowIndices">Rows, strictly ascending within a column, none above the diagonal. A diagonal entry may be
    /// absent and is then zero in every factorisation.</param>
    /// <param name="options">Settings; the defaults suit the systems of Newton's method.</param>
    public SymmetricFactorization(
        int n, ReadOnlySpan<int> columnStarts, ReadOnlySpan<int> rowIndices, SymmetricFactorizationOptions? options = null)
    {
        _options = options ?? new SymmetricFactorizationOptions();
        _options.Validate();
        CheckPattern(n, columnStarts, rowIndices);
        _n = n;
        _columnStarts = columnStarts[..(n + 1)].ToArray();
        _rowIndices = rowIndices[.._columnStarts[n]].ToArray();
        var graph = SymmetricGraph.FromLower(n, _columnStarts, _rowIndices);
        int[] order = FactorOrder.Find(graph, _columnStarts, _rowIndices, _options);
        _tree = new AssemblyTree(graph, new EliminationTree(graph, order), _options.SmallFront);
    }

    /// <summary>Order of the matrix.</summary>
    public int Count => _n;

    /// <summary>Stored entries of L that the analysis predicts (explicit zeros of merged fronts included, delayed pivots not):
    /// 8 bytes each. Known before anything of that size is allocated.</summary>
    public long AnalyzedFactorNonzeros => _tree.FactorNonzeros;

    /// <summary>Multiply-adds of a factorisation that the analysis predicts.</summary>
    public long AnalyzedFlops => _tree.Flops;

    /// <summary>Asked between fronts, and between panels of large ones, every few million operations: true gives up the factorisation.</summary>
    public Func<bool>? Interrupt { get; set; }

    /// <summary>Inertia of the last factored matrix, counted from D.</summary>
    public Inertia Inertia { get; private set; }

    /// <summary>Outcome of the last <see cref="Factor"/>.</summary>
    public FactorStatus Status { get; private set; }

    /// <summary>Threshold of partial pivoting of the last factorisation: the option's, or the relaxed one.</summary>
    public double UsedPivotThreshold { get; private set; }

    /// <summary>Columns the last factorisation had to pass on to a parent front, counted once a front.</summary>
    public long DelayedPivots { get; private set; }

    /// <summary>Stored entries of L in the last factorisation.</summary>
    public long FactorNonzeros { get; private set; }

    private static void CheckPattern(int n, ReadOnlySpan<int> columnStarts, ReadOnlySpan<int> rowIndices)
    {
        if (n < 0) throw new ArgumentOutOfRangeException(nameof(n), n, "The order of a matrix is not negative.");
        if (columnStarts.Length < n + 1 || columnStarts[0] != 0)
            throw new ArgumentException($"Expected {n + 1} column starts, the first of them 0; got {columnStarts.Length}.", nameof(columnStarts));
        for (int j = 0; j < n; j++)
        {
            if (columnStarts[j + 1] < columnStarts[j] || columnStarts[j + 1] > rowIndices.Length)
                throw new ArgumentException($"Column {j} ends at {columnStarts[j + 1]}, outside the row indices.", nameof(columnStarts));
            int previous = j - 1;
            for (int p = columnStarts[j]; p < columnStarts[j + 1]; p++)
            {
                if (rowIndices[p] <= previous || rowIndices[p] >= n)
                {
                    throw new ArgumentException(
                        $"Column {j} has row {rowIndices[p]} after {previous}: rows must ascend from the diagonal; pass the lower triangle, sorted, without repeats.",
                        nameof(rowIndices));
                }
                previous = rowIndices[p];
            }
        }
    }
}
