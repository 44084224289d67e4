using Optc.Runtime.Problems;

namespace Optc.Runtime.Templates;

/// <summary>
/// Compresses a stream of (major, minor) pairs with repetitions to a <see cref="SparsePattern"/> and tells where each
/// pair went. The stream is walked twice: <see cref="Count"/> for every pair, <see cref="BeginPlacing"/>, then
/// <see cref="Place"/> for every pair. A bucket sort by major index and a mark for each minor index: time linear in the
/// pairs (plus k log k for k different entries of one major index that did not come in order), one int a pair.
/// </summary>
internal sealed class PatternBuilder(int majorCount, int minorCount)
{
    private readonly int[] _next = new int[majorCount];
    private int[] _placed = [];

    /// <summary>Announces a pair.</summary>
    public void Count(int major)
    {
        checked
        {
            _next[major]++;
        }
    }

    /// <summary>Ends the first walk.</summary>
    public void BeginPlacing()
    {
        var total = 0L;
        for (var k = 0; k < _next.Length; k++)
        {
            var count = _next[k];
            _next[k] = (int)total;
            total += count;
            if (total > Array.MaxLength)
                throw new ArgumentException($"The model has more than {Array.MaxLength} derivative entries; a matrix this size cannot be indexed. Split the model or its index sets.");
        }
        _placed = GC.AllocateUninitializedArray<int>((int)total);
    }

    /// <summary>Places an announced pair; returns a ticket for <see cref="Position"/>.</summary>
    public int Place(int major, int minor)
    {
        var ticket = _next[major]++;
        _placed[ticket] = minor;
        return ticket;
    }

    /// <summary>Sorts and removes repetitions.</summary>
    public SparsePattern Compress()
    {
        var starts = new int[majorCount + 1];
        var position = new int[minorCount];
        Array.Fill(position, -1);
        var indices = new int[Math.Max(4, _placed.Length / 4)];
        int count = 0, begin = 0;
        for (var k = 0; k < majorCount; k++)
        {
            // After placing, _next[k] is the end of bucket k. Positions only grow, so one below `first` is of an earlier k.
            var bucket = _placed.AsSpan(begin.._next[k]);
            begin = _next[k];
            if (indices.Length - count < bucket.Length)
                Array.Resize(ref indices, (int)Math.Min(_placed.Length, Math.Max(2L * indices.Length, (long)count + bucket.Length)));
            var first = count;
            var sorted = true;
            foreach (var minor in bucket)
            {
                if (position[minor] >= first)
                    continue;
                sorted &= count == first || indices[count - 1] < minor;
                indices[count] = minor;
                position[minor] = count++;
            }
            if (!sorted)
            {
                Array.Sort(indices, first, count - first);
                for (var p = first; p < count; p++)
                    position[indices[p]] = p;
            }
            foreach (ref var minor in bucket)
                minor = position[minor];
            starts[k + 1] = count;
        }
        Array.Resize(ref indices, count);
        return new SparsePattern(majorCount, minorCount, starts, indices);
    }

    /// <summary>After <see cref="Compress"/>, the entry of the pattern a placed pair became.</summary>
    public int Position(int ticket) => _placed[ticket];
}
