using System.Globalization;
using System.Text.Json;
using Xunit;

namespace Optc.Tests.Projections;

/// <summary>The solver <c>projections</c> through the command line: every operation that it takes, what it refuses, what it says.</summary>
public sealed class ProjectionModelsTests
{
    /// <summary>A model and a point that satisfies it, for the check by hand below.</summary>
    [Theory]
    [InlineData("var x >= -3, <= 3, := 1; var y >= -3, <= 3, := 2; s.t. a: x*y = 2; s.t. b: x - y = 1;", "x*y - 2", "x - y - 1")]
    [InlineData("var x := 0.3; var y := -1; s.t. a: x^2 + y^2 <= 1; s.t. b: x + y >= 1.3;", "max(x^2 + y^2 - 1, 0)", "max(1.3 - x - y, 0)")]
    [InlineData("var x := 1; var y := 1; s.t. a: exp(x) + log(y) = 2; s.t. b: sqrt(y) = tanh(x) + 0.5;", "exp(x) + log(y) - 2", "sqrt(y) - tanh(x) - 0.5")]
    [InlineData("var x := 2; var y := 1; s.t. a: abs(x) + max(x, y, 0.5) = 1.5; s.t. b: min(x, y) = -0.25;", "abs(x) + max(x, y, 0.5) - 1.5", "min(x, y) + 0.25")]
    [InlineData("var x := 2; var y := 1; s.t. a: x / y = 3; s.t. b: x^3 + y = 1;", "x/y - 3", "x^3 + y - 1")]
    [InlineData("var x >= 0.1, := 0.5; var y := 3; s.t. a: (x + 2*y)*(3*x - y) = 1; s.t. b: 2 <= x + y <= 2.5; s.t. c: x^1.5 = 1/y;", "(x + 2*y)*(3*x - y) - 1", "x^1.5 - 1/y")]
    [InlineData("var x >= -2, <= 2, := 1; var y >= 0, <= 6, := 1; s.t. a: sin(y) = 0.9*x; s.t. b: cos(y) + x <= -0.5;", "sin(y) - 0.9*x", "max(cos(y) + x + 0.5, 0)")]
    [InlineData("var x >= 0, <= 4, := 1; var y := 0; s.t. a: (if x >= 2 then x + 1 else 2*x) = 3.5; s.t. b: y = x^2 - x;", "(if x >= 2 then x + 1 else 2*x) - 3.5", "y - x^2 + x")]
    [InlineData("var x >= 0, <= 4, := 3; var y := 0; s.t. a: floor(x) + round(4*x) + ceil(x/2) = 9; s.t. b: y = 3*x;", "floor(x) + round(4*x) + ceil(x/2) - 9", "y - 3*x")]
    [InlineData("var x >= -4, <= 4, := 1; var y >= -4, <= 4; s.t. a: (if x >= 1 and y <= 0 or x < -1 then 5 else y) = 5; s.t. b: x + y = -1.25;", "(if x >= 1 and y <= 0 or x < -1 then 5 else y) - 5", "x + y + 1.25")]
    [InlineData("set I := 1..5; var x {I} >= -1, <= 1, := 0.1; var y; var z {i in I} = x[i]^2 + y; s.t. a: sum {i in I} z[i]*x[i] = 1; s.t. b: norm2 {i in I} x[i] = 1.2; s.t. c: max {i in I} z[i] <= 1;", "sum {i in I} z[i]*x[i] - 1", "norm2 {i in I} x[i] - 1.2")]
    public void Operations(string model, string first, string second)
    {
        using var run = new CommandRun();
        string file = run.File("m.opt", model + $"\nprintf \"\"; solve; display {first}, {second};");
        Assert.Equal(0, run.Run("solve", file, "--solver", "projections", "--format", "json", "--quiet"));
        using JsonDocument answer = JsonDocument.Parse(run.Output);
        Assert.Equal("Solved", answer.RootElement.GetProperty("status").GetString());
        Assert.Equal("projections", answer.RootElement.GetProperty("solver").GetString());
        Assert.True(answer.RootElement.GetProperty("audit").GetProperty("residuals").GetProperty("feasibility").GetDouble() <= 1e-8);
        double[] shown = [.. run.Error.Split('\n').Where(l => l.Contains(" = ", StringComparison.Ordinal)).Select(l => double.Parse(l.Split(" = ")[^1], CultureInfo.InvariantCulture))];
        Assert.Equal(2, shown.Length);
        Assert.All(shown, v => Assert.InRange(v, -1e-6, 1e-6));
    }

