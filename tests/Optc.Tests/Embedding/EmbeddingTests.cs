using System.Diagnostics;
using Optc.Runtime.Solution;
using Xunit;

namespace Optc.Tests.Embedding;

/// <summary>The façade that programs embed.</summary>
public sealed class EmbeddingTests
{
    private const string Portfolio = """
        set ASSETS;
        param mu {ASSETS};
        param Sigma {ASSETS, ASSETS};
        param target default 0.06;
        param scale := 2 * target;
        var w {a in ASSETS} >= 0, <= 0.6, := 1 / card(ASSETS);
        minimize risk: sum {a in ASSETS, b in ASSETS} Sigma[a,b] * w[a] * w[b];
        subject to budget: sum {a in ASSETS} w[a] = 1;
        subject to ret: sum {a in ASSETS} mu[a] * w[a] + scale - 2 * target >= target;
        data;
        param: ASSETS: mu := bonds 0.04 stocks 0.10 gold 0.06;
        param Sigma: bonds stocks gold :=
          bonds 0.010 0.002 0.001  stocks 0.002 0.060 0.004  gold 0.001 0.004 0.030;
        """;

    private const string Chain = """
        param n := 5;
        param c {1..n} default 1;
        var x {1..n} := 2;
        maximize f: -sum {i in 1..n} (x[i] - c[i])^2;
        subject to order {i in 1..n-1}: x[i] <= x[i+1];
        """;

    [Fact]
    public void A_changed_parameter_gives_the_answer_of_a_fresh_model()
    {
        var model = OptcModel.Parse(Portfolio);
        var session = model.CreateSession();
        foreach (double target in new[] { 0.05, 0.07, 0.065, 0.08, 0.06 })
        {
            model.SetParameter("target", target);
            Assert.Equal(SolveStatus.Solved, session.Solve());
            var fresh = OptcModel.Parse(Portfolio);
            fresh.SetParameter("target", target);
            var cold = fresh.CreateSession();
            Assert.Equal(SolveStatus.Solved, cold.Solve());
            Assert.Equal(cold.Objective, session.Objective, 9);
            for (var k = 0; k < 3; k++)
                Assert.Equal(cold.Values("w")[k], session.Values("w")[k], 6);
            Assert.True(session.Audit().Residuals.Largest < 1e-7, $"audit {session.Audit().Residuals}");
        }
    }

    [Fact]
    public void Indexed_data_are_set_in_the_order_of_their_index_sets()
    {
        var model = OptcModel.Parse(Portfolio);
        var session = model.CreateSession();
        session.Solve();
        // Independent assets of equal return: weights are inversely proportional to the variances.
        model.SetParameter("mu", [0.1, 0.1, 0.1]);
        model.SetParameter("Sigma", [0.02, 0, 0, 0, 0.04, 0, 0, 0, 0.04]);
        Assert.Equal(SolveStatus.Solved, session.Solve());
        Assert.Equal(["bonds", "stocks", "gold"], model.Subscripts("w"));
        Assert.Equal(0.5, session.Values("w")[0], 7);
        Assert.Equal(0.25, session.Values("w")[1], 7);
        Assert.Equal(0.01, session.Objective, 9);
        Assert.Equal(0.02, session.Duals("budget")[0], 6);
        Assert.Equal(1.0, session.Bodies("budget")[0], 8);
    }

