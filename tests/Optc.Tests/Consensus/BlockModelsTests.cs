using System.Globalization;
using System.Text.Json;
using Xunit;

namespace Optc.Tests.Consensus;

/// <summary>Models in blocks through the command line: solved over the blocks and as a whole, shown, refused.</summary>
public sealed class BlockModelsTests
{
    private const string Copies = """
        set K := 1..3; set J := 1..4;
        var w {K, J}; var z {J};
        block own {k in K}: {j in J} w[k,j];
        minimize f: sum {k in K, j in J} (w[k,j] - sin(k*j))^2 * (1 + 0.3*k) + sum {k in K} exp(0.2*w[k,1] - 0.1*w[k,2]) + 0.6 * sum {j in J} abs(z[j]);
        s.t. agree {k in K, j in J}: w[k,j] = z[j];
        """;

    private const string Coupled = """
        set K := 1..3; set J := 1..2;
        var x {K, J} >= 0, <= 3, := 1; var s >= -5, <= 5;
        block part {k in K}: {j in J} x[k,j];
        minimize f: sum {k in K, j in J} (x[k,j] - k/j)^2 + 0.1*(s - 1)^2 + 0.1*(x[1,1] + x[2,1])^2;
        s.t. inner {k in K}: x[k,1]^2 + x[k,2]^2 <= 2 + k;
        s.t. uses {k in K}: x[k,1] + 0.5*s >= 0.2;
        s.t. total: sum {k in K, j in J} x[k,j] = 5;
        """;

    private const string Nonconvex = """
        set K := 1..4;
        var x {K} := 0.4; var y {K} := 0.3; var z := 0.2;
        block part {k in K}: x[k], y[k];
        minimize f: sum {k in K} (cos(x[k]) + 0.5*(x[k] - 0.1*k)^4 + y[k]^2 + (x[k] - z)^2);
        s.t. curve {k in K}: y[k] - x[k]^2 = 0.1*k;
        """;

    private const string Undeclared = """
        set K := 1..4; set J := 1..5;
        var x {K, J}; var z := 0.5;
        minimize f: sum {k in K, j in J: j > 1} (0.1*sin(x[k,j])^2 + exp(x[k,j] - x[k,j-1]) + (x[k,j] - z*k/j)^2) + sum {k in K} (x[k,1] - z)^2 + z^4;
        """;

    private const string Maximised = """
        set K := 1..3;
        var x {K} >= 0.1; var z;
        block own {k in K}: x[k];
        maximize f: sum {k in K} (log(x[k]) * k - x[k]*z) - z^2;
        s.t. most: sum {k in K} x[k] <= 4;
        """;

    public static TheoryData<string> Models() => new(Copies, Coupled, Nonconvex, Undeclared, Maximised);

    [Theory]
    [MemberData(nameof(Models))]
    public void The_answer_over_blocks_is_that_of_the_whole(string model)
    {
        using var run = new CommandRun();
        string file = run.File("m.opt", model);
        JsonElement over = run.SolveJson(0, file, "--solver", "admm", "--option", "clock=simulated");
        JsonElement whole = run.SolveJson(0, file);
        Assert.Equal("Solved", over.GetProperty("status").GetString());
        Assert.Equal("admm", over.GetProperty("solver").GetString());
        Assert.True(over.GetProperty("blocks").GetArrayLength() > 2);
        Assert.Equal(whole.GetProperty("objective").GetDouble(), over.GetProperty("objective").GetDouble(), 1e-6);
        JsonElement audit = over.GetProperty("audit");
        foreach (string name in new[] { "stationarity", "feasibility", "complementarity" }) Assert.True(audit.GetProperty("residuals").GetProperty(name).GetDouble() <= 1e-8, name);
    }

    [Theory]
    [InlineData(Copies)]
    [InlineData(Coupled)]
    [InlineData(Maximised)]
    public void The_splitting_alone_has_multipliers_too(string model)
    {
        using var run = new CommandRun();
        string file = run.File("m.opt", model);
        JsonElement over = run.SolveJson(0, file, "--solver", "admm", "--option", "clock=simulated", "--option", "finish=no", "--option", "tolerance=1e-7");
        JsonElement whole = run.SolveJson(0, file);
        Assert.Equal("Solved", over.GetProperty("status").GetString());
        Assert.Equal(whole.GetProperty("objective").GetDouble(), over.GetProperty("objective").GetDouble(), 1e-5);
        foreach (JsonProperty row in over.GetProperty("constraints").EnumerateObject())
            Assert.Equal(whole.GetProperty("constraints").GetProperty(row.Name).GetProperty("dual").GetDouble(), row.Value.GetProperty("dual").GetDouble(), 1e-4);
    }

    [Fact]
    public void Asynchronous_blocks_say_how_late_they_were()
    {
        using var run = new CommandRun();
        string file = run.File("m.opt", Copies);
        JsonElement answer = run.SolveJson(0, file, "--solver", "admm", "--option", "asynchronous=yes", "--option", "delay=2:50", "--option", "clock=simulated");
        Assert.Equal("Solved", answer.GetProperty("status").GetString());
        JsonElement late = answer.GetProperty("blocks")[1];
        Assert.Equal("own[2]", late.GetProperty("name").GetString());
        Assert.True(late.GetProperty("largest_delay").GetInt32() > 20);
        Assert.True(late.GetProperty("solves").GetInt32() < answer.GetProperty("blocks")[0].GetProperty("solves").GetInt32());
    }

