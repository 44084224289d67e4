using Optc.Runtime.Native;
using Optc.Runtime.Solvers.BlockCoordinate.Problems;

namespace Optc.Bench.BlockRules;

/// <summary>Risk parity: improved cyclical descent against plain, on the matrices of the paper and on others.</summary>
internal static class RiskParityContest
{
    private const int Matrices = 20, MostSweeps = 1000;

    public static void Run(Report report)
    {
        report.Heading("Risk parity: cyclical descent with rescaling");
        report.Text($"""
            Choi and Chen (J. Derivatives and Quantitative Studies 30, 2022) claim that descent on the correlation matrix with a rescaling after every sweep is about three times as fast as
            that of Griveau-Billion, Richard and Roncalli (2013) and saves more than 40 % of the iterations. Their matrices, from the code that goes with the paper: an example of 5 assets (Bai,
            Scheinberg, Tütüncü, 2016); random correlations whose eigenvalues are uniform (test 1), or of which a fifth are zero and the others uniform (test 2); equal budgets, error in the
            shares of the risk ≤ 1e-6. Beyond theirs: covariances with two strong factors, samples of 1.2 n returns. {Matrices} matrices a size (they take 200). Plain, published: the risk
            √(xᵀΣx) is computed by a product of vectors after every coordinate, as in their code; plain, ours: it is kept up to date in O(1). Processor seconds of all matrices,
            best of 3. Not solved: within {MostSweeps} sweeps; these are left out of sweeps and seconds (a fifth of zero eigenvalues may leave no solution).
            """);
        var rows = new List<object[]>();
        Row(rows, "example", 5, [Example]);
        foreach (string kind in new[] { "test 1", "test 2", "two factors" })
        {
            foreach (int n in new[] { 25, 50, 100, 200, 400, 600 }) Row(rows, kind, n, [.. Enumerable.Range(0, Matrices).Select(k => Covariance(n, new Random((1000 * n) + k), kind))]);
        }
        report.Table(["matrices", "n", "plain sweeps", "improved sweeps", "saved", "plain, published s", "plain, ours s", "improved s", "published/improved s", "ours/improved s", "largest difference of weights", "not solved: plain, improved"], rows);
    }

    private static void Row(List<object[]> rows, string kind, int n, double[][] matrices)
    {
        double[] budget = [.. Enumerable.Repeat(1.0 / n, n)];
        const double Tolerance = 1e-6;
        var all = matrices.Select(m => (Matrix: m, Plain: RiskParity.Plain(m, budget, Tolerance, MostSweeps), Improved: RiskParity.Improved(m, budget, Tolerance, MostSweeps))).ToArray();
        int plainFails = all.Count(r => !r.Plain.IsSolved), improvedFails = all.Count(r => !r.Improved.IsSolved);
        // Sweeps and seconds of the matrices that both solve.
        all = [.. all.Where(r => r.Plain.IsSolved && r.Improved.IsSolved)];
        RiskParityResult[] plain = [.. all.Select(r => r.Plain)], improved = [.. all.Select(r => r.Improved)];
        matrices = [.. all.Select(r => r.Matrix)];
        if (all.Any(r => Math.Abs(Published(r.Matrix, budget, Tolerance) - r.Plain.Sweeps) > 1)) throw new InvalidOperationException($"the plain methods differ at n = {n}");
        double difference = plain.Zip(improved, (a, b) => a.Weights.Zip(b.Weights, (u, v) => Math.Abs(u - v)).Max()).Max();
        int repeats = Math.Max(1, (int)(2e6 / ((double)n * n * matrices.Length)));
        double Seconds(Action<double[]> solve) => Clock.Best(3, () =>
        {
            for (int k = 0; k < repeats; k++)
            {
                foreach (double[] m in matrices) solve(m);
            }
        }) / repeats;
        double asPublished = Seconds(m => Published(m, budget, Tolerance)), slow = Seconds(m => RiskParity.Plain(m, budget, Tolerance)), fast = Seconds(m => RiskParity.Improved(m, budget, Tolerance));
        double before = plain.Average(r => r.Sweeps), after = improved.Average(r => r.Sweeps);
        rows.Add([kind, n, before, after, $"{100 * (1 - (after / before)):F0} %", asPublished, slow, fast, asPublished / fast, slow / fast, difference, $"{plainFails}, {improvedFails}"]);
    }

    /// <summary>The plain method with the risk computed anew after every coordinate; the sweeps it takes.</summary>
    private static int Published(double[] covariance, double[] budget, double tolerance)
    {
        int n = budget.Length;
        double[] x = new double[n], product = new double[n];
        for (int i = 0; i < n; i++) x[i] = 1 / Math.Sqrt(covariance[(i * n) + i]);
        VectorKernels.Scale(1 / VectorKernels.Sum(x), x);
        for (int i = 0; i < n; i++) product[i] = VectorKernels.Dot(covariance.AsSpan(i * n, n), x);
        double risk = Math.Sqrt(VectorKernels.Dot(x, product));
        for (int sweep = 1; ; sweep++)
        {
            for (int i = 0; i < n; i++)
            {
                double variance = covariance[(i * n) + i], a = 0.5 * (product[i] - (variance * x[i])), next = (Math.Sqrt((a * a) + (variance * risk * budget[i])) - a) / variance;
                VectorKernels.AddScaled(next - x[i], covariance.AsSpan(i * n, n), product);
                x[i] = next;
                risk = Math.Sqrt(VectorKernels.Dot(x, product));
            }
            double error = 0;
            for (int i = 0; i < n; i++) error = Math.Max(error, Math.Abs((x[i] * product[i] / (risk * risk)) - budget[i]));
            if (error <= tolerance || sweep == MostSweeps) return sweep;
        }
    }

