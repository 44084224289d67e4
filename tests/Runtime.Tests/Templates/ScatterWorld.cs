using Optc.Runtime.Templates;

namespace Optc.Runtime.Tests.Templates;

/// <summary>Some templates with random cells, affine, irregular and mixed, and with results that are given numbers.</summary>
internal sealed unsafe class ScatterWorld
{
    private readonly Random _random;

    public ScatterWorld(int seed, int mostInstances)
    {
        _random = new Random(seed);
        // Enough for steps up to 7, clusters and their shifts.
        CellCount = (8 * mostInstances) + 200;
        Trash = _random.Next(2) == 0 ? -1 : CellCount - 1;
        Templates = [.. Enumerable.Range(0, 1 + _random.Next(3)).Select(_ => Template(mostInstances))];
    }

    public int CellCount { get; }

    public int Trash { get; }

    public ScatterTemplate[] Templates { get; }

    public ScatterPlan[] Build(bool mayStore, out (int First, int End)[] fill)
    {
        var claims = new CellClaims(CellCount);
        ScatterPlan[] plans = [.. Templates.Select(t => ScatterPlanBuilder.Build(t.Columns, t.InstanceCount, Trash, claims, mayStore))];
        fill = claims.Unassigned();
        return plans;
    }

    /// <summary>The cells after all templates have run; <paramref name="whole"/> takes whole numbers as results.</summary>
    public double[] Run(ScatterPlan[] plans, double[] start, int blockSize, bool pulled, bool whole)
    {
        var structure = new TemplateStructure(Models.Define(1, 0, [.. Templates.Select(t => t.Bare())]));
        var runner = new KernelRunner(structure);
        var cells = start.ToArray();
        fixed (double* address = cells)
        {
            for (var t = 0; t < Templates.Length; t++)
                runner.Run(t, Templates[t].Kernel(blockSize, pulled, whole), plans[t], address);
        }
        return cells;
    }

    private ScatterTemplate Template(int mostInstances)
    {
        var instances = _random.Next(4) == 0 ? 1 + _random.Next(150) : (mostInstances / 2) + _random.Next(mostInstances / 2);
        var step = 1 + _random.Next(6);
        var origin = _random.Next(60);
        var breaks = Enumerable.Range(0, _random.Next(4)).Select(_ => _random.Next(instances)).Order().ToArray();
        var isRegular = _random.Next(2) == 0;
        var columns = Enumerable.Range(0, 1 + _random.Next(9)).Select(_ => Column(instances, step, origin, isRegular ? [] : breaks)).ToArray();
        return new ScatterTemplate(columns, instances, _random.Next());
    }

    private IndexColumn Column(int instances, int step, int origin, int[] breaks)
    {
        // Most results of a template move together.
        var (first, move) = _random.Next(10) switch
        {
            0 => (_random.Next(CellCount), 0),
            1 => (Trash < 0 ? 3 : Trash, 0),
            2 => (_random.Next(100), 1 + _random.Next(7)),
            _ => (origin + _random.Next(9 * step), step),
        };
        if (breaks.Length == 0)
            return IndexColumn.Affine(first, move);
        var cells = new int[instances];
        var k = 0;
        for (var i = 0; i < instances; i++)
        {
            if (k < breaks.Length && i == breaks[k])
            {
                k++;
                first = Math.Max(0, first + _random.Next(9) - 4);
                if (_random.Next(6) == 0)
                    (first, move) = (_random.Next(100), _random.Next(4));
            }
            cells[i] = first + (move * i) < CellCount ? first + (move * i) : _random.Next(CellCount);
        }
        return IndexColumn.Over(cells);
    }
}

/// <summary>The cells and results of one template.</summary>
internal sealed unsafe class ScatterTemplate(IndexColumn[] columns, int instanceCount, int seed)
{
    public IndexColumn[] Columns { get; } = columns;

    public int InstanceCount { get; } = instanceCount;

    /// <summary>Result e of instance i.</summary>
    public double Result(int e, int i, bool whole)
    {
        var hash = (uint)HashCode(e, i);
        return whole ? (hash % 17) - 8.0 : (hash / (double)uint.MaxValue) - 0.4;
    }

    public void AddTo(double[] cells, bool whole)
    {
        for (var i = 0; i < InstanceCount; i++)
        {
            for (var e = 0; e < Columns.Length; e++)
                cells[Columns[e][i]] += Result(e, i, whole);
        }
    }

    /// <summary>A template with the instances and without derivatives.</summary>
    public Template Bare() => TestTemplates.Create(TestExpression.Constant, TemplateTarget.Objective, IndexColumn.Affine(0, 0), [], InstanceCount);

    /// <summary>A kernel with these results; pulled ones come from a naive loop over places.</summary>
    public Kernel Kernel(int blockSize, bool pulled, bool whole)
    {
        KernelCode Code(BlockKernel run) => new() { Run = run, ResultArrays = [.. Enumerable.Range(0, Columns.Length)], ArrayCount = Columns.Length, BlockSize = blockSize };
        var stride = blockSize + KernelCode.History + KernelCode.Padding;
        KernelCode Blocks() => Code((_, start, count, block) =>
        {
            for (var e = 0; e < Columns.Length; e++)
            {
                for (var i = 0; i < count; i++)
                    ((double*)block)[(e * stride) + i] = Result(e, start + i, whole);
            }
        });
        KernelCode Pull(PullRequest request) => Code((frame, start, count, _) =>
        {
            if (count % 8 != 0)
                throw new InvalidOperationException($"{count} places are not a multiple of 8.");
            foreach (var group in request.Groups)
            {
                var output = (double*)(group.Output == 0 ? frame.Output : frame.OtherOutput);
                for (var k = start; k < start + count; k++)
                {
                    for (var r = 0; r < group.Sources.Length; r++)
                    {
                        if (group.Sources[r].Length == 0)
                            continue;
                        var sum = group.Sources[r].Select(s => Result(s.Result, k - s.Shift, whole)).Aggregate((a, b) => a + b);
                        ref var cell = ref output[group.Base + ((long)group.Step * k) + r];
                        cell = group.Assigns ? sum : cell + sum;
                    }
                }
            }
        });
        return pulled ? new Kernel(Columns.Length, Blocks, new Compiler(Blocks, Pull), atOnce: true) : new Kernel(Columns.Length, Blocks);
    }

    private sealed class Compiler(Func<KernelCode> compile, Func<PullRequest, KernelCode> pull) : KernelCompiler
    {
        public override KernelCode Compile() => compile();

        public override KernelCode Pull(PullRequest request, IReadOnlyList<KernelCompiler> companions) => pull(request);
    }

    private int HashCode(int e, int i)
    {
        var h = (uint)seed + ((uint)e * 0x9E3779B9u) + ((uint)i * 0x85EBCA6Bu);
        h = (h ^ (h >> 15)) * 0x2C1B3C6Du;
        h = (h ^ (h >> 12)) * 0x297A2D39u;
        return (int)(h ^ (h >> 15));
    }
}
