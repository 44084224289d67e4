namespace Optc.Runtime.Templates;

/// <summary>Runs the kernels of a structure's templates at an extended point of its own.</summary>
internal sealed class KernelRunner
{
    private readonly TemplateStructure _structure;
    private readonly KernelFrame[] _frames;

    public KernelRunner(TemplateStructure structure)
    {
        _structure = structure;
        Point = Pinned.Zeros<double>(structure.DeclaredCount + structure.StageCount);
        _frames = [.. structure.Bindings.Select(b => b.CreateFrame(Point))];
    }

    /// <summary>The extended point u, pinned.</summary>
    public double[] Point { get; }

    /// <summary>The stage values, as kernels address them.</summary>
    public nint StageValues => Pinned.Address(Point) + (_structure.DeclaredCount * (nint)sizeof(double));

    /// <summary>Adds values of all instances of some templates to rows.</summary>
    public void Values(int[] templates, nint output)
    {
        foreach (var t in templates)
            Values(t, 0, _structure.Templates[t].InstanceCount, output);
    }

    /// <summary>Adds values of some instances to rows.</summary>
    public void Values(int t, int start, int end, nint output)
    {
        _frames[t].Output = output;
        _structure.Templates[t].Kernels.Value(_frames[t], start, end);
        // The kernel sees addresses only, so nothing else keeps the arrays alive until it returns.
        GC.KeepAlive(this);
    }

    /// <summary>Adds first derivatives of all instances of some templates to cells.</summary>
    public void FirstOrder(int[] templates, nint output)
    {
        foreach (var t in templates)
            FirstOrder(t, 0, _structure.Templates[t].InstanceCount, output);
    }

    /// <summary>Adds first derivatives of some instances to cells.</summary>
    public void FirstOrder(int t, int start, int end, nint output)
    {
        var frame = _frames[t];
        frame.Map = Pinned.Address(_structure.FirstMaps[t]);
        frame.Output = output;
        _structure.Templates[t].Kernels.FirstOrder(frame, start, end);
        GC.KeepAlive(this);
    }

    /// <summary>Adds second derivatives of all instances, weighted by row, to cells.</summary>
    public void SecondOrder(int t, nint weights, nint output) =>
        SecondOrder(t, 0, _structure.Templates[t].InstanceCount, weights, output);

    /// <summary>Adds second derivatives of some instances, weighted by row, to cells.</summary>
    public void SecondOrder(int t, int start, int end, nint weights, nint output)
    {
        var frame = _frames[t];
        frame.Map = Pinned.Address(_structure.Second.Maps[t]);
        frame.Weights = weights;
        frame.Output = output;
        _structure.Templates[t].Kernels.SecondOrder(frame, start, end);
        GC.KeepAlive(this);
    }
}
