namespace Optc.Bench.BlockRules;

/// <summary>f(x) = (1/n) Σ (σ(aᵢᵀx) − yᵢ)² + λ‖x‖₁, y in {0, 1}: a finite sum that is not convex, with its curvature bounds by block.</summary>
internal sealed class SigmoidRegression
{
    /// <summary>sup |ℓ″| of (σ(z) − y)²: 2 σ′² + 2 |σ − y| |σ″| with σ′ ≤ 1/4, |σ″| ≤ 1/(6√3).</summary>
    private const double Curvature = 0.125 + 0.19245;

    public SigmoidRegression(int n, int d, int seed)
    {
        var random = new Random(seed);
        (Rows, Labels) = (new double[n][], new double[n]);
        double[] truth = [.. Enumerable.Range(0, d).Select(j => j % 6 == 0 ? Clock.Normal(random) : 0)];
        for (int i = 0; i < n; i++)
        {
            Rows[i] = new double[d];
            double form = Clock.Normal(random);
            for (int j = 0; j < d; j++)
            {
                Rows[i][j] = (0.866 * Clock.Normal(random)) + (j > 0 ? 0.5 * Rows[i][j - 1] : 0);
                form += truth[j] * Rows[i][j];
            }
            Labels[i] = form > 0 ? 1 : 0;
        }
    }

    public double[][] Rows { get; }

    public double[] Labels { get; }

    public double Weight => 2e-4;

    public int Count => Labels.Length;

    public int VariableCount => Rows[0].Length;

    /// <summary>ℓ′ of an observation.</summary>
    public double Slope(int i, double form)
    {
        double sigma = 1 / (1 + Math.Exp(-form));
        return 2 * (sigma - Labels[i]) * sigma * (1 - sigma);
    }

    public double Form(int i, double[] x)
    {
        double sum = 0;
        for (int j = 0; j < x.Length; j++) sum += Rows[i][j] * x[j];
        return sum;
    }

    /// <summary>A bound on the curvature along the coordinates of a block, by power iteration on its columns.</summary>
    public double Bound(int first, int end)
    {
        double[] v = [.. Enumerable.Repeat(1.0, end - first)], w = new double[end - first];
        double norm = 0;
        for (int round = 0; round < 60; round++)
        {
            Array.Clear(w);
            foreach (double[] row in Rows)
            {
                double dot = 0;
                for (int k = 0; k < v.Length; k++) dot += row[first + k] * v[k];
                for (int k = 0; k < v.Length; k++) w[k] += dot * row[first + k] / Count;
            }
            norm = Math.Sqrt(w.Sum(u => u * u));
            for (int k = 0; k < v.Length; k++) v[k] = w[k] / norm;
        }
        return 1.02 * Curvature * norm;
    }

    /// <summary>prox of λ‖·‖₁ after a step along −g of length 1/L, by coordinate.</summary>
    public double Step(double x, double g, double bound)
    {
        double v = x - (g / bound), size = Math.Abs(v) - (Weight / bound);
        return size <= 0 ? 0 : Math.CopySign(size, v);
    }

    /// <summary>‖L (x − prox(x − ∇f/L))‖² with the bound of all coordinates.</summary>
    public double Measure(double[] x, double bound)
    {
        double[] g = new double[x.Length];
        for (int i = 0; i < Count; i++)
        {
            double slope = Slope(i, Form(i, x)) / Count;
            for (int j = 0; j < x.Length; j++) g[j] += slope * Rows[i][j];
        }
        return x.Select((v, j) => bound * bound * Math.Pow(v - Step(v, g[j], bound), 2)).Sum();
    }
}
