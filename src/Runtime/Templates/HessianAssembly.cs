using Optc.Runtime.Native;

namespace Optc.Runtime.Templates;

/// <summary>
/// Assembles weighted second derivatives: the quadratic objective terms computed once and scaled, then the kernels of
/// the other templates, doubled diagonal entries added, stage values eliminated.
/// </summary>
internal sealed unsafe class HessianAssembly
{
    private readonly TemplateStructure _structure;
    private readonly CellSumPlan _plan;
    private readonly bool _writesDirectly;
    private readonly double[] _cells;
    private readonly double[] _constants;
    private readonly double[] _objectiveWeight = Pinned.Zeros<double>(1);
    private bool _constantsKnown;

    public HessianAssembly(TemplateStructure structure)
    {
        (_structure, _plan) = (structure, structure.HessianPlan);
        _writesDirectly = _plan.CellCount == structure.HessianPattern.Count;
        _cells = Pinned.Zeros<double>(_writesDirectly ? 0 : _plan.CellCount);
        _constants = Pinned.Zeros<double>(_plan.Constant.Length > 0 ? _plan.CellCount : 0);
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
    public void Assemble(
        KernelRunner runner, double sigma, ReadOnlySpan<double> constraintWeights, double[] stageWeights, double[] stageDerivatives, Span<double> values)
    {
        var cells = _writesDirectly ? values : _cells.AsSpan();
        Fill(runner, sigma, cells);
        _objectiveWeight[0] = sigma;
        fixed (double* output = cells, weights = constraintWeights)
        {
            runner.Weights = new((double*)Pinned.Address(_objectiveWeight), weights, (double*)Pinned.Address(stageWeights));
            _structure.SecondDerivatives.Run(runner, output);
        }
        if (_writesDirectly)
            return;
        var second = _structure.Second;
        for (var d = 0; d < second.DoubledTargets.Length; d++)
            cells[second.DoubledTargets[d]] += 2 * cells[second.FirstDoubled + d];
        _structure.HessianElimination?.Run(cells, _structure.StagePattern, stageDerivatives);
        cells[..values.Length].CopyTo(values);
    }

    /// <summary>σ times what quadratic objective terms give, or 0.</summary>
    private void Fill(KernelRunner runner, double sigma, Span<double> cells)
    {
        if (_constants.Length > 0 && !_constantsKnown)
        {
            Array.Clear(_constants);
            _objectiveWeight[0] = 1;
            runner.Weights = new((double*)Pinned.Address(_objectiveWeight), null, null);
            _structure.ConstantSecondDerivatives.Run(runner, (double*)Pinned.Address(_constants));
            _constantsKnown = true;
        }
        foreach (var (first, end) in _plan.Fill)
        {
            if (_constants.Length == 0)
                cells[first..end].Clear();
            else
                VectorKernels.Scale(sigma, _constants.AsSpan(first..end), cells[first..end]);
        }
    }
}
