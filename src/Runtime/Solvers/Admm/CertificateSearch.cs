using Optc.Runtime.Native;
using Optc.Runtime.Problems;

namespace Optc.Runtime.Solvers.Admm;

/// <summary>
/// Looks for a proof that a program has no solution by programs whose points are such proofs: where the contradiction or the descent is
/// faint, iterates tend to one only after very long. The proofs form a cone, and its steepest point in a box is a linear program that always
/// has a solution; zero only if there is no proof.
/// <code>Farkas   minimise −sᵀw   subject to  Aᵀ(y⁺ − y⁻) + z⁺ − z⁻ = 0,  0 ≤ w = (y⁺, y⁻, z⁺, z⁻) ≤ 1,   s = (l, −u, a, −b)
/// ray      minimise qᵀd    subject to  Pd = 0,  Ad and d in the directions that sides and bounds leave open,  −1 ≤ d ≤ 1</code>
/// with multipliers of sides that exist only, and s and q scaled to one. However faint the proof is, the point has size one, and with it all
/// its digits; a vertex, which the cone has where it has no interior, is found all the same. What is found is verified by its user.
/// </summary>
internal static class CertificateSearch
{
    private static readonly AdmmOptions Options = new() { Tolerance = 1e-12, SplittingIterations = 0, MaxIterations = 1, MaxFinishIterations = 60 };

    /// <summary>Looks for a Farkas vector of the rows, signs of docs/conventions.md; true when one is accepted.</summary>
    public static bool Farkas(QpData d, Func<QpSolver, double[]?> solve, Func<double[], bool> accept)
    {
        // A variable for every finite side, lower sides first, rows before bounds.
        var entries = new Entries();
        List<double> supports = [];
        List<(int Index, double Sign)> sides = [];
        for (int i = 0; i < d.M; i++)
        {
            foreach ((double side, double sign) in new[] { (d.L[i], 1.0), (d.U[i], -1.0) })
            {
                if (double.IsInfinity(side)) continue;
                for (int p = d.AStarts[i]; p < d.AStarts[i + 1]; p++) entries.Add(d.AColumns[p], sides.Count, sign * d.A[p]);
                sides.Add((i, sign));
                supports.Add(sign * side);
            }
        }
        for (int j = 0; j < d.N; j++)
        {
            foreach ((double side, double sign) in new[] { (d.Lx[j], 1.0), (d.Ux[j], -1.0) })
            {
                if (double.IsInfinity(side)) continue;
                entries.Add(j, sides.Count, sign);
                sides.Add((-1, sign));
                supports.Add(sign * side);
            }
        }
        double[] right = new double[d.N], zero = new double[sides.Count], open = new double[sides.Count];
        Array.Fill(open, 1.0);
        double[] s = [.. supports.Select(value => -value)];
        return Normalise(s) && Steepest(entries.Program(s, right, right, zero, open), solve, w =>
        {
            var y = new double[d.M];
            for (int k = 0; k < sides.Count; k++)
            {
                if (sides[k].Index >= 0) y[sides[k].Index] += sides[k].Sign * w[k];
            }
            return accept(y);
        });
    }

    /// <summary>Looks for a direction along which the objective falls without end; true when one is accepted.</summary>
    public static bool Ray(QpData d, Func<QpSolver, double[]?> solve, Func<double[], bool> accept)
    {
        int n = d.N, m = d.M;
        var entries = new Entries();
        double[] lower = new double[n + m], upper = new double[n + m], least = new double[n], most = new double[n];
        for (int j = 0; j < n; j++)
        {
            for (int p = d.PStarts[j]; p < d.PStarts[j + 1]; p++)
            {
                entries.Add(d.PRows[p], j, d.P[p]);
                if (d.PRows[p] != j) entries.Add(j, d.PRows[p], d.P[p]);
            }
            (least[j], most[j]) = Directions(d.Lx[j], d.Ux[j], 1.0);
        }
        for (int i = 0; i < m; i++)
        {
            for (int p = d.AStarts[i]; p < d.AStarts[i + 1]; p++) entries.Add(n + i, d.AColumns[p], d.A[p]);
            (lower[n + i], upper[n + i]) = Directions(d.L[i], d.U[i], double.PositiveInfinity);
        }
        var q = (double[])d.Q.Clone();
        return Normalise(q) && Steepest(entries.Program(q, lower, upper, least, most), solve, accept);
    }

    private static bool Steepest(QuadraticProgram steepest, Func<QpSolver, double[]?> solve, Func<double[], bool> accept) =>
        solve(new QpSolver(steepest, Options) { SearchesCertificates = false }) is { } found && accept((double[])found.Clone());

    private static (double Least, double Most) Directions(double lower, double upper, double limit) =>
        (double.IsInfinity(lower) ? -limit : 0.0, double.IsInfinity(upper) ? limit : 0.0);

    /// <summary>Scales a vector to a largest entry of one; false for zero.</summary>
    private static bool Normalise(double[] values)
    {
        double largest = VectorKernels.MaxAbs(values);
        if (largest > 0.0) VectorKernels.Scale(1.0 / largest, values);
        return largest > 0.0;
    }

    /// <summary>Entries of a matrix in any order.</summary>
    private sealed class Entries
    {
        private readonly List<(int Row, int Column, double Value)> _all = [];

        public void Add(int row, int column, double value)
        {
            if (value != 0.0) _all.Add((row, column, value));
        }

        /// <summary>Minimise qᵀx between the sides and bounds.</summary>
        public QuadraticProgram Program(double[] q, double[] lower, double[] upper, double[] least, double[] most)
        {
            int n = least.Length, rows = lower.Length;
            var starts = new int[rows + 1];
            foreach ((int row, _, _) in _all) starts[row + 1]++;
            for (int i = 0; i < rows; i++) starts[i + 1] += starts[i];
            var sorted = _all.OrderBy(e => e.Row).ThenBy(e => e.Column).ToArray();
            return new QuadraticProgram(
                new SparsePattern(n, n, new int[n + 1], []), [], q, 0.0,
                new SparsePattern(rows, n, starts, [.. sorted.Select(e => e.Column)]), [.. sorted.Select(e => e.Value)], lower, upper, least, most);
        }
    }
}
