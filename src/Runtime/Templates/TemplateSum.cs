namespace Optc.Runtime.Templates;

/// <summary>
/// One function of some templates, added up in an array of cells, or in two at a time: small templates as one program,
/// the others one after another. Shared by clones and threads.
/// </summary>
internal sealed unsafe class TemplateSum
{
    private readonly TemplateStructure _structure;
    private readonly SumPart[] _large;
    private readonly ScalarProgram? _small;
    private readonly Lock _making = new();

    // For each part the job it is in; set when all kernels that can be compiled are hot.
    private volatile JointJob?[]? _jobs;

    /// <param name="structure">The templates.</param>
    /// <param name="members">Which of them.</param>
    /// <param name="part">For each its kernel, where its first results go, and where the others go if there are any.</param>
    public TemplateSum(TemplateStructure structure, int[] members, Func<int, (Kernel Kernel, ScatterPlan Plan, ScatterPlan? Other)> part)
    {
        _structure = structure;
        var parts = members.Select(t => new SumPart(t, part(t).Kernel, part(t).Plan, part(t).Other))
            .ToLookup(p => ScalarProgram.Suits(structure.Templates[p.Template], p.Kernel));
        _large = [.. parts[false]];
        if (parts[true].Any())
            _small = ScalarProgram.Create(parts[true].Select(p => (structure.Templates[p.Template], p.Kernel, p.Plan, p.Other)));
    }

    /// <summary>Runs at the runner's point with its weights. The cells hold what the plans want filled.</summary>
    public void Run(KernelRunner runner, double* cells, double* otherCells = null)
    {
        var jobs = _jobs ?? FindJobs();
        for (var p = 0; p < _large.Length; p++)
        {
            var part = _large[p];
            if (jobs is null || jobs[p] is not { } job)
            {
                runner.Run(part.Template, part.Kernel, part.Plan, cells, part.Other, otherCells);
                continue;
            }
            var number = Array.IndexOf(job.Parts, part);
            if (number == 0)
                runner.Run(job, cells);
            runner.RunAround(job, number, cells);
        }
        if (_small is not null)
            runner.Run(_small, cells, otherCells);
    }

    /// <summary>The jobs of the parts, once all kernels are hot; null before.</summary>
    private JointJob?[]? FindJobs()
    {
        foreach (var part in _large)
        {
            if (!part.Kernel.IsHot)
                return null;
        }
        lock (_making)
        {
            if (_jobs is { } known)
                return known;
            var jobs = new JointJob?[_large.Length];
            for (var p = 0; p < jobs.Length; p++)
            {
                if (jobs[p] is null && JointJob.Find(_large, p, _structure.Templates) is { } job)
                    Array.Fill(jobs, job, p, job.Parts.Length);
            }
            return _jobs = jobs;
        }
    }
}
