namespace Optc.Runtime.Solution;

/// <summary>
/// First-order residuals of the unscaled problem at a point with multipliers y (constraints) and z (bounds), with
/// <c>∇f(x) − J(x)ᵀy − z = 0</c>, y ≥ 0 at an active lower side, y ≤ 0 at an active upper side (and z likewise).
/// Each is relative, as docs/conventions.md says.
/// </summary>
/// <param name="Stationarity">‖∇f − Jᵀy − z‖∞ / max(1, ‖∇f‖∞, (‖y‖₁ + ‖z‖₁) / (100 (m + n))).</param>
/// <param name="Feasibility">Largest violation of a constraint or bound, each relative to max(1, |side|).</param>
/// <param name="Complementarity">Largest |multiplier| · distance to the side it belongs to (the multiplier alone where there is no such side), relative to max(1, |f|).</param>
public readonly record struct Residuals(double Stationarity, double Feasibility, double Complementarity)
{
    /// <summary>The largest of the three; NaN if any is.</summary>
    public double Largest => double.IsNaN(Stationarity + Feasibility + Complementarity)
        ? double.NaN
        : Math.Max(Stationarity, Math.Max(Feasibility, Complementarity));
}
