namespace Optc.Runtime.Templates;

/// <summary>
/// Cells that first-order kernels add to. What linear templates add is computed once and copied afterwards.
/// </summary>
internal sealed class FirstOrderCells
{
    private readonly TemplateGroup _group;
    private readonly double[] _constants;
    private bool _constantsKnown;

    /// <param name="group">The templates.</param>
    /// <param name="cellCount">Number of cells.</param>
    /// <param name="resultCount">How many of the first cells the caller wants; if that is all, no cells are kept.</param>
    public FirstOrderCells(TemplateGroup group, int cellCount, int resultCount)
    {
        _group = group;
        WritesDirectly = cellCount == resultCount;
        Cells = Pinned.Zeros<double>(WritesDirectly ? 0 : cellCount);
        _constants = Pinned.Zeros<double>(group.ConstantFirstOrder.Length > 0 ? cellCount : 0);
    }

    /// <summary>Whether the caller's span can serve as the cells.</summary>
    public bool WritesDirectly { get; }

    /// <summary>The cells, empty when <see cref="WritesDirectly"/>.</summary>
    public double[] Cells { get; }

    /// <summary>Data changed.</summary>
    public void Forget() => _constantsKnown = false;

    /// <summary>Fills the caller's span or, if that cannot be, <see cref="Cells"/>.</summary>
    public unsafe void Assemble(KernelRunner runner, Span<double> output)
    {
        if (_constants.Length == 0)
        {
            output.Clear();
        }
        else
        {
            if (!_constantsKnown)
            {
                Array.Clear(_constants);
                runner.FirstOrder(_group.ConstantFirstOrder, Pinned.Address(_constants));
                _constantsKnown = true;
            }
            _constants.CopyTo(output);
        }
        fixed (double* cells = output)
            runner.FirstOrder(_group.VaryingFirstOrder, (nint)cells);
    }
}
