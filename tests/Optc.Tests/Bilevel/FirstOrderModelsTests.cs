using System.Text.Json;
using Xunit;

namespace Optc.Tests.Bilevel;

/// <summary>First-order methods named for models with followers.</summary>
public sealed class FirstOrderModelsTests
{
    /// <summary>The follower's answer is y = (1 + x)/(2 + e^x·0) in closed form per j; the sum over j makes samples.</summary>
    private const string Sum =
        "set J := 1..12; param a {j in J} := sin(j); var x := 0.3; var y {J} := 0.1;"
        + " minimize leader: sum {j in J} (y[j] - 0.5*a[j])^2 + 0.1*x^2;"
        + " lower f over y: minimize cost: sum {j in J} (y[j]^2 - a[j]*x*y[j]) ; end;";

    private const string Many =
        "set K := 1..6; param a {k in K} := 1 + k/3; var x := 0.2; var y {K};"
        + " minimize leader: 0.3*(x - 1)^2 + sum {k in K} (y[k] - 1)^2;"
        + " lower f {k in K} over y[k]: minimize cost: a[k]*y[k]^2 - 2*x*y[k]; end;";

    [Theory]
    [InlineData("penalty")]
    [InlineData("penalty-single")]
    [InlineData("lv-hba")]
    [InlineData("sl-bamm")]
    [InlineData("bo-rep")]
    [InlineData("mb-vr")]
    [InlineData("hypergradient")]
    public void Every_method_finished_by_the_conditions_solves_the_model(string method)
    {
        // y_k = x/a_k, so that the leader's problem is a parabola in x.
        using var run = new CommandRun();
        JsonElement json = run.SolveJson(0, run.File("m.opt", Many), "--option", $"method={method}");
        Assert.Equal("Solved", json.GetProperty("status").GetString());
        double top = 0.3, bottom = 0.3;
        for (int k = 1; k <= 6; k++)
        {
            double share = 1.0 / (1.0 + (k / 3.0));
            top += share;
            bottom += share * share;
        }
        Assert.Equal(top / bottom, json.GetProperty("variables").GetProperty("x").GetDouble(), 1e-6);
        Assert.Equal(method + "+kkt", json.GetProperty("bilevel").GetProperty("method").GetString());
        Assert.InRange(json.GetProperty("bilevel").GetProperty("gap").GetDouble(), 0.0, 1e-6);
    }

    [Theory]
    [InlineData("penalty", 0.02)]
    [InlineData("hypergradient", 1e-5)]
    public void Without_the_finish_the_answer_is_not_called_solved(string method, double tolerance)
    {
        // y_j = a_j x/2, so that x = Σ a²/2 / (Σ a²/2 + 0.2).
        using var run = new CommandRun();
        double s = Enumerable.Range(1, 12).Sum(j => Math.Sin(j) * Math.Sin(j)) / 2.0;
        JsonElement json = run.SolveJson(0, run.File("m.opt", Sum), "--option", $"method={method}", "--option", "finish=no");
        Assert.Equal("SolvedToAcceptable", json.GetProperty("status").GetString());
        Assert.Equal(s / (s + 0.2), json.GetProperty("variables").GetProperty("x").GetDouble(), tolerance);
        Assert.InRange(json.GetProperty("bilevel").GetProperty("gap").GetDouble(), 0.0, 1e-6);
    }

