using System.Globalization;
using Optc.Compiler;
using Optc.Runtime.Solution;

namespace Optc.Bench.AdmmPapers;

/// <summary>Networks trained and puzzles solved by projections, beside Newton's method with derivatives of the active branches.</summary>
internal static class ProjectionContest
{
    private const int Seeds = 10;

    public static void Run(Report report, string root)
    {
        string models = Path.Combine(root, "bench", "admm-papers", "models"), examples = Path.Combine(root, "examples");
        report.Heading("Feasibility by projections composed over the expression graph");
        report.Text("`--solver projections` against `--solver auglag --option nonsmooth=active`, which has the exact derivatives of the active branches, on the same models from the same starts. A point counts when the audit of the model as written finds no violation above 1e-8; at most 10 s each.");
        Thresholds(report, models);
        Moons(report, models);
        Examples(report, examples);
        Threads(report, models);
    }

    private static void Thresholds(Report report, string models)
    {
        report.Text($"**Operations without derivatives**: parity by threshold units, {Seeds} starts each. Solved, and median iterations and seconds of those that were.");
        List<object[]> rows = [];
        foreach ((int bits, int units) in new[] { (2, 2), (3, 3), (3, 4), (3, 5), (4, 8) })
        {
            Outcome[] projections = Solve(models, "parity.opt", "projections", ("bits", bits), ("units", units));
            Outcome[] derivatives = Solve(models, "parity.opt", "auglag", ("bits", bits), ("units", units));
            rows.Add([bits, units, .. Cells(projections), $"{derivatives.Count(o => o.IsSolved)} of {Seeds}"]);
        }
        report.Table(["bits", "units", "projections", "iterations", "seconds", "derivatives"], rows);
    }

    private static void Moons(Report report, string models)
    {
        report.Text($"**Training a classifier to feasibility**: two half-moons, a layer of rectifiers, every one of the training records right by a margin; {Seeds} starts each. Then the share of 400 other records on the wrong side.");
        List<object[]> rows = [];
        foreach ((int units, int records) in new[] { (8, 40), (12, 40), (12, 80) })
        {
            Outcome[] projections = Solve(models, "moons.opt", "projections", ("units", units), ("records", records));
            Outcome[] derivatives = Solve(models, "moons.opt", "auglag", ("units", units), ("records", records));
            rows.Add([units, records, .. Cells(projections), Wrong(projections), $"{derivatives.Count(o => o.IsSolved)} of {Seeds}", Median(derivatives.Where(o => o.IsSolved).Select(o => o.Seconds)), Wrong(derivatives)]);
        }
        report.Table(["units", "records", "projections", "iterations", "seconds", "wrong", "derivatives", "seconds", "wrong"], rows);
    }

    private static void Examples(Report report, string examples)
    {
        report.Text("**The step β** on the examples: iterations to a feasible point.");
        string[] names = ["sudoku.opt", "xor_network.opt", "sign_network.opt"];
        (string Name, string Value)[][] options = [[("beta", "0.3")], [("beta", "0.5")], [("beta", "0.8")], [("beta", "1")], [("beta", "1.3")], [("method", "alternate")]];
        List<object[]> rows = [];
        foreach (string name in names)
            rows.Add([name, .. options.Select(o => (object)(One(Path.Combine(examples, name), "projections", [], o, 1) is { IsSolved: true } found ? found.Iterations.ToString(CultureInfo.InvariantCulture) : "none"))]);
        report.Table(["model", .. options.Select(o => $"{o[0].Name} {o[0].Value}")], rows);
    }

    private static void Threads(Report report, string models)
    {
        report.Text("**In parallel**: 200 iterations on half-moons with 30 units and 600 records, by threads, three times each; the point does not depend on them.");
        List<object[]> rows = [];
        (string, string)[] options = [("max_iter", "200"), ("restart", "0"), ("tolerance", "1e-12")];
        double[] points = [];
        foreach (int threads in new[] { 1, 2 })
        {
            Outcome[] runs = [.. Enumerable.Range(0, 3).Select(_ => One(Path.Combine(models, "moons.opt"), "projections", [("units", 30), ("records", 600)], options, threads))];
            rows.Add([threads, .. runs.Select(r => (object)r.Seconds), Median(runs.Select(r => r.Seconds))]);
            points = [.. points, runs[0].Checksum];
        }
        report.Table(["threads", "1st", "2nd", "3rd", "median, s"], rows);
        report.Text(points[0] == points[1] ? "The points agree to the last bit." : "The points differ.");
    }

    private static object[] Cells(Outcome[] runs)
    {
        Outcome[] solved = [.. runs.Where(o => o.IsSolved)];
        return [$"{solved.Length} of {Seeds}", Median(solved.Select(o => (double)o.Iterations)), Median(solved.Select(o => o.Seconds))];
    }

    private static string Wrong(Outcome[] runs) => runs.Any(o => o.IsSolved) ? Median(runs.Where(o => o.IsSolved).Select(o => o.Wrong / 400.0)).ToString("P1", CultureInfo.InvariantCulture) : "–";

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? double.NaN : sorted[sorted.Length / 2];
    }

    private static Outcome[] Solve(string models, string file, string solver, params (string, int)[] settings) =>
        [.. Enumerable.Range(1, Seeds).Select(seed => One(Path.Combine(models, file), solver, [.. settings, ("seed", seed)], solver == "auglag" ? [("nonsmooth", "active")] : [("max_iter", "1000000")], 1))];

    private static Outcome One(string file, string solver, (string Name, int Value)[] settings, (string Name, string Value)[] options, int threads)
    {
        using var output = new StringWriter();
        var given = new EngineOptions
        {
            Solver = solver,
            TimeLimit = 10.0,
            Threads = threads,
            Output = output,
            Settings = [.. settings.Select(s => KeyValuePair.Create(s.Name, s.Value.ToString(CultureInfo.InvariantCulture)))],
            SolverOptions = [.. options.Select(o => KeyValuePair.Create(o.Name, o.Value))],
        };
        EngineResult result = Engine.Run([file], given);
        if (result.Solution is not { } solution) throw new InvalidOperationException(string.Join('\n', result.Diagnostics.Select(d => d.Rendered)));
        string[] words = output.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        int wrong = words.Length > 1 && words[0] == "wrong" ? int.Parse(words[1], CultureInfo.InvariantCulture) : 0;
        bool isFeasible = solution.Audit is { } audit && audit.Residuals.Feasibility <= 1e-8;
        return new Outcome(isFeasible, solution.OuterIterations, solution.SolveSeconds, wrong, solution.Variables.Sum(v => v.Value));
    }

    private readonly record struct Outcome(bool IsSolved, int Iterations, double Seconds, int Wrong, double Checksum);
}
