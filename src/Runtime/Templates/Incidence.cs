namespace Optc.Runtime.Templates;

/// <summary>Which instances touch which columns and rows: what derivatives by blocks of variables start from. Each index is
/// made when it is first asked for.</summary>
internal sealed class Incidence(TemplateStructure structure)
{
    private readonly Lazy<InstanceIndex> _objective = new(() => InstanceIndex.ByColumn(structure.Templates, structure.Objective.FirstOrder, structure.Columns));
    private readonly Lazy<InstanceIndex> _constraints = new(() => InstanceIndex.ByColumn(structure.Templates, structure.Constraints.FirstOrder, structure.Columns));
    private readonly Lazy<InstanceIndex> _stages = new(() => InstanceIndex.ByColumn(structure.Templates, structure.Stages.FirstOrder, structure.Columns));
    private readonly Lazy<InstanceIndex> _stageRows = new(() => InstanceIndex.ByRow(structure.Templates, structure.Stages.All, structure.StageCount));
    private readonly Lazy<int[]> _levels = new(() => FindLevels(structure));

    /// <summary>Objective instances by column.</summary>
    public InstanceIndex Objective => _objective.Value;

    /// <summary>Constraint instances by column.</summary>
    public InstanceIndex Constraints => _constraints.Value;

    /// <summary>Stage instances by column.</summary>
    public InstanceIndex Stages => _stages.Value;

    /// <summary>Stage instances by the stage value they add to.</summary>
    public InstanceIndex StageRows => _stageRows.Value;

    /// <summary>For each stage value a level above those of all stage values that it is computed from.</summary>
    public int[] StageLevels => _levels.Value;

    private static int[] FindLevels(TemplateStructure structure)
    {
        var levels = new int[structure.StageCount];
        // In the order of the schedule, whatever a run reads is complete.
        foreach (var run in structure.Schedule)
        {
            var template = structure.Templates[run.Template];
            for (var i = run.Start; i < run.End; i++)
            {
                ref var level = ref levels[template.Row[i]];
                foreach (var slot in template.Slots)
                {
                    var stage = slot[i] - structure.DeclaredCount;
                    if (stage >= 0)
                        level = Math.Max(level, levels[stage] + 1);
                }
            }
        }
        return levels;
    }
}
