using Optc.Runtime.Solution;
using Optc.Runtime.Solvers.Asynchronous;

namespace Optc.Runtime.Solvers.Consensus;

/// <summary>The solver <c>admm</c> of problems that are split into blocks (docs/consensus.md).</summary>
public sealed class ConsensusSolver
{
    private readonly ConsensusOptions _options;

    /// <summary>A solver with these options (the defaults for null), which are validated here.</summary>
    public ConsensusSolver(ConsensusOptions? options = null)
    {
        _options = options ?? new ConsensusOptions();
        _options.Validate();
    }

    /// <summary>Solves; a limit or cancellation is a status.</summary>
    /// <param name="problem">The split problem.</param>
    /// <param name="request">Start, limits, progress.</param>
    /// <param name="threads">Blocks that are solved at a time.</param>
    /// <param name="observer">Called on the solving thread after every update of the shared variables.</param>
    /// <param name="cancellation">Stops the solve.</param>
    public ConsensusResult Solve(
        ConsensusProblem problem, SolveRequest request, int threads = 1, Action<ConsensusRecord>? observer = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(request);
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        if (problem.Blocks.Count == 0) throw new ArgumentException("A split problem has at least one block.", nameof(problem));
        InjectedDelays.RequireBlocks(_options.Delays, problem.Blocks.Count);
        return new ConsensusRun(problem, _options, request, observer, cancellation).Solve(threads);
    }
}