    [Fact]
    public void Solving_again_allocates_nothing()
    {
        var model = OptcModel.Parse(Portfolio);
        var session = model.CreateSession();
        var targets = new[] { 0.05, 0.055, 0.06, 0.065, 0.07 };
        foreach (double target in targets)
        {
            model.SetParameter("target", target);
            Assert.Equal(SolveStatus.Solved, session.Solve());
            Assert.Equal(1, session.Duals("ret").Length + 3 - session.Values("w").Length);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        var sum = 0.0;
        foreach (double target in targets)
        {
            model.SetParameter("target", target);
            session.Solve();
            sum += session.Values("w")[0] + session.Duals("ret")[0];
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(double.IsFinite(sum));
        Assert.Equal(0, allocated);
    }

    [Fact]
    public void A_parameter_that_shapes_sets_compiles_the_problem_again()
    {
        var model = OptcModel.Parse(Chain);
        var session = model.CreateSession();
        Assert.Equal(SolveStatus.Solved, session.Solve());
        Assert.Equal(5, session.Values("x").Length);
        model.SetParameter("n", 8);
        Assert.Equal(SolveStatus.Solved, session.Solve());
        Assert.Equal(8, session.Values("x").Length);
        model.SetParameter("c", [3, 1, 4, 1, 5, 9, 2, 6]);
        Assert.Equal(SolveStatus.Solved, session.Solve());
        // Isotonic regression of 3 1 4 1 5 9 2 6: pools {3,1} and {4,1} and {9,2} and so on.
        double[] expected = [2, 2, 2.5, 2.5, 5, 5.5, 5.5, 6];
        for (var k = 0; k < 8; k++)
            Assert.Equal(expected[k], session.Values("x")[k], 6);
        Assert.Equal(-(1 + 1 + 2.25 + 2.25 + 12.25 + 12.25), session.Objective, 6);
    }

    [Fact]
    public void Members_of_a_set_can_be_given()
    {
        var model = OptcModel.Parse("""
            set S default {1};
            param p {S} default 2;
            var x {S} := 0;
            minimize f: sum {s in S} (x[s] - p[s])^2;
            """);
        model.SetMembers("S", ["north", "south", 7]);
        var session = model.CreateSession();
        Assert.Equal(SolveStatus.Solved, session.Solve());
        Assert.Equal(["north", "south", "7"], model.Subscripts("x"));
        Assert.Equal(2, session.Values("x")[2], 8);
    }

    [Fact]
    public void A_maximised_objective_has_multipliers_in_its_own_sense()
    {
        var model = OptcModel.Parse("param cap := 3; var x >= 0; maximize f: 10*x - x^2; subject to limit: x <= cap;");
        var session = model.CreateSession();
        session.Solve();
        double dual = session.Duals("limit")[0];
        double objective = session.Objective;
        model.SetParameter("cap", 3 + 1e-4);
        session.Solve();
        Assert.Equal((session.Objective - objective) / 1e-4, dual, 3);
        Assert.Equal(4, dual, 6);
    }

    [Fact]
    public void Functions_and_derivatives_are_open_to_other_solvers()
    {
        var problem = OptcModel.Parse(Portfolio).Problem;
        double[] x = [0.2, 0.3, 0.5];
        var gradient = new double[3];
        double f = problem.Gradient(x, gradient);
        Assert.Equal(problem.Objective(x), f);
        for (var k = 0; k < 3; k++)
        {
            double h = 1e-6;
            double[] up = [.. x], down = [.. x];
            up[k] += h;
            down[k] -= h;
            Assert.Equal((problem.Objective(up) - problem.Objective(down)) / (2 * h), gradient[k], 8);
        }

        Assert.Equal(6, problem.JacobianPattern.Count);
        Assert.Equal(6, problem.HessianPattern.Count);
    }

    [Fact]
    public void Progress_and_cancellation_reach_the_solver()
    {
        var model = OptcModel.Parse(Portfolio);
        var session = model.CreateSession();
        var lines = 0;
        session.Progress = _ => lines++;
        session.Solve();
        Assert.True(lines > 0);
        using var source = new CancellationTokenSource();
        source.Cancel();
        session.WarmStart = false;
        Assert.Equal(SolveStatus.Interrupted, session.Solve(source.Token));
        Assert.True(double.IsFinite(session.Residuals.Feasibility));
    }

    [Theory]
    [InlineData("nothing", "no parameter nothing")]
    [InlineData("w", "not a numeric parameter")]
    [InlineData("ASSETS", "not a numeric parameter")]
    public void A_wrong_parameter_is_refused(string name, string fragment)
    {
        var model = OptcModel.Parse(Portfolio);
        var error = Assert.Throws<ArgumentException>(() => model.SetParameter(name, 1));
        Assert.Contains(fragment, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_number_of_values_is_refused()
    {
        var model = OptcModel.Parse(Portfolio);
        var error = Assert.Throws<ArgumentException>(() => model.SetParameter("mu", [1.0, 2.0]));
        Assert.Contains("3 values", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_text_throws_its_diagnostic()
    {
        var error = Assert.Throws<OptcException>(() => OptcModel.Parse("var x;\nminimize f: y;"));
        Assert.Equal((2, 13), (error.Line, error.Column));
        Assert.Contains("y is not declared", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Reading_before_solving_is_refused()
    {
        var session = OptcModel.Parse(Portfolio).CreateSession();
        Assert.Throws<InvalidOperationException>(() => session.Objective);
        Assert.Throws<InvalidOperationException>(() => session.Values("w").Length);
    }

    [Fact]
    public void The_example_program_prints_an_efficient_frontier()
    {
        string configuration = AppContext.BaseDirectory.Contains("Release", StringComparison.Ordinal) ? "Release" : "Debug";
        string root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "Dsl.sln")))
            root = Path.GetDirectoryName(root)!;
        string program = Path.Combine(root, "examples", "Embedding", "bin", configuration, "net10.0", "Embedding.dll");
        using var process = Process.Start(new ProcessStartInfo("dotnet", [program]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        string output = process.StandardOutput.ReadToEnd();
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors);
        string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(9, lines.Length);
        double[] risks = [.. lines[1..7].Select(line => double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture))];
        Assert.Equal(risks.Order(), risks);
    }
}
