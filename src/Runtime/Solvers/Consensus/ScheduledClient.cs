using Optc.Runtime.Solution;

namespace Optc.Runtime.Solvers.Consensus;

/// <summary>
/// A block in rounds to which only some are called: it holds the shared variables as they last came over its link, z̃, and no dual variable of its own
/// making. Its step reads z̃ once,
/// <code>x⁺ = argmin f(x) + ρ/2 ‖x − z̃ + u‖²,   u⁺ = u + x⁺ − z̃ = −∇f(x⁺)/ρ,   message x⁺ + u⁺,</code>
/// so that noise of the link comes in once, and u says nothing but where the client is.
/// </summary>
internal sealed class ScheduledClient
{
    private readonly BlockState _state;
    private readonly double[] _received;
    private readonly double[] _dual;

    /// <summary>A client that knows the shared variables at the start, of which there are <c>start.Length</c>.</summary>
    public ScheduledClient(BlockState state, double[] start)
    {
        _state = state;
        _received = [.. start];
        _dual = new double[state.Place.Length];
        Message = new double[state.Place.Length];
    }

    /// <summary>What the server last got of it.</summary>
    public double[] Message { get; }

    /// <summary>Takes the shared variables over a link with noise of this deviation.</summary>
    public void Receive(double[] z, double deviation, NormalSource noise)
    {
        foreach (int place in _state.Place) _received[place] = z[place] + (deviation > 0.0 ? deviation * noise.Next() : 0.0);
    }

    /// <summary>The step with the shared variables as they last came. May run on any thread.</summary>
    public void Step(double timeLimit, CancellationToken cancellation)
    {
        ReadOnlySpan<int> place = _state.Place;
        for (int i = 0; i < _dual.Length; i++) _state.Governing[i] = _received[place[i]] + _dual[i];
        _state.ReadShared(_received, 0);
        _state.Solve(timeLimit, cancellation);
    }

    /// <summary>Takes the answer of the step in.</summary>
    public void Absorb()
    {
        _state.Absorb(1.0, 0);
        for (int i = 0; i < _dual.Length; i++) _dual[i] = _state.Governing[i] - _state.Read[i];
    }

    /// <summary>Sends x + u over a link with noise of this deviation.</summary>
    public void Send(double deviation, NormalSource noise)
    {
        for (int i = 0; i < _dual.Length; i++) Message[i] = _state.Tied[i] + _dual[i] + (deviation > 0.0 ? deviation * noise.Next() : 0.0);
    }

    /// <summary>Why the last step has no answer; <see cref="SolveStatus.Solved"/> when it has one.</summary>
    public SolveStatus Status => _state.Status;
}
