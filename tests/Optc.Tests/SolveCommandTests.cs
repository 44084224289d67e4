using System.Globalization;
using System.Text.Json;
using Xunit;

namespace Optc.Tests;

/// <summary><c>optc solve</c> on good models, in every format.</summary>
public sealed class SolveCommandTests
{
    private static readonly string[] PromisedFields =
    [
        "model", "status", "guarantee", "objective", "objectiveName", "sense", "objectives", "variables", "constraints", "residuals",
        "iterations", "evaluations", "seconds", "size", "class", "solver",
    ];

    private static JsonElement Json(CommandRun run, params string[] args)
    {
        int code = run.Run(args);
        Assert.True(code == 0, $"exit code {code}\n{run.Error}");
        return JsonDocument.Parse(run.Output).RootElement;
    }

    [Fact]
    public void Json_has_the_promised_fields_in_order()
    {
        using var run = new CommandRun();
        JsonElement json = Json(run, "solve", run.File("hs071.opt", Texts.Hs071), "--format", "json", "--quiet");
        Assert.Equal(PromisedFields, json.EnumerateObject().Select(p => p.Name).Take(PromisedFields.Length));
        Assert.Equal("hs071", json.GetProperty("model").GetString());
        Assert.Equal("Solved", json.GetProperty("status").GetString());
        Assert.Equal("local", json.GetProperty("guarantee").GetString());
        Assert.Equal("minimize", json.GetProperty("sense").GetString());
        Assert.Equal("f", json.GetProperty("objectiveName").GetString());
        Assert.Equal(17.0140173, json.GetProperty("objective").GetDouble(), 1e-6);
        Assert.Equal(["x[1]", "x[2]", "x[3]", "x[4]"], json.GetProperty("variables").EnumerateObject().Select(p => p.Name));
        JsonElement c1 = json.GetProperty("constraints").GetProperty("c1");
        Assert.Equal(["value", "dual", "lower", "upper"], c1.EnumerateObject().Select(p => p.Name));
        Assert.Equal(JsonValueKind.Null, c1.GetProperty("upper").ValueKind);
        Assert.Equal(["stationarity", "feasibility", "complementarity"], json.GetProperty("residuals").EnumerateObject().Select(p => p.Name));
        Assert.Equal(["outer", "inner"], json.GetProperty("iterations").EnumerateObject().Select(p => p.Name));
        JsonElement seconds = json.GetProperty("seconds");
        Assert.Equal(["parse", "compile", "solve", "templates", "tables", "code"], seconds.EnumerateObject().Select(p => p.Name));
        double templates = seconds.GetProperty("templates").GetDouble(), tables = seconds.GetProperty("tables").GetDouble();
        Assert.True(templates > 0 && tables > 0 && templates + tables <= seconds.GetProperty("compile").GetDouble() + 1e-5);
        Assert.Equal(4, json.GetProperty("size").GetProperty("variables").GetInt32());
        Assert.Equal(8, json.GetProperty("size").GetProperty("jacobianNonzeros").GetInt32());
        Assert.Equal(10, json.GetProperty("size").GetProperty("hessianNonzeros").GetInt32());
        Assert.True(json.GetProperty("audit").GetProperty("residuals").GetProperty("feasibility").GetDouble() < 1e-6);
        Assert.Equal(2, json.GetProperty("expectations").GetArrayLength());
    }

    [Fact]
    public void Symbols_are_named_without_quotes_and_settings_replace_data()
    {
        using var run = new CommandRun();
        JsonElement json = Json(run, "solve", run.File("mix.opt", Texts.Mix), "--set", "need=4", "--format", "json", "--quiet");
        Assert.Equal("maximize", json.GetProperty("sense").GetString());
        Assert.Equal(1.0, json.GetProperty("variables").GetProperty("w[a]").GetDouble(), 1e-6);
        Assert.Equal(3.0, json.GetProperty("variables").GetProperty("w[b]").GetDouble(), 1e-6);
        Assert.Equal(7.0, json.GetProperty("objectives").GetProperty("worth").GetDouble(), 1e-6);
    }

