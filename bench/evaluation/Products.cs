using System.Diagnostics;
using Optc.Runtime.Native;
using Optc.Runtime.Problems;

namespace Optc.Bench.Evaluation;

/// <summary>What a product of the Hessian of the Lagrangian with a vector costs, beside gradients at the same points.</summary>
internal sealed class Products : IDisposable
{
    private const double WarmUpSeconds = 0.1;
    private readonly INlpProblem _problem;
    private readonly OptcContestant _gradients;
    private readonly Points _points;
    private readonly double _sigma;
    private readonly NativeVector _weights;
    private readonly NativeVector _direction;
    private readonly NativeVector _product;

    public Products(INlpProblem problem, OptcContestant gradients, Points points, double sigma, NativeVector weights)
    {
        (_problem, _gradients, _points, _sigma, _weights) = (problem, gradients, points, sigma, weights);
        (_direction, _product) = (new NativeVector(problem.VariableCount), new NativeVector(problem.VariableCount));
        for (int k = 0; k < problem.VariableCount; k++) _direction.Span[k] = 1.0 - 0.25 * (k % 5);
    }

    /// <summary>Products at so many points, going round.</summary>
    public void Run(long calls)
    {
        int point = 0;
        for (long k = 0; k < calls; k++)
        {
            _problem.HessianVector(_points[point], _sigma, _weights.Span, _direction.Span, _product.Span);
            if (++point == Points.Count) point = 0;
        }
    }

    /// <summary>Seconds of a product; how many times that of a gradient of the objective, and of one with a Jacobian, which
    /// is what a gradient of the Lagrangian takes; the largest difference from the product with the assembled matrix; bytes
    /// that a call allocates.</summary>
    public object Measure(int repeats, double batchSeconds)
    {
        double difference = Difference();
        // Kernels are compiled once interpreting them has taken long enough.
        long calls = Points.Count;
        for (double spent = 0.0; spent < WarmUpSeconds;) spent += Seconds(() => Run(Points.Count));
        while (Seconds(() => Run(calls)) < batchSeconds) calls *= 2;
        double[] product = new double[repeats], gradient = new double[repeats], jacobian = new double[repeats];
        for (int r = 0; r < repeats; r++)
        {
            product[r] = Seconds(() => Run(calls)) / calls;
            gradient[r] = Seconds(() => _gradients.Run(Quantity.Gradient, calls)) / calls;
            if (_problem.ConstraintCount > 0) jacobian[r] = Seconds(() => _gradients.Run(Quantity.Jacobian, calls)) / calls;
        }
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        Run(Points.Count);
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        return new
        {
            seconds = Timing.Median(product),
            toGradient = Timing.Median(product.Zip(gradient, (p, g) => p / g)),
            toGradientAndJacobian = Timing.Median(product.Zip(gradient.Zip(jacobian, (g, j) => g + j), (p, g) => p / g)),
            allocated,
            difference,
        };
    }

    public void Dispose()
    {
        _direction.Dispose();
        _product.Dispose();
    }

    private double Difference()
    {
        double[] values = new double[_problem.HessianPattern.Count], expected = new double[_problem.VariableCount];
        _problem.Hessian(_points[0], _sigma, _weights.Span, values);
        SparseKernels.SymmetricLowerMultiplyAdd(_problem.HessianPattern.Starts, _problem.HessianPattern.Indices, values, 1.0, _direction.Span, expected);
        Run(1);
        double largest = 0.0;
        for (int k = 0; k < expected.Length; k++)
            largest = Math.Max(largest, Math.Abs(_product.Span[k] - expected[k]) / Math.Max(1.0, Math.Abs(expected[k])));
        return largest;
    }

    private static double Seconds(Action run)
    {
        long start = Stopwatch.GetTimestamp();
        run();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
