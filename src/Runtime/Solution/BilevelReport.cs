namespace Optc.Runtime.Solution;

/// <summary>What is known of the followers' problems at an answer: they were solved again at the leader's decision.</summary>
public sealed record BilevelReport
{
    /// <summary>Number of followers.</summary>
    public required int Followers { get; init; }

    /// <summary>Class of their problems: <c>linear</c>, <c>convex quadratic</c>, <c>convex</c>, <c>nonconvex</c>; <c>strongly </c> before it where that is known.</summary>
    public required string LowerClass { get; init; }

    /// <summary>Largest gap of a follower, f(x, y) − v(x), relative to max(1, |v|); NaN where the followers have no answer.</summary>
    public required double Gap { get; init; }

    /// <summary>Largest violation of a follower's constraint or bound, relative to max(1, |side|).</summary>
    public required double LowerFeasibility { get; init; }

    /// <summary>Largest violation of the leader's constraints and bounds, relative to max(1, |side|).</summary>
    public required double UpperFeasibility { get; init; }

    /// <summary>Whether v(x) is proved (convex followers), or the best of <see cref="LowerStarts"/> local solutions.</summary>
    public required bool IsLowerGlobal { get; init; }

    /// <summary>Starts from which the followers were solved at the answer.</summary>
    public required int LowerStarts { get; init; }

    /// <summary>The leader's objective when the followers choose, among their optima, the one that is worst for it, in the user's sense; NaN where it was not found.</summary>
    public double Pessimistic { get; init; } = double.NaN;

    /// <summary>Whether the followers have optima of different worth to the leader.</summary>
    public bool HasSeveralOptima { get; init; }

    /// <summary>The method that found the answer: <c>kkt</c>, <c>value</c>, <c>response</c> (the followers' answer to a decision met on the way).</summary>
    public required string Method { get; init; }

    /// <summary>Stationarity of the leader's problem with the followers' conditions: <c>S</c>, <c>M</c>, <c>C</c>, <c>W</c>; null when it is not known.</summary>
    public string? Stationarity { get; init; }

    /// <summary>Starts of the leader's problem.</summary>
    public int Starts { get; init; }

    /// <summary>Solves of the followers' problems.</summary>
    public int LowerSolves { get; init; }

    /// <summary>Decisions of the leader, among those met, at which the followers have no feasible point.</summary>
    public int LowerInfeasible { get; init; }

    /// <summary>Decisions of the leader, among those met, at which the followers' objective falls without limit.</summary>
    public int LowerUnbounded { get; init; }

    /// <summary>The report with the leader's objective in the user's sense: −1 where it is maximised.</summary>
    public BilevelReport InSense(double sense) => this with { Pessimistic = sense * Pessimistic };
}
