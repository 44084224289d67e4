// Times the vector functions against those of the C library and the framework, in ns per element over blocks of 512:
//   dotnet run -c Release --project bench/vector-math [part of a name]
// or measures their largest errors in ulp, with so many random arguments for each group of arguments:
//   dotnet run -c Release --project bench/vector-math -- --ulp 100000 [part of a name]
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Optc.Bench.VectorMath;

if (args is ["--ulp", var points, ..])
{
    Errors.Print(int.Parse(points, CultureInfo.InvariantCulture), args.Length > 2 ? args[2] : "");
    return;
}

string wanted = args.Length > 0 ? args[0] : "";
var rows = Rows.All(new CLibrary("vector", "-O3 -march=native -ffast-math"), new CLibrary("scalar", "-O2 -fno-tree-vectorize"));
Console.WriteLine("| function | arguments | ours / libmvec | ours | libmvec | libm | System.Math | Vector256 |");
Console.WriteLine("|---|---|---:|---:|---:|---:|---:|---:|");
foreach (var row in rows)
{
    if (row.Name.Contains(wanted, StringComparison.Ordinal)) Console.WriteLine(Measure(row));
}

static unsafe string Measure(Row row)
{
    const int count = 512;
    var memory = (double*)NativeMemory.AlignedAlloc(4 * count * sizeof(double), 64);
    var random = new Random(1);
    for (int i = 0; i < count; i++)
    {
        memory[i] = row.Lower + ((row.Upper - row.Lower) * random.NextDouble());
        memory[count + i] = (random.NextDouble() * 6) - 3;
    }

    nint x = (nint)memory, p = x + (count * sizeof(double)), y = p + (count * sizeof(double)), z = y + (count * sizeof(double));
    var loops = new[] { row.Ours, row.Vector, row.Library, row.Framework, row.FrameworkVector };
    var best = new double[loops.Length];
    Array.Fill(best, double.NaN);
    const int repeats = 200;
    // Enough calls for the tiered compiler to be done, and time for it to work.
    for (int round = 0; round < 4; round++)
    {
        foreach (var loop in loops)
        {
            for (int i = 0; i < repeats; i++) loop?.Invoke(x, p, y, z, count);
        }
        Thread.Sleep(120);
    }
    for (int round = 0; round < 40; round++)
    {
        for (int k = 0; k < loops.Length; k++)
        {
            if (loops[k] is not { } loop) continue;
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < repeats; i++) loop(x, p, y, z, count);
            double time = Stopwatch.GetElapsedTime(start).TotalNanoseconds / repeats / count;
            best[k] = double.IsNaN(best[k]) ? time : Math.Min(best[k], time);
        }
    }
    NativeMemory.AlignedFree(memory);
    return FormattableString.Invariant(
        $"| {row.Name} | [{row.Lower}, {row.Upper}] | {best[0] / best[1]:F2} | {string.Join(" | ", best.Select(Cell))} |");
}

static string Cell(double time) => double.IsNaN(time) ? "" : FormattableString.Invariant($"{time:F2}");
