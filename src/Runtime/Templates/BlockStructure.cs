using Optc.Runtime.Problems;

namespace Optc.Runtime.Templates;

/// <summary>
/// All of the derivatives in a block of variables that does not change: the model cut down to the instances that the block
/// touches, in a numbering of its own (columns: the variables of the block as given, then the stage values that depend on
/// them by rank), with the same maps and eliminations as the whole model has.
/// </summary>
internal sealed class BlockStructure
{
    public BlockStructure(TemplateStructure whole, ReadOnlySpan<int> variables)
    {
        Reach = new BlockReach(whole, variables);
        Variables = [.. variables];
        Columns = new ColumnSpace(variables.Length, Reach.Ranks.Length);
        ConstraintRows = [.. Reach.Constraints.Select(key => whole.Templates[key.Template].Row[key.Instance]).Distinct().Order()];

        var touched = Cut(whole);
        Template[] local = [.. touched.Select(t => t.Local)];
        var objective = new TemplateGroup(local, TemplateTarget.Objective);
        var constraints = new TemplateGroup(local, TemplateTarget.Constraint);
        var stages = new TemplateGroup(local, TemplateTarget.Stage);

        var gradientColumns = FirstOrderMaps.Dense(local, objective.FirstOrder, Columns, out _);
        Gradient = new BlockSums(touched, objective.FirstOrder, gradientColumns, Columns.Count + 1);

        var maps = new int[local.Length][][];
        StagePattern = FirstOrderMaps.Compress(local, stages.FirstOrder, Columns, Reach.Ranks.Length, null, maps);
        StageDerivatives = FirstOrder(touched, stages, maps, null, StagePattern.Count);

        JacobianPattern = FirstOrderMaps.Compress(local, constraints.FirstOrder, Columns, ConstraintRows.Length, null, maps);
        if (Reach.Ranks.Length > 0)
        {
            JacobianElimination = new JacobianElimination(JacobianPattern, StagePattern, variables.Length, whole.EliminationLimit);
            JacobianPattern = JacobianElimination.Pattern;
        }
        Jacobian = FirstOrder(touched, constraints, maps, JacobianElimination?.CellOfEntry, JacobianElimination?.CellCount ?? JacobianPattern.Count);

        int[] curved = [.. objective.SecondOrder, .. constraints.SecondOrder, .. stages.SecondOrder];
        Second = new SecondOrderMaps(local, curved, Columns, majorIsSmaller: Reach.Ranks.Length == 0);
        HessianPattern = Second.Pattern;
        if (Reach.Ranks.Length > 0)
        {
            HessianElimination = new HessianElimination(Second.Pattern, StagePattern, variables.Length, whole.EliminationLimit);
            HessianPattern = HessianElimination.Pattern;
        }
        var hessianColumns = Second.Resolve(HessianElimination?.CellOfEntry, HessianElimination?.CellCount ?? HessianPattern.Count);
        Hessian = new BlockSums(touched, curved, hessianColumns, Second.CellCount);
    }

    public BlockReach Reach { get; }

    public int[] Variables { get; }

    /// <summary>The block's columns: positions of the cut-down templates.</summary>
    public ColumnSpace Columns { get; }

    /// <summary>The constraints that depend on the block, ascending.</summary>
    public int[] ConstraintRows { get; }

    public BlockSums Gradient { get; }

    public SparsePattern StagePattern { get; }

    public BlockSums StageDerivatives { get; }

    public SparsePattern JacobianPattern { get; }

    /// <summary>Null when no stage value depends on the block.</summary>
    public JacobianElimination? JacobianElimination { get; }

    public BlockSums Jacobian { get; }

    public SecondOrderMaps Second { get; }

    public SparsePattern HessianPattern { get; }

    /// <summary>Null when no stage value depends on the block.</summary>
    public HessianElimination? HessianElimination { get; }

    public BlockSums Hessian { get; }

    private static BlockSums FirstOrder(TouchedTemplate[] touched, TemplateGroup group, int[][]?[] maps, int[]? cells, int cellCount)
    {
        var columns = FirstOrderMaps.Resolve(group.FirstOrder, maps, cells, cellCount, out _);
        foreach (var t in group.FirstOrder)
            maps[t] = null;
        return new BlockSums(touched, group.FirstOrder, columns, cellCount + 1);
    }

    private TouchedTemplate[] Cut(TemplateStructure whole)
    {
        var localRow = new Dictionary<int, int>();
        for (var k = 0; k < ConstraintRows.Length; k++)
            localRow[ConstraintRows[k]] = k;
        var localRank = new Dictionary<int, int>();
        for (var r = 0; r < Reach.Ranks.Length; r++)
            localRank[whole.Columns.StageOfRank[Reach.Ranks[r]]] = r;
        return
        [
            .. Cut(whole, Reach.Objective, row => row),
            .. Cut(whole, Reach.Constraints, row => localRow[row]),
            .. Cut(whole, Reach.Stages, row => localRank[row]),
        ];
    }

    private IEnumerable<TouchedTemplate> Cut(TemplateStructure whole, InstanceKey[] touched, Func<int, int> rowOf) =>
        touched.GroupBy(key => key.Template).Select(group =>
        {
            var template = whole.Templates[group.Key];
            int[] instances = [.. group.Select(key => key.Instance)];
            var local = new Template
            {
                Name = template.Name,
                Target = template.Target,
                InstanceCount = instances.Length,
                Row = IndexColumn.Over(Array.ConvertAll(instances, i => rowOf(template.Row[i]))),
                Slots = [.. template.Slots.Select(slot => IndexColumn.Over(Array.ConvertAll(instances, i => Position(whole, slot[i]))))],
                Data = [],
                DataColumns = [],
                GradientSlots = template.GradientSlots,
                HessianPairs = template.HessianPairs,
                HasKinks = template.HasKinks,
                IsQuadratic = template.IsQuadratic,
                Kernels = template.Kernels,
            };
            return new TouchedTemplate(local, InstanceRun.Join(group));
        });

    /// <summary>The position in the block's numbering; the last one for what the block does not reach.</summary>
    private int Position(TemplateStructure whole, int position) =>
        Reach.LocalColumns.TryGetValue(whole.Columns[position], out var local) ? local : Columns.Count;
}
