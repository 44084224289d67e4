using FsCheck;
using FsCheck.Fluent;
using Optc.Runtime.Problems;
using Optc.Runtime.Solution;
using Optc.Runtime.Solvers;
using Optc.Runtime.Solvers.BlockCoordinate;
using Optc.Runtime.Solvers.CoordinateDescent;
using Xunit;

namespace Optc.Runtime.Tests.Solvers.BlockCoordinate;

/// <summary>Blocks limited by the dependence of coordinates, and messages in forests, against graphs and dense systems treated the slow way.</summary>
public sealed class ForestTests
{
    private static readonly Config Seeded = Config.QuickThrowOnFailure.WithReplay(2022, 7).WithMaxTest(60);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Partitions_hold_every_coordinate_once_without_cycles(bool isIndependent) =>
        ForAllGraphs((n, density, seed) =>
        {
            NaiveBlocks naive = NaiveBlocks.Random(seed, n, density, "none");
            QuadraticFunction f = naive.Function();
            Partition partition = Partition.Forests(new BlockPenalty(naive.Penalty), f, isIndependent);
            var all = new List<int>();
            for (int b = 0; b < partition.Count; b++)
            {
                int[] block = partition.Coordinates(b).ToArray();
                Assert.NotEmpty(block);
                all.AddRange(block);
                Assert.Equal(isIndependent ? 0 : block.Length - Trees(f, block), Edges(f, block));
            }
            Assert.Equal(Enumerable.Range(0, n), all.Order());
        });

    [Fact]
    public void A_lattice_parts_into_red_and_black_and_into_two_forests_or_three()
    {
        QuadraticFunction f = Lattice(9, 11);
        var penalty = new BlockPenalty(new SeparablePenalty(99));
        Partition colours = Partition.Forests(penalty, f, isIndependent: true);
        Assert.Equal(2, colours.Count);
        Assert.Single(colours.Coordinates(0).ToArray().Select(Parity).Distinct());
        Assert.InRange(Partition.Forests(penalty, f, isIndependent: false).Count, 2, 3);

        static int Parity(int j) => ((j / 11) + (j % 11)) % 2;
    }

    [Fact]
    public void A_tree_is_one_block_and_one_step_finds_its_optimum()
    {
        // A random recursive tree: node i hangs on an earlier one.
        var random = new Random(5);
        const int N = 200;
        QuadraticFunction f = Graph(N, [.. Enumerable.Range(1, N - 1).Select(i => (random.Next(i), i, 1 + random.NextDouble()))], random);
        var solver = new BlockSolver(f, new BlockPenalty(new SeparablePenalty(N)), new BlockOptions { Shape = BlockShape.Forest, Finish = false, Tolerance = 1e-12 });
        BlockResult result = solver.Solve(new double[N], new SolveRequest());
        Assert.Equal((SolveStatus.Solved, 1, 1L), (result.Status, result.Blocks, result.Steps));
    }

    [Fact]
    public void Growing_forests_take_the_best_coordinate_that_closes_no_cycle() =>
        ForAllGraphs((n, density, seed) =>
        {
            NaiveBlocks naive = NaiveBlocks.Random(seed, n, density, "mixed");
            var state = new BlockState(naive.Function(), new BlockPenalty(naive.Penalty), 0);
            var scores = new GreedyScores(state, null, SelectionRule.GaussSouthwell);
            var forest = new VariableForest(state.Function, isIndependent: false, scores, new Random(1));
            var random = new Random(seed);
            for (int step = 0; step < 3; step++)
            {
                state.Function.MoveTo([.. Enumerable.Range(0, n).Select(j => state.Penalty.Clamp(j, random.NextDouble() - 0.5))]);
                int[] naively = Grow(state, scores);
                Assert.Equal(naively.Length > 0, forest.Next());
                Assert.Equal(naively.Order(), forest.Coordinates.ToArray().Order());
            }
        });

    [Fact]
    public void Messages_solve_the_dense_system_of_any_forest() =>
        ForAllGraphs((n, density, seed) =>
        {
            NaiveBlocks naive = NaiveBlocks.Random(seed, n, density, "none");
            var state = new BlockState(naive.Function(), new BlockPenalty(naive.Penalty), 0.25);
            var forest = new VariableForest(state.Function, isIndependent: false, null, new Random(seed));
            var system = new ForestSystem(n);
            var random = new Random(seed);
            Assert.True(forest.Next());
            int[] block = forest.Coordinates.ToArray();
            double[] r = [.. block.Select(_ => random.NextDouble() - 0.5)], d = [.. r];
            system.Read(state, block);
            Assert.True(system.Factor(0.5));
            system.Solve(d);
            double[] h = new double[block.Length * block.Length];
            state.Function.Hessian(block, h);
            for (int k = 0; k < block.Length; k++)
            {
                double sum = 0.75 * d[k];
                for (int l = 0; l < block.Length; l++) sum += h[(k * block.Length) + l] * d[l];
                Assert.Equal(r[k], sum, 1e-10);
            }
        });

