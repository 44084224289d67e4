using Optc.Runtime.Solvers.CoordinateDescent;

namespace Optc.Runtime.Tests.Solvers.BlockCoordinate;

/// <summary>
/// The dual averagings as their papers state them, with every gradient computed from the numbers: logistic loss with labels 0 and 1, ℓ1
/// norm and squares. L is the largest bound of a single coordinate.
/// </summary>
internal sealed class NaiveAveraging
{
    private readonly CompositeProblem _problem;
    private readonly int _n, _p;
    private readonly double[][] _rows;
    private readonly int[][] _blocks;
    private readonly double _lipschitz;

    public NaiveAveraging(CompositeProblem problem, int block)
    {
        (_problem, _n, _p) = (problem, problem.Labels.Length, problem.Matrix.ColumnCount);
        _rows = [.. Enumerable.Range(0, _n).Select(_ => new double[_p])];
        double[] column = new double[_n];
        for (int j = 0; j < _p; j++)
        {
            Array.Clear(column);
            problem.Matrix.AddScaled(j, 1, column);
            double bound = problem.Penalty.L2[j];
            for (int i = 0; i < _n; i++)
            {
                _rows[i][j] = column[i];
                bound += 0.25 * problem.Weights[i] * column[i] * column[i];
            }
            _lipschitz = Math.Max(_lipschitz, bound);
        }
        _blocks = [.. Enumerable.Range(0, _p).Chunk(block)];
    }

    /// <summary>yₖ after k cycles from zero.</summary>
    public double[] Cyclic(int cycles)
    {
        double[] y = new double[_p], v = new double[_p], z = new double[_p], p = new double[_p], g = new double[_p];
        double total = 0, weight = 0;
        for (int k = 0; k < cycles; k++)
        {
            // a² · 5L = 2 (A + a).
            double last = total, lastWeight = weight, r = 2 / (5 * _lipschitz);
            weight = (r + Math.Sqrt((r * r) + (4 * r * last))) / 2;
            total = last + weight;
            double[] x = [.. y.Zip(v, (a, b) => ((last * a) + (weight * b)) / total)], oldGradient = g, oldP = p, mixed = [.. x];
            (g, p) = (Gradient(x), new double[_p]);
            foreach (int[] block in _blocks.Reverse())
            {
                double[] here = Gradient(mixed);
                foreach (int j in block)
                {
                    p[j] = here[j];
                    double q = p[j] + (lastWeight / weight * (oldGradient[j] - oldP[j]));
                    z[j] += weight * q;
                    v[j] = Shrink(-z[j], total * _problem.Penalty.L1[j]);
                    y[j] = ((last * y[j]) + (weight * v[j])) / total;
                    mixed[j] = y[j];
                }
            }
        }
        return y;
    }

    /// <summary>The snapshot after epochs of so many cycles from zero.</summary>
    public double[] VarianceReduced(int epochs, int cycles, int seed)
    {
        var random = new Random(seed);
        double total = 1 / (4 * _lipschitz), weight = total, start = total;
        double[] z = [.. Gradient(new double[_p]).Select(d => start * d)];
        double[] v = [.. z.Select((s, j) => Shrink(-s, start * _problem.Penalty.L1[j]))], snapshot = [.. v], y = [.. v], x = new double[_p];
        for (int epoch = 0; epoch < epochs; epoch++)
        {
            double last = total, lastWeight = weight;
            weight = Math.Sqrt(cycles * last / (8 * _lipschitz));
            total = last + weight;
            double[] mean = new double[_p], full = Gradient(snapshot);
            for (int k = 1; k <= cycles; k++)
            {
                double[] oldX = x, oldY = y, w = new double[_p], oldW = [.. oldX];
                x = [.. snapshot.Zip(v, (a, b) => ((last * a) + (weight * b)) / total)];
                x.CopyTo(w, 0);
                y = new double[_p];
                foreach (int[] block in _blocks.Reverse())
                {
                    int t = random.Next(_n);
                    double[] now = Gradient(w, t), there = Gradient(snapshot, t), before = Gradient(oldX, t), mixed = Gradient(oldW, t);
                    foreach (int j in block)
                    {
                        double q = now[j] - there[j] + full[j] + (lastWeight / weight * (before[j] - mixed[j]));
                        z[j] += weight / cycles * q;
                    }
                    foreach (int j in block)
                    {
                        v[j] = Shrink(-z[j], (last + (weight * k / cycles)) * _problem.Penalty.L1[j]);
                        y[j] = ((last * snapshot[j]) + (weight * v[j])) / total;
                        (w[j], oldW[j]) = (y[j], oldY[j]);
                        mean[j] += y[j] / cycles;
                    }
                }
                lastWeight = weight;
            }
            snapshot = mean;
        }
        return snapshot;
    }

    private double[] Gradient(double[] x)
    {
        double[] sum = new double[_p];
        for (int t = 0; t < _n; t++)
        {
            double[] g = Gradient(x, t);
            for (int j = 0; j < _p; j++) sum[j] += g[j] / _n;
        }
        return sum;
    }

    /// <summary>∇fₜ, with the penalty's squares.</summary>
    private double[] Gradient(double[] x, int t)
    {
        double form = _problem.Offset![t] + _rows[t].Zip(x, (a, b) => a * b).Sum(), slope = _n * _problem.Weights[t] * ((1 / (1 + Math.Exp(-form))) - _problem.Labels[t]);
        return [.. _rows[t].Select((r, j) => (slope * r) + (_problem.Penalty.L2[j] * x[j]))];
    }

    private static double Shrink(double v, double by) => Math.Sign(v) * Math.Max(0, Math.Abs(v) - by);
}
