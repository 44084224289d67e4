using Optc.Runtime.Solution;
using Optc.Runtime.Solvers;
using Optc.Runtime.Solvers.Asynchronous;
using Optc.Runtime.Solvers.BlockCoordinate;
using Optc.Runtime.Solvers.CoordinateDescent;
using Optc.Runtime.Tests.Solvers.BlockCoordinate;
using Xunit;

namespace Optc.Runtime.Tests.Solvers.Asynchronous;

/// <summary>Updates by workers under delays, against the naive twins of problem and iteration.</summary>
public sealed class AsynchronousTests
{
    private static readonly AsynchronousOptions Simulated = new() { Asynchronous = true, SimulatedClock = true, Blocks = 6, Tolerance = 1e-9 };

    private static readonly Dictionary<string, Func<int, int, double>> Laws = new()
    {
        ["none"] = (_, _) => 1.0,
        ["one late"] = (b, _) => b == 2 ? 30.0 : 1.0,
        ["all different"] = (b, _) => 1.0 + b,
        ["heavy tail"] = (b, s) => Math.Pow(1.0 - new Random((b * 1009) + s).NextDouble(), -0.8),
        ["growing"] = (b, s) => b == 0 ? 1.0 + (0.2 * s) : 1.0,
        ["root"] = (_, s) => Math.Sqrt(1.0 + s),
    };

    public static TheoryData<string, string> LawsAndKinds()
    {
        var all = new TheoryData<string, string>();
        foreach (string law in Laws.Keys)
        {
            foreach (string kind in new[] { "none", "l1", "box", "mixed", "group" }) all.Add(law, kind);
        }
        return all;
    }

    [Theory]
    [MemberData(nameof(LawsAndKinds))]
    public void The_same_parameters_converge_under_every_law(string law, string kind)
    {
        NaiveBlocks naive = NaiveBlocks.Random(7, 24, 0.2, kind);
        double optimum = naive.Objective(naive.Solve());
        foreach (double? anchor in new double?[] { null, 0.0 })
        {
            AsynchronousResult answer = Solve(naive, Simulated with { DelayLaw = Laws[law], Anchor = anchor });
            Assert.True(answer.Result.Status == SolveStatus.Solved, $"anchor {anchor}: {answer.Result.Status}, violation {answer.Result.Violation:g3}");
            Assert.InRange(naive.Residual(answer.Result.Point), 0.0, 1e-8);
            Assert.Equal(optimum, naive.Objective(answer.Result.Point), 1e-10);
            Assert.Equal(answer.Updates, answer.Blocks.Sum(b => b.Solves));
        }
    }

    [Fact]
    public void Waiting_for_all_gives_the_same_answer_in_more_time()
    {
        NaiveBlocks naive = NaiveBlocks.Random(3, 24, 0.2, "mixed");
        AsynchronousOptions late = Simulated with { DelayLaw = Laws["one late"] };
        AsynchronousResult going = Solve(naive, late), waiting = Solve(naive, late with { Asynchronous = false });
        Assert.InRange(naive.Residual(waiting.Result.Point), 0.0, 1e-8);
        Assert.True(waiting.Blocks.Max(b => b.LargestDelay) < waiting.Blocks.Count);
        Assert.True(going.Blocks.Max(b => b.LargestDelay) > 10 * waiting.Blocks.Count);
        Assert.True(going.Time < waiting.Time, $"{going.Time} against {waiting.Time}");
    }

    [Fact]
    public void A_rest_that_is_long_once_costs_little_more_than_itself()
    {
        NaiveBlocks naive = NaiveBlocks.Random(3, 24, 0.2, "l1");
        double without = Solve(naive, Simulated with { DelayLaw = Laws["none"] }).Time;
        double with = Solve(naive, Simulated with { DelayLaw = (b, s) => b == 1 && s == 5 ? 500.0 : 1.0 }).Time;
        Assert.InRange(with, 400.0, (1.5 * without) + 520.0);
    }

