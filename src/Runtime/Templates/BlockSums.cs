namespace Optc.Runtime.Templates;

/// <summary>How the results of some instances add up in an array of cells.</summary>
internal sealed class BlockSums
{
    private readonly List<Part> _parts = [];

    /// <param name="templates">The touched templates.</param>
    /// <param name="members">Those that take part.</param>
    /// <param name="columns">For each of them the cells of each result, by the place of the instance among the touched ones.</param>
    /// <param name="cellCount">Number of cells, the trash cell included.</param>
    public BlockSums(TouchedTemplate[] templates, int[] members, IndexColumn[][] columns, int cellCount)
    {
        CellCount = cellCount;
        foreach (var s in members)
        {
            var plan = ScatterPlanBuilder.Tables(columns[s], templates[s].Local.InstanceCount);
            var place = 0;
            foreach (var run in templates[s].Runs)
            {
                _parts.Add(new Part(run, plan, place));
                place += run.End - run.Start;
            }
        }
    }

    /// <summary>Number of cells.</summary>
    public int CellCount { get; }

    /// <summary>Fills the cells.</summary>
    public unsafe void Assemble(KernelRunner runner, Template[] templates, Func<TemplateKernels, Kernel> kernel, double[] cells)
    {
        Array.Clear(cells);
        foreach (var (run, plan, place) in _parts)
            runner.RunTouched(run, kernel(templates[run.Template].Kernels), plan, place, (double*)Pinned.Address(cells));
    }

    private readonly record struct Part(InstanceRun Run, ScatterPlan Plan, int Place);
}
