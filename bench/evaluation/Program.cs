// Times one model in every contestant, in one process: bench/evaluation/run calls this for each model and size.
// Prints one JSON object; ends with 1 when results differ.
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Optc.Bench.Evaluation;
using Optc.Compiler;
using Optc.Runtime.Problems;

var options = Options.Parse(args);
if (options.Growth.Length > 0)
{
    const int hotLoads = 10, loadRounds = 9;
    Func<LoadedModel>[] loads = [.. options.Growth.Select(n => (Func<LoadedModel>)(() => Load([new("n", $"{n}")], out _)))];
    Growth.Measure(loads[..1], hotLoads);
    Console.WriteLine(JsonSerializer.Serialize(Growth.Measure(loads, loadRounds), Format.Json));
    return 0;
}

double coldSeconds = double.NaN;
if (!options.Once)
{
    // Methods get hot on a small instance: the kernels are the model's own, everything else is the same code.
    LoadedModel small = Load(options.WarmSettings.Count > 0 ? options.WarmSettings : options.Settings, out coldSeconds);
    WarmUp(small.Compiled.Problem);
}

long heapBefore = Memory.Heap(), residentBefore = Memory.Status("VmRSS");
LoadedModel loaded = Load(options.Settings, out _);
long heap = Memory.Heap() - heapBefore, resident = Memory.Status("VmRSS") - residentBefore, peakOfCompile = Memory.Status("VmHWM");
INlpProblem problem = loaded.Compiled.Problem;
int n = problem.VariableCount, m = problem.ConstraintCount;
int setting = options.Settings.Where(s => s.Key == "n").Select(s => int.Parse(s.Value, CultureInfo.InvariantCulture)).FirstOrDefault(n);

const double sigma = 0.5;
var weights = new NativeVector(m);
for (int i = 0; i < m; i++) weights.Span[i] = 1.0 + 1e-3 * (i % 7);
var points = new Points(problem.Start);
var lengths = new Dictionary<Quantity, int> { [Quantity.Objective] = 1, [Quantity.Gradient] = n };
if (m > 0) (lengths[Quantity.Constraints], lengths[Quantity.Jacobian]) = (m, problem.JacobianPattern.Count);
lengths[Quantity.Hessian] = problem.HessianPattern.Count;

using var outputs = Outputs.For(problem);
using var own = new OptcContestant(problem, points, sigma, weights, outputs);
var contestants = new List<IContestant> { own };
contestants.AddRange(options.PeerNames.Select(name =>
    PeerContestant.Find(options.PeerLibrary, name, setting, problem, loaded.Compiled.RowConstant, points, sigma, weights, outputs)));
double aslSeconds = double.NaN;
if (options.NlFile.Length > 0)
{
    var asl = new AslContestant(options.AslLibrary, options.NlFile, loaded.Compiled, points, sigma, weights);
    aslSeconds = asl.ReadSeconds;
    contestants.Add(asl);
}

bool same = true;
var differences = new Dictionary<string, Dictionary<string, double>>();
foreach (IContestant other in contestants.Skip(1))
{
    Dictionary<Quantity, double> found = Comparison.Differences(own, other, lengths, outputs);
    differences[other.Name] = found.ToDictionary(f => f.Key.ToString(), f => f.Value);
    same &= found.Values.All(d => d <= Comparison.Tolerance);
}

Quantity[] quantities = [.. lengths.Keys, Quantity.All];
Dictionary<Quantity, double[][]> rounds = options.Once
    ? quantities.ToDictionary(q => q, q => new[] { new[] { SingleCall(own, q) } })
    : Timing.Rounds(contestants, quantities, options.Repeats, options.BatchSeconds);
var seconds = rounds.ToDictionary(q => q.Key.ToString(), q => Named(q.Value, taken => Timing.Median(taken)));
// Of what stood side by side in time: more robust than a quotient of medians.
var ratios = rounds.ToDictionary(q => q.Key.ToString(), q => Named(q.Value, taken => Timing.Median(taken.Zip(q.Value[0], (t, first) => t / first))));
var allocated = quantities.ToDictionary(q => q.ToString(), q => options.Once ? 0.0 : AllocatedBytes(own, q));