    [Fact]
    public void A_matrix_that_is_not_positive_definite_is_told_and_raised()
    {
        // ½x₀² + ½x₁² + 2x₀x₁ has the eigenvalues −1 and 3.
        var f = new QuadraticFunction(new SparsePattern(2, 2, [0, 2, 4], [0, 1, 0, 1]), [1.0, 2, 2, 1], [1, 0]);
        var penalty = new SeparablePenalty(2);
        (penalty.Lower[0], penalty.Lower[1], penalty.Upper[0], penalty.Upper[1]) = (-1, -1, 1, 1);
        var system = new ForestSystem(2);
        Assert.Equal(1, system.Read(new BlockState(f, new BlockPenalty(penalty), 0), [0, 1]));
        Assert.False(system.Factor(0));
        Assert.False(system.Factor(0.9));
        Assert.True(system.Factor(1.1));
        BlockResult result = new BlockSolver(f, new BlockPenalty(penalty), new BlockOptions { Shape = BlockShape.Forest }).Solve([0.1, 0.2], new SolveRequest());
        Assert.Equal(SolveStatus.Solved, result.Status);
        Assert.Equal([1, -1], result.Point);
    }

    [Theory]
    [InlineData("quadratic")]
    [InlineData("dense logistic")]
    [InlineData("sparse logistic")]
    [InlineData("compiled")]
    [InlineData("compiled stages")]
    [InlineData("rows of a logistic")]
    public void Mixed_derivatives_are_entries_of_the_Hessian(string kind)
    {
        SmoothFunction f = SmoothFunctionTests.Make(kind);
        int n = f.VariableCount;
        f.MoveTo([.. Enumerable.Range(0, n).Select(j => 0.3 + (0.05 * j))]);
        (int, int)[] pairs = [.. Enumerable.Range(0, n).SelectMany(i => f.Dependents(i).ToArray().Select(j => (i, j)))];
        Assert.NotEmpty(pairs);
        double[] hessian = new double[n * n], all = new double[pairs.Length], one = new double[1];
        f.Hessian([.. Enumerable.Range(0, n)], hessian);
        f.Mixed([.. pairs.Select(p => p.Item1)], [.. pairs.Select(p => p.Item2)], all);
        for (int k = 0; k < pairs.Length; k++)
        {
            (int i, int j) = pairs[k];
            f.Mixed([i], [j], one);
            Assert.Equal(hessian[(i * n) + j], all[k], 1e-12);
            Assert.Equal(hessian[(i * n) + j], one[0], 1e-12);
        }
    }