    private static readonly double[] Example =
    [
        94.868, 33.750, 12.325, -1.178, 8.778, 33.750, 445.642, 98.955, -7.901, 84.954, 12.325, 98.955, 117.265, 0.503, 45.184, -1.178, -7.901, 0.503, 5.460, 1.057, 8.778, 84.954, 45.184, 1.057, 34.126,
    ];

    private static double[] Covariance(int n, Random random, string kind)
    {
        if (kind == "two factors") return Factors(n, random);
        double[] eigenvalues = [.. Enumerable.Range(0, n).Select(k => kind == "test 2" && k < n / 5 ? 0 : random.NextDouble())];
        VectorKernels.Scale(n / VectorKernels.Sum(eigenvalues), eigenvalues);
        return Correlation(eigenvalues, random);
    }

    /// <summary>A correlation matrix with the given eigenvalues, of sum n (Davies, Higham, BIT 40, 2000): random reflections, then rotations that make the diagonal 1.</summary>
    private static double[] Correlation(double[] eigenvalues, Random random)
    {
        int n = eigenvalues.Length;
        double[] a = new double[n * n], v = new double[n], av = new double[n];
        for (int i = 0; i < n; i++) a[(i * n) + i] = eigenvalues[i];
        // Reflections of growing length, as in Stewart's method for random orthogonal matrices, on both sides.
        for (int length = 2; length <= n; length++)
        {
            int first = n - length;
            Array.Clear(v);
            for (int i = first; i < n; i++) v[i] = Clock.Normal(random);
            v[first] += Math.CopySign(VectorKernels.Norm2(v), v[first]);
            VectorKernels.Scale(1 / VectorKernels.Norm2(v), v);
            for (int i = 0; i < n; i++) av[i] = VectorKernels.Dot(a.AsSpan(i * n, n), v);
            double inner = VectorKernels.Dot(v, av);
            // (I − 2vvᵀ) A (I − 2vvᵀ) = A − 2 v(Av)ᵀ − 2 (Av)vᵀ + 4 (vᵀAv) vvᵀ.
            for (int i = 0; i < n; i++)
            {
                VectorKernels.AddScaled(-2 * v[i], av, a.AsSpan(i * n, n));
                VectorKernels.AddScaled((4 * inner * v[i]) - (2 * av[i]), v, a.AsSpan(i * n, n));
            }
        }
        for (int step = 0; step < n - 1; step++)
        {
            int i = Enumerable.Range(0, n).MinBy(k => a[(k * n) + k]), j = Enumerable.Range(0, n).MaxBy(k => a[(k * n) + k]);
            double ii = a[(i * n) + i], jj = a[(j * n) + j], ij = a[(i * n) + j];
            if (jj - ii < 1e-13 || 1 - ii < 1e-13 || jj - 1 < 1e-13) break;
            // Rotation with tangent t such that the new (i, i) is 1.
            double t = (ij + Math.Sqrt((ij * ij) - ((ii - 1) * (jj - 1)))) / (jj - 1), c = 1 / Math.Sqrt(1 + (t * t)), s = c * t;
            for (int k = 0; k < n; k++) (a[(i * n) + k], a[(j * n) + k]) = ((c * a[(i * n) + k]) - (s * a[(j * n) + k]), (s * a[(i * n) + k]) + (c * a[(j * n) + k]));
            for (int k = 0; k < n; k++) (a[(k * n) + i], a[(k * n) + j]) = ((c * a[(k * n) + i]) - (s * a[(k * n) + j]), (s * a[(k * n) + i]) + (c * a[(k * n) + j]));
            a[(i * n) + i] = 1;
        }
        for (int i = 0; i < n; i++)
        {
            if (Math.Abs(a[(i * n) + i] - 1) > 1e-9) throw new InvalidOperationException($"diagonal {i} is {a[(i * n) + i]}");
        }
        return a;
    }

    /// <summary>The covariance of 1.2 n returns of two strong factors and noise, with volatilities spread over a decade.</summary>
    private static double[] Factors(int n, Random random)
    {
        int samples = (int)Math.Ceiling(1.2 * n) + 5;
        double[] result = new double[n * n], load = [.. Enumerable.Range(0, 2 * n).Select(_ => Clock.Normal(random))], scale = [.. Enumerable.Range(0, n).Select(_ => Math.Pow(10, random.NextDouble() - 1.5))], row = new double[n];
        for (int s = 0; s < samples; s++)
        {
            double first = Clock.Normal(random), second = Clock.Normal(random);
            for (int i = 0; i < n; i++) row[i] = scale[i] * ((0.8 * (1 + (0.3 * load[i])) * first) + (0.3 * load[n + i] * second) + Clock.Normal(random));
            for (int i = 0; i < n; i++) VectorKernels.AddScaled(row[i] / samples, row, result.AsSpan(i * n, n));
        }
        return result;
    }
}
