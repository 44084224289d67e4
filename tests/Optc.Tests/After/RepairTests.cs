using System.Globalization;
using System.Text.Json;
using Xunit;

namespace Optc.Tests.After;

/// <summary><c>optc repair</c>: the cheapest relaxation, what is kept, what is impossible, and its output.</summary>
public sealed class RepairTests
{
    private const string Plan = """
        set P := {"a", "b"};
        param need {P};
        var x {P} >= 0;
        maximize profit: 3*x["a"] + 2*x["b"];
        subject to demand {i in P}: x[i] >= need[i];
        subject to budget: 1000*x["a"] + 2000*x["b"] <= 5000;
        subject to disc: x["a"]^2 + x["b"]^2 <= 400;
        data;
        param need := a 4 b 3;
        """;

    private static (int Code, JsonElement Json) Repair(string text, params string[] args)
    {
        using var run = new CommandRun();
        int code = run.Run(["repair", run.File("m.opt", text), "--quiet", "--format", "json", .. args]);
        Assert.True(run.Output.Length > 0, run.Error);
        return (code, JsonDocument.Parse(run.Output).RootElement);
    }

    private static Dictionary<string, double> Amounts(JsonElement json) =>
        json.GetProperty("families").EnumerateArray().SelectMany(f => f.GetProperty("members").EnumerateArray())
            .ToDictionary(m => m.GetProperty("name").GetString()!, m => m.GetProperty("amount").GetDouble());

    [Fact]
    public void The_cheapest_side_moves_whatever_its_units()
    {
        // Budget: 5000/√(1000² + 2000²) = 2.236; demand alone: 2.5 of b.
        (int code, JsonElement json) = Repair(Plan);
        Assert.Equal(0, code);
        Assert.Equal("repaired", json.GetProperty("outcome").GetString());
        KeyValuePair<string, double> only = Assert.Single(Amounts(json));
        Assert.Equal("budget", only.Key);
        Assert.Equal(5000.0, only.Value, 1e-3);
        Assert.Equal(Math.Sqrt(5.0), json.GetProperty("cost").GetDouble(), 1e-6);
        Assert.True(json.GetProperty("verified").GetDouble() <= 1e-6);
        (_, JsonElement scaled) = Repair(Plan.Replace("1000*x[\"a\"] + 2000*x[\"b\"] <= 5000", "x[\"a\"] + 2*x[\"b\"] <= 5", StringComparison.Ordinal));
        Assert.Equal(5.0, Amounts(scaled)["budget"], 1e-6);
        Assert.Equal(Math.Sqrt(5.0), scaled.GetProperty("cost").GetDouble(), 1e-6);
    }

    [Fact]
    public void Weights_and_kept_families_decide_what_moves()
    {
        (int code, JsonElement json) = Repair(Plan, "--keep", "budget");
        Assert.Equal(0, code);
        KeyValuePair<string, double> only = Assert.Single(Amounts(json));
        Assert.Equal(("demand[b]", 2.5), (only.Key, Math.Round(only.Value, 6)));
        (_, json) = Repair(Plan, "--weight", "budget=2");
        Assert.Equal("demand[b]", Assert.Single(Amounts(json)).Key);
        (_, json) = Repair(Plan, "--weight", "demand=2", "--weight", "budget=2");
        Assert.Equal("budget", Assert.Single(Amounts(json)).Key);
        (code, json) = Repair(Plan, "--keep", "budget", "--keep", "demand");
        Assert.Equal(3, code);
        Assert.Equal("impossible", json.GetProperty("outcome").GetString());
        Assert.Empty(json.GetProperty("families").EnumerateArray());
    }

