using BenchmarkDotNet.Attributes;
using Optc.Runtime.Problems;

namespace Optc.Bench.Kernels;

/// <summary>A problem whose scatter plans are affine, and the same with its variables in disorder, whose plans are tables.</summary>
public class ScatterBenchmarks
{
    private INlpProblem _problem = null!;
    private double[] _x = [], _gradient = [], _hessian = [];

    /// <summary>Whether positions are tables.</summary>
    [Params(false, true)]
    public bool Tables { get; set; }

    /// <summary>Compiles the problem.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _problem = (Tables ? Models.Scattered(Models.Rosenbrock) : Models.Sum(Models.Rosenbrock, "compiled")).Problem;
        _x = _problem.Start.ToArray();
        _gradient = new double[_problem.VariableCount];
        _hessian = new double[_problem.HessianPattern.Count];
    }

    /// <summary>∇f.</summary>
    [Benchmark]
    public void Gradient() => _problem.GradientOnly(_x, _gradient);

    /// <summary>∇²f.</summary>
    [Benchmark]
    public void Hessian() => _problem.Hessian(_x, 1.0, [], _hessian);
}
