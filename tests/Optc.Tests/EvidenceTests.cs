using System.Text.Json;
using Optc.Compiler;
using Optc.Runtime.Solution;
using Xunit;

namespace Optc.Tests;

/// <summary>What <c>optc solve</c> says beside the status: rays, contradictions, multipliers that diverge, what presolve did.</summary>
public sealed class EvidenceTests
{
    private const string Redundant = """
        set I := 1..4;
        var x{I} >= 0, <= 10;
        var y;
        maximize f: sum{i in I} i*x[i] - y^2;
        subject to cap: sum{i in I} x[i] <= 12;
        subject to cap2: 2*sum{i in I} x[i] <= 20;
        subject to one{i in I}: 2*x[i] <= 5 + i;
        subject to loose: x[1] + x[2] <= 100;
        subject to def: y = 3;
        subject to ball: x[1]^2 + x[4]^2 <= 9;
        """;

    private static JsonElement Json(CommandRun run, int code, string text, params string[] args) => run.SolveJson(code, [run.File("m.opt", text), .. args]);

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;

    [Fact]
    public void An_unbounded_model_shows_its_ray()
    {
        using var run = new CommandRun();
        string text = "var x{1..3} >= 0; maximize profit: 2*x[1] + x[2] - x[3]; subject to balance: x[1] - x[2] <= 4;";
        JsonElement json = Json(run, 4, text);
        Assert.Contains("ray", Text(json, "message"));
        Assert.Contains("x[1]", Text(json, "message"));
        JsonElement evidence = json.GetProperty("unboundedness");
        Assert.Equal("ray", Text(evidence, "evidence"));
        Assert.Equal(3.0, evidence.GetProperty("rate").GetDouble(), 1e-6);
        JsonElement ray = evidence.GetProperty("ray");
        Assert.Equal(1.0, ray.GetProperty("x[1]").GetDouble(), 1e-6);
        Assert.Equal(1.0, ray.GetProperty("x[2]").GetDouble(), 1e-6);
        Assert.False(ray.TryGetProperty("x[3]", out _));
        run.Run("solve", run.PathOf("m.opt"), "--quiet");
        Assert.Contains("component of the ray", run.Output);
        Assert.Contains("changes by 3 per unit", run.Output);
    }

    [Fact]
    public void A_nonlinear_unbounded_model_shows_a_sequence()
    {
        using var run = new CommandRun();
        JsonElement json = Json(run, 4, "var x := 0; var y >= 0; minimize f: y - exp(x); subject to c: x - y <= 3;");
        JsonElement evidence = json.GetProperty("unboundedness");
        Assert.Equal("sequence", Text(evidence, "evidence"));
        double[] objectives = [.. evidence.GetProperty("points").EnumerateArray().Select(p => p.GetProperty("objective").GetDouble())];
        Assert.True(objectives.Length >= 3 && objectives[^1] < -1e20);
        Assert.Equal(objectives.OrderDescending(), objectives);
        Assert.All(evidence.GetProperty("points").EnumerateArray(), p => Assert.InRange(p.GetProperty("feasibility").GetDouble(), 0, 1e-6));
        Assert.True(evidence.GetProperty("changes").GetProperty("x").GetDouble() > 40);
    }

    [Fact]
    public void Multipliers_that_diverge_are_named()
    {
        using var run = new CommandRun();
        JsonElement json = Json(run, 6, "var x{1..2} >= 0, := 0.5; minimize f: (x[1]-2)^2 + x[2]^2; subject to cusp: (1-x[1])^3 - x[2] >= 0;");
        Assert.Contains("constraint qualification", Text(json, "message"));
        Assert.Contains("cusp", Text(json, "message"));
        JsonElement diverging = json.GetProperty("divergingMultipliers");
        Assert.Equal(["cusp"], diverging.GetProperty("constraints").EnumerateArray().Select(e => e.GetString()));
        Assert.Equal(["x[2]"], diverging.GetProperty("bounds").EnumerateArray().Select(e => e.GetString()));
        Assert.Equal(1.0, json.GetProperty("objective").GetDouble(), 0.01);
        run.Run("solve", run.PathOf("m.opt"), "--quiet");
        Assert.Contains("no multipliers exist", run.Output);
    }

