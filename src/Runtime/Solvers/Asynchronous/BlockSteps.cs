namespace Optc.Runtime.Solvers.Asynchronous;

/// <summary>
/// Steps and proximal weights that do not depend on delays. In the norm max_i ‖x_i‖_D the map x_i ← prox(x_i − γ D⁻¹∇_i F_c(x)), F_c = F + ½σ‖x − c‖²_D,
/// has the factor 1 − γ(m_i + σ_i − r_i) for γ(1 + σ_i) ≤ 1: below one when m_i + σ_i exceeds r_i (docs/asynchronous.md).
/// </summary>
internal static class BlockSteps
{
    /// <summary>How far a coupling must stay below the convexity for no proximal term.</summary>
    private const double Margin = 0.9;

    /// <summary>σ + m over r: little more than needed makes longer steps, more makes fewer of them between two moves of the anchor.</summary>
    private const double Excess = 1.5;

    /// <summary>σ by block: none where all blocks are convex beyond their coupling, else half as much again as the coupling.</summary>
    public static double[] Anchors(BlockMetric metric, double? given)
    {
        var anchors = new double[metric.Coupling.Length];
        if (given is { } weight) Array.Fill(anchors, weight);
        if (given is not null || IsContraction(metric)) return anchors;
        for (int b = 0; b < anchors.Length; b++) anchors[b] = Math.Max(0.01, (Excess * metric.Coupling[b]) - metric.Convexity[b]);
        return anchors;
    }

    /// <summary>γ of a block: 1/(1 + σ); without a proximal term 1 where blocks do not need one, and what is safe for simultaneous steps elsewhere.</summary>
    public static double Length(BlockMetric metric, double[] anchors, int b) =>
        1.0 / (1.0 + (anchors[b] > 0.0 || IsContraction(metric) ? anchors[b] : metric.Coupling[b]));

    private static bool IsContraction(BlockMetric metric)
    {
        for (int b = 0; b < metric.Coupling.Length; b++)
        {
            if (!(metric.Coupling[b] <= Margin * metric.Convexity[b])) return false;
        }
        return true;
    }
}
