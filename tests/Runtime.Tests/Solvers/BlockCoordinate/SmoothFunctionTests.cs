using Optc.Runtime.Solvers.BlockCoordinate;
using Optc.Runtime.Solvers.CoordinateDescent;
using Optc.Runtime.Tests.Templates;
using Xunit;

namespace Optc.Runtime.Tests.Solvers.BlockCoordinate;

/// <summary>Every smooth function against differences of its own values at fresh points, and steps against starting anew.</summary>
public sealed class SmoothFunctionTests
{
    public static TheoryData<string> Kinds() => new("quadratic", "dense logistic", "sparse logistic", "sparse squares", "compiled", "compiled stages", "rows of a quadratic", "rows of a logistic");

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Derivatives_agree_with_differences(string kind)
    {
        SmoothFunction f = Make(kind), fresh = Make(kind);
        int n = f.VariableCount;
        double[] x = Point(n, 3), gradient = new double[n];
        f.MoveTo(x);
        f.Gradient(gradient);
        const double H = 1e-5;
        int[] block = [0, Math.Min(2, n - 1), n - 1];
        block = [.. block.Distinct()];
        double[] hessian = new double[block.Length * block.Length];
        f.Hessian(block, hessian);
        for (int j = 0; j < n; j++)
        {
            double up = At(fresh, x, j, H), down = At(fresh, x, j, -H), slope = (up - down) / (2 * H);
            Assert.Equal(slope, f.Partial(j), 1e-6 * (1 + Math.Abs(slope)));
            Assert.Equal(gradient[j], f.Partial(j), 1e-10 * (1 + Math.Abs(slope)));
            fresh.MoveTo(Shifted(x, j, H));
            double right = fresh.Partial(j);
            fresh.MoveTo(Shifted(x, j, -H));
            double curvature = (right - fresh.Partial(j)) / (2 * H);
            Assert.Equal(curvature, f.Curvature(j), 1e-6 * (1 + Math.Abs(curvature)));
            Assert.True(f.Curvature(j) <= f.CurvatureBound(j) * (1 + 1e-12));
        }
        for (int k = 0; k < block.Length; k++)
        {
            for (int l = 0; l < block.Length; l++)
            {
                fresh.MoveTo(Shifted(x, block[l], H));
                double right = fresh.Partial(block[k]);
                fresh.MoveTo(Shifted(x, block[l], -H));
                double mixed = (right - fresh.Partial(block[k])) / (2 * H);
                Assert.Equal(mixed, hessian[(k * block.Length) + l], 1e-6 * (1 + Math.Abs(mixed)));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Steps_keep_what_a_fresh_start_would_have(string kind)
    {
        SmoothFunction f = Make(kind), fresh = Make(kind);
        int n = f.VariableCount;
        f.MoveTo(Point(n, 5));
        var random = new Random(9);
        for (int step = 0; step < 40; step++)
        {
            int[] block = [.. Enumerable.Range(0, n).Where(_ => random.Next(3) == 0)];
            if (block.Length == 0) continue;
            if (step % 2 == 0) block = block[..1];
            double[] direction = [.. block.Select(_ => 0.2 * (random.NextDouble() - 0.5))];
            double before = f.Value();
            f.Aim(block, direction);
            double change = f.Change(0.5);
            f.Move(0.5);
            fresh.MoveTo(f.Point);
            Assert.Equal(fresh.Value(), f.Value(), 1e-10 * (1 + Math.Abs(before)));
            Assert.Equal(fresh.Value() - before, change, 1e-10 * (1 + Math.Abs(before)));
            for (int j = 0; j < n; j++) Assert.Equal(fresh.Partial(j), f.Partial(j), 1e-9 * (1 + Math.Abs(fresh.Partial(j))));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Only_dependents_change(string kind)
    {
        SmoothFunction f = Make(kind);
        int n = f.VariableCount;
        f.MoveTo(Point(n, 5));
        for (int j = 0; j < n; j++)
        {
            double[] before = [.. Enumerable.Range(0, n).Select(f.Partial)];
            f.Aim([j], [0.1]);
            f.Move(1);
            var dependents = new HashSet<int>(f.Dependents(j).ToArray()) { j };
            for (int k = 0; k < n; k++)
            {
                if (!dependents.Contains(k)) Assert.Equal(before[k], f.Partial(k), 1e-12 * (1 + Math.Abs(before[k])));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Nothing_is_allocated_after_the_first_calls(string kind)
    {
        SmoothFunction f = Make(kind);
        int[] block = [1], pair = [0, 1];
        double[] direction = [0.01], both = [0.01, -0.02];
        double sum = 0;
        void Work()
        {
            f.Aim(block, direction);
            sum += f.Change(0.5) + f.Partial(0) + f.Curvature(0) + f.Dependents(0).Length;
            f.Move(0.5);
            f.Aim(pair, both);
            sum += f.Change(0.5);
            f.Move(0.5);
        }
        for (int k = 0; k < 50; k++) Work();
        // The least of several rounds: the runtime may allocate beside one.
        long least = long.MaxValue;
        for (int round = 0; round < 4; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int k = 0; k < 100; k++) Work();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        Assert.Equal(0, least);
        Assert.True(double.IsFinite(sum));
    }

    internal static SmoothFunction Make(string kind) => kind switch
    {
        "quadratic" => NaiveBlocks.Random(3, 12, 0.3, "none").Function(),
        "dense logistic" => new LossFunction(Problem(new LogisticLoss(), 1, isSparse: false)),
        "sparse logistic" => new LossFunction(Problem(new LogisticLoss(), 0.3, isSparse: true)),
        "sparse squares" => new LossFunction(Problem(new LeastSquaresLoss(), 0.3, isSparse: true)),
        "rows of a quadratic" => WithRows(NaiveBlocks.Random(3, 12, 0.3, "none").Function()),
        "rows of a logistic" => WithRows(new LossFunction(Problem(new LogisticLoss(), 0.3, isSparse: true))),
        "few in a row" => new LossFunction(Problem(new LeastSquaresLoss(), 0.1, isSparse: true)),
        "dense squares" => new LossFunction(Problem(new LeastSquaresLoss(), 1, isSparse: false)),
        "compiled quadratic" => new CompiledFunction(CompiledModels.Quadratic()),
        "compiled" => new CompiledFunction(CompiledModels.Smooth(stages: false)),
        _ => new CompiledFunction(CompiledModels.Smooth(stages: true)),
    };

    /// <summary>Three rows: an equation, a range that the points leave, and one that nothing reaches.</summary>
    private static AugmentedFunction WithRows(SmoothFunction f)
    {
        int n = f.VariableCount;
        double[][] entries = [.. Enumerable.Range(0, n).Select(j => new[] { j % 2 == 0 ? 1.0 : 0, j % 3 == 0 ? j - 2.5 : 0, 1.0 })];
        int[][] rows = [.. entries.Select(c => Enumerable.Range(0, 3).Where(i => c[i] != 0).ToArray())];
        int[] starts = [0, .. rows.Select((_, j) => rows.Take(j + 1).Sum(r => r.Length))];
        var matrix = new SparseColumns(3, starts, [.. rows.SelectMany(r => r)], [.. entries.SelectMany(c => c.Where(v => v != 0))]);
        var augmented = new AugmentedFunction(f, new LinearRows(matrix, [1, -1, double.NegativeInfinity], [1, 0.5, 1000])) { Weight = 3 };
        (augmented.Multipliers[0], augmented.Multipliers[1]) = (0.7, -0.4);
        augmented.MoveTo(new double[n]);
        return augmented;
    }

    private static CompositeProblem Problem(Loss loss, double density, bool isSparse)
    {
        var random = new Random(6);
        const int N = 15, P = 8;
        var columns = Enumerable.Range(0, P).Select(_ => Enumerable.Range(0, N).Select(_ => random.NextDouble() < density ? random.NextDouble() - 0.5 : 0).ToArray()).ToArray();
        DesignMatrix matrix = new DenseColumns(N, columns);
        if (isSparse)
        {
            var (starts, rows, values) = (new List<int> { 0 }, new List<int>(), new List<double>());
            foreach (double[] column in columns)
            {
                for (int i = 0; i < N; i++)
                {
                    if (column[i] == 0) continue;
                    rows.Add(i);
                    values.Add(column[i]);
                }
                starts.Add(rows.Count);
            }
            matrix = new SparseColumns(N, [.. starts], [.. rows], [.. values]);
        }
        return new CompositeProblem
        {
            Matrix = matrix,
            Loss = loss,
            Labels = [.. Enumerable.Range(0, N).Select(i => (double)(i % 2))],
            Weights = [.. Enumerable.Range(0, N).Select(_ => 0.5 + random.NextDouble())],
            Offset = [.. Enumerable.Range(0, N).Select(_ => random.NextDouble() - 0.5)],
            Penalty = new SeparablePenalty(P),
        };
    }

    private static double[] Point(int n, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, n).Select(_ => 0.3 + (0.5 * random.NextDouble()))];
    }

    private static double[] Shifted(double[] x, int j, double h)
    {
        double[] y = [.. x];
        y[j] += h;
        return y;
    }

    private static double At(SmoothFunction f, double[] x, int j, double h)
    {
        f.MoveTo(Shifted(x, j, h));
        return f.Value();
    }
}
