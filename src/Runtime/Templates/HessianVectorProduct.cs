using System.Runtime.InteropServices;

namespace Optc.Runtime.Templates;

/// <summary>
/// Products of the Hessian of the Lagrangian with vectors, forward over reverse (Griewank and Walther, "Evaluating
/// Derivatives", 2nd ed., section 5.1): tangents ż of the stage values forward, their adjoints λ in the Lagrangian
/// backward, then the change of the extended gradient along (v, ż) by the directional kernels, swept back through the stage
/// values as a gradient is. The changes λ̇ appear in that sweep, so that no kernel has to be given them. No matrix in the
/// variables is formed.
/// </summary>
internal sealed unsafe class HessianVectorProduct
{
    private readonly TemplateStructure _structure;
    private readonly HessianVectorPlans _plans;
    private readonly double[] _objectiveWeight = Pinned.Zeros<double>(1);
    private readonly double[] _direction;
    private readonly double[] _cells;
    private readonly double[] _adjoints;
    private readonly double[] _stageWeights;
    private readonly double[] _knownWeights;
    private double _knownObjectiveWeight = double.NaN;

    public HessianVectorProduct(TemplateStructure structure)
    {
        (_structure, _plans) = (structure, structure.HessianVector.Value);
        // With nothing fixed and no stage values, kernels read the caller's direction and write the caller's product.
        _direction = Pinned.Zeros<double>(structure.Columns.IsIdentity ? 0 : structure.DeclaredCount + structure.StageCount);
        _cells = Pinned.Zeros<double>(_plans.Products.CellCount == structure.Columns.FreeCount ? 0 : _plans.Products.CellCount);
        _adjoints = Pinned.Zeros<double>(_plans.Adjoints?.CellCount ?? 0);
        _stageWeights = Pinned.Zeros<double>(structure.StageCount);
        _knownWeights = structure.StageCount > 0 ? new double[structure.JacobianPattern.MajorCount] : [];
    }

    /// <summary>Whether the adjoints of the last <see cref="WeighStages"/> are those for these weights.</summary>
    public bool HasWeights(double sigma, ReadOnlySpan<double> constraintWeights) =>
        BitConverter.DoubleToInt64Bits(sigma) == BitConverter.DoubleToInt64Bits(_knownObjectiveWeight)
        && MemoryMarshal.AsBytes(constraintWeights).SequenceEqual(MemoryMarshal.AsBytes(_knownWeights.AsSpan()));

    /// <summary>λ, the adjoint of each stage value in σf + wᵀc.</summary>
    /// <param name="runner">Stands at the point, stage values computed.</param>
    /// <param name="sigma">Weight of the sum of the objective templates.</param>
    /// <param name="constraintWeights">w (m).</param>
    /// <param name="stageDerivatives">∂z, in the order of the stage pattern.</param>
    public void WeighStages(KernelRunner runner, double sigma, ReadOnlySpan<double> constraintWeights, double[] stageDerivatives)
    {
        _knownObjectiveWeight = sigma;
        constraintWeights.CopyTo(_knownWeights);
        _objectiveWeight[0] = sigma;
        Clear(_plans.Adjoints!, _adjoints);
        fixed (double* weights = constraintWeights)
        {
            runner.Weights = new((double*)Pinned.Address(_objectiveWeight), weights, null);
            _plans.AdjointSum!.Run(runner, (double*)Pinned.Address(_adjoints));
        }
        var (pattern, free) = (_structure.StagePattern, _structure.Columns.FreeCount);
        for (var rank = _structure.StageCount - 1; rank >= 0; rank--)
        {
            var adjoint = _adjoints[rank];
            _stageWeights[_structure.Columns.StageOfRank[rank]] = adjoint;
            for (var k = pattern.Starts[rank]; k < pattern.Starts[rank + 1]; k++)
            {
                if (pattern.Indices[k] >= free)
                    _adjoints[pattern.Indices[k] - free] += adjoint * stageDerivatives[k];
            }
        }
    }

    /// <summary>The product; with stage values their adjoints must have been computed.</summary>
    /// <param name="runner">Stands at the point, stage values computed.</param>
    /// <param name="sigma">Weight of the sum of the objective templates.</param>
    /// <param name="constraintWeights">w (m).</param>
    /// <param name="stageDerivatives">∂z, in the order of the stage pattern; not read when there are no stage values.</param>
    /// <param name="direction">v (n).</param>
    /// <param name="product">Receives the product (n).</param>
    public void Multiply(
        KernelRunner runner, double sigma, ReadOnlySpan<double> constraintWeights, double[] stageDerivatives, ReadOnlySpan<double> direction, Span<double> product)
    {
        _objectiveWeight[0] = sigma;
        if (_direction.Length > 0)
            Extend(direction, stageDerivatives);
        var cells = _cells.Length > 0 ? _cells.AsSpan() : product;
        Clear(_plans.Products, cells);
        fixed (double* output = cells, weights = constraintWeights, along = direction)
        {
            runner.Direction = _direction.Length > 0 ? Pinned.Address(_direction) : (long)along;
            runner.Weights = new((double*)Pinned.Address(_objectiveWeight), weights, (double*)Pinned.Address(_stageWeights));
            _plans.ProductSum.Run(runner, output);
        }
        if (_cells.Length == 0)
            return;
        var (pattern, free) = (_structure.StagePattern, _structure.Columns.FreeCount);
        for (var rank = _structure.StageCount - 1; rank >= 0; rank--)
        {
            // The change of the adjoint.
            var change = cells[free + rank];
            for (var k = pattern.Starts[rank]; k < pattern.Starts[rank + 1]; k++)
                cells[pattern.Indices[k]] += change * stageDerivatives[k];
        }
        cells[..product.Length].CopyTo(product);
    }

    /// <summary>The direction in the extended space: v, 0 for fixed variables, and the tangents of the stage values.</summary>
    private void Extend(ReadOnlySpan<double> direction, double[] stageDerivatives)
    {
        if (_structure.FreePositions is { } free)
        {
            _direction.AsSpan(0, _structure.DeclaredCount).Clear();
            for (var k = 0; k < free.Length; k++)
                _direction[free[k]] = direction[k];
        }
        else
        {
            direction.CopyTo(_direction);
        }
        var (pattern, n) = (_structure.StagePattern, _structure.Columns.FreeCount);
        var (declared, stageOfRank) = (_structure.DeclaredCount, _structure.Columns.StageOfRank);
        for (var rank = 0; rank < stageOfRank.Length; rank++)
        {
            var tangent = 0.0;
            for (var k = pattern.Starts[rank]; k < pattern.Starts[rank + 1]; k++)
            {
                var column = pattern.Indices[k];
                tangent += stageDerivatives[k] * (column < n ? direction[column] : _direction[declared + stageOfRank[column - n]]);
            }
            _direction[declared + stageOfRank[rank]] = tangent;
        }
    }

    private static void Clear(CellSumPlan plan, Span<double> cells)
    {
        foreach (var (first, end) in plan.Fill)
            cells[first..end].Clear();
    }
}
