using Optc.Runtime.Native;
using Optc.Runtime.Problems;

namespace Optc.Runtime.Solvers.Admm;

/// <summary>
/// Proofs that a program has no solution, verified from its data alone. They are approximate in floating point; each carries
/// the size of what it proves.
/// </summary>
public static class QpCertificates
{
    /// <summary>
    /// A Farkas vector y of the constraints. For feasible x, yᵀAx is at least S = Σ y⁺l − y⁻u and, with g = Aᵀy, at most
    /// T = max gᵀx over the bounds. Where g meets a missing bound it must vanish; |g| there stands in the residual: S − T &gt; 0
    /// proves that no feasible x has ‖x‖₁ &lt; (S − T)/residual in those variables. Returns that number; 0 when nothing is proved.
    /// </summary>
    public static double Infeasibility(QuadraticProgram program, Span<double> y)
    {
        ArgumentNullException.ThrowIfNull(program);
        double support = 0.0, size = 0.0, residual = 0.0;
        for (int i = 0; i < y.Length; i++)
        {
            double side = y[i] > 0.0 ? program.ConstraintLower[i] : program.ConstraintUpper[i];
            if (double.IsInfinity(side)) y[i] = 0.0;
            if (y[i] == 0.0) continue;
            support += y[i] * side;
            size += Math.Abs(y[i] * side);
        }
        var g = new double[program.VariableCount];
        SparseKernels.TransposeMultiplyAdd(program.JacobianPattern.Starts, program.JacobianPattern.Indices, program.JacobianValues, 1.0, y, g);
        for (int j = 0; j < g.Length; j++)
        {
            if (g[j] == 0.0) continue;
            double bound = g[j] > 0.0 ? program.VariableUpper[j] : program.VariableLower[j];
            if (double.IsInfinity(bound))
            {
                residual = Math.Max(residual, Math.Abs(g[j]));
                continue;
            }
            support -= g[j] * bound;
            size += Math.Abs(g[j] * bound);
        }
        if (!(support > 1e-9 * size)) return 0.0;
        return residual == 0.0 ? double.PositiveInfinity : support / residual;
    }

    /// <summary>
    /// A direction d, scaled here to ‖d‖∞ = 1, along which the objective falls without end: qᵀd &lt; 0, Pd = 0, and neither a
    /// constraint nor a bound stops it. Returns −qᵀd divided by the largest violation of these; 0 when nothing is proved.
    /// </summary>
    public static double Ray(QuadraticProgram program, Span<double> d)
    {
        ArgumentNullException.ThrowIfNull(program);
        double norm = VectorKernels.MaxAbs(d);
        if (!(norm > 0.0) || !double.IsFinite(norm)) return 0.0;
        VectorKernels.Scale(1.0 / norm, d);
        double violation = 0.0;
        for (int j = 0; j < d.Length; j++)
        {
            if (Against(d[j], program.VariableLower[j], program.VariableUpper[j]) < 1e-7)
            {
                if (Against(d[j], program.VariableLower[j], program.VariableUpper[j]) > 0.0 || Math.Abs(d[j]) < 1e-12) d[j] = 0.0;
            }
            violation = Math.Max(violation, Against(d[j], program.VariableLower[j], program.VariableUpper[j]));
        }
        double slope = VectorKernels.Dot(program.Linear, d);
        if (!(slope < 0.0)) return 0.0;
        var product = new double[d.Length];
        SparseKernels.SymmetricLowerMultiplyAdd(program.HessianPattern.Starts, program.HessianPattern.Indices, program.HessianValues, 1.0, d, product);
        violation = Math.Max(violation, VectorKernels.MaxAbs(product));
        var body = new double[program.ConstraintCount];
        program.Constraints(d, body);
        for (int i = 0; i < body.Length; i++) violation = Math.Max(violation, Against(body[i], program.ConstraintLower[i], program.ConstraintUpper[i]));
        return violation == 0.0 ? double.PositiveInfinity : -slope / violation;
    }

    /// <summary>How much a direction moves against an existing side.</summary>
    private static double Against(double value, double lower, double upper) =>
        Math.Max(double.IsInfinity(lower) ? 0.0 : -value, double.IsInfinity(upper) ? 0.0 : value) is var against && against > 0.0 ? against : 0.0;
}