    [Fact]
    public void Check_shows_blocks_shared_variables_and_coupling()
    {
        using var run = new CommandRun();
        Assert.Equal(0, run.Run("check", run.File("m.opt", Coupled), "--solver", "admm", "--no-derivatives"));
        Assert.Contains("block part[1]: ", run.Output, StringComparison.Ordinal);
        Assert.Contains("coupling: 1 constraints (total), 1 terms of the objective", run.Output, StringComparison.Ordinal);
        Assert.Contains("shared variables: 7 (", run.Output, StringComparison.Ordinal);
        Assert.Equal(0, run.Run("check", run.File("c.opt", Copies), "--no-derivatives"));
        Assert.Contains("12 equations say that a block's variable equals a shared one", run.Output, StringComparison.Ordinal);
        Assert.Contains("block own[3]: 4 variables, 0 constraints, 4 tied", run.Output, StringComparison.Ordinal);
        Assert.Equal(0, run.Run("check", run.File("u.opt", Undeclared), "--solver", "admm", "--no-derivatives"));
        Assert.Contains("block found[4]", run.Output, StringComparison.Ordinal);
        Assert.Contains("shared variables: 1 (z)", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("block b {k in K}: x[k], y;", "m.opt:3:", "variable y is in two blocks, b[1] and b[2]", "belongs to none of them")]
    [InlineData("block b {k in K}: {j in 1..k-1} x[j];", "m.opt:3:", "block b[1] has no variables", "leave it out")]
    [InlineData("block b {k in K}: q[k];", "m.opt:3:", "q is not declared", "")]
    [InlineData("block b {k in K}: x[k+1];", "m.opt:3:", "x[4]", "")]
    [InlineData("block b {k in K}: c[k];", "m.opt:3:", "c", "")]
    public void Wrong_declarations_are_refused_with_place_and_remedy(string declaration, string place, string what, string remedy)
    {
        using var run = new CommandRun();
        string file = run.File("m.opt", $"set K := 1..3; param c {{K}} := 1;\nvar x {{K}}; var y;\n{declaration}\nminimize f: sum {{k in K}} (x[k]-c[k])^2 + y^2;\n");
        Assert.Equal(1, run.Run("solve", file, "--solver", "admm", "-q"));
        Assert.Contains(place, run.Error, StringComparison.Ordinal);
        Assert.Contains(what, run.Error, StringComparison.Ordinal);
        Assert.Contains(remedy, run.Error, StringComparison.Ordinal);
    }

    /// <summary>A block that never answers, as far as the limit is concerned.</summary>
    [Theory]
    [InlineData("delay=1:1e9", "asynchronous=no")]
    [InlineData("delay=1:1e300,2:1e300", "asynchronous=yes")]
    public void The_time_limit_ends_the_wait_for_late_blocks(string delay, string mode)
    {
        using var run = new CommandRun();
        const string Two = "var x {1..2} >= -9, <= 9; var s >= 0, <= 9; block own {k in 1..2}: x[k]; minimize f: s^2 + sum {k in 1..2} (x[k] - k)^2; c {k in 1..2}: x[k] <= s;";
        Assert.Equal(5, run.Run("solve", run.File("m.opt", Two), "--solver", "admm", "--option", "finish=no", "--option", "alpha=0.01", "--option", delay, "--option", mode, "--time-limit", "0.5", "-q"));
        Assert.Contains("TimeLimit", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rest=0.5", "asynchronous=yes")]
    [InlineData("delay=1:5,1:7", "each once")]
    public void Options_that_would_be_ignored_are_refused(string option, string fragment)
    {
        using var run = new CommandRun();
        Assert.Equal(2, run.Run("solve", run.File("m.opt", Copies), "--solver", "admm", "--option", option, "-q"));
        Assert.Contains(fragment, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_option_of_blocks_is_refused_for_a_model_of_one_piece()
    {
        using var run = new CommandRun();
        string cone = run.File("m.opt", "var x {1..3}; var t; minimize f: t; s.t. c: sqrt(sum {i in 1..3} (x[i] - i)^2) <= t; s.t. d: sqrt(sum {i in 1..3} x[i]^2) <= 1;");
        Assert.Equal(1, run.Run("solve", cone, "--solver", "admm", "--option", "asynchronous=yes", "-q"));
        Assert.Contains("option asynchronous", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("lower", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("var x {1..3}; minimize f: sin(x[1]+x[2]+x[3]) + x[1]^2 + x[2]^2 + x[3]^2;", "no cone for a term of objective f", "block own")]
    [InlineData("var x >= 0; var y; block a: x; minimize f: x + y^2; s.t. c: 0 <= x complements y >= 0;", "complementarity conditions", "auglag")]
    public void What_has_no_blocks_is_refused(string model, string why, string remedy)
    {
        using var run = new CommandRun();
        Assert.Equal(1, run.Run("solve", run.File("m.opt", model), "--solver", "admm", "-q"));
        Assert.Contains(why, run.Error, StringComparison.Ordinal);
        Assert.Contains(remedy, run.Error, StringComparison.Ordinal);
    }

}
