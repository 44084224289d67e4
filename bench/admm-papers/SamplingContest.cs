using MathNet.Numerics.LinearAlgebra;
using Optc.Compiler;
using Optc.Runtime.Solvers;
using Optc.Runtime.Solvers.Consensus;

namespace Optc.Bench.AdmmPapers;

/// <summary>Draws by ADMM against exact posteriors, and against samplers by gradients.</summary>
internal static class SamplingContest
{
    private const int Agents = 6, Dimension = 4, Records = 15, Rounds = 1500;

    public static void Run(Report report, string root)
    {
        var model = new RegressionPosterior(Agents, Dimension, Records, 0.45, 3);
        double size = model.Posterior.Size;
        report.Heading("Sampling a Bayesian linear regression");
        report.Text($"{Agents} agents with {Records} records each, {Dimension} weights; the posterior is normal, its precision has eigenvalues from {model.Least:G3} to {model.Largest:G3}. A round of every method is linear, so the law of its draws is known exactly in every round, and so is its 2-Wasserstein distance to the posterior; given relative to the posterior's size √tr Σ, from the start 0.");
        Curves(report, model, size);
        Best(report, model, size);
        Check(report, model, size);
        Logistic(report, root);
    }

    private static void Curves(Report report, RegressionPosterior model, double size)
    {
        List<Line> lines = [];
        foreach (double factor in new[] { 0.1, 1.0, 5.0 })
            lines.Add(Relative($"ADMM, h = {factor}/λmax", model.Consensus(model.Largest / (factor * Agents)).Distances(model.Posterior, Rounds), size));
        foreach (double factor in new[] { 0.1, 1.0, 1.9 })
            lines.Add(Relative($"Langevin, h = {factor}/λmax", model.Langevin(factor / model.Largest).Distances(model.Posterior, Rounds), size));
        List<Line> ring = [];
        foreach (double factor in new[] { 0.1, 1.0, 5.0 })
            ring.Add(Relative($"ADMM, h = {factor}/λmax", model.RingAdmm(model.Largest / (2.0 * 2.0 * Agents * factor)).Distances(model.Posterior, Rounds), size));
        foreach (double factor in new[] { 0.02, 0.05, 0.1 })
            ring.Add(Relative($"Langevin, h = {factor}/λmax", model.RingLangevin(factor / model.Largest).Distances(model.Posterior, Rounds), size));
        report.Picture("admm-papers-sampling.svg", "Wasserstein distance by round", new Panel("a coordinator", "rounds", lines, true), new Panel("a ring, mean of the agents", "rounds", ring, true));
        report.Text("`h` is the length of a step: 1/(ρK) for ADMM with a coordinator, 1/(4ρK) in the ring. Distances end at the bias of the step, which is of first order in h for all of them; ADMM has no largest step.");
    }

    /// <summary>Every method with the step that suits it best for each goal.</summary>
    private static void Best(Report report, RegressionPosterior model, double size)
    {
        report.Text("**Rounds until the distance stays below a part of the posterior's size**, each method with the best of 25 steps (h from 10⁻³/λmax to 10²/λmax; “never”: not within 1500 rounds); the step in brackets, as a multiple of 1/λmax.");
        double[] goals = [0.3, 0.1, 0.05, 0.02];
        (string Name, Func<double, LinearChain> Chain)[] methods =
        [
            ("ADMM, coordinator (`optc sample`)", h => model.Consensus(1.0 / (h * Agents))), ("Langevin, coordinator", model.Langevin),
            ("ADMM, ring", h => model.RingAdmm(1.0 / (4.0 * h * Agents))), ("Langevin, ring", model.RingLangevin),
        ];
        List<object[]> rows = [];
        foreach ((string name, Func<double, LinearChain> chain) in methods)
        {
            var best = goals.Select(_ => (Round: int.MaxValue, Step: 0.0)).ToArray();
            for (int k = 0; k < 25; k++)
            {
                double factor = Math.Pow(10.0, -3.0 + (5.0 * k / 24.0));
                double[] distances = chain(factor / model.Largest).Distances(model.Posterior, Rounds);
                for (int g = 0; g < goals.Length; g++)
                {
                    int last = Array.FindLastIndex(distances, d => !(d <= goals[g] * size));
                    if (last + 2 <= distances.Length && last + 2 < best[g].Round) best[g] = (last + 2, factor);
                }
            }
            rows.Add([name, .. best.Select(b => (object)(b.Round == int.MaxValue ? "never" : $"{b.Round} ({b.Step:G2})"))]);
        }
        report.Table(["method", .. goals.Select(g => $"{g}")], rows);
    }

