using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using Optc.Compiler;
using Optc.Runtime.Native;
using Optc.Runtime.Templates;

namespace Optc.Bench.Kernels;

/// <summary>One kernel as tape, as compiled code for instances, and as compiled code for stretches of cells. The first two
/// leave their results in a block, the third stores sums where they belong.</summary>
public class KernelBenchmarks
{
    private readonly List<Array> _pinned = [];
    private KernelFrame _frame = new();
    private KernelCode _tape = null!, _compiled = null!, _pulled = null!;
    private long _block;
    private int _reach;

    /// <summary>The term.</summary>
    [ParamsSource(nameof(Terms))]
    public string Term { get; set; } = "";

    /// <summary>Second derivatives instead of first ones.</summary>
    [Params(false, true)]
    public bool Second { get; set; }

    /// <summary>Terms to choose from.</summary>
    public static IEnumerable<string> Terms => [Models.Rosenbrock, Models.Waves];

    /// <summary>Makes the three.</summary>
    [GlobalSetup]
    public void Setup()
    {
        CompiledModel model = Models.Sum(Term, "compiled");
        Template template = model.Templates[0];
        Templates.Description description = model.Descriptions[0];
        Graph graph = description.Graph.Clone();
        int[] results = Second
            ? [.. description.Hessian.Select(h => graph.Mul(Leaves.weight(graph, template.DataColumns.Length), h.Item3))]
            : [.. description.Gradient.Select(g => g.Item2)];
        int[] bases = [.. template.Slots.Select(s => s.Base)];
        var spec = new KernelSpec(graph, results, [], [.. template.Slots.Select(s => s.Step)], bases, [.. template.DataColumns.Select(d => d.Step)], template.Row.Step);
        KernelProgram program = Programs.build(spec);
        _tape = Tape.Create(program, program.BlockSize(Models.Instances));
        _compiled = Emit.code(Simd.Width, program, Models.Instances);
        PullRequest request = Request(description, bases);
        _reach = request.Reach;
        _pulled = Emit.pulled(Simd.Width, [spec], Models.Instances, request);
        int room = new[] { _tape, _compiled, _pulled }.Max(c => (c.ArrayCount + 1) * Math.Min(c.Stride, 1 << 16));
        _block = Pin(new double[room + KernelCode.History]) + (sizeof(double) * KernelCode.History);
        _frame = new KernelFrame
        {
            Point = Pin([.. Enumerable.Range(0, Models.Instances + 1).Select(i => 0.5 + (0.01 * (i % 7)))]),
            SlotBases = Pin(bases),
            SlotTables = Pin(new long[bases.Length]),
            Data = Pin((double[])template.Data.Clone()),
            DataBases = Pin(template.DataColumns.Select(d => d.Base).ToArray()),
            Weights = Pin([1.0]),
            Output = Pin(new double[2 * (Models.Instances + 1)]),
        };
    }

    /// <summary>Interpreted.</summary>
    [Benchmark(Baseline = true)]
    public void Interpreted() => Run(_tape, 0);

    /// <summary>Compiled, instance by instance.</summary>
    [Benchmark]
    public void Compiled() => Run(_compiled, 0);

    /// <summary>Compiled, cell by cell.</summary>
    [Benchmark]
    public void Pulled() => Run(_pulled, _reach);

    private void Run(KernelCode code, int start)
    {
        int end = start + ((Models.Instances - start) & ~7);
        for (int first = start; first < end; first += code.BlockSize)
            code.Run(_frame, first, Math.Min(code.BlockSize, end - first), _block);
    }

    /// <summary>Where the results go: to the gradient, or to the lower triangle of a tridiagonal matrix by columns.</summary>
    private PullRequest Request(Templates.Description description, int[] bases)
    {
        var sources = new List<PulledSource>[] { [], [] };
        if (Second)
        {
            foreach (var (result, (a, b, _)) in description.Hessian.Index())
                sources[Math.Abs(bases[a] - bases[b])].Add(new(0, result, Math.Min(bases[a], bases[b])));
        }
        else
        {
            foreach (var (result, (slot, _)) in description.Gradient.Index())
                sources[0].Add(new(0, result, bases[slot]));
        }
        PulledSource[][] present = [.. sources.Where(s => s.Count > 0).Select(s => s.ToArray())];
        int step = Second ? 2 : 1, first = Second ? present[0].Length == 0 ? 1 : 0 : 0;
        return new PullRequest([new PulledGroup(0, first, step, true, present)], present.Max(s => s.Max(p => p.Shift)), [0]);
    }

    private long Pin<T>(T[] values)
        where T : unmanaged
    {
        T[] copy = GC.AllocateArray<T>(Math.Max(1, values.Length), pinned: true);
        values.CopyTo(copy, 0);
        _pinned.Add(copy);
        return Marshal.UnsafeAddrOfPinnedArrayElement(copy, 0);
    }
}