    [Fact]
    public void Json_stays_one_object_when_the_model_displays()
    {
        using var run = new CommandRun();
        JsonElement json = Json(run, "solve", run.File("d.opt", "var x := 3; minimize f: (x - 1)^2; solve; display x;"), "--format", "json", "--quiet");
        Assert.Equal("Solved", json.GetProperty("status").GetString());
        Assert.Contains("x = ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_of_a_wrong_model_says_what_is_wrong()
    {
        using var run = new CommandRun();
        Assert.Equal(1, run.Run("solve", run.File("bad.opt", "var x;\nminimize f: zz;"), "--format", "json"));
        JsonElement json = JsonDocument.Parse(run.Output).RootElement;
        Assert.Equal("ModelError", json.GetProperty("status").GetString());
        Assert.Equal(2, json.GetProperty("diagnostics")[0].GetProperty("line").GetInt32());
    }

    [Fact]
    public void Csv_has_a_row_for_everything()
    {
        using var run = new CommandRun();
        Assert.Equal(0, run.Run("solve", run.File("hs071.opt", Texts.Hs071), "--format", "csv", "--quiet"));
        string[] lines = run.Output.TrimEnd('\n').Split('\n');
        Assert.Equal("kind,name,value,dual,lower,upper", lines[0]);
        Assert.Equal(8, lines.Length);
        Assert.StartsWith("objective,f,17.01401", lines[1], StringComparison.Ordinal);
        string[] variable = lines[2].Split(',');
        Assert.Equal(["variable", "x[1]"], variable[..2]);
        Assert.Equal(1.0, double.Parse(variable[2], CultureInfo.InvariantCulture), 1e-6);
        Assert.Equal(["1", "5"], variable[4..]);
        Assert.Equal("", lines[6].Split(',')[5]);
    }

    [Fact]
    public void Csv_names_with_commas_are_quoted()
    {
        using var run = new CommandRun();
        Assert.Equal(0, run.Run("solve", run.File("q.opt", "var x {1..2, 1..2} := 1; minimize f: sum {i in 1..2, j in 1..2} (x[i,j] - i)^2;"), "--format", "csv", "--quiet"));
        Assert.Contains("variable,\"x[2,1]\",", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_table_shows_status_objective_values_and_duals()
    {
        using var run = new CommandRun();
        Assert.Equal(0, run.Run(run.File("hs071.opt", Texts.Hs071), "--quiet"));
        foreach (string fragment in new[] { "hs071: Solved (local optimum)", "f = 17.0140", "stationarity", "audit", "x[4]", "c2", "2 of 2 expectations met" })
            Assert.Contains(fragment, run.Output, StringComparison.Ordinal);
        Assert.Equal("", run.Error);
    }

    [Fact]
    public void A_long_table_is_cut_unless_all_is_asked_for()
    {
        using var run = new CommandRun();
        string file = run.File("long.opt", "var x {i in 1..80} := i; minimize f: sum {i in 1..80} (x[i] - 1)^2;");
        Assert.Equal(0, run.Run("solve", file, "--quiet"));
        Assert.Contains("30 more variables; --all", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("x[80]", run.Output, StringComparison.Ordinal);
        Assert.Equal(0, run.Run("solve", file, "--quiet", "--all"));
        Assert.Contains("x[80]", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void An_infeasible_model_names_what_is_violated_first()
    {
        using var run = new CommandRun();
        Assert.Equal(3, run.Run("solve", run.File("inf.opt", "var x >= 0; minimize f: x; subject to high: x >= 5; subject to low: x <= 2;"), "--quiet"));
        Assert.Contains("Infeasible", run.Output, StringComparison.Ordinal);
        Assert.InRange(run.Output.IndexOf("violated family", StringComparison.Ordinal), 0, run.Output.IndexOf("  variable ", StringComparison.Ordinal));
    }

    [Fact]
    public void The_output_file_is_complete_or_as_it_was()
    {
        using var run = new CommandRun();
        string model = run.File("hs071.opt", Texts.Hs071), answer = run.PathOf("answer.json");
        Assert.Equal(0, run.Run("solve", model, "--format", "json", "--output", answer, "--quiet"));
        Assert.Equal("", run.Output);
        Assert.Equal("Solved", JsonDocument.Parse(File.ReadAllText(answer)).RootElement.GetProperty("status").GetString());
        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(answer)!, "*.tmp"));
        Assert.Equal(1, run.Run("solve", model, "--output", Path.Combine(run.PathOf("no-such-folder"), "a.json"), "--quiet"));
        Assert.Contains("no-such-folder", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_output_that_is_a_link_fills_its_target()
    {
        using var run = new CommandRun();
        string target = run.File("target.txt", "old"), link = run.PathOf("link.txt");
        File.CreateSymbolicLink(link, target);
        Assert.Equal(0, run.Run("solve", run.File("hs071.opt", Texts.Hs071), "--output", link, "--quiet"));
        Assert.Equal(target, File.ResolveLinkTarget(link, returnFinalTarget: true)?.FullName);
        Assert.StartsWith("hs071: Solved", File.ReadAllText(target), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--output")]
    [InlineData("--trace")]
    public void A_file_that_cannot_be_written_is_found_before_the_solve(string option)
    {
        using var run = new CommandRun();
        string model = run.File("hs071.opt", Texts.Hs071), folder = run.PathOf("no-such-folder");
        Assert.Equal(1, run.Run("solve", model, option, Path.Combine(folder, "a"), "--quiet"));
        Assert.Contains($"there is no folder '{folder}'", run.Error, StringComparison.Ordinal);
        Assert.Equal(1, run.Run("solve", model, option, Path.GetDirectoryName(model)!, "--quiet"));
        Assert.Contains("it is a directory", run.Error, StringComparison.Ordinal);
        Assert.Equal("", run.Output);
    }

    [Theory]
    [InlineData("t=abc", "t takes a number|0.08 or 1e-3")]
    [InlineData("t=0,08", "t takes a number")]
    [InlineData("t=", "t takes a number")]
    [InlineData("t=NaN", "NaN is not a value")]
    [InlineData("a=3", "it is indexed|--data")]
    [InlineData("x=3", "only parameters can")]
    [InlineData("s=3", "there is no parameter s")]
    public void A_setting_that_is_no_number_is_refused(string setting, string fragments)
    {
        using var run = new CommandRun();
        string model = run.File("m.opt", "param t default 1; param a {1..2} default 1; param name symbolic default 'p'; var x; minimize f: (x - t)^2;");
        Assert.Equal(1, run.Run("solve", model, "--set", setting, "--quiet"));
        foreach (string fragment in fragments.Split('|')) Assert.Contains(fragment, run.Error, StringComparison.Ordinal);
        Assert.Equal(0, run.Run("solve", model, "--set", "t=1e-3", "--set", "name=q", "--quiet"));
    }

    [Theory]
    [InlineData("auglag")]
    [InlineData("admm")]
    public void A_loose_tolerance_loosens_the_acceptable_one(string solver)
    {
        using var run = new CommandRun();
        string model = run.File("m.opt", "var x >= 1; var y >= 0; minimize f: x^2 + y^2 - y;");
        Assert.Equal(0, run.Run("solve", model, "--solver", solver, "--option", "tolerance=1e-3", "--quiet"));
        Assert.Equal(2, run.Run("solve", model, "--solver", solver, "--option", "tolerance=1e-3", "--option", "acceptable_tolerance=1e-4", "--quiet"));
        Assert.Contains("acceptable_tolerance", run.Error, StringComparison.Ordinal);
    }

    /// <summary>The command line's options are those of the solver that the text names, and are refused there.</summary>
    [Theory]
    [InlineData("beta=0.5", 0, "")]
    [InlineData("beta=5", 1, "a number between 0 and 2")]
    [InlineData("rho=5", 1, "Unknown option 'rho'")]
    [InlineData("betta=5", 2, "Unknown option 'betta'")]
    public void Options_go_to_the_solver_that_the_text_names(string option, int code, string error)
    {
        using var run = new CommandRun();
        string model = run.File("m.opt", "option solver projections; var x >= 1, := 3; subject to c: x^2 <= 4;");
        Assert.Equal(code, run.Run("solve", model, "--option", option, "--quiet"));
        Assert.Contains(error, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_without_variables_is_solved()
    {
        using var run = new CommandRun();
        Assert.Equal(0, run.Run("solve", run.File("m.opt", "minimize f: 3;"), "--quiet"));
        Assert.Contains("f = 3", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("p*x <= 8; subject to d: x^2 >= 1", 0, "Solved", 0.0)]
    [InlineData("p*x <= 4; subject to d: x^2 >= 1", 3, "Infeasible", 0.5)]
    [InlineData("p*x <= 8; subject to d: log(x - 2) >= 1", 6, "EvaluationError", null)]
    public void Nothing_is_iterated_without_variables(string rows, int code, string status, double? feasibility)
    {
        using var run = new CommandRun();
        foreach (string presolve in new[] { "presolve=yes", "presolve=no" })
        {
            JsonElement answer = run.SolveJson(code, run.File("m.opt", $"param p := 3; var x := 2; fix x; minimize f: (x-1)^2; subject to c: {rows};"), "--option", presolve);
            Assert.Equal(status, answer.GetProperty("status").GetString());
            Assert.Equal(1, answer.GetProperty("objective").GetDouble());
            Assert.Equal(0, answer.GetProperty("iterations").GetProperty("inner").GetInt32());
            Assert.Equal(0, answer.GetProperty("iterations").GetProperty("outer").GetInt32());
            if (feasibility is { } expected) Assert.Equal(expected, answer.GetProperty("residuals").GetProperty("feasibility").GetDouble(), 1e-15);
        }
    }

    [Fact]
    public void The_trace_has_a_line_of_json_for_every_iteration()
    {
        using var run = new CommandRun();
        string trace = run.PathOf("t.jsonl");
        Assert.Equal(0, run.Run("solve", run.File("hs071.opt", Texts.Hs071), "--trace", trace, "--quiet"));
        JsonElement[] lines = [.. File.ReadAllLines(trace).Select(l => JsonDocument.Parse(l).RootElement)];
        Assert.NotEmpty(lines);
        Assert.All(lines, l => Assert.True(l.TryGetProperty("infeasibility", out _)));
    }

    [Fact]
    public void An_interrupted_solve_prints_its_best_point()
    {
        using var run = new CommandRun();
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.Equal(5, run.Run(source.Token, "solve", run.File("hs071.opt", Texts.Hs071), "--format", "json", "--quiet"));
        JsonElement json = JsonDocument.Parse(run.Output).RootElement;
        Assert.Equal("Interrupted", json.GetProperty("status").GetString());
        Assert.Equal(4, json.GetProperty("variables").EnumerateObject().Count());
    }

    [Fact]
    public void A_limit_on_iterations_is_an_exit_code_of_its_own()
    {
        using var run = new CommandRun();
        Assert.Equal(5, run.Run("solve", run.File("hs071.opt", Texts.Hs071), "--option", "max_inner=1", "--quiet"));
        Assert.Contains("IterationLimit", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_objective_can_be_chosen()
    {
        using var run = new CommandRun();
        string file = run.File("two.opt", "var x >= 0, <= 4; minimize small: (x - 1)^2; maximize large: x;");
        Assert.Equal(4.0, Json(run, "solve", file, "--objective", "large", "--format", "json", "--quiet").GetProperty("objective").GetDouble(), 1e-6);
        Assert.Equal(1, run.Run("solve", file, "--objective", "largee"));
        Assert.Contains("did you mean large", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Several_starts_find_the_better_optimum()
    {
        const string text = "var x >= -3, <= 3, := 0.9; maximize f: -(x^2 - 1)^2 - 0.1*x;";
        using var run = new CommandRun();
        string file = run.File("two.opt", text);
        JsonElement json = Json(run, "solve", file, "--starts", "12", "--format", "json", "--quiet");
        JsonElement starts = json.GetProperty("starts");
        Assert.Equal(12, starts.GetProperty("count").GetInt32());
        Assert.Equal(2, starts.GetProperty("optima").GetArrayLength());
        Assert.Equal(json.GetProperty("objective").GetDouble(), starts.GetProperty("optima")[0].GetProperty("objective").GetDouble(), 1e-9);
        Assert.True(json.GetProperty("objective").GetDouble() > 0.05);
    }

    [Fact]
    public void Several_starts_are_told_in_the_table()
    {
        using var run = new CommandRun();
        Assert.Equal(0, run.Run("solve", run.File("hs071.opt", Texts.Hs071), "--starts", "3", "--quiet"));
        Assert.Contains("of 3 starts solved", run.Output);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("many")]
    [InlineData("2.5")]
    public void Starts_are_a_whole_number(string text)
    {
        using var run = new CommandRun();
        Assert.Equal(2, run.Run("solve", run.File("hs071.opt", Texts.Hs071), "--starts", text));
        Assert.Contains("--starts takes a whole number", run.Error);
    }
}
