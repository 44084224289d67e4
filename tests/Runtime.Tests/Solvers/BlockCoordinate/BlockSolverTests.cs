using System.Collections.Concurrent;
using Optc.Runtime.Solution;
using Optc.Runtime.Solvers;
using Optc.Runtime.Solvers.BlockCoordinate;
using Optc.Runtime.Solvers.CoordinateDescent;
using Xunit;

namespace Optc.Runtime.Tests.Solvers.BlockCoordinate;

/// <summary>Rules, blocks, updates and accelerations in all their combinations against the naive twin.</summary>
public sealed class BlockSolverTests
{
    private static readonly string[] AllRules = ["cyclic", "shuffled", "random", "lipschitz", "gs", "gsl", "gsq"];

    private static readonly ConcurrentDictionary<string, (NaiveBlocks, double)> Known = new();

    public static TheoryData<string> Combinations()
    {
        var all = new TheoryData<string>();
        foreach (string rule in AllRules)
        {
            foreach (string update in new[] { "gradient", "diagonal", "matrix" })
            {
                foreach (string block in new[] { "1", "4", "40" }) all.Add($"rule={rule} update={update} block={block}");
                if (rule.StartsWith("gs", StringComparison.Ordinal)) all.Add($"rule={rule} update={update} block=5 variable=yes");
            }
            all.Add($"rule={rule} block=forest");
            all.Add($"rule={rule} block=independent");
            if (rule is "gs" or "gsl" or "gsq" or "random")
            {
                all.Add($"rule={rule} block=forest variable=yes");
                all.Add($"rule={rule} block=independent variable=yes update=gradient");
            }
        }
        all.Add("rule=cyclic acceleration=anderson");
        all.Add("rule=shuffled acceleration=anderson block=3 update=matrix");
        all.Add("acceleration=dual_averaging");
        all.Add("acceleration=dual_averaging block=7");
        all.Add("rule=cyclic proximal=0.5");
        return all;
    }

    [Theory]
    [MemberData(nameof(Combinations))]
    public void Every_combination_finds_the_optimum_of_the_naive_twin(string options)
    {
        foreach (string kind in new[] { "none", "l1", "box", "mixed", "group" })
        {
            if (kind == "group" && (options.Contains("forest", StringComparison.Ordinal) || options.Contains("independent", StringComparison.Ordinal))) continue;
            foreach (string finish in new[] { "yes", "no" })
            {
                var (naive, optimum) = Known.GetOrAdd(kind, Optimum);
                BlockResult result = Solve(naive, Options(options + " finish=" + finish));
                Assert.True(result.Status == SolveStatus.Solved, $"{kind}, finish={finish}: {result.Status} after {result.Epochs} epochs, violation {result.Violation:g3}");
                Assert.InRange(naive.Residual(result.Point), 0, 3e-8);
                Assert.Equal(optimum, result.Objective, 1e-10);
                Assert.Equal(naive.Objective(result.Point), result.Objective, 1e-10);
            }
        }
    }

    [Fact]
    public void Newton_finishes_in_far_fewer_epochs()
    {
        NaiveBlocks naive = NaiveBlocks.Random(3, 60, 0.08, "l1");
        BlockResult with = Solve(naive, Options("rule=gs tolerance=1e-12")), without = Solve(naive, Options("rule=gs finish=no tolerance=1e-12"));
        Assert.True(with.NewtonSteps > 0);
        Assert.True(2 * with.Epochs < without.Epochs, $"{with.Epochs} epochs against {without.Epochs}");
    }

    [Fact]
    public void A_seed_decides_the_whole_run()
    {
        NaiveBlocks naive = NaiveBlocks.Random(5, 40, 0.1, "mixed");
        foreach (string rule in new[] { "shuffled", "random", "lipschitz" })
        {
            BlockResult one = Solve(naive, Options($"rule={rule} finish=no"), 11), two = Solve(naive, Options($"rule={rule} finish=no"), 11), other = Solve(naive, Options($"rule={rule} finish=no"), 12);
            Assert.Equal(one.Point, two.Point);
            Assert.Equal(one.Steps, two.Steps);
            Assert.NotEqual(one.Point, other.Point);
        }
    }

