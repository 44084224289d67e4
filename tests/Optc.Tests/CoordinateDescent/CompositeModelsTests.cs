using System.Globalization;
using System.Text.Json;
using Xunit;

namespace Optc.Tests.CoordinateDescent;

/// <summary>Composite models through the command line: recognised, solved, audited, refused.</summary>
public sealed class CompositeModelsTests
{
    private const string Data = """
        param n := 12; param p := 8; set OBS := 1..n; set FEAT := 1..p;
        param X {i in OBS, j in FEAT} := sin(1.7*i*j + 0.3*j);
        param lambda default 0.03;
        param y {i in OBS} := X[i,2] - 0.5*X[i,5] + 0.2*cos(9*i) + 0.4;
        param label {i in OBS} := if sin(5*i) > 0.1 then 1 else 0;
        var b {FEAT}; var b0;

        """;

    private const string L1 = "lambda * sum {j in FEAT} abs(b[j])";

    public static TheoryData<string> Models() => new(
        "minimize f: sum {i in OBS} (y[i] - b0 - sum {j in FEAT} X[i,j]*b[j])^2 / (2*n) + " + L1 + ";",
        "maximize f: -(sum {i in OBS} (y[i] - b0 - sum {j in FEAT} X[i,j]*b[j])^2 / (2*n) + " + L1 + " + 0.1*sum {j in FEAT} b[j]^2);",
        "var z {i in OBS} = b0 + sum {j in FEAT} X[i,j]*b[j]; minimize f: sum {i in OBS} (log(1 + exp(z[i])) - label[i]*z[i]) / n + " + L1 + ";",
        "minimize f: sum {i in OBS} log(1 + exp(-(2*label[i]-1)*sum {j in FEAT} X[i,j]*b[j])) / n + lambda * norm1 {j in FEAT} b[j] + b0^2;",
        "set NZ := {i in OBS, j in FEAT: (i + j) mod 3 = 0}; minimize f: sum {i in OBS} (y[i] - sum {(i,j) in NZ} X[i,j]*b[j])^2 + 0.1*" + L1 + " + (b0-1)^2;",
        "minimize f: sum {i in OBS} huber(y[i] - b0 - sum {j in FEAT} X[i,j]*b[j], 0.3) / n + " + L1 + ";",
        "minimize f: sum {i in OBS} (exp(b0 + sum {j in FEAT} X[i,j]*b[j]) - label[i]*(b0 + sum {j in FEAT} X[i,j]*b[j])) / n + " + L1 + ";",
        "minimize f: sum {i in OBS} max(0, 1 - (2*label[i]-1)*sum {j in FEAT} X[i,j]*b[j])^2 / n + " + L1 + " + b0^2;",
        "var u {FEAT} >= 0, <= 0.2; minimize f: sum {i in OBS} (y[i] - sum {j in FEAT} X[i,j]*u[j])^2 + 0.05*sum {j in FEAT} u[j] + sum {j in FEAT} b[j]^2 + (b0-2)^2;");

