// Times the sparse LDLᵀ factorisation on matrices of known kind:
//   dotnet run -c Release --project bench/linear-algebra [part of a name]
using System.Diagnostics;
using Optc.Bench.LinearAlgebra;
using Optc.Runtime.Native;

string wanted = args.Length > 0 ? args[0] : "";
Measure(Matrices.Banded("warm-up", 20_000, 1));
Console.WriteLine("matrix,n,entries,factor entries,delayed,analyse ms,first factor ms,refactor ms,solve ms,refined residual,inertia");
foreach (var make in Matrices.All)
{
    if (!make.Name.Contains(wanted, StringComparison.Ordinal)) continue;
    Console.WriteLine(Measure(make.Build()));
}

static string Measure(Lower matrix)
{
    var watch = Stopwatch.StartNew();
    var factorization = new SymmetricFactorization(matrix.Count, matrix.Starts, matrix.Rows);
    double analyse = watch.Elapsed.TotalMilliseconds;
    double first = Time(() => factorization.Factor(matrix.Values));
    double again = Enumerable.Range(0, 4).Min(_ => Time(() => factorization.Factor(matrix.Values)));
    var random = new Random(1);
    var b = new double[matrix.Count];
    for (int i = 0; i < b.Length; i++) b[i] = random.NextDouble() - 0.5;
    double[] x = [.. b];
    factorization.Solve(x);
    double solve = Time(() => factorization.Solve(x));
    double residual = factorization.SolveRefined(b);
    var inertia = factorization.Inertia;
    return FormattableString.Invariant(
        $"{matrix.Name},{matrix.Count},{matrix.Rows.Length},{factorization.FactorNonzeros},{factorization.DelayedPivots},{analyse:F0},{first:F0},{again:F1},{solve:F1},{residual:E1},{inertia.Positive}+{inertia.Negative}-{inertia.Zero}0");
}

static double Time(Action action)
{
    var watch = Stopwatch.StartNew();
    action();
    return watch.Elapsed.TotalMilliseconds;
}
