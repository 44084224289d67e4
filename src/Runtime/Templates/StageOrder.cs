namespace Optc.Runtime.Templates;

/// <summary>The order in which stage values become complete, and a check that the schedule computes them rightly.</summary>
internal static class StageOrder
{
    /// <summary>The stage values, each after all it depends on. Throws if the schedule reads a value before it is complete.</summary>
    public static int[] Find(TemplateProblemDefinition definition)
    {
        var completedBy = CompletingRuns(definition);
        CheckReads(definition, completedBy);
        var next = new int[definition.Schedule.Count + 2];
        foreach (var run in completedBy)
            next[run + 2]++;
        for (var k = 1; k < next.Length; k++)
            next[k] += next[k - 1];
        var order = new int[definition.StageCount];
        for (var stage = 0; stage < order.Length; stage++)
            order[next[completedBy[stage] + 1]++] = stage;
        return order;
    }

    /// <summary>For each stage value the last run that adds to it; −1 if none does.</summary>
    private static int[] CompletingRuns(TemplateProblemDefinition definition)
    {
        var completedBy = new int[definition.StageCount];
        Array.Fill(completedBy, -1);
        var templates = definition.Templates;
        var scheduled = new bool[templates.Count][];
        for (var r = 0; r < definition.Schedule.Count; r++)
        {
            var run = definition.Schedule[r];
            if ((uint)run.Template >= (uint)templates.Count || templates[run.Template].Target != TemplateTarget.Stage)
                throw new ArgumentException($"Run {r} of the schedule names template {run.Template}, which is not a stage template.");
            var template = templates[run.Template];
            if (run.Start < 0 || run.End < run.Start || run.End > template.InstanceCount)
                throw new ArgumentException($"Run {r} of the schedule has instances [{run.Start}, {run.End}) of '{template.Name}', which has {template.InstanceCount}.");
            var done = scheduled[run.Template] ??= new bool[template.InstanceCount];
            for (var i = run.Start; i < run.End; i++)
            {
                if (done[i])
                    throw new ArgumentException($"The schedule computes instance {i} of '{template.Name}' twice.");
                done[i] = true;
                completedBy[template.Row[i]] = r;
            }
        }
        for (var t = 0; t < templates.Count; t++)
        {
            if (templates[t].Target != TemplateTarget.Stage || templates[t].InstanceCount == 0)
                continue;
            var missing = scheduled[t] is null ? 0 : Array.IndexOf(scheduled[t], false);
            if (missing >= 0)
                throw new ArgumentException($"The schedule leaves out instance {missing} of '{templates[t].Name}'.");
        }
        return completedBy;
    }

    private static void CheckReads(TemplateProblemDefinition definition, int[] completedBy)
    {
        for (var r = 0; r < definition.Schedule.Count; r++)
        {
            var run = definition.Schedule[r];
            var template = definition.Templates[run.Template];
            foreach (var slot in template.Slots)
            {
                for (var i = run.Start; i < run.End; i++)
                {
                    var stage = slot[i] - definition.DeclaredCount;
                    if (stage >= 0 && completedBy[stage] >= r)
                        throw new ArgumentException($"Instance {i} of '{template.Name}' reads stage value {stage} in run {r}, but run {completedBy[stage]} still adds to it.");
                }
            }
        }
    }
}
