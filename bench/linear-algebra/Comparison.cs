using System.Diagnostics;
using System.Runtime.InteropServices;
using Optc.Runtime.Native;

namespace Optc.Bench.LinearAlgebra;

/// <summary>Seconds (the shortest of the rounds, which run the contestants in turn) and facts of each contestant.</summary>
internal static class Comparison
{
    public sealed record Side(
        string Name, double Analysis, double Factorisation, double Solution, long FactorEntries, int Negative, string Ordering, long Delayed,
        double Residual);

    public sealed record Report(string Matrix, int Count, int Entries, string Kind, double RefinedResidual, string Versions, Side[] Sides);

    public static Report Run(Lower matrix, nint library, int rounds, SymmetricFactorizationOptions options)
    {
        var own = new OptcContestant(matrix, options);
        var contestants = new List<Contestant> { own };
        if (library != 0)
        {
            contestants.Add(PeerContestant.Mumps(library, matrix, minimumDegree: false));
            contestants.Add(PeerContestant.Mumps(library, matrix, minimumDegree: true));
            if (matrix.Kind != Kind.Indefinite) contestants.Add(PeerContestant.Cholmod(library, matrix));
        }
        var random = new Random(1);
        var b = new double[matrix.Count];
        for (int i = 0; i < b.Length; i++) b[i] = random.NextDouble() - 0.5;
        var x = new double[b.Length];
        var best = new double[contestants.Count, 3];
        for (int c = 0; c < contestants.Count; c++)
        {
            for (int k = 0; k < 3; k++) best[c, k] = double.PositiveInfinity;
        }
        int batch = matrix.Count < 1000 ? 200 : matrix.Count < 10_000 ? 5 : 1;
        for (int round = 0; round < rounds; round++)
        {
            for (int c = 0; c < contestants.Count; c++)
            {
                // Analysis is allocation too: it is not repeated as often.
                if (round < 3) Keep(c, 0, contestants[c].Analyse, batch);
                if (round < 3) contestants[c].Factor();
                Keep(c, 1, contestants[c].Factor, batch);
                int index = c;
                Keep(c, 2, () =>
                {
                    b.CopyTo(x, 0);
                    contestants[index].Solve(x);
                }, Math.Max(3, batch));
            }
        }
        var sides = new List<Side>();
        for (int c = 0; c < contestants.Count; c++)
        {
            b.CopyTo(x, 0);
            contestants[c].Solve(x);
            var facts = contestants[c].Facts();
            sides.Add(new Side(
                contestants[c].Name, best[c, 0], best[c, 1], best[c, 2], facts.FactorEntries, facts.Negative, facts.Ordering, facts.Delayed,
                Residual(matrix, x, b)));
        }
        b.CopyTo(x, 0);
        own.Factorization.SolveRefined(x);
        double refined = Residual(matrix, x, b);
        foreach (var contestant in contestants) contestant.Dispose();
        return new Report(matrix.Name, matrix.Count, matrix.Rows.Length, matrix.Kind.ToString(), refined, Versions(library), [.. sides]);

        void Keep(int c, int k, Action action, int times)
        {
            var watch = Stopwatch.StartNew();
            for (int t = 0; t < times; t++) action();
            best[c, k] = Math.Min(best[c, k], watch.Elapsed.TotalSeconds / times);
        }
    }

    private static unsafe string Versions(nint library)
    {
        if (library == 0) return "";
        var call = (delegate* unmanaged<sbyte*>)NativeLibrary.GetExport(library, "peer_versions");
        return new string(call());
    }

    /// <summary>‖b − A x‖ / (‖A‖ ‖x‖ + ‖b‖) in maximum norms.</summary>
    private static double Residual(Lower matrix, double[] x, double[] b)
    {
        double[] r = [.. b];
        SparseKernels.SymmetricLowerMultiplyAdd(matrix.Starts, matrix.Rows, matrix.Values, -1, x, r);
        double norm = SparseKernels.SymmetricLowerNorm(matrix.Starts, matrix.Rows, matrix.Values, new double[matrix.Count]);
        return VectorKernels.MaxAbs(r) / ((norm * VectorKernels.MaxAbs(x)) + VectorKernels.MaxAbs(b));
    }
}
