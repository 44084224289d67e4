namespace Optc.Runtime.Solvers.Bilevel.FirstOrder;

/// <summary>A bilevel program as first-order methods take it: min F(x, y) over x in X, y in argmin { f(x, y) : y in Y, (x, y) in the coupled rows }.</summary>
public sealed class FirstOrderProblem
{
    /// <summary>F and f, followers together.</summary>
    public required IBilevelOracle Oracle { get; init; }

    /// <summary>X.</summary>
    public required ConvexSet Leader { get; init; }

    /// <summary>Y.</summary>
    public required ConvexSet Follower { get; init; }

    /// <summary>The followers' constraints over (x, y), x first; none unless they couple the levels.</summary>
    public LinearRows Coupled { get; init; } = LinearRows.None;

    /// <summary>All constraints of both levels over (x, y), x first; null where they are X × Y.</summary>
    public ConvexSet? Joint { get; init; }

    /// <summary>
    /// Each follower with its part of the leader's objective, over x and its own y, such that F is the mean of theirs (up to a constant factor);
    /// empty unless there are such parts.
    /// </summary>
    public IReadOnlyList<IBilevelOracle> Blocks { get; init; } = [];

    /// <summary>Start of x.</summary>
    public required double[] LeaderStart { get; init; }

    /// <summary>Start of y, followers one after the other.</summary>
    public required double[] FollowerStart { get; init; }

    /// <summary>The same program from another start.</summary>
    public FirstOrderProblem From(double[] leader, double[] follower) => new()
    {
        Oracle = Oracle,
        Leader = Leader,
        Follower = Follower,
        Coupled = Coupled,
        Joint = Joint,
        Blocks = Blocks,
        LeaderStart = leader,
        FollowerStart = follower,
    };
}

/// <summary>Called before each step of x; the spans hold until the call returns.</summary>
/// <param name="iteration">Steps of x so far.</param>
/// <param name="samples">Gradients of samples evaluated so far, of either level.</param>
/// <param name="x">The leader's variables.</param>
/// <param name="y">The followers' variables.</param>
public delegate void FirstOrderTrace(int iteration, long samples, ReadOnlySpan<double> x, ReadOnlySpan<double> y);

/// <summary>What a first-order method ended with.</summary>
/// <param name="Leader">x.</param>
/// <param name="Follower">y.</param>
/// <param name="Stationarity">‖x − Π(x − α d)‖/α for the method's own estimate d of the hypergradient, its last one; NaN where the method broke down and where the estimate is one of samples.</param>
/// <param name="Iterations">Steps of x.</param>
/// <param name="Samples">Gradients of samples evaluated.</param>
/// <param name="Failure">Why the method broke down; null when it did not.</param>
public sealed record FirstOrderResult(double[] Leader, double[] Follower, double Stationarity, int Iterations, long Samples, string? Failure = null);

/// <summary>A first-order method. Instances hold options only.</summary>
public abstract class FirstOrderMethod
{
    /// <summary>Whether the caller's limit ends a loop inside of an iteration; asked at every sixteenth step.</summary>
    private protected static bool IsOver(Func<bool>? isOver, int step) => (step & 15) == 15 && isOver?.Invoke() == true;

    /// <summary>The name used on the command line.</summary>
    public abstract string Name { get; }

    /// <summary>Runs the method; it ends early when <paramref name="isOver"/> says so.</summary>
    /// <exception cref="ArgumentException">The method does not take the problem; the message says why.</exception>
    public abstract FirstOrderResult Run(FirstOrderProblem problem, FirstOrderTrace? trace = null, Func<bool>? isOver = null);

    /// <summary>Throws unless a condition of the method holds.</summary>
    protected void Require(bool holds, string what)
    {
        if (!holds) throw new ArgumentException($"{Name} takes problems with {what} only.");
    }
}
