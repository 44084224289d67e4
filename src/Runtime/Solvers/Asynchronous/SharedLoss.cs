using Optc.Runtime.Native;
using Optc.Runtime.Solvers.BlockCoordinate;
using Optc.Runtime.Solvers.CoordinateDescent;

namespace Optc.Runtime.Solvers.Asynchronous;

/// <summary>Σᵢ wᵢ ℓ(yᵢ, oᵢ + (X x)ᵢ); the state is o + X x, so that a block costs its own columns.</summary>
internal sealed class SharedLoss(CompositeProblem problem) : SharedFunction
{
    private const int PowerSteps = 20;

    private readonly double[] _offset = problem.Offset ?? new double[problem.Matrix.RowCount];

    /// <inheritdoc/>
    public override int StateCount => problem.Matrix.RowCount;

    /// <inheritdoc/>
    public override void State(ReadOnlySpan<double> x, Span<double> state) => problem.Matrix.Multiply(x, _offset, state);

    /// <inheritdoc/>
    public override void Slopes(ReadOnlySpan<int> coordinates, ReadOnlySpan<double> x, ReadOnlySpan<double> state, Span<double> scratch, Span<double> slopes)
    {
        problem.Loss.Gradient(problem.Labels, problem.Weights, state, scratch);
        for (int k = 0; k < coordinates.Length; k++) slopes[k] = problem.Matrix.Dot(coordinates[k], scratch);
    }

    /// <inheritdoc/>
    public override double Value(ReadOnlySpan<double> x, ReadOnlySpan<double> state, ReadOnlySpan<double> gradient) =>
        problem.Loss.Value(problem.Labels, problem.Weights, state);

    /// <inheritdoc/>
    public override void Change(ReadOnlySpan<int> coordinates, ReadOnlySpan<double> direction, Span<double> change)
    {
        change.Clear();
        for (int k = 0; k < coordinates.Length; k++)
        {
            if (direction[k] != 0.0) problem.Matrix.AddScaled(coordinates[k], direction[k], change);
        }
    }

    /// <summary>
    /// With X̃ = X scaled to coordinates with curvature bounds of one, λ the largest eigenvalue of a block's s X̃ᵀWX̃ and s = sup ℓ'', D is λ times those
    /// bounds. For a convex f ‖H_ij‖² ≤ ‖H_ii‖ ‖H_jj‖, so that every block that shares a record counts one.
    /// </summary>
    public override BlockMetric Metric(Partition partition, BlockPenalty penalty)
    {
        DesignMatrix matrix = problem.Matrix;
        double[] diagonal = new double[matrix.ColumnCount], coupling = new double[partition.Count], convexity = new double[partition.Count];
        double[] forms = new double[matrix.RowCount];
        double largest = 0.0;
        for (int j = 0; j < diagonal.Length; j++)
        {
            diagonal[j] = matrix.Entries(j) == 0 ? 0.0 : problem.Loss.Smoothness * matrix.WeightedSquares(j, problem.Weights);
            largest = Math.Max(largest, diagonal[j]);
        }
        for (int b = 0; b < partition.Count; b++)
        {
            ReadOnlySpan<int> coordinates = partition.Coordinates(b);
            double eigenvalue = LargestEigenvalue(coordinates, diagonal, forms);
            foreach (int j in coordinates)
            {
                // A column of zeros takes any step.
                diagonal[j] = Math.Max((eigenvalue * diagonal[j]) + penalty.Separable.L2[j], 1e-12 * (largest > 0.0 ? largest : 1.0));
            }
        }
        Level(partition, penalty, diagonal);
        for (int b = 0; b < partition.Count; b++)
        {
            convexity[b] = 1.0;
            foreach (int j in partition.Coordinates(b)) convexity[b] = Math.Min(convexity[b], penalty.Separable.L2[j] / diagonal[j]);
            coupling[b] = Neighbours(partition, b);
        }
        return new BlockMetric(diagonal, coupling, convexity);
    }

    /// <summary>The largest weight of an atom for all its coordinates: proximal operators of groups want one.</summary>
    internal static void Level(Partition partition, BlockPenalty penalty, double[] diagonal)
    {
        for (int b = 0; b < partition.Count; b++)
        {
            foreach (int atom in partition.Atoms(b))
            {
                double most = 0.0;
                foreach (int j in penalty.Members(atom)) most = Math.Max(most, diagonal[j]);
                foreach (int j in penalty.Members(atom)) diagonal[j] = most;
            }
        }
    }

    /// <summary>By the power method; a twentieth is added, and the steps have a factor of two in reserve.</summary>
    private double LargestEigenvalue(ReadOnlySpan<int> coordinates, double[] bounds, double[] forms)
    {
        var random = new Random(coordinates.Length);
        var vector = new double[coordinates.Length];
        for (int k = 0; k < vector.Length; k++) vector[k] = 0.5 + random.NextDouble();
        double norm = 0.0;
        for (int step = 0; step < PowerSteps; step++)
        {
            double length = VectorKernels.Norm2(vector);
            if (!(length > 0.0)) return 1.0;
            VectorKernels.Scale(1.0 / length, vector);
            Array.Clear(forms);
            for (int k = 0; k < vector.Length; k++)
            {
                if (bounds[coordinates[k]] > 0.0) problem.Matrix.AddScaled(coordinates[k], vector[k] / Math.Sqrt(bounds[coordinates[k]]), forms);
            }
            VectorKernels.Multiply(forms, problem.Weights, forms);
            for (int k = 0; k < vector.Length; k++)
            {
                double bound = bounds[coordinates[k]];
                vector[k] = bound > 0.0 ? problem.Loss.Smoothness * problem.Matrix.Dot(coordinates[k], forms) / Math.Sqrt(bound) : 0.0;
            }
            norm = VectorKernels.Norm2(vector);
        }
        return Math.Max(1.0, 1.05 * norm);
    }

    /// <summary>Blocks other than b that share a record with it.</summary>
    private int Neighbours(Partition partition, int b)
    {
        if (problem.Matrix is not SparseColumns sparse) return partition.Count - 1;
        var isTouched = new bool[sparse.RowCount];
        foreach (int j in partition.Coordinates(b))
        {
            foreach (int i in sparse.Rows(j)) isTouched[i] = true;
        }
        int count = 0;
        for (int other = 0; other < partition.Count; other++)
        {
            if (other != b && Meets(sparse, partition.Coordinates(other), isTouched)) count++;
        }
        return count;
    }

    private static bool Meets(SparseColumns sparse, ReadOnlySpan<int> coordinates, bool[] isTouched)
    {
        foreach (int j in coordinates)
        {
            foreach (int i in sparse.Rows(j))
            {
                if (isTouched[i]) return true;
            }
        }
        return false;
    }
}
