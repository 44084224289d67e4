using System.Runtime.CompilerServices;
using Optc.Runtime.Native;

namespace Optc.Runtime.Templates;

/// <summary>Runs the kernels of a structure's templates block by block at an extended point, and scatters their results.</summary>
internal sealed unsafe class KernelRunner
{
    // The widest vector of compiled code.
    private const int WidestVector = 8;
    private readonly TemplateStructure _structure;
    private readonly KernelFrame[] _frames;
    private readonly AlignedBlock _block = new();
    private double[] _scratch = [];
    private double[] _registers = [];
    private readonly Dictionary<JointJob, KernelFrame[]> _companions = new(ReferenceEqualityComparer.Instance);
    private double[] _sums = [];

    public KernelRunner(TemplateStructure structure)
    {
        _structure = structure;
        Point = Pinned.Zeros<double>(structure.DeclaredCount + structure.StageCount);
        _frames = [.. structure.Bindings.Select(b => b.CreateFrame())];
        PointAddress = Pinned.Address(Point);
    }

    /// <summary>An extended point of the runner's own, pinned.</summary>
    public double[] Point { get; }

    /// <summary>The extended point that kernels read: <see cref="Point"/> or the caller's.</summary>
    public long PointAddress { get; set; }

    /// <summary>The weights of the rows of each target, for kernels that weigh.</summary>
    public ScalarProgram.RowWeights Weights { get; set; }

    /// <summary>The direction in the extended space, for products with second derivatives.</summary>
    public long Direction { get; set; }

    /// <summary>Results of all instances of a template.</summary>
    public void Run(int t, Kernel kernel, ScatterPlan plan, double* cells, ScatterPlan? other = null, double* otherCells = null) =>
        Run(t, kernel, 0, _structure.Templates[t].InstanceCount, plan, cells, other, otherCells);

    /// <summary>All results of a program.</summary>
    public void Run(ScalarProgram program, double* cells, double* otherCells)
    {
        if (_registers.Length < program.RegisterCount)
            _registers = Pinned.Zeros<double>(program.RegisterCount);
        program.Run((double*)Pinned.Address(_registers), (double*)PointAddress, (double*)Direction, Weights, cells, otherCells);
        GC.KeepAlive(this);
    }

    /// <summary>
    /// Results of the instances [start, end) of a template: the first ones as the plan says, what it does not take as the
    /// other one says.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(int t, Kernel kernel, int start, int end, ScatterPlan plan, double* cells, ScatterPlan? other, double* otherCells)
    {
        var outputs = new Outputs(plan, cells, other, otherCells);
        if (!kernel.IsHot)
        {
            RunBlocks(t, kernel.Interpreted, start, end, default, in outputs);
            kernel.Spend(end - start);
        }
        else if (start > 0 || end < _structure.Templates[t].InstanceCount || kernel.Jobs(plan, other) is not { Length: > 0 } jobs)
        {
            RunBlocks(t, kernel.Code, start, end, default, in outputs);
        }
        else
        {
            // Between the jobs and at the ends, blocks of instances; those that reach into a job leave its places alone.
            var done = default(Places);
            foreach (var job in jobs)
            {
                RunBlocks(t, kernel.Interpreted, start, job.Start, done, in outputs);
                RunJob(t, job.Code, job.Start, job.End, cells, otherCells);
                (start, done) = (job.End - job.Reach, new Places(job.Start, job.End));
            }
            RunBlocks(t, kernel.Interpreted, start, end, done, in outputs);
        }
        // Kernels see addresses only, so nothing else keeps the arrays alive until they return.
        GC.KeepAlive(this);
    }

    /// <summary>The places of a job.</summary>
    public void Run(JointJob job, double* cells)
    {
        var t = job.Parts[0].Template;
        var frame = _frames[t];
        if (!_companions.TryGetValue(job, out var companions))
            _companions[job] = companions = [.. job.Parts.Skip(1).Select(p => _frames[p.Template])];
        for (var p = 1; p < job.Parts.Length; p++)
            Prepare(job.Parts[p].Template, job.Code, out _, 0);
        frame.Companions = companions;
        RunJob(t, job.Code, job.Start, job.End, cells, null);
        GC.KeepAlive(this);
    }

    /// <summary>What a job leaves over of one of its templates.</summary>
    public void RunAround(JointJob job, int number, double* cells)
    {
        var (t, kernel, plan, _) = job.Parts[number];
        var outputs = new Outputs(plan, cells, null, null);
        var done = new Places(job.Start + job.Offsets[number], job.End + job.Offsets[number]);
        RunBlocks(t, kernel.Interpreted, 0, done.Start, default, in outputs);
        RunBlocks(t, kernel.Interpreted, done.End - job.Reaches[number], _structure.Templates[t].InstanceCount, done, in outputs);
        GC.KeepAlive(this);
    }