    [Fact]
    public void Limits_are_statuses()
    {
        NaiveBlocks naive = NaiveBlocks.Random(5, 40, 0.1, "mixed");
        Assert.Equal(SolveStatus.IterationLimit, Solve(naive, Options("max_epochs=1 rule=cyclic")).Status);
        var solver = new BlockSolver(naive.Function(), new BlockPenalty(naive.Penalty), new BlockOptions { Finish = false });
        Assert.Equal(SolveStatus.TimeLimit, solver.Solve(new double[40], new SolveRequest { TimeLimit = 0 }).Status);
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Equal(SolveStatus.Interrupted, solver.Solve(new double[40], new SolveRequest(), cancelled.Token).Status);
    }

    [Fact]
    public void An_objective_that_falls_for_ever_is_unbounded()
    {
        var penalty = new SeparablePenalty(2);
        penalty.Linear[1] = 1;
        var function = new QuadraticFunction(new Optc.Runtime.Problems.SparsePattern(2, 2, [0, 1, 1], [0]), [1.0], [1, 0]);
        var solver = new BlockSolver(function, new BlockPenalty(penalty), new BlockOptions());
        Assert.Equal(SolveStatus.Unbounded, solver.Solve(new double[2], new SolveRequest()).Status);
    }

    [Theory]
    [InlineData("variable=yes", "rule=gs")]
    [InlineData("variable=yes rule=random", "rule=gs, gsl or gsq.")]
    [InlineData("variable=yes rule=cyclic block=forest", "rule=random")]
    [InlineData("variable=yes block=independent", "rule=random")]
    [InlineData("block=forest update=diagonal", "leave update out")]
    [InlineData("update=gradient block=forest", "leave update out")]
    [InlineData("acceleration=dual_averaging block=independent", "leave out block=forest, block=independent")]
    [InlineData("acceleration=anderson rule=gsl", "rule=cyclic")]
    [InlineData("acceleration=dual_averaging rule=random", "leave rule out")]
    [InlineData("acceleration=dual_averaging update=matrix", "steps of its own")]
    public void Options_that_exclude_each_other_are_refused(string options, string why)
    {
        BlockOptions wrong = Options(options);
        Assert.Contains(why, Assert.Throws<ArgumentException>(wrong.Validate).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rule=best")]
    [InlineData("block=0")]
    [InlineData("block=tree")]
    [InlineData("update=newton")]
    [InlineData("acceleration=nesterov")]
    [InlineData("proximal=-1")]
    [InlineData("speed=1")]
    public void Bad_values_are_refused(string options) => Assert.Throws<ArgumentException>(() => Options(options));

    [Fact]
    public void Overlapping_groups_and_groups_with_bounds_are_refused()
    {
        var penalty = new SeparablePenalty(3);
        Assert.Contains("two groups", Assert.Throws<ArgumentException>(() => new BlockPenalty(penalty, [new([0, 1], 1), new([1, 2], 1)])).Message, StringComparison.Ordinal);
        penalty.Lower[2] = 0;
        Assert.Contains("bounds", Assert.Throws<ArgumentException>(() => new BlockPenalty(penalty, [new([1, 2], 1)])).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("block=forest", "block=forest takes single coordinates")]
    [InlineData("block=independent variable=yes rule=gs", "block=independent takes single coordinates")]
    public void Forests_of_groups_are_refused(string options, string why)
    {
        NaiveBlocks naive = NaiveBlocks.Random(7, 24, 0.15, "group");
        Assert.Contains(why, Assert.Throws<ArgumentException>(() => Solve(naive, Options(options))).Message, StringComparison.Ordinal);
    }

    private static (NaiveBlocks, double) Optimum(string kind)
    {
        NaiveBlocks naive = NaiveBlocks.Random(7, 24, 0.15, kind);
        return (naive, naive.Objective(naive.Solve()));
    }

    private static BlockResult Solve(NaiveBlocks naive, BlockOptions options, int seed = 1) =>
        new BlockSolver(naive.Function(), new BlockPenalty(naive.Penalty, naive.Groups), options).Solve(new double[naive.Count], new SolveRequest { Seed = seed });

    private static BlockOptions Options(string text) =>
        text.Split(' ').Aggregate(new BlockOptions(), (options, pair) => BlockOptions.Table.With(options, pair.Split('=')[0], pair.Split('=')[1]));
}
