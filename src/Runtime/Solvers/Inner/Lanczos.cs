using Optc.Runtime.Native;

namespace Optc.Runtime.Solvers.Inner;

/// <summary>
/// A Krylov space of the Hessian on the free variables with an orthonormal basis V (Lanczos, fully reorthogonalised), the tridiagonal T = VᵀHV and its
/// eigenvalues and eigenvectors. Nothing allocates after construction.
/// </summary>
internal sealed class Lanczos
{
    private readonly double[][] _basis;
    private readonly double[] _diagonal;
    private readonly double[] _below;
    private readonly double[] _work;
    private readonly double[] _vectors;

    /// <summary>For n variables and at most this many dimensions.</summary>
    public Lanczos(int variableCount, int dimensions)
    {
        Most = Math.Min(variableCount, dimensions);
        _basis = new double[Most][];
        for (int k = 0; k < Most; k++) _basis[k] = new double[variableCount];
        _diagonal = new double[Most];
        _below = new double[Most];
        _work = new double[variableCount];
        _vectors = new double[Most * Most];
    }

    /// <summary>Largest dimension.</summary>
    public int Most { get; }

    /// <summary>Dimension reached last.</summary>
    public int Count { get; private set; }

    /// <summary>Eigenvalues of T (Count).</summary>
    public ReadOnlySpan<double> Eigenvalues => _diagonal.AsSpan(0, Count);

    /// <summary>Component i of eigenvector k of T.</summary>
    public double Component(int i, int k) => _vectors[k * Most + i];

    /// <summary>A basis vector (n).</summary>
    public ReadOnlySpan<double> Basis(int k) => _basis[k];

    /// <summary>Builds the space from a start (n), which is zero at held variables; false when the start is zero.</summary>
    public bool Build(PenaltyFunction function, ReadOnlySpan<bool> held, ReadOnlySpan<double> start)
    {
        Count = 0;
        double norm = VectorKernels.Norm2(start);
        if (!(norm > 0.0)) return false;
        VectorKernels.Scale(1.0 / norm, start, _basis[0]);
        double largest = 0.0;
        for (int k = 0; k < Most; k++)
        {
            function.Product(_basis[k], _work);
            for (int j = 0; j < _work.Length; j++)
            {
                if (held[j]) _work[j] = 0.0;
            }
            _diagonal[k] = VectorKernels.Dot(_basis[k], _work);
            largest = Math.Max(largest, VectorKernels.Norm2(_work));
            Count = k + 1;
            for (int pass = 0; pass < 2; pass++)
            {
                for (int i = 0; i <= k; i++) VectorKernels.AddScaled(-VectorKernels.Dot(_basis[i], _work), _basis[i], _work);
            }
            double beta = VectorKernels.Norm2(_work);
            _below[k] = beta;
            if (k + 1 == Most || !(beta > 1e-12 * largest)) break;
            VectorKernels.Scale(1.0 / beta, _work, _basis[k + 1]);
        }
        return TridiagonalEigen.Solve(_diagonal.AsSpan(0, Count), _below.AsSpan(0, Count), _vectors, Most);
    }
}
