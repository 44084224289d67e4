namespace Optc.Runtime.Templates;

/// <summary>
/// Which cells of an array have been added to by the plans built so far, in the order in which they will run: the first to
/// reach a cell may store instead of adding, and then nobody has to clear it.
/// </summary>
internal sealed class CellClaims(long cellCount)
{
    private readonly ulong[] _touched = new ulong[(cellCount + 63) >> 6];
    private readonly List<(long First, long End)> _assigned = [];

    /// <summary>Marks a cell.</summary>
    public void Touch(long cell) => _touched[cell >> 6] |= 1UL << (int)cell;

    /// <summary>Whether no cell of a range has been marked.</summary>
    public bool IsUntouched(long first, long end)
    {
        for (var cell = first; cell < end; cell++)
        {
            if ((cell & 63) == 0 && cell + 64 <= end)
            {
                if (_touched[cell >> 6] != 0)
                    return false;
                cell += 63;
            }
            else if ((_touched[cell >> 6] >> (int)cell & 1) != 0)
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>Says that the cells of a range will be stored to first; marks them.</summary>
    public void Assign(long first, long end)
    {
        _assigned.Add((first, end));
        for (var cell = first; cell < end; cell++)
            Touch(cell);
    }

    /// <summary>The ranges that nobody stores to first: they have to be filled before the plans run.</summary>
    public (int First, int End)[] Unassigned()
    {
        _assigned.Sort();
        var ranges = new List<(int, int)>();
        var next = 0L;
        foreach (var (first, end) in _assigned)
        {
            if (first > next)
                ranges.Add(((int)next, (int)first));
            next = end;
        }
        if (next < cellCount)
            ranges.Add(((int)next, (int)cellCount));
        return [.. ranges];
    }
}
