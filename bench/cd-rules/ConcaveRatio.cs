using Optc.Runtime.Native;
using Optc.Runtime.Problems;
using Optc.Runtime.Solvers;
using Optc.Runtime.Solvers.BlockCoordinate;
using Optc.Runtime.Solvers.CoordinateDescent;

namespace Optc.Bench.BlockRules;

/// <summary>Fractional minimisation with a concave denominator: every critical point is the global minimum.</summary>
internal static class ConcaveRatio
{
    /// <summary>min (½xᵀQx + ½) / (aᵀx) over x ≥ 0: the denominator is concave, so every critical point is the global minimum 1/√(2 max(aᵀx − ½xᵀQx))… of a quadratic program.</summary>
    public static void Run(Report report)
    {
        report.Text("""
            Concave denominators: (½xᵀQx + ½)/(aᵀx) over x ≥ 0 (the Sharpe ratio's inverse); every critical point is the global minimum, which a quadratic program gives
            independently: with v = max_{x ≥ 0} aᵀx − ½xᵀQx it is 1/√(2v). Parametric descent: a sweep of exact coordinate steps on ½xᵀQx − F aᵀx, then F anew.
            """);
        var rows = new List<object[]>();
        foreach (int n in new[] { 20, 100, 400 })
        {
            var random = new Random(n);
            double[] q = new double[n * n], a = [.. Enumerable.Range(0, n).Select(_ => 0.3 + Clock.Normal(random))];
            for (int s = 0; s < 2 * n; s++)
            {
                double[] row = [.. Enumerable.Range(0, n).Select(_ => Clock.Normal(random))];
                for (int i = 0; i < n; i++) VectorKernels.AddScaled(row[i] / (2 * n), row, q.AsSpan(i * n, n));
            }
            var penalty = new SeparablePenalty(n);
            Array.Clear(penalty.Lower);
            int[] starts = [.. Enumerable.Range(0, n + 1).Select(i => i * n)], indices = [.. Enumerable.Range(0, n * n).Select(k => k % n)];
            var f = new QuadraticFunction(new SparsePattern(n, n, starts, indices), q, a);
            double v = -new BlockSolver(f, new BlockPenalty(penalty), new BlockOptions { Tolerance = 1e-12 }).Solve(new double[n], new SolveRequest()).Objective, global = 1 / Math.Sqrt(2 * v);
            double[] x = new double[n], product = new double[n];
            Array.Fill(x, 1.0 / n);
            for (int i = 0; i < n; i++) product[i] = VectorKernels.Dot(q.AsSpan(i * n, n), x);
            double ratio = double.NaN;
            int sweeps = 0;
            for (; sweeps < 2000; sweeps++)
            {
                double denominator = VectorKernels.Dot(a, x);
                if (denominator <= 0) throw new InvalidOperationException("the start has no positive denominator");
                double next = ((0.5 * VectorKernels.Dot(x, product)) + 0.5) / denominator;
                if (sweeps > 0 && ratio - next <= 1e-14 * next) break;
                ratio = next;
                for (int i = 0; i < n; i++)
                {
                    double target = Math.Max(0, x[i] - ((product[i] - (ratio * a[i])) / q[(i * n) + i])), step = target - x[i];
                    x[i] = target;
                    VectorKernels.AddScaled(step, q.AsSpan(i * n, n), product);
                }
            }
            rows.Add([n, FractionalContest.F(global), FractionalContest.F(ratio), (ratio / global) - 1, sweeps]);
        }
        report.Table(["n", "global minimum (quadratic program)", "descent", "relative difference", "sweeps"], rows);
    }
}
