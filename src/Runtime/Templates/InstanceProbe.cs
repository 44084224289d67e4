namespace Optc.Runtime.Templates;

/// <summary>Evaluates instances one by one with the ordinary kernels and looks at the results of each.</summary>
internal sealed unsafe class InstanceProbe
{
    private readonly TemplateStructure _structure;
    private readonly KernelRunner _runner;

    public InstanceProbe(TemplateStructure structure, KernelRunner runner)
    {
        (_structure, _runner) = (structure, runner);
        var rows = Math.Max(1, Math.Max(structure.JacobianPattern.MajorCount, structure.StageCount));
        var ones = Pinned.Zeros<double>(rows);
        Array.Fill(ones, 1);
        var weights = (double*)Pinned.Address(ones);
        runner.Weights = new ScalarProgram.RowWeights(weights, weights, weights);
        Weights = ones;
    }

    /// <summary>Weight 1 for every row; the runner has their address, so that they must stay alive.</summary>
    private double[] Weights { get; }

    /// <summary>The first of the instances [start, end) of a template that is not finite.</summary>
    public NonFinite? Find(NonFiniteKind kind, int t, int start, int end)
    {
        var template = _structure.Templates[t];
        var kernel = kind switch
        {
            NonFiniteKind.Value => template.Kernels.Value,
            NonFiniteKind.FirstDerivative => template.Kernels.FirstOrder,
            _ => template.Kernels.SecondOrder,
        };
        for (var i = start; i < end && kernel.ResultCount > 0; i++)
        {
            if (!IsFinite(t, kernel, i))
                return new NonFinite(kind, template.Target, template.Row[i], t, i);
        }
        GC.KeepAlive(Weights);
        return null;
    }

    private bool IsFinite(int t, Kernel kernel, int i)
    {
        var results = _runner.RunOne(t, kernel, i, out var code);
        foreach (var array in code.ResultArrays)
        {
            if (!double.IsFinite(results[(long)array * code.Stride]))
                return false;
        }
        return true;
    }
}
