namespace Optc.Runtime.Templates;

/// <summary>Finds the stretches of instances whose cells are affine, and who may store instead of adding.</summary>
internal static class ScatterPlanBuilder
{
    // A shorter stretch costs more in dispatch than its table does.
    private const int ShortestStretch = 96;

    // Results further apart than this many places of a group belong to different groups. At most the history of a block.
    private const int LongestReach = KernelCode.History;

    // Rows of more results are stored one by one.
    private const int WidestStep = 64;

    // One table has fewer ints than this, so that its places are counted in 32 bits.
    private const int LargestTable = 1 << 28;

    /// <summary>
    /// The plan of a template whose result e of instance i goes to cell <c>columns[e][i]</c>.
    /// </summary>
    /// <param name="columns">For each result its cells.</param>
    /// <param name="instanceCount">Number of instances.</param>
    /// <param name="dropped">The cell of results that nobody wants; −1 if there is none.</param>
    /// <param name="claims">Cells that are added to before this plan runs.</param>
    /// <param name="mayStore">Whether cells that nobody has touched may be stored to instead of added to.</param>
    public static ScatterPlan Build(IndexColumn[] columns, int instanceCount, int dropped, CellClaims claims, bool mayStore)
    {
        var segments = new List<ScatterSegment>();
        var tableStart = 0;
        for (var start = 0; start < instanceCount;)
        {
            var end = StretchEnd(columns, start, instanceCount);
            if (end - start >= ShortestStretch)
            {
                var stretch = Affine(columns, start, end, dropped);
                if (HasOneOrder(stretch))
                {
                    AddTables(columns, tableStart, start, segments);
                    segments.Add(stretch);
                    tableStart = end;
                }
            }
            start = end;
        }
        AddTables(columns, tableStart, instanceCount, segments);
        foreach (var segment in segments)
            Claim(segment, claims, mayStore);
        return new ScatterPlan([.. segments], columns.Length);
    }

    /// <summary>The same with tables only: such a plan may be given its instances in any order.</summary>
    public static ScatterPlan Tables(IndexColumn[] columns, int instanceCount)
    {
        var segments = new List<ScatterSegment>();
        AddTables(columns, 0, instanceCount, segments);
        return new ScatterPlan([.. segments], columns.Length);
    }

    /// <summary>The end of the longest stretch from an instance on in which all cells are affine with steps of at least 0.</summary>
    private static int StretchEnd(IndexColumn[] columns, int start, int instanceCount)
    {
        var end = instanceCount;
        if (start + 1 >= end)
            return end;
        foreach (var column in columns)
        {
            var step = column[start + 1] - column[start];
            if (step < 0)
                return start + 1;
            if (column.Table is not { } table)
                continue;
            var i = start + 2;
            while (i < end && table[i] - table[i - 1] == step)
                i++;
            end = i;
        }
        return end;
    }

    private static void AddTables(IndexColumn[] columns, int start, int end, List<ScatterSegment> segments)
    {
        var most = LargestTable / Math.Max(1, columns.Length);
        for (; start < end; start += most)
        {
            var count = Math.Min(most, end - start);
            var table = GC.AllocateUninitializedArray<int>(count * columns.Length);
            for (var e = 0; e < columns.Length; e++)
            {
                for (int i = 0, k = e; i < count; i++, k += columns.Length)
                    table[k] = columns[e][start + i];
            }
            segments.Add(new ScatterSegment { Start = start, End = start + count, Table = table });
        }
    }

    private static ScatterSegment Affine(IndexColumn[] columns, int start, int end, int dropped)
    {
        var sums = new List<(int, int)>();
        var moving = new List<(long Origin, int Step, int Entry)>();
        for (var e = 0; e < columns.Length; e++)
        {
            var cell = columns[e][start];
            var step = columns[e][start + 1] - cell;
            if (step > 0)
                moving.Add((cell - ((long)step * start), step, e));
            else if (cell != dropped)
                sums.Add((cell, e));
        }
        var groups = new List<ScatterGroup>();
        foreach (var sameStep in moving.GroupBy(m => m.Step))
        {
            // A step too wide to interleave: each result is a group of its own, as a step with one residue.
            var reach = sameStep.Key <= WidestStep ? LongestReach : -1;
            var waiting = sameStep.OrderBy(m => m.Origin).ToList();
            while (waiting.Count > 0)
            {
                var origin = waiting[0].Origin;
                var members = reach < 0 ? waiting[..1] : waiting.FindAll(m => (m.Origin - origin) / m.Step <= reach);
                waiting.RemoveRange(0, members.Count);
                groups.Add(Group(origin, sameStep.Key, members));
            }
        }
        groups.Sort((a, b) => b.Base.CompareTo(a.Base));
        return new ScatterSegment { Start = start, End = end, Sums = [.. sums], Groups = [.. groups] };
    }

    private static ScatterGroup Group(long origin, int step, List<(long Origin, int Step, int Entry)> members)
    {
        var sources = new List<ScatterSource>[step <= WidestStep ? step : 1];
        for (var r = 0; r < sources.Length; r++)
            sources[r] = [];
        foreach (var member in members.OrderBy(m => m.Entry))
            sources[(member.Origin - origin) % step].Add(new ScatterSource(member.Entry, (int)((member.Origin - origin) / step)));
        return new ScatterGroup
        {
            Base = origin,
            Step = step,
            Sources = [.. sources.Select(s => s.ToArray())],
            Reach = sources.Max(s => s.Count == 0 ? 0 : s.Max(x => x.Shift)),
        };
    }

    /// <summary>Marks the cells of a segment, and lets groups store that come first.</summary>
    private static void Claim(ScatterSegment segment, CellClaims claims, bool mayStore)
    {
        if (segment.Table is { } table)
        {
            foreach (var cell in table)
                claims.Touch(cell);
            return;
        }
        foreach (var (cell, _) in segment.Sums)
            claims.Touch(cell);
        foreach (var group in segment.Groups)
        {
            var (first, end) = group.Interior(segment.Start, segment.End);
            if (mayStore && group.IsFull && claims.IsUntouched(first, end))
            {
                group.Assigns = true;
                claims.Assign(first, end);
            }
            for (var residue = 0; residue < group.Sources.Length; residue++)
            {
                foreach (var source in group.Sources[residue])
                    Touch(group, residue, source.Shift, segment, claims);
            }
        }
    }

    private static void Touch(ScatterGroup group, int residue, int shift, ScatterSegment segment, CellClaims claims)
    {
        for (var i = segment.Start; i < segment.End; i++)
            claims.Touch(group.Base + ((long)group.Step * (i + shift)) + residue);
    }

    /// <summary>
    /// Whether all cells are reached in the same order wherever blocks begin: groups with the same step follow each other, the
    /// one that is ahead first; of others that meet nothing is known.
    /// </summary>
    private static bool HasOneOrder(ScatterSegment segment) =>
        Array.TrueForAll(segment.Groups, a => Array.TrueForAll(segment.Groups, b => a.Step == b.Step || !Overlap(a, b, segment)));

    private static bool Overlap(ScatterGroup a, ScatterGroup b, ScatterSegment segment)
    {
        long Last(ScatterGroup g) => g.Base + ((long)g.Step * (segment.End - 1 + g.Reach)) + g.Width - 1;
        long First(ScatterGroup g) => g.Base + ((long)g.Step * segment.Start);
        return First(a) <= Last(b) && First(b) <= Last(a);
    }
}
