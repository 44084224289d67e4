namespace Optc.Runtime.Templates;

/// <summary>
/// One index for every instance of a template: affine in the instance number (<c>Base + Step·i</c>, nothing stored)
/// or a table.
/// </summary>
public readonly struct IndexColumn
{
    private IndexColumn(int start, int step, int[]? table) => (Base, Step, Table) = (start, step, table);

    /// <summary>Value at instance 0 of an affine column.</summary>
    public int Base { get; }

    /// <summary>Difference between neighbours of an affine column; 0 is uniform, 1 contiguous.</summary>
    public int Step { get; }

    /// <summary>The values, pinned; null for an affine column.</summary>
    public int[]? Table { get; }

    /// <summary>Whether the column is affine.</summary>
    public bool IsAffine => Table is null;

    /// <summary>The index of an instance.</summary>
    public int this[int instance] => Table is null ? Base + (Step * instance) : Table[instance];

    /// <summary>Base + Step·i.</summary>
    public static IndexColumn Affine(int start, int step) => new(start, step, null);

    /// <summary>The same values as <paramref name="values"/> in a pinned table.</summary>
    public static IndexColumn Tabulated(ReadOnlySpan<int> values)
    {
        var table = GC.AllocateUninitializedArray<int>(values.Length, pinned: true);
        values.CopyTo(table);
        return new IndexColumn(0, 0, table);
    }

    /// <summary>A table that is not copied and need not be pinned: not for kernels.</summary>
    internal static IndexColumn Over(int[] table) => new(0, 0, table);

    /// <summary>The same values as <paramref name="values"/>, affine if they are, else copied to a pinned table.</summary>
    public static IndexColumn From(ReadOnlySpan<int> values)
    {
        if (values.Length == 0)
            return Affine(0, 0);
        var step = values.Length > 1 ? values[1] - values[0] : 0;
        for (var i = 1; i < values.Length; i++)
        {
            if (values[i] - values[i - 1] != step)
                return Tabulated(values);
        }
        return Affine(values[0], step);
    }
}
