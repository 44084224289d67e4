namespace Optc.Cli.Checking;

/// <summary>
/// Central differences of a vector function along one coordinate at three steps h, h/2, h/4, extrapolated twice (Richardson):
/// the truncation error is of order h⁶, and the difference of the last two columns of the table estimates what is left.
/// </summary>
/// <param name="length">Components of the function.</param>
internal sealed class DifferenceTable(int length)
{
    /// <summary>Steps of the table.</summary>
    public const int Levels = 3;

    private readonly double[][] _differences = [new double[length], new double[length], new double[length]];
    private readonly double[] _magnitudes = new double[length];
    private double _smallestStep;

    /// <summary>Enters f(x + h e) and f(x − h e) for a level; levels are entered in order, with halved steps.</summary>
    public void Enter(int level, double step, ReadOnlySpan<double> above, ReadOnlySpan<double> below)
    {
        double[] differences = _differences[level];
        for (int i = 0; i < differences.Length; i++)
        {
            differences[i] = (above[i] - below[i]) / (2.0 * step);
            _magnitudes[i] = Math.Max(level == 0 ? 0.0 : _magnitudes[i], Math.Max(Math.Abs(above[i]), Math.Abs(below[i])));
        }
        _smallestStep = step;
    }

    /// <summary>The derivative of a component and an estimate of its error; NaN where the function could not be evaluated.</summary>
    public (double Value, double Error) Derivative(int component)
    {
        double d0 = _differences[0][component], d1 = _differences[1][component], d2 = _differences[2][component];
        double r1 = (4.0 * d1 - d0) / 3.0, r2 = (4.0 * d2 - d1) / 3.0;
        double value = (16.0 * r2 - r1) / 15.0;
        // Cancellation: each value carries about two roundings of its magnitude, amplified by the extrapolation.
        double rounding = 4.0 * 2.2e-16 * _magnitudes[component] / _smallestStep;
        return (value, Math.Abs(value - r2) + rounding);
    }
}
