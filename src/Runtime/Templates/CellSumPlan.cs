namespace Optc.Runtime.Templates;

/// <summary>
/// How the results of some templates add up in an array of cells: those that depend on data only once, the others at
/// every evaluation, in ascending order.
/// </summary>
internal sealed class CellSumPlan
{
    /// <param name="templates">All templates.</param>
    /// <param name="constant">Templates whose results depend on data only.</param>
    /// <param name="varying">The other templates.</param>
    /// <param name="columns">For each of them the cells of each result.</param>
    /// <param name="cellCount">Number of cells, the trash cell included.</param>
    /// <param name="trash">The cell of results that nobody wants; −1 if there is none.</param>
    /// <param name="mayStore">Whether cells may be stored to: not if the caller has filled them.</param>
    public CellSumPlan(
        IReadOnlyList<Template> templates, int[] constant, int[] varying, IndexColumn[][] columns, int cellCount, int trash, bool mayStore = true)
    {
        (Constant, Varying, CellCount) = (constant, varying, cellCount);
        Plans = new ScatterPlan?[templates.Count];
        var claims = new CellClaims(cellCount);
        foreach (var t in constant)
            Plans[t] = ScatterPlanBuilder.Build(columns[t], templates[t].InstanceCount, trash, claims, mayStore: false);
        foreach (var t in varying)
            Plans[t] = ScatterPlanBuilder.Build(columns[t], templates[t].InstanceCount, trash, claims, mayStore);
        Fill = claims.Unassigned();
    }

    /// <summary>Templates whose results depend on data only.</summary>
    public int[] Constant { get; }

    /// <summary>The other templates.</summary>
    public int[] Varying { get; }

    /// <summary>Number of cells.</summary>
    public int CellCount { get; }

    /// <summary>For each template where its results go; null for templates of others.</summary>
    public ScatterPlan?[] Plans { get; }

    /// <summary>The cells that must hold the constant part, or 0, before the varying templates run; the others are
    /// stored to.</summary>
    public (int First, int End)[] Fill { get; }

    /// <summary>Bytes of the tables.</summary>
    public long TableBytes => Plans.Sum(p => p?.TableBytes ?? 0);

    /// <summary>A plan of sums to rows.</summary>
    public static CellSumPlan ToRows(IReadOnlyList<Template> templates, int[] members, int rowCount, bool mayStore = true)
    {
        var columns = new IndexColumn[templates.Count][];
        foreach (var t in members)
            columns[t] = [templates[t].Row];
        return new CellSumPlan(templates, [], members, columns, rowCount, -1, mayStore);
    }
}
