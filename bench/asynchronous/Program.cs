using System.Globalization;
using Optc.Bench.Asynchronous;
using Optc.Bench.BlockRules;
using Optc.Runtime.Solvers.Asynchronous;

// asynchronous-bench PLOT.svg: block coordinate updates by workers under delays; a report in Markdown on the standard output.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
const int Blocks = 8;
// The delay-dependent step gets so many times the updates that the anchored steps took.
const int Patience = 10;
var data = new Classification(2000, 80, 0.5, 0.05, 1);
var simulated = new AsynchronousOptions { Asynchronous = true, SimulatedClock = true, Blocks = Blocks, MaxEpochs = 1_000_000 };

// Delays by block and number of its earlier answers, in units of an undelayed update.
(string Name, Func<int, int, double> Law)[] laws =
[
    ("none", (_, _) => 1.0),
    ("one block 10", (b, _) => b == 0 ? 10.0 : 1.0),
    ("one block 100", (b, _) => b == 0 ? 100.0 : 1.0),
    ("all different, 1 to 8", (b, _) => 1.0 + b),
    ("random up to 20, all blocks", (b, s) => 1.0 + (19.0 * Uniform(b, s))),
    ("heavy tail (Pareto, exponent 1.2), all blocks", (b, s) => Math.Pow(1.0 - Uniform(b, s), -1.0 / 1.2)),
    ("√(1 + s) after s answers, all blocks", (_, s) => Math.Sqrt(1.0 + s)),
    ("1 + s/4 after s answers, one block", (b, s) => b == 0 ? 1.0 + (0.25 * s) : 1.0),
];

Console.WriteLine($"# Block coordinate updates by workers that read old points\n\n`bench/asynchronous/run`, {Environment.ProcessorCount} processors, .NET {Environment.Version}. Method and proofs: [docs/asynchronous.md](../../docs/asynchronous.md).\n\n![errors over simulated time](asynchronous.svg)\n\n## The same parameters under all delays\n\nℓ1-regularised logistic regression, 2000 records, 80 features, neighbours correlated by 0.5, λ a twentieth of the one from which on all weights are zero, {Blocks} blocks.");
Console.WriteLine("Simulated time, in units of an update without delay, until no weight is further than 1e-6 · max(1, ‖w‖∞) from the optimum that coordinate descent with working sets finds.");
Console.WriteLine("`anchored` has the default parameters; `plain` leaves the proximal term out (`anchor=0`), with γ = 1/(L_i + R_i). The delay-dependent step is 2/((2τ + 1) L) (Sun, Hannah, Yin 2017),");
Console.WriteLine($"τ being the largest delay that occurs in the run: something it would have to know before; L the largest eigenvalue of all second derivatives, in the same metric. It is given up after {Patience} times the anchored updates.\n");
Console.WriteLine("| delays | largest, updates | mean | anchored: time | updates | plain: time | updates | delay-dependent step | time | updates |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
double lipschitz = Spectrum.Largest(data, Blocks);
List<Line> curves = [];
foreach ((string name, Func<int, int, double> law) in laws)
{
    Race anchored = data.Run(simulated with { DelayLaw = law }), plain = data.Run(simulated with { DelayLaw = law, Anchor = 0.0 });
    int bound = Math.Max(anchored.LargestDelay, plain.LargestDelay);
    double step = 2.0 / (((2.0 * bound) + 1.0) * lipschitz);
    Race dependent = data.Run(simulated with { DelayLaw = law, Anchor = 0.0, Step = step, MaxEpochs = Patience * anchored.Updates / Blocks });
    Console.WriteLine($"| {name} | {bound} | {anchored.MeanDelay:0.0} | {Cell(anchored)} | {Cell(plain)} | {step:0.0e+0} | {Cell(dependent)} |");
    curves.Add(new Line(name, anchored.Curve));
}

Console.WriteLine($"\n## Actual delays, not the worst one\n\nOne block rests once, for the given time, at its tenth answer; all other updates last one unit. The delay-dependent step must fear the rest for ever.\n");
Console.WriteLine("| rest | largest delay, updates | mean | anchored: time | plain: time | delay-dependent: time | over anchored |\n|---|---:|---:|---:|---:|---:|---:|");
List<Line> rests = [];
foreach (double rest in new[] { 1.0, 10.0, 100.0, 1000.0 })
{
    Func<int, int, double> law = (b, s) => b == 0 && s == 10 ? rest : 1.0;
    Race anchored = data.Run(simulated with { DelayLaw = law }), plain = data.Run(simulated with { DelayLaw = law, Anchor = 0.0 });
    Race dependent = data.Run(simulated with { DelayLaw = law, Anchor = 0.0, Step = 2.0 / (((2.0 * anchored.LargestDelay) + 1.0) * lipschitz), MaxEpochs = 5 * Patience * anchored.Updates / Blocks });
    Console.WriteLine($"| {rest:0} | {anchored.LargestDelay} | {anchored.MeanDelay:0.0} | {Time(anchored)} | {Time(plain)} | {Time(dependent)} | {(double.IsNaN(dependent.Time) ? $"> {5 * Patience}" : (dependent.Time / anchored.Time).ToString("0.0"))} |");
    rests.Add(new Line($"anchored, rest {rest:0}", anchored.Curve));
    rests.Add(new Line($"dependent, rest {rest:0}", dependent.Curve));
}

Divergence.Report();
Threads.Report();
Plot.Write(args[0], new Panel("largest error, same parameters", "simulated time", curves, true), new Panel("one long rest", "simulated time", rests, true));

static double Uniform(int block, int answer) => new Random((block * 1_000_003) + answer).NextDouble();

static string Time(Race race) => double.IsNaN(race.Time) ? $"not reached ({race.Last:0e+0})" : race.Time.ToString("0");

static string Cell(Race race) => $"{Time(race)} | {race.Updates}";
