using Optc.Runtime.Solvers.BlockCoordinate;
using Optc.Runtime.Solvers.Consensus;

namespace Optc.Runtime.Solvers.Asynchronous;

/// <summary>One update of a block.</summary>
/// <param name="Update">Its number, from 1.</param>
/// <param name="Time">Seconds, or units of simulated time, since the beginning.</param>
/// <param name="Block">The block, from 0.</param>
/// <param name="Delay">Updates of other blocks between reading and arrival.</param>
/// <param name="Point">x (n) with the update in it, valid until the next one.</param>
public readonly record struct AsynchronousRecord(int Update, double Time, int Block, int Delay, ReadOnlyMemory<double> Point);

/// <summary>The answer of block coordinate updates by workers.</summary>
/// <param name="Result">Status, point, violation.</param>
/// <param name="Blocks">What each block cost, and its delays.</param>
/// <param name="Updates">Updates of blocks.</param>
/// <param name="Anchors">How often the anchor was moved.</param>
/// <param name="Time">Seconds, or units of simulated time.</param>
public sealed record AsynchronousResult(BlockResult Result, IReadOnlyList<BlockReport> Blocks, int Updates, int Anchors, double Time);
