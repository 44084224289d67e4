using Optc.Runtime.Problems;
using Optc.Runtime.Solvers.Consensus;
using Optc.Runtime.Tests.Models;

namespace Optc.Runtime.Tests.Solvers.Consensus;

/// <summary>Σₖ ½ xᵀPₖx + qₖᵀx + λ‖x‖₁ over a few blocks, every block with a copy of all variables, and the textbook's method for it.</summary>
internal sealed class SplitLeastSquares
{
    private readonly double[][,] _p;
    private readonly double[][] _q;
    private readonly double _lambda;

    public SplitLeastSquares(int blocks, int n, double lambda, int seed)
    {
        var random = new Random(seed);
        _lambda = lambda;
        _p = new double[blocks][,];
        _q = new double[blocks][];
        for (int k = 0; k < blocks; k++)
        {
            int rows = n + 3;
            var a = new double[rows, n];
            _p[k] = new double[n, n];
            _q[k] = new double[n];
            for (int i = 0; i < rows; i++)
            {
                double b = 2.0 * random.NextDouble() - 1.0;
                for (int j = 0; j < n; j++)
                {
                    a[i, j] = 2.0 * random.NextDouble() - 1.0;
                    _q[k][j] -= a[i, j] * (b + (j == 0 ? 1.0 : 0.0));
                }
                for (int j = 0; j < n; j++)
                {
                    for (int l = 0; l < n; l++) _p[k][j, l] += a[i, j] * a[i, l];
                }
            }
        }
    }

    private int N => _q[0].Length;

    public ConsensusProblem Problem()
    {
        int n = N;
        int[] all = [.. Enumerable.Range(0, n)], wide = [.. Enumerable.Range(0, 2 * n)];
        BlockDefinition[] blocks = [.. _p.Select((p, k) => new BlockDefinition($"b{k}", Free(p, _q[k]), all, [], all, all))];
        var sum = new double[2 * n, 2 * n];
        var linear = new double[2 * n];
        for (int k = 0; k < _p.Length; k++)
        {
            for (int i = 0; i < n; i++)
            {
                linear[i] += _q[k][i];
                for (int j = 0; j < n; j++) sum[i, j] += _p[k][i, j];
            }
        }
        INlpProblem whole = WithNorm(sum, linear);
        return new ConsensusProblem(whole, blocks, new BlockDefinition("shared", WithNorm(new double[2 * n, 2 * n], new double[2 * n]), wide, wide, all, all));
    }

    /// <summary>Scaled ADMM (Boyd et al. 2011, section 7.1.1), one line for each of its equations; z after so many iterations.</summary>
    public double[] Textbook(double rho, double alpha, int iterations)
    {
        int n = N, count = _p.Length;
        double[] z = new double[n];
        double[][] u = [.. _p.Select(_ => new double[n])], x = [.. _p.Select(_ => new double[n])];
        for (int it = 0; it < iterations; it++)
        {
            for (int k = 0; k < count; k++) x[k] = Proximal(k, rho, [.. z.Zip(u[k], (a, b) => a - b)]);
            double[] old = z;
            double[][] relaxed = [.. x.Select(xk => xk.Select((v, i) => (alpha * v) + ((1.0 - alpha) * old[i])).ToArray())];
            z = [.. Enumerable.Range(0, n).Select(i => Soft(Enumerable.Range(0, count).Average(k => relaxed[k][i] + u[k][i]), _lambda / (rho * count)))];
            for (int k = 0; k < count; k++) u[k] = [.. u[k].Select((v, i) => v + relaxed[k][i] - z[i])];
        }
        return z;
    }

