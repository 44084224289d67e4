namespace Optc.Runtime.Templates;

/// <summary>
/// Assembles weighted second derivatives: the quadratic objective terms computed once and scaled, then the kernels of
/// the other templates, doubled diagonal entries added, stage values eliminated.
/// </summary>
internal sealed class HessianAssembly
{
    private readonly TemplateStructure _structure;
    private readonly bool _writesDirectly;
    private readonly double[] _cells;
    private readonly double[] _constants;
    private readonly double[] _objectiveWeight = Pinned.Zeros<double>(1);
    private bool _constantsKnown;

    public HessianAssembly(TemplateStructure structure)
    {
        _structure = structure;
        var count = structure.Second.CellCount;
        _writesDirectly = count == structure.HessianPattern.Count;
        _cells = Pinned.Zeros<double>(_writesDirectly ? 0 : count);
        _constants = Pinned.Zeros<double>(structure.ConstantHessian.Length > 0 ? count : 0);
    }

    /// <summary>Data changed.</summary>
    public void Forget() => _constantsKnown = false;

    /// <summary>Fills <paramref name="values"/>.</summary>
    /// <param name="runner">Stands at the point, stage values computed.</param>
    /// <param name="sigma">Weight of the sum of the objective templates.</param>
    /// <param name="constraintWeights">w (m).</param>
    /// <param name="stageWeights">λ (Z), by stage value.</param>
    /// <param name="stageDerivatives">∂z, in the order of the stage pattern; not read when there are no stage values.</param>
    /// <param name="values">In the order of the Hessian pattern.</param>
    public unsafe void Assemble(
        KernelRunner runner, double sigma, ReadOnlySpan<double> constraintWeights, double[] stageWeights, double[] stageDerivatives, Span<double> values)
    {
        var cells = _writesDirectly ? values : _cells.AsSpan();
        if (_constants.Length == 0)
        {
            cells.Clear();
        }
        else
        {
            KnowConstants(runner);
            for (var k = 0; k < cells.Length; k++)
                cells[k] = sigma * _constants[k];
        }
        _objectiveWeight[0] = sigma;
        fixed (double* output = cells, weights = constraintWeights)
        {
            foreach (var t in _structure.VaryingHessian)
            {
                var rows = _structure.Templates[t].Target switch
                {
                    TemplateTarget.Objective => Pinned.Address(_objectiveWeight),
                    TemplateTarget.Constraint => (nint)weights,
                    _ => Pinned.Address(stageWeights),
                };
                runner.SecondOrder(t, rows, (nint)output);
            }
        }
        if (_writesDirectly)
            return;
        var second = _structure.Second;
        for (var d = 0; d < second.DoubledTargets.Length; d++)
            cells[second.DoubledTargets[d]] += 2 * cells[second.FirstDoubled + d];
        _structure.HessianElimination?.Run(cells, _structure.StagePattern, stageDerivatives);
        cells[..values.Length].CopyTo(values);
    }

    private void KnowConstants(KernelRunner runner)
    {
        if (_constantsKnown)
            return;
        Array.Clear(_constants);
        _objectiveWeight[0] = 1;
        foreach (var t in _structure.ConstantHessian)
            runner.SecondOrder(t, Pinned.Address(_objectiveWeight), Pinned.Address(_constants));
        _constantsKnown = true;
    }
}
