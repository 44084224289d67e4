using Optc.Runtime.Problems;

namespace Optc.Runtime.Templates;

/// <summary>
/// All of a <see cref="TemplateProblem"/> that does not change: patterns, scatter maps, eliminations, and the order of
/// evaluation. Shared by clones and by threads.
/// </summary>
internal sealed class TemplateStructure
{
    public TemplateStructure(TemplateProblemDefinition definition)
    {
        DefinitionChecks.Check(definition);
        Templates = [.. definition.Templates];
        Schedule = [.. definition.Schedule];
        DeclaredCount = definition.DeclaredCount;
        StageCount = definition.StageCount;
        FreePositions = definition.FreePositions;
        Problem = definition.Structure;
        ObjectiveOffset = definition.ObjectiveOffset;
        ObjectiveSign = definition.ObjectiveSign;
        Columns = new ColumnSpace(definition);
        Bindings = [.. Templates.Select(t => new TemplateBinding(t))];
        FirstMaps = new int[]?[Templates.Length];

        Objective = new TemplateGroup(Templates, TemplateTarget.Objective);
        Constraints = new TemplateGroup(Templates, TemplateTarget.Constraint);
        Stages = new TemplateGroup(Templates, TemplateTarget.Stage);

        FirstOrderMaps.Dense(Templates, Objective.FirstOrder, Columns, FirstMaps);
        GradientCells = FirstOrderMaps.Resolve(Objective.FirstOrder, FirstMaps, null, Columns.Count);

        StagePattern = FirstOrderMaps.Compress(Templates, Stages.FirstOrder, Columns, StageCount, Columns.RankOfStage, FirstMaps);
        StageCells = FirstOrderMaps.Resolve(Stages.FirstOrder, FirstMaps, null, StagePattern.Count);

        JacobianPattern = FirstOrderMaps.Compress(Templates, Constraints.FirstOrder, Columns, definition.ConstraintCount, null, FirstMaps);
        if (StageCount > 0)
        {
            JacobianElimination = new JacobianElimination(JacobianPattern, StagePattern, Columns.FreeCount, definition.EliminationLimit);
            JacobianPattern = JacobianElimination.Pattern;
        }
        JacobianCells = FirstOrderMaps.Resolve(
            Constraints.FirstOrder, FirstMaps, JacobianElimination?.CellOfEntry, JacobianElimination?.CellCount ?? JacobianPattern.Count);

        int[] curved = [.. Objective.SecondOrder, .. Constraints.SecondOrder, .. Stages.SecondOrder];
        ConstantHessian = [.. Objective.SecondOrder.Where(t => Templates[t].IsQuadratic)];
        VaryingHessian = [.. curved.Except(ConstantHessian)];
        Second = new SecondOrderMaps(Templates, curved, Columns, majorIsSmaller: StageCount == 0);
        HessianPattern = Second.Pattern;
        if (StageCount > 0)
        {
            HessianElimination = new HessianElimination(Second.Pattern, StagePattern, Columns.FreeCount, definition.EliminationLimit);
            HessianPattern = HessianElimination.Pattern;
        }
        Second.Resolve(HessianElimination?.CellOfEntry, HessianElimination?.CellCount ?? HessianPattern.Count);
    }

    public Template[] Templates { get; }

    public StageRun[] Schedule { get; }

    public int DeclaredCount { get; }

    public int StageCount { get; }

    public int[]? FreePositions { get; }

    public ProblemStructure Problem { get; }

    public double ObjectiveOffset { get; }

    public int ObjectiveSign { get; }

    public ColumnSpace Columns { get; }

    public TemplateBinding[] Bindings { get; }

    public TemplateGroup Objective { get; }

    public TemplateGroup Constraints { get; }

    public TemplateGroup Stages { get; }

    /// <summary>For each template, the cell of each first-order entry; null where it has none.</summary>
    public int[]?[] FirstMaps { get; }

    /// <summary>Length of the extended gradient: n + Z, and one if there is a trash cell.</summary>
    public int GradientCells { get; }

    /// <summary>First derivatives of the stage values; rows by rank, columns extended.</summary>
    public SparsePattern StagePattern { get; }

    public int StageCells { get; }

    public SparsePattern JacobianPattern { get; }

    /// <summary>Null when there are no stage values.</summary>
    public JacobianElimination? JacobianElimination { get; }

    public int JacobianCells { get; }

    public SecondOrderMaps Second { get; }

    /// <summary>Objective templates whose second derivatives depend on data only.</summary>
    public int[] ConstantHessian { get; }

    /// <summary>The other templates with second derivatives.</summary>
    public int[] VaryingHessian { get; }

    public SparsePattern HessianPattern { get; }

    /// <summary>Null when there are no stage values.</summary>
    public HessianElimination? HessianElimination { get; }
}
