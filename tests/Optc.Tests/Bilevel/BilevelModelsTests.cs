using System.Text.Json;
using Xunit;

namespace Optc.Tests.Bilevel;

/// <summary>Models with followers through the command line.</summary>
public sealed class BilevelModelsTests
{
    /// <summary>Values of the BOLIB collection.</summary>
    [Theory]
    [InlineData("AiyoshiShimizu1984Ex2Indexed", 0.0)]
    [InlineData("Bard1984a", 3.1111111)]
    [InlineData("Dempe1992b", 28.25)]
    [InlineData("FrankeEtal2018Ex511", 3.0)]
    [InlineData("MershaDempe2006Ex2", -20.0)]
    [InlineData("Mirrlees1999", 1.001806)]
    [InlineData("MitsosBarton2006Ex35", 0.5)]
    [InlineData("Outrata1990Ex1a", -8.917203)]
    [InlineData("OutrataCervinka2009", 0.0)]
    [InlineData("PaulaviciusAdjiman2017a", 0.25)]
    [InlineData("SinhaMaloDeb2014TP7", -1.9607843)]
    [InlineData("TollSettingP2", 4.5)]
    [InlineData("YeZhu2010Ex42", 1.0)]
    public void Real_models_reach_the_best_known_value_with_a_small_gap(string model, double best)
    {
        using var run = new CommandRun();
        JsonElement json = run.SolveJson(0, RealModel(model));
        Assert.Equal(best, json.GetProperty("objective").GetDouble(), 1e-3 * Math.Max(1.0, Math.Abs(best)));
        JsonElement bilevel = json.GetProperty("bilevel");
        Assert.InRange(bilevel.GetProperty("gap").GetDouble(), 0.0, 1e-6);
        Assert.InRange(bilevel.GetProperty("lowerFeasibility").GetDouble(), 0.0, 1e-6);
        Assert.InRange(json.GetProperty("audit").GetProperty("residuals").GetProperty("feasibility").GetDouble(), 0.0, 1e-6);
        Assert.InRange(json.GetProperty("audit").GetProperty("lowerFeasibility").GetDouble(), 0.0, 1e-6);
        Assert.Equal("bilevel", json.GetProperty("solver").GetString());
        Assert.Equal("bilevel", json.GetProperty("class").GetString());
    }

    [Fact]
    public void A_follower_that_some_decisions_leave_without_a_feasible_point_bounds_the_leader()
    {
        using var run = new CommandRun();
        JsonElement json = run.SolveJson(0, run.File("m.opt",
            "var x >= 0, <= 3, := 3; var y <= 1; maximize leader: x; lower f over y: minimize cost: y; subject to c: y >= x; end;"));
        Assert.Equal(1.0, json.GetProperty("objective").GetDouble(), 1e-6);
        Assert.True(json.GetProperty("bilevel").GetProperty("lowerInfeasible").GetInt32() > 0);
    }

    [Fact]
    public void Followers_without_a_feasible_point_anywhere_make_the_model_infeasible()
    {
        using var run = new CommandRun();
        JsonElement json = run.SolveJson(3, run.File("m.opt",
            "var x >= 0, <= 1; var y >= 0, <= 1; minimize leader: x; lower f over y: minimize cost: y; subject to c: y >= x + 2; end;"));
        Assert.Equal("Infeasible", json.GetProperty("status").GetString());
    }

