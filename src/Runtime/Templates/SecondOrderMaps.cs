using Optc.Runtime.Problems;

namespace Optc.Runtime.Templates;

/// <summary>
/// Where the second derivatives of all templates go, in one triangle of the symmetric matrix over the extended columns.
/// The kernel gives ∂²φ/∂s∂s′ once for a pair of different slots; if the two are the same variable, φ's second
/// derivative in it holds that entry twice. Such entries go to a "doubled" cell of their own, which is added twice to
/// the diagonal afterwards, so that kernels need no branch. Entries of fixed variables go to the trash cell.
/// </summary>
internal sealed class SecondOrderMaps
{
    private const int Trash = int.MinValue;
    private readonly int[] _members;
    private readonly int[][][] _maps;

    /// <summary>Compresses with the smaller column as major index, or the larger one.</summary>
    public SecondOrderMaps(IReadOnlyList<Template> templates, int[] members, ColumnSpace columns, bool majorIsSmaller)
    {
        _members = members;
        _maps = new int[templates.Count][][];
        var builder = new PatternBuilder(columns.Count, columns.Count);
        foreach (var t in members)
        {
            var template = templates[t];
            foreach (var (first, second) in template.HessianPairs)
            {
                var (a, b) = (template.Slots[first], template.Slots[second]);
                for (var i = 0; i < template.InstanceCount; i++)
                {
                    var (p, q) = (columns[a[i]], columns[b[i]]);
                    if (p != ColumnSpace.None && q != ColumnSpace.None)
                        builder.Count(majorIsSmaller ? Math.Min(p, q) : Math.Max(p, q));
                }
            }
        }
        builder.BeginPlacing();
        foreach (var t in members)
            _maps[t] = Place(templates[t], columns, majorIsSmaller, builder);
        Pattern = builder.Compress();
        foreach (var t in members)
        {
            foreach (var map in _maps[t])
            {
                foreach (ref var entry in map.AsSpan())
                {
                    if (entry >= 0)
                        entry = builder.Position(entry);
                    else if (entry != Trash)
                        entry = ~builder.Position(~entry);
                }
            }
        }
    }

    /// <summary>Pattern of one triangle over the extended columns.</summary>
    public SparsePattern Pattern { get; }

    /// <summary>Number of cells in all, after <see cref="Resolve"/>.</summary>
    public int CellCount { get; private set; }

    /// <summary>First doubled cell.</summary>
    public int FirstDoubled { get; private set; }

    /// <summary>The diagonal cell each doubled cell belongs to.</summary>
    public int[] DoubledTargets { get; private set; } = [];

    /// <summary>The cell that entries of fixed variables go to; −1 if there are none.</summary>
    public int TrashCell { get; private set; } = -1;

    /// <summary>Turns positions of the pattern into cells (null: the same number), trash and doubled cells following
    /// the first <paramref name="cellCount"/>. Returns for each template the cells of each entry; may be called once.</summary>
    public IndexColumn[][] Resolve(int[]? cells, int cellCount)
    {
        var (trash, doubled) = (false, false);
        foreach (var t in _members)
        {
            foreach (var map in _maps[t])
            {
                foreach (var entry in map)
                {
                    trash |= entry == Trash;
                    doubled |= entry < 0 && entry != Trash;
                }
            }
        }
        if (trash)
            TrashCell = cellCount;
        FirstDoubled = trash ? cellCount + 1 : cellCount;
        var cellOf = doubled ? new int[Pattern.Count] : [];
        var targets = new List<int>();
        var resolved = new IndexColumn[_maps.Length][];
        foreach (var t in _members)
        {
            foreach (var map in _maps[t])
            {
                foreach (ref var entry in map.AsSpan())
                {
                    if (entry >= 0)
                    {
                        entry = cells is null ? entry : cells[entry];
                    }
                    else if (entry == Trash)
                    {
                        entry = cellCount;
                    }
                    else
                    {
                        ref var cell = ref cellOf[~entry];
                        if (cell == 0)
                        {
                            cell = checked(FirstDoubled + targets.Count);
                            targets.Add(cells is null ? ~entry : cells[~entry]);
                        }
                        entry = cell;
                    }
                }
            }
            resolved[t] = [.. _maps[t].Select(IndexColumn.Over)];
        }
        DoubledTargets = [.. targets];
        CellCount = checked(FirstDoubled + targets.Count);
        return resolved;
    }

    private static int[][] Place(Template template, ColumnSpace columns, bool majorIsSmaller, PatternBuilder builder) =>
        [.. template.HessianPairs.Select(pair =>
        {
            var (first, second) = pair;
            var (a, b) = (template.Slots[first], template.Slots[second]);
            var map = GC.AllocateUninitializedArray<int>(template.InstanceCount);
            for (var i = 0; i < map.Length; i++)
            {
                var (p, q) = (columns[a[i]], columns[b[i]]);
                if (p == ColumnSpace.None || q == ColumnSpace.None)
                {
                    map[i] = Trash;
                    continue;
                }
                var (low, high) = p < q ? (p, q) : (q, p);
                var ticket = majorIsSmaller ? builder.Place(low, high) : builder.Place(high, low);
                map[i] = low == high && first != second ? ~ticket : ticket;
            }
            return map;
        })];
}
