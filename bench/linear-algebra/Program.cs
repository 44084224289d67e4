// Times the sparse LDLᵀ factorisation of one matrix beside the libraries of factorizations.c; bench/linear-algebra/run calls it.
//   linear-algebra --list | --matrix NAME|FILE [--peers LIBRARY] [--rounds N] [--threshold U]
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using Optc.Bench.LinearAlgebra;
using Optc.Runtime.Native;

var settings = new Dictionary<string, string>();
for (int i = 0; i < args.Length; i++) settings[args[i]] = args[i] == "--list" ? "" : args[++i];
if (settings.ContainsKey("--list"))
{
    foreach (var (name, _) in Matrices.All) Console.WriteLine(name);
    return 0;
}
string wanted = settings.GetValueOrDefault("--matrix", "");
var matrix = File.Exists(wanted) ? Lower.Read(wanted) : Matrices.All.Single(m => m.Name == wanted).Build(wanted);
nint library = settings.TryGetValue("--peers", out string? path) ? NativeLibrary.Load(path) : 0;
int rounds = int.Parse(settings.GetValueOrDefault("--rounds", "5"));
var options = new SymmetricFactorizationOptions();
if (settings.TryGetValue("--threshold", out string? threshold))
    options = options with { PivotThreshold = double.Parse(threshold, System.Globalization.CultureInfo.InvariantCulture) };
// The just-in-time compiler replaces methods by better ones while they run.
foreach (int size in (int[])[10, 30, 100])
{
    for (var watch = Stopwatch.StartNew(); watch.ElapsedMilliseconds < 300;)
    {
        var small = Matrices.WarmUp(size);
        using var contestant = new OptcContestant(small, options);
        contestant.Analyse();
        for (int k = 0; k < 3; k++)
        {
            contestant.Factor();
            contestant.Solve(new double[small.Count]);
        }
    }
}
Console.WriteLine(JsonSerializer.Serialize(Comparison.Run(matrix, library, rounds, options)));
return 0;