    /// <summary>The iteration written out: a list of what is under way, dense gradients at copies of the point, looks left out, for a penalty without atoms of two.</summary>
    [Fact]
    public void Updates_are_those_of_the_naive_iteration()
    {
        const int N = 12, Blocks = 4;
        NaiveBlocks naive = NaiveBlocks.Random(11, N, 0.4, "l1");
        const double Step = 0.3;
        Func<int, int, double> law = Laws["all different"];
        BlockMetric metric = SharedFunction.Of(naive.Function()).Metric(Parted(naive, Blocks), new BlockPenalty(naive.Penalty, naive.Groups));
        var points = new List<(double[] Point, int Block, double Time, int Delay)>();
        Solve(naive, Simulated with { Blocks = Blocks, DelayLaw = law, Anchor = 0.0, Step = Step, MaxEpochs = 30 }, r => points.Add((r.Point.ToArray(), r.Block, r.Time, r.Delay)));
        double[] x = new double[N];
        var read = new (double[] Point, double Until, int At)[Blocks];
        var answers = new int[Blocks];
        for (int b = 0; b < Blocks; b++) read[b] = (new double[N], law(b, 0), 0);
        int update = 0;
        while (update < points.Count)
        {
            double now = read.Min(r => r.Until);
            int[] due = [.. Enumerable.Range(0, Blocks).Where(b => read[b].Until == now)];
            foreach (int b in due)
            {
                double[] gradient = naive.Gradient(read[b].Point);
                for (int j = 3 * b; j < 3 * (b + 1); j++)
                {
                    double h = metric.Diagonal[j] / Step, v = read[b].Point[j] - (gradient[j] / h);
                    x[j] = Math.Sign(v) * Math.Max(0.0, Math.Abs(v) - (naive.Penalty.L1[j] / h));
                }
                Assert.Equal((b, now, update - read[b].At), (points[update].Block, points[update].Time, points[update].Delay));
                for (int j = 0; j < N; j++) Assert.Equal(x[j], points[update].Point[j], 1e-12);
                answers[b]++;
                if (++update == points.Count) return;
            }
            foreach (int b in due) read[b] = ([.. x], now + law(b, answers[b]), update);
        }
    }

