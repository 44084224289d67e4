using MathNet.Numerics.LinearAlgebra;

namespace Optc.Runtime.Native.Tests;

/// <summary>A symmetric matrix by the columns of its lower triangle, with the makers of the families the tests use.</summary>
internal sealed class TestMatrix(int n, int[] starts, int[] rows, double[] values)
{
    public int Count { get; } = n;
    public int[] Starts { get; } = starts;
    public int[] Rows { get; } = rows;
    public double[] Values { get; } = values;

    public SymmetricFactorization Analyze(SymmetricFactorizationOptions? options = null) => new(Count, Starts, Rows, options);

    public static TestMatrix From(int n, SortedDictionary<(int Column, int Row), double> entries)
    {
        var starts = new int[n + 1];
        foreach (var (column, _) in entries.Keys) starts[column + 1]++;
        for (int j = 0; j < n; j++) starts[j + 1] += starts[j];
        return new TestMatrix(n, starts, [.. entries.Keys.Select(k => k.Row)], [.. entries.Values]);
    }

    public Matrix<double> Dense()
    {
        var a = Matrix<double>.Build.Dense(Count, Count);
        for (int j = 0; j < Count; j++)
        {
            for (int p = Starts[j]; p < Starts[j + 1]; p++) a[Rows[p], j] = a[j, Rows[p]] = Values[p];
        }
        return a;
    }

    /// <summary>Inertia by dense eigenvalues; below tolerance · largest counts as zero.</summary>
    public Inertia EigenInertia(double tolerance = 1e-11)
    {
        var eigenvalues = Dense().Evd(Symmetricity.Symmetric).EigenValues.Select(e => e.Real).ToArray();
        double zero = tolerance * eigenvalues.Max(Math.Abs);
        return new Inertia(eigenvalues.Count(e => e > zero), eigenvalues.Count(e => e < -zero), eigenvalues.Count(e => Math.Abs(e) <= zero));
    }

    /// <summary>‖b − A x‖ / (‖A‖ ‖x‖ + ‖b‖) in maximum norms.</summary>
    public double Residual(double[] x, double[] b)
    {
        var r = b.ToArray();
        var sums = new double[Count];
        for (int j = 0; j < Count; j++)
        {
            for (int p = Starts[j]; p < Starts[j + 1]; p++)
            {
                int i = Rows[p];
                r[i] -= Values[p] * x[j];
                sums[i] += Math.Abs(Values[p]);
                if (i == j) continue;
                r[j] -= Values[p] * x[i];
                sums[j] += Math.Abs(Values[p]);
            }
        }
        return r.Max(Math.Abs) / ((sums.Max() * x.Max(Math.Abs)) + b.Max(Math.Abs));
    }

    /// <summary>[H + δI, Jᵀ; J, −D]: random sparse H (indefinite unless shifted), J of full row rank almost surely.</summary>
    public static TestMatrix Kkt(Random random, int variables, int constraints, double shift, double corner, bool storeZeroCorner = true)
    {
        var entries = new SortedDictionary<(int, int), double>();
        for (int i = 0; i < variables; i++)
        {
            entries[(i, i)] = Normal(random) + shift;
            for (int t = 0; t < 2; t++)
            {
                int j = random.Next(variables);
                if (j != i) entries[(Math.Min(i, j), Math.Max(i, j))] = 0.5 * Normal(random);
            }
        }
        for (int c = 0; c < constraints; c++)
        {
            int row = variables + c;
            entries[(c, row)] = 1 + random.NextDouble();
            for (int t = 0; t < 2; t++) entries[(random.Next(variables), row)] = Normal(random);
            if (corner != 0 || storeZeroCorner) entries[(row, row)] = -corner;
        }
        return From(variables + constraints, entries);
    }

    public static TestMatrix Random(Random random, int n, double density)
    {
        var entries = new SortedDictionary<(int, int), double>();
        for (int j = 0; j < n; j++)
        {
            for (int i = j; i < n; i++)
            {
                if (i == j ? random.NextDouble() < 0.5 : random.NextDouble() < density) entries[(j, i)] = Normal(random);
            }
        }
        return From(n, entries);
    }

    /// <summary>Five-point Laplacian of a width × width grid minus shift.</summary>
    public static TestMatrix Grid(int width, double shift = 0)
    {
        var entries = new SortedDictionary<(int, int), double>();
        for (int y = 0; y < width; y++)
        {
            for (int x = 0; x < width; x++)
            {
                int i = (y * width) + x;
                entries[(i, i)] = 4 - shift;
                if (x + 1 < width) entries[(i, i + 1)] = -1;
                if (y + 1 < width) entries[(i, i + width)] = -1;
            }
        }
        return From(width * width, entries);
    }

    public static TestMatrix Tridiagonal(int n, double diagonal, double off)
    {
        var starts = new int[n + 1];
        var rows = new int[(2 * n) - 1];
        var values = new double[rows.Length];
        int at = 0;
        for (int j = 0; j < n; j++)
        {
            rows[at] = j;
            values[at++] = diagonal;
            if (j + 1 < n)
            {
                rows[at] = j + 1;
                values[at++] = off;
            }
            starts[j + 1] = at;
        }
        return new TestMatrix(n, starts, rows, values);
    }

    /// <summary>Diagonal plus one dense row and column, the first or the last.</summary>
    public static TestMatrix Arrow(int n, bool hubFirst)
    {
        var entries = new SortedDictionary<(int, int), double>();
        int hub = hubFirst ? 0 : n - 1;
        for (int i = 0; i < n; i++)
        {
            entries[(i, i)] = i == hub ? 1 : 2 + (i % 3);
            if (i != hub) entries[(Math.Min(i, hub), Math.Max(i, hub))] = 1;
        }
        return From(n, entries);
    }

    public static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    public static double[] Vector(Random random, int n) => [.. Enumerable.Range(0, n).Select(_ => Normal(random))];
}
