// Solves models with every inner method and prints a table in Markdown:
//     dotnet run -c Release --project bench/inner -- [--methods newton,lm,…] [--time-limit s] [--set name=value] [--max n] FILE-OR-FOLDER…
// A cell has the status, the iterations, the evaluations of the objective (or the residuals), of gradients (or Jacobians), of Hessians and of
// products with Hessians, and the processor milliseconds of a solve in a warm process (median of several).
using System.Globalization;
using Optc.Bench.Inner;
using Optc.Compiler;
using Optc.Runtime.Problems;
using Optc.Runtime.Solvers.Inner;

var methods = new List<InnerMethod>();
var settings = new List<KeyValuePair<string, string>>();
var files = new List<string>();
double timeLimit = 5.0;
int most = int.MaxValue;
for (int k = 0; k < args.Length; k++)
{
    switch (args[k])
    {
        case "--methods":
            methods.AddRange(args[++k].Split(',').Select(InnerMethods.Parse));
            break;
        case "--time-limit":
            timeLimit = double.Parse(args[++k], CultureInfo.InvariantCulture);
            break;
        case "--max":
            most = int.Parse(args[++k], CultureInfo.InvariantCulture);
            break;
        case "--set":
            string[] pair = args[++k].Split('=');
            settings.Add(new(pair[0], pair[1]));
            break;
        default:
            files.AddRange(Directory.Exists(args[k]) ? Directory.GetFiles(args[k], "*.opt", SearchOption.AllDirectories).Order(StringComparer.Ordinal) : [args[k]]);
            break;
    }
}
if (methods.Count == 0) methods.AddRange(Enum.GetValues<InnerMethod>().Where(m => m != InnerMethod.Auto));
Console.WriteLine($"| model | n | residuals | {string.Join(" | ", methods.Select(InnerMethods.Name))} |");
Console.WriteLine($"|---|---:|---:|{string.Concat(Enumerable.Repeat("---|", methods.Count))}");
foreach (string file in files)
{
    LoadedModel loaded = Engine.Load([file], new EngineOptions { Settings = settings, SolverOptions = [new("inner", "auto")] });
    if (loaded.HasErrors) continue;
    INlpProblem problem = loaded.Compiled.Problem;
    if (loaded.Compiled.Conditions.Length > 0 || problem.VariableCount > most) continue;
    IEnumerable<string> cells = methods.Select(method => Contest.Cell(problem, method, timeLimit));
    string residuals = problem.LeastSquares.Problem is { } squares ? squares.ResidualCount.ToString(CultureInfo.InvariantCulture) : "";
    string[] row = [.. cells];
    if (Array.TrueForAll(row, cell => cell.Length == 0)) continue;
    Console.WriteLine($"| {Path.GetFileNameWithoutExtension(file)} | {problem.VariableCount} | {residuals} | {string.Join(" | ", row)} |");
}
