// Solves models again and again in one process, so that no solve pays for just-in-time compilation: bench/nlp/run writes one request
// a line to the input, and reads one answer a line.
using System.Text.Json;
using Optc.Bench.Nlp;
using Optc.Compiler;
using Optc.Runtime.Problems;
using Optc.Runtime.Solution;
using Optc.Runtime.Solvers;
using Optc.Runtime.Solvers.AugmentedLagrangian;
using Optc.Runtime.Solvers.Presolve;

var format = new JsonSerializerOptions(JsonSerializerDefaults.Web)
{
    NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
};
while (Console.ReadLine() is { } line)
{
    Request request = JsonSerializer.Deserialize<Request>(line, format) ?? throw new InvalidOperationException("there is no request in the line");
    Console.WriteLine(JsonSerializer.Serialize(Answer(request), format));
}

static object Answer(Request request)
{
    double start = ProcessorTime.Seconds();
    LoadedModel loaded = Engine.Load([request.Model], new EngineOptions { Settings = [.. request.Settings] });
    if (loaded.HasErrors) return new { error = string.Join('\n', loaded.Diagnostics.Select(d => d.Rendered)) };
    double loadSeconds = ProcessorTime.Seconds() - start;
    INlpProblem problem = loaded.Compiled.Problem;
    var options = new AugmentedLagrangianOptions { Tolerance = request.Tolerance, MaxInnerIterations = request.MaxIterations };
    var given = new SolveRequest { TimeLimit = request.TimeLimit };
    var taken = new List<double>();
    double spent = 0.0;
    SolveResult? result = null;
    GC.Collect();
    // The same rule as in bench/peers/ipopt.cpp.
    for (int k = 0; k < request.Repeats && (k == 0 || spent < request.Budget || (k == 1 && spent < 10 * request.Budget)); k++)
    {
        start = ProcessorTime.Seconds();
        // A new solver each time: presolve, workspace and symbolic analysis are part of a solve, as they are of Ipopt's.
        result = new PresolvingSolver(new AugmentedLagrangianSolver(options), options.Tolerance).Solve(problem, given);
        taken.Add(ProcessorTime.Seconds() - start);
        spent += taken[^1];
    }
    double first = taken[0];
    if (taken.Count > 1) taken.RemoveAt(0);
    taken.Sort();
    return new
    {
        status = result!.Status.ToString(),
        iterations = result.InnerIterations,
        outer = result.OuterIterations,
        evaluations = result.Evaluations,
        loadSeconds,
        firstSeconds = first,
        seconds = 0.5 * (taken[(taken.Count - 1) / 2] + taken[taken.Count / 2]),
        runs = taken.Count,
    };
}
