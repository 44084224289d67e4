namespace Optc.Runtime.Solvers.Asynchronous;

/// <summary>What happens to a block: its answer has come, or it has rested.</summary>
/// <param name="Block">The block.</param>
/// <param name="IsAnswer">Whether there is an answer.</param>
internal readonly record struct BlockEvent(int Block, bool IsAnswer);

/// <summary>Runs the blocks' solves and says when their answers have come: by threads and the wall clock, or in simulated time.</summary>
internal interface IBlockClock : IDisposable
{
    /// <summary>Time since the beginning, in seconds or simulated units.</summary>
    double Now { get; }

    /// <summary>How long the block's last solve has lasted with its delay; 0 before the first one.</summary>
    double Duration(int block);

    /// <summary>Begins a block's solve.</summary>
    void Start(int block);

    /// <summary>Lets a block do nothing for a while.</summary>
    void Rest(int block, double time);

    /// <summary>Waits until something has happened, and gives all that has.</summary>
    void Next(List<BlockEvent> events, CancellationToken cancellation);
}
