using Optc.Runtime.Problems;

namespace Optc.Runtime.Tests.Solvers.Admm;

/// <summary>Quadratic programs for tests, from dense data.</summary>
internal static class Programs
{
    /// <summary>A program from the lower triangle of P and A, zeros left out; null sides and bounds are infinite.</summary>
    public static QuadraticProgram Dense(double[,] p, double[] q, double[,] a, double[]? l, double[]? u, double[]? lx = null, double[]? ux = null)
    {
        int n = q.Length, m = a.GetLength(0);
        List<int> pRows = [], aColumns = [];
        List<double> pValues = [], aValues = [];
        int[] pStarts = new int[n + 1], aStarts = new int[m + 1];
        for (int j = 0; j < n; j++)
        {
            for (int i = j; i < n; i++)
            {
                if (p[i, j] == 0.0) continue;
                pRows.Add(i);
                pValues.Add(p[i, j]);
            }
            pStarts[j + 1] = pRows.Count;
        }
        for (int i = 0; i < m; i++)
        {
            for (int j = 0; j < n; j++)
            {
                if (a[i, j] == 0.0) continue;
                aColumns.Add(j);
                aValues.Add(a[i, j]);
            }
            aStarts[i + 1] = aColumns.Count;
        }
        return new QuadraticProgram(
            new SparsePattern(n, n, pStarts, [.. pRows]), [.. pValues], q, 0.0, new SparsePattern(m, n, aStarts, [.. aColumns]), [.. aValues],
            l ?? Filled(m, double.NegativeInfinity), u ?? Filled(m, double.PositiveInfinity), lx ?? Filled(n, double.NegativeInfinity), ux ?? Filled(n, double.PositiveInfinity));
    }

    /// <summary>A convex program that has a feasible point: P = BBᵀ of rank n/2, sides around A x₀.</summary>
    public static QuadraticProgram Random(int seed, int n, int m)
    {
        var random = new Random(seed);
        double Next() => (2.0 * random.NextDouble()) - 1.0;
        double[,] b = new double[n, (n + 1) / 2], p = new double[n, n], a = new double[m, n];
        double[] q = new double[n], x = new double[n], l = new double[m], u = new double[m], lx = new double[n], ux = new double[n];
        for (int i = 0; i < n; i++)
        {
            for (int k = 0; k < b.GetLength(1); k++) b[i, k] = random.Next(3) == 0 ? Next() : 0.0;
            (q[i], x[i]) = (Next(), Next());
            (lx[i], ux[i]) = (random.Next(4) == 0 ? x[i] : -2.0, random.Next(4) == 0 ? 1.5 : 3.0);
        }
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                for (int k = 0; k < b.GetLength(1); k++) p[i, j] += b[i, k] * b[j, k];
            }
        }
        for (int i = 0; i < m; i++)
        {
            double value = 0.0;
            for (int j = 0; j < n; j++)
            {
                a[i, j] = random.Next(2) == 0 ? Next() : 0.0;
                value += a[i, j] * x[j];
            }
            int kind = random.Next(3);
            l[i] = kind == 0 ? value : kind == 1 ? double.NegativeInfinity : value - 0.1;
            u[i] = kind == 0 ? value : value + random.NextDouble();
        }
        return Dense(p, q, a, l, u, lx, ux);
    }

    public static double[] Filled(int count, double value) => [.. Enumerable.Repeat(value, count)];
}