    private void RunBlocks(int t, KernelCode code, int start, int end, Places done, in Outputs to)
    {
        if (start >= end)
            return;
        var block = Prepare(t, code, out var scratch, Math.Max(to.Plan.ScratchArrays, to.Other?.ScratchArrays ?? 0));
        var frame = _frames[t];
        var stride = code.Stride;
        var arrays = code.ResultArrays.AsSpan();
        var run = new Places(start, end);
        var sums = PrepareSums(to.Plan.SumNumbers, to.Other?.SumNumbers ?? 0);
        var usesHistory = to.Plan.UsesHistory || (to.Other?.UsesHistory ?? false);
        for (var first = start; first < end; first += code.BlockSize)
        {
            var count = Math.Min(code.BlockSize, end - first);
            if (usesHistory && first > start)
                KeepHistory(block, code);
            code.Run(frame, first, Computed(t, first, count), (long)block);
            to.Plan.Scatter(block, stride, arrays[..to.Plan.EntryCount], first, count, run, done, to.Cells, sums, scratch);
            to.Other?.Scatter(block, stride, arrays[to.Plan.EntryCount..], first, count, run, done, to.OtherCells, sums + to.Plan.SumNumbers, scratch);
        }
    }

    private void RunJob(int t, KernelCode code, int start, int end, double* cells, double* otherCells)
    {
        var block = Prepare(t, code, out _, 0);
        var frame = _frames[t];
        (frame.Output, frame.OtherOutput) = ((long)cells, (long)otherCells);
        if (!EvaluationThreads.TryRun(code, frame, start, end, block))
            EvaluationThreads.Run(code, frame, start, end, block);
    }

    /// <summary>Results of some instances, which a plan of tables numbers from <paramref name="place"/> on.</summary>
    public void RunTouched(InstanceRun run, Kernel kernel, ScatterPlan plan, int place, double* cells)
    {
        for (var first = run.Start; first < run.End;)
        {
            var block = Compute(run.Template, kernel, first, run.End, out var code, out var count);
            plan.Scatter(block, code.Stride, code.ResultArrays, place + first - run.Start, count, default, default, cells, null, null);
            first += count;
        }
        GC.KeepAlive(this);
    }

    /// <summary>
    /// Computes the instances from <paramref name="first"/> on, up to <paramref name="end"/> if they fit in a block; result e of
    /// instance first + k stands at the returned address plus <c>arrays[e] · stride + k</c>.
    /// </summary>
    public double* Compute(int t, Kernel kernel, int first, int end, out KernelCode code, out int count)
    {
        code = kernel.Code;
        count = Math.Min(code.BlockSize, end - first);
        var block = Prepare(t, code, out _, 0);
        code.Run(_frames[t], first, Computed(t, first, count), (long)block);
        if (!kernel.IsHot)
            kernel.Spend(count);
        return block;
    }

    /// <summary>Computes one instance; result e stands at the returned address plus <c>arrays[e] · stride</c>.</summary>
    public double* RunOne(int t, Kernel kernel, int instance, out KernelCode code) => Compute(t, kernel, instance, instance + 1, out code, out _);

    /// <summary>Vectors end with the last instance, so that they need as many before it or behind it as they are wide.</summary>
    private int Computed(int t, int first, int count) =>
        first + count >= WidestVector ? count : Math.Min(WidestVector, _structure.Templates[t].InstanceCount) - first;

    private double* Prepare(int t, KernelCode code, out double* scratch, int scratchArrays)
    {
        if (_scratch.Length < scratchArrays * code.Stride)
            _scratch = Pinned.Zeros<double>(scratchArrays * code.Stride);
        scratch = (double*)Pinned.Address(_scratch);
        var frame = _frames[t];
        (frame.Point, frame.Direction) = (PointAddress, Direction);
        frame.Weights = (long)Weights.Of(_structure.Templates[t].Target);
        return _block.For(code);
    }

    private double* PrepareSums(int count, int otherCount)
    {
        if (_sums.Length < count + otherCount)
            _sums = Pinned.Zeros<double>(count + otherCount);
        return (double*)Pinned.Address(_sums);
    }

    private static void KeepHistory(double* block, KernelCode code)
    {
        foreach (var array in code.ResultArrays)
        {
            var values = block + ((long)array * code.Stride);
            BlockStores.Copy(values + code.BlockSize - KernelCode.History, values - KernelCode.History, KernelCode.History);
        }
    }

    /// <summary>Where results go.</summary>
    private readonly struct Outputs(ScatterPlan plan, double* cells, ScatterPlan? other, double* otherCells)
    {
        public ScatterPlan Plan { get; } = plan;

        public double* Cells { get; } = cells;

        public ScatterPlan? Other { get; } = other;

        public double* OtherCells { get; } = otherCells;
    }
}
