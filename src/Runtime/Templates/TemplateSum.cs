namespace Optc.Runtime.Templates;

/// <summary>
/// One function of some templates, added up in an array of cells, or in two at a time: small templates as one program,
/// the others one after another. Shared by clones and threads.
/// </summary>
internal sealed unsafe class TemplateSum
{
    private readonly (int Template, Kernel Kernel, ScatterPlan Plan, ScatterPlan? Other)[] _large;
    private readonly ScalarProgram? _small;

    /// <param name="structure">The templates.</param>
    /// <param name="members">Which of them.</param>
    /// <param name="part">For each its kernel, where its first results go, and where the others go if there are any.</param>
    public TemplateSum(TemplateStructure structure, int[] members, Func<int, (Kernel Kernel, ScatterPlan Plan, ScatterPlan? Other)> part)
    {
        var parts = members.Select(t => (Template: t, Part: part(t))).ToLookup(p => ScalarProgram.Suits(structure.Templates[p.Template], p.Part.Kernel));
        _large = [.. parts[false].Select(p => (p.Template, p.Part.Kernel, p.Part.Plan, p.Part.Other))];
        if (parts[true].Any())
            _small = ScalarProgram.Create(parts[true].Select(p => (structure.Templates[p.Template], p.Part.Kernel, p.Part.Plan, p.Part.Other)));
    }

    /// <summary>Runs at the runner's point with its weights. The cells hold what the plans want filled.</summary>
    public void Run(KernelRunner runner, double* cells, double* otherCells = null)
    {
        foreach (var (t, kernel, plan, other) in _large)
            runner.Run(t, kernel, plan, cells, other, otherCells);
        if (_small is not null)
            runner.Run(_small, cells, otherCells);
    }
}
