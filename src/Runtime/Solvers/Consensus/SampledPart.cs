using Optc.Runtime.Solution;

namespace Optc.Runtime.Solvers.Consensus;

/// <summary>A part of the density with its scaled dual variable.</summary>
internal sealed class SampledPart
{
    private readonly IProximalBlock _block;
    private readonly double[] _centre;
    private readonly double[] _weights;
    private readonly double[] _dual;

    public SampledPart(BlockDefinition definition, int[] place)
    {
        (Definition, Place) = (definition, place);
        _block = ProximalBlocks.Create(definition, 1e-10);
        (_centre, _weights, _dual) = (new double[place.Length], new double[place.Length], new double[place.Length]);
    }

    public BlockDefinition Definition { get; }

    /// <summary>For each of its variables, which shared one it is a copy of.</summary>
    public int[] Place { get; }

    public SolveStatus Status { get; private set; }

    public void SetPenalty(double penalty) => Array.Fill(_weights, penalty);

    /// <summary>z − u + deviation · ξ.</summary>
    public void Centre(double[] z, double deviation, NormalSource noise)
    {
        for (int i = 0; i < Place.Length; i++) _centre[i] = z[Place[i]] - _dual[i] + (deviation * noise.Next());
    }

    /// <summary>x. May run on any thread.</summary>
    public void Step(CancellationToken cancellation) => Status = _block.Solve(_centre, _weights, double.PositiveInfinity, cancellation);

    /// <summary>Adds x + u.</summary>
    public void AddTo(double[] sum)
    {
        for (int i = 0; i < Place.Length; i++) sum[Place[i]] += _block.Point[Definition.SharedLocal[i]] + _dual[i];
    }

    /// <summary>u + x − z.</summary>
    public void UpdateDual(double[] z)
    {
        for (int i = 0; i < Place.Length; i++) _dual[i] += _block.Point[Definition.SharedLocal[i]] - z[Place[i]];
    }
}
