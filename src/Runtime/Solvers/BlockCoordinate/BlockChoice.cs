namespace Optc.Runtime.Solvers.BlockCoordinate;

/// <summary>Which block is moved next, and what it is made of.</summary>
internal abstract class BlockChoice
{
    /// <summary>The atoms of the block chosen last.</summary>
    public abstract ReadOnlySpan<int> Atoms { get; }

    /// <summary>Its coordinates, atom by atom.</summary>
    public abstract ReadOnlySpan<int> Coordinates { get; }

    /// <summary>Chooses; false when no block would change.</summary>
    public abstract bool Next();

    /// <summary>Before every epoch.</summary>
    public virtual void Refresh()
    {
    }

    /// <summary>After a step of the block chosen last.</summary>
    public virtual void Moved()
    {
    }
}

/// <summary>The blocks of a partition by a rule; scores only for greedy ones.</summary>
internal sealed class FixedBlock(Partition partition, BlockRule rule, GreedyScores? scores) : BlockChoice
{
    private int _block;

    public override ReadOnlySpan<int> Atoms => partition.Atoms(_block);

    public override ReadOnlySpan<int> Coordinates => partition.Coordinates(_block);

    public override bool Next() => (_block = rule.Next()) >= 0;

    public override void Refresh() => scores?.Refresh();

    public override void Moved() => scores?.Changed(Coordinates);
}
