namespace Optc.Runtime.Templates;

/// <summary>The instances [Start, End) of a template.</summary>
internal readonly record struct InstanceRun(int Template, int Start, int End)
{
    /// <summary>Neighbours in a list without repetitions, joined where they follow each other and <paramref name="mayJoin"/>
    /// allows it.</summary>
    public static InstanceRun[] Join(IEnumerable<InstanceKey> instances, Func<InstanceKey, InstanceKey, bool>? mayJoin = null)
    {
        var runs = new List<InstanceRun>();
        foreach (var key in instances)
        {
            if (runs.Count > 0 && runs[^1] is var last && last.Template == key.Template && last.End == key.Instance
                && (mayJoin is null || mayJoin(new InstanceKey(last.Template, last.Start), key)))
                runs[^1] = last with { End = key.Instance + 1 };
            else
                runs.Add(new InstanceRun(key.Template, key.Instance, key.Instance + 1));
        }
        return [.. runs];
    }
}
