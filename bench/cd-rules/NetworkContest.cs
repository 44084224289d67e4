namespace Optc.Bench.BlockRules;

/// <summary>Block coordinate descent on a split network.</summary>
internal static class NetworkContest
{
    private const int Samples = 200, Inputs = 10, Sweeps = 3000, Starts = 3;

    public static void Run(Report report)
    {
        report.Heading("Networks by blocks");
        report.Text($"""
            Zeng, Lau, Lin and Yao (Global convergence of block coordinate descent in deep learning, ICML 2019) claim that descent by blocks on split networks converges to a critical point from any start, the mean
            of the squared subgradients of K sweeps falling as O(1/K). Three-splitting, {Inputs} inputs, two ReLU layers of 12 and a linear output, {Samples} samples of a teacher network with noise, γ = 1, λ = 0.01; V, U
            and W from the last layer to the first, each to the exact minimum with ½α‖·‖² added. The measure is the squared distance of 0 to the limiting subdifferential, computed apart from the updates, after
            every sweep; the table has its sum over K sweeps, worst of {Starts} starts (bounded in K says O(1/K)), and whether P ever rose by more than 1e-12 of it. The kernel is the bench's own.
            """);
        var (rows, lines) = (new List<object[]>(), new List<Line>());
        foreach (double alpha in new[] { 0.1, 1, 5 })
        {
            double[] sums = new double[Sweeps + 1];
            (double first, double last, bool rose) = (0, 0, false);
            for (int seed = 0; seed < Starts; seed++)
            {
                (double[][] x, double[][] y) = Teacher();
                var network = new SplitNetwork(x, y, [12, 12, 1], alpha, 10 + seed);
                double value = network.Objective(), sum = 0;
                first = Math.Max(first, value);
                for (int k = 1; k <= Sweeps; k++)
                {
                    network.Sweep();
                    double now = network.Objective();
                    rose |= now > value * (1 + 1e-12);
                    value = now;
                    sums[k] = Math.Max(sums[k], sum += network.Criticality());
                }
                last = Math.Max(last, value);
            }
            rows.Add([alpha, .. new[] { 10, 30, 100, 300, 1000, Sweeps }.Select(k => (object)sums[k]), first, last, rose ? "yes" : "no"]);
            lines.Add(new Line($"α = {alpha:G2}", [.. Enumerable.Range(1, Sweeps).Select(k => ((double)k, sums[k] / k))]));
        }
        lines.Add(new Line("1/K", [(1, lines[0].Points[0].Y), (Sweeps, lines[0].Points[0].Y / Sweeps)]));
        report.Table(["α", "K = 10", "30", "100", "300", "1000", $"{Sweeps}", "worst P at the starts", "worst P at the ends", "P rose"], rows);
        report.Picture("cd-rules-networks.svg", "mean squared subgradient by sweeps, worst of the starts", new Panel("mean squared subgradient", "sweeps K", lines, true));
    }

    private static (double[][], double[][]) Teacher()
    {
        var random = new Random(4);
        double[][] weights = [.. Enumerable.Range(0, 6).Select(_ => Enumerable.Range(0, Inputs).Select(_ => Clock.Normal(random) / Math.Sqrt(Inputs)).ToArray())];
        double[][] x = [.. Enumerable.Range(0, Samples).Select(_ => Enumerable.Range(0, Inputs).Select(_ => Clock.Normal(random)).ToArray())];
        double[][] y = [.. x.Select(row => new[] { weights.Select((w, k) => (k % 2 == 0 ? 1.0 : -1.0) * Math.Max(0, w.Zip(row, (a, b) => a * b).Sum())).Sum() + (0.1 * Clock.Normal(random)) })];
        return (x, y);
    }
}
