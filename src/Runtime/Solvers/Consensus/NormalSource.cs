namespace Optc.Runtime.Solvers.Consensus;

/// <summary>Seeded standard normal numbers by the polar method (Marsaglia, Bray 1964).</summary>
internal sealed class NormalSource(Random random)
{
    private double _spare = double.NaN;

    /// <summary>The next number.</summary>
    public double Next()
    {
        if (!double.IsNaN(_spare))
        {
            double kept = _spare;
            _spare = double.NaN;
            return kept;
        }
        double a, b, square;
        do
        {
            (a, b) = ((2.0 * random.NextDouble()) - 1.0, (2.0 * random.NextDouble()) - 1.0);
            square = (a * a) + (b * b);
        }
        while (square is >= 1.0 or 0.0);
        double factor = Math.Sqrt(-2.0 * Math.Log(square) / square);
        _spare = b * factor;
        return a * factor;
    }
}
