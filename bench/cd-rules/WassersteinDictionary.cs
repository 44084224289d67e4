using Optc.Runtime.Native;

namespace Optc.Bench.BlockRules;

/// <summary>
/// Wasserstein CP-dictionary learning: F(U, V, H) = Σₙ W(pₙ, qₙ), where the joint distributions qₙ = Σ_r H_rn u_r ∘ v_r on a grid are mixtures
/// of products and W is the transport cost with the entropic term γ KL(T | p ∘ q). All columns of U, V and H lie on simplices. The
/// gradient of W by q is the dual potential g, which Sinkhorn's iteration finds, warm from the last.
/// </summary>
internal sealed class WassersteinDictionary
{
    private const double Gamma = 0.1, SinkhornTolerance = 1e-13;

    private readonly int _a, _b, _rank, _count, _cells;
    private readonly double[] _kernel, _scale, _sums;
    private readonly double[][] _data, _model, _potentials, _warm;

    public WassersteinDictionary(int a, int b, int rank, int count, int seed)
    {
        (_a, _b, _rank, _count, _cells) = (a, b, rank, count, a * b);
        _kernel = new double[_cells * _cells];
        (_scale, _sums) = (new double[_cells], new double[_cells]);
        double largest = ((a - 1) * (a - 1)) + ((b - 1) * (b - 1));
        for (int c = 0; c < _cells; c++)
        {
            for (int d = 0; d < _cells; d++)
            {
                int rows = (c / b) - (d / b), columns = (c % b) - (d % b);
                _kernel[(c * _cells) + d] = Math.Exp(-((rows * rows) + (columns * columns)) / (largest * Gamma));
            }
        }
        Blocks = [Uniform(a * rank, a), Uniform(b * rank, b), Uniform(rank * count, rank)];
        (_data, _model, _potentials, _warm) = (Empty(), Empty(), Empty(), Empty());
        foreach (double[] w in _warm) Array.Fill(w, 1);
        // The data: mixtures of random products, each with noise of its own.
        var random = new Random(seed);
        Randomise(random);
        Model();
        for (int n = 0; n < count; n++)
        {
            for (int c = 0; c < _cells; c++) _data[n][c] = _model[n][c] + (0.3 * random.NextDouble() / _cells);
            VectorKernels.Scale(1 / VectorKernels.Sum(_data[n]), _data[n]);
        }
    }

    /// <summary>U (atoms of a), V (atoms of b), H (columns of the rank): each a list of points on simplices.</summary>
    public double[][] Blocks { get; }

    /// <summary>Coordinates of a point of each block's simplices.</summary>
    public int Length(int block) => block == 0 ? _a : block == 1 ? _b : _rank;

    /// <summary>Blocks of random points.</summary>
    public void Randomise(Random random)
    {
        for (int k = 0; k < 3; k++)
        {
            for (int j = 0; j < Blocks[k].Length; j++) Blocks[k][j] = -Math.Log(1 - random.NextDouble());
            for (int j = 0; j < Blocks[k].Length; j += Length(k)) VectorKernels.Scale(1 / VectorKernels.Sum(Blocks[k].AsSpan(j, Length(k))), Blocks[k].AsSpan(j, Length(k)));
        }
    }

    /// <summary>F at the blocks; the potentials are kept for the derivatives.</summary>
    public double Value()
    {
        Model();
        double sum = 0;
        for (int n = 0; n < _count; n++) sum += Transport(n);
        return sum;
    }

    /// <summary>∂F by a block, after <see cref="Value"/> there.</summary>
    public void Gradient(int block, double[] gradient)
    {
        Array.Clear(gradient);
        for (int n = 0; n < _count; n++)
        {
            for (int i = 0; i < _a; i++)
            {
                for (int j = 0; j < _b; j++)
                {
                    double g = _potentials[n][(i * _b) + j];
                    for (int r = 0; r < _rank; r++)
                    {
                        double u = Blocks[0][(r * _a) + i], v = Blocks[1][(r * _b) + j], h = Blocks[2][(n * _rank) + r];
                        if (block == 0) gradient[(r * _a) + i] += g * v * h;
                        else if (block == 1) gradient[(r * _b) + j] += g * u * h;
                        else gradient[(n * _rank) + r] += g * u * v;
                    }
                }
            }
        }
    }

    /// <summary>The nearest points on the simplices, point by point: all coordinates lowered by one number and cut off at zero.</summary>
    public static void Project(double[] points, int length)
    {
        for (int start = 0; start < points.Length; start += length)
        {
            Span<double> x = points.AsSpan(start, length);
            double[] sorted = [.. x];
            Array.Sort(sorted);
            double sum = 0, shift = 0;
            for (int k = 1; k <= length; k++)
            {
                sum += sorted[^k];
                if (sorted[^k] - ((sum - 1) / k) > 0) shift = (sum - 1) / k;
            }
            foreach (ref double v in x) v = Math.Max(0, v - shift);
        }
    }

    private void Model()
    {
        for (int n = 0; n < _count; n++)
        {
            for (int i = 0; i < _a; i++)
            {
                for (int j = 0; j < _b; j++)
                {
                    double sum = 0;
                    for (int r = 0; r < _rank; r++) sum += Blocks[0][(r * _a) + i] * Blocks[1][(r * _b) + j] * Blocks[2][(n * _rank) + r];
                    _model[n][(i * _b) + j] = sum;
                }
            }
        }
    }

    /// <summary>W(pₙ, qₙ) = ⟨f, p⟩ + ⟨g, q⟩ at Sinkhorn's fixed point e^(−fᵢ/γ) = Σⱼ qⱼ e^((gⱼ − Cᵢⱼ)/γ), and the same for g.</summary>
    private double Transport(int n)
    {
        double[] p = _data[n], q = _model[n], e = _warm[n];
        double change = double.PositiveInfinity;
        for (int pass = 0; pass < 2000 && change > SinkhornTolerance; pass++)
        {
            VectorKernels.Multiply(q, e, _sums);
            for (int c = 0; c < _cells; c++) _scale[c] = 1 / VectorKernels.Dot(_kernel.AsSpan(c * _cells, _cells), _sums);
            VectorKernels.Multiply(p, _scale, _sums);
            change = 0;
            for (int c = 0; c < _cells; c++)
            {
                double next = 1 / VectorKernels.Dot(_kernel.AsSpan(c * _cells, _cells), _sums);
                change = Math.Max(change, Math.Abs((next / e[c]) - 1));
                e[c] = next;
            }
        }
        double value = 0;
        for (int c = 0; c < _cells; c++)
        {
            _potentials[n][c] = Gamma * Math.Log(e[c]);
            value += (p[c] * Gamma * Math.Log(_scale[c])) + (q[c] * _potentials[n][c]);
        }
        return value;
    }

    private static double[] Uniform(int size, int length) => [.. Enumerable.Repeat(1.0 / length, size)];

    private double[][] Empty() => [.. Enumerable.Range(0, _count).Select(_ => new double[_cells])];
}