    [Fact]
    public void A_simulated_clock_repeats_itself_to_the_bit()
    {
        NaiveBlocks naive = NaiveBlocks.Random(5, 24, 0.2, "group");
        AsynchronousResult first = Solve(naive, Simulated with { DelayLaw = Laws["heavy tail"] }), second = Solve(naive, Simulated with { DelayLaw = Laws["heavy tail"] });
        Assert.Equal(first.Result.Point, second.Result.Point);
        Assert.Equal((first.Updates, first.Time, first.Anchors), (second.Updates, second.Time, second.Anchors));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Threads_find_the_optimum_with_a_block_that_sleeps(bool isAsynchronous)
    {
        NaiveBlocks naive = NaiveBlocks.Random(9, 24, 0.2, "mixed");
        var options = new AsynchronousOptions { Asynchronous = isAsynchronous, Blocks = 6, Tolerance = 1e-9, Delays = new Dictionary<int, double> { [1] = 3.0 } };
        AsynchronousResult answer = new AsynchronousSolver(options).Solve(
            naive.Function(), new BlockPenalty(naive.Penalty, naive.Groups), new double[24], new SolveRequest { TimeLimit = 60.0 }, 2);
        Assert.Equal(SolveStatus.Solved, answer.Result.Status);
        Assert.InRange(naive.Residual(answer.Result.Point), 0.0, 1e-8);
    }

    [Fact]
    public void Logistic_regression_agrees_with_coordinate_descent()
    {
        var (n, p, random) = (60, 15, new Random(2));
        double[][] columns = [.. Enumerable.Range(0, p).Select(_ => Enumerable.Range(0, n).Select(_ => (2.0 * random.NextDouble()) - 1.0).ToArray())];
        double[] labels = [.. Enumerable.Range(0, n).Select(i => columns[0][i] + columns[7][i] + random.NextDouble() > 0.5 ? 1.0 : 0.0)], ones = new double[n];
        Array.Fill(ones, 1.0);
        CompositeProblem problem = new()
        {
            Matrix = new DenseColumns(n, columns),
            Loss = new LogisticLoss(),
            Labels = labels,
            Weights = ones,
            Offset = [.. labels.Select(y => 0.1 * y)],
            Penalty = SeparablePenalty.Uniform(p, 0.8, 0.1),
        };
        double[] reference = new CompositeSolver(problem, new CompositeOptions { Tolerance = 1e-11, GapTolerance = 1e-13 }).Solve(new SolveRequest()).Point;
        foreach (string law in Laws.Keys)
        {
            AsynchronousResult answer = new AsynchronousSolver(Simulated with { DelayLaw = Laws[law] }).Solve(
                new LossFunction(problem), new BlockPenalty(problem.Penalty), new double[p], new SolveRequest());
            Assert.Equal(SolveStatus.Solved, answer.Result.Status);
            for (int j = 0; j < p; j++) Assert.Equal(reference[j], answer.Result.Point[j], 1e-6);
        }
    }

    [Fact]
    public void Blocks_that_are_convex_beyond_their_coupling_need_no_proximal_term()
    {
        // A graph's Laplacian with strong weights at its vertices: single coordinates dominate their rows.
        NaiveBlocks naive = NaiveBlocks.Random(4, 20, 0.2, "l1");
        for (int j = 0; j < 20; j++) naive.Penalty.L2[j] = 4.0;
        AsynchronousResult answer = Solve(naive, Simulated with { Blocks = 20, DelayLaw = Laws["growing"] });
        Assert.Equal(SolveStatus.Solved, answer.Result.Status);
        Assert.Equal(0, answer.Anchors);
        Assert.InRange(naive.Residual(answer.Result.Point), 0.0, 1e-8);
    }

    [Fact]
    public void What_has_no_bounded_second_derivatives_is_refused()
    {
        CompositeProblem poisson = new()
        {
            Matrix = new DenseColumns(2, [[1.0, 2.0]]),
            Loss = new PoissonLoss(),
            Labels = [1.0, 0.0],
            Weights = [1.0, 1.0],
            Penalty = SeparablePenalty.Uniform(1, 0.1),
        };
        ArgumentException refusal = Assert.Throws<ArgumentException>(
            () => new AsynchronousSolver().Solve(new LossFunction(poisson), new BlockPenalty(poisson.Penalty), new double[1], new SolveRequest()));
        Assert.Contains("Poisson", refusal.Message, StringComparison.OrdinalIgnoreCase);
        var compiled = new CompiledFunction(CompiledModels.Smooth(false));
        Assert.Throws<ArgumentException>(
            () => new AsynchronousSolver().Solve(compiled, new BlockPenalty(new SeparablePenalty(compiled.VariableCount)), new double[compiled.VariableCount], new SolveRequest()));
    }

    [Fact]
    public void A_delay_of_a_block_that_is_not_there_is_refused()
    {
        NaiveBlocks naive = NaiveBlocks.Random(4, 20, 0.2, "l1");
        ArgumentException refusal = Assert.Throws<ArgumentException>(() => Solve(naive, Simulated with { Delays = new Dictionary<int, double> { [6] = 2.0 } }));
        Assert.Contains("block 7", refusal.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new AsynchronousSolver(new AsynchronousOptions { Blocks = 0 }));
        Assert.Throws<ArgumentException>(() => new AsynchronousSolver(new AsynchronousOptions { Step = 0.0 }));
    }

    [Fact]
    public void A_limit_ends_a_solve_with_the_last_point_measured()
    {
        NaiveBlocks naive = NaiveBlocks.Random(4, 20, 0.2, "l1");
        AsynchronousResult answer = Solve(naive, Simulated with { MaxEpochs = 3, Tolerance = 1e-13 });
        Assert.Equal(SolveStatus.IterationLimit, answer.Result.Status);
        Assert.Equal(naive.Objective(answer.Result.Point), answer.Result.Objective, 1e-12);
        using var cancelled = new CancellationTokenSource();
        int updates = 0;
        answer = new AsynchronousSolver(Simulated).Solve(
            naive.Function(), new BlockPenalty(naive.Penalty), new double[20], new SolveRequest(), 1, _ => { if (++updates == 10) cancelled.Cancel(); }, cancelled.Token);
        Assert.Equal(SolveStatus.Interrupted, answer.Result.Status);
    }

    [Fact]
    public async Task A_time_limit_does_not_wait_for_the_block_that_is_late()
    {
        NaiveBlocks naive = NaiveBlocks.Random(9, 24, 0.2, "mixed");
        var options = new AsynchronousOptions { Blocks = 6, Delays = new Dictionary<int, double> { [0] = 1e12 } };
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20.0));
        // On a thread of its own, as in a program: waiting on one of the pool's would keep the workers from beginning until the limit has passed.
        AsynchronousResult answer = await Task.Factory.StartNew(
            () => new AsynchronousSolver(options).Solve(
                naive.Function(), new BlockPenalty(naive.Penalty, naive.Groups), new double[24], new SolveRequest { TimeLimit = 0.5 }, 2, null, patience.Token),
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Assert.Equal(SolveStatus.TimeLimit, answer.Result.Status);
        Assert.Equal(naive.Objective(answer.Result.Point), answer.Result.Objective, 1e-12);
    }

