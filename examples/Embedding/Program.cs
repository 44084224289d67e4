// The efficient frontier of examples/portfolio.opt: one model, compiled once, solved for many targets.
using Optc;
using Optc.Runtime.Solution;

// The text travels in the assembly; OptcModel.Load reads a file instead.
using var text = new StreamReader(typeof(Program).Assembly.GetManifestResourceStream("portfolio.opt")!);
var model = OptcModel.Parse(text.ReadToEnd(), "portfolio.opt");
var session = model.CreateSession();
var assets = model.Subscripts("w");

Console.WriteLine($"target   risk       steps  {string.Join("  ", assets)}");
for (var target = 0.05; target < 0.0751; target += 0.005)
{
    model.SetParameter("target", target);
    if (session.Solve() != SolveStatus.Solved)
    {
        Console.Error.WriteLine($"target {target:f3}: {session.Status}: {session.Message}");
        return 1;
    }

    var weights = string.Join("  ", session.Values("w").ToArray().Select(w => w.ToString("f4")));
    Console.WriteLine($"{target:f3}    {session.Objective:f6}   {session.Iterations,4}  {weights}");
}

// The multiplier of the target: what a little more return costs in variance.
Console.WriteLine($"d risk / d target = {session.Duals("ret")[0]:f4}");

// For a solver of your own: functions and sparse derivatives into your spans.
var problem = model.Problem;
var gradient = new double[problem.VariableCount];
var value = problem.Gradient(session.Values("w"), gradient);
Console.WriteLine($"f = {value:f6}, {problem.JacobianPattern.Count} Jacobian and {problem.HessianPattern.Count} Hessian nonzeros");
return 0;
