using System.Globalization;
using Optc.Runtime.Native;
using Optc.Runtime.Solvers.BlockCoordinate.Problems;

namespace Optc.Bench.BlockRules;

/// <summary>Fractional minimisation by coordinates against proximal gradients with subgradients of the denominator.</summary>
internal static class FractionalContest
{
    private const int Rows = 40, Columns = 80, Nonzeros = 6, Instances = 10, Starts = 4, Total = Instances * Starts, MostSteps = 100_000, MostSweeps = 20_000;

    private static readonly string[] Methods = ["FCD", "PCD", "PGSA"];

    public static void Run(Report report)
    {
        report.Heading("Fractional minimisation");
        report.Text($"""
            Yuan (Coordinate descent methods for fractional minimization, ICML 2023) claims for convex denominators that fractional (FCD) and parametric (PCD) descent with globally solved
            one-dimensional problems reach coordinate-wise stationary points, a condition that critical points of full methods need not meet, at a Q-linear rate under conditions.
            F(x) = (½‖Gx − y‖² + ρ‖x‖₁) / (ρ‖x‖_[k]), G of {Rows} × {Columns} normals with unit columns, y = G x° + noise with {Nonzeros} nonzeros, ρ = 0.1 ‖Gᵀy‖∞, k = {Nonzeros}; {Instances} instances,
            {Starts} random starts each, the same for all. PGSA: proximal gradient on the numerator with a subgradient of the denominator (Zhang, Li, SIAM J. Optim. 32, 2022).
            All run until they stand still: descent until a sweep lowers F by no more than 1e-15 relatively, PGSA until no
            coordinate moves by 1e-10 (so that its ends are critical points); none was cut off unless the table says so. "Can be lowered": some single coordinate, searched on a grid
            and by thirds with code of its own, lowers F by more than 1e-6 relatively.
            """);
        var ends = Methods.ToDictionary(m => m, _ => new List<End>());
        var rates = new Dictionary<string, List<double>> { ["FCD"] = [], ["PCD"] = [] };
        var traces = new Dictionary<string, List<double>>();
        var then = new Dictionary<string, List<double>> { ["PGSA"] = [] };
        for (int instance = 0; instance < Instances; instance++)
        {
            var (columns, y, rho) = Data(instance);
            var problem = new SparseRatio(columns, y, rho, Nonzeros);
            for (int start = 0; start < Starts; start++)
            {
                var random = new Random((100 * instance) + start);
                double[] x = [.. Enumerable.Range(0, Columns).Select(_ => 0.3 * Clock.Normal(random))];
                foreach (string method in Methods)
                {
                    var trace = new List<double>();
                    double[] end = [];
                    int steps = 0;
                    bool isCut = false;
                    double seconds = Clock.Seconds(() =>
                    {
                        if (method is "FCD" or "PCD")
                        {
                            RatioResult r = problem.Descend(x, method == "PCD" ? RatioStep.Parametric : RatioStep.Fractional, 1e-15, MostSweeps, trace.Add);
                            (end, steps, isCut) = (r.Point, r.Sweeps, !r.IsStationary);
                        }
                        else
                        {
                            (end, steps) = FractionalPeers.Full(columns, y, rho, Nonzeros, x, MostSteps, trace);
                            isCut = steps >= MostSteps;
                        }
                    });
                    double value = problem.Ratio(end), gain = FractionalPeers.CoordinateGain(columns, y, rho, Nonzeros, end);
                    ends[method].Add(new End(value, gain, steps, seconds, isCut));
                    if (instance == 0 && start == 0) traces[method] = trace;
                    if (rates.TryGetValue(method, out List<double>? all)) all.AddRange(Ratios(trace));
                    if (then.TryGetValue(method, out List<double>? lowered)) lowered.Add(1 - (problem.Descend(end, RatioStep.Fractional, 1e-15, MostSweeps).Ratio / value));
                }
            }
        }
        double[] best = [.. Enumerable.Range(0, Total).Select(t => Enumerable.Range(t / Starts * Starts, Starts).Min(s => Methods.Min(m => ends[m][s].Ratio)))];
        report.Table(["method", "ends that can be lowered", "largest gain", "median F / best F of the instance", "ends within 1e-6 of it", "median sweeps", "median s", "cut off"], ends.Select(e => (object[])
        [
            e.Key, $"{e.Value.Count(r => r.Gain > 1e-6)} of {Total}", e.Value.Max(r => r.Gain), Median(e.Value.Select((r, t) => r.Ratio / best[t])), e.Value.Where((r, t) => r.Ratio <= best[t] * (1 + 1e-6)).Count(),
            Median(e.Value.Select(r => (double)r.Steps)), Median(e.Value.Select(r => r.Seconds)), e.Value.Count(r => r.IsCut),
        ]));
        foreach ((string method, List<double> lowered) in then)
        {
            int lower = ends[method].Zip(ends["FCD"], (a, b) => b.Ratio < a.Ratio * (1 - 1e-6) ? 1 : 0).Sum(), higher = ends[method].Zip(ends["FCD"], (a, b) => b.Ratio > a.Ratio * (1 + 1e-6) ? 1 : 0).Sum();
            report.Text($"From the same starts FCD ends below {method} {lower} times and above it {higher} times, of {Total}. Started where {method} has ended, FCD lowers F by more than 1e-6 from {lowered.Count(l => l > 1e-6)} ends, by {Median(lowered.Where(l => l > 1e-6).DefaultIfEmpty(0)):P1} in the median.");
        }
        report.Text("Rate: (F(next sweep) − F(end)) / (F(sweep) − F(end)), over the last half of the sweeps at which F − F(end) is above 1e-9 F. Q-linear: bounded away from 1.");
        report.Table(["method", "runs", "median", "largest"], rates.Select(r => (object[])[r.Key, Total, Median(r.Value).ToString("F4", CultureInfo.InvariantCulture), r.Value.Max().ToString("F6", CultureInfo.InvariantCulture)]));
        report.Picture("cd-rules-fractional.svg", "fractional minimisation: objective and rate",
            new Panel("F by sweep, first start", "sweeps", [.. traces.Select(t => new Line(t.Key, [.. t.Value.Take(1000).Select((v, k) => ((double)k + 1, v))]))], true),
            new Panel("F − F(end): a straight line is a linear rate", "sweeps", [.. rates.Keys.Select(m => new Line(m, [.. traces[m].Select((v, k) => ((double)k + 1, v - traces[m][^1])).Where(p => p.Item2 > 1e-13)]))]));
        ConcaveRatio.Run(report);
    }

