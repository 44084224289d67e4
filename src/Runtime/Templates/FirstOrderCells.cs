namespace Optc.Runtime.Templates;

/// <summary>
/// Cells that first derivatives add to. What linear templates add is computed once and copied afterwards.
/// </summary>
internal sealed unsafe class FirstOrderCells
{
    private readonly TemplateStructure _structure;
    private readonly CellSumPlan _plan;
    private readonly double[] _constants;
    private bool _constantsKnown;

    /// <param name="structure">The templates.</param>
    /// <param name="plan">Where their first derivatives go.</param>
    /// <param name="resultCount">How many of the first cells the caller wants; if that is all, no cells are kept.</param>
    public FirstOrderCells(TemplateStructure structure, CellSumPlan plan, int resultCount)
    {
        (_structure, _plan) = (structure, plan);
        WritesDirectly = plan.CellCount == resultCount;
        Cells = Pinned.Zeros<double>(WritesDirectly ? 0 : plan.CellCount);
        _constants = Pinned.Zeros<double>(plan.Constant.Length > 0 ? plan.CellCount : 0);
    }

    /// <summary>Whether the caller's span can serve as the cells.</summary>
    public bool WritesDirectly { get; }

    /// <summary>The cells, empty when <see cref="WritesDirectly"/>.</summary>
    public double[] Cells { get; }

    /// <summary>Data changed.</summary>
    public void Forget() => _constantsKnown = false;

    /// <summary>Fills the caller's span or, if that cannot be, <see cref="Cells"/>.</summary>
    public void Assemble(KernelRunner runner, Span<double> output) => Assemble(runner, output, null, []);

    /// <summary>
    /// The same and, in one pass where there are both, the values: each template's go to rows as the plan says. The rows
    /// must hold what the plan wants filled.
    /// </summary>
    public void Assemble(KernelRunner runner, Span<double> output, CellSumPlan? rows, Span<double> values)
    {
        Fill(runner, output);
        fixed (double* cells = output, rowCells = values)
        {
            if (rows is null)
            {
                foreach (var t in _plan.Varying)
                    runner.Run(t, _structure.Templates[t].Kernels.FirstOrder, _plan.Plans[t]!, cells);
                return;
            }
            foreach (var t in rows.Varying)
            {
                var template = _structure.Templates[t];
                if (template.GradientSlots.Length == 0 || template.IsLinear)
                    runner.Run(t, template.Kernels.Value, rows.Plans[t]!, rowCells);
                else
                    runner.Run(t, template.Kernels.ValueAndFirstOrder, 0, template.InstanceCount, rows.Plans[t]!, rowCells, _plan.Plans[t]!, cells);
            }
        }
    }

    private void Fill(KernelRunner runner, Span<double> output)
    {
        if (_constants.Length > 0 && !_constantsKnown)
        {
            Array.Clear(_constants);
            foreach (var t in _plan.Constant)
                runner.Run(t, _structure.Templates[t].Kernels.FirstOrder, _plan.Plans[t]!, (double*)Pinned.Address(_constants));
            _constantsKnown = true;
        }
        foreach (var (first, end) in _plan.Fill)
        {
            if (_constants.Length == 0)
                output[first..end].Clear();
            else
                _constants.AsSpan(first..end).CopyTo(output[first..end]);
        }
    }
}
