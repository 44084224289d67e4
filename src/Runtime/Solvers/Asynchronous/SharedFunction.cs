using Optc.Runtime.Solvers.BlockCoordinate;

namespace Optc.Runtime.Solvers.Asynchronous;

/// <summary>
/// A smooth function f whose partial derivatives several threads ask for, each at a point that it has read: besides the point x there is a
/// state, a linear map of x plus a constant, that a coordinator keeps and that a block's change adds to.
/// </summary>
internal abstract class SharedFunction
{
    /// <summary>Entries of the state.</summary>
    public abstract int StateCount { get; }

    /// <summary>The state at x (n).</summary>
    public abstract void State(ReadOnlySpan<double> x, Span<double> state);

    /// <summary>∂f/∂xⱼ for the coordinates of a block, by place. For many threads at once, each with a scratch of its own.</summary>
    /// <param name="coordinates">The block.</param>
    /// <param name="x">The point that was read (n).</param>
    /// <param name="state">The state that was read.</param>
    /// <param name="scratch">As long as the state.</param>
    /// <param name="slopes">By place in the block.</param>
    public abstract void Slopes(ReadOnlySpan<int> coordinates, ReadOnlySpan<double> x, ReadOnlySpan<double> state, Span<double> scratch, Span<double> slopes);

    /// <summary>f at x, from the state and the gradient there.</summary>
    public abstract double Value(ReadOnlySpan<double> x, ReadOnlySpan<double> state, ReadOnlySpan<double> gradient);

    /// <summary>What the change d of a block adds to the state.</summary>
    public abstract void Change(ReadOnlySpan<int> coordinates, ReadOnlySpan<double> direction, Span<double> change);

    /// <summary>A metric of the blocks, how they meet in it, and how f curves within them.</summary>
    public abstract BlockMetric Metric(Partition partition, BlockPenalty penalty);

    /// <summary>f for threads; throws <see cref="ArgumentException"/> where its second derivatives have no bound.</summary>
    public static SharedFunction Of(SmoothFunction function) => function switch
    {
        LossFunction loss when double.IsFinite(loss.Problem.Loss.Smoothness) => new SharedLoss(loss.Problem),
        LossFunction loss => throw new ArgumentException(
            $"Steps that are independent of delays need a bound on second derivatives, which the {loss.Problem.Loss.Name} loss has not: leave out the options of asynchronous updates."),
        QuadraticFunction quadratic => SharedQuadratic.Of(quadratic),
        CompiledFunction { IsQuadratic: true } compiled => SharedQuadratic.Of(compiled.ToQuadratic()),
        _ => throw new ArgumentException(
            "Steps that are independent of delays need a bound on second derivatives, which is known of losses of linear forms and of quadratic functions: leave out the options of asynchronous updates."),
    };
}
