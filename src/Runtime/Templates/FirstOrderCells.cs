namespace Optc.Runtime.Templates;

/// <summary>
/// Cells that first derivatives add to. What linear templates add is computed once and copied afterwards.
/// </summary>
internal sealed unsafe class FirstOrderCells
{
    private readonly FirstOrderSums _sums;
    private readonly double[] _constants;
    private bool _constantsKnown;

    /// <param name="sums">What adds to them.</param>
    /// <param name="resultCount">How many of the first cells the caller wants; if that is all, no cells are kept.</param>
    public FirstOrderCells(FirstOrderSums sums, int resultCount)
    {
        _sums = sums;
        var count = sums.Plan.CellCount;
        WritesDirectly = count == resultCount;
        Cells = Pinned.Zeros<double>(WritesDirectly ? 0 : count);
        _constants = Pinned.Zeros<double>(sums.Plan.Constant.Length > 0 ? count : 0);
    }

    /// <summary>Whether the caller's span can serve as the cells.</summary>
    public bool WritesDirectly { get; }

    /// <summary>The cells, empty when <see cref="WritesDirectly"/>.</summary>
    public double[] Cells { get; }

    /// <summary>Data changed.</summary>
    public void Forget() => _constantsKnown = false;

    /// <summary>Fills the caller's span or, if that cannot be, <see cref="Cells"/>.</summary>
    public void Assemble(KernelRunner runner, Span<double> output)
    {
        Fill(runner, output);
        fixed (double* cells = output)
            _sums.Derivatives.Run(runner, cells);
    }

    /// <summary>The same and the values of all templates in one pass. The rows hold what their plan wants filled.</summary>
    public void AssembleWithValues(KernelRunner runner, Span<double> output, Span<double> rows)
    {
        Fill(runner, output);
        fixed (double* cells = output, rowCells = rows)
            _sums.ValuesAndDerivatives.Run(runner, rowCells, cells);
    }

    private void Fill(KernelRunner runner, Span<double> output)
    {
        if (_constants.Length > 0 && !_constantsKnown)
        {
            Array.Clear(_constants);
            _sums.ConstantDerivatives.Run(runner, (double*)Pinned.Address(_constants));
            _constantsKnown = true;
        }
        foreach (var (first, end) in _sums.Plan.Fill)
        {
            if (_constants.Length == 0)
                output[first..end].Clear();
            else
                _constants.AsSpan(first..end).CopyTo(output[first..end]);
        }
    }
}
