namespace Optc.Runtime.Solvers.LevenbergMarquardt;

/// <summary>
/// Sums of products in twice the working precision (Ogita, Rump, Oishi 2005, Algorithm 5.3, with fused multiply-add): near a
/// minimum the terms of a gradient cancel to many digits.
/// </summary>
internal static class CompensatedSums
{
    /// <summary>½ Σ ωᵢ rᵢ².</summary>
    public static double HalfWeightedSquares(ReadOnlySpan<double> omega, ReadOnlySpan<double> r)
    {
        double sum = 0.0, low = 0.0;
        for (int i = 0; i < r.Length; i++)
        {
            double square = omega[i] * r[i];
            double squareLow = Math.FusedMultiplyAdd(omega[i], r[i], -square);
            Add(ref sum, ref low, square, r[i]);
            low += squareLow * r[i];
        }
        return 0.5 * (sum + low);
    }

    /// <summary>Adds factor·value to a sum kept in two parts.</summary>
    public static void Add(ref double sum, ref double low, double factor, double value)
    {
        double product = factor * value;
        double productLow = Math.FusedMultiplyAdd(factor, value, -product);
        double next = sum + product;
        double t = next - sum;
        low += sum - (next - t) + (product - t) + productLow;
        sum = next;
    }
}
