using System.Globalization;
using Optc.Runtime.Native;

namespace Optc.Bench.BlockRules;

/// <summary>BCD-PR on Wasserstein CP-dictionary learning: stationarity by iterations.</summary>
internal static class WassersteinContest
{
    private const int Sweeps = 1000, Starts = 3, InnerSteps = 10;

    public static void Run(Report report)
    {
        report.Heading("BCD-PR: Wasserstein CP-dictionary learning");
        report.Text($"""
            The application of Kwon and Lyu (ICML 2023): joint distributions pₙ on a grid as mixtures qₙ = Σ_r H_rn u_r ∘ v_r of products, by the transport cost Σₙ W(pₙ, qₙ) with an entropic term;
            columns of U, V and H on simplices. They claim ε-stationary points in Õ(1/ε) iterations, inexact block steps included. Here 12 distributions on 6 × 5 cells, 3 products, cost the squared
            distance, γ = 0.1 of the largest. The blocks U, V, H in turn: at most {InnerSteps} projected gradient steps on F + ½μ‖d‖², which is convex in a block. Theirs is solved in the dual of the
            block's problem; here the dual is that of W alone (Sinkhorn's iteration to 1e-13), whose potentials are the gradient. The entropic term is γ KL(T | p ∘ q), smooth up to the simplices'
            edges. Measure: ‖Π(θ − ∇F) − θ‖² over all three blocks. The table has the least measure so far at sweep T, worst of {Starts} starts, times T: bounded says O(1/ε).
            """);
        var rows = new List<object[]>();
        var lines = new List<Line>();
        int[] at = [10, 30, 100, 300, 1000];
        foreach (double mu in new[] { 0, 0.01, 0.1, 1.0 })
        {
            double[] worst = new double[Sweeps + 1];
            double first = 0, last = 0;
            for (int start = 0; start < Starts; start++)
            {
                var problem = new WassersteinDictionary(6, 5, 3, 12, 7);
                problem.Randomise(new Random(50 + start));
                first = Math.Max(first, problem.Value());
                double least = double.PositiveInfinity;
                for (int sweep = 1; sweep <= Sweeps; sweep++)
                {
                    for (int block = 0; block < 3; block++) Improve(problem, block, mu);
                    least = Math.Min(least, Measure(problem));
                    worst[sweep] = Math.Max(worst[sweep], least);
                }
                last = Math.Max(last, problem.Value());
            }
            rows.Add([mu, .. at.Select(t => (object)(t * worst[t])), Slope(worst, 10, 100), Slope(worst, 100, Sweeps), first, last]);
            lines.Add(new Line($"μ = {mu.ToString("G2", CultureInfo.InvariantCulture)}", [.. Enumerable.Range(1, Sweeps).Select(t => ((double)t, worst[t]))]));
        }
        double level = lines.Max(l => l.Points[0].Y);
        lines.Add(new Line("1/T", [(1, level), (Sweeps, level / Sweeps)]));
        report.Table(["μ", .. at.Select((t, k) => k == 0 ? $"T = {t}" : $"{t}"), "slope 10–100", "slope 100–1000", "worst F at the starts", "worst F at the ends"], rows);
        report.Picture("cd-rules-wasserstein.svg", "least squared measure by sweep, worst of the starts", new Panel("least squared measure so far", "sweeps T", lines, true));
    }

    /// <summary>Projected gradient steps, halved until they descend, on F + ½μ‖θ − θ_old‖² over one block.</summary>
    private static void Improve(WassersteinDictionary problem, int block, double mu)
    {
        double[] x = problem.Blocks[block], old = [.. x], gradient = new double[x.Length], before = new double[x.Length];
        double step = 8;
        for (int inner = 0; inner < InnerSteps; inner++)
        {
            double value = problem.Value() + Proximity(x);
            problem.Gradient(block, gradient);
            for (int j = 0; j < x.Length; j++) gradient[j] += mu * (x[j] - old[j]);
            x.CopyTo(before, 0);
            for (int halving = 0; halving < 40; halving++, step /= 2)
            {
                for (int j = 0; j < x.Length; j++) x[j] = before[j] - (step * gradient[j]);
                WassersteinDictionary.Project(x, problem.Length(block));
                double model = value, squares = 0;
                for (int j = 0; j < x.Length; j++)
                {
                    model += gradient[j] * (x[j] - before[j]);
                    squares += (x[j] - before[j]) * (x[j] - before[j]);
                }
                if (squares < 1e-26) return;
                if (problem.Value() + Proximity(x) <= model + (squares / (2 * step)) + (1e-15 * value)) break;
            }
        }

        double Proximity(double[] point) => 0.5 * mu * point.Zip(old, (a, b) => (a - b) * (a - b)).Sum();
    }

    /// <summary>‖Π(θ − ∇F) − θ‖² over all blocks.</summary>
    private static double Measure(WassersteinDictionary problem)
    {
        problem.Value();
        double sum = 0;
        for (int block = 0; block < 3; block++)
        {
            double[] x = problem.Blocks[block], moved = new double[x.Length];
            problem.Gradient(block, moved);
            VectorKernels.Combine(1, x, -1, moved, moved);
            WassersteinDictionary.Project(moved, problem.Length(block));
            sum += x.Zip(moved, (a, b) => (a - b) * (a - b)).Sum();
        }
        return sum;
    }

    private static double Slope(double[] measure, int from, int to) => Math.Log(measure[to] / measure[from]) / Math.Log((double)to / from);
}
