using Optc.Runtime.Problems;

namespace Optc.Runtime.Solvers.AugmentedLagrangian;

/// <summary>
/// Verifies from the data that a problem with linear constraints and a linear or quadratic objective falls without limit along a
/// direction: d stays within bounds and sides from any feasible point, and dᵀHd &lt; 0, or Hd = 0 and ∇fᵀd &lt; 0. Sums count as zero
/// when they are rounding beside their addends.
/// </summary>
internal static class RayCheck
{
    private const double Rounding = 1e-9;

    /// <summary>Whether the structure is one for which a ray proves something.</summary>
    public static bool Applies(ProblemStructure structure) => structure.Class is ProblemClass.Linear or ProblemClass.Quadratic;

    /// <summary>Scales a direction to ‖d‖∞ = 1 and clears what is rounding beside that.</summary>
    public static void Normalise(Span<double> direction)
    {
        double largest = 0.0;
        foreach (double d in direction) largest = Math.Max(largest, Math.Abs(d));
        for (int j = 0; j < direction.Length; j++)
        {
            double d = direction[j] / largest;
            direction[j] = Math.Abs(d) <= Rounding ? 0.0 : d;
        }
    }

    /// <summary>Whether a feasible point stays feasible along the direction, for the Jacobian's values.</summary>
    public static bool IsRecession(INlpProblem problem, ReadOnlySpan<double> jacobian, ReadOnlySpan<double> direction)
    {
        ReadOnlySpan<double> lower = problem.VariableLower, upper = problem.VariableUpper;
        for (int j = 0; j < direction.Length; j++)
        {
            if (!double.IsFinite(direction[j])) return false;
            if (!Allows(direction[j], lower[j], upper[j])) return false;
        }
        lower = problem.ConstraintLower;
        upper = problem.ConstraintUpper;
        SparsePattern pattern = problem.JacobianPattern;
        for (int i = 0; i < lower.Length; i++)
        {
            double sum = 0.0, size = 0.0;
            for (int k = pattern.Starts[i]; k < pattern.Starts[i + 1]; k++)
            {
                double addend = jacobian[k] * direction[pattern.Indices[k]];
                sum += addend;
                size += Math.Abs(addend);
            }
            if (!Allows(Math.Abs(sum) <= Rounding * size ? 0.0 : sum, lower[i], upper[i])) return false;
        }
        return true;
    }

    /// <summary>
    /// How the objective falls along the direction: by ½dᵀHd, or by ∇fᵀd where Hd = 0; (0, false) when neither is negative.
    /// </summary>
    /// <param name="problem">The problem, whose Hessian is constant.</param>
    /// <param name="hessian">Values of ∇²f.</param>
    /// <param name="gradient">∇f at some point (where Hd = 0, its product with d is the same everywhere).</param>
    /// <param name="direction">The direction d.</param>
    public static (double Rate, bool ByCurvature) Fall(
        INlpProblem problem, ReadOnlySpan<double> hessian, ReadOnlySpan<double> gradient, ReadOnlySpan<double> direction)
    {
        SparsePattern pattern = problem.HessianPattern;
        var product = new double[direction.Length];
        var sizes = new double[direction.Length];
        for (int j = 0; j < direction.Length; j++)
        {
            for (int k = pattern.Starts[j]; k < pattern.Starts[j + 1]; k++)
            {
                int i = pattern.Indices[k];
                Add(i, hessian[k] * direction[j]);
                if (i != j) Add(j, hessian[k] * direction[i]);
            }
        }
        double curvature = 0.0, curvatureSize = 0.0, slope = 0.0, slopeSize = 0.0;
        bool isFlat = true;
        for (int j = 0; j < direction.Length; j++)
        {
            if (Math.Abs(product[j]) > Rounding * sizes[j]) isFlat = false;
            curvature += direction[j] * product[j];
            curvatureSize += Math.Abs(direction[j] * product[j]);
            slope += direction[j] * gradient[j];
            slopeSize += Math.Abs(direction[j] * gradient[j]);
        }
        if (!isFlat) return curvature < -Rounding * curvatureSize ? (0.5 * curvature, true) : (0.0, false);
        return slope < -Rounding * slopeSize ? (slope, false) : (0.0, false);

        void Add(int row, double addend)
        {
            product[row] += addend;
            sizes[row] += Math.Abs(addend);
        }
    }

    private static bool Allows(double change, double lower, double upper) =>
        (change >= 0.0 || double.IsNegativeInfinity(lower)) && (change <= 0.0 || double.IsPositiveInfinity(upper));
}
