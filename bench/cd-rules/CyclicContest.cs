namespace Optc.Bench.BlockRules;

/// <summary>Cyclic blocks on a composite objective that is not convex, with all observations and with recursive variance reduction.</summary>
internal static class CyclicContest
{
    private const int Samples = 3000, Features = 120, Passes = 1000;

    public static void Run(Report report)
    {
        report.Heading("Cyclic blocks with variance reduction, not convex");
        report.Text($"""
            Cai, Song, Wright and Diakonikolas (ICML 2023) claim for composite objectives that are not convex that cyclic block steps reach a squared gradient mapping of ε in O(1/ε) cycles, as full proximal gradient
            steps do, faster (linearly) under a Polyak-Łojasiewicz condition, and that with recursive variance reduction they take as few gradients of single observations as the best stochastic full-gradient
            methods. (1/n) Σ (σ(aᵢᵀx) − yᵢ)² + λ‖x‖₁, {Samples} × {Features} correlated normals, λ = 2e-4, from zero, m blocks of neighbours, steps 1/L of each block. With variance reduction ("stochastic"): a cycle has all
            observations with probability b/(n + b), otherwise b = √n of them correct the last estimate, block by block at the mixed points (PAGE for m = 1); steps 1/(2L). These kernels are the bench's own; the
            cyclic one with all observations is `rule=cyclic update=gradient` with fixed L. A pass is n gradients of observations. The measure is ‖L(x − prox(x − ∇f/L))‖², L that of all coordinates;
            the first table has the least so far after T passes, times T: bounded in T says O(1/T).
            """);
        var problem = new SigmoidRegression(Samples, Features, 3);
        double bound = problem.Bound(0, Features), start = problem.Measure(new double[Features], bound);
        var (rows, goals, lines) = (new List<object[]>(), new List<object[]>(), new List<Line>());
        foreach (bool isStochastic in new[] { false, true })
        {
            foreach (int blocks in new[] { 1, 4, 20, Features })
            {
                List<(double X, double Y)> points = Descend(problem, blocks, isStochastic, bound);
                string name = blocks == 1 ? isStochastic ? "stochastic, m = 1 (PAGE)" : "full gradient, m = 1" : $"{(isStochastic ? "stochastic" : "cyclic")}, m = {blocks}";
                double At(double passes) => points.Last(p => p.X <= passes).Y;
                rows.Add([name, .. new[] { 10, 30, 100, 300, Passes }.Select(t => (object)(t * At(t)))]);
                goals.Add([name, .. new[] { 1e-2, 1e-4, 1e-6, 1e-8 }.Select(share => points.FirstOrDefault(p => p.Y <= share * start) is { Y: > 0 } p ? (object)p.X : $"> {Passes}")]);
                lines.Add(new Line(name, points));
            }
        }
        report.Table(["method", "T = 10", "30", "100", "300", $"{Passes}"], rows);
        report.Text("Passes until the measure is below a share of that at zero:");
        report.Table(["method", "1e-2", "1e-4", "1e-6", "1e-8"], goals);
        report.Picture("cd-rules-cyclic.svg", "least squared gradient mapping by passes", new Panel("least squared gradient mapping so far", "passes", lines, true));
    }

    /// <summary>The least measure so far by passes.</summary>
    private static List<(double X, double Y)> Descend(SigmoidRegression f, int blocks, bool isStochastic, double bound)
    {
        int n = f.Count, d = f.VariableCount, batch = (int)Math.Sqrt(n), size = d / blocks;
        double[] bounds = [.. Enumerable.Range(0, blocks).Select(b => (isStochastic ? 2 : 1) * f.Bound(b * size, (b + 1) * size))];
        double[] x = new double[d], before = new double[d], estimate = new double[d], next = new double[d];
        double[] forms = new double[n], formsBefore = new double[n];
        int[] everyone = [.. Enumerable.Range(0, n)];
        var random = new Random(5);
        var points = new List<(double X, double Y)>();
        double passes = 0, least = double.PositiveInfinity;
        for (bool isFull = true; passes < Passes; isFull = !isStochastic || random.NextDouble() < (double)batch / (n + batch))
        {
            int[] chosen = isFull ? everyone : [.. Enumerable.Range(0, batch).Select(_ => random.Next(n))];
            foreach (int i in chosen) (forms[i], formsBefore[i]) = (f.Form(i, x), isFull ? 0 : f.Form(i, before));
            // Observations drawn twice move once.
            int[] moved = isFull ? everyone : [.. chosen.Distinct()];
            x.CopyTo(next, 0);
            for (int b = 0; b < blocks; b++)
            {
                int first = b * size, end = first + size;
                if (isFull) Array.Clear(estimate, first, size);
                foreach (int i in chosen)
                {
                    double slope = (f.Slope(i, forms[i]) - (isFull ? 0 : f.Slope(i, formsBefore[i]))) / chosen.Length;
                    for (int j = first; j < end; j++) estimate[j] += slope * f.Rows[i][j];
                }
                for (int j = first; j < end; j++) next[j] = f.Step(x[j], estimate[j], bounds[b]);
                foreach (int i in moved)
                {
                    for (int j = first; j < end; j++)
                    {
                        forms[i] += f.Rows[i][j] * (next[j] - x[j]);
                        formsBefore[i] += isFull ? 0 : f.Rows[i][j] * (x[j] - before[j]);
                    }
                }
            }
            (before, x, next) = (x, next, before);
            double passed = passes + (isFull ? 1 : 2.0 * batch / n);
            // Looked at about 40 times in every factor of ten, and every pass at first.
            if (points.Count == 0 || passed >= Math.Max(points[^1].X + 1, 1.06 * points[^1].X))
            {
                least = Math.Min(least, f.Measure(x, bound));
                points.Add((passed, least));
            }
            passes = passed;
        }
        return points;
    }
}