    [Theory]
    [InlineData("penalty", "inner_iterations=2000000000")]
    [InlineData("bo-rep", "inner_iterations=100000000")]
    public void The_time_limit_ends_the_inner_iterations(string method, string option)
    {
        using var run = new CommandRun();
        Assert.Equal(5, run.Run("solve", run.File("m.opt", Many), "--option", $"method={method}", "--option", option, "--time-limit", "0.5", "-q"));
        Assert.Contains("TimeLimit", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("with samples", run.Output, StringComparison.Ordinal);
    }

    /// <summary>A sample's curvature is as many times that of the mean as there are samples of separate followers.</summary>
    [Theory]
    [InlineData("penalty")]
    [InlineData("penalty-single")]
    [InlineData("bo-rep")]
    [InlineData("mb-vr")]
    public void Steps_of_samples_are_as_short_as_samples_are_curved(string method)
    {
        using var run = new CommandRun();
        JsonElement json = run.SolveJson(0, run.File("m.opt", Many), "--option", $"method={method}", "--option", "batches=6", "--option", "batch=1");
        Assert.Equal("Solved", json.GetProperty("status").GetString());
    }

    [Theory]
    [InlineData("penalty")]
    [InlineData("mb-vr")]
    [InlineData("sl-bamm")]
    public void A_loose_tolerance_ends_a_method_early(string method)
    {
        using var run = new CommandRun();
        JsonElement json = run.SolveJson(0, run.File("m.opt", Many), "--option", $"method={method}", "--option", "first_order_tolerance=10");
        Assert.InRange(json.GetProperty("iterations").GetProperty("outer").GetInt32(), 1, 100);
    }

    [Fact]
    public void Without_momentum_mb_vr_has_no_corrections_to_divide_by()
    {
        using var run = new CommandRun();
        JsonElement json = run.SolveJson(0, run.File("m.opt", Many), "--option", "method=mb-vr", "--option", "block_batch=2", "--option", "momentum=1");
        Assert.Equal("Solved", json.GetProperty("status").GetString());
    }

    [Fact]
    public void Multipliers_of_the_leader_that_nobody_computed_are_left_out()
    {
        const string Limited =
            "var x >= 0, <= 0.3, := 0.1; var y := 0; minimize F: (x - 2)^2 + (y - 1)^2; s.t. lim: x <= 0.2;"
            + " lower f over y: minimize g: (y - x)^2 + 0.1*y^2; end;";
        using var run = new CommandRun();
        string file = run.File("m.opt", Limited);
        JsonElement bare = run.SolveJson(0, file, "--option", "method=penalty", "--option", "finish=no");
        Assert.Equal("SolvedToAcceptable", bare.GetProperty("status").GetString());
        Assert.Equal(JsonValueKind.Null, bare.GetProperty("constraints").GetProperty("lim").GetProperty("dual").ValueKind);
        JsonElement whole = run.SolveJson(0, file, "--option", "method=penalty");
        Assert.Equal(-5.0876, whole.GetProperty("constraints").GetProperty("lim").GetProperty("dual").GetDouble(), 1e-3);
    }

    [Theory]
    [InlineData("penalty", "leader_step=0.02")]
    [InlineData("penalty-single", "leader_step=0.005")]
    [InlineData("bo-rep", "leader_step=0.005")]
    [InlineData("mb-vr", "leader_step=0.005")]
    public void Samples_of_the_sums_lead_near_the_answer_and_are_said_to_prove_nothing(string method, string step)
    {
        using var run = new CommandRun();
        double s = Enumerable.Range(1, 12).Sum(j => Math.Sin(j) * Math.Sin(j)) / 2.0;
        string[] arguments =
            [run.File("m.opt", Sum), "--option", $"method={method}", "--option", step, "--option", "follower_step=0.05", "--option", "batches=4", "--option", "batch=2", "--option", "finish=no"];
        JsonElement json = run.SolveJson(5, arguments);
        Assert.Equal("IterationLimit", json.GetProperty("status").GetString());
        Assert.Equal(s / (s + 0.2), json.GetProperty("variables").GetProperty("x").GetDouble(), 0.2);
        Assert.Contains("with samples", json.GetProperty("message").GetString(), StringComparison.Ordinal);
        // One seed, one answer.
        Assert.Equal(json.GetProperty("objective").GetDouble(), run.SolveJson(5, arguments).GetProperty("objective").GetDouble());
    }

    [Fact]
    public void A_constrained_follower_is_for_lv_hba_and_several_followers_may_be_sampled()
    {
        using var run = new CommandRun();
        string coupled = run.File("m.opt",
            "var x >= 0, <= 4, := 3; var y {1..2} >= 0; minimize leader: (x - 3)^2 + y[1]^2; "
            + "lower f over y: minimize cost: (y[1] - 2)^2 + (y[2] - 2)^2; subject to room: y[1] + y[2] <= x; end;");
        // y_1 = x/2 while x ≤ 4: (x − 3)² + x²/4 is least at 12/5.
        JsonElement json = run.SolveJson(0, coupled, "--option", "method=lv-hba");
        Assert.Equal(2.4, json.GetProperty("variables").GetProperty("x").GetDouble(), 1e-6);
        Assert.Equal(1, run.Run("solve", coupled, "--option", "method=penalty", "-q"));
        Assert.Contains("room couples followers to the leader", run.Error, StringComparison.Ordinal);
        Assert.Contains("lv-hba", run.Error, StringComparison.Ordinal);
        run.SolveJson(0, run.File("k.opt", Many), "--option", "method=mb-vr", "--option", "block_batch=2", "--option", "leader_step=0.01");
    }

    [Theory]
    [InlineData("hypergradient", "var x; var y >= 0; minimize F: x^2 + y; lower a over y: minimize f: (y - x)^2; end;", "y has a bound")]
    [InlineData("penalty", "var x; var y; minimize F: x^2 + y; subject to top: y <= 1; lower a over y: minimize f: (y - x)^2; end;", "constraint of the leader on followers' variables")]
    [InlineData("lv-hba", "var x; var y; minimize F: x^2 + y; lower a over y: minimize f: (y - x)^2; subject to c: y^2 <= 1; end;", "c is not linear")]
    [InlineData("mb-vr", "var x; var y; var z; minimize F: x^2 + y*z; lower a over y: minimize f: (y - x)^2; end; lower b over z: minimize g: (z - x)^2; end;", "several followers")]
    [InlineData("sl-bamm", "var x; var y; minimize F: x^2 + y; lower a over y: minimize f: (y - x)^2; subject to c: y <= 1; end;", "c is a constraint of the followers")]
    public void What_a_method_does_not_take_is_refused_by_name(string method, string text, string message)
    {
        using var run = new CommandRun();
        Assert.Equal(1, run.Run("solve", run.File("m.opt", text), "--option", $"method={method}", "-q"));
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("method=kkt", "sigma=1", "penalty")]
    [InlineData("method=hypergradient", "period=3", "bo-rep")]
    [InlineData("method=auto", "iterations=10", "first-order methods")]
    [InlineData("method=penalty", "batch=2", "batches")]
    [InlineData("method=penalty", "sigma=-1", "sigma")]
    public void Options_that_a_method_does_not_read_are_refused(string method, string option, string message)
    {
        using var run = new CommandRun();
        Assert.Equal(2, run.Run("solve", run.File("m.opt", Sum), "--option", method, "--option", option, "-q"));
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_hypergradient_that_does_not_exist_is_said_not_to()
    {
        using var run = new CommandRun();
        JsonElement json = run.SolveJson(6, run.File("m.opt",
            "var x := 0.5; var y; var z; minimize F: (x - z)^2 + (y - 1)^2; lower a over y, z: minimize f: y^2 - 2*x*y; end;"), "--option", "method=hypergradient");
        Assert.Contains("not positive definite", json.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

}
