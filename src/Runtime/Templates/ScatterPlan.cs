using System.Runtime.CompilerServices;
using Optc.Runtime.Native;

namespace Optc.Runtime.Templates;

/// <summary>
/// Where the results of a template's instances go in an array of cells. Stretches of instances whose cells are affine in
/// the instance number need no memory and are stored as vectors; the others have a table, one int for each result.
/// The order of additions to a cell depends on the plan only, not on where blocks begin and end.
/// </summary>
internal sealed class ScatterPlan(ScatterSegment[] segments, int entryCount)
{
    /// <summary>The stretches, ascending; they cover all instances.</summary>
    public ScatterSegment[] Segments { get; } = segments;

    /// <summary>Number of results of an instance.</summary>
    public int EntryCount { get; } = entryCount;

    /// <summary>Bytes of the tables.</summary>
    public long TableBytes => Segments.Sum(s => (long)(s.Table?.Length ?? 0) * sizeof(int));

    /// <summary>Number of temporary arrays that <see cref="Scatter"/> needs.</summary>
    public int ScratchArrays { get; } = segments.Length == 0 ? 0 : segments.Max(s => s.Groups.Length == 0 ? 0 : s.Groups.Max(g => g.Sources.Length + 1));

    /// <summary>Numbers that <see cref="Scatter"/> keeps from one block to the next.</summary>
    public int SumNumbers { get; } = segments.Length == 0 ? 0 : BlockStores.PartialSums * segments.Max(s => s.Sums.Length);

    /// <summary>Whether vectors reach back to results of the block before.</summary>
    public bool UsesHistory { get; } = segments.Any(s => s.Groups.Any(g => g.Reach > 0));

