using Optc.Runtime.Problems;

namespace Optc.Runtime.Templates;

/// <summary>
/// Where the first derivatives of one target's templates go: <c>Maps[t][e·InstanceCount + i]</c> for entry e of instance i
/// of template t, null for templates of other targets. Entries of fixed variables go to the trash cell.
/// </summary>
internal static class FirstOrderMaps
{
    private const int Trash = -1;

    /// <summary>Entries of a matrix with the given rows (null: the template's own), compressed by rows. Map values are
    /// positions in the pattern, <c>-1</c> for trash until <see cref="Resolve"/>.</summary>
    public static SparsePattern Compress(
        IReadOnlyList<Template> templates, int[] members, ColumnSpace columns, int rowCount, int[]? rowOrder, int[]?[] maps)
    {
        var builder = new PatternBuilder(rowCount, columns.Count);
        foreach (var t in members)
        {
            var template = templates[t];
            var row = template.Row;
            foreach (var slot in template.GradientSlots)
            {
                var position = template.Slots[slot];
                for (var i = 0; i < template.InstanceCount; i++)
                {
                    if (columns[position[i]] != ColumnSpace.None)
                        builder.Count(rowOrder is null ? row[i] : rowOrder[row[i]]);
                }
            }
        }
        builder.BeginPlacing();
        foreach (var t in members)
        {
            var template = templates[t];
            var row = template.Row;
            var map = Pinned.Uninitialized<int>(template.GradientSlots.Length * template.InstanceCount);
            var k = 0;
            foreach (var slot in template.GradientSlots)
            {
                var position = template.Slots[slot];
                for (var i = 0; i < template.InstanceCount; i++)
                {
                    var column = columns[position[i]];
                    map[k++] = column == ColumnSpace.None
                        ? Trash
                        : builder.Place(rowOrder is null ? row[i] : rowOrder[row[i]], column);
                }
            }
            maps[t] = map;
        }
        var pattern = builder.Compress();
        foreach (var t in members)
        {
            foreach (ref var entry in maps[t].AsSpan())
            {
                if (entry != Trash)
                    entry = builder.Position(entry);
            }
        }
        return pattern;
    }

    /// <summary>Maps of a dense row, the gradient: each entry goes to its column.</summary>
    public static void Dense(IReadOnlyList<Template> templates, int[] members, ColumnSpace columns, int[]?[] maps)
    {
        foreach (var t in members)
        {
            var template = templates[t];
            var map = Pinned.Uninitialized<int>(template.GradientSlots.Length * template.InstanceCount);
            var k = 0;
            foreach (var slot in template.GradientSlots)
            {
                var position = template.Slots[slot];
                for (var i = 0; i < template.InstanceCount; i++)
                    map[k++] = columns[position[i]];
            }
            maps[t] = map;
        }
    }

    /// <summary>
    /// Turns positions into cells (<paramref name="cells"/> null: the same number) and trash into the cell
    /// <paramref name="cellCount"/>. Returns the number of cells, one more if trash is used.
    /// </summary>
    public static int Resolve(int[] members, int[]?[] maps, int[]? cells, int cellCount)
    {
        var trashUsed = false;
        foreach (var t in members)
        {
            foreach (ref var entry in maps[t].AsSpan())
            {
                if (entry == Trash)
                {
                    trashUsed = true;
                    entry = cellCount;
                }
                else if (cells is not null)
                {
                    entry = cells[entry];
                }
            }
        }
        return trashUsed ? cellCount + 1 : cellCount;
    }
}
