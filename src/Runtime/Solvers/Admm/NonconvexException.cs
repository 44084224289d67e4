using System.Globalization;
using Optc.Runtime.Problems;

namespace Optc.Runtime.Solvers.Admm;

/// <summary>A quadratic program whose Hessian is not positive semidefinite, with a direction that shows it.</summary>
public sealed class NonconvexException : InvalidOperationException
{
    internal NonconvexException(double[] direction, QuadraticProgram program)
        : base("the Hessian of the objective is not positive semidefinite")
    {
        Direction = direction;
        var product = new double[direction.Length];
        Native.SparseKernels.SymmetricLowerMultiplyAdd(program.HessianPattern.Starts, program.HessianPattern.Indices, program.HessianValues, 1.0, direction, product);
        Curvature = Native.VectorKernels.Dot(direction, product);
    }

    /// <summary>d (n), ‖d‖∞ = 1.</summary>
    public IReadOnlyList<double> Direction { get; }

    /// <summary>dᵀPd, negative.</summary>
    public double Curvature { get; }

    /// <summary>The evidence in words: dᵀPd and the entries of d that are largest, at most five.</summary>
    public string Evidence(Func<int, string> name)
    {
        ArgumentNullException.ThrowIfNull(name);
        int[] all = [.. Enumerable.Range(0, Direction.Count).Where(j => Direction[j] != 0.0).OrderByDescending(j => Math.Abs(Direction[j])).ThenBy(j => j)];
        string entries = string.Join(", ", all.Take(5).Select(j => string.Create(CultureInfo.InvariantCulture, $"{name(j)}: {Direction[j]:G4}")));
        string rest = all.Length > 5 ? $", and {all.Length - 5} more" : "";
        return string.Create(CultureInfo.InvariantCulture, $"along d = ({entries}{rest}) the curvature dᵀPd is {Curvature:G4}");
    }
}
