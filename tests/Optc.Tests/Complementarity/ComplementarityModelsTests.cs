using System.Text.Json;
using Xunit;

namespace Optc.Tests.Complementarity;

/// <summary>Models with complementarity conditions through the command line.</summary>
public sealed class ComplementarityModelsTests
{
    [Theory]
    [InlineData("bard1", "S", true)]
    [InlineData("desilva", "S", true)]
    [InlineData("kojima-shindo", "S", true)]
    [InlineData("ralph2", "S", true)]
    [InlineData("scholtes1", "S", true)]
    [InlineData("ralph1", "M", true)]
    [InlineData("scholtes4", "M", true)]
    public void The_kind_of_stationarity_is_that_of_the_literature(string model, string kind, bool isBStationary)
    {
        using var run = new CommandRun();
        JsonElement json = run.SolveJson(0, RealModel(model));
        JsonElement conditions = json.GetProperty("complementarity");
        Assert.Equal(kind, conditions.GetProperty("stationarity").GetString());
        Assert.Equal(isBStationary, conditions.GetProperty("bStationary").GetBoolean());
        Assert.InRange(conditions.GetProperty("residual").GetDouble(), 0.0, 1e-8);
        Assert.InRange(json.GetProperty("audit").GetProperty("conditions").GetDouble(), 0.0, 1e-7);
        Assert.True(json.GetProperty("audit").GetProperty("complete").GetBoolean());
        Assert.Equal("mpcc", json.GetProperty("solver").GetString());
        Assert.Equal("complementarity", json.GetProperty("class").GetString());
    }

    [Fact]
    public void The_obstacle_problem_agrees_with_projected_Gauss_Seidel()
    {
        using var run = new CommandRun();
        const int N = 32;
        JsonElement u = run.SolveJson(0, RealModel("obstacle"), "--set", $"n={N}").GetProperty("variables");
        double[] reference = Membrane(N);
        for (int k = 0; k <= N; k++) Assert.Equal(reference[k], u.GetProperty($"u[{k}]").GetDouble(), 1e-7);
    }

    [Fact]
    public void The_answer_in_words_says_what_the_conditions_are()
    {
        using var run = new CommandRun();
        Assert.Equal(0, run.Run("solve", RealModel("ralph1"), "-q"));
        Assert.Contains("1 complementarity conditions", run.Output, StringComparison.Ordinal);
        Assert.Contains("1 biactive; M-stationary, B-stationary", run.Output, StringComparison.Ordinal);
        Assert.Contains("c.R", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_without_conditions_has_no_such_field()
    {
        using var run = new CommandRun();
        JsonElement json = run.SolveJson(0, run.File("m.opt", "var x; minimize f: (x - 1)^2;"));
        Assert.False(json.TryGetProperty("complementarity", out _));
        Assert.False(json.GetProperty("audit").TryGetProperty("conditions", out _));
    }

    [Fact]
    public void An_infeasible_system_names_its_worst_conditions()
    {
        using var run = new CommandRun();
        string file = run.File("m.opt", "var x {1..3} >= 0; var y {1..3} >= 0; minimize f: sum {i in 1..3} (x[i] + y[i]); c {i in 1..3}: 0 <= x[i] complements y[i] >= 0; d: x[2] >= 1; e: y[2] >= 2;");
        JsonElement json = run.SolveJson(3, file);
        Assert.Equal("Infeasible", json.GetProperty("status").GetString());
        Assert.Equal(["c[2]"], json.GetProperty("complementarity").GetProperty("worst").EnumerateArray().Select(w => w.GetString()));
        Assert.Equal(JsonValueKind.Null, json.GetProperty("complementarity").GetProperty("stationarity").ValueKind);
        Assert.Contains("c[2]", json.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_maximised_objective_has_duals_in_its_own_sense()
    {
        // max x + 3y on the half axes up to 2: y = 2, worth 3 for each unit of its bound.
        using var run = new CommandRun();
        JsonElement json = run.SolveJson(0, run.File("m.opt", "var x >= 0; var y >= 0; maximize f: x + 3*y; c: 0 <= x complements y >= 0; cap: x + y <= 2;"));
        Assert.Equal(6.0, json.GetProperty("objective").GetDouble(), 1e-6);
        Assert.Equal(3.0, json.GetProperty("constraints").GetProperty("cap").GetProperty("dual").GetDouble(), 1e-6);
        Assert.Equal(-2.0, json.GetProperty("reducedCosts").GetProperty("x").GetDouble(), 1e-6);
    }

    [Fact]
    public void Limits_and_interrupts_print_the_best_point()
    {
        using var run = new CommandRun();
        JsonElement json = run.SolveJson(5, RealModel("obstacle"), "--time-limit", "0.000001");
        Assert.Equal("TimeLimit", json.GetProperty("status").GetString());
        Assert.True(json.GetProperty("variables").GetProperty("u[3]").TryGetDouble(out _));
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Equal(5, run.Run(cancelled.Token, "solve", RealModel("obstacle"), "--format", "json", "-q"));
        Assert.Contains("Interrupted", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_solver_that_does_not_fit_is_refused()
    {
        using var run = new CommandRun();
        Assert.Equal(1, run.Run("solve", RealModel("ralph1"), "--solver", "auglag", "-q"));
        Assert.Contains("c is a complementarity condition", run.Error, StringComparison.Ordinal);
        Assert.Contains("ralph1.opt", run.Error, StringComparison.Ordinal);
        Assert.Equal(1, run.Run("solve", run.File("m.opt", "var x; minimize f: x^2;"), "--solver", "mpcc", "-q"));
        Assert.Contains("no complementarity conditions for mpcc", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_variable_twice_bounded_is_kept_apart_from_its_condition()
    {
        // x >= 1 excludes the side x = 0, so that the other side is the equation.
        using var run = new CommandRun();
        JsonElement json = run.SolveJson(0, run.File("m.opt", "var x >= 1, := 3; var y; minimize f: x + (y - 2)^2; c: 0 <= x complements y >= 1;"));
        Assert.Equal(2.0, json.GetProperty("objective").GetDouble(), 1e-6);
        Assert.Equal(1.0, json.GetProperty("variables").GetProperty("y").GetDouble(), 1e-6);
    }

    [Fact]
    public void Sessions_follow_new_data()
    {
        OptcModel model = OptcModel.Parse("param p := 1; var x >= 0; var y >= 0; minimize f: (x - p)^2 + (y - 1)^2; c: 0 <= x complements y >= 0;");
        Assert.Single(model.Conditions);
        OptcSession session = model.CreateSession();
        session.Solve();
        model.SetParameter("p", 3.0);
        session.Solve();
        Assert.Equal(1.0, session.Objective, 1e-6);
        Assert.Equal(3.0, session.Values("x")[0], 1e-6);
        Assert.Equal(0, session.Complementarity!.BiactiveCount);
    }

    private static string RealModel(string name)
    {
        string root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "Dsl.sln")))
            root = Path.GetDirectoryName(root)!;
        return Path.Combine(root, "tests", "models", "complementarity", name + ".opt");
    }

    /// <summary>u ≥ ψ, 2u_k − u_{k−1} − u_{k+1} ≥ 0, one of them an equation.</summary>
    private static double[] Membrane(int n)
    {
        var u = new double[n + 1];
        for (int sweep = 0; sweep < 20000; sweep++)
        {
            for (int k = 1; k < n; k++)
            {
                double x = (double)k / n;
                u[k] = Math.Max(1.0 - (8.0 * (x - 0.5) * (x - 0.5)), 0.5 * (u[k - 1] + u[k + 1]));
            }
        }
        return u;
    }
}
