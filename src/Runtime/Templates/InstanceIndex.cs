namespace Optc.Runtime.Templates;

/// <summary>An instance of a template.</summary>
internal readonly record struct InstanceKey(int Template, int Instance) : IComparable<InstanceKey>
{
    public int CompareTo(InstanceKey other) => Template != other.Template ? Template.CompareTo(other.Template) : Instance.CompareTo(other.Instance);
}

/// <summary>
/// For each key (a column of derivatives, or a row) the instances that have it, none twice, in the order of the templates
/// given and then of instances: compressed, 8 bytes an instance.
/// </summary>
internal sealed class InstanceIndex
{
    private readonly int[] _starts;
    private readonly InstanceKey[] _instances;

    private InstanceIndex(int keyCount, Action<Action<int, InstanceKey>> walk)
    {
        var counts = new long[keyCount + 1];
        walk((key, _) => counts[key + 1]++);
        for (var key = 0; key < keyCount; key++)
            counts[key + 1] += counts[key];
        if (counts[keyCount] > Array.MaxLength)
            throw new NotSupportedException($"The variables stand in {counts[keyCount]} places of the model, more than the {Array.MaxLength} that can be indexed for derivatives by blocks; use the whole gradient, Jacobian or Hessian.");
        _starts = Array.ConvertAll(counts, start => (int)start);
        _instances = GC.AllocateUninitializedArray<InstanceKey>(_starts[keyCount]);
        var next = _starts.AsSpan(0, keyCount).ToArray();
        walk((key, instance) => _instances[next[key]++] = instance);
    }

    /// <summary>The instances of a key.</summary>
    public ReadOnlySpan<InstanceKey> this[int key] => _instances.AsSpan(_starts[key].._starts[key + 1]);

    /// <summary>By the columns in which instances have a derivative.</summary>
    public static InstanceIndex ByColumn(Template[] templates, int[] members, ColumnSpace columns) =>
        new(columns.Count, visit =>
        {
            // The number of the last instance met in a column, over all templates.
            var last = new long[columns.Count];
            var number = 0L;
            foreach (var t in members)
            {
                IndexColumn[] slots = [.. templates[t].GradientSlots.Select(slot => templates[t].Slots[slot])];
                for (var i = 0; i < templates[t].InstanceCount; i++)
                {
                    number++;
                    foreach (var slot in slots)
                    {
                        var column = columns[slot[i]];
                        if (column == ColumnSpace.None || last[column] == number)
                            continue;
                        last[column] = number;
                        visit(column, new InstanceKey(t, i));
                    }
                }
            }
        });

    /// <summary>By the row that instances add to.</summary>
    public static InstanceIndex ByRow(Template[] templates, int[] members, int rowCount) =>
        new(rowCount, visit =>
        {
            foreach (var t in members)
            {
                for (var i = 0; i < templates[t].InstanceCount; i++)
                    visit(templates[t].Row[i], new InstanceKey(t, i));
            }
        });
}
