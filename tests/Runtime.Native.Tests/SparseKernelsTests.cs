using Xunit;

namespace Optc.Runtime.Native.Tests;

public class SparseKernelsTests
{
    private static (int[] Starts, int[] Columns, double[] Values, double[,] Dense) RandomRows(Random random, int rows, int columns)
    {
        var starts = new int[rows + 1];
        var indices = new List<int>();
        var values = new List<double>();
        var dense = new double[rows, columns];
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < columns; j++)
            {
                if (random.NextDouble() > 0.3) continue;
                indices.Add(j);
                values.Add(dense[i, j] = TestMatrix.Normal(random));
            }
            starts[i + 1] = indices.Count;
        }
        return (starts, [.. indices], [.. values], dense);
    }

    [Fact]
    public void ProductsAgreeWithDense()
    {
        for (int seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            int m = random.Next(0, 20), n = random.Next(1, 20);
            var (starts, columns, values, dense) = RandomRows(random, m, n);
            double[] x = TestMatrix.Vector(random, n), y = TestMatrix.Vector(random, m);
            var expectedY = y.Select((v, i) => v + (1.5 * Enumerable.Range(0, n).Sum(j => dense[i, j] * x[j]))).ToArray();
            var expectedX = x.Select((v, j) => v - (2 * Enumerable.Range(0, m).Sum(i => dense[i, j] * y[i]))).ToArray();
            double[] actualY = [.. y], actualX = [.. x];
            SparseKernels.MultiplyAdd(starts, columns, values, 1.5, x, actualY);
            SparseKernels.TransposeMultiplyAdd(starts, columns, values, -2, y, actualX);
            Assert.InRange(VectorKernels.MaxAbsDifference(expectedY, actualY), 0, 1e-13);
            Assert.InRange(VectorKernels.MaxAbsDifference(expectedX, actualX), 0, 1e-13);
        }
    }

    [Fact]
    public void SymmetricProductAndNormAgreeWithDense()
    {
        for (int seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            var matrix = TestMatrix.Random(random, random.Next(1, 25), 0.3);
            var dense = matrix.Dense();
            var x = TestMatrix.Vector(random, matrix.Count);
            var y = TestMatrix.Vector(random, matrix.Count);
            var expected = y.Select((v, i) => v + (0.7 * Enumerable.Range(0, x.Length).Sum(j => dense[i, j] * x[j]))).ToArray();
            SparseKernels.SymmetricLowerMultiplyAdd(matrix.Starts, matrix.Rows, matrix.Values, 0.7, x, y);
            Assert.InRange(VectorKernels.MaxAbsDifference(expected, y), 0, 1e-13);
            double norm = SparseKernels.SymmetricLowerNorm(matrix.Starts, matrix.Rows, matrix.Values, new double[matrix.Count]);
            Assert.Equal(dense.InfinityNorm(), norm, 12);
        }
    }

    [Fact]
    public void TransposeCarriesValuesAndIsAnInvolution()
    {
        var random = new Random(3);
        var (starts, columns, values, dense) = RandomRows(random, 13, 17);
        var (ts, ti, source) = SparseKernels.Transpose(starts, columns, 17);
        var transposed = new double[values.Length];
        SparseKernels.Gather(values, source, transposed);
        for (int j = 0; j < 17; j++)
        {
            for (int p = ts[j]; p < ts[j + 1]; p++)
            {
                Assert.Equal(dense[ti[p], j], transposed[p]);
                if (p > ts[j]) Assert.True(ti[p] > ti[p - 1]);
            }
        }
        var (starts2, columns2, _) = SparseKernels.Transpose(ts, ti, 13);
        Assert.Equal(starts, starts2);
        Assert.Equal(columns, columns2);
    }

    [Fact]
    public void CompressColumnsSumsRepeats()
    {
        var random = new Random(4);
        const int Rows = 9, Columns = 7, Count = 120;
        var rows = Enumerable.Range(0, Count).Select(_ => random.Next(Rows)).ToArray();
        var columns = Enumerable.Range(0, Count).Select(_ => random.Next(Columns)).ToArray();
        var values = TestMatrix.Vector(random, Count);
        var dense = new double[Rows, Columns];
        for (int k = 0; k < Count; k++) dense[rows[k], columns[k]] += values[k];
        var (starts, indices, target) = SparseKernels.CompressColumns(Rows, Columns, rows, columns);
        var compressed = new double[indices.Length];
        SparseKernels.ScatterAdd(values, target, compressed);
        Assert.Equal(rows.Zip(columns).Distinct().Count(), indices.Length);
        for (int j = 0; j < Columns; j++)
        {
            for (int p = starts[j]; p < starts[j + 1]; p++)
            {
                Assert.Equal(dense[indices[p], j], compressed[p], 13);
                if (p > starts[j]) Assert.True(indices[p] > indices[p - 1]);
            }
        }
    }
}
