using Optc.Runtime.Native;

namespace Optc.Runtime.Solvers.CoordinateDescent;

/// <summary>
/// Anderson extrapolation of the last iterates of a linearly convergent sequence: x = Σ c_k x_k with Σ c_k = 1 and the combination of
/// differences least (Bertrand, Massias, Anderson acceleration of coordinate descent, AISTATS 2021, algorithm 1).
/// </summary>
internal sealed class Anderson
{
    /// <summary>Differences that are combined.</summary>
    public const int Depth = 5;

    private readonly double[][] _iterates = new double[Depth + 1][];
    private readonly double[] _gram = new double[Depth * Depth];
    private readonly double[] _weights = new double[Depth];
    private double[] _difference = [];
    private int _count;
    private int _length;

    public Anderson()
    {
        for (int k = 0; k <= Depth; k++) _iterates[k] = [];
    }

    /// <summary>Forgets the iterates; the next ones have the given length.</summary>
    public void Reset(int length)
    {
        _count = 0;
        _length = length;
    }

    /// <summary>Where the next iterate is to be written; <see cref="IsFull"/> says whether enough came.</summary>
    public Span<double> Next() => Room(ref _iterates[_count++]);

    /// <summary>Whether an extrapolation may be asked for; a <see cref="Reset"/> must follow.</summary>
    public bool IsFull => _count == Depth + 1;

    /// <summary>The extrapolated point; false when the differences do not determine one.</summary>
    public bool Extrapolate(Span<double> point)
    {
        Span<double> difference = Room(ref _difference);
        // Gram matrix of the differences, made a little heavier on its diagonal.
        double trace = 0;
        for (int a = 0; a < Depth; a++)
        {
            VectorKernels.Combine(1, Iterate(a + 1), -1, Iterate(a), difference);
            for (int c = 0; c < Depth; c++) _gram[(a * Depth) + c] = VectorKernels.Dot(difference, Iterate(c + 1)) - VectorKernels.Dot(difference, Iterate(c));
            trace += _gram[(a * Depth) + a];
        }
        if (!(trace > 0)) return false;
        for (int a = 0; a < Depth; a++) _gram[(a * Depth) + a] += 1e-12 * trace;
        Array.Fill(_weights, 1.0);
        if (!DenseCholesky.Factor(_gram, Depth, Depth)) return false;
        DenseCholesky.Solve(_gram, Depth, Depth, _weights);
        double sum = VectorKernels.Sum(_weights);
        if (!(Math.Abs(sum) > 1e-300)) return false;
        point.Clear();
        for (int a = 0; a < Depth; a++) VectorKernels.AddScaled(_weights[a] / sum, Iterate(a + 1), point);
        return true;
    }

    private Span<double> Room(ref double[] array)
    {
        if (array.Length < _length) array = new double[Math.Max(_length, 2 * array.Length)];
        return array.AsSpan(0, _length);
    }

    private ReadOnlySpan<double> Iterate(int k) => _iterates[k].AsSpan(0, _length);
}
