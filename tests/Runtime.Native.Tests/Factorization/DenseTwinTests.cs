using MathNet.Numerics.LinearAlgebra;
using Xunit;

namespace Optc.Runtime.Native.Tests.Factorization;

public class DenseTwinTests
{
    private static TestMatrix Permuted(TestMatrix matrix, int[] label)
    {
        var entries = new SortedDictionary<(int, int), double>();
        for (int j = 0; j < matrix.Count; j++)
        {
            for (int p = matrix.Starts[j]; p < matrix.Starts[j + 1]; p++)
            {
                int a = label[j], b = label[matrix.Rows[p]];
                entries[(Math.Min(a, b), Math.Max(a, b))] = matrix.Values[p];
            }
        }
        return TestMatrix.From(matrix.Count, entries);
    }

    [Fact]
    public void SolutionsAreThoseOfDenseElimination()
    {
        for (int seed = 0; seed < 40; seed++)
        {
            var random = new Random(7000 + seed);
            var matrix = TestMatrix.Kkt(random, random.Next(2, 60), 1, 0, 0, seed % 2 == 0);
            var factorization = matrix.Analyze();
            Assert.True(factorization.Factor(matrix.Values));
            var dense = matrix.Dense();
            double[] b = TestMatrix.Vector(random, matrix.Count), x = [.. b];
            double condition = dense.ConditionNumber();
            factorization.SolveRefined(x);
            var expected = dense.LU().Solve(Vector<double>.Build.DenseOfArray(b));
            double scale = expected.AbsoluteMaximum();
            for (int i = 0; i < x.Length; i++) Assert.InRange(Math.Abs(x[i] - expected[i]), 0, 1e-14 * condition * scale);
        }
    }

    [Fact]
    public void PermutationsChangeNeitherInertiaNorSolution()
    {
        for (int seed = 0; seed < 30; seed++)
        {
            var random = new Random(8000 + seed);
            var matrix = TestMatrix.Kkt(random, 70, 30, 3, seed % 3 == 0 ? 1e-6 : 0);
            int[] label = [.. Enumerable.Range(0, matrix.Count)];
            random.Shuffle(label);
            var permuted = Permuted(matrix, label);
            SymmetricFactorization one = matrix.Analyze(), other = permuted.Analyze();
            Assert.Equal(one.Factor(matrix.Values), other.Factor(permuted.Values));
            Assert.Equal(one.Inertia, other.Inertia);
            double[] b = TestMatrix.Vector(random, matrix.Count), moved = new double[b.Length];
            for (int i = 0; i < b.Length; i++) moved[label[i]] = b[i];
            one.SolveRefined(b);
            other.SolveRefined(moved);
            double scale = b.Max(Math.Abs), condition = matrix.Dense().ConditionNumber();
            for (int i = 0; i < b.Length; i++) Assert.InRange(Math.Abs(b[i] - moved[label[i]]), 0, 1e-14 * condition * scale);
        }
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    public void ValuesThatAreNotFiniteAreReportedAndForgotten(double bad)
    {
        var matrix = TestMatrix.Kkt(new Random(9), 60, 20, 4, 0);
        var factorization = matrix.Analyze();
        for (int p = 0; p < matrix.Values.Length; p += 7)
        {
            double[] values = [.. matrix.Values];
            values[p] = bad;
            Assert.False(factorization.Factor(values));
            Assert.Equal(FactorStatus.NotFinite, factorization.Status);
            Assert.Equal(default, factorization.Inertia);
            Assert.True(factorization.Factor(matrix.Values));
            Assert.Equal(new Inertia(60, 20, 0), factorization.Inertia);
        }
    }

    [Fact]
    public void DenseRowsAmongSparseOnesFillLittle()
    {
        const int N = 3000, Dense = 8;
        var random = new Random(10);
        var entries = new SortedDictionary<(int, int), double>();
        for (int i = 0; i < N; i++)
        {
            entries[(i, i)] = 4;
            if (i > 0) entries[(i - 1, i)] = -1;
            for (int d = 0; d < Dense; d++) entries[(i, N + d)] = random.NextDouble() - 0.5;
        }
        var matrix = TestMatrix.From(N + Dense, entries);
        var factorization = matrix.Analyze();
        Assert.True(factorization.Factor(matrix.Values));
        Assert.Equal(new Inertia(N, Dense, 0), factorization.Inertia);
        Assert.InRange(factorization.FactorNonzeros, 1, 20L * N);
        double[] b = TestMatrix.Vector(random, matrix.Count), x = [.. b];
        Assert.InRange(factorization.SolveRefined(x), 0, 1e-15);
        Assert.InRange(matrix.Residual(x, b), 0, 1e-15);
    }
}
