using MathNet.Numerics.LinearAlgebra;
using Optc.Runtime.Problems;
using Optc.Runtime.Solvers.Consensus;

namespace Optc.Bench.AdmmPapers;

/// <summary>Bayesian linear regression over agents: fₖ = ½ xᵀHₖx − bₖᵀx, posterior normal with covariance (Σ Hₖ)⁻¹. And the samplers of it as linear chains.</summary>
internal sealed class RegressionPosterior
{
    private readonly Matrix<double>[] _h;
    private readonly Vector<double>[] _b;

    public RegressionPosterior(int agents, int dimension, int records, double decay, int seed)
    {
        var random = new Random(seed);
        double Normal() => Math.Sqrt(-2.0 * Math.Log(1.0 - random.NextDouble())) * Math.Cos(2.0 * Math.PI * random.NextDouble());
        Vector<double> truth = Vector<double>.Build.Dense(dimension, _ => Normal());
        _h = new Matrix<double>[agents];
        _b = new Vector<double>[agents];
        for (int k = 0; k < agents; k++)
        {
            Matrix<double> x = Matrix<double>.Build.Dense(records, dimension, (_, j) => Normal() * Math.Pow(decay, j));
            Vector<double> y = (x * truth) + Vector<double>.Build.Dense(records, _ => Normal());
            // The prior's precision of 0.1 is dealt out evenly.
            _h[k] = x.TransposeThisAndMultiply(x) + (0.1 / agents * Matrix<double>.Build.DenseIdentity(dimension));
            _b[k] = x.TransposeThisAndMultiply(y);
        }
        Precision = _h.Aggregate((a, b) => a + b);
        Posterior = new Gaussian(Precision.Solve(_b.Aggregate((a, b) => a + b)), Precision.Inverse());
        var eigenvalues = Precision.Evd(Symmetricity.Symmetric).EigenValues;
        (Least, Largest) = (eigenvalues.Min(e => e.Real), eigenvalues.Max(e => e.Real));
    }

    public Matrix<double> Precision { get; }

    public Gaussian Posterior { get; }

    /// <summary>Eigenvalues of the precision.</summary>
    public double Least { get; }

    public double Largest { get; }

    private int K => _h.Length;

    private int N => _b[0].Count;

    private Matrix<double> Identity => Matrix<double>.Build.DenseIdentity(N);

    /// <summary>The split problem that the solver's sampler draws from.</summary>
    public ConsensusProblem Split()
    {
        int[] all = [.. Enumerable.Range(0, N)];
        BlockDefinition[] blocks = [.. _h.Select((h, k) => new BlockDefinition($"agent{k}", Program(h, _b[k]), all, [], all, all))];
        Matrix<double> none = Matrix<double>.Build.Dense(N, N);
        return new ConsensusProblem(
            Program(Precision, _b.Aggregate((a, b) => a + b)), blocks, new BlockDefinition("shared", Program(none, Vector<double>.Build.Dense(N)), all, [], all, all));
    }

    /// <summary>The sampler of <c>optc sample</c>: state z, u₁ … u_K.</summary>
    public LinearChain Consensus(double rho)
    {
        int size = N * (K + 1);
        Matrix<double> t = Matrix<double>.Build.Dense(size, size), noise = Matrix<double>.Build.Dense(size, N * K);
        Vector<double> shift = Vector<double>.Build.Dense(size);
        Matrix<double> z = Matrix<double>.Build.Dense(N, size), zNoise = Matrix<double>.Build.Dense(N, N * K);
        Vector<double> zShift = Vector<double>.Build.Dense(N);
        Matrix<double>[] prox = [.. _h.Select(h => rho * (h + (rho * Identity)).Inverse())];
        double deviation = Math.Sqrt(2.0 / rho);
        for (int k = 0; k < K; k++)
        {
            int u = N * (k + 1);
            z.SetSubMatrix(0, 0, z.SubMatrix(0, N, 0, N) + (prox[k] / K));
            z.SetSubMatrix(0, u, (Identity - prox[k]) / K);
            zNoise.SetSubMatrix(0, k * N, deviation * prox[k] / K);
            zShift += prox[k] * _b[k] / rho / K;
        }
        t.SetSubMatrix(0, 0, z);
        noise.SetSubMatrix(0, 0, zNoise);
        shift.SetSubVector(0, N, zShift);
        for (int k = 0; k < K; k++)
        {
            int u = N * (k + 1);
            Matrix<double> row = -z;
            row.SetSubMatrix(0, 0, row.SubMatrix(0, N, 0, N) + prox[k]);
            row.SetSubMatrix(0, u, row.SubMatrix(0, N, u, N) + Identity - prox[k]);
            t.SetSubMatrix(u, 0, row);
            Matrix<double> own = -zNoise;
            own.SetSubMatrix(0, k * N, own.SubMatrix(0, N, k * N, N) + (deviation * prox[k]));
            noise.SetSubMatrix(u, 0, own);
            shift.SetSubVector(u, N, (prox[k] * _b[k] / rho) - zShift);
        }
        return new LinearChain(t, shift, noise * noise.Transpose(), Matrix<double>.Build.Dense(N, size, (i, j) => i == j ? 1.0 : 0.0));
    }