    [Theory]
    [InlineData("cd", "auto", "cd")]
    [InlineData("cd", "auglag", "auglag")]
    [InlineData("loqo", "auto", "auglag")]
    public void A_model_may_name_its_solver(string named, string asked, string used)
    {
        using var run = new CommandRun();
        string file = run.File("m.opt", $"option solver {named}; var x := 2; minimize f: (x - 1)^2 + abs(x); solve;");
        Assert.Equal(0, run.Run("solve", file, "--solver", asked, "--format", "json", "--quiet"));
        Assert.Equal(used, JsonDocument.Parse(run.Output).RootElement.GetProperty("solver").GetString());
        Assert.Equal(named == "loqo", run.Error.Contains("option solver has no meaning here", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void The_answer_is_that_of_the_augmented_Lagrangian_method(string model)
    {
        using var run = new CommandRun();
        string file = run.File("m.opt", Data + model);
        JsonElement cd = run.SolveJson(0, file, "--solver", "cd"), other = run.SolveJson(0, file, "--solver", "auglag");
        Assert.Equal("cd", cd.GetProperty("solver").GetString());
        Assert.Equal(other.GetProperty("objective").GetDouble(), cd.GetProperty("objective").GetDouble(), 1e-6);
        JsonElement audit = cd.GetProperty("audit");
        Assert.True(audit.GetProperty("complete").GetBoolean());
    }

    [Theory]
    [InlineData("minimize f: sum {j in FEAT} (b[j]-1)^2 + abs(b[1]-b[2]);", "`abs(b[1]-b[2])`", "couples")]
    [InlineData("minimize f: sum {j in FEAT} b[j]^2 - lambda*sum {j in FEAT} abs(b[j]);", "`abs(b[j])`", "not convex")]
    [InlineData("minimize f: sum {j in FEAT} sin(abs(b[j]));", "`sin(abs(b[j]))`", "not that of a penalty")]
    [InlineData("minimize f: (b[1]*b[2])^2 + abs(b[1]*b[2]);", "`abs(b[1]*b[2])`", "not linear")]
    [InlineData("minimize f: sum {j in FEAT} b[j]^2 + norm2 {j in 1..2} b[j] + norm2 {j in 2..3} b[j];", "`b[j]`", "in two norms")]
    [InlineData("minimize f: sum {j in FEAT} b[j]^2 + norm2 {j in 1..2} j*b[j];", "`j*b[j]`", "factors in the norm differ")]
    [InlineData("minimize f: sum {j in FEAT} b[j]^2 - norm2 {j in 1..2} b[j];", "`norm2 {j in 1..2} b[j]`", "not convex")]
    [InlineData("var u {1..2} >= 0; minimize f: sum {j in FEAT} b[j]^2 + norm2 {j in 1..2} u[j];", "`u[j]`", "has bounds")]
    [InlineData("minimize f: max(b[1], b[2]) + sum {j in FEAT} exp(b[j]);", "`max(b[1], b[2])`", "not that of a penalty")]
    public void What_does_not_fit_is_refused_by_name(string model, string term, string why)
    {
        using var run = new CommandRun();
        Assert.Equal(1, run.Run("solve", run.File("m.opt", Data + model), "--solver", "cd", "-q"));
        Assert.Contains(term, run.Error, StringComparison.Ordinal);
        Assert.Contains(why, run.Error, StringComparison.Ordinal);
        Assert.Contains("m.opt:7:", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_outside_of_the_loss_are_named()
    {
        using var run = new CommandRun();
        string model = Data.Replace("then 1 else 0", "then 2 else 0", StringComparison.Ordinal)
            + "var z {i in OBS} = sum {j in FEAT} X[i,j]*b[j]; minimize f: sum {i in OBS} (log(1 + exp(z[i])) - label[i]*z[i]) + b0^2 + " + L1 + ";";
        Assert.NotEqual(0, run.Run("solve", run.File("m.opt", model), "--solver", "cd", "-q"));
        Assert.Contains("labels are 0 and 1", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void An_objective_without_a_lower_bound_is_said_to_be_unbounded()
    {
        using var run = new CommandRun();
        Assert.NotEqual(0, run.Run("solve", run.File("m.opt", Data + "minimize f: sum {j in FEAT} b[j]^2 - b0;"), "--solver", "cd", "-q"));
        Assert.Contains("Unbounded", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_shows_the_split()
    {
        using var run = new CommandRun();
        string file = run.File("m.opt", Data + "minimize f: sum {i in OBS} (y[i] - b0 - sum {j in FEAT} X[i,j]*b[j])^2 + " + L1 + ";");
        Assert.Equal(0, run.Run("check", file, "--solver", "cd"));
        Assert.Contains("least squares of 12 linear forms in 9 variables", run.Output, StringComparison.Ordinal);
        Assert.Contains("abs on 8, nothing on 1", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cd")]
    [InlineData("auglag")]
    public void A_path_solves_along_a_parameter_and_writes_a_table(string solver)
    {
        using var run = new CommandRun();
        string file = run.File("m.opt", Data + "minimize f: sum {i in OBS} (y[i] - b0 - sum {j in FEAT} X[i,j]*b[j])^2 / (2*n) + " + L1
            + ";\npath lambda := 0.1 .. 0.001 by log 3 > 'path.csv';");
        Assert.Equal(0, run.Run("solve", file, "--solver", solver, "-q"));
        string[] lines = File.ReadAllLines(run.PathOf("path.csv"));
        Assert.Equal("lambda,objective,nonzeros,seconds,status", lines[0]);
        double[] lambdas = [.. lines.Skip(1).Select(line => double.Parse(line.Split(',')[0], CultureInfo.InvariantCulture))];
        Assert.Equal(3, lambdas.Length);
        Assert.Equal(0.01, lambdas[1], 1e-12);
        double[] objectives = [.. lines.Skip(1).Select(line => double.Parse(line.Split(',')[1], CultureInfo.InvariantCulture))];
        Assert.True(objectives[0] > objectives[1] && objectives[1] > objectives[2]);
        Assert.All(lines.Skip(1), line => Assert.EndsWith("Solved", line, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("path lambda := 1 .. 0 by log 5;", "both ends must be positive")]
    [InlineData("path lambda := 1 .. 2 by linear 1;", "whole number of values from 2")]
    [InlineData("path b0 := 1 .. 2 by linear 3;", "runs along a parameter")]
    [InlineData("path lambda := 1 .. 2 by steps 3;", "'log' or 'linear'")]
    public void A_path_that_cannot_be_is_refused(string path, string message)
    {
        using var run = new CommandRun();
        Assert.Equal(1, run.Run("solve", run.File("m.opt", Data + "minimize f: sum {j in FEAT} (b[j]-lambda)^2 + b0^2;\n" + path), "--solver", "cd", "-q"));
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
        Assert.Contains("m.opt:8:", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--sensitivity", "lambda", "cd has no derivatives with respect to parameters")]
    [InlineData("--starts", "5", "cd solves from one start")]
    public void What_cd_does_not_do_is_refused(string option, string value, string message)
    {
        using var run = new CommandRun();
        Assert.Equal(1, run.Run("solve", run.File("m.opt", Data + "minimize f: sum {j in FEAT} (b[j]-lambda)^2 + b0^2;"), "--solver", "cd", "-q", option, value));
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
    }
}
