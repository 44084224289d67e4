namespace Optc.Runtime.Templates;

/// <summary>
/// What all blocks of a problem evaluate with: a runner of their own, so that what the problem knows of its current point
/// stays, and weights. Of a point only what a block reads is looked at.
/// </summary>
/// <param name="structure">The templates.</param>
/// <param name="readsCaller">Kernels can read the caller's point: no stage values, nothing fixed.</param>
/// <param name="declaredValues">Declared variables, of which those of fixed ones are read.</param>
internal sealed unsafe class BlockWorkspace(TemplateStructure structure, bool readsCaller, double[] declaredValues)
{
    private readonly double[] _objectiveWeight = Pinned.Zeros<double>(1);

    /// <summary>The kernels' runner.</summary>
    public KernelRunner Runner { get; } = new(structure);

    /// <summary>Weights of the stage values (Z); those of others than the block at work mean nothing.</summary>
    public double[] StageWeights { get; } = Pinned.Zeros<double>(structure.StageCount);

    /// <summary>Whose values stand in the runner's point; null if data or fixed values changed since.</summary>
    public BlockDerivatives? Owner { get; set; }

    /// <summary>Sets the weights of second-order kernels: σ of the objective templates, and w (m, pinned).</summary>
    public void Weigh(double sigma, double* constraintWeights)
    {
        _objectiveWeight[0] = sigma;
        Runner.Weights = new((double*)Pinned.Address(_objectiveWeight), constraintWeights, (double*)Pinned.Address(StageWeights));
    }

    /// <summary>Lets kernels read the point where a block needs it. Whether all of that stood there already.</summary>
    /// <param name="block">The block.</param>
    /// <param name="reads">The declared positions that it reads.</param>
    /// <param name="x">The point.</param>
    /// <param name="pinned">Its address, pinned until the kernels have run.</param>
    public bool MoveTo(BlockDerivatives block, int[] reads, ReadOnlySpan<double> x, double* pinned)
    {
        if (readsCaller)
        {
            Runner.PointAddress = (long)pinned;
            return false;
        }
        var same = ReferenceEquals(Owner, block);
        Owner = block;
        foreach (var position in reads)
            same &= Set(position, x);
        return same;
    }

    /// <summary>The same for one instance.</summary>
    public void MoveTo(Template template, int instance, ReadOnlySpan<double> x, double* pinned)
    {
        if (readsCaller)
        {
            Runner.PointAddress = (long)pinned;
            return;
        }
        Owner = null;
        foreach (var slot in template.Slots)
            Set(slot[instance], x);
    }

    private bool Set(int position, ReadOnlySpan<double> x)
    {
        var column = structure.Columns[position];
        var value = column == ColumnSpace.None ? declaredValues[position] : x[column];
        ref var own = ref Runner.Point[position];
        var same = BitConverter.DoubleToInt64Bits(own) == BitConverter.DoubleToInt64Bits(value);
        own = value;
        return same;
    }
}