using var products = new Products(problem, own, points, sigma, weights);

var report = new
{
    variables = n,
    constraints = m,
    jacobianEntries = problem.JacobianPattern.Count,
    hessianEntries = problem.HessianPattern.Count,
    templates = loaded.Compiled.Templates.Length,
    parseSeconds = loaded.ParseSeconds,
    compileSeconds = loaded.CompileSeconds,
    coldSeconds,
    aslSeconds,
    heapBytes = heap,
    residentBytes = resident,
    peakBytesOfCompile = peakOfCompile,
    harnessBytes = sizeof(double) * ((long)Points.Count * points.Stride + 2L * m + n + problem.JacobianPattern.Count + problem.HessianPattern.Count),
    peakBytes = Memory.Status("VmHWM"),
    checksums = lengths.ToDictionary(l => l.Key.ToString(), l => Comparison.Checksum(own, l.Key, l.Value)),
    seconds,
    ratios,
    allocated,
    differences,
    hessianVector = options.Once ? null : products.Measure(options.Repeats, options.BatchSeconds),
    same,
};
Console.WriteLine(JsonSerializer.Serialize(report, Format.Json));
return same ? 0 : 1;

LoadedModel Load(IReadOnlyList<KeyValuePair<string, string>> settings, out double taken)
{
    long start = Stopwatch.GetTimestamp();
    LoadedModel model = Engine.Load([options.Model], new EngineOptions { Settings = settings, Kernels = options.Kernels });
    taken = Stopwatch.GetElapsedTime(start).TotalSeconds;
    if (!model.HasErrors) return model;
    foreach (EngineDiagnostic diagnostic in model.Diagnostics) Console.Error.WriteLine(diagnostic.Rendered);
    throw new InvalidOperationException($"{options.Model} does not compile");
}

Dictionary<string, double> Named(double[][] rounds, Func<double[], double> figure) =>
    rounds.Select((taken, k) => (contestants[k].Name, Figure: figure(taken))).ToDictionary(p => p.Name, p => p.Figure);

/// A call on arrays whose pages are there.
static double SingleCall(OptcContestant contestant, Quantity quantity)
{
    contestant.Evaluate(quantity, 0);
    long start = Stopwatch.GetTimestamp();
    contestant.Evaluate(quantity, 1);
    return Stopwatch.GetElapsedTime(start).TotalSeconds;
}

/// Bytes that one more evaluation allocates: the least of a few measurements, because a kernel may get hot in one of them.
static double AllocatedBytes(OptcContestant contestant, Quantity quantity)
{
    const int few = Points.Count, many = 3 * Points.Count, measurements = 3;
    double least = double.PositiveInfinity;
    for (int m = 0; m < measurements; m++)
    {
        contestant.Run(quantity, few);
        long start = GC.GetAllocatedBytesForCurrentThread();
        contestant.Run(quantity, few);
        long middle = GC.GetAllocatedBytesForCurrentThread();
        contestant.Run(quantity, many);
        long end = GC.GetAllocatedBytesForCurrentThread();
        least = Math.Min(least, Math.Abs((double)(end - middle - (middle - start)) / (many - few)));
    }
    return least;
}

/// Enough calls for the tiered compiler to be done, and time for it to work.
static void WarmUp(INlpProblem problem)
{
    const int rounds = 4, calls = 60;
    using var points = new Points(problem.Start);
    using var weights = new NativeVector(problem.ConstraintCount);
    using var outputs = Outputs.For(problem);
    using var contestant = new OptcContestant(problem, points, 1.0, weights, outputs);
    using var products = new Products(problem, contestant, points, 1.0, weights);
    for (int round = 0; round < rounds; round++)
    {
        foreach (Quantity quantity in Enum.GetValues<Quantity>()) contestant.Run(quantity, calls);
        products.Run(calls);
        Thread.Sleep(150);
    }
}

internal static class Format
{
    public static readonly JsonSerializerOptions Json = new()
    {
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };
}
