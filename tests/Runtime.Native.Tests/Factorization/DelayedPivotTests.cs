using Xunit;

namespace Optc.Runtime.Native.Tests.Factorization;

public class DelayedPivotTests
{
    /// <summary>Newton's system of a control problem with free final time, as Goddard's rocket: four variables a node, three
    /// equations an interval, and the step in all of them. Most diagonals are tiny.</summary>
    private static TestMatrix FreeTime(int intervals)
    {
        var random = new Random(3);
        var entries = new SortedDictionary<(int, int), double>();
        int nodes = intervals + 1, step = 4 * nodes, n = step + 1;
        double h = 1.0 / intervals;
        void Add(int i, int j, double value) => entries[(Math.Min(i, j), Math.Max(i, j))] = value;
        for (int i = 0; i < nodes; i++)
        {
            for (int a = 0; a < 4; a++)
            {
                Add((4 * i) + a, (4 * i) + a, random.Next(3) == 0 ? 10 * random.NextDouble() : 1e-6);
                for (int b = 0; b < a; b++) Add((4 * i) + a, (4 * i) + b, h * (random.NextDouble() - 0.5));
                Add(step, (4 * i) + a, random.NextDouble() - 0.5);
            }
        }
        Add(step, step, 1e-6);
        for (int i = 1; i < nodes; i++)
        {
            int equation = n + (3 * (i - 1));
            for (int k = i - 1; k <= i; k++)
            {
                double sign = k == i ? 1 : -1;
                Add(equation, 4 * k, sign);
                Add(equation, (4 * k) + 1, -0.5 * h);
                Add(equation + 1, 4 * k, h);
                Add(equation + 1, (4 * k) + 1, sign);
                Add(equation + 1, (4 * k) + 2, h * random.NextDouble());
                Add(equation + 1, (4 * k) + 3, -h * random.NextDouble());
                Add(equation + 2, (4 * k) + 2, sign);
                Add(equation + 2, (4 * k) + 3, h);
            }
            for (int a = 0; a < 3; a++)
            {
                Add(equation + a, step, random.NextDouble() - 0.5);
                Add(equation + a, equation + a, -1e-8);
            }
        }
        return TestMatrix.From(n + (3 * intervals), entries);
    }

    /// <summary>Gauss-Newton's system of a clamped beam: angle, displacement and control a node. The control has no
    /// Hessian and appears in sums of neighbours only: an alternating control is in the null space up to the corner.</summary>
    private static TestMatrix Beam(int intervals, double control)
    {
        var entries = new SortedDictionary<(int, int), double>();
        int nodes = intervals + 1, n = 3 * nodes;
        double h = 1.0 / intervals;
        for (int i = 0; i < nodes; i++)
        {
            entries[(i, i)] = -1e-7 * (1 + Math.Cos(0.003 * i));
            entries[(nodes + i, nodes + i)] = 1e-8 * Math.Exp(14 * Math.Pow(Math.Sin(0.01 * i), 2));
            entries[((2 * nodes) + i, (2 * nodes) + i)] = control;
        }
        for (int i = 1; i < nodes; i++)
        {
            int bend = n + i - 1, turn = bend + intervals;
            for (int k = i - 1; k <= i; k++)
            {
                double sign = k == i ? 1 : -1;
                entries[(nodes + k, bend)] = sign;
                entries[(k, bend)] = -0.45 * h;
                entries[(k, turn)] = sign;
                entries[((2 * nodes) + k, turn)] = -0.5 * h;
            }
            entries[(bend, bend)] = entries[(turn, turn)] = -1;
        }
        return TestMatrix.From(n + (2 * intervals), entries);
    }

