using Optc.Runtime.Native;

namespace Optc.Bench.BlockRules;

/// <summary>
/// A network of ReLU layers and a linear last one, trained by blocks on the three-splitting form of Zeng, Lau, Lin and Yao (ICML 2019):
/// P = ½‖V_N − Y‖² + ½λ Σ‖W_i‖² + ½γ Σ (‖V_i − σ_i(U_i)‖² + ‖U_i − W_i V_{i−1}‖²), every block to the exact minimum of P + ½α‖·‖².
/// Matrices have a row for every sample.
/// </summary>
internal sealed class SplitNetwork
{
    private const double Gamma = 1, Lambda = 0.01;

    private readonly double _alpha;
    private readonly double[][] _y;
    private readonly double[][][] _u, _v, _w;
    private readonly int _layers;

    public SplitNetwork(double[][] x, double[][] y, int[] widths, double alpha, int seed)
    {
        var random = new Random(seed);
        (_alpha, _y, _layers) = (alpha, y, widths.Length);
        (_u, _v, _w) = (new double[_layers + 1][][], new double[_layers + 1][][], new double[_layers + 1][][]);
        _v[0] = x;
        for (int i = 1; i <= _layers; i++)
        {
            int before = _v[i - 1][0].Length;
            _w[i] = [.. Enumerable.Range(0, widths[i - 1]).Select(_ => Enumerable.Range(0, before).Select(_ => Clock.Normal(random) * Math.Sqrt(2.0 / before)).ToArray())];
            _u[i] = [.. _v[i - 1].Select(v => Product(_w[i], v))];
            _v[i] = [.. _u[i].Select(u => Array.ConvertAll(u, value => Activation(i, value)))];
        }
    }

    private int Samples => _y.Length;

    /// <summary>All blocks once, from the last layer to the first.</summary>
    public void Sweep()
    {
        for (int i = _layers; i >= 1; i--)
        {
            MoveV(i);
            MoveU(i);
            MoveW(i);
        }
    }

    public double Objective()
    {
        double sum = 0;
        for (int i = 1; i <= _layers; i++)
        {
            sum += 0.5 * Lambda * _w[i].Sum(row => row.Sum(w => w * w));
            for (int s = 0; s < Samples; s++)
            {
                double[] form = Product(_w[i], _v[i - 1][s]);
                for (int r = 0; r < form.Length; r++) sum += 0.5 * Gamma * (Square(_v[i][s][r] - Activation(i, _u[i][s][r])) + Square(_u[i][s][r] - form[r]));
            }
        }
        for (int s = 0; s < Samples; s++) sum += 0.5 * _v[_layers][s].Zip(_y[s], (a, b) => Square(a - b)).Sum();
        return sum;
    }

    /// <summary>Squared distance of 0 to the limiting subdifferential of P.</summary>
    public double Criticality()
    {
        double sum = 0;
        for (int i = 1; i <= _layers; i++)
        {
            double[][] slopes = [.. _w[i].Select(row => Array.ConvertAll(row, w => Lambda * w))];
            for (int s = 0; s < Samples; s++)
            {
                double[] form = Product(_w[i], _v[i - 1][s]), u = _u[i][s], v = _v[i][s], next = i < _layers ? Residual(i + 1, s) : [];
                for (int r = 0; r < u.Length; r++)
                {
                    double apart = u[r] - form[r], slope = Gamma * (v[r] - Activation(i, u[r]));
                    for (int c = 0; c < slopes[r].Length; c++) slopes[r][c] -= Gamma * apart * _v[i - 1][s][c];
                    slope += i == _layers ? v[r] - _y[s][r] : -Gamma * Column(_w[i + 1], r, next);
                    sum += Square(slope) + Square(Kink(i, u[r], v[r], Gamma * apart));
                }
            }
            sum += slopes.Sum(row => row.Sum(g => g * g));
        }
        return sum;
    }

