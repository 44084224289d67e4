using System.Text.Json;
using Xunit;

namespace Optc.Tests.Inner;

/// <summary>Sums of squares and systems of equations as the compiler finds them.</summary>
public sealed class LeastSquaresTests
{
    private static JsonElement Solve(CommandRun run, string text) => run.SolveJson(0, run.File("m.opt", text), "--option", "inner=lm");

    [Theory]
    [InlineData("var x := -1.2; var y := 1; minimize f: 100*(y - x^2)^2 + (1 - x)^2;", 0)]
    [InlineData("var x := -1.2; var y := 1; maximize f: 7 - 100*(y - x^2)*(y - x^2) - (1 - x)^2;", 7)]
    [InlineData("var x {1..3} := 2; minimize f: (norm2 {i in 1..3} (x[1] - i))^2/2 + (x[2] - x[3])^2 + (x[2] - 1)^2 + 5;", 6)]
    [InlineData("var x {1..3} := 2; minimize f: sum {i in 1..3} i*(x[i]^2 - i)^4 + sum {i in 1..3: i > 2} (x[i] - x[1])^2*x[2]^2;", 0.39768)]
    [InlineData("param w {i in 1..4} := i - 1; var a := 3; var r {i in 1..4} = exp(a*i/4) - i; var sq {i in 1..4} = r[i]^2; minimize f: sum {i in 1..4} w[i]*sq[i] + (if 1 > 2 then a^2);", 0.049762)]
    [InlineData("var x := 2; var y := 5; minimize f: (x - sum {i in 1..50} sin(i*y))^2 + (y - 5)^2; fix y;", 0)]
    public void Squares_are_found_however_they_are_written(string text, double value)
    {
        using var run = new CommandRun();
        JsonElement json = Solve(run, text);
        Assert.Equal("Solved", json.GetProperty("status").GetString());
        Assert.InRange(json.GetProperty("iterations").GetProperty("inner").GetInt32(), 1, 60);
        Assert.Equal(value, json.GetProperty("objective").GetDouble(), 1e-4);
        using var other = new CommandRun();
        Assert.Equal(0, other.Run("solve", other.File("m.opt", text), "--format", "json", "--quiet", "--option", "inner=newton"));
        double newton = JsonDocument.Parse(other.Output).RootElement.GetProperty("objective").GetDouble();
        Assert.Equal(newton, json.GetProperty("objective").GetDouble(), 1e-6);
    }

    [Fact]
    public void A_hand_over_to_Newtons_method_counts_both_efforts()
    {
        using var run = new CommandRun();
        string model = Path.Combine(RealModelsTests.Root(), "tests/models/regression/meyer3.opt");
        int Inner(params string[] options)
        {
            _ = run.Run(["solve", model, "--format", "json", "--quiet", .. options]);
            return JsonDocument.Parse(run.Output).RootElement.GetProperty("iterations").GetProperty("inner").GetInt32();
        }
        int alone = Inner("--option", "inner=lm");
        int both = Inner();
        string notes = JsonDocument.Parse(run.Output).RootElement.GetProperty("notes").ToString();
        Assert.Contains("Newton's method took over", notes, StringComparison.Ordinal);
        Assert.True(both > alone, $"{both} iterations of both, {alone} of the first");
    }

    [Theory]
    [InlineData("var x := 1; minimize f: (x - 1)^2 + exp(x);", "exp(x)")]
    [InlineData("var x := 1; minimize f: (x - 1)^2 - (x + 1)^2;", "(x + 1)^2")]
    [InlineData("var x := 1; minimize f: (x - 1)^2 - x^4;", "factor -1")]
    [InlineData("var x := 1; minimize f: abs(x - 1)^2;", "kinks")]
    [InlineData("var x := 1; minimize f: (x - 1)^2; subject to sure: x*x >= 2;", "sure")]
    [InlineData("var x := 1; subject to sure: x*x >= 2;", "not all of its constraints are equations")]
    [InlineData("var x >= 0; subject to c: 0 <= x complements x >= 1;", "complementarity")]
    public void Models_that_are_no_least_squares_are_refused_with_the_reason(string text, string reason)
    {
        using var run = new CommandRun();
        int code = run.Run("solve", run.File("m.opt", text), "--quiet", "--option", "inner=lm");
        Assert.Equal(1, code);
        Assert.Contains("inner=lm is not for this model", run.Error, StringComparison.Ordinal);
        Assert.Contains(reason == "(x + 1)^2" ? "factor -1" : reason, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_method_is_refused_with_those_there_are()
    {
        using var run = new CommandRun();
        Assert.Equal(2, run.Run("solve", run.File("m.opt", Texts.Hs071), "--option", "inner=simplex"));
        Assert.Contains("auto|newton|lbfgs|cg|lm", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Equations_are_solved_and_several_starts_agree()
    {
        const string Text = "var x := 1; var y := 1; subject to a: x^2 + y^2 = 25; subject to b: x*y = 12;";
        using var run = new CommandRun();
        JsonElement json = Solve(run, Text);
        double x = json.GetProperty("variables").GetProperty("x").GetDouble(), y = json.GetProperty("variables").GetProperty("y").GetDouble();
        Assert.Equal(12.0, x * y, 1e-6);
        int code = run.Run("solve", run.File("n.opt", "var x >= -5, <= 5, := 4; minimize f: (x^2 - 4)^2 + (x - 1)^2/10;"), "--format", "json", "--quiet", "--option", "inner=lm", "--starts", "8");
        Assert.True(code == 0, run.Error);
        Assert.InRange(JsonDocument.Parse(run.Output).RootElement.GetProperty("objective").GetDouble(), 0.09, 0.1);
    }
}
