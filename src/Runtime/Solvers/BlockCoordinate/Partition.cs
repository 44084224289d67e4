namespace Optc.Runtime.Solvers.BlockCoordinate;

/// <summary>Fixed blocks of atoms.</summary>
internal sealed class Partition
{
    private readonly int[] _atomStarts, _atoms, _coordinateStarts, _coordinates, _blockOf;

    private Partition(BlockPenalty penalty, int[] blockOf, int count)
    {
        _blockOf = blockOf;
        (_atomStarts, _coordinateStarts) = (new int[count + 1], new int[count + 1]);
        (_atoms, _coordinates) = (new int[penalty.AtomCount], new int[penalty.VariableCount]);
        for (int a = 0; a < blockOf.Length; a++)
        {
            _atomStarts[blockOf[a] + 1]++;
            _coordinateStarts[blockOf[a] + 1] += penalty.Members(a).Length;
        }
        for (int b = 0; b < count; b++)
        {
            _atomStarts[b + 1] += _atomStarts[b];
            _coordinateStarts[b + 1] += _coordinateStarts[b];
        }
        int[] nextAtom = _atomStarts[..count], nextCoordinate = _coordinateStarts[..count];
        for (int a = 0; a < blockOf.Length; a++)
        {
            int b = blockOf[a];
            _atoms[nextAtom[b]++] = a;
            foreach (int j in penalty.Members(a)) _coordinates[nextCoordinate[b]++] = j;
        }
    }

    public int Count => _atomStarts.Length - 1;

    public int BlockOf(int atom) => _blockOf[atom];

    public ReadOnlySpan<int> Atoms(int b) => _atoms.AsSpan(_atomStarts[b], _atomStarts[b + 1] - _atomStarts[b]);

    public ReadOnlySpan<int> Coordinates(int b) => _coordinates.AsSpan(_coordinateStarts[b], _coordinateStarts[b + 1] - _coordinateStarts[b]);

    /// <summary>Atoms in their order, each block with at most <paramref name="size"/> coordinates or one atom.</summary>
    public static Partition Consecutive(BlockPenalty penalty, int size)
    {
        int[] blockOf = new int[penalty.AtomCount];
        int count = 0, filled = 0;
        for (int a = 0; a < blockOf.Length; a++)
        {
            int length = penalty.Members(a).Length;
            if (a > 0 && filled + length > size) (count, filled) = (count + 1, 0);
            blockOf[a] = count;
            filled += length;
        }
        return new Partition(penalty, blockOf, blockOf.Length == 0 ? 0 : count + 1);
    }

    /// <summary>
    /// Blocks within which the dependence of coordinates is a forest, or empty: every coordinate goes to the first block of which it stays
    /// one (Nutini, Laradji, Schmidt, JMLR 23, 2022). Coordinates come breadth first, so that two blocks do for independence where two can.
    /// Groups are not taken.
    /// </summary>
    public static Partition Forests(BlockPenalty penalty, SmoothFunction function, bool isIndependent)
    {
        int n = penalty.VariableCount, count = 0, reached = 0;
        int[] blockOf = new int[n], order = new int[n];
        bool[] isReached = new bool[n];
        var forests = new InducedForest(function, isIndependent);
        for (int first = 0; first < n; first++)
        {
            Reach(first);
            while (count < reached)
            {
                foreach (int k in function.Dependents(order[count++])) Reach(k);
            }
        }
        int blocks = 0;
        foreach (int j in order) blocks = Math.Max(blocks, (blockOf[j] = forests.FirstFit(j)) + 1);
        return new Partition(penalty, blockOf, blocks);

        void Reach(int j)
        {
            if (isReached[j]) return;
            isReached[j] = true;
            order[reached++] = j;
        }
    }
}
