using Optc.Runtime.Native;
using Optc.Runtime.Solvers;
using Optc.Runtime.Solvers.BlockCoordinate;
using Optc.Runtime.Solvers.CoordinateDescent;

namespace Optc.Bench.BlockRules;

/// <summary>Composite problems of the contests, with fixed seeds.</summary>
internal static class SparseData
{
    /// <summary>Options in the form of the command line: <c>rule=gs block=5</c>.</summary>
    public static BlockOptions Options(string text) => text.Split(' ').Aggregate(new BlockOptions(), (o, p) => BlockOptions.Table.With(o, p.Split('=')[0], p.Split('=')[1]));

    /// <summary>The least objective, to rounding.</summary>
    public static double Best(CompositeProblem problem) =>
        new CompositeSolver(problem, new CompositeOptions { Tolerance = 1e-12, GapTolerance = 1e-14 }).Solve(new SolveRequest()).Objective;

    /// <summary>The objective at b.</summary>
    public static double Value(CompositeProblem problem, double[] b)
    {
        double[] z = new double[problem.Labels.Length];
        problem.Matrix.Multiply(b, new double[z.Length], z);
        double sum = problem.Loss.Value(problem.Labels, problem.Weights, z);
        for (int j = 0; j < b.Length; j++) sum += problem.Penalty.Value(j, b[j]);
        return sum;
    }

    /// <summary>Columns of normals, each with the given correlation to the one before.</summary>
    public static double[][] Correlated(int samples, int features, double correlation, Random random)
    {
        var columns = new double[features][];
        double own = Math.Sqrt(1 - (correlation * correlation));
        for (int j = 0; j < features; j++)
        {
            columns[j] = new double[samples];
            for (int i = 0; i < samples; i++) columns[j][i] = (Clock.Normal(random) * own) + (j > 0 ? correlation * columns[j - 1][i] : 0);
        }
        return columns;
    }

    /// <summary>Categories as indicators, as in census data: each row has one 1 for every one of <paramref name="questions"/>, levels unevenly frequent.</summary>
    public static SparseColumns Indicators(int samples, int questions, int levels, Random random)
    {
        var rowsOf = new List<int>[questions * levels];
        for (int j = 0; j < rowsOf.Length; j++) rowsOf[j] = [];
        for (int i = 0; i < samples; i++)
        {
            for (int q = 0; q < questions; q++)
            {
                double u = random.NextDouble();
                rowsOf[(q * levels) + (int)(levels * u * u)].Add(i);
            }
        }
        int[] starts = new int[rowsOf.Length + 1];
        for (int j = 0; j < rowsOf.Length; j++) starts[j + 1] = starts[j] + rowsOf[j].Count;
        return new SparseColumns(samples, starts, [.. rowsOf.SelectMany(r => r)], [.. Enumerable.Repeat(1.0, starts[^1])]);
    }

    /// <summary>A loss with weights 1/n and the ℓ1 norm at a share of the weight at which everything is zero.</summary>
    public static CompositeProblem Lasso(DesignMatrix matrix, Loss loss, double[] labels, double share)
    {
        double[] weights = new double[labels.Length], slopes = new double[labels.Length];
        Array.Fill(weights, 1.0 / labels.Length);
        loss.Gradient(labels, weights, new double[labels.Length], slopes);
        double largest = Enumerable.Range(0, matrix.ColumnCount).Max(j => Math.Abs(matrix.Dot(j, slopes)));
        return new CompositeProblem { Matrix = matrix, Loss = loss, Labels = labels, Weights = weights, Penalty = SeparablePenalty.Uniform(matrix.ColumnCount, share * largest) };
    }

    /// <summary>Linear forms of a few random coefficients, plus noise.</summary>
    public static double[] Response(DesignMatrix matrix, int terms, double noise, Random random)
    {
        double[] y = [.. Enumerable.Range(0, matrix.RowCount).Select(_ => noise * Clock.Normal(random))];
        for (int k = 0; k < terms; k++) matrix.AddScaled(random.Next(matrix.ColumnCount), Clock.Normal(random), y);
        return y;
    }

    /// <summary>1 where positive, 0 elsewhere.</summary>
    public static double[] Signs(double[] y) => [.. y.Select(v => v > 0 ? 1.0 : 0.0)];

    /// <summary>Rescales columns by powers of ten.</summary>
    public static void Spread(double[][] columns, Random random)
    {
        foreach (double[] c in columns) VectorKernels.Scale(Math.Pow(10, random.NextDouble() - 0.5), c);
    }
}