    /// <summary>Quotients of successive distances to the end, of the last half of those that rounding does not blur.</summary>
    private static IEnumerable<double> Ratios(List<double> trace)
    {
        double end = trace[^1];
        int last = trace.FindLastIndex(v => v - end > 1e-9 * end);
        for (int k = Math.Max(1, (last + 1) / 2); k <= last; k++) yield return (trace[k] - end) / (trace[k - 1] - end);
    }

    public static string F(double value) => value.ToString("F8", CultureInfo.InvariantCulture);

    private static (double[][], double[], double) Data(int seed)
    {
        var random = new Random(1000 + seed);
        double[][] columns = [.. Enumerable.Range(0, Columns).Select(_ => Enumerable.Range(0, Rows).Select(_ => Clock.Normal(random)).ToArray())];
        foreach (double[] c in columns) VectorKernels.Scale(1 / VectorKernels.Norm2(c), c);
        double[] y = [.. Enumerable.Range(0, Rows).Select(_ => 0.01 * Clock.Normal(random))];
        for (int k = 0; k < Nonzeros; k++) VectorKernels.AddScaled(Math.Sign(Clock.Normal(random)) * (0.5 + random.NextDouble()), columns[random.Next(Columns)], y);
        return (columns, y, 0.1 * columns.Max(c => Math.Abs(VectorKernels.Dot(c, y))));
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return 0.5 * (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]);
    }

    private sealed record End(double Ratio, double Gain, int Steps, double Seconds, bool IsCut);
}