    [Fact]
    public void Norms_share_the_amounts_in_their_ways()
    {
        // Minimise over a, b the norm of (4 − a, 3 − b, (a + 2b − 5)/√5): the largest is equal for all, δ(3 + √5) = 5.
        (_, JsonElement json) = Repair(Plan, "--norm", "inf");
        double delta = 5.0 / (3.0 + Math.Sqrt(5.0));
        Assert.Equal(delta, json.GetProperty("cost").GetDouble(), 1e-5);
        Assert.Equal(delta * 1000.0 * Math.Sqrt(5.0), Amounts(json)["budget"], 1e-1);
        // Squares: a = 4 − t, b = 3 − 2t with t + 4t = (5 − 5t)/… gives t = 1/2.
        (_, json) = Repair(Plan, "--norm", "2");
        Dictionary<string, double> amounts = Amounts(json);
        Assert.Equal(0.5, amounts["demand[a]"], 1e-5);
        Assert.Equal(1.0, amounts["demand[b]"], 1e-5);
        Assert.Equal(2500.0, amounts["budget"], 1e-2);
    }

    [Fact]
    public void Random_linear_models_have_no_cheaper_relaxation()
    {
        // Intervals in the plane: the ℓ1 cost separates into the two coordinates, each a weighted median in closed form.
        var random = new Random(5);
        for (int trial = 0; trial < 8; trial++)
        {
            double[] at = [.. Enumerable.Range(0, 5).Select(_ => Math.Round(random.NextDouble() * 20.0, 2))];
            double[] weight = [.. Enumerable.Range(0, 5).Select(_ => Math.Round(1.0 + (random.NextDouble() * 4.0), 2))];
            string rows = string.Concat(Enumerable.Range(0, 5).Select(k => string.Create(CultureInfo.InvariantCulture, $"subject to c{k}: 3*x = {3.0 * at[k]};")));
            string[] args = [.. Enumerable.Range(0, 5).SelectMany(k => new[] { "--weight", string.Create(CultureInfo.InvariantCulture, $"c{k}={weight[k]}") })];
            (int code, JsonElement json) = Repair("var x; minimize f: x^2;" + rows, args);
            Assert.Equal(0, code);
            double best = at.Min(x => Enumerable.Range(0, 5).Sum(k => weight[k] * Math.Abs(at[k] - x)));
            Assert.Equal(best, json.GetProperty("cost").GetDouble(), 1e-5 * best);
        }
    }

    [Fact]
    public void Nonlinear_models_are_repaired_and_then_optimised()
    {
        // The disc of radius 1 and x + y ≥ 2: the line's distance is √2 − 1, moved by √2·(√2 − 1).
        const string Text = "var x := 1; var y := 0.2; maximize f: x - y; subject to disc: x^2 + y^2 <= 1; subject to line: x + y >= 2;";
        (int code, JsonElement json) = Repair(Text, "--keep", "disc", "--then-optimize");
        Assert.Equal(0, code);
        Assert.Equal(2.0 - Math.Sqrt(2.0), Amounts(json)["line"], 1e-5);
        Assert.Equal("Solved", json.GetProperty("optimised").GetString());
        // The point is unique up to the 1e-6 by which sides are moved beyond the amounts.
        Assert.InRange(json.GetProperty("objective").GetDouble(), -1e-5, 1e-2);
        Assert.Equal(Math.Sqrt(0.5), json.GetProperty("variables").GetProperty("x").GetDouble(), 1e-2);
    }

    [Fact]
    public void A_maximised_objective_is_optimised_after_the_repair()
    {
        (int code, JsonElement json) = Repair(Plan, "--keep", "budget", "--then-optimize");
        Assert.Equal(0, code);
        // a ≥ 4, b ≥ 1/2 (moved), a + 2b ≤ 5: only a = 4, b = 1/2.
        Assert.Equal(13.0, json.GetProperty("objective").GetDouble(), 1e-4);
        Assert.Equal("profit", json.GetProperty("objectiveName").GetString());
    }

    [Fact]
    public void Bounds_move_only_when_they_may()
    {
        const string Text = "var x >= 0, <= 3; var y >= 0, <= 2; minimize f: x + y; subject to c: x + y >= 10;";
        (_, JsonElement json) = Repair(Text);
        Assert.Equal(5.0, Amounts(json)["c"], 1e-6);
        (int code, _) = Repair(Text, "--keep", "c");
        Assert.Equal(3, code);
        (code, json) = Repair(Text, "--keep", "c", "--bounds", "--weight", "y=3");
        Assert.Equal(0, code);
        JsonElement family = Assert.Single(json.GetProperty("families").EnumerateArray());
        Assert.Equal(("x", "bounds"), (family.GetProperty("family").GetString(), family.GetProperty("kind").GetString()));
        Assert.Equal(5.0, Amounts(json)["x"], 1e-6);
    }

