namespace Optc.Runtime.Templates;

/// <summary>What the instances of a template add to.</summary>
public enum TemplateTarget
{
    /// <summary>The objective; every row is 0.</summary>
    Objective,

    /// <summary>A constraint; the row is its number.</summary>
    Constraint,

    /// <summary>A stage value z; the row is its number, counted from 0 among the stage values.</summary>
    Stage,
}

/// <summary>The functions of a template's instances.</summary>
public sealed class TemplateKernels
{
    /// <summary>The value φ: one result.</summary>
    public required Kernel Value { get; init; }

    /// <summary>∂φ/∂slot, in the order of <see cref="Template.GradientSlots"/>.</summary>
    public required Kernel FirstOrder { get; init; }

    /// <summary>φ, then ∂φ/∂slot.</summary>
    public required Kernel ValueAndFirstOrder { get; init; }

    /// <summary>w ∂φ/∂slot with the weight w of the row, in the order of <see cref="Template.GradientSlots"/>.</summary>
    public required Kernel WeightedFirstOrder { get; init; }

    /// <summary>w ∂²φ/∂slot∂slot′ with the weight w of the row, in the order of <see cref="Template.HessianPairs"/>.</summary>
    public required Kernel SecondOrder { get; init; }

    /// <summary>
    /// The change of w ∂φ/∂slot along a direction d of the extended point, w Σₛ′ ∂²φ/∂slot∂s′ d(s′) with the weight w of
    /// the row, in the order of <see cref="Template.GradientSlots"/>.
    /// </summary>
    public required Kernel Directional { get; init; }
}

/// <summary>One expression over slots and data, and the table that fills them for each instance.</summary>
public sealed class Template
{
    /// <summary>What the template is for messages: <c>objective cost, term 2</c>.</summary>
    public required string Name { get; init; }

    /// <summary>What the instances add to.</summary>
    public required TemplateTarget Target { get; init; }

    /// <summary>Number of instances.</summary>
    public required int InstanceCount { get; init; }

    /// <summary>The row each instance adds to.</summary>
    public required IndexColumn Row { get; init; }

    /// <summary>For each slot, its position in the extended point: declared variables first, then stage values.</summary>
    public required IndexColumn[] Slots { get; init; }

    /// <summary>The data columns and uniform data, pinned; refilled in place when parameters change.</summary>
    public required double[] Data { get; init; }

    /// <summary>For each datum its place in <see cref="Data"/>; affine with step 0 (uniform) or 1 (a column).</summary>
    public required IndexColumn[] DataColumns { get; init; }

    /// <summary>The slots in which the expression has a derivative that is not identically zero.</summary>
    public required int[] GradientSlots { get; init; }

    /// <summary>Pairs of slots (first ≥ second) with a second derivative that is not identically zero.</summary>
    public required (int First, int Second)[] HessianPairs { get; init; }

    /// <summary>The expression has kinks or jumps in its slots (<c>abs</c>, <c>max</c>, <c>if</c>, <c>floor</c>), so that its
    /// first derivatives may change with the point even where second derivatives are zero.</summary>
    public bool HasKinks { get; init; }

    /// <summary>First derivatives depend on data only.</summary>
    public bool IsLinear => HessianPairs.Length == 0 && !HasKinks;

    /// <summary>Second derivatives depend on data only.</summary>
    public required bool IsQuadratic { get; init; }

    /// <summary>The kernels.</summary>
    public required TemplateKernels Kernels { get; init; }
}
