namespace Optc.Runtime.Solvers.Asynchronous;

/// <summary>
/// A diagonal metric D with H_ii ≼ D_i for the blocks H_ij of all second derivatives, those of quadratic penalties included, and in it
/// the constants from which steps follow that no delay changes.
/// </summary>
/// <param name="Diagonal">D (n), positive, the same within an atom.</param>
/// <param name="Coupling">By block, r_i ≥ Σ_{j≠i} ‖D_i^-½ H_ij D_j^-½‖.</param>
/// <param name="Convexity">By block, m_i with m_i D_i ≼ H_ii.</param>
internal sealed record BlockMetric(double[] Diagonal, double[] Coupling, double[] Convexity);