    [Fact]
    public void A_feasible_model_has_nothing_to_repair()
    {
        (int code, JsonElement json) = Repair("var x >= 0; minimize f: x^2; subject to c: x >= 2;", "--conflict", "--then-optimize");
        Assert.Equal(0, code);
        Assert.Equal("feasible", json.GetProperty("outcome").GetString());
        Assert.Empty(json.GetProperty("families").EnumerateArray());
        Assert.Empty(json.GetProperty("conflict").EnumerateArray());
        Assert.Equal(4.0, json.GetProperty("objective").GetDouble(), 1e-6);
    }

    [Fact]
    public void A_conflict_is_irreducible()
    {
        const string Text = """
            var x {1..4} >= 0;
            minimize f: sum {i in 1..4} x[i];
            subject to low {i in 1..4}: x[i] >= i;
            subject to chain {i in 2..4}: x[i] <= 2*x[i-1];
            subject to cap: sum {i in 1..4} x[i] <= 8;
            subject to spare: x[1] + x[4] <= 50;
            """;
        (int code, JsonElement json) = Repair(Text, "--conflict");
        Assert.Equal(0, code);
        Assert.Equal(["low", "cap"], json.GetProperty("conflict").EnumerateArray().Select(e => e.GetString()!));
        (code, _) = Repair(Text.Replace("subject to low {i in 1..4}: x[i] >= i;", "", StringComparison.Ordinal));
        Assert.Equal(0, code);
    }

    [Fact]
    public void Epigraph_rows_are_no_families()
    {
        (int code, JsonElement json) = Repair("var x; var y; minimize f: abs(x) + max(x, y); subject to a: abs(x - 3) + y <= 1; subject to b: x + y >= 9;");
        Assert.Equal(0, code);
        Assert.Subset(new HashSet<string> { "a", "b" }, Amounts(json).Keys.ToHashSet());
    }

    [Theory]
    [InlineData("there is no constraint budgt", 1, "--keep", "budgt")]
    [InlineData("bounds are not relaxed", 1, "--keep", "x")]
    [InlineData("need is a parameter, not a constraint", 1, "--weight", "need=2")]
    [InlineData("positive number, not '-1'", 1, "--weight", "budget=-1")]
    [InlineData("--weight takes name=value", 2, "--weight", "budget")]
    [InlineData("3", 2, "--norm", "3")]
    public void Names_and_numbers_that_are_wrong_are_refused(string expected, int code, params string[] args)
    {
        using var run = new CommandRun();
        Assert.Equal(code, run.Run(["repair", run.File("m.opt", Plan), "--quiet", .. args]));
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("var x >= 0; var y >= 0; minimize f: x + y; subject to c: x + y >= 1 complements x >= 0;", "complementarity")]
    [InlineData("var x >= 0; var y >= 0; minimize f: x + y; lower g over y: minimize h: (y - x)^2; subject to d: y <= 3; end;", "followers")]
    public void Models_with_conditions_or_followers_are_refused(string text, string expected)
    {
        using var run = new CommandRun();
        Assert.Equal(1, run.Run("repair", run.File("m.opt", text), "--quiet"));
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_table_and_the_hint_of_an_infeasible_solve_name_the_way()
    {
        using var run = new CommandRun();
        string file = run.File("plan.opt", Plan);
        Assert.Equal(3, run.Run("solve", file, "--quiet"));
        Assert.Contains($"optc repair {file}", run.Error, StringComparison.Ordinal);
        Assert.Equal(0, run.Run("repair", file, "--quiet", "--conflict", "--norm", "inf"));
        Assert.Contains("plan: Repaired", run.Output, StringComparison.Ordinal);
        Assert.Contains("demand, budget cannot hold together", run.Output, StringComparison.Ordinal);
        Assert.Contains("demand[a]", run.Output, StringComparison.Ordinal);
    }
}
