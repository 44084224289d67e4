using Optc.Runtime.Problems;

namespace Optc.Runtime.Templates;

/// <summary>
/// All of a <see cref="TemplateProblem"/> that does not change: patterns, scatter maps, eliminations, and the order of
/// evaluation. Shared by clones and by threads.
/// </summary>
internal sealed class TemplateStructure
{
    private readonly Lazy<TemplateSum> _constantSecondDerivatives;
    private readonly Lazy<TemplateSum> _secondDerivatives;

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
        EliminationLimit = definition.EliminationLimit;
        Columns = new ColumnSpace(definition);
        Bindings = [.. Templates.Select(t => new TemplateBinding(t))];

        Objective = new TemplateGroup(Templates, TemplateTarget.Objective);
        Constraints = new TemplateGroup(Templates, TemplateTarget.Constraint);
        Stages = new TemplateGroup(Templates, TemplateTarget.Stage);
        var objectiveRows = CellSumPlan.ToRows(Templates, ValuesInOrderOf(Objective, Objective.VaryingFirstOrder), 1);
        var constraintRows = CellSumPlan.ToRows(
            Templates, ValuesInOrderOf(Constraints, MostFirst(Constraints.VaryingFirstOrder, t => t.GradientSlots.Length)), definition.ConstraintCount);
        // The schedule adds run by run to values cleared before.
        StageRows = CellSumPlan.ToRows(Templates, Stages.All, StageCount, mayStore: false);

        var gradientColumns = FirstOrderMaps.Dense(Templates, Objective.FirstOrder, Columns, out var trash);
        ObjectiveSums = new FirstOrderSums(this, objectiveRows, new CellSumPlan(
            Templates, Objective.ConstantFirstOrder, Objective.VaryingFirstOrder, gradientColumns, Columns.Count + (trash ? 1 : 0), trash ? Columns.Count : -1));

        var maps = new int[Templates.Length][][];
        StagePattern = FirstOrderMaps.Compress(Templates, Stages.FirstOrder, Columns, StageCount, Columns.RankOfStage, maps);
        StageSums = new FirstOrderSums(this, StageRows, FirstOrderPlan(Stages, maps, null, StagePattern.Count));

        JacobianPattern = FirstOrderMaps.Compress(Templates, Constraints.FirstOrder, Columns, definition.ConstraintCount, null, maps);
        if (StageCount > 0)
        {
            JacobianElimination = new JacobianElimination(JacobianPattern, StagePattern, Columns.FreeCount, definition.EliminationLimit);
            JacobianPattern = JacobianElimination.Pattern;
        }
        ConstraintSums = new FirstOrderSums(this, constraintRows, FirstOrderPlan(
            Constraints, maps, JacobianElimination?.CellOfEntry, JacobianElimination?.CellCount ?? JacobianPattern.Count));

        int[] curved = [.. Constraints.SecondOrder, .. Objective.SecondOrder, .. Stages.SecondOrder];
        int[] constant = [.. Objective.SecondOrder.Where(t => Templates[t].IsQuadratic)];
        Second = new SecondOrderMaps(Templates, curved, Columns, majorIsSmaller: StageCount == 0);
        HessianPattern = Second.Pattern;
        if (StageCount > 0)
        {
            HessianElimination = new HessianElimination(Second.Pattern, StagePattern, Columns.FreeCount, definition.EliminationLimit);
            HessianPattern = HessianElimination.Pattern;
        }
        var hessianColumns = Second.Resolve(HessianElimination?.CellOfEntry, HessianElimination?.CellCount ?? HessianPattern.Count);
        HessianVector = new Lazy<HessianVectorPlans>(() => new HessianVectorPlans(this));
        Incidence = new Incidence(this);
        HessianPlan = new CellSumPlan(Templates, constant, MostFirst(curved.Except(constant), t => t.HessianPairs.Length), hessianColumns, Second.CellCount, Second.TrashCell);
        _constantSecondDerivatives = new(() => new TemplateSum(this, HessianPlan.Constant, t => (Templates[t].Kernels.SecondOrder, HessianPlan.Plans[t]!, null)));
        _secondDerivatives = new(() => new TemplateSum(this, HessianPlan.Varying, t => (Templates[t].Kernels.SecondOrder, HessianPlan.Plans[t]!, null)));
    }

    private CellSumPlan FirstOrderPlan(TemplateGroup group, int[][]?[] maps, int[]? cells, int cellCount)
    {
        var columns = FirstOrderMaps.Resolve(group.FirstOrder, maps, cells, cellCount, out var trash);
        foreach (var t in group.FirstOrder)
            maps[t] = null;
        return new CellSumPlan(
            Templates, group.ConstantFirstOrder, MostFirst(group.VaryingFirstOrder, t => t.GradientSlots.Length), columns, cellCount + (trash ? 1 : 0), trash ? cellCount : -1);
    }

    /// <summary>Values are added in the order in which they are when derivatives are computed with them.</summary>
    private static int[] ValuesInOrderOf(TemplateGroup group, int[] varying) => [.. varying, .. group.All.Except(varying)];

    /// <summary>Templates that give most first: they are more likely to fill cells without a gap, which need not be
    /// cleared then.</summary>
    private int[] MostFirst(IEnumerable<int> templates, Func<Template, int> results) => [.. templates.OrderByDescending(t => results(Templates[t]))];

    public Template[] Templates { get; }

    public StageRun[] Schedule { get; }

    public int DeclaredCount { get; }

    public int StageCount { get; }

    public int[]? FreePositions { get; }

    public ProblemStructure Problem { get; }

    public double ObjectiveOffset { get; }

    public int ObjectiveSign { get; }

    public long EliminationLimit { get; }

    public ColumnSpace Columns { get; }

    public TemplateBinding[] Bindings { get; }

    public TemplateGroup Objective { get; }

    public TemplateGroup Constraints { get; }

    public TemplateGroup Stages { get; }

    /// <summary>Objective values, to cell 0, and the extended gradient: n + Z cells, and the trash cell if there is one.</summary>
    public FirstOrderSums ObjectiveSums { get; }

    /// <summary>Constraint values, and the cells of the Jacobian.</summary>
    public FirstOrderSums ConstraintSums { get; }

    /// <summary>Stage values, and the cells of their derivatives.</summary>
    public FirstOrderSums StageSums { get; }

    /// <summary>Where stage values go.</summary>
    public CellSumPlan StageRows { get; }

    /// <summary>Second derivatives of quadratic templates of the objective.</summary>
    public TemplateSum ConstantSecondDerivatives => _constantSecondDerivatives.Value;

    /// <summary>Second derivatives of the others.</summary>
    public TemplateSum SecondDerivatives => _secondDerivatives.Value;

    /// <summary>First derivatives of the stage values; rows by rank, columns extended.</summary>
    public SparsePattern StagePattern { get; }

    public SparsePattern JacobianPattern { get; }

    /// <summary>Null when there are no stage values.</summary>
    public JacobianElimination? JacobianElimination { get; }

    public SecondOrderMaps Second { get; }

    /// <summary>The Hessian's cells; constant are the quadratic templates of the objective.</summary>
    public CellSumPlan HessianPlan { get; }

    public SparsePattern HessianPattern { get; }

    /// <summary>Null when there are no stage values.</summary>
    public HessianElimination? HessianElimination { get; }

    /// <summary>Where products with second derivatives go; made when the first is asked for.</summary>
    public Lazy<HessianVectorPlans> HessianVector { get; }

    /// <summary>Which instances touch a variable; made when first asked for.</summary>
    public Incidence Incidence { get; }
}
