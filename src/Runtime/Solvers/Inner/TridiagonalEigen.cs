namespace Optc.Runtime.Solvers.Inner;

/// <summary>Eigenvalues and eigenvectors of a symmetric tridiagonal matrix by implicit QL with Wilkinson's shifts (Golub, Van Loan, §8.3).</summary>
internal static class TridiagonalEigen
{
    private const int MaxSweeps = 60;

    /// <summary>
    /// The diagonal becomes the eigenvalues; <paramref name="below"/> (element k between k and k + 1) is destroyed. Eigenvector k goes to
    /// <paramref name="vectors"/>[k·stride ..]. False when an eigenvalue does not converge.
    /// </summary>
    public static bool Solve(Span<double> diagonal, Span<double> below, Span<double> vectors, int stride)
    {
        int n = diagonal.Length;
        for (int k = 0; k < n; k++)
        {
            vectors.Slice(k * stride, n).Clear();
            vectors[k * stride + k] = 1.0;
        }
        if (n > 0) below[n - 1] = 0.0;
        for (int l = 0; l < n; l++)
        {
            for (int sweep = 0; ; sweep++)
            {
                int m = l;
                while (m + 1 < n && Math.Abs(below[m]) > 1e-16 * (Math.Abs(diagonal[m]) + Math.Abs(diagonal[m + 1]))) m++;
                if (m == l) break;
                if (sweep == MaxSweeps) return false;
                Sweep(diagonal, below, vectors, stride, l, m);
            }
        }
        return true;
    }

    private static void Sweep(Span<double> d, Span<double> e, Span<double> vectors, int stride, int l, int m)
    {
        double g = (d[l + 1] - d[l]) / (2.0 * e[l]), r = double.Hypot(g, 1.0);
        g = d[m] - d[l] + e[l] / (g + (g >= 0.0 ? r : -r));
        double s = 1.0, c = 1.0, p = 0.0;
        for (int i = m - 1; i >= l; i--)
        {
            double f = s * e[i], b = c * e[i];
            r = double.Hypot(f, g);
            e[i + 1] = r;
            if (r == 0.0)
            {
                d[i + 1] -= p;
                e[m] = 0.0;
                return;
            }
            s = f / r;
            c = g / r;
            g = d[i + 1] - p;
            r = (d[i] - g) * s + 2.0 * c * b;
            p = s * r;
            d[i + 1] = g + p;
            g = c * r - b;
            Rotate(vectors, stride, i, d.Length, c, s);
        }
        d[l] -= p;
        e[l] = g;
        e[m] = 0.0;
    }

    private static void Rotate(Span<double> vectors, int stride, int i, int n, double c, double s)
    {
        Span<double> first = vectors.Slice(i * stride, n), second = vectors.Slice((i + 1) * stride, n);
        for (int k = 0; k < n; k++)
        {
            double f = second[k];
            second[k] = s * first[k] + c * f;
            first[k] = c * first[k] - s * f;
        }
    }
}