    [Theory]
    [InlineData(60)]
    [InlineData(800)]
    public void FreeTimeDoesNotPassItsPivotsToTheRoot(int intervals)
    {
        var matrix = FreeTime(intervals);
        var factorization = matrix.Analyze();
        Assert.True(factorization.Factor(matrix.Values));
        if (intervals < 100) Assert.Equal(matrix.EigenInertia(1e-14), factorization.Inertia);
        else Assert.Equal(matrix.Count, factorization.Inertia.Positive + factorization.Inertia.Negative);
        Assert.InRange(factorization.FactorNonzeros, 1, 20L * matrix.Count);
        var b = TestMatrix.Vector(new Random(1), matrix.Count);
        var x = b.ToArray();
        factorization.SolveRefined(x);
        Assert.InRange(matrix.Residual(x, b), 0, 1e-15);
    }

    [Fact]
    public void NearlySingularSystemsRelaxTheThreshold()
    {
        var matrix = Beam(1000, 0);
        var factorization = matrix.Analyze(new SymmetricFactorizationOptions { PivotThreshold = 0.5 });
        factorization.Factor(matrix.Values);
        Assert.Equal(1e-4, factorization.UsedPivotThreshold);
        Assert.InRange(factorization.FactorNonzeros, 1, 30L * matrix.Count);
        // A regular matrix on the pattern has the strict threshold again, the second at the latest, and the same instance gives the same bits again.
        double[] regular = [.. matrix.Values];
        for (int j = 0; j < 3003; j++) regular[matrix.Starts[j]] = 1 + (j % 7);
        Assert.True(factorization.Factor(regular));
        Assert.Equal(new Inertia(3003, 2000, 0), factorization.Inertia);
        Assert.True(factorization.Factor(regular));
        Assert.Equal(0.5, factorization.UsedPivotThreshold);
        Assert.Equal(new Inertia(3003, 2000, 0), factorization.Inertia);
        var (first, second) = (TestMatrix.Vector(new Random(4), matrix.Count), TestMatrix.Vector(new Random(4), matrix.Count));
        factorization.Solve(first);
        Assert.True(factorization.Factor(regular));
        factorization.Solve(second);
        Assert.Equal(first, second);
    }

    [Fact]
    public void TheThresholdIsKeptWhereRelaxingIsForbidden()
    {
        var matrix = Beam(300, 0);
        var factorization = matrix.Analyze(new SymmetricFactorizationOptions { RelaxedPivotThreshold = 1 });
        factorization.Factor(matrix.Values);
        Assert.Equal(0.1, factorization.UsedPivotThreshold);
        Assert.Contains(factorization.Status, new[] { FactorStatus.Nonsingular, FactorStatus.Singular });
    }

    [Fact]
    public void MatchedRowsAreLinkedByLargeEntries()
    {
        for (int seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            var matrix = TestMatrix.Random(random, random.Next(2, 60), 0.2);
            var dense = matrix.Dense();
            int[] partner = PivotMatching.Pair(matrix.Count, matrix.Starts, matrix.Rows, matrix.Values);
            for (int i = 0; i < matrix.Count; i++)
            {
                if (partner[i] < 0) continue;
                Assert.NotEqual(i, partner[i]);
                Assert.Equal(i, partner[partner[i]]);
                Assert.True(Math.Abs(dense[i, partner[i]]) >= 0.1);
            }
        }
    }

    [Fact]
    public void APathWithoutDiagonalIsMatchedToTheEnd()
    {
        // Only one matching of a path covers all of its nodes; a greedy one from shuffled numbers does not find it.
        var random = new Random(9);
        for (int half = 1; half < 40; half++)
        {
            int[] label = [.. Enumerable.Range(0, 2 * half)];
            random.Shuffle(label);
            var entries = new SortedDictionary<(int, int), double>();
            for (int k = 1; k < label.Length; k++) entries[(Math.Min(label[k - 1], label[k]), Math.Max(label[k - 1], label[k]))] = 1;
            var matrix = TestMatrix.From(label.Length, entries);
            int[] partner = PivotMatching.Pair(matrix.Count, matrix.Starts, matrix.Rows, matrix.Values);
            for (int k = 0; k < label.Length; k += 2) Assert.Equal(label[k + 1], partner[label[k]]);
        }
    }
}