    [Fact]
    public void Check_lists_the_operations()
    {
        using var run = new CommandRun();
        string file = run.File("m.opt", "var x; var y integer; s.t. a: floor(x) + max(x, y) = 3; s.t. b: x*y = 2; s.t. c: floor(2*x) >= 1;");
        Assert.Equal(0, run.Run("check", file, "--solver", "projections"));
        Assert.Contains("2 × floor", run.Output, StringComparison.Ordinal);
        foreach (string one in new[] { "max", "dot product", "integer" }) Assert.Contains($"1 × {one}", run.Output, StringComparison.Ordinal);
        string other = run.File("n.opt", "var x; s.t. a: erf(x) = 0.5;");
        Assert.Equal(1, run.Run("check", other, "--solver", "projections"));
        Assert.Contains("no projection for the operation erf", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Steps_of_huge_arguments_and_coefficients_that_are_not_finite()
    {
        using var run = new CommandRun();
        string huge = run.File("m.opt", "var x >= 0, <= 10; s.t. a: floor(x*1e18) = 3e18;");
        Assert.Equal(3.0, Solve(run, huge).GetProperty("variables").GetProperty("x").GetDouble(), 1e-7);
        string infinite = run.File("n.opt", "param p := Infinity; var x >= 0, <= 10; s.t. a: p*x <= 1;");
        Assert.Equal(1, run.Run("solve", infinite, "--solver", "projections", "--quiet"));
        Assert.Contains("a has a coefficient or a side that is not finite", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Whole_numbers_are_kept_unless_they_are_relaxed()
    {
        using var run = new CommandRun();
        string file = run.File("m.opt", "var x integer >= 0, <= 9, := 4; var y integer >= 0, <= 9; s.t. a: 4*x + 7*y = 41; s.t. b: x^2 + y >= 3;");
        JsonElement answer = Solve(run, file);
        Assert.Equal(5.0, answer.GetProperty("variables").GetProperty("x").GetDouble());
        Assert.Equal(3.0, answer.GetProperty("variables").GetProperty("y").GetDouble());
        Assert.Contains("2 of them whole numbers", answer.GetRawText(), StringComparison.Ordinal);
        Assert.Equal(0, run.Run("solve", file, "--solver", "projections", "--option", "relax_integrality=1", "--quiet"));
        Assert.Contains("Solved", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_choice_among_binaries_is_one_operation()
    {
        using var run = new CommandRun();
        string file = run.File("m.opt", "set N := 1..8; var q {N, N} binary; s.t. r {i in N}: sum {j in N} q[i,j] = 1; s.t. c {j in N}: sum {i in N} q[i,j] = 1;"
            + "s.t. d {k in 3..15}: sum {i in N, j in N: i + j = k} q[i,j] <= 1; s.t. u {k in -6..6}: sum {i in N, j in N: i - j = k} q[i,j] <= 1;");
        JsonElement answer = Solve(run, file);
        Assert.Contains("16 choice", answer.GetRawText(), StringComparison.Ordinal);
        (int Row, int Column)[] queens =
        [
            .. answer.GetProperty("variables").EnumerateObject().Where(v => v.Value.GetDouble() == 1.0)
                .Select(v => v.Name[2..^1].Split(',')).Select(p => (int.Parse(p[0], CultureInfo.InvariantCulture), int.Parse(p[1], CultureInfo.InvariantCulture))),
        ];
        Assert.Equal(8, queens.Length);
        foreach ((int row, int column) in queens)
            Assert.DoesNotContain(queens, q => q != (row, column) && (q.Row == row || q.Column == column || Math.Abs(q.Row - row) == Math.Abs(q.Column - column)));
    }

    [Theory]
    [InlineData("var x; minimize f: x^2; s.t. c: x >= 1;", "has no use for the objective f", "give a level for it")]
    [InlineData("var x := 1; s.t. c: gamma(x) = 2;", "no projection for the operation gamma", "write it with")]
    [InlineData("var x := 1; var y := 2; s.t. c: x^y = 2;", "a power with a variable exponent", "exp(exponent * log(base))")]
    [InlineData("var x >= 0; var y >= 0; s.t. c: 0 <= x complements y >= 0;", "c is a complementarity condition", "mpcc")]
    [InlineData("var x integer >= 0.2, <= 0.8; s.t. c: x >= 0;", "variable x is integer. No whole number", "")]
    public void What_it_does_not_take_is_refused(string model, string what, string remedy)
    {
        using var run = new CommandRun();
        Assert.Equal(1, run.Run("solve", run.File("m.opt", model), "--solver", "projections", "--quiet"));
        Assert.Contains("m.opt:1:", run.Error, StringComparison.Ordinal);
        Assert.Contains(what, run.Error, StringComparison.Ordinal);
        Assert.Contains(remedy, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_and_starts_are_checked()
    {
        using var run = new CommandRun();
        string file = run.File("m.opt", "var x; s.t. c: x^2 = 2;");
        Assert.Equal(2, run.Run("solve", file, "--solver", "projections", "--option", "beta=3"));
        Assert.Contains("a number between 0 and 2", run.Error, StringComparison.Ordinal);
        Assert.Equal(2, run.Run("solve", file, "--solver", "projections", "--option", "inner=newton"));
        Assert.Equal(1, run.Run("solve", file, "--solver", "projections", "--starts", "3"));
        Assert.Contains("leave --starts out", run.Error, StringComparison.Ordinal);
        Assert.Equal(5, run.Run("solve", run.File("n.opt", "var x; s.t. c: x^2 = -1;"), "--solver", "projections", "--option", "max_iter=200", "--quiet"));
        Assert.Contains("says nothing of whether there is a feasible one", run.Output, StringComparison.Ordinal);
    }

    private static JsonElement Solve(CommandRun run, string file)
    {
        Assert.Equal(0, run.Run("solve", file, "--solver", "projections", "--format", "json", "--quiet"));
        using JsonDocument answer = JsonDocument.Parse(run.Output);
        return answer.RootElement.Clone();
    }
}
