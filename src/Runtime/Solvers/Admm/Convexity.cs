using Optc.Runtime.Native;

namespace Optc.Runtime.Solvers.Admm;

/// <summary>
/// Whether P is positive semidefinite: the inertia of DPD + εI, D scaling the diagonal to one, has no negative eigenvalue
/// (Sylvester). ε = 1e-7 is about what coefficients of six or seven digits can spoil.
/// </summary>
internal static class Convexity
{
    private const double Slack = 1e-7;

    /// <summary>Null when P is convex, else a direction d with dᵀPd &lt; 0 in the variables of the data.</summary>
    public static double[]? Counterexample(QpData data)
    {
        if (data.P.Length == 0) return null;
        int n = data.N;
        var diagonal = new double[n];
        for (int j = 0; j < n; j++)
        {
            for (int k = data.PStarts[j]; k < data.PStarts[j + 1]; k++)
            {
                if (data.PRows[k] == j) diagonal[j] = data.P[k];
            }
            if (diagonal[j] < 0.0) return Unit(n, j);
        }
        var scale = new double[n];
        for (int j = 0; j < n; j++) scale[j] = diagonal[j] > 0.0 ? 1.0 / Math.Sqrt(diagonal[j]) : 1.0;
        var values = new double[data.P.Length + n];
        (SymmetricFactorization factorization, int[] target, int entries) = Pattern(data);
        double Shifted(double shift)
        {
            for (int j = 0; j < n; j++)
            {
                for (int k = data.PStarts[j]; k < data.PStarts[j + 1]; k++) values[k] = data.P[k] * scale[j] * scale[data.PRows[k]];
                values[data.P.Length + j] = shift;
            }
            var sums = new double[entries];
            SparseKernels.ScatterAdd(values, target, sums);
            factorization.Factor(sums);
            return factorization.Inertia.Negative;
        }
        if (Shifted(Slack) == 0) return null;
        // The smallest eigenvalue is −shift: bisect for it, then inverse iteration there.
        double low = Slack, high = 1.0;
        while (Shifted(high) > 0 && high < 1e12) high *= 4.0;
        for (int step = 0; step < 40 && high - low > 1e-6 * high; step++)
        {
            double middle = Math.Sqrt(low * high);
            if (Shifted(middle) > 0) low = middle;
            else high = middle;
        }
        Shifted(high);
        var d = new double[n];
        for (int j = 0; j < n; j++) d[j] = 1.0 + (((j * 7919) % 101) / 101.0);
        for (int pass = 0; pass < 10; pass++)
        {
            factorization.Solve(d);
            VectorKernels.Scale(1.0 / VectorKernels.MaxAbs(d), d);
        }
        for (int j = 0; j < n; j++) d[j] *= scale[j];
        VectorKernels.Scale(1.0 / VectorKernels.MaxAbs(d), d);
        for (int j = 0; j < n; j++)
        {
            if (Math.Abs(d[j]) < 1e-6) d[j] = 0.0;
        }
        var product = new double[n];
        data.TimesP(d, product);
        return VectorKernels.Dot(d, product) < 0.0 ? d : null;
    }

    private static double[] Unit(int n, int j)
    {
        var d = new double[n];
        d[j] = 1.0;
        return d;
    }

    private static (SymmetricFactorization Factorization, int[] Target, int Entries) Pattern(QpData data)
    {
        int n = data.N;
        var rows = new int[data.P.Length + n];
        var columns = new int[rows.Length];
        for (int j = 0; j < n; j++)
        {
            for (int k = data.PStarts[j]; k < data.PStarts[j + 1]; k++) (rows[k], columns[k]) = (data.PRows[k], j);
            (rows[data.P.Length + j], columns[data.P.Length + j]) = (j, j);
        }
        (int[] starts, int[] indices, int[] target) = SparseKernels.CompressColumns(n, n, rows, columns);
        return (new SymmetricFactorization(n, starts, indices), target, indices.Length);
    }
}