    [Theory]
    [InlineData(0.0, false)]
    [InlineData(1.0, true)]
    public void A_limit_on_the_way_to_minus_infinity_says_so(double slope, bool isUnbounded)
    {
        // The sum of squares of all but the last coordinate, which has a linear term alone, or of differences: the slowest of convergent ones.
        const int N = 12;
        double[][] columns = [.. Enumerable.Range(0, N).Select(j => Enumerable.Range(0, N).Select(i => isUnbounded ? (i == j && j < N - 1 ? 1.0 : 0.0) : (i == j ? 1.0 : i == j + 1 ? -1.0 : 0.0)).ToArray())];
        var penalty = new SeparablePenalty(N);
        penalty.Linear[N - 1] = slope;
        CompositeProblem problem = new()
        {
            Matrix = new DenseColumns(N, columns),
            Loss = new LeastSquaresLoss(),
            Labels = [.. Enumerable.Range(0, N).Select(i => 1.0 + i)],
            Weights = [.. Enumerable.Repeat(1.0, N)],
            Penalty = penalty,
        };
        AsynchronousResult answer = new AsynchronousSolver(Simulated with { MaxEpochs = 300, Tolerance = 1e-13 }).Solve(new LossFunction(problem), new BlockPenalty(penalty), new double[N], new SolveRequest());
        Assert.Equal(SolveStatus.IterationLimit, answer.Result.Status);
        Assert.Equal(isUnbounded, answer.Result.Message.Contains("may be unbounded", StringComparison.Ordinal));
    }

    internal static Partition Parted(NaiveBlocks naive, int blocks) =>
        Partition.Consecutive(new BlockPenalty(naive.Penalty, naive.Groups), (naive.Count + blocks - 1) / blocks);

    private static AsynchronousResult Solve(NaiveBlocks naive, AsynchronousOptions options, Action<AsynchronousRecord>? observer = null) =>
        new AsynchronousSolver(options).Solve(naive.Function(), new BlockPenalty(naive.Penalty, naive.Groups), new double[naive.Count], new SolveRequest(), 1, observer);
}
