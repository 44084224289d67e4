using Optc.Runtime.Tests.Models;

namespace Optc.Runtime.Tests.Solvers.Presolve;

/// <summary>The first-order conditions of a quadratic program, written out from its matrices; shares nothing with the runtime.</summary>
internal static class KktCheck
{
    /// <summary>Largest violation of anything: stationarity, rows, bounds, signs and complementarity; relative to the size of data and multipliers.</summary>
    public static double Of(DenseProgram p, double[] x, double[] y, double[] z, double[]? constants = null)
    {
        double worst = 0.0, size = 1.0 + y.Concat(z).Select(Math.Abs).DefaultIfEmpty().Max();
        for (int j = 0; j < x.Length; j++)
        {
            double r = p.Q[j] - z[j];
            for (int k = 0; k < x.Length; k++) r += p.P[j, k] * x[k];
            for (int i = 0; i < y.Length; i++) r -= p.A[i, j] * y[i];
            worst = Math.Max(worst, Math.Abs(r) / size);
            worst = Math.Max(worst, Side(x[j], p.Lower[j], p.Upper[j], z[j], size));
        }
        for (int i = 0; i < y.Length; i++)
        {
            double body = constants?[i] ?? 0.0;
            for (int j = 0; j < x.Length; j++) body += p.A[i, j] * x[j];
            worst = Math.Max(worst, Side(body, p.RowLower[i], p.RowUpper[i], y[i], size));
        }
        return worst;
    }

    private static double Side(double value, double lower, double upper, double multiplier, double size)
    {
        double violation = Math.Max(0.0, Math.Max(lower - value, value - upper)) / Math.Max(1.0, Math.Abs(value));
        if (lower == upper || multiplier == 0.0) return violation;
        double gap = multiplier > 0.0 ? value - lower : upper - value;
        // A multiplier of the wrong sign has no side to belong to: the gap is infinite, and the multiplier itself counts.
        double complementarity = Math.Abs(multiplier) * (double.IsInfinity(gap) ? 1.0 : Math.Abs(gap)) / size;
        return Math.Max(violation, complementarity);
    }
}
