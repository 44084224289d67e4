namespace Optc.Runtime.Problems;

/// <summary>A variable of a problem, or the body of one of its constraints.</summary>
/// <param name="IsVariable">Whether <paramref name="Index"/> counts variables, else constraints.</param>
/// <param name="Index">Which one.</param>
public readonly record struct ComplementarityBody(bool IsVariable, int Index);

/// <summary>
/// A complementarity condition between two bodies of a problem, a and b, with h = <see cref="OtherSign"/>·(b − <see cref="OtherSide"/>):
/// <code>Lower ≤ a ≤ Upper,   h ≥ 0 where a = Lower,   h ≤ 0 where a = Upper,   h = 0 between.</code>
/// At least one of the two sides is finite and they differ. Bounds and sides of the problem itself hold what the condition
/// asks of each body alone: Lower ≤ a ≤ Upper, and h ≥ 0 (h ≤ 0) where there is no upper (lower) side.
/// </summary>
/// <param name="Bounded">The body a.</param>
/// <param name="Lower">Its lower side, −∞ for none.</param>
/// <param name="Upper">Its upper side, +∞ for none.</param>
/// <param name="Other">The body b.</param>
/// <param name="OtherSide">Where h is zero.</param>
/// <param name="OtherSign">+1 or −1.</param>
public readonly record struct ComplementarityCondition(
    ComplementarityBody Bounded, double Lower, double Upper, ComplementarityBody Other, double OtherSide, double OtherSign)
{
    /// <summary>h for a value of the body b.</summary>
    public double Opposite(double other) => OtherSign * (other - OtherSide);

    /// <summary>
    /// |a − Π(a − h)|, Π the projection to [Lower, Upper]: zero exactly where the condition holds; |min(a − Lower, h)| when there
    /// is no upper side (the natural residual of mixed complementarity).
    /// </summary>
    public double Residual(double bounded, double other)
    {
        double moved = bounded - Opposite(other);
        return double.IsNaN(moved) ? double.NaN : Math.Abs(bounded - Math.Min(Math.Max(moved, Lower), Upper));
    }
}
