using Optc.Runtime.Solvers.Asynchronous;
using Optc.Runtime.Solvers.BlockCoordinate;
using Optc.Runtime.Solvers.CoordinateDescent;
using Optc.Runtime.Tests.Solvers.BlockCoordinate;
using Xunit;

namespace Optc.Runtime.Tests.Solvers.Asynchronous;

/// <summary>The constants that steps are made of, against second derivatives at random points and in random directions.</summary>
public sealed class BlockMetricTests
{
    private const int Blocks = 5;

    [Theory]
    [InlineData("none")]
    [InlineData("l1")]
    [InlineData("group")]
    public void They_bound_a_quadratic_function(string kind)
    {
        NaiveBlocks naive = NaiveBlocks.Random(13, 23, 0.3, kind);
        var penalty = new BlockPenalty(naive.Penalty, naive.Groups);
        double[] zero = naive.Gradient(new double[23]);
        Holds(
            SharedFunction.Of(naive.Function()), penalty,
            direction => [.. naive.Gradient(direction).Zip(zero, (a, b) => a - b)], 23);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void They_bound_a_loss(bool isSparse)
    {
        var (n, p, random) = (30, 17, new Random(3));
        double[][] columns = [.. Enumerable.Range(0, p).Select(_ => Enumerable.Range(0, n).Select(_ => isSparse && random.NextDouble() < 0.8 ? 0.0 : random.NextDouble() - 0.3).ToArray())];
        double[] labels = [.. Enumerable.Range(0, n).Select(_ => (double)random.Next(2))], weights = [.. Enumerable.Range(0, n).Select(_ => random.NextDouble())];
        SeparablePenalty separable = SeparablePenalty.Uniform(p, 0.1, 0.05);
        DesignMatrix matrix = isSparse ? Sparse(columns, n) : new DenseColumns(n, columns);
        var loss = new LossFunction(new CompositeProblem { Matrix = matrix, Loss = new LogisticLoss(), Labels = labels, Weights = weights, Penalty = separable });
        for (int trial = 0; trial < 5; trial++)
        {
            double[] curvature = [.. weights.Select(w => w * (trial == 0 ? 0.25 : 0.25 * random.NextDouble()))];
            Holds(
                SharedFunction.Of(loss), new BlockPenalty(separable),
                d =>
                {
                    var forms = new double[n];
                    for (int j = 0; j < p; j++)
                    {
                        for (int i = 0; i < n; i++) forms[i] += columns[j][i] * d[j];
                    }
                    return [.. Enumerable.Range(0, p).Select(j => (0.05 * d[j]) + Enumerable.Range(0, n).Sum(i => columns[j][i] * curvature[i] * forms[i]))];
                },
                p);
        }
    }

    /// <summary>D above H_ii up to the factor of two that steps have in reserve, m below, r above the rows of the others, in 200 directions.</summary>
    private static void Holds(SharedFunction function, BlockPenalty penalty, Func<double[], double[]> product, int n)
    {
        Partition partition = Partition.Consecutive(penalty, (n + Blocks - 1) / Blocks);
        BlockMetric metric = function.Metric(partition, penalty);
        var random = new Random(1);
        for (int trial = 0; trial < 200; trial++)
        {
            double[] direction = [.. Enumerable.Range(0, n).Select(_ => random.NextDouble() - 0.5)];
            for (int b = 0; b < partition.Count; b++)
            {
                double length = Math.Sqrt(partition.Coordinates(b).ToArray().Sum(j => metric.Diagonal[j] * direction[j] * direction[j]));
                foreach (int j in partition.Coordinates(b)) direction[j] /= length;
            }
            for (int b = 0; b < partition.Count; b++)
            {
                int[] own = partition.Coordinates(b).ToArray();
                double[] inside = new double[n], outside = (double[])direction.Clone();
                foreach (int j in own) (inside[j], outside[j]) = (direction[j], 0.0);
                double[] within = product(inside), across = product(outside);
                Assert.InRange(own.Sum(j => direction[j] * within[j]), metric.Convexity[b] - 1e-12, 1.0 + 1e-12);
                Assert.InRange(Math.Sqrt(own.Sum(j => across[j] * across[j] / metric.Diagonal[j])), 0.0, metric.Coupling[b] + 1e-12);
            }
        }
    }

    private static SparseColumns Sparse(double[][] columns, int rows)
    {
        var (starts, indices, values) = (new List<int> { 0 }, new List<int>(), new List<double>());
        foreach (double[] column in columns)
        {
            for (int i = 0; i < rows; i++)
            {
                if (column[i] == 0.0) continue;
                indices.Add(i);
                values.Add(column[i]);
            }
            starts.Add(indices.Count);
        }
        return new SparseColumns(rows, [.. starts], [.. indices], [.. values]);
    }
}
