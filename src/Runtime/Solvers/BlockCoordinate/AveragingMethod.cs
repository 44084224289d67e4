using Optc.Runtime.Solution;

namespace Optc.Runtime.Solvers.BlockCoordinate;

/// <summary>
/// What the accelerated cyclic dual averagings share: they go through consecutive blocks from the last to the first, begin again at the
/// best point where the objective rises (O'Donoghue, Candès, Found. Comput. Math. 15, 2015), and double L when it does so soon after.
/// </summary>
internal abstract class AveragingMethod
{
    /// <summary>Epochs between two looks at the answer.</summary>
    private const int LookEvery = 5;

    /// <summary>Momentum can raise the objective, but not in so few epochs after a beginning: then L is too small.</summary>
    private const int Early = 3;

    private readonly FullStep _fullStep;

    protected AveragingMethod(SmoothFunction function, BlockPenalty penalty, int blockSize)
    {
        State = new BlockState(function, penalty, 0);
        Blocks = Partition.Consecutive(penalty, blockSize);
        _fullStep = new FullStep(State);
        int n = function.VariableCount;
        (Origin, V, Z, Slopes, Step) = (new double[n], new double[n], new double[n], new double[n], new double[n]);
        for (int j = 0; j < n; j++) Lipschitz = Math.Max(Lipschitz, State.Bound(j));
    }

    /// <summary>f, penalty and point.</summary>
    protected BlockState State { get; }

    protected Partition Blocks { get; }

    /// <summary>L.</summary>
    protected double Lipschitz { get; private set; }

    /// <summary>x₀ (n), where the method began.</summary>
    protected double[] Origin { get; }

    /// <summary>v (n), the minimiser of the averaged model.</summary>
    protected double[] V { get; }

    /// <summary>z (n), the weighted sum of the derivatives.</summary>
    protected double[] Z { get; }

    /// <summary>Workspace (n).</summary>
    protected double[] Slopes { get; }

    /// <summary>Workspace (n).</summary>
    protected double[] Step { get; }

    /// <summary>Times all blocks are gone through in an epoch.</summary>
    protected virtual int Cycles => 1;

    /// <summary>Begins at the function's point.</summary>
    public abstract void Start();

    /// <summary>One epoch, after which the function's point is the method's answer.</summary>
    /// <param name="isOver">Says whether a limit is reached.</param>
    public abstract void Epoch(Func<bool> isOver);

    /// <summary>Told that a look found the function's point to be lower: where the next epoch ends above it, the method begins again there.</summary>
    protected virtual void Adopt()
    {
    }

    public BlockResult Run(BlockWatch watch)
    {
        SmoothFunction f = State.Function;
        double[] best = f.Point.ToArray();
        double least = watch.Objective, before = least;
        long steps = 0;
        int sinceStart = 0;
        Start();
        for (int epoch = 1; ; epoch++)
        {
            Epoch(() => watch.IsOver(epoch));
            steps += (long)Cycles * Blocks.Count;
            sinceStart++;
            double objective = f.Value() + State.Penalty.Value(f.Point);
            bool isLower = IsAtMost(objective, before);
            before = objective;
            Keep(objective);
            if (epoch % LookEvery == 0 || watch.IsOver(epoch))
            {
                _fullStep.Take(Lipschitz);
                if (watch.Measure(epoch, steps) is { } status) return watch.Result(status, null, steps, 0, Blocks.Count);
                if (Keep(watch.Objective))
                {
                    before = least;
                    Adopt();
                    continue;
                }
            }
            if (isLower) continue;
            if (sinceStart <= Early) Lipschitz *= 2;
            f.MoveTo(best);
            before = least;
            Start();
            sinceStart = 0;
        }

        bool Keep(double objective)
        {
            if (!IsAtMost(objective, least)) return false;
            least = Math.Min(least, objective);
            f.Point.CopyTo(best);
            return true;
        }
    }

    /// <summary>Up to what rounding does to an objective.</summary>
    private static bool IsAtMost(double objective, double other) => objective <= other + (4e-15 * (1 + Math.Abs(other)));

    /// <summary>v = argmin A g(v) + ½‖v − x₀ + s z‖² for a block.</summary>
    /// <param name="b">The block.</param>
    /// <param name="total">A.</param>
    /// <param name="scale">s.</param>
    protected void Average(int b, double total, double scale)
    {
        foreach (int a in Blocks.Atoms(b))
        {
            ReadOnlySpan<int> members = State.Penalty.Members(a);
            for (int k = 0; k < members.Length; k++) Slopes[k] = scale * Z[members[k]] / total;
            State.Penalty.ProximalStep(a, Origin, Slopes, 1 / total, Step.AsSpan(0, members.Length));
            for (int k = 0; k < members.Length; k++) V[members[k]] = Origin[members[k]] + Step[k];
        }
    }
}