    [Fact]
    public void A_follower_whose_objective_falls_without_limit_has_no_answer()
    {
        using var run = new CommandRun();
        JsonElement json = run.SolveJson(3, run.File("m.opt",
            "var x >= 1, <= 2; var y; minimize leader: (x - 1)^2 + y^2; lower f over y: maximize gain: x*y; end;"));
        Assert.Contains("without limit", json.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.True(json.GetProperty("bilevel").GetProperty("lowerUnbounded").GetInt32() > 0);
    }

    [Fact]
    public void A_follower_that_is_unbounded_at_some_decisions_keeps_the_leader_from_them()
    {
        // x·y on y ≥ 0 has no minimum for x < 0, and y = 0 for x > 0.
        using var run = new CommandRun();
        JsonElement json = run.SolveJson(0, run.File("m.opt",
            "var x >= -2, <= 2, := 1; var y >= 0; minimize leader: (x + 1)^2; lower f over y: minimize cost: x*y; end;"));
        Assert.Equal(1.0, json.GetProperty("objective").GetDouble(), 1e-4);
    }

    [Fact]
    public void With_several_optima_the_leader_chooses_and_the_worst_is_told()
    {
        using var run = new CommandRun();
        string file = run.File("m.opt", "var x >= 0, <= 1; var y >= -1, <= 1; minimize leader: x^2 + y; lower f over y: minimize cost: (x - 2)^2; end;");
        JsonElement json = run.SolveJson(0, file);
        Assert.Equal(-1.0, json.GetProperty("objective").GetDouble(), 1e-6);
        JsonElement bilevel = json.GetProperty("bilevel");
        Assert.True(bilevel.GetProperty("severalOptima").GetBoolean());
        Assert.Equal(1.0, bilevel.GetProperty("pessimistic").GetDouble(), 1e-4);
        Assert.Equal(0, run.Run("solve", file, "-q"));
        Assert.Contains("pessimistic", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void An_answer_without_multipliers_is_found_and_said_to_have_none()
    {
        // The follower's answer jumps from y = x to y = 1 at x = −2, the best decision.
        using var run = new CommandRun();
        JsonElement json = run.SolveJson(0, RealModel("Vogel2012"));
        Assert.Equal("SolvedToAcceptable", json.GetProperty("status").GetString());
        Assert.NotEqual("kkt", json.GetProperty("bilevel").GetProperty("method").GetString());
        Assert.Contains("no multipliers of the leader", json.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Followers_who_have_multipliers_nowhere_are_said_to_be_unsolved()
    {
        // y² ≤ 0 leaves y = 0, where (y − 1)² has a slope that no multiplier balances, whatever the leader decides.
        using var run = new CommandRun();
        JsonElement json = run.SolveJson(6, run.File("m.opt",
            "var x := 1; var y := 1; minimize leader: (x - 2)^2 + (y - 3)^2; lower f over y: minimize cost: (y - 1)^2; subject to c: y^2 <= 0; end;"));
        Assert.Contains("constraint qualification", json.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_nonconvex_follower_is_said_to_be_checked_from_starts_only()
    {
        using var run = new CommandRun();
        JsonElement json = run.SolveJson(0, RealModel("Mirrlees1999"));
        Assert.False(json.GetProperty("bilevel").GetProperty("lowerGlobal").GetBoolean());
        Assert.Contains("starts and no more", json.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal("nonconvex", json.GetProperty("bilevel").GetProperty("lowerClass").GetString());
    }

    [Fact]
    public void A_follower_with_the_leaders_objective_turned_round_is_a_minimax_problem()
    {
        // min over x of max over y in [-1, 1] of x² + x·y − y², whose saddle is the origin.
        using var run = new CommandRun();
        JsonElement json = run.SolveJson(0, run.File("m.opt",
            "var x := 2; var y >= -1, <= 1; minimize cost: x^2 + x*y - y^2; lower nature over y: maximize loss: x^2 + x*y - y^2; end;"));
        Assert.Equal(0.0, json.GetProperty("variables").GetProperty("x").GetDouble(), 1e-4);
        Assert.Equal(0.0, json.GetProperty("objective").GetDouble(), 1e-6);
    }

    [Fact]
    public void Independent_followers_answer_each_for_itself()
    {
        using var run = new CommandRun();
        JsonElement json = run.SolveJson(0, run.File("m.opt",
            """
            set K := 1..20;
            var x := 1; var y {K}; var z {k in K, 1..2};
            minimize leader: (x - 3)^2 + sum {k in K} y[k];
            lower f {k in K} over y[k], {j in 1..2} z[k,j]:
              minimize cost: (y[k] - k*x)^2 + sum {j in 1..2} (z[k,j] - y[k])^2;
              subject to bound: y[k] <= 10;
            end;
            """));
        // y[k] = min(k·x, 10) = k·x until 10/k: the leader's slope is 2(x − 3) + Σ of those k with k·x < 10.
        double x = json.GetProperty("variables").GetProperty("x").GetDouble();
        for (int k = 1; k <= 20; k++)
        {
            Assert.Equal(Math.Min(k * x, 10.0), json.GetProperty("variables").GetProperty($"y[{k}]").GetDouble(), 1e-5);
            Assert.Equal(0.0, json.GetProperty("objectives").GetProperty($"cost[{k}]").GetDouble() - Cost(k * x), 1e-5);
        }
        Assert.Equal(20, json.GetProperty("bilevel").GetProperty("followers").GetInt32());

        static double Cost(double wanted) => wanted <= 10.0 ? 0.0 : (2.0 / 3.0) * (wanted - 10.0) * (wanted - 10.0) * 1.5;
    }

    [Fact]
    public void Kinks_and_shared_sums_of_a_follower_are_the_followers()
    {
        using var run = new CommandRun();
        JsonElement kink = run.SolveJson(0, run.File("kink.opt",
            "var x >= 0, <= 4, := 3; var y; minimize leader: (x - 1)^2 + y^2; lower f over y: minimize cost: 2*abs(y - x) + (y - 1)^2; end;"));
        // For x in [0, 2] the kink holds y = x, and (x − 1)² + x² has its minimum at 1/2.
        Assert.Equal(0.5, kink.GetProperty("variables").GetProperty("y").GetDouble(), 1e-5);
        JsonElement sum = run.SolveJson(0, run.File("sum.opt",
            "set J := 1..30; var x := 1; var y {J} := 1; minimize leader: (x - 2)^2 + (sum {j in J} y[j] - 1)^2; "
            + "lower f over y: minimize cost: exp((sum {j in J} y[j]^2)/10) + sum {j in J} (y[j] - x/30)^2 - logsumexp {j in J} 0; end;"));
        Assert.InRange(sum.GetProperty("bilevel").GetProperty("gap").GetDouble(), 0.0, 1e-6);
        double s = Enumerable.Range(1, 30).Sum(j => sum.GetProperty("variables").GetProperty($"y[{j}]").GetDouble());
        double own = s / 30.0, wanted = sum.GetProperty("variables").GetProperty("x").GetDouble() / 30.0;
        // All y alike: exp(3y²)·y/5 + 2(y − x/30) = 0.
        Assert.Equal(0.0, (Math.Exp(3.0 * own * own) * own / 5.0) + (2.0 * (own - wanted)), 1e-6);
    }

    [Fact]
    public void Multipliers_of_a_follower_are_about_its_own_objective()
    {
        // The follower earns 3 for each unit that the leader's x lets it sell.
        using var run = new CommandRun();
        JsonElement json = run.SolveJson(0, run.File("m.opt",
            "var x >= 0, <= 2; var y >= 0; minimize leader: (x - 1)^2; lower f over y: maximize gain: 3*y; subject to cap: y <= x; end;"));
        Assert.Equal(3.0, json.GetProperty("constraints").GetProperty("cap").GetProperty("dual").GetDouble(), 1e-6);
    }

    [Fact]
    public void A_followers_constraint_without_its_variables_restricts_the_leader()
    {
        using var run = new CommandRun();
        JsonElement json = run.SolveJson(0, run.File("m.opt",
            "var x := 3; var y; minimize leader: x; lower f over y: minimize cost: (y - x)^2; subject to c: x >= 2; end;"));
        Assert.Equal(2.0, json.GetProperty("objective").GetDouble(), 1e-6);
    }

    [Fact]
    public void Check_says_of_which_class_the_lower_level_is()
    {
        using var run = new CommandRun();
        Assert.Equal(0, run.Run("check", RealModel("Outrata1990Ex1a")));
        Assert.Contains("1 follower, strongly convex quadratic", run.Output, StringComparison.Ordinal);
        Assert.Equal(0, run.Run("check", RealModel("TollSettingP2Indexed")));
        Assert.Contains("2 followers, linear", run.Output, StringComparison.Ordinal);
        Assert.Equal(0, run.Run("check", RealModel("Mirrlees1999")));
        Assert.Contains("not proved convex", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("var x; var y; var z; minimize F: x; lower a over y: minimize f: (y - z)^2; end; lower b over z: minimize g: (z - y)^2; end;", "another follower chooses")]
    [InlineData("var x; var y; minimize F: x; lower a over y: minimize f: y^2; end; lower b over y: minimize g: y^2; end;", "chosen by two followers")]
    [InlineData("var x; var y; minimize F: x; lower a over y: minimize f: y^2; minimize g: -y; end;", "two objectives")]
    [InlineData("var x >= 0; var y; var z >= 0; minimize F: x; c: 0 <= x complements y >= 0; lower a over y: minimize f: (y - z)^2; end;", "a variable that a chooses")]
    [InlineData("var x >= 0; var y; var z >= 0; minimize F: x; lower a over y: minimize f: y^2; c: 0 <= y complements x >= 0; end;", "inside the lower problem")]
    public void What_is_no_bilevel_program_is_refused_by_name(string text, string message)
    {
        using var run = new CommandRun();
        Assert.Equal(1, run.Run("solve", run.File("m.opt", text), "-q"));
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Solvers_and_options_that_do_not_fit_are_refused()
    {
        using var run = new CommandRun();
        Assert.Equal(1, run.Run("solve", RealModel("Bard1984a"), "--solver", "auglag", "-q"));
        Assert.Contains("is a lower problem", run.Error, StringComparison.Ordinal);
        string plain = run.File("m.opt", "var x; minimize f: x^2;");
        Assert.Equal(1, run.Run("solve", plain, "--solver", "bilevel", "-q"));
        Assert.Contains("no lower problem", run.Error, StringComparison.Ordinal);
        Assert.Equal(1, run.Run("solve", plain, "--option", "method=kkt", "-q"));
        Assert.Contains("method", run.Error, StringComparison.Ordinal);
        Assert.Equal(2, run.Run("solve", RealModel("Bard1984a"), "--option", "method=best", "-q"));
        Assert.Equal(2, run.Run("solve", RealModel("Bard1984a"), "--option", "gap_tolerance=0", "-q"));
    }

    [Fact]
    public void Conditions_of_the_leader_stand_beside_followers()
    {
        // p or q is zero, the follower answers y = p: (0, 2) costs 1, (0.5, 0) costs 4.75.
        using var run = new CommandRun();
        string file = run.File("m.opt",
            "var p >= 0, := 1; var q >= 0; var y; minimize leader: (p - 1)^2 + (q - 2)^2 + y; either: 0 <= p complements q >= 0; "
            + "lower f over y: minimize cost: (y - p)^2; end;");
        JsonElement json = run.SolveJson(0, file);
        Assert.Equal(1.0, json.GetProperty("objective").GetDouble(), 1e-6);
        Assert.Equal(2.0, json.GetProperty("variables").GetProperty("q").GetDouble(), 1e-5);
        Assert.InRange(json.GetProperty("bilevel").GetProperty("upperFeasibility").GetDouble(), 0.0, 1e-7);
        Assert.InRange(json.GetProperty("audit").GetProperty("residuals").GetProperty("feasibility").GetDouble(), 0.0, 1e-6);
        Assert.Equal(1, run.Run("solve", file, "--option", "method=penalty", "-q"));
        Assert.Contains("complementarity conditions", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("kkt")]
    [InlineData("value")]
    public void A_method_can_be_named(string method)
    {
        using var run = new CommandRun();
        JsonElement json = run.SolveJson(0, RealModel("MitsosBarton2006Ex35"), "--option", $"method={method}");
        Assert.InRange(json.GetProperty("bilevel").GetProperty("gap").GetDouble(), 0.0, 1e-6);
        Assert.Equal(0.5, json.GetProperty("objective").GetDouble(), 1e-3);
    }

    [Fact]
    public void Limits_print_the_best_point()
    {
        using var run = new CommandRun();
        JsonElement json = run.SolveJson(5, RealModel("TollSettingP2"), "--time-limit", "0.000001");
        Assert.Equal("TimeLimit", json.GetProperty("status").GetString());
    }

    private static string RealModel(string name)
    {
        string root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "Dsl.sln")))
            root = Path.GetDirectoryName(root)!;
        return Path.Combine(root, "tests", "models", "bilevel", name + ".opt");
    }
}
