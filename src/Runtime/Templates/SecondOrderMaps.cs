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

    /// <summary>Compresses with the smaller column as major index, or the larger one.</summary>
    public SecondOrderMaps(IReadOnlyList<Template> templates, int[] members, ColumnSpace columns, bool majorIsSmaller)
    {
        _members = members;
        Maps = new int[]?[templates.Count];
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
            Maps[t] = Place(templates[t], columns, majorIsSmaller, builder);
        Pattern = builder.Compress();
        foreach (var t in members)
        {
            foreach (ref var entry in Maps[t].AsSpan())
            {
                if (entry >= 0)
                    entry = builder.Position(entry);
                else if (entry != Trash)
                    entry = ~builder.Position(~entry);
            }
        }
    }

    /// <summary>Pattern of one triangle over the extended columns.</summary>
    public SparsePattern Pattern { get; }

    /// <summary>For each template <c>Maps[t][e·InstanceCount + i]</c>; null for templates without second derivatives.</summary>
    public int[]?[] Maps { get; }

    /// <summary>Number of cells in all, after <see cref="Resolve"/>.</summary>
    public int CellCount { get; private set; }

    /// <summary>First doubled cell.</summary>
    public int FirstDoubled { get; private set; }

    /// <summary>The diagonal cell each doubled cell belongs to.</summary>
    public int[] DoubledTargets { get; private set; } = [];

    /// <summary>Turns positions of the pattern into cells (null: the same number), trash and doubled cells following
    /// the first <paramref name="cellCount"/>.</summary>
    public void Resolve(int[]? cells, int cellCount)
    {
        var (trash, doubled) = (false, false);
        foreach (var t in _members)
        {
            foreach (var entry in Maps[t]!)
            {
                trash |= entry == Trash;
                doubled |= entry < 0 && entry != Trash;
            }
        }
        FirstDoubled = trash ? cellCount + 1 : cellCount;
        var cellOf = doubled ? new int[Pattern.Count] : [];
        var targets = new List<int>();
        foreach (var t in _members)
        {
            foreach (ref var entry in Maps[t].AsSpan())
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
        DoubledTargets = [.. targets];
        CellCount = checked(FirstDoubled + targets.Count);
    }

    private static int[] Place(Template template, ColumnSpace columns, bool majorIsSmaller, PatternBuilder builder)
    {
        var map = Pinned.Uninitialized<int>(template.HessianPairs.Length * template.InstanceCount);
        var k = 0;
        foreach (var (first, second) in template.HessianPairs)
        {
            var (a, b) = (template.Slots[first], template.Slots[second]);
            for (var i = 0; i < template.InstanceCount; i++)
            {
                var (p, q) = (columns[a[i]], columns[b[i]]);
                if (p == ColumnSpace.None || q == ColumnSpace.None)
                {
                    map[k++] = Trash;
                    continue;
                }
                var (low, high) = p < q ? (p, q) : (q, p);
                var ticket = majorIsSmaller ? builder.Place(low, high) : builder.Place(high, low);
                map[k++] = low == high && first != second ? ~ticket : ticket;
            }
        }
        return map;
    }
}