    /// <summary>Rounds in which some blocks are called, from the optimality conditions alone: x = argmin f − ∇f(x old)ᵀx + ρ/2 ‖x − z̃‖², message x − ∇f(x)/ρ.</summary>
    public double[] Rounds(double rho, IReadOnlyList<int[]> calls, bool continues, bool keeps)
    {
        int n = N, count = _p.Length;
        double[] z = new double[n];
        double[][] received = [.. _p.Select(_ => new double[n])], message = [.. _p.Select(_ => new double[n])], minusGradient = [.. _p.Select(_ => new double[n])];
        foreach (int[] called in calls)
        {
            foreach (int k in called) received[k] = z;
            for (int k = 0; k < count; k++)
            {
                if (!continues && !called.Contains(k)) continue;
                double[] x = Proximal(k, rho, [.. received[k].Zip(minusGradient[k], (a, b) => a - (b / rho))]);
                minusGradient[k] = [.. Enumerable.Range(0, n).Select(i => -_q[k][i] - Enumerable.Range(0, n).Sum(j => _p[k][i, j] * x[j]))];
                if (called.Contains(k)) message[k] = [.. x.Zip(minusGradient[k], (a, b) => a + (b / rho))];
            }
            int[] heard = keeps ? [.. Enumerable.Range(0, count)] : called;
            z = [.. Enumerable.Range(0, n).Select(i => Soft(heard.Average(k => message[k][i]), _lambda / (rho * count)))];
        }
        return z;
    }

    /// <summary>The largest violation of 0 ∈ Σ Pₖx + qₖ + λ∂‖x‖₁.</summary>
    public double Violation(ReadOnlySpan<double> x)
    {
        double worst = 0.0;
        for (int i = 0; i < N; i++)
        {
            double g = 0.0;
            for (int k = 0; k < _p.Length; k++)
            {
                g += _q[k][i];
                for (int j = 0; j < N; j++) g += _p[k][i, j] * x[j];
            }
            worst = Math.Max(worst, Math.Abs(x[i]) > 1e-9 ? Math.Abs(g + (_lambda * Math.Sign(x[i]))) : Math.Max(0.0, Math.Abs(g) - _lambda));
        }
        return worst;
    }

    private double[] Proximal(int k, double rho, double[] centre)
    {
        int n = N;
        var m = new double[n, n + 1];
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < n; j++) m[i, j] = _p[k][i, j] + (i == j ? rho : 0.0);
            m[i, n] = (rho * centre[i]) - _q[k][i];
        }
        for (int c = 0; c < n; c++)
        {
            for (int i = 0; i < n; i++)
            {
                if (i == c) continue;
                double factor = m[i, c] / m[c, c];
                for (int j = c; j <= n; j++) m[i, j] -= factor * m[c, j];
            }
        }
        return [.. Enumerable.Range(0, n).Select(i => m[i, n] / m[i, i])];
    }

    private static double Soft(double v, double t) => Math.Sign(v) * Math.Max(0.0, Math.Abs(v) - t);

    private static DenseProgram Free(double[,] p, double[] q)
    {
        double[] low = new double[q.Length], high = new double[q.Length];
        Array.Fill(low, double.NegativeInfinity);
        Array.Fill(high, double.PositiveInfinity);
        return new DenseProgram(p, q, new double[0, q.Length], [], [], low, high);
    }

    /// <summary>With λ Σ tᵢ, tᵢ ≥ ±xᵢ added; the quadratic is in the first half of the variables.</summary>
    private DenseProgram WithNorm(double[,] p, double[] q)
    {
        int n = N;
        var a = new double[2 * n, 2 * n];
        var linear = (double[])q.Clone();
        double[] low = new double[2 * n], high = new double[2 * n], rowLow = new double[2 * n];
        Array.Fill(low, double.NegativeInfinity);
        Array.Fill(high, double.PositiveInfinity);
        for (int i = 0; i < n; i++)
        {
            linear[n + i] = _lambda;
            (a[2 * i, i], a[2 * i, n + i], a[(2 * i) + 1, i], a[(2 * i) + 1, n + i]) = (-1.0, 1.0, 1.0, 1.0);
        }
        return new DenseProgram(p, linear, a, rowLow, [.. high], low, high);
    }
}
