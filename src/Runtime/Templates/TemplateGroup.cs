namespace Optc.Runtime.Templates;

/// <summary>The templates of one target that have instances, by what has to be done with them.</summary>
internal sealed class TemplateGroup
{
    public TemplateGroup(Template[] templates, TemplateTarget target)
    {
        All = [.. Enumerable.Range(0, templates.Length).Where(t => templates[t].Target == target && templates[t].InstanceCount > 0)];
        FirstOrder = [.. All.Where(t => templates[t].GradientSlots.Length > 0)];
        SecondOrder = [.. All.Where(t => templates[t].HessianPairs.Length > 0)];
        ConstantFirstOrder = [.. FirstOrder.Where(t => templates[t].IsLinear)];
        VaryingFirstOrder = [.. FirstOrder.Where(t => !templates[t].IsLinear)];
    }

    /// <summary>All with instances.</summary>
    public int[] All { get; }

    /// <summary>Those with first derivatives.</summary>
    public int[] FirstOrder { get; }

    /// <summary>Those whose first derivatives depend on data only.</summary>
    public int[] ConstantFirstOrder { get; }

    /// <summary>Those whose first derivatives depend on the point.</summary>
    public int[] VaryingFirstOrder { get; }

    /// <summary>Those with second derivatives.</summary>
    public int[] SecondOrder { get; }
}
