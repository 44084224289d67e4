namespace Optc.Runtime.Templates;

/// <summary>Products with the Hessian of the Lagrangian.</summary>
public sealed unsafe partial class TemplateProblem
{
    private HessianVectorProduct? _hessianVector;

    /// <inheritdoc/>
    /// <remarks>
    /// Forward over reverse, at about the cost of two gradients of the Lagrangian; the matrix is not formed. Where there are
    /// stage values, further directions at the same point with the same weights reuse their adjoints. The first call makes
    /// the tables that models which never ask for products do without.
    /// </remarks>
    public void HessianVector(
        ReadOnlySpan<double> x, double objectiveWeight, ReadOnlySpan<double> constraintWeights, ReadOnlySpan<double> direction, Span<double> product)
    {
        DefinitionChecks.Length(constraintWeights, ConstraintCount, nameof(constraintWeights));
        DefinitionChecks.Length(direction, VariableCount, nameof(direction));
        DefinitionChecks.Length(product, VariableCount, nameof(product));
        if (product.Overlaps(direction))
            throw new ArgumentException("The product cannot be written over the direction; give it a span of its own.", nameof(product));
        Counts = Counts with { HessianVector = Counts.HessianVector + 1 };
        var multiplier = _hessianVector ??= new HessianVectorProduct(_structure);
        fixed (double* at = x)
        {
            MoveTo(x, at);
            KnowStageDerivatives();
            var sigma = objectiveWeight * _structure.ObjectiveSign;
            if (_structure.StageCount > 0 && ((_known & Known.Adjoints) == 0 || !multiplier.HasWeights(sigma, constraintWeights)))
            {
                multiplier.WeighStages(_runner, sigma, constraintWeights, _stages.Cells);
                _known |= Known.Adjoints;
            }
            multiplier.Multiply(_runner, sigma, constraintWeights, _stages.Cells, direction, product);
        }
    }
}
