namespace Optc.Runtime.Templates;

/// <summary>The sums that give values and first derivatives of the templates of one target, made when first asked for.</summary>
internal sealed class FirstOrderSums
{
    private readonly TemplateStructure _structure;
    private readonly Lazy<TemplateSum> _constant;
    private readonly Lazy<TemplateSum> _derivatives;
    private readonly Lazy<TemplateSum> _values;
    private readonly Lazy<TemplateSum> _both;

    /// <param name="structure">The templates.</param>
    /// <param name="rows">Where values go.</param>
    /// <param name="plan">Where first derivatives go.</param>
    public FirstOrderSums(TemplateStructure structure, CellSumPlan rows, CellSumPlan plan)
    {
        (_structure, Rows, Plan) = (structure, rows, plan);
        _constant = new(() => new TemplateSum(structure, plan.Constant, t => (Kernels(t).FirstOrder, plan.Plans[t]!, null)));
        _derivatives = new(() => new TemplateSum(structure, plan.Varying, t => (Kernels(t).FirstOrder, plan.Plans[t]!, null)));
        _values = new(() => new TemplateSum(structure, rows.Varying, t => (Kernels(t).Value, rows.Plans[t]!, null)));
        // In the order of the derivatives, for whom it matters who stores and who adds.
        _both = new(() => new TemplateSum(
            structure,
            [.. plan.Varying, .. rows.Varying.Except(plan.Varying)],
            t => plan.Varying.Contains(t) ? (Kernels(t).ValueAndFirstOrder, rows.Plans[t]!, plan.Plans[t]!) : (Kernels(t).Value, rows.Plans[t]!, null)));
    }

    /// <summary>Where values go.</summary>
    public CellSumPlan Rows { get; }

    /// <summary>Where first derivatives go.</summary>
    public CellSumPlan Plan { get; }

    /// <summary>Values.</summary>
    public TemplateSum Values => _values.Value;

    /// <summary>First derivatives of linear templates.</summary>
    public TemplateSum ConstantDerivatives => _constant.Value;

    /// <summary>First derivatives of the others.</summary>
    public TemplateSum Derivatives => _derivatives.Value;

    /// <summary>Values of all and first derivatives of templates that are not linear.</summary>
    public TemplateSum ValuesAndDerivatives => _both.Value;

    private TemplateKernels Kernels(int t) => _structure.Templates[t].Kernels;
}
