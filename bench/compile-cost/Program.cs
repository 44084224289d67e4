// What compiling a kernel costs and what it gains: backs when kernels are compiled (CompileCost in
// src/Runtime/Templates/Kernel.cs, compileFrom in src/Dsl.Compiler/Templates.fs). The findings stand in docs/compile-cost.md.
using System.Diagnostics;
using System.Globalization;
using Optc.Bench.CompileCost;
using Optc.Compiler;
using Optc.Runtime.Native;
using Optc.Runtime.Templates;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
const int Kernels = 7;

var world = new World(10_000);
Console.WriteLine($"first kernel of the process, 10 nodes: {1e3 * MakeSeconds(10, 1, Compile, out _):F1} ms compiled, {1e3 * MakeSeconds(10, 2, Interpret, out _):F1} ms interpreted");
Console.WriteLine();
Console.WriteLine("| nodes | instructions | compile ms | tape ms | instances | interpreted ns | compiled ns | evaluations that pay |");
Console.WriteLine("|---:|---:|---:|---:|---:|---:|---:|---:|");
foreach (int nodes in args.Length > 0 ? args.Select(int.Parse) : [10, 100, 300, 1000])
{
    double compile = Median(seed => MakeSeconds(nodes, seed, Compile, out _));
    double tape = Median(seed => MakeSeconds(nodes, seed, Interpret, out _));
    KernelProgram program = Programs.build(RandomGraph.Spec(nodes, 7));
    foreach (int instances in new[] { 100, 10_000 })
    {
        double slow = EvaluationSeconds(Interpret(program, instances), instances, nodes), fast = EvaluationSeconds(Compile(program, instances), instances, nodes);
        string pays = slow > fast ? $"{(compile - tape) / (slow - fast):G2}" : "never";
        Console.WriteLine($"| {nodes} | {program.Instructions.Length} | {1e3 * compile:F2} | {1e3 * tape:F2} | {instances} | {1e9 * slow / instances:F1} | {1e9 * fast / instances:F1} | {pays} |");
    }
}

static KernelCode Compile(KernelProgram program, int instances) => Emit.code(Simd.Width, program, instances);

static KernelCode Interpret(KernelProgram program, int instances) => Tape.Create(program, program.BlockSize(instances));

static double Median(Func<int, double> measure)
{
    double[] seconds = [.. Enumerable.Range(10, Kernels).Select(measure)];
    Array.Sort(seconds);
    return seconds[Kernels / 2];
}

// From the expression to the code, and a block evaluated: machine code is made by then.
double MakeSeconds(int nodes, int seed, Func<KernelProgram, int, KernelCode> make, out KernelCode code)
{
    KernelSpec spec = RandomGraph.Spec(nodes, seed);
    long start = Stopwatch.GetTimestamp();
    code = make(Programs.build(spec), 10_000);
    world.Evaluate(code, code.BlockSize);
    return Stopwatch.GetElapsedTime(start).TotalSeconds;
}

// The fastest of several runs, each of enough evaluations for the clock.
double EvaluationSeconds(KernelCode code, int instances, int nodes)
{
    int repeat = Math.Max(1, 2_000_000 / (instances * Math.Max(1, nodes / 10)));
    double best = double.MaxValue;
    for (int run = 0; run < 5; run++)
    {
        long start = Stopwatch.GetTimestamp();
        for (int k = 0; k < repeat; k++) world.Evaluate(code, instances);
        best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds / repeat);
    }
    return best;
}
