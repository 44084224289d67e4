namespace Optc.Runtime.Templates;

/// <summary>The places [Start, End) of a template computed by code of their own; their number is a multiple of 8.</summary>
internal sealed record PulledJob(int Start, int End, int Reach, KernelCode Code)
{
    // A shorter stretch does not repay compiling.
    internal const int Shortest = 512;

    /// <summary>The stretches of a plan that can be pulled, and of the second one with it if there are two.</summary>
    public static PulledJob[] Find(ScatterPlan plan, ScatterPlan? other, KernelCompiler compiler)
    {
        var jobs = new List<PulledJob>();
        foreach (var segment in plan.Segments)
        {
            if (!CanPull(segment))
                continue;
            var (first, end) = (segment.Start, segment.End);
            var groups = segment.Groups.Select(g => Pulled(g, 0, 0)).ToList();
            var reach = segment.Groups.Max(g => g.Reach);
            if (other is not null)
            {
                var beside = Array.Find(other.Segments, s => CanPull(s) && Math.Min(s.End, end) - Math.Max(s.Start, first) >= Shortest);
                if (beside is null)
                    continue;
                (first, end) = (Math.Max(first, beside.Start), Math.Min(end, beside.End));
                groups.AddRange(beside.Groups.Select(g => Pulled(g, 1, plan.EntryCount)));
                reach = Math.Max(reach, beside.Groups.Max(g => g.Reach));
            }
            // Code reads around the instances it needs: earlier ones as far back once more.
            var start = first + (2 * reach);
            jobs.Add(new PulledJob(start, start + ((end - start) & ~7), reach, compiler.Pull(new PullRequest([.. groups], reach, [0]), [])));
        }
        return [.. jobs];
    }

    /// <summary>Whether the results of a segment go to groups only, and it is long.</summary>
    internal static bool CanPull(ScatterSegment segment) =>
        segment.Table is null && segment.Sums.Length == 0 && segment.Groups.Length > 0
        && segment.End - segment.Start >= Shortest;

    private static PulledGroup Pulled(ScatterGroup group, int output, int firstResult) =>
        new(output, group.Base, group.Step, group.Assigns,
            [.. group.Sources.Select(r => r.Select(s => new PulledSource(0, firstResult + s.Entry, s.Shift)).ToArray())]);
}