    /// <summary>Distance of −rest to the subdifferential of ½γ(v − σ(u))² in u: both one-sided slopes belong to it, and what is between where the kink is convex.</summary>
    private double Kink(int layer, double u, double v, double rest)
    {
        double left = layer == _layers ? -Gamma * (v - u) : 0, right = -Gamma * (v - u);
        if (u > 0 || layer == _layers) return Math.Abs(rest + right);
        if (u < 0) return Math.Abs(rest);
        if (right >= left && rest + left <= 0 && rest + right >= 0) return 0;
        return Math.Min(Math.Abs(rest + left), Math.Abs(rest + right));
    }

    private void MoveV(int i)
    {
        if (i == _layers)
        {
            for (int s = 0; s < Samples; s++)
            {
                for (int r = 0; r < _y[s].Length; r++) _v[i][s][r] = (_y[s][r] + (Gamma * _u[i][s][r]) + (_alpha * _v[i][s][r])) / (1 + Gamma + _alpha);
            }
            return;
        }
        double[][] w = _w[i + 1];
        int n = w[0].Length;
        double[] matrix = Gram(w, n, Gamma + _alpha);
        for (int s = 0; s < Samples; s++)
        {
            double[] v = _v[i][s];
            for (int r = 0; r < n; r++) v[r] = (Gamma * (Activation(i, _u[i][s][r]) + Column(w, r, _u[i + 1][s]))) + (_alpha * v[r]);
            DenseCholesky.Solve(matrix, n, n, v);
        }
    }

    private void MoveU(int i)
    {
        for (int s = 0; s < Samples; s++)
        {
            double[] form = Product(_w[i], _v[i - 1][s]), u = _u[i][s];
            for (int r = 0; r < u.Length; r++)
            {
                double v = _v[i][s][r], b = form[r], old = u[r];
                double above = ((Gamma * (v + b)) + (_alpha * old)) / ((2 * Gamma) + _alpha);
                if (i == _layers)
                {
                    u[r] = above;
                    continue;
                }
                // The best on either side of the kink, then the better.
                double below = Math.Min(0, ((Gamma * b) + (_alpha * old)) / (Gamma + _alpha));
                above = Math.Max(0, above);
                double Cost(double at) => (Gamma * (Square(v - Math.Max(0, at)) + Square(at - b))) + (_alpha * Square(at - old));
                u[r] = Cost(above) <= Cost(below) ? above : below;
            }
        }
    }

    private void MoveW(int i)
    {
        int n = _w[i][0].Length;
        double[] matrix = Gram(_v[i - 1], n, Lambda + _alpha);
        for (int r = 0; r < _w[i].Length; r++)
        {
            double[] w = _w[i][r];
            for (int c = 0; c < n; c++) w[c] *= _alpha;
            for (int s = 0; s < Samples; s++)
            {
                for (int c = 0; c < n; c++) w[c] += Gamma * _u[i][s][r] * _v[i - 1][s][c];
            }
            DenseCholesky.Solve(matrix, n, n, w);
        }
    }

    /// <summary>The factor of γ MᵀM + shift · I.</summary>
    private static double[] Gram(double[][] m, int n, double shift)
    {
        double[] matrix = new double[n * n];
        foreach (double[] row in m)
        {
            for (int a = 0; a < n; a++)
            {
                for (int b = 0; b < n; b++) matrix[(a * n) + b] += Gamma * row[a] * row[b];
            }
        }
        for (int a = 0; a < n; a++) matrix[(a * n) + a] += shift;
        if (!DenseCholesky.Factor(matrix, n, n)) throw new InvalidOperationException("A block's matrix is not positive definite.");
        return matrix;
    }

    private double[] Residual(int i, int s) => [.. _u[i][s].Zip(Product(_w[i], _v[i - 1][s]), (u, form) => u - form)];

    private double Activation(int i, double u) => i == _layers ? u : Math.Max(0, u);

    private static double Column(double[][] w, int column, double[] u)
    {
        double sum = 0;
        for (int r = 0; r < u.Length; r++) sum += w[r][column] * u[r];
        return sum;
    }

    private static double[] Product(double[][] w, double[] v) => Array.ConvertAll(w, row =>
    {
        double sum = 0;
        for (int c = 0; c < v.Length; c++) sum += row[c] * v[c];
        return sum;
    });

    private static double Square(double a) => a * a;
}
