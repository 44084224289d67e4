using Optc.Runtime.Solvers.CoordinateDescent;
using Xunit;

namespace Optc.Runtime.Tests.Solvers.CoordinateDescent;

/// <summary>Products of sparse and dense columns of all lengths against sums written out.</summary>
public sealed class DesignMatrixTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Products_and_squares_are_those_of_plain_sums(bool sparse)
    {
        const int rows = 37, columns = 40;
        var random = new Random(5);
        double[][] x = [.. Enumerable.Range(0, columns).Select(j => Enumerable.Range(0, rows).Select(i => i < j ? random.NextDouble() - 0.5 : 0).ToArray())];
        DesignMatrix matrix = new DenseColumns(rows, x);
        if (sparse)
        {
            int[] starts = [.. Enumerable.Range(0, columns + 1).Select(j => x.Take(j).Sum(column => column.Count(v => v != 0)))];
            int[] places = [.. x.SelectMany(column => Enumerable.Range(0, rows).Where(i => column[i] != 0))];
            matrix = new SparseColumns(rows, starts, places, [.. x.SelectMany(column => column.Where(v => v != 0))]);
        }
        double[] v = [.. Enumerable.Range(0, rows).Select(_ => random.NextDouble())];
        var many = new double[columns];
        int[] chosen = [.. Enumerable.Range(0, columns).Where(j => j % 3 != 1)];
        matrix.Dots(chosen, v, many);
        for (int j = 0; j < columns; j++)
        {
            double dot = x[j].Zip(v, (a, b) => a * b).Sum();
            Assert.Equal(x[j].Sum(a => a * a), matrix.SquaresAndDot(j, v, out double beside), 1e-13);
            Assert.Equal(dot, beside, 1e-13);
            Assert.Equal(dot, matrix.Dot(j, v), 1e-13);
            Assert.Equal(j % 3 == 1 ? 0 : dot, many[j], 1e-13);
            Assert.Equal(dot, matrix.Dot(j, random.Next(columns), v), 1e-13);
            Assert.Equal(x[j].Zip(v, (a, w) => a * a * w).Sum(), matrix.WeightedSquares(j, v), 1e-13);
            double[] shifted = [.. v], weighted = [.. v];
            matrix.AddScaled(j, 0.7, shifted);
            matrix.AddScaledWeighted(j, 0.7, v, weighted);
            for (int i = 0; i < rows; i++)
            {
                Assert.Equal(v[i] + (0.7 * x[j][i]), shifted[i], 1e-15);
                Assert.Equal(v[i] + (0.7 * x[j][i] * v[i]), weighted[i], 1e-15);
            }
        }
    }
}
