namespace Optc.Runtime.Solvers.BlockCoordinate;

/// <summary>A block of the atoms with the largest scores.</summary>
internal sealed class VariableBlock(BlockPenalty penalty, GreedyScores scores, int size) : BlockChoice
{
    private readonly int[] _atoms = new int[Math.Max(1, Math.Min(size, penalty.AtomCount))];
    private readonly int[] _coordinates = new int[penalty.VariableCount];
    private int _atomCount, _count;

    public override ReadOnlySpan<int> Atoms => _atoms.AsSpan(0, _atomCount);

    public override ReadOnlySpan<int> Coordinates => _coordinates.AsSpan(0, _count);

    /// <summary>Takes atoms from the top until the block is full or the others would not change.</summary>
    public override bool Next()
    {
        (_atomCount, _count) = (0, 0);
        while (_atomCount < _atoms.Length && _count < size && scores.Heap[scores.Heap.Top] > 0)
        {
            int atom = scores.Heap.Top;
            _atoms[_atomCount++] = atom;
            foreach (int j in penalty.Members(atom)) _coordinates[_count++] = j;
            scores.Remove(atom);
        }
        return _atomCount > 0;
    }

    public override void Refresh() => scores.Refresh();

    public override void Moved() => scores.Changed(Coordinates);
}