    private static void Check(Report report, RegressionPosterior model, double size)
    {
        const int Chains = 400;
        double rho = model.Largest / Agents;
        int[] marks = [2, 5, 10, 20, 50];
        double[] exact = model.Consensus(rho).Distances(model.Posterior, marks[^1]);
        ConsensusProblem problem = model.Split();
        // The state after so many rounds is the first draw after one fewer.
        double[] measured = [.. marks.Select(mark =>
        {
            Vector<double>[] draws = [.. Enumerable.Range(0, Chains).Select(chain =>
            {
                var options = new SamplingOptions { Draws = 1, Burn = mark - 1, Thin = 1, Penalty = rho };
                return Vector<double>.Build.Dense(new ConsensusSampler(options).Sample(problem, new SolveRequest { Seed = (1000 * mark) + chain }).Draws[0]);
            })];
            Vector<double> mean = draws.Aggregate((a, b) => a + b) / Chains;
            Matrix<double> covariance = draws.Select(d => (d - mean).OuterProduct(d - mean)).Aggregate((a, b) => a + b) / (Chains - 1);
            return new Gaussian(mean, covariance).Distance(model.Posterior);
        })];
        report.Text($"**The sampler itself**: {Chains} chains of `ConsensusSampler` at h = 1/λmax, the distance of the normal law with their mean and covariance, beside the exact one. With so many draws of the posterior itself the distance would be about {MonteCarlo(model, Chains) / size:G2}.");
        report.Table(["rounds", .. marks.Select(m => $"{m}")], [["exact", .. marks.Select(m => (object)(exact[m - 1] / size))], ["measured", .. measured.Select(d => (object)(d / size))]]);
    }

    /// <summary>The distance of a sample's moments to the posterior's when every draw is exact.</summary>
    private static double MonteCarlo(RegressionPosterior model, int count)
    {
        var random = new Random(9);
        Matrix<double> factor = model.Posterior.Covariance.Cholesky().Factor;
        Vector<double>[] draws = [.. Enumerable.Range(0, count).Select(_ => model.Posterior.Mean + (factor * Vector<double>.Build.Dense(Dimension, _ => Math.Sqrt(-2.0 * Math.Log(1.0 - random.NextDouble())) * Math.Cos(2.0 * Math.PI * random.NextDouble()))))];
        Vector<double> mean = draws.Aggregate((a, b) => a + b) / count;
        return new Gaussian(mean, draws.Select(d => (d - mean).OuterProduct(d - mean)).Aggregate((a, b) => a + b) / (count - 1)).Distance(model.Posterior);
    }

    /// <summary>The logistic example, whose moments two-dimensional quadrature gives.</summary>
    private static void Logistic(Report report, string root)
    {
        report.Text("**Bayesian logistic regression**, `optc sample examples/bayes_logistic.opt --draws 5000`: means and deviations against the exact ones (sums over a grid of 1600 × 1600 points).");
        (double[] mean, double[] deviation) = LogisticPosterior.Moments();
        List<object[]> rows = [["exact", "", mean[0], mean[1], deviation[0], deviation[1], ""]];
        foreach (double rho in new[] { 0.5, 2.0, 8.0 })
        {
            var options = new EngineOptions { Threads = 1, Seed = 11 };
            SampleResult result = Engine.Sample([Path.Combine(root, "examples", "bayes_logistic.opt")], options, new SamplingOptions { Draws = 5000, Burn = 1000, Thin = Math.Max(1, (int)(2.0 * rho)), Penalty = rho });
            SamplingResult draws = result.Draws ?? throw new InvalidOperationException(string.Join('\n', result.Diagnostics.Select(d => d.Rendered)));
            DrawSummary first = draws.Summarise(0), second = draws.Summarise(1);
            rows.Add([$"ρ = {rho}", draws.Rounds, first.Mean, second.Mean, first.Deviation, second.Deviation, $"{first.Effective:0}, {second.Effective:0}"]);
        }
        report.Table(["", "rounds", "mean 1", "mean 2", "deviation 1", "deviation 2", "effective draws"], rows);
    }

    private static Line Relative(string name, double[] distances, double size) => new(name, [.. distances.Select((d, i) => (i + 1.0, d / size))]);
}
