namespace Optc.Runtime.Templates;

/// <summary>The row weights of each target, as addresses of pinned memory.</summary>
/// <param name="structure">The templates.</param>
internal sealed class BlockWeights(TemplateStructure structure)
{
    private readonly double[] _objective = Pinned.Zeros<double>(1);

    /// <summary>double*: weights of the constraints.</summary>
    public long Constraints { get; set; }

    /// <summary>Weights of the stage values (Z); those of others than the block at work mean nothing.</summary>
    public double[] Stages { get; } = Pinned.Zeros<double>(structure.StageCount);

    /// <summary>Weight of the sum of the objective templates.</summary>
    public double Objective
    {
        get => _objective[0];
        set => _objective[0] = value;
    }

    /// <summary>The weights of a target's rows.</summary>
    public long Address(TemplateTarget target) => target switch
    {
        TemplateTarget.Objective => Pinned.Address(_objective),
        TemplateTarget.Constraint => Constraints,
        _ => Pinned.Address(Stages),
    };
}