    /// <summary>Unadjusted Langevin with the sum of the agents' gradients: z − h (Hz − b) + √(2h) ξ.</summary>
    public LinearChain Langevin(double h) =>
        new(Identity - (h * Precision), h * _b.Aggregate((a, b) => a + b), 2.0 * h * Identity, Identity);

    /// <summary>
    /// Agents in a ring, each talking to two others: x⁺ = W x − h K ∇f(x) + √(2hK) ξ with Metropolis weights W, the decentralised Langevin method; the mean of the agents.
    /// </summary>
    public LinearChain RingLangevin(double h)
    {
        int size = N * K;
        Matrix<double> t = Matrix<double>.Build.Dense(size, size);
        Vector<double> shift = Vector<double>.Build.Dense(size);
        for (int k = 0; k < K; k++)
        {
            t.SetSubMatrix(k * N, k * N, (Identity / 3.0) - (h * K * _h[k]));
            foreach (int j in Neighbours(k)) t.SetSubMatrix(k * N, j * N, Identity / 3.0);
            shift.SetSubVector(k * N, N, h * K * _b[k]);
        }
        return new LinearChain(t, shift, 2.0 * h * K * Matrix<double>.Build.DenseIdentity(size), Mean());
    }

    /// <summary>
    /// Agents in a ring by the published recursion, x = argmin f + pᵀx + ρ Σⱼ ‖x − ½(xₖ + xⱼ) + v‖², p⁺ = p + ρ Σⱼ (x − xⱼ), with v of variance 1/(ρ d), d neighbours, for which the
    /// mean of the agents takes Langevin steps of length 1/(2ρdK); the mean of the agents.
    /// </summary>
    public LinearChain RingAdmm(double rho)
    {
        int size = 2 * N * K;
        Matrix<double> t = Matrix<double>.Build.Dense(size, size), noise = Matrix<double>.Build.Dense(size, N * K);
        Vector<double> shift = Vector<double>.Build.Dense(size);
        const int D = 2;
        for (int k = 0; k < K; k++)
        {
            Matrix<double> solve = (_h[k] + (2.0 * rho * D * Identity)).Inverse();
            t.SetSubMatrix(k * N, k * N, rho * D * solve);
            foreach (int j in Neighbours(k)) t.SetSubMatrix(k * N, j * N, rho * solve);
            t.SetSubMatrix(k * N, (K + k) * N, -solve);
            noise.SetSubMatrix(k * N, k * N, 2.0 * rho * D / Math.Sqrt(rho * D) * solve);
            shift.SetSubVector(k * N, N, solve * _b[k]);
        }
        for (int k = 0; k < K; k++)
        {
            int p = (K + k) * N;
            Matrix<double> row = rho * D * t.SubMatrix(k * N, N, 0, size), own = rho * D * noise.SubMatrix(k * N, N, 0, N * K);
            Vector<double> constant = rho * D * shift.SubVector(k * N, N);
            foreach (int j in Neighbours(k))
            {
                row -= rho * t.SubMatrix(j * N, N, 0, size);
                own -= rho * noise.SubMatrix(j * N, N, 0, N * K);
                constant -= rho * shift.SubVector(j * N, N);
            }
            row.SetSubMatrix(0, p, row.SubMatrix(0, N, p, N) + Identity);
            t.SetSubMatrix(p, 0, row);
            noise.SetSubMatrix(p, 0, own);
            shift.SetSubVector(p, N, constant);
        }
        Matrix<double> drawn = Matrix<double>.Build.Dense(N, size);
        drawn.SetSubMatrix(0, 0, Mean());
        return new LinearChain(t, shift, noise * noise.Transpose(), drawn);
    }

    private Matrix<double> Mean() => Matrix<double>.Build.Dense(N, N * K, (i, j) => j % N == i ? 1.0 / K : 0.0);

    private int[] Neighbours(int k) => [(k + 1) % K, (k + K - 1) % K];

    private static QuadraticProgram Program(Matrix<double> h, Vector<double> b)
    {
        int n = b.Count;
        int[] starts = [.. Enumerable.Range(0, n + 1).Select(j => Enumerable.Range(0, j).Sum(c => n - c))];
        int[] rows = [.. Enumerable.Range(0, n).SelectMany(j => Enumerable.Range(j, n - j))];
        double[] values = [.. Enumerable.Range(0, n).SelectMany(j => Enumerable.Range(j, n - j).Select(i => h[i, j]))];
        double[] free = [.. Enumerable.Repeat(double.NegativeInfinity, n)];
        return new QuadraticProgram(
            new SparsePattern(n, n, starts, rows), values, (-b).ToArray(), 0.0, new SparsePattern(0, n, [0], []), [], [], [], free, [.. free.Select(v => -v)], new double[n]);
    }
}
