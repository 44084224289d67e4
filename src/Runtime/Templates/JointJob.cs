namespace Optc.Runtime.Templates;

/// <summary>One of several templates that are summed together.</summary>
/// <param name="Template">Its number.</param>
/// <param name="Kernel">The kernel.</param>
/// <param name="Plan">Where its results go.</param>
/// <param name="Other">Where the results behind those of the plan go; null if there are none.</param>
internal sealed record SumPart(int Template, Kernel Kernel, ScatterPlan Plan, ScatterPlan? Other);

/// <summary>
/// Places computed for several templates at a time, so that they share what they have in common and no cell is touched twice:
/// place k of the first is place k + Offsets[p] of template p. The first one stores, the others would have added to the same
/// cells. The places [Start, End) are those of the first.
/// </summary>
internal sealed record JointJob(SumPart[] Parts, int[] Offsets, int[] Reaches, int Start, int End, KernelCode Code)
{
    /// <summary>A job of the parts from <paramref name="first"/> on, as many as fit together; null if that is only one, or if their
    /// code would be too long.</summary>
    public static JointJob? Find(SumPart[] parts, int first, IReadOnlyList<Template> templates)
    {
        var lead = parts[first];
        if (SegmentOf(lead, templates) is not { } segment || !Array.Exists(segment.Groups, g => g.Assigns))
            return null;
        var groups = segment.Groups.Select(g => new JoinedGroup(g)).ToList();
        var members = new List<SumPart> { lead };
        var offsets = new List<int> { 0 };
        var reaches = new List<int> { segment.Groups.Max(g => g.Reach) };
        var (start, end) = (segment.Start + reaches[0], segment.End);
        for (var p = first + 1; p < parts.Length; p++)
        {
            if (SegmentOf(parts[p], templates) is not { } next || Offset(groups, segment, next) is not { } offset)
                break;
            var reach = next.Groups.Max(g => g.Reach);
            var (from, to) = (Math.Max(start, next.Start + reach - offset), Math.Min(end, next.End - offset));
            // What the job leaves over is interpreted.
            if (to - from < PulledJob.Shortest || !Covers(from + offset, to + offset, next, templates[parts[p].Template]) || !Covers(from, to, segment, templates[lead.Template]))
                break;
            foreach (var group in next.Groups)
                Join(groups, group, members.Count, offset);
            members.Add(parts[p]);
            offsets.Add(offset);
            reaches.Add(reach);
            (start, end) = (from, to);
        }
        if (members.Count == 1)
            return null;
        // Parts read as far back as any of them reaches, and once more.
        var furthest = reaches.Max();
        for (var p = 0; p < members.Count; p++)
            start = Math.Max(start, SegmentOf(members[p], templates)!.Start + (2 * furthest) - offsets[p]);
        end = start + ((end - start) & ~7);
        var request = new PullRequest([.. groups.Select(g => g.Pulled())], furthest, [.. offsets]);
        return lead.Kernel.Compiler!.Pull(request, [.. members.Skip(1).Select(m => m.Kernel.Compiler!)]) is { } code
            ? new JointJob([.. members], [.. offsets], [.. reaches], start, end, code)
            : null;
    }

    /// <summary>The segment of a part that can be pulled, if it is nearly all of it.</summary>
    private static ScatterSegment? SegmentOf(SumPart part, IReadOnlyList<Template> templates)
    {
        if (part.Other is not null || part.Kernel.Compiler is null)
            return null;
        var segment = Array.Find(part.Plan.Segments, PulledJob.CanPull);
        return segment is not null && Covers(segment.Start, segment.End, segment, templates[part.Template]) ? segment : null;
    }

    private static bool Covers(int start, int end, ScatterSegment segment, Template template) =>
        start >= segment.Start && end - start >= 0.9 * template.InstanceCount;

    /// <summary>The offset at which groups that share cells have the same places; null if there is none, or nothing is shared.</summary>
    private static int? Offset(List<JoinedGroup> groups, ScatterSegment segment, ScatterSegment next)
    {
        int? offset = null;
        foreach (var group in next.Groups)
        {
            foreach (var known in groups)
            {
                if (!Overlap(known.Base, known.Group, segment.Start, segment.End, group, next.Start, next.End))
                    continue;
                // Added to a sum that is stored, residue by residue of the same place.
                var places = (long)Math.Floor((group.Base - known.Base) / (double)group.Step);
                var distance = group.Base - known.Base - (group.Step * places);
                var fits = known.Group.Assigns && known.Group.Step == group.Step && distance + group.Width <= group.Step;
                if (!fits || (offset is not null && offset != -places))
                    return null;
                offset = (int)-places;
            }
        }
        return offset;
    }

    private static bool Overlap(long firstBase, ScatterGroup first, int start, int end, ScatterGroup second, int secondStart, int secondEnd)
    {
        static (long First, long Last) Range(long origin, ScatterGroup g, int from, int to) =>
            (origin + ((long)g.Step * from), origin + ((long)g.Step * (to - 1 + g.Reach)) + g.Width - 1);
        var (a, b) = (Range(firstBase, first, start, end), Range(second.Base, second, secondStart, secondEnd));
        return a.First <= b.Last && b.First <= a.Last;
    }

    /// <summary>Adds a group's sources to those of the group whose cells it shares, or lets it stand beside them.</summary>
    private static void Join(List<JoinedGroup> groups, ScatterGroup group, int part, int offset)
    {
        // In the places of the first part.
        var first = group.Base + ((long)group.Step * offset);
        foreach (var known in groups)
        {
            var distance = first - known.Base;
            if (known.Group.Step != group.Step || !known.Group.Assigns || distance < 0 || distance >= group.Step)
                continue;
            for (var r = 0; r < group.Sources.Length; r++)
            {
                foreach (var source in group.Sources[r])
                    known.Sources[distance + r].Add(new PulledSource(part, source.Entry, source.Shift));
            }
            return;
        }
        groups.Add(new JoinedGroup(group, part, offset));
    }

    private sealed class JoinedGroup
    {
        public JoinedGroup(ScatterGroup group, int part = 0, int offset = 0)
        {
            (Group, Offset, Base) = (group, offset, group.Base + ((long)group.Step * offset));
            Sources = [.. group.Sources.Select(r => r.Select(s => new PulledSource(part, s.Entry, s.Shift)).ToList())];
        }

        public ScatterGroup Group { get; }

        public int Offset { get; }

        public long Base { get; }

        public List<PulledSource>[] Sources { get; }

        public PulledGroup Pulled() => new(0, Base, Group.Step, Group.Assigns, [.. Sources.Select(s => s.ToArray())]);
    }
}