    [Theory]
    [InlineData("rule=cyclic block=forest")]
    [InlineData("rule=cyclic block=independent")]
    [InlineData("rule=gs block=forest variable=yes")]
    [InlineData("rule=random block=forest variable=yes")]
    [InlineData("rule=gsq block=5 variable=yes update=matrix")]
    public void Steps_allocate_nothing(string options)
    {
        QuadraticFunction f = Lattice(12, 12);
        BlockOptions set = options.Split(' ').Aggregate(new BlockOptions { Finish = false, Tolerance = 1e-14, MaxEpochs = 1 }, (o, pair) => BlockOptions.Table.With(o, pair.Split('=')[0], pair.Split('=')[1]));
        var penalty = new SeparablePenalty(144);
        for (int j = 0; j < 144; j += 5) (penalty.L1[j], penalty.Upper[j]) = (0.01, 0.02);
        // A thousand steps allocate as much as ten do. The least of several rounds: the runtime may allocate beside one.
        long few = Allocated(10), many = Allocated(1000);
        Assert.InRange(many - few, long.MinValue, 0);

        long Allocated(int steps)
        {
            long least = long.MaxValue;
            for (int round = 0; round < 5; round++)
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                new BlockSolver(f, new BlockPenalty(penalty), set with { EpochSteps = steps }).Solve(new double[144], new SolveRequest());
                least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            }
            return least;
        }
    }

    [Theory]
    [InlineData("compiled quadratic", 1e-8, true)]
    [InlineData("compiled quadratic", 1e-13, false)]
    [InlineData("compiled", 1e-8, false)]
    [InlineData("few in a row", 1e-8, true)]
    [InlineData("sparse logistic", 1e-8, false)]
    [InlineData("sparse squares", 1e-8, true)]
    [InlineData("dense squares", 1e-8, false)]
    public void Sparse_quadratics_are_moved_by_their_matrix(string kind, double tolerance, bool isMatrix)
    {
        SmoothFunction given = SmoothFunctionTests.Make(kind), fresh = SmoothFunctionTests.Make(kind), simple = MatrixForm.OrSame(given, tolerance);
        Assert.Equal(isMatrix, simple is QuadraticFunction);
        if (!isMatrix)
        {
            Assert.Same(given, simple);
            return;
        }
        int n = fresh.VariableCount;
        double[] x = [.. Enumerable.Range(0, n).Select(j => Math.Sin(j))], expected = new double[n], gradient = new double[n];
        fresh.MoveTo(x);
        simple.MoveTo(x);
        fresh.Gradient(expected);
        simple.Gradient(gradient);
        Assert.Equal(fresh.Value(), simple.Value(), 1e-11);
        for (int j = 0; j < n; j++)
        {
            Assert.Equal(expected[j], gradient[j], 1e-12);
            Assert.Equal(fresh.Curvature(j), simple.Curvature(j), 1e-12);
            Assert.Equal(fresh.Dependents(j).ToArray().Order(), simple.Dependents(j).ToArray().Order());
        }
    }

    private static void ForAllGraphs(Action<int, double, int> check) =>
        Check.One(Seeded, Prop.ForAll(Gen.Choose(1, 40).SelectMany(n => Gen.Choose(0, 10).SelectMany(d => Gen.Choose(0, 100_000).Select(seed => (n, d, seed)))).ToArbitrary(), g => check(g.n, g.d / 12.0, g.seed)));

    /// <summary>By falling score, each if edges = nodes − trees still holds with it.</summary>
    private static int[] Grow(BlockState state, GreedyScores scores)
    {
        var block = new List<int>();
        foreach (int j in Enumerable.Range(0, state.Penalty.AtomCount).Where(j => scores.Score(j) > 0).OrderByDescending(scores.Score))
        {
            int[] with = [.. block, j];
            if (Edges(state.Function, with) == with.Length - Trees(state.Function, with)) block.Add(j);
        }
        return [.. block];
    }

    private static int Edges(SmoothFunction f, int[] block) => block.Sum(j => f.Dependents(j).ToArray().Count(k => block.Contains(k))) / 2;

    private static int Trees(SmoothFunction f, int[] block)
    {
        var left = new HashSet<int>(block);
        int trees = 0;
        while (left.Count > 0)
        {
            trees++;
            var waiting = new Stack<int>([left.First()]);
            left.Remove(waiting.Peek());
            while (waiting.TryPop(out int j))
            {
                foreach (int k in f.Dependents(j).ToArray().Where(left.Remove)) waiting.Push(k);
            }
        }
        return trees;
    }

    private static QuadraticFunction Lattice(int rows, int columns)
    {
        var edges = new List<(int, int, double)>();
        for (int j = 0; j < rows * columns; j++)
        {
            if ((j + 1) % columns != 0) edges.Add((j, j + 1, 1));
            if (j + columns < rows * columns) edges.Add((j, j + columns, 1));
        }
        return Graph(rows * columns, edges, new Random(2));
    }

    /// <summary>½ Σ w (x_i − x_j)² + 0.05 Σ x_i² − bᵀx, b random.</summary>
    private static QuadraticFunction Graph(int n, IReadOnlyList<(int I, int J, double W)> edges, Random random)
    {
        var rows = Enumerable.Range(0, n).Select(i => new SortedDictionary<int, double> { [i] = 0.1 }).ToArray();
        foreach ((int i, int j, double w) in edges)
        {
            rows[i][i] += w;
            rows[j][j] += w;
            rows[i][j] = rows[j][i] = -w;
        }
        int[] starts = [0, .. rows.Select((_, i) => rows.Take(i + 1).Sum(r => r.Count))];
        return new QuadraticFunction(new SparsePattern(n, n, starts, [.. rows.SelectMany(r => r.Keys)]), [.. rows.SelectMany(r => r.Values)], [.. rows.Select(_ => random.NextDouble() - 0.5)]);
    }
}
