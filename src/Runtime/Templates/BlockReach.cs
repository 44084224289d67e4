namespace Optc.Runtime.Templates;

/// <summary>
/// What a block of variables reaches: the stage values that depend on it, the instances with a derivative in either, and what
/// has to be known before those can be evaluated. Found from the indexes in time proportional to what is found.
/// </summary>
internal sealed class BlockReach
{
    private readonly TemplateStructure _structure;
    private readonly HashSet<int> _reads = [];
    private readonly HashSet<int> _readStages = [];

    /// <param name="structure">The templates.</param>
    /// <param name="variables">The block: variables, none twice.</param>
    public BlockReach(TemplateStructure structure, ReadOnlySpan<int> variables)
    {
        _structure = structure;
        var incidence = structure.Incidence;
        for (var k = 0; k < variables.Length; k++)
        {
            if ((uint)variables[k] >= (uint)structure.Columns.FreeCount)
                throw new ArgumentOutOfRangeException(nameof(variables), variables[k], $"Variables are numbered 0 … {structure.Columns.FreeCount - 1}.");
            if (!LocalColumns.TryAdd(variables[k], k))
                throw new ArgumentException($"The block has variable {variables[k]} twice.", nameof(variables));
        }
        Ranks = structure.StageCount == 0 ? [] : ReachedStages();
        for (var r = 0; r < Ranks.Length; r++)
            LocalColumns[structure.Columns.FreeCount + Ranks[r]] = variables.Length + r;
        Objective = Touched(incidence.Objective);
        Constraints = Touched(incidence.Constraints);
        Stages = structure.StageCount == 0 ? [] : Touched(incidence.Stages);
        if (structure.StageCount > 0 || structure.FreePositions is not null)
            Computed = FindReads();
        Reads = [.. _reads.Order()];
        ReadStages = [.. _readStages.Order()];
    }

    /// <summary>The column of the block's own numbering for each column reached: its variables, then its stage values.</summary>
    public Dictionary<int, int> LocalColumns { get; } = [];

    /// <summary>Ranks of the stage values that depend on the block, ascending.</summary>
    public int[] Ranks { get; }

    /// <summary>Objective instances with a derivative in a column reached, ascending.</summary>
    public InstanceKey[] Objective { get; }

    /// <summary>The same of constraints.</summary>
    public InstanceKey[] Constraints { get; }

    /// <summary>The same of stage values.</summary>
    public InstanceKey[] Stages { get; }

    /// <summary>Declared positions of the extended point that have to be filled, ascending; none where kernels read the
    /// caller's point.</summary>
    public int[] Reads { get; }

    /// <summary>Stage values that have to be computed.</summary>
    public int[] ReadStages { get; }

    /// <summary>The instances that compute them, in an order in which that can be done.</summary>
    public InstanceRun[] Computed { get; } = [];

    private int[] ReachedStages()
    {
        var (columns, index) = (_structure.Columns, _structure.Incidence.Stages);
        var reached = new HashSet<int>();
        var waiting = new Stack<int>(LocalColumns.Keys);
        while (waiting.TryPop(out var column))
        {
            foreach (var (t, i) in index[column])
            {
                var rank = columns.RankOfStage[_structure.Templates[t].Row[i]];
                if (reached.Add(rank))
                    waiting.Push(columns.FreeCount + rank);
            }
        }
        return [.. reached.Order()];
    }

    private InstanceKey[] Touched(InstanceIndex index)
    {
        var touched = new List<InstanceKey>();
        foreach (var column in LocalColumns.Keys)
            touched.AddRange(index[column]);
        touched.Sort();
        return [.. touched.Distinct()];
    }

    /// <summary>Closes what the touched instances read under what the stage values among that are computed from.</summary>
    private InstanceRun[] FindReads()
    {
        var waiting = new Stack<int>();
        foreach (var key in (InstanceKey[])[.. Objective, .. Constraints, .. Stages])
            Read(key, waiting);
        var computed = new List<InstanceKey>();
        while (waiting.TryPop(out var stage))
        {
            foreach (var key in _structure.Incidence.StageRows[stage])
            {
                computed.Add(key);
                Read(key, waiting);
            }
        }
        if (computed.Count == 0)
            return [];
        var levels = _structure.Incidence.StageLevels;
        int Level(InstanceKey key) => levels[_structure.Templates[key.Template].Row[key.Instance]];
        return InstanceRun.Join(computed.OrderBy(Level).ThenBy(key => key), (a, b) => Level(a) == Level(b));
    }

    private void Read(InstanceKey key, Stack<int> waiting)
    {
        foreach (var slot in _structure.Templates[key.Template].Slots)
        {
            var position = slot[key.Instance];
            var stage = position - _structure.DeclaredCount;
            if (stage < 0)
                _reads.Add(position);
            else if (_readStages.Add(stage))
                waiting.Push(stage);
        }
    }
}
