using Optc.Runtime.Templates;

namespace Optc.Runtime.Tests.Templates;

/// <summary>Counts the instances that kernels compute.</summary>
internal sealed class CountedInstances
{
    public int Count { get; set; }

    /// <summary>The same model, counted.</summary>
    public TemplateProblemDefinition Watch(TemplateProblemDefinition definition) => definition with { Templates = [.. definition.Templates.Select(Watch)] };

    private Template Watch(Template t) => new()
    {
        Name = t.Name,
        Target = t.Target,
        InstanceCount = t.InstanceCount,
        Row = t.Row,
        Slots = t.Slots,
        Data = t.Data,
        DataColumns = t.DataColumns,
        GradientSlots = t.GradientSlots,
        HessianPairs = t.HessianPairs,
        HasKinks = t.HasKinks,
        IsQuadratic = t.IsQuadratic,
        Kernels = new TemplateKernels
        {
            Value = Watch(t.Kernels.Value),
            FirstOrder = Watch(t.Kernels.FirstOrder),
            ValueAndFirstOrder = Watch(t.Kernels.ValueAndFirstOrder),
            WeightedFirstOrder = Watch(t.Kernels.WeightedFirstOrder),
            SecondOrder = Watch(t.Kernels.SecondOrder),
            Directional = Watch(t.Kernels.Directional),
        },
    };

    private Kernel Watch(Kernel kernel) => new(kernel.ResultCount, () =>
    {
        var code = kernel.Code;
        return new KernelCode
        {
            ResultArrays = code.ResultArrays,
            ArrayCount = code.ArrayCount,
            BlockSize = code.BlockSize,
            Run = (frame, start, count, block) =>
            {
                Count += count;
                code.Run(frame, start, count, block);
            },
        };
    });
}
