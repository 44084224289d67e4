// What compiling a kernel costs and what it gains: backs the number of instances from which templates are compiled
// (compileFrom in src/Dsl.Compiler/Templates.fs) and the time of interpretation after which they are (Kernel.CompileCost). The findings stand in docs/compile-cost.md.
using System.Diagnostics;
using System.Globalization;
using Optc.Bench.CompileCost;
using Optc.Compiler;
using Optc.Runtime.Native;
using Optc.Runtime.Templates;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
const int Kernels = 15;

var world = new World();
Console.WriteLine($"first kernel of the process, 10 nodes: {1e3 * CompileSeconds(RandomGraph.Spec(10, 1), Compile, out _):F1} ms compiled, "
    + $"{1e3 * CompileSeconds(RandomGraph.Spec(10, 2), Interpret, out _):F1} ms interpreted");
Console.WriteLine();
Console.WriteLine("| nodes | compile ms | tape ms | instances | interpreted ns | compiled ns | evaluations that pay |");
Console.WriteLine("|---:|---:|---:|---:|---:|---:|---:|");
foreach (int nodes in new[] { 10, 100, 1000 })
{
    double compile = Median(seed => CompileSeconds(RandomGraph.Spec(nodes, seed), Compile, out _));
    double tape = Median(seed => CompileSeconds(RandomGraph.Spec(nodes, seed), Interpret, out _));
    KernelSpec spec = RandomGraph.Spec(nodes, 7);
    CompileSeconds(spec, Compile, out KernelCode compiled);
    CompileSeconds(spec, Interpret, out KernelCode interpreted);
    foreach (int instances in new[] { 100, 10_000, 1_000_000 })
    {
        double slow = EvaluationSeconds(interpreted, instances, nodes), fast = EvaluationSeconds(compiled, instances, nodes);
        string pays = slow > fast ? $"{(compile - tape) / (slow - fast):F1}" : "never";
        Console.WriteLine($"| {nodes} | {1e3 * compile:F2} | {1e3 * tape:F2} | {instances} | {1e9 * slow / instances:F1} | {1e9 * fast / instances:F1} | {pays} |");
    }
}

static KernelCode Compile(KernelSpec spec) => Emit.code(Simd.Width, Programs.build(spec), World.MostInstances);

static KernelCode Interpret(KernelSpec spec) => Optc.Compiler.Interpret.code(Programs.build(spec), World.MostInstances);

static double Median(Func<int, double> measure)
{
    double[] seconds = [.. Enumerable.Range(10, Kernels).Select(measure)];
    Array.Sort(seconds);
    return seconds[Kernels / 2];
}

// With a few instances evaluated: machine code is made at the first call.
double CompileSeconds(KernelSpec spec, Func<KernelSpec, KernelCode> make, out KernelCode kernel)
{
    long start = Stopwatch.GetTimestamp();
    kernel = make(spec);
    world.Run(kernel, 8);
    return Stopwatch.GetElapsedTime(start).TotalSeconds;
}

// The fastest of several runs, each of enough evaluations for the clock.
double EvaluationSeconds(KernelCode kernel, int instances, int nodes)
{
    int repeat = Math.Max(1, 2_000_000 / (instances * Math.Max(1, nodes / 10)));
    double best = double.MaxValue;
    for (int run = 0; run < 5; run++)
    {
        long start = Stopwatch.GetTimestamp();
        for (int k = 0; k < repeat; k++) world.Run(kernel, instances);
        best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds / repeat);
    }
    return best;
}
