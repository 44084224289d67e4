using System.Diagnostics;
using Optc.Runtime.Solution;

namespace Optc.Runtime.Solvers.BlockCoordinate;

/// <summary>
/// Block coordinate descent on f(x) + Σ g: a rule chooses the block, an update moves it, an acceleration looks at whole epochs, and
/// Newton's method finishes on the coordinates away from kinks once these stay the same (Nutini, Laradji, Schmidt, Let's make block
/// coordinate descent converge faster, JMLR 23, 2022). Not safe for several threads.
/// </summary>
public sealed class BlockSolver
{
    private readonly SmoothFunction _function;
    private readonly BlockPenalty _penalty;
    private readonly BlockOptions _options;

    /// <summary>Throws <see cref="ArgumentException"/> for options that exclude each other or do not fit.</summary>
    public BlockSolver(SmoothFunction function, BlockPenalty penalty, BlockOptions options)
    {
        ArgumentNullException.ThrowIfNull(function);
        ArgumentNullException.ThrowIfNull(penalty);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        if (function.VariableCount != penalty.VariableCount) throw new ArgumentException($"The penalty has {penalty.VariableCount} coordinates, the function {function.VariableCount}.");
        if (options.Shape != BlockShape.Size && penalty.AtomCount != penalty.VariableCount)
            throw new ArgumentException($"block={(options.Shape == BlockShape.Forest ? "forest" : "independent")} takes single coordinates, and the penalty has groups: name a number of coordinates, block=1 for single groups.");
        if (options.Acceleration == AccelerationKind.VarianceReduction && function is not LossFunction)
            throw new ArgumentException("acceleration=variance_reduction draws single observations, and this objective is no loss of linear forms: name acceleration=dual_averaging.");
        (_function, _penalty, _options) = (options.IsAveraging ? function : MatrixForm.OrSame(function, options.Tolerance), penalty, options);
    }

    /// <summary>Solves from a point (n), which is moved into the bounds.</summary>
    public BlockResult Solve(ReadOnlySpan<double> start, SolveRequest request, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        double[] point = start.ToArray();
        for (int j = 0; j < point.Length; j++) point[j] = _penalty.Clamp(j, point[j]);
        _function.MoveTo(point);
        var watch = new BlockWatch(_function, _penalty, _options, request, cancellation);
        if (!double.IsFinite(watch.Objective)) return watch.Result(SolveStatus.EvaluationError, "The objective is not defined at the start.", 0, 0, 1);
        if (watch.IsSolved) return watch.Result(SolveStatus.Solved, null, 0, 0, 1);
        if (_options.Acceleration == AccelerationKind.DualAveraging) return new DualAveraging(_function, _penalty, _options).Run(watch);
        if (_options.Acceleration == AccelerationKind.VarianceReduction) return new VarianceReducedAveraging((LossFunction)_function, _penalty, _options, request.Seed).Run(watch);
        return Descend(watch, request.Seed);
    }

    private BlockResult Descend(BlockWatch watch, int seed)
    {
        var state = new BlockState(_function, _penalty, _options.Proximal);
        Partition partition = _options.Shape == BlockShape.Size ? Partition.Consecutive(_penalty, _options.BlockSize) : Partition.Forests(_penalty, _function, _options.Shape == BlockShape.Independent);
        BlockChoice choice = Choice(partition, state, new Random(seed));
        BlockUpdate update = _options.Metric switch
        {
            UpdateKind.Gradient => new GradientUpdate(state),
            UpdateKind.Diagonal => new DiagonalUpdate(state),
            _ => new MatrixUpdate(state, _options.Shape == BlockShape.Forest),
        };
        var extrapolation = _options.Acceleration == AccelerationKind.Anderson ? new EpochExtrapolation(state) : null;
        var finish = _options.Finish ? new ActiveSetFinish(state) : null;
        int stepsAnEpoch = _options.EpochSteps > 0 ? _options.EpochSteps : partition.Count;
        long steps = 0;
        for (int epoch = 1; ; epoch++)
        {
            choice.Refresh();
            state.Magnitude = watch.Objective;
            for (int k = 0; k < stepsAnEpoch; k++, steps++)
            {
                if ((steps & 1023) == 0 && watch.IsOver(epoch)) break;
                if (!choice.Next()) break;
                update.Step(choice.Atoms, choice.Coordinates);
                choice.Moved();
            }
            extrapolation?.AfterEpoch();
            finish?.AfterEpoch();
            if (watch.Measure(epoch, steps) is { } status) return watch.Result(status, null, steps, finish?.Taken ?? 0, partition.Count);
        }
    }

    private BlockChoice Choice(Partition partition, BlockState state, Random random)
    {
        GreedyScores? scores = _options.IsGreedy ? new GreedyScores(state, _options.Variable ? null : partition, _options.Rule) : null;
        if (!_options.Variable) return new FixedBlock(partition, Rule(partition, state, scores, random), scores);
        if (_options.Shape == BlockShape.Size) return new VariableBlock(_penalty, scores!, _options.BlockSize);
        return new VariableForest(_function, _options.Shape == BlockShape.Independent, scores, random);
    }

    private BlockRule Rule(Partition partition, BlockState state, GreedyScores? scores, Random random)
    {
        switch (_options.Rule)
        {
            case SelectionRule.Cyclic:
                return new CyclicRule(partition.Count);
            case SelectionRule.Shuffled:
                return new ShuffledRule(partition.Count, random);
            case SelectionRule.Random:
                return new RandomRule(partition.Count, random);
            case SelectionRule.Lipschitz:
                double[] bounds = new double[partition.Count];
                for (int b = 0; b < bounds.Length; b++)
                {
                    foreach (int j in partition.Coordinates(b)) bounds[b] = Math.Max(bounds[b], state.Bound(j));
                }
                return new LipschitzRule(bounds, random);
            default:
                return new GreedyRule(scores!.Heap);
        }
    }
}
