using Optc.Runtime.Problems;
using Optc.Runtime.Solvers.BlockCoordinate;

namespace Optc.Runtime.Solvers.Asynchronous;

/// <summary>½ xᵀA x − bᵀx: the point itself is all that is shared, and a block costs its rows of A.</summary>
/// <param name="pattern">Pattern of A, both triangles, by rows.</param>
/// <param name="values">A's entries in its order.</param>
/// <param name="linear">b (n).</param>
/// <param name="constant">What is added.</param>
internal sealed class SharedQuadratic(SparsePattern pattern, double[] values, double[] linear, double constant) : SharedFunction
{
    /// <inheritdoc/>
    public override int StateCount => 0;

    /// <summary>The same function.</summary>
    public static SharedQuadratic Of(QuadraticFunction f) => new(f.Pattern, f.Values, f.Linear, f.Constant);

    /// <inheritdoc/>
    public override void State(ReadOnlySpan<double> x, Span<double> state)
    {
    }

    /// <inheritdoc/>
    public override void Slopes(ReadOnlySpan<int> coordinates, ReadOnlySpan<double> x, ReadOnlySpan<double> state, Span<double> scratch, Span<double> slopes)
    {
        for (int k = 0; k < coordinates.Length; k++)
        {
            int i = coordinates[k];
            double sum = -linear[i];
            for (int p = pattern.Starts[i]; p < pattern.Starts[i + 1]; p++) sum += values[p] * x[pattern.Indices[p]];
            slopes[k] = sum;
        }
    }

    /// <inheritdoc/>
    public override double Value(ReadOnlySpan<double> x, ReadOnlySpan<double> state, ReadOnlySpan<double> gradient)
    {
        // xᵀA x = xᵀ(∇f + b).
        double sum = constant;
        for (int j = 0; j < x.Length; j++) sum += 0.5 * x[j] * (gradient[j] - linear[j]);
        return sum;
    }

    /// <inheritdoc/>
    public override void Change(ReadOnlySpan<int> coordinates, ReadOnlySpan<double> direction, Span<double> change)
    {
    }

    /// <summary>
    /// D is the sum of a row's absolute values within its block (Gershgorin), and r_i sums √(ρ_ij ρ_ji), ρ_ij the largest row sum of the scaled
    /// block ij: the geometric mean of the norms for rows and columns is not below the spectral one.
    /// </summary>
    public override BlockMetric Metric(Partition partition, BlockPenalty penalty)
    {
        int n = linear.Length, count = partition.Count;
        double[] diagonal = new double[n], coupling = new double[count], convexity = new double[count];
        var blockOf = new int[n];
        for (int b = 0; b < count; b++)
        {
            foreach (int j in partition.Coordinates(b)) blockOf[j] = b;
        }
        double largest = 0.0;
        for (int i = 0; i < n; i++)
        {
            diagonal[i] = penalty.Separable.L2[i];
            for (int p = pattern.Starts[i]; p < pattern.Starts[i + 1]; p++)
            {
                if (blockOf[pattern.Indices[p]] == blockOf[i]) diagonal[i] += Math.Abs(values[p]);
            }
            largest = Math.Max(largest, diagonal[i]);
        }
        for (int i = 0; i < n; i++) diagonal[i] = Math.Max(diagonal[i], 1e-12 * (largest > 0.0 ? largest : 1.0));
        SharedLoss.Level(partition, penalty, diagonal);
        Dictionary<long, double> most = RowSums(blockOf, diagonal, count);
        foreach ((long key, double sum) in most)
        {
            (int i, int j) = ((int)(key / count), (int)(key % count));
            if (i != j) coupling[i] += Math.Sqrt(sum * most[((long)j * count) + i]);
        }
        for (int b = 0; b < count; b++) convexity[b] = LeastEigenvalue(partition.Coordinates(b), b, blockOf, diagonal, penalty);
        return new BlockMetric(diagonal, coupling, convexity);
    }

    /// <summary>By pair of blocks that meet, the largest sum of a row's absolute values in the scaled matrix.</summary>
    private Dictionary<long, double> RowSums(int[] blockOf, double[] diagonal, int count)
    {
        var most = new Dictionary<long, double>();
        var row = new Dictionary<long, double>();
        for (int i = 0; i < diagonal.Length; i++)
        {
            row.Clear();
            for (int p = pattern.Starts[i]; p < pattern.Starts[i + 1]; p++)
            {
                int j = pattern.Indices[p];
                long key = ((long)blockOf[i] * count) + blockOf[j];
                row[key] = row.GetValueOrDefault(key) + (Math.Abs(values[p]) / Math.Sqrt(diagonal[i] * diagonal[j]));
            }
            foreach ((long key, double sum) in row) most[key] = Math.Max(most.GetValueOrDefault(key), sum);
        }
        return most;
    }

    /// <summary>Gershgorin's lower bound within a block.</summary>
    private double LeastEigenvalue(ReadOnlySpan<int> coordinates, int block, int[] blockOf, double[] diagonal, BlockPenalty penalty)
    {
        double least = 1.0;
        foreach (int i in coordinates)
        {
            double bound = penalty.Separable.L2[i] / diagonal[i];
            for (int p = pattern.Starts[i]; p < pattern.Starts[i + 1]; p++)
            {
                int j = pattern.Indices[p];
                if (j == i) bound += values[p] / diagonal[i];
                else if (blockOf[j] == block) bound -= Math.Abs(values[p]) / Math.Sqrt(diagonal[i] * diagonal[j]);
            }
            least = Math.Min(least, bound);
        }
        return least;
    }
}
