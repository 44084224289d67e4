using Optc.Runtime.Native;

namespace Optc.Bench.BlockRules;

/// <summary>The full method for (½‖Gx − y‖² + ρ‖x‖₁) / (ρ‖x‖_[k]), and what a coordinate could still gain, by search.</summary>
internal static class FractionalPeers
{
    /// <summary>Proximal gradient on the numerator, subgradient of the denominator at the present ratio.</summary>
    public static (double[] Point, int Steps) Full(double[][] columns, double[] y, double rho, int k, double[] start, int limit, List<double> trace)
    {
        int p = start.Length;
        double[] x = [.. start], z = new double[y.Length];
        double lipschitz = Lipschitz(columns, y.Length);
        for (int step = 1; ; step++)
        {
            for (int i = 0; i < z.Length; i++) z[i] = -y[i];
            for (int j = 0; j < p; j++) VectorKernels.AddScaled(x[j], columns[j], z);
            int[] top = [.. Enumerable.Range(0, p).OrderByDescending(j => Math.Abs(x[j])).Take(k)];
            double current = ((0.5 * VectorKernels.SumOfSquares(z)) + (rho * x.Sum(Math.Abs))) / (rho * top.Sum(j => Math.Abs(x[j])));
            trace.Add(current);
            double largest = 0;
            double[] subgradient = new double[p];
            foreach (int j in top) subgradient[j] = rho * Math.Sign(x[j]);
            for (int j = 0; j < p; j++)
            {
                double v = x[j] - ((VectorKernels.Dot(columns[j], z) - (current * subgradient[j])) / lipschitz), next = Math.Sign(v) * Math.Max(0, Math.Abs(v) - (rho / lipschitz));
                largest = Math.Max(largest, Math.Abs(next - x[j]));
                x[j] = next;
            }
            if (largest <= 1e-10 || step == limit) return (x, step);
        }
    }

    private static double Lipschitz(double[][] columns, int n)
    {
        double[] v = [.. columns.Select((_, j) => 1.0 + (0.01 * j))], z = new double[n];
        double norm = 1;
        for (int pass = 0; pass < 200; pass++)
        {
            Array.Clear(z);
            for (int j = 0; j < v.Length; j++) VectorKernels.AddScaled(v[j], columns[j], z);
            for (int j = 0; j < v.Length; j++) v[j] = VectorKernels.Dot(columns[j], z);
            norm = VectorKernels.Norm2(v);
            VectorKernels.Scale(1 / norm, v);
        }
        return 1.001 * norm;
    }

    /// <summary>
    /// How much lower, relatively, F gets by the best change of a single coordinate: along every coordinate F is evaluated on a grid over
    /// all values that can be lower than the present one, and searched by thirds around the best point of the grid.
    /// </summary>
    public static double CoordinateGain(double[][] columns, double[] y, double rho, int k, double[] x)
    {
        const int Points = 2000;
        double[] z = [.. y.Select(v => -v)];
        for (int j = 0; j < x.Length; j++) VectorKernels.AddScaled(x[j], columns[j], z);
        double present = Ratio(z, x), gain = 0;
        for (int j = 0; j < x.Length; j++)
        {
            double[] others = [.. z], sizes = [.. x.Select(Math.Abs).Where((_, i) => i != j).OrderDescending()];
            VectorKernels.AddScaled(-x[j], columns[j], others);
            double top = sizes.Take(k - 1).Sum(), next = sizes[k - 1], rest = sizes.Sum(), squares = VectorKernels.SumOfSquares(columns[j]), slope = VectorKernels.Dot(columns[j], others), constant = VectorKernels.SumOfSquares(others);
            double F(double t) => ((0.5 * (constant + (t * ((2 * slope) + (t * squares))))) + (rho * (rest + Math.Abs(t)))) / (rho * (top + Math.Max(next, Math.Abs(t))));
            // Beyond this the squares alone are more than the present ratio times the denominator.
            double reach = 1 + (2 * (Math.Abs(slope) + (present * rho)) / squares) + Math.Sqrt(2 * present * rho * (top + next) / squares), width = 2 * reach / Points;
            double best = Enumerable.Range(0, Points + 1).Select(i => -reach + (width * i)).Append(0).Append(x[j]).Append(next).Append(-next).MinBy(F), low = best - width, high = best + width, least = F(best);
            for (int i = 0; i < 80; i++)
            {
                double a = low + ((high - low) / 3), b = high - ((high - low) / 3);
                if (F(a) < F(b)) high = b;
                else low = a;
                least = Math.Min(least, Math.Min(F(a), F(b)));
            }
            gain = Math.Max(gain, (present - least) / present);
        }
        return gain;

        double Ratio(double[] residual, double[] at) => ((0.5 * VectorKernels.SumOfSquares(residual)) + (rho * at.Sum(Math.Abs))) / (rho * at.Select(Math.Abs).OrderDescending().Take(k).Sum());
    }
}
