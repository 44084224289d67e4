using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Optc.Runtime.Readers;
using Optc.Runtime.Solvers;
using Optc.Runtime.Solvers.CoordinateDescent;

// cd-bench DATA OUT LOSS L1RATIO GAP REPEATS LAMBDA… : solves along the lambdas with warm starts, several times from zero; the least
// processor time, and the points of every lambda one after the other in OUT. DATA is a folder that bench/cd/run filled.
// cd-bench load KIND FILE : reads a file of a matrix; processor seconds and the largest memory in megabytes.
if (args[0] == "load")
{
    TimeSpan before = Process.GetCurrentProcess().TotalProcessorTime;
    MatrixFile file = MatrixFile.Read(args[1], args[2]);
    double spent = (Process.GetCurrentProcess().TotalProcessorTime - before).TotalSeconds;
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seconds {spent:g6} entries {file.Values.Length} peak {Process.GetCurrentProcess().PeakWorkingSet64 / 1e6:f0}"));
    return;
}

string data = args[0], output = args[1], lossName = args[2];
double ratio = Number(args[3]), gap = Number(args[4]);
int repeats = int.Parse(args[5], CultureInfo.InvariantCulture);
double[] lambdas = [.. args.Skip(6).Select(Number)];
DesignMatrix matrix = Data.Matrix(data);
double[] y = Data.Doubles(Path.Combine(data, "y.bin"));
bool logistic = lossName == "logistic";
if (logistic) y = [.. y.Select(v => v > 0 ? 1.0 : 0.0)];

// The runtime compiles methods on first use: small problems with a matrix of the same kind first, one wide, one tall.
foreach (int rows in new[] { 30, 600 })
{
    Run.Path(Data.Small(rows, matrix is SparseColumns), [.. Enumerable.Range(0, rows).Select(i => i % 3 == 0 ? 1.0 : 0.0)], logistic, ratio, 1e-9, [0.05, 0.01, 0.001], null);
    Run.Path(Data.Small(rows, matrix is SparseColumns), [.. Enumerable.Range(0, rows).Select(i => i % 3 == 0 ? 1.0 : 0.0)], logistic, ratio, 1e-9, [0.0001], null);
}
double best = double.PositiveInfinity;
for (int repeat = 0; repeat < repeats; repeat++)
{
    var points = new List<double[]>();
    TimeSpan start = Process.GetCurrentProcess().TotalProcessorTime;
    Run.Path(matrix, y, logistic, ratio, gap, lambdas, points);
    best = Math.Min(best, (Process.GetCurrentProcess().TotalProcessorTime - start).TotalSeconds);
    if (repeat > 0 || !Path.IsPathRooted(output)) continue;
    using FileStream file = File.Create(output);
    foreach (double[] point in points) file.Write(MemoryMarshal.AsBytes(point.AsSpan()));
}
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seconds {best:g6}"));

static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

internal static class Run
{
    public static void Path(DesignMatrix matrix, double[] y, bool logistic, double ratio, double gap, double[] lambdas, List<double[]>? points)
    {
        int n = matrix.RowCount, p = matrix.ColumnCount;
        var weights = new double[n];
        Array.Fill(weights, 1.0 / n);
        var penalty = new SeparablePenalty(p);
        var problem = new CompositeProblem
        {
            Matrix = matrix,
            Loss = logistic ? new LogisticLoss() : new LeastSquaresLoss(),
            Labels = y,
            Weights = weights,
            Penalty = penalty,
        };
        string? flags = Environment.GetEnvironmentVariable("CD_OFF");
        var solver = new CompositeSolver(problem, new CompositeOptions
        {
            GapTolerance = gap,
            Tolerance = double.PositiveInfinity,
            Newton = flags?.Contains("newton") != true,
            Anderson = flags?.Contains("anderson") != true,
            Screening = flags?.Contains("screening") != true,
            Continuation = flags?.Contains("continuation") != true,
            WorkingSets = flags?.Contains("sets") != true,
        });
        bool trace = points is not null && Environment.GetEnvironmentVariable("CD_TRACE") is not null;
        foreach (double lambda in lambdas)
        {
            Array.Fill(penalty.L1, lambda * ratio);
            Array.Fill(penalty.L2, lambda * (1 - ratio));
            CompositeResult result = solver.Solve(new SolveRequest
            {
                Progress = trace ? r => Console.Error.WriteLine($"  {r.Outer} epochs {r.Inner} f {r.Objective:g10} viol {r.Stationarity:g3} gap {r.Regularisation:g3} s {r.Seconds:f3}") : null,
            });
            if (trace) Console.Error.WriteLine($"{lambda:g4}: {result.Message} support {result.Support} screened {result.Screened} newton {result.NewtonSteps} {result.Seconds:f3} s");
            points?.Add(result.Point);
        }
    }
}

internal static class Data
{
    public static double[] Doubles(string file) => MemoryMarshal.Cast<byte, double>(File.ReadAllBytes(file)).ToArray();

    public static int[] Integers(string file) => MemoryMarshal.Cast<byte, int>(File.ReadAllBytes(file)).ToArray();

    public static DesignMatrix Matrix(string folder)
    {
        int[] shape = Integers(Path.Combine(folder, "shape.bin"));
        if (File.Exists(Path.Combine(folder, "starts.bin")))
        {
            return new SparseColumns(shape[0], Integers(Path.Combine(folder, "starts.bin")), Integers(Path.Combine(folder, "rows.bin")), Doubles(Path.Combine(folder, "values.bin")));
        }
        double[] all = Doubles(Path.Combine(folder, "x.bin"));
        var columns = new double[shape[1]][];
        for (int j = 0; j < columns.Length; j++) columns[j] = all.AsSpan(j * shape[0], shape[0]).ToArray();
        return new DenseColumns(shape[0], columns);
    }

    public static DesignMatrix Small(int rows, bool isSparse)
    {
        var random = new Random(1);
        var columns = new double[200][];
        for (int j = 0; j < columns.Length; j++) columns[j] = [.. Enumerable.Range(0, rows).Select(_ => random.NextDouble() - 0.5)];
        if (!isSparse) return new DenseColumns(rows, columns);
        int[] starts = [.. Enumerable.Range(0, columns.Length + 1).Select(j => rows * j)], places = [.. columns.SelectMany(c => Enumerable.Range(0, rows))];
        return new SparseColumns(rows, starts, places, [.. columns.SelectMany(c => c)]);
    }
}
