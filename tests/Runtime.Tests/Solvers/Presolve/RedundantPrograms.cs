using Optc.Runtime.Tests.Models;

namespace Optc.Runtime.Tests.Solvers.Presolve;

/// <summary>Feasible linear and convex quadratic programs, to which rows are added that presolve should see through.</summary>
internal static class RedundantPrograms
{
    public static DenseProgram Make(int seed)
    {
        var random = new Random(seed);
        int n = random.Next(2, 8);
        double[,] p = new double[n, n];
        if (random.Next(3) > 0)
        {
            for (int r = random.Next(1, n + 1); r > 0; r--)
            {
                double[] v = [.. Enumerable.Range(0, n).Select(_ => Half(random))];
                for (int i = 0; i < n; i++)
                {
                    for (int j = 0; j < n; j++) p[i, j] += v[i] * v[j];
                }
            }
        }
        double[] inside = [.. Enumerable.Range(0, n).Select(_ => (double)random.Next(-2, 3))];
        double[] lower = [.. inside.Select(v => v - random.Next(0, 3))], upper = [.. inside.Zip(lower, (v, l) => v + random.Next(l == v ? 1 : 0, 4))];
        if (random.Next(3) == 0) lower[0] = upper[0] = inside[0];
        double[] q = [.. Enumerable.Range(0, n).Select(_ => Half(random))];
        var rows = new List<(double[] A, double Lower, double Upper)>();
        for (int i = random.Next(1, 5); i > 0; i--) Add([.. Enumerable.Range(0, n).Select(_ => random.Next(2) == 0 ? 0.0 : Half(random))]);
        for (int extra = random.Next(1, 8); extra > 0; extra--)
        {
            switch (random.Next(6))
            {
                case 0:
                    rows.Add((new double[n], random.Next(-2, 1), random.Next(0, 3)));
                    break;
                case 1:
                    Add(Unit(random.Next(n), random.Next(2) == 0 ? 2.0 : -0.5));
                    break;
                case 2:
                    double factor = random.Next(2) == 0 ? -2.0 : 3.0;
                    Add([.. rows[random.Next(rows.Count)].A.Select(v => factor * v)]);
                    break;
                case 3:
                    Add([.. Enumerable.Range(0, n).Select(_ => Half(random))], slack: 1000.0);
                    break;
                case 4:
                    ForceCorner();
                    break;
                default:
                    Add(Unit(random.Next(n), 1.0), equation: true);
                    break;
            }
        }
        // Half of the programs have variables without bounds; a strictly convex objective keeps them bounded.
        var other = new Random(~seed);
        if (other.Next(2) == 0)
        {
            for (int j = 0; j < n; j++)
            {
                p[j, j] += 1.0;
                if (other.Next(3) == 0) lower[j] = double.NegativeInfinity;
                if (other.Next(3) == 0) upper[j] = double.PositiveInfinity;
            }
        }
        double[,] a = new double[rows.Count, n];
        for (int i = 0; i < rows.Count; i++)
        {
            for (int j = 0; j < n; j++) a[i, j] = rows[i].A[j];
        }
        return new DenseProgram(p, q, a, [.. rows.Select(r => r.Lower)], [.. rows.Select(r => r.Upper)], lower, upper);

        double[] Unit(int j, double value)
        {
            double[] unit = new double[n];
            unit[j] = value;
            return unit;
        }

        void Add(double[] row, double slack = 0.0, bool equation = false)
        {
            double body = row.Zip(inside, (c, v) => c * v).Sum();
            int kind = equation || (slack == 0.0 && random.Next(4) == 0) ? 0 : random.Next(1, 4);
            double below = body - random.Next(0, 3) - slack, above = body + random.Next(0, 3) + slack;
            rows.Add(kind switch
            {
                0 => (row, body, body),
                1 => (row, below, double.PositiveInfinity),
                2 => (row, double.NegativeInfinity, above),
                _ => (row, below, Math.Max(above, below + 0.5)),
            });
        }

        // A row that is largest exactly at its side; the point inside moves to that corner, where the rows so far may not hold: so only where they do.
        void ForceCorner()
        {
            double[] row = new double[n];
            double most = 0.0;
            for (int j = 0; j < n; j++)
            {
                if (inside[j] != lower[j] && inside[j] != upper[j]) continue;
                if (random.Next(2) == 0) continue;
                double size = random.Next(1, 4);
                row[j] = inside[j] == upper[j] ? size : -size;
                most += row[j] * inside[j];
            }
            if (random.Next(2) == 0) rows.Add((row, most, random.Next(2) == 0 ? most : double.PositiveInfinity));
            else rows.Add(([.. row.Select(v => -v)], double.NegativeInfinity, -most));
        }
    }

    private static double Half(Random random) => 0.5 * random.Next(-4, 5);
}
