using Optc.Runtime.Problems;

namespace Optc.Runtime.Solvers.MultiStart;

/// <summary>Random starting points: each depends on the seed and its number only.</summary>
internal static class StartingPoints
{
    /// <summary>A width beyond which bounds say nothing about where solutions are.</summary>
    private const double Wide = 1e4;

    /// <summary>
    /// Point number k. Between two bounds uniformly; otherwise around the start by a few times its size, at the right side of a bound.
    /// </summary>
    public static double[] Draw(INlpProblem problem, double[]? start, int seed, int k)
    {
        var random = new Random(unchecked((seed * 486187739) + k));
        ReadOnlySpan<double> lower = problem.VariableLower, upper = problem.VariableUpper, from = start ?? problem.Start;
        var point = new double[from.Length];
        for (int j = 0; j < point.Length; j++)
        {
            double u = random.NextDouble();
            if (upper[j] - lower[j] <= Wide)
            {
                point[j] = lower[j] + (u * (upper[j] - lower[j]));
                continue;
            }
            double size = 3.0 * Math.Max(1.0, Math.Abs(from[j]));
            point[j] = Math.Clamp(from[j] + (size * ((2.0 * u) - 1.0)), lower[j], upper[j]);
        }
        return point;
    }
}
