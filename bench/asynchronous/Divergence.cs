using Optc.Runtime.Problems;
using Optc.Runtime.Solvers;
using Optc.Runtime.Solvers.Asynchronous;
using Optc.Runtime.Solvers.BlockCoordinate;
using Optc.Runtime.Solvers.CoordinateDescent;

namespace Optc.Bench.Asynchronous;

/// <summary>½ (Σ xᵢ − 1)² + ½ ε ‖x − x₀‖²: every coordinate does the same, so that no step is safe from delays without a proximal term.</summary>
internal static class Divergence
{
    private const int N = 16;
    private const double Ridge = 0.01;

    public static void Report()
    {
        Console.WriteLine($"\n## Where delays matter: ½(Σ xᵢ − 1)² + ½ · {Ridge} ‖x − x₀‖² in {N} coordinates, each a block\n");
        Console.WriteLine("Every update lasts a random time of the range given. Largest error after 20,000 epochs, or the epochs until 1e-8.\n");
        Console.WriteLine("| delay of every update | anchored | plain, γ = 1/(L_i + R_i) | plain, γ = 1/L_i |\n|---|---:|---:|---:|");
        foreach (double spread in new[] { 0.0, 1.0, 4.0, 16.0 })
            Console.WriteLine($"| 1 to {1 + spread:0} | {Cell(spread, null, null)} | {Cell(spread, 0.0, null)} | {Cell(spread, 0.0, 1.0)} |");
    }

    private static string Cell(double spread, double? anchor, double? step)
    {
        int[] starts = [.. Enumerable.Range(0, N + 1).Select(i => i * N)], indices = [.. Enumerable.Range(0, N * N).Select(k => k % N)];
        double[] values = [.. Enumerable.Range(0, N * N).Select(k => 1.0 + (k / N == k % N ? Ridge : 0.0))];
        double[] far = [.. Enumerable.Range(0, N).Select(i => Math.Sin(1.0 + i))], linear = [.. far.Select(v => 1.0 + (Ridge * v))];
        // (11ᵀ + εI) x = 1 + ε x₀.
        double total = linear.Sum() / (N + Ridge);
        double[] optimum = [.. linear.Select(v => (v - total) / Ridge)];
        double error = double.NaN;
        int reached = 0;
        using var stop = new CancellationTokenSource();
        var options = new AsynchronousOptions
        {
            Asynchronous = true, SimulatedClock = true, Blocks = N, Anchor = anchor, Step = step, MaxEpochs = 20_000, Tolerance = 1e-14,
            DelayLaw = (b, s) => 1.0 + (spread * new Random((b * 7919) + s).NextDouble()),
        };
        new AsynchronousSolver(options).Solve(
            new QuadraticFunction(new SparsePattern(N, N, starts, indices), values, linear), new BlockPenalty(new SeparablePenalty(N)), new double[N],
            new SolveRequest { TimeLimit = 60.0 }, 1,
            r =>
            {
                error = 0.0;
                for (int j = 0; j < N; j++) error = Math.Max(error, Math.Abs(r.Point.Span[j] - optimum[j]));
                if (error > 1e-8 || reached > 0) return;
                reached = r.Update / N;
                stop.Cancel();
            },
            stop.Token);
        return reached > 0 ? $"{reached} epochs" : error < 1e3 ? $"error {error:0.0e+0}" : "diverges";
    }
}
