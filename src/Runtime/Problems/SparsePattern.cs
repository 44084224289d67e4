namespace Optc.Runtime.Problems;

/// <summary>
/// Positions of the nonzeros of a sparse matrix, compressed along one dimension ("major": rows for CSR, columns for CSC).
/// Entries of major index k stand at positions <c>Starts[k] .. Starts[k+1]-1</c>, minor indices ascending, none twice.
/// </summary>
public sealed class SparsePattern
{
    /// <summary>A pattern over the given arrays, which are kept, not copied.</summary>
    public SparsePattern(int majorCount, int minorCount, int[] starts, int[] indices)
    {
        ArgumentNullException.ThrowIfNull(starts);
        ArgumentNullException.ThrowIfNull(indices);
        if (starts.Length != majorCount + 1 || indices.Length < starts[majorCount])
            throw new ArgumentException($"A pattern with {majorCount} major indices needs {majorCount + 1} starts and {starts[^1]} indices; got {starts.Length} and {indices.Length}.");
        MajorCount = majorCount;
        MinorCount = minorCount;
        Starts = starts;
        Indices = indices;
    }

    /// <summary>Number of rows (CSR) or columns (CSC).</summary>
    public int MajorCount { get; }

    /// <summary>Number of columns (CSR) or rows (CSC).</summary>
    public int MinorCount { get; }

    /// <summary>Where each major index begins; MajorCount + 1 entries.</summary>
    public int[] Starts { get; }

    /// <summary>The minor index of each entry.</summary>
    public int[] Indices { get; }

    /// <summary>Number of entries.</summary>
    public int Count => Starts[MajorCount];

    /// <summary>The pattern without entries.</summary>
    public static SparsePattern Empty(int majorCount, int minorCount) => new(majorCount, minorCount, new int[majorCount + 1], []);
}