    /// <summary>
    /// Stores or adds the results of the instances [first, first + count), which stand in a block; blocks come in ascending
    /// order, and results of the block before stand in the <see cref="KernelCode.History"/> of their arrays.
    /// </summary>
    /// <param name="block">Element 0 of array 0.</param>
    /// <param name="stride">Numbers from one array to the next.</param>
    /// <param name="arrays">The array of each result.</param>
    /// <param name="first">First instance.</param>
    /// <param name="count">Number of instances.</param>
    /// <param name="run">All instances of these blocks: sums are added to their cells when a stretch or the last block ends.</param>
    /// <param name="done">Places of groups that others have computed.</param>
    /// <param name="cells">Where they go.</param>
    /// <param name="sums"><see cref="SumNumbers"/> numbers, for all blocks of a run.</param>
    /// <param name="scratch"><see cref="ScratchArrays"/> arrays of the same stride.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public unsafe void Scatter(
        double* block, int stride, ReadOnlySpan<int> arrays, int first, int count, Places run, Places done, double* cells, double* sums, double* scratch)
    {
        for (var s = FirstSegment(first); s < Segments.Length && Segments[s].Start < first + count; s++)
        {
            var segment = Segments[s];
            var (start, end) = (Math.Max(first, segment.Start), Math.Min(first + count, segment.End));
            if (segment.Table is { } table)
            {
                fixed (int* targets = table)
                    Add(block + (start - first), stride, arrays, targets + ((long)(start - segment.Start) * EntryCount), end - start, cells);
                continue;
            }
            // Results of instance i of array a stand at block[a·stride + i − first].
            foreach (var group in segment.Groups)
                group.Store(block - first, stride, arrays, segment.Start, segment.End, start, end, done, cells, scratch);
            if (segment.Sums.Length > 0)
                AddSums(segment, block - first, stride, arrays, start, end, run, cells, sums);
        }
    }

    /// <summary>The cell of a result of an instance; −1 where it is dropped.</summary>
    public int Cell(int entry, int instance)
    {
        var segment = Segments[FirstSegment(instance)];
        if (segment.Table is { } table)
            return table[((instance - segment.Start) * EntryCount) + entry];
        foreach (var (cell, e) in segment.Sums)
        {
            if (e == entry)
                return cell;
        }
        foreach (var group in segment.Groups)
        {
            for (var residue = 0; residue < group.Sources.Length; residue++)
            {
                foreach (var source in group.Sources[residue])
                {
                    if (source.Entry == entry)
                        return (int)(group.Base + ((long)group.Step * (instance + source.Shift)) + residue);
                }
            }
        }
        return -1;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void AddSums(
        ScatterSegment segment, double* block, int stride, ReadOnlySpan<int> arrays, int start, int end, Places run, double* cells, double* sums)
    {
        var begin = Math.Max(segment.Start, run.Start);
        if (start == begin)
            new Span<double>(sums, BlockStores.PartialSums * segment.Sums.Length).Clear();
        foreach (var (cell, entry) in segment.Sums)
        {
            BlockStores.AddToSum(sums, start - begin, block + ((long)arrays[entry] * stride) + start, end - start);
            if (end == Math.Min(segment.End, run.End))
                cells[cell] += BlockStores.Sum(sums);
            sums += BlockStores.PartialSums;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void Add(double* block, int stride, ReadOnlySpan<int> arrays, int* targets, int count, double* cells)
    {
        if (arrays.Length == 1)
        {
            var values = block + ((long)arrays[0] * stride);
            for (var i = 0; i < count; i++)
                cells[targets[i]] += values[i];
            return;
        }
        // Instance by instance, so that the order of the additions to a cell does not depend on the blocks.
        for (var i = 0; i < count; i++)
        {
            foreach (var array in arrays)
                cells[*targets++] += block[((long)array * stride) + i];
        }
    }

    /// <summary>The stretch that an instance is in.</summary>
    private int FirstSegment(int instance)
    {
        int low = 0, high = Segments.Length - 1;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (Segments[middle].End <= instance)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }
}

/// <summary>The instances [Start, End) of a plan: either a table, or sums and groups.</summary>
internal sealed class ScatterSegment
{
    public required int Start { get; init; }

    public required int End { get; init; }

    /// <summary>Cells, instance by instance; null where they are affine.</summary>
    public int[]? Table { get; init; }

    /// <summary>Results that all go to one cell.</summary>
    public (int Cell, int Entry)[] Sums { get; init; } = [];

    /// <summary>Results that go to neighbouring cells, those that are ahead first.</summary>
    public ScatterGroup[] Groups { get; init; } = [];
}

/// <summary>Instances [Start, End) of a template, or places of its groups.</summary>
internal readonly record struct Places(int Start, int End);

/// <summary>A result that goes to place k = i + Shift of its residue.</summary>
internal readonly record struct ScatterSource(int Entry, int Shift);

/// <summary>
/// Results with cells <c>Base + Step·(i + Shift) + residue</c>, 0 ≤ residue &lt; Step: place k of a residue gets the sum of its
/// sources, instance k − Shift of each. With a very wide step there is residue 0 only.
/// </summary>
internal sealed class ScatterGroup
{
    public required long Base { get; init; }

    public required int Step { get; init; }

    /// <summary>For each residue its sources, by entry.</summary>
    public required ScatterSource[][] Sources { get; init; }

    /// <summary>The largest shift.</summary>
    public required int Reach { get; init; }

    /// <summary>Cells from a place's first one to its last one.</summary>
    public int Width => Array.FindLastIndex(Sources, s => s.Length > 0) + 1;

    /// <summary>The places follow each other without a gap.</summary>
    public bool IsFull => Sources.Length == Step && Array.TrueForAll(Sources, s => s.Length > 0);

    /// <summary>Nothing has been added to the places [Start + Reach, End) before: they are stored, and need not be cleared.</summary>
    public bool Assigns { get; set; }

    /// <summary>Cells of the places that get all their sources, as a range.</summary>
    public (long First, long End) Interior(int start, int end) => (Base + ((long)Step * (start + Reach)), Base + ((long)Step * end));

    /// <summary>Works on the instances [start, end) of a segment. Instance i of array a stands at <c>block[a·stride + i]</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public unsafe void Store(
        double* block, int stride, ReadOnlySpan<int> arrays, int segmentStart, int segmentEnd, int start, int end, Places done, double* cells, double* scratch)
    {
        var first = Math.Max(start, segmentStart + Reach);
        StorePlaces(block, stride, arrays, first, Math.Min(end, done.Start), cells, scratch);
        StorePlaces(block, stride, arrays, Math.Max(first, done.End), end, cells, scratch);
        if (Reach == 0)
            return;
        // Places at the ends of the segment, which get some of their sources only.
        for (var i = start; i < Math.Min(end, segmentStart + Reach); i++)
            AddEnds(block, stride, arrays, i, segmentStart + Reach, int.MaxValue, cells);
        for (var i = Math.Max(start, segmentEnd - Reach); i < end; i++)
            AddEnds(block, stride, arrays, i, int.MinValue, segmentEnd, cells);
    }

    /// <summary>Places that get all their sources.</summary>
    private unsafe void StorePlaces(double* block, int stride, ReadOnlySpan<int> arrays, int first, int end, double* cells, double* scratch)
    {
        if (first >= end)
            return;
        var target = cells + Base + ((long)Step * first);
        if (Sources.Length < Step)
            BlockStores.Accumulate(Sum(block, stride, arrays, 0, first, end - first, scratch), target, Step, end - first);
        else if (Step == 1)
            StoreContiguous(block, stride, arrays, first, end - first, target, scratch);
        else
            StoreInterleaved(block, stride, arrays, first, end - first, target, scratch);
    }

    private unsafe void AddEnds(double* block, int stride, ReadOnlySpan<int> arrays, int i, int below, int from, double* cells)
    {
        for (var residue = 0; residue < Sources.Length; residue++)
        {
            foreach (var (entry, shift) in Sources[residue])
            {
                var place = i + shift;
                if (place < below || place >= from)
                    cells[Base + ((long)Step * place) + residue] += block[((long)arrays[entry] * stride) + i];
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private unsafe void StoreContiguous(double* block, int stride, ReadOnlySpan<int> arrays, int first, int count, double* target, double* scratch)
    {
        if (!Assigns)
            BlockStores.Accumulate(Sum(block, stride, arrays, 0, first, count, scratch), target, 1, count);
        else if (Sources[0] is [var one, var other])
            BlockStores.Add(Source(block, stride, arrays, one, first), Source(block, stride, arrays, other, first), target, count);
        else
            BlockStores.Copy(Sum(block, stride, arrays, 0, first, count, scratch), target, count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private unsafe void StoreInterleaved(double* block, int stride, ReadOnlySpan<int> arrays, int first, int count, double* target, double* scratch)
    {
        // Each residue has a scratch array of its own.
        var sums = stackalloc double*[Step];
        for (var residue = 0; residue < Step; residue++)
        {
            sums[residue] = Sources[residue].Length == 0 ? null : Sum(block, stride, arrays, residue, first, count, scratch);
            scratch += stride;
        }
        if (!Assigns)
        {
            for (var residue = 0; residue < Step; residue++)
            {
                if (sums[residue] != null)
                    BlockStores.Accumulate(sums[residue], target + residue, Step, count);
            }
            return;
        }
        switch (Step)
        {
            case 2:
                BlockStores.Interleave(sums[0], sums[1], target, count);
                break;
            case 3:
                BlockStores.Interleave(sums[0], sums[1], sums[2], target, count);
                break;
            case 4:
                BlockStores.Interleave(sums[0], sums[1], sums[2], sums[3], target, count);
                break;
            default:
                for (var residue = 0; residue < Step; residue++)
                    BlockStores.Store(sums[residue], target + residue, Step, count);
                break;
        }
    }

    /// <summary>The sum of a residue's sources for the places from <paramref name="first"/> on: in scratch, or where the only
    /// source stands.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private unsafe double* Sum(double* block, int stride, ReadOnlySpan<int> arrays, int residue, int first, int count, double* scratch)
    {
        var sources = Sources[residue];
        var sum = Source(block, stride, arrays, sources[0], first);
        for (var k = 1; k < sources.Length; k++)
        {
            BlockStores.Add(sum, Source(block, stride, arrays, sources[k], first), scratch, count);
            sum = scratch;
        }
        return sum;
    }

    private static unsafe double* Source(double* block, int stride, ReadOnlySpan<int> arrays, ScatterSource source, int first) =>
        block + ((long)arrays[source.Entry] * stride) + (first - source.Shift);
}
