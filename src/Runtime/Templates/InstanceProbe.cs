namespace Optc.Runtime.Templates;

/// <summary>Evaluates instances one by one with the ordinary kernels and looks at what each adds.</summary>
internal sealed class InstanceProbe
{
    private readonly TemplateStructure _structure;
    private readonly KernelRunner _runner;
    private readonly double[] _output;
    private readonly double[] _ones;

    public InstanceProbe(TemplateStructure structure, KernelRunner runner)
    {
        (_structure, _runner) = (structure, runner);
        var rows = Math.Max(1, Math.Max(structure.JacobianPattern.MajorCount, structure.StageCount));
        _ones = Pinned.Zeros<double>(rows);
        Array.Fill(_ones, 1);
        var cells = Math.Max(Math.Max(structure.GradientCells, structure.StageCells), Math.Max(structure.JacobianCells, structure.Second.CellCount));
        _output = Pinned.Zeros<double>(Math.Max(rows, cells));
    }

    /// <summary>The first of the instances [start, end) of a template that is not finite.</summary>
    public NonFinite? Find(NonFiniteKind kind, int t, int start, int end)
    {
        var template = _structure.Templates[t];
        for (var i = start; i < end; i++)
        {
            if (!IsFinite(kind, t, i, template))
                return new NonFinite(kind, template.Target, template.Row[i], t, i);
        }
        return null;
    }

    private bool IsFinite(NonFiniteKind kind, int t, int i, Template template)
    {
        var output = Pinned.Address(_output);
        switch (kind)
        {
            case NonFiniteKind.Value:
                _runner.Values(t, i, i + 1, output);
                return TakeFinite(template.Row[i]);
            case NonFiniteKind.FirstDerivative:
                if (template.GradientSlots.Length == 0)
                    return true;
                _runner.FirstOrder(t, i, i + 1, output);
                return TakeFinite(_structure.FirstMaps[t]!, template, i);
            default:
                if (template.HessianPairs.Length == 0)
                    return true;
                _runner.SecondOrder(t, i, i + 1, Pinned.Address(_ones), output);
                return TakeFinite(_structure.Second.Maps[t]!, template, i);
        }
    }

    private bool TakeFinite(int[] map, Template template, int i)
    {
        var finite = true;
        for (var k = i; k < map.Length; k += template.InstanceCount)
            finite &= TakeFinite(map[k]);
        return finite;
    }

    /// <summary>Whether a cell is finite; clears it for the next instance.</summary>
    private bool TakeFinite(int cell)
    {
        var finite = double.IsFinite(_output[cell]);
        _output[cell] = 0;
        return finite;
    }
}
