namespace Optc.Runtime.Templates;

/// <summary>Where the results of the directional kernels go: dense columns, as a gradient's do. Before that, for the adjoints
/// of the stage values, the weighted first derivatives in those.</summary>
internal sealed class HessianVectorPlans
{
    public HessianVectorPlans(TemplateStructure structure)
    {
        var templates = structure.Templates;
        int[] curved = [.. structure.Objective.SecondOrder, .. structure.Constraints.SecondOrder, .. structure.Stages.SecondOrder];
        var members = curved.OrderByDescending(t => templates[t].GradientSlots.Length).ToArray();
        var columns = FirstOrderMaps.Dense(templates, members, structure.Columns, out var trash);
        var count = structure.Columns.Count;
        Products = new CellSumPlan(templates, [], members, columns, count + (trash ? 1 : 0), trash ? count : -1);
        ProductSum = new TemplateSum(structure, members, t => (templates[t].Kernels.Directional, Products.Plans[t]!, null));
        if (structure.StageCount > 0)
        {
            Adjoints = StageColumns(structure);
            AdjointSum = new TemplateSum(structure, Adjoints.Varying, t => (templates[t].Kernels.WeightedFirstOrder, Adjoints.Plans[t]!, null));
        }
    }

    /// <summary>The extended product ∂²L d: n + Z cells, and the trash cell if there is one.</summary>
    public CellSumPlan Products { get; }

    /// <summary>Adds it up.</summary>
    public TemplateSum ProductSum { get; }

    /// <summary>Weighted first derivatives of the objective and the constraints in the stage values, by rank, then the trash cell for
    /// the others; null when there are no stage values.</summary>
    public CellSumPlan? Adjoints { get; }

    /// <summary>Adds them up; null when there are no stage values.</summary>
    public TemplateSum? AdjointSum { get; }

    private static CellSumPlan StageColumns(TemplateStructure structure)
    {
        var (templates, columns, trash) = (structure.Templates, structure.Columns, structure.StageCount);
        var maps = new IndexColumn[templates.Length][];
        var members = new List<int>();
        foreach (var t in (int[])[.. structure.Objective.FirstOrder, .. structure.Constraints.FirstOrder])
        {
            var used = false;
            maps[t] = [.. templates[t].GradientSlots.Select(slot =>
            {
                var position = templates[t].Slots[slot];
                var map = new int[templates[t].InstanceCount];
                for (var i = 0; i < map.Length; i++)
                {
                    var rank = columns[position[i]] - columns.FreeCount;
                    used |= rank >= 0;
                    map[i] = rank >= 0 ? rank : trash;
                }
                return IndexColumn.Over(map);
            })];
            if (used)
                members.Add(t);
        }
        return new CellSumPlan(templates, [], [.. members], maps, trash + 1, trash);
    }
}
