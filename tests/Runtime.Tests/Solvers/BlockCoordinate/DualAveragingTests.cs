using Optc.Runtime.Solution;
using Optc.Runtime.Solvers;
using Optc.Runtime.Solvers.BlockCoordinate;
using Optc.Runtime.Solvers.CoordinateDescent;
using Xunit;

namespace Optc.Runtime.Tests.Solvers.BlockCoordinate;

/// <summary>Accelerated cyclic dual averaging, plain and with variance reduction, against its formulas written out on dense arrays.</summary>
public sealed class DualAveragingTests
{
    private const int N = 30, P = 12;

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(12)]
    public void Iterates_are_those_of_the_formulas(int block)
    {
        CompositeProblem problem = Problem(new LogisticLoss());
        var naive = new NaiveAveraging(problem, block);
        double[] expected = naive.Cyclic(4);
        Assert.Equal(expected, Run(problem, $"acceleration=dual_averaging block={block} max_epochs=4"), (a, b) => Math.Abs(a - b) < 1e-12);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(12)]
    public void Iterates_with_variance_reduction_are_those_of_the_formulas(int block)
    {
        CompositeProblem problem = Problem(new LogisticLoss());
        var naive = new NaiveAveraging(problem, block);
        double[] expected = naive.VarianceReduced(3, 9, 4);
        BlockOptions options = Options($"acceleration=variance_reduction block={block} max_epochs=3") with { EpochSteps = 9 };
        double[] actual = new AveragingProbe(problem, options, 4).Epochs(3);
        Assert.Equal(expected, actual, (a, b) => Math.Abs(a - b) < 1e-12);
    }

    [Fact]
    public void The_number_of_blocks_changes_the_iterates()
    {
        CompositeProblem problem = Problem(new LeastSquaresLoss());
        double[][] points = [.. new[] { 1, 4, 12 }.Select(block => Run(problem, $"acceleration=dual_averaging block={block} max_epochs=4"))];
        Assert.True(points[0].Zip(points[1], (a, b) => Math.Abs(a - b)).Max() > 1e-6);
        Assert.True(points[1].Zip(points[2], (a, b) => Math.Abs(a - b)).Max() > 1e-6);
    }

    [Theory]
    [InlineData("squares", "l1", 1)]
    [InlineData("squares", "mixed", 5)]
    [InlineData("logistic", "l1", 12)]
    [InlineData("logistic", "mixed", 4)]
    [InlineData("logistic", "group", 4)]
    [InlineData("sparse", "mixed", 3)]
    public void Variance_reduction_finds_the_optimum(string loss, string penalty, int block)
    {
        CompositeProblem problem = Problem(loss == "squares" ? new LeastSquaresLoss() : new LogisticLoss(), penalty, loss == "sparse");
        PenaltyGroup[] groups = penalty == "group" ? [new([0, 5, 7], 0.05), new([1, 2], 0.02)] : [];
        BlockResult expected = Solve(problem, groups, "rule=cyclic tolerance=1e-11"), result = Solve(problem, groups, $"acceleration=variance_reduction block={block}");
        Assert.Equal(SolveStatus.Solved, result.Status);
        Assert.Equal(0, result.NewtonSteps);
        Assert.Equal(expected.Objective, result.Objective, 1e-10);
        Assert.Equal(expected.Point, result.Point, (a, b) => Math.Abs(a - b) < 1e-5);
    }

    [Fact]
    public void A_seed_decides_the_observations()
    {
        CompositeProblem problem = Problem(new LogisticLoss());
        BlockOptions options = Options("acceleration=variance_reduction block=4");
        double[] one = new AveragingProbe(problem, options, 3).Epochs(2), two = new AveragingProbe(problem, options, 3).Epochs(2), other = new AveragingProbe(problem, options, 8).Epochs(2);
        Assert.Equal(one, two);
        Assert.NotEqual(one, other);
    }

    [Fact]
    public void Functions_that_are_no_losses_are_refused()
    {
        NaiveBlocks naive = NaiveBlocks.Random(3, 12, 0.3, "l1");
        var error = Assert.Throws<ArgumentException>(() => new BlockSolver(naive.Function(), new BlockPenalty(naive.Penalty), Options("acceleration=variance_reduction")));
        Assert.Contains("acceleration=dual_averaging", error.Message, StringComparison.Ordinal);
    }

    private static BlockResult Solve(CompositeProblem problem, PenaltyGroup[] groups, string options) =>
        new BlockSolver(new LossFunction(problem), new BlockPenalty(problem.Penalty, groups), Options(options)).Solve(new double[P], new SolveRequest());

    private static double[] Run(CompositeProblem problem, string options) => new AveragingProbe(problem, Options(options), 1).Epochs(Options(options).MaxEpochs);

    private static BlockOptions Options(string text) =>
        text.Split(' ').Aggregate(new BlockOptions(), (options, pair) => BlockOptions.Table.With(options, pair.Split('=')[0], pair.Split('=')[1]));

    private static CompositeProblem Problem(Loss loss, string penalty = "l1", bool isSparse = false)
    {
        var random = new Random(6);
        double[][] columns = [.. Enumerable.Range(0, P).Select(_ => Enumerable.Range(0, N).Select(_ => random.NextDouble() < (isSparse ? 0.3 : 1) ? (2 * random.NextDouble()) - 1 : 0).ToArray())];
        DesignMatrix matrix = new DenseColumns(N, columns);
        if (isSparse)
        {
            int[][] rows = [.. columns.Select(c => Enumerable.Range(0, N).Where(i => c[i] != 0).ToArray())];
            int[] starts = [0, .. rows.Select((_, j) => rows.Take(j + 1).Sum(r => r.Length))];
            matrix = new SparseColumns(N, starts, [.. rows.SelectMany(r => r)], [.. columns.SelectMany(c => c.Where(v => v != 0))]);
        }
        var result = new SeparablePenalty(P);
        for (int j = 0; j < P; j++)
        {
            (result.L1[j], result.L2[j]) = (penalty == "group" ? 0 : 0.01 + (0.02 * random.NextDouble()), 0.01);
            if (penalty != "mixed") continue;
            (result.L2[j], result.Linear[j]) = (0.1 * random.NextDouble(), 0.02 * random.NextDouble());
            if (j % 3 == 0) (result.Lower[j], result.Upper[j]) = (-0.2, 0.1);
        }
        return new CompositeProblem
        {
            Matrix = matrix,
            Loss = loss,
            Labels = [.. Enumerable.Range(0, N).Select(_ => random.NextDouble() < 0.4 ? 1.0 : 0)],
            Weights = [.. Enumerable.Range(0, N).Select(_ => (0.5 + random.NextDouble()) / N)],
            Offset = [.. Enumerable.Range(0, N).Select(_ => random.NextDouble() - 0.5)],
            Penalty = result,
        };
    }

    /// <summary>Epochs without looks, doublings and fresh starts.</summary>
    private sealed class AveragingProbe(CompositeProblem problem, BlockOptions options, int seed)
    {
        public double[] Epochs(int count)
        {
            var function = new LossFunction(problem);
            var penalty = new BlockPenalty(problem.Penalty);
            AveragingMethod method = options.Acceleration == AccelerationKind.VarianceReduction ? new VarianceReducedAveraging(function, penalty, options, seed) : new DualAveraging(function, penalty, options);
            method.Start();
            for (int epoch = 0; epoch < count; epoch++) method.Epoch(() => false);
            return function.Point.ToArray();
        }
    }
}
