using System.Text.Json;
using Xunit;

namespace Optc.Tests.CoordinateDescent;

/// <summary>Models that are smooth up to separable penalties, through the command line.</summary>
public sealed class BlockModelsTests
{
    private const string Data = """
        param n := 12; set J := 1..n;
        param t {j in J} := sin(3*j);
        var x {J}; var u {1..4} >= 0, <= 0.5, := 0.25;

        """;

    public static TheoryData<string, string> Models()
    {
        var all = new TheoryData<string, string>();
        string[] models =
        [
            "minimize f: sum {j in J} (exp(x[j] - t[j]) - x[j]) + sum {j in 1..n-1} (x[j+1]-x[j])^4 + 0.3*sum {j in J: j mod 2 = 0} abs(x[j]);",
            "minimize f: sum {j in J} log(1 + exp(x[j] - t[j])) + sum {j in J} (x[j] - t[j])^2 + norm1 {j in 1..5} 0.2*x[j] + sum {k in 1..4} (exp(u[k]/2 + x[k]) - log(u[k] + 0.1));",
            "var s {k in 1..3} = sum {j in J: j mod 3 = k - 1} x[j]; maximize f: -sum {k in 1..3} s[k]^4 - sum {j in J} (x[j] - t[j])^2 - 0.1*sum {j in J} abs(x[j]) - sum {k in 1..4} (u[k] - t[k])^2;",
            "fix x[3] := 0.7; minimize f: sum {j in 1..n-1} (x[j+1] - x[j]^2)^2 + sum {j in J} (x[j] - t[j])^2 / 4 + abs(x[1]) / 5 + sum {k in 1..4} (u[k]*x[k] - 1)^2;",
        ];
        foreach (string model in models)
        {
            foreach (string options in new[] { "", "rule=gsl", "rule=cyclic update=gradient block=4", "rule=gsq update=matrix block=3 variable=yes", "acceleration=anderson" }) all.Add(model, options);
        }
        return all;
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void The_answer_is_that_of_the_augmented_Lagrangian_method(string model, string options)
    {
        using var run = new CommandRun();
        string file = run.File("m.opt", Data + model);
        JsonElement cd = Solve(run, file, ["--solver", "cd", .. Pairs(options)]), other = Solve(run, file, ["--solver", "auglag"]);
        Assert.Equal("cd", cd.GetProperty("solver").GetString());
        Assert.Equal("Solved", cd.GetProperty("status").GetString());
        Assert.Equal(other.GetProperty("objective").GetDouble(), cd.GetProperty("objective").GetDouble(), 1e-6);
    }

    [Theory]
    [InlineData("")]
    [InlineData("rule=gs")]
    [InlineData("acceleration=dual_averaging")]
    public void Norms_of_groups_are_kept_at_zero_or_away_from_it(string options)
    {
        using var run = new CommandRun();
        const string Loss = "minimize f: sum {i in J} (t[i] - sum {j in 1..8} cos(i*j)*x[j])^2 + 2*sum {g in 1..4} ";
        string file = run.File("m.opt", Data + Loss + "norm2 {j in 2*g-1..2*g} x[j] + sum {j in 9..n} x[j]^2 + sum {k in 1..4} u[k];");
        string smoothed = run.File("s.opt", Data.Replace("var x {J}", "var x {J} := 0.1", StringComparison.Ordinal) + Loss + "sqrt(1e-12 + x[2*g-1]^2 + x[2*g]^2) + sum {j in 9..n} x[j]^2 + sum {k in 1..4} u[k];");
        JsonElement cd = Solve(run, file, ["--solver", "cd", .. Pairs(options)]), other = Solve(run, smoothed, ["--solver", "auglag"]);
        Assert.Equal(other.GetProperty("objective").GetDouble(), cd.GetProperty("objective").GetDouble(), 2e-5);
        double[] x = [.. Enumerable.Range(1, 8).Select(j => cd.GetProperty("variables").GetProperty($"x[{j}]").GetDouble())];
        Assert.Contains(Enumerable.Range(0, 4), g => x[2 * g] == 0 && x[(2 * g) + 1] == 0);
        Assert.Contains(Enumerable.Range(0, 4), g => x[2 * g] != 0 && x[(2 * g) + 1] != 0);
    }

    [Fact]
    public void Losses_of_linear_forms_take_rules_when_one_is_named()
    {
        using var run = new CommandRun();
        string file = run.File("m.opt", Data + "minimize f: sum {i in J} (t[i] - sum {j in J} cos(i*j)*x[j])^2 + 0.3*sum {j in J} abs(x[j]) + sum {k in 1..4} (u[k]-1)^2;");
        JsonElement plain = Solve(run, file, ["--solver", "cd"]);
        foreach (string options in new[] { "rule=gsq", "update=matrix block=4", "rule=lipschitz finish=no", "acceleration=variance_reduction block=4" })
            Assert.Equal(plain.GetProperty("objective").GetDouble(), Solve(run, file, ["--solver", "cd", .. Pairs(options)]).GetProperty("objective").GetDouble(), 1e-9);
    }

    [Theory]
    [InlineData("asynchronous=yes clock=simulated delay=2:20")]
    [InlineData("asynchronous=yes blocks=4")]
    [InlineData("asynchronous=no clock=simulated anchor=0")]
    public void Workers_find_the_same_answer_and_tell_their_delays(string options)
    {
        using var run = new CommandRun();
        foreach (string smooth in new[] { "sum {i in J} log(1 + exp(t[i] - sum {j in J} cos(i*j)*x[j]))", "sum {j in 1..n-1} (x[j] - x[j+1])^2 + sum {j in J} (x[j]^2 + x[1]*t[j]*x[j]/9)" })
        {
            string file = run.File("m.opt", Data + $"minimize f: {smooth} + 0.3*sum {{j in J}} abs(x[j]) + sum {{k in 1..4}} u[k];");
            JsonElement plain = Solve(run, file, ["--solver", "cd"]), workers = Solve(run, file, ["--solver", "cd", .. Pairs(options)]);
            Assert.Equal(plain.GetProperty("objective").GetDouble(), workers.GetProperty("objective").GetDouble(), 1e-9);
            JsonElement[] blocks = [.. workers.GetProperty("blocks").EnumerateArray()];
            Assert.Equal(16, blocks.Sum(b => b.GetProperty("variables").GetInt32()));
            if (options.Contains("delay", StringComparison.Ordinal)) Assert.True(blocks[1].GetProperty("largest_delay").GetInt32() > 20);
        }
    }

    [Fact]
    public void Workers_refuse_what_has_no_bounded_second_derivatives()
    {
        using var run = new CommandRun();
        string file = run.File("m.opt", Data + "minimize f: sum {j in J} exp(x[j]) + sum {k in 1..4} u[k];");
        Assert.Equal(1, run.Run("solve", file, "--solver", "cd", "-q", "--option", "asynchronous=yes"));
        Assert.Contains("need a bound on second derivatives", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_shows_the_split()
    {
        using var run = new CommandRun();
        string file = run.File("m.opt", Data + "minimize f: sum {j in J} exp(x[j]^2) + 0.3*sum {j in J} abs(x[j]) + sum {k in 1..4} u[k]^3;");
        Assert.Equal(0, run.Run("check", file, "--solver", "cd"));
        Assert.Contains("nonlinear terms in 16 variables", run.Output, StringComparison.Ordinal);
        Assert.Contains("abs on 12, bounds on 4", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rule=gs screening=no", "leave one of them out")]
    [InlineData("rule=fastest", "cyclic, shuffled, random, lipschitz, gs, gsl or gsq")]
    [InlineData("variable=yes", "name rule=gs")]
    [InlineData("acceleration=variance_reduction rule=cyclic", "leave one of them out")]
    [InlineData("acceleration=dual_averaging finish=no", "leave one of them out")]
    [InlineData("asynchronous=yes rule=gs", "Option rule is not one of updates by workers")]
    [InlineData("delay=3", "k:factor")]
    [InlineData("blocks=0", "a whole number from 1")]
    [InlineData("ruel=gs", "Unknown option 'ruel'")]
    public void Wrong_options_are_refused_before_the_model_is_read(string options, string why)
    {
        using var run = new CommandRun();
        Assert.Equal(2, run.Run(["solve", run.File("m.opt", "nonsense"), "--solver", "cd", "-q", .. Pairs(options)]));
        Assert.Contains(why, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_for_losses_are_refused_on_other_models()
    {
        using var run = new CommandRun();
        string file = run.File("m.opt", Data + "minimize f: sum {j in J} sin(x[j]) + sum {k in 1..4} u[k];");
        Assert.Equal(1, run.Run("solve", file, "--solver", "cd", "-q", "--option", "screening=no"));
        Assert.Contains("is for losses of linear forms", run.Error, StringComparison.Ordinal);
        Assert.Equal(1, run.Run("solve", file, "--solver", "cd", "-q", "--option", "acceleration=variance_reduction"));
        Assert.Contains("name acceleration=dual_averaging", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("minimize f: sum {i in J} (t[i] - sum {j in J} cos(i*j)*x[j])^2 + 0.3*sum {j in J} abs(x[j]) + sum {k in 1..4} (u[k]-1)^2;", "")]
    [InlineData("fix x[4] := 0.1; maximize f: -sum {i in J} (log(1 + exp(sum {j in J} cos(i*j)*x[j])) - (if t[i] > 0 then 1 else 0)*sum {j in J} cos(i*j)*x[j]) - 0.1*sum {j in J} abs(x[j]) + sum {k in 1..4} u[k];", "rule=gsl")]
    public void Linear_constraints_of_losses_are_kept_with_their_multipliers(string objective, string options)
    {
        using var run = new CommandRun();
        string file = run.File("m.opt", Data + objective + " subject to zero: sum {j in J} x[j] = 0.2; subject to order {j in 1..n-1 by 2}: x[j] >= x[j+1] + 0.01; subject to range: -5 <= x[1] + u[1] + 1 <= 50;");
        JsonElement cd = Solve(run, file, ["--solver", "cd", .. Pairs(options)]), other = Solve(run, file, ["--solver", "auglag"]);
        Assert.Equal("Solved", cd.GetProperty("status").GetString());
        Assert.Equal(other.GetProperty("objective").GetDouble(), cd.GetProperty("objective").GetDouble(), 1e-6);
        foreach (JsonProperty row in other.GetProperty("constraints").EnumerateObject())
        {
            JsonElement mine = cd.GetProperty("constraints").GetProperty(row.Name);
            Assert.Equal(row.Value.GetProperty("dual").GetDouble(), mine.GetProperty("dual").GetDouble(), 1e-5);
            Assert.Equal(row.Value.GetProperty("value").GetDouble(), mine.GetProperty("value").GetDouble(), 1e-5);
        }
    }

    [Theory]
    [InlineData("x[1]^2 + x[2] <= 1", "sum {j in J} (x[j] - t[j])^2", "constraint c: it is not linear")]
    [InlineData("abs(x[1]) <= 1", "sum {j in J} (x[j] - t[j])^2", "constraint c: it has max, min or abs")]
    [InlineData("x[1] + x[2] <= 1", "sum {j in J} exp(x[j]^2)", "only where the objective is a loss")]
    public void Constraints_that_cannot_be_kept_are_refused_by_name(string row, string objective, string why)
    {
        using var run = new CommandRun();
        string file = run.File("m.opt", Data + $"minimize f: {objective}; subject to fine: x[3] + x[4] <= 5; subject to c: {row};");
        Assert.Equal(1, run.Run("solve", file, "--solver", "cd", "-q"));
        Assert.Contains(why, run.Error, StringComparison.Ordinal);
        Assert.Contains("auglag", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("asynchronous=yes")]
    [InlineData("delay=1:5")]
    public void Workers_refuse_models_with_constraints(string option)
    {
        using var run = new CommandRun();
        string file = run.File("m.opt", Data + "minimize f: sum {j in J} (x[j] - t[j])^2 + sum {k in 1..4} u[k]; subject to c: x[1] + x[2] <= 1;");
        string why = $"option {option.Split('=')[0]} is for workers on threads, which keep no constraints";
        Assert.Equal(1, run.Run("solve", file, "--solver", "cd", "-q", "--option", option));
        Assert.Contains(why, run.Error, StringComparison.Ordinal);
        Assert.Contains("leave the option out", run.Error, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Pairs(string options) => options.Split(' ', StringSplitOptions.RemoveEmptyEntries).SelectMany(pair => new[] { "--option", pair });

    private static JsonElement Solve(CommandRun run, string file, string[] arguments) => run.SolveJson(0, [file, .. arguments]);
}
