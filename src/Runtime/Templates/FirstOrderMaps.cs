using Optc.Runtime.Problems;

namespace Optc.Runtime.Templates;

/// <summary>
/// Where the first derivatives of one target's templates go: <c>Maps[t][e][i]</c> for entry e of instance i of template t,
/// null for templates of other targets. Entries of fixed variables go to the trash cell.
/// </summary>
internal static class FirstOrderMaps
{
    private const int Trash = -1;

    /// <summary>Entries of a matrix with the given rows (null: the template's own), compressed by rows. Map values are
    /// positions in the pattern, <c>-1</c> for trash until <see cref="Resolve"/>.</summary>
    public static SparsePattern Compress(
        IReadOnlyList<Template> templates, int[] members, ColumnSpace columns, int rowCount, int[]? rowOrder, int[][]?[] maps)
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
            maps[t] = [.. template.GradientSlots.Select(slot =>
            {
                var position = template.Slots[slot];
                var map = GC.AllocateUninitializedArray<int>(template.InstanceCount);
                for (var i = 0; i < map.Length; i++)
                {
                    var column = columns[position[i]];
                    map[i] = column == ColumnSpace.None
                        ? Trash
                        : builder.Place(rowOrder is null ? row[i] : rowOrder[row[i]], column);
                }
                return map;
            })];
        }
        var pattern = builder.Compress();
        foreach (var t in members)
        {
            foreach (var map in maps[t]!)
            {
                foreach (ref var entry in map.AsSpan())
                {
                    if (entry != Trash)
                        entry = builder.Position(entry);
                }
            }
        }
        return pattern;
    }

    /// <summary>Columns of a dense row, the gradient: each entry goes to its column.</summary>
    public static IndexColumn[][] Dense(IReadOnlyList<Template> templates, int[] members, ColumnSpace columns, out bool trashUsed)
    {
        var trash = false;
        var maps = new IndexColumn[templates.Count][];
        foreach (var t in members)
        {
            var template = templates[t];
            maps[t] = [.. template.GradientSlots.Select(slot =>
            {
                var position = template.Slots[slot];
                if (columns.IsIdentity)
                    return position;
                var map = GC.AllocateUninitializedArray<int>(template.InstanceCount);
                for (var i = 0; i < map.Length; i++)
                {
                    var column = columns[position[i]];
                    trash |= column == ColumnSpace.None;
                    map[i] = column == ColumnSpace.None ? columns.Count : column;
                }
                return IndexColumn.Over(map);
            })];
        }
        trashUsed = trash;
        return maps;
    }

    /// <summary>
    /// Turns positions into cells (<paramref name="cells"/> null: the same number) and trash into the cell
    /// <paramref name="cellCount"/>. Says whether trash is used.
    /// </summary>
    public static IndexColumn[][] Resolve(int[] members, int[][]?[] maps, int[]? cells, int cellCount, out bool trashUsed)
    {
        trashUsed = false;
        var resolved = new IndexColumn[maps.Length][];
        foreach (var t in members)
        {
            foreach (var map in maps[t]!)
            {
                foreach (ref var entry in map.AsSpan())
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
            resolved[t] = [.. maps[t]!.Select(map => IndexColumn.Over(map!))];
        }
        return resolved;
    }
}
