using Optc.Runtime.Solvers.BlockCoordinate;

namespace Optc.Runtime.Solvers.Asynchronous;

/// <summary>
/// Block coordinate updates x_i ← prox(x_i − γ_i ∇_i f(x_old)) by workers that read old points, with steps that no delay changes: the block-coordinate
/// version of DEGAS (Wu, Liu, Magnússon, Johansson, Delay-agnostic asynchronous coordinate update algorithm, 2023; docs/asynchronous.md).
/// </summary>
public sealed class AsynchronousSolver
{
    private readonly AsynchronousOptions _options;

    /// <summary>A solver with these options (the defaults for null), which are validated here.</summary>
    public AsynchronousSolver(AsynchronousOptions? options = null)
    {
        _options = options ?? new AsynchronousOptions();
        _options.Validate();
    }

    /// <summary>Solves; a limit or cancellation is a status. Throws <see cref="ArgumentException"/> where f has no known bound on its second derivatives.</summary>
    /// <param name="function">f, whose point moves.</param>
    /// <param name="penalty">g.</param>
    /// <param name="start">Where to begin (n); moved into the bounds.</param>
    /// <param name="request">Limits, progress.</param>
    /// <param name="threads">Blocks at work at a time.</param>
    /// <param name="observer">Called on the solving thread after every update.</param>
    /// <param name="cancellation">Stops the solve.</param>
    public AsynchronousResult Solve(
        SmoothFunction function, BlockPenalty penalty, ReadOnlySpan<double> start, SolveRequest request, int threads = 1, Action<AsynchronousRecord>? observer = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(function);
        ArgumentNullException.ThrowIfNull(penalty);
        ArgumentNullException.ThrowIfNull(request);
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        if (function.VariableCount != penalty.VariableCount || start.Length != penalty.VariableCount)
            throw new ArgumentException($"The penalty has {penalty.VariableCount} coordinates, the function {function.VariableCount}, the start {start.Length}.");
        double[] point = start.ToArray();
        for (int j = 0; j < point.Length; j++) point[j] = penalty.Clamp(j, point[j]);
        var run = new AsynchronousRun(function, penalty, _options, point, request, observer, cancellation);
        InjectedDelays.RequireBlocks(_options.Delays, run.BlockCount);
        return run.Solve(threads);
    }
}
