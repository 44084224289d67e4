using Optc.Runtime.Native;

namespace Optc.Runtime.Solvers.Bilevel.FirstOrder;

/// <summary>Steps that nobody gave: from curvature, which is measured by differences of gradients.</summary>
internal static class StepSizes
{
    private const int PowerIterations = 12;

    /// <summary>Samples that are looked at for their curvature.</summary>
    private const int MostSamples = 32;

    /// <summary>
    /// Largest curvature along y of σF + f at a point, by power iterations on differences of gradients; at least 1e-8. With samples the largest of theirs, of which
    /// each may be as large as their number times that of the mean.
    /// </summary>
    public static double FollowerCurvature(IBilevelOracle oracle, ReadOnlySpan<double> x, ReadOnlySpan<double> y, double sigma, int seed, bool isSampled = false)
    {
        double curvature = Curvature(oracle, x, y, sigma, seed, IBilevelOracle.All);
        if (!isSampled) return curvature;
        int count = oracle.SampleCount, looked = Math.Min(count, MostSamples);
        for (int k = 0; k < looked; k++) curvature = Math.Max(curvature, Curvature(oracle, x, y, sigma, seed, (int)((long)k * count / looked)));
        return curvature;
    }

    private static double Curvature(IBilevelOracle oracle, ReadOnlySpan<double> x, ReadOnlySpan<double> y, double sigma, int seed, int sample)
    {
        int n = oracle.FollowerCount;
        var random = new Random(seed);
        double[] gx = new double[oracle.LeaderCount], at = new double[n], there = new double[n], own = new double[n], moved = new double[n], direction = new double[n];
        void Gradient(ReadOnlySpan<double> px, ReadOnlySpan<double> py, double[] gradient)
        {
            oracle.Lower(px, py, gx, gradient, sample);
            if (sigma == 0.0) return;
            oracle.Upper(px, py, gx, own, sample);
            VectorKernels.AddScaled(sigma, own, gradient);
        }
        Gradient(x, y, at);
        for (int j = 0; j < n; j++) direction[j] = random.NextDouble() - 0.5;
        double curvature = 1e-8, size = 1e-5 * Math.Max(1.0, VectorKernels.Norm2(y));
        for (int k = 0; k < PowerIterations; k++)
        {
            double length = VectorKernels.Norm2(direction);
            if (!(length > 0.0) || !double.IsFinite(length)) break;
            VectorKernels.Combine(1.0, y, size / length, direction, moved);
            Gradient(x, moved, there);
            VectorKernels.Combine(1.0 / size, there, -1.0 / size, at, direction);
            double own1 = VectorKernels.Norm2(direction);
            if (double.IsFinite(own1)) curvature = Math.Max(curvature, own1);
        }
        return curvature;
    }
}

/// <summary>
/// The step of x: the given one, or one from the secants of the direction (Malitsky and Mishchenko, Adaptive gradient descent without
/// descent, 2020): α ← min(α √(1 + θ), ‖Δx‖/(2‖Δd‖)), θ the ratio of the last two steps.
/// </summary>
internal sealed class LeaderStep(double given, int count)
{
    private readonly double[] _x = new double[count];
    private readonly double[] _d = new double[count];
    private readonly double[] _difference = new double[count];
    private double _step;
    private double _ratio;

    /// <summary>The step at a point with a direction.</summary>
    public double Next(ReadOnlySpan<double> x, ReadOnlySpan<double> d)
    {
        if (given > 0.0) return given;
        if (_step == 0.0)
        {
            // Short: it grows fast.
            _step = 1e-3 * Math.Max(1.0, VectorKernels.Norm2(x)) / Math.Max(1e-10, VectorKernels.Norm2(d));
        }
        else
        {
            VectorKernels.Combine(1.0, x, -1.0, _x, _difference);
            double moved = VectorKernels.Norm2(_difference);
            VectorKernels.Combine(1.0, d, -1.0, _d, _difference);
            double changed = VectorKernels.Norm2(_difference);
            double grown = _step * Math.Sqrt(1.0 + _ratio);
            double next = changed > 0.0 && moved > 0.0 ? Math.Min(grown, 0.5 * moved / changed) : grown;
            _ratio = next / _step;
            _step = next;
        }
        x.CopyTo(_x);
        d.CopyTo(_d);
        return _step;
    }
}
