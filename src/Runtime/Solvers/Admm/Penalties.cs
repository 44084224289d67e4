namespace Optc.Runtime.Solvers.Admm;

/// <summary>The penalties ρ of a splitting (Stellato et al., OSQP, 2020, section 5.2).</summary>
internal static class Penalties
{
    private const double EquationFactor = 1e3, Least = 1e-6, Largest = 1e6, Tiny = 1e-10;

    /// <summary>Changes by less than this factor are not worth a factorisation.</summary>
    private const double WorthFactoring = 5.0;

    /// <summary>ρ of an equation where that of inequalities is <paramref name="rho"/>.</summary>
    public static double OfEquation(double rho) => Math.Min(EquationFactor * rho, Largest);

    /// <summary>
    /// ρ times the root of the ratio of the relative residuals (OSQP, eq. (27)), each relative to the size of what it is a difference of; null when ρ is to stay: a
    /// residual is zero, or the change would be small.
    /// </summary>
    public static double? Balanced(double rho, double primal, double primalSize, double dual, double dualSize)
    {
        if (primal == 0.0 || dual == 0.0) return null;
        double factor = Math.Sqrt(primal / Math.Max(primalSize, Tiny) / (dual / Math.Max(dualSize, Tiny)));
        double balanced = Math.Clamp(rho * factor, Least, Largest);
        return balanced > WorthFactoring * rho || balanced < rho / WorthFactoring ? balanced : null;
    }
}