    [Fact]
    public void Presolve_says_what_it_removed_and_gives_the_same_multipliers()
    {
        using var run = new CommandRun();
        JsonElement with = Json(run, 0, Redundant);
        string note = with.GetProperty("notes").EnumerateArray().Select(n => n.GetString()!).Single(n => n.Contains("presolve", StringComparison.Ordinal));
        Assert.Contains("of 9 constraints", note);
        Assert.Contains("of one variable", note);
        JsonElement without = Json(run, 0, Redundant, "--option", "presolve=no");
        Assert.DoesNotContain("presolve removed", without.GetProperty("notes").GetRawText());
        Assert.Equal(without.GetProperty("objective").GetDouble(), with.GetProperty("objective").GetDouble(), 1e-5);
        foreach (JsonProperty c in without.GetProperty("constraints").EnumerateObject())
        {
            double dual = with.GetProperty("constraints").GetProperty(c.Name).GetProperty("dual").GetDouble();
            Assert.Equal(c.Value.GetProperty("dual").GetDouble(), dual, 1e-4);
        }
        Assert.InRange(with.GetProperty("audit").GetProperty("residuals").GetProperty("stationarity").GetDouble(), 0, 1e-7);
    }

    [Fact]
    public void A_contradiction_names_its_constraint()
    {
        using var run = new CommandRun();
        string text = "var x{1..3} >= 0, <= 1; minimize f: sum{i in 1..3} x[i]^2; subject to demand{i in 1..2}: x[i] + x[i+1] >= 4 - i;";
        JsonElement json = Json(run, 3, text);
        Assert.StartsWith("Constraint demand[1] cannot hold: ", Text(json, "message"));
        Assert.Contains("at most 2", Text(json, "message"));
        string pair = "var x >= 0; var y >= 0; minimize f: x + y; subject to a: x + y >= 5; subject to b: 2*x + 2*y <= 4;";
        Assert.StartsWith("Constraint a cannot hold together with b: ", Text(Json(run, 3, pair), "message"));
        // The solver by itself finds it, too, locally.
        Assert.Contains("locally", Text(Json(run, 3, pair, "--option", "presolve=no"), "message"));
    }

    [Fact]
    public void Presolve_is_yes_or_no()
    {
        using var run = new CommandRun();
        Assert.Equal(2, run.Run("solve", run.File("m.opt", Redundant), "--quiet", "--option", "presolve=perhaps"));
        Assert.Contains("presolve", run.Error + run.Output);
        Assert.Contains("yes or no", run.Error + run.Output);
    }

    [Fact]
    public void A_session_follows_its_data_without_presolve()
    {
        // With limit = 1 the row is a bound that holds the optimum; with 100 it is redundant; a presolve of the first data would be wrong for the second.
        OptcModel model = OptcModel.Parse("param limit default 1; var x >= 0, <= 5; minimize f: (x - 3)^2; subject to c: 2*x <= 2*limit;");
        OptcSession session = model.CreateSession();
        foreach ((double limit, double x) in ((double, double)[])[(1, 1), (100, 3), (2, 2), (-1, double.NaN), (1, 1)])
        {
            model.SetParameter("limit", limit);
            SolveStatus status = session.Solve();
            Assert.Equal(double.IsNaN(x) ? SolveStatus.Infeasible : SolveStatus.Solved, status);
            if (double.IsNaN(x)) continue;
            Assert.Equal(x, session.Values("x")[0], 1e-6);
            Assert.Equal(x < 3 ? x - 3 : 0, session.Duals("c")[0], 1e-6);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(7)]
    public void Cancelled_at_an_iteration_the_best_point_is_in_the_solution(int iteration)
    {
        using var run = new CommandRun();
        string text = "var x{1..2}; let x[1] := 0.1; let x[2] := 0.1; minimize f: -x[1]*x[2]^2; subject to disc: x[1]^2 + x[2]^2 <= 1; subject to half: x[1] - x[2] <= 0.5;";
        using var source = new CancellationTokenSource();
        var options = new EngineOptions { Cancellation = source.Token };
        options.Progress = record =>
        {
            if (record.Inner == iteration) source.Cancel();
        };
        ModelSolution solution = Engine.Run([run.File("m.opt", text + " solve;")], options).Solution!;
        Assert.Equal(SolveStatus.Interrupted, solution.Status);
        double a = solution.Variables[0].Value, b = solution.Variables[1].Value;
        Assert.True(a * a + b * b <= 1 + 1e-8 && a - b <= 0.5 + 1e-8);
        Assert.True(solution.Objective <= -0.001);
        Assert.Equal(-a * b * b, solution.Objective, 1e-12);
        Assert.InRange(solution.Audit!.Residuals.Feasibility, 0, 1e-8);
    }
}
