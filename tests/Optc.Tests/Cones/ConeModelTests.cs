using System.Text.Json;
using Xunit;

namespace Optc.Tests.Cones;

/// <summary>Models that <c>--solver admm</c> takes as cones: what it finds against auglag, what <c>check</c> shows, what is refused and where.</summary>
public sealed class ConeModelTests
{
    private const string Risk = """
        set A := 1..3;
        param mu {i in A} := 0.03 + 0.02*i;
        param S {i in A, j in A} := if i = j then 0.02*i else 0.001*(i + j);
        var w {i in A} >= 0, := i/6;
        maximize ret: sum {i in A} mu[i]*w[i];
        s.t. budget: sum {i in A} w[i] = 1;
        s.t. risk: sqrt(sum {i in A, j in A} S[i,j]*w[i]*w[j]) <= 0.13;
        s.t. turnover: norm2 {i in A} (w[i] - 1/3) <= 0.3;
        """;

    private const string Geometric = """
        var h; var w; var d;
        maximize volume: h + w + d;
        s.t. wall: log(2*exp(h + w) + 2*exp(h + d)) <= log(200);
        s.t. ground: w + d <= log(60);
        s.t. ratio {k in 1..2}: (if k = 1 then h - w else d - w) <= log(2);
        """;

    private const string Entropy = """
        var p {1..6} >= 0, := 1/6;
        maximize entropy: -sum {i in 1..6} p[i]*log(p[i]);
        s.t. total: sum {i in 1..6} p[i] = 1;
        s.t. mean: sum {i in 1..6} i*p[i] = 4.5;
        """;

    private const string Logistic = """
        param x {i in 1..30, j in 1..3} := sin(1.3*i*j);
        var b {1..3}; var c;
        minimize loss: sum {i in 1..30} log(1 + exp((if i mod 3 = 0 then -1 else 1)*(c + sum {j in 1..3} x[i,j]*b[j])));
        s.t. cap: exp(b[1]) + exp(-b[2]) <= 1.9;
        s.t. q: sum {j in 1..3} b[j]^2 + b[1]*b[2] + b[3] <= 0.05;
        """;

    private const string Powers = """
        var x >= 0.1, := 1; var y >= 0, := 1; var z >= 0, := 1;
        minimize f: 2/x + x^3 + y^1.5 + (x - y + 1)^4 + x^2/(y + 1) + huber(z - 3, 0.5) + 1/sqrt(z + 1);
        s.t. mean: sqrt(x*y) >= 0.4;
        s.t. root: sqrt(z) + log(y + 1) >= 1.2;
        s.t. kl: z*log(z/(x + 0.5)) <= 0.9;
        """;

    private const string Softmax = """
        var x {1..4};
        minimize f: logsumexp {i in 1..4} (i*x[i] - x[1]) + 0.5*sum {i in 1..4} x[i]^2 - x[3];
        s.t. rows {k in 1..3}: sqrt(x[k]^2 + x[k+1]^2 + 0.04) <= 0.25;
        """;

    [Theory]
    [InlineData(Risk)]
    [InlineData(Geometric)]
    [InlineData(Entropy)]
    [InlineData(Logistic)]
    [InlineData(Powers)]
    [InlineData(Softmax)]
    public void Answers_and_multipliers_are_those_of_auglag(string model)
    {
        using var run = new CommandRun();
        string file = run.File("m.opt", model);
        JsonElement cone = run.SolveJson(0, file, "--solver", "admm"), other = run.SolveJson(0, file, "--solver", "auglag");
        Assert.Equal("admm", cone.GetProperty("solver").GetString());
        double f = other.GetProperty("objective").GetDouble();
        Assert.Equal(f, cone.GetProperty("objective").GetDouble(), 1e-7 * (1.0 + Math.Abs(f)));
        foreach (JsonProperty row in other.GetProperty("constraints").EnumerateObject())
        {
            double dual = row.Value.GetProperty("dual").GetDouble();
            Assert.Equal(dual, cone.GetProperty("constraints").GetProperty(row.Name).GetProperty("dual").GetDouble(), 1e-5 * (1.0 + Math.Abs(dual)));
        }
    }

    /// <summary>A group of zeros has no gradient; the known answer: below the threshold all groups vanish, where 0 is optimal by ‖Xᵀy‖ ≤ λ.</summary>
    [Fact]
    public void A_norm_may_be_zero()
    {
        const string Group = "var b {1..2, 1..2}; minimize f: 0.5*(b[1,1] - 3)^2 + 0.5*(b[1,2] - 4)^2 + 0.5*(b[2,1] - 0.3)^2 + 0.5*b[2,2]^2 + sum {g in 1..2} norm2 {k in 1..2} b[g,k];";
        using var run = new CommandRun();
        JsonElement json = run.SolveJson(0, run.File("g.opt", Group), "--solver", "admm");
        // The first group shrinks by 1 − 1/5, the second vanishes.
        Assert.Equal(0.5 + 4.0 + 0.045, json.GetProperty("objective").GetDouble(), 1e-7);
        Assert.Equal(2.4, json.GetProperty("variables").GetProperty("b[1,1]").GetDouble(), 1e-6);
    }

    /// <summary>f = √(x² + ε²) + x/2 is least at x = −ε/√3, where it is ε √3/2; a norm with a constant entry has no tip.</summary>
    [Fact]
    public void A_smoothed_norm_is_not_taken_for_its_tip()
    {
        using var run = new CommandRun();
        JsonElement json = run.SolveJson(0, run.File("t.opt", "var x := 1; minimize f: sqrt(x^2 + 1e-12) + 0.5*x;"), "--solver", "admm");
        Assert.Equal(Math.Sqrt(0.75) * 1e-6, json.GetProperty("objective").GetDouble(), 1e-12);
    }

    [Theory]
    [InlineData("var x >= 0, <= 5, := 2; var y >= 1, <= 2, := 1; minimize f: x*log(x/y) - x;")]
    [InlineData("var x <= 5, := 2; var y >= 1, <= 2, := 1; minimize f: x*log(x/y) - x;")]
    [InlineData("var x <= 5, := 2; var y <= 2, := 1; minimize f: x*(log(x) - log(y)) - x;")]
    [InlineData("var x >= 0.1, <= 5, := 2; var y >= 1, <= 2, := 1; minimize f: x*exp(y/x);")]
    [InlineData("var x; var y; minimize f: x + 1e4*y; s.t. c: 1e-8*x^2 + y^2 - 1e-4*x*y <= 1;")]
    public void What_a_cone_takes_is_what_the_model_says(string model)
    {
        using var run = new CommandRun();
        string file = run.File("m.opt", model);
        JsonElement cone = run.SolveJson(0, file, "--solver", "admm"), other = run.SolveJson(0, file, "--solver", "auglag");
        double f = other.GetProperty("objective").GetDouble();
        Assert.Equal(f, cone.GetProperty("objective").GetDouble(), 1e-6 * (1.0 + Math.Abs(f)));
    }

    [Fact]
    public void Check_shows_which_constraint_became_which_cone()
    {
        using var run = new CommandRun();
        Assert.Equal(0, run.Run("check", run.File("m.opt", Risk), "--solver", "admm"));
        Assert.Contains("risk: 1 second-order cone of 4 rows, for norm", run.Output, StringComparison.Ordinal);
        Assert.Contains("turnover: 1 second-order cone of 4 rows, for norm", run.Output, StringComparison.Ordinal);
        Assert.Equal(0, run.Run("check", run.File("s.opt", Softmax), "--solver", "admm"));
        Assert.Contains("rows (3 constraints): 3 second-order cones of 4 rows, for norm", run.Output, StringComparison.Ordinal);
        Assert.Contains("objective f: 4 exponential cones of 3 rows, for logsumexp", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("var x; var y;\nminimize f: x + y;\ns.t. bad:\n  x^2 + sin(y) <= 3;", "4", "sin has no cone")]
    [InlineData("var x; var y;\nminimize f: x + y;\ns.t. bad: x^2 + y^2 >= 3;", "3", "not convex")]
    [InlineData("var x; var y;\nminimize f: x + y;\ns.t. bad: x^2 + y^2 = 3;", "3", "an equation")]
    [InlineData("var x; var y;\nminimize f: x + y;\ns.t. bad: x*y <= 3;", "3", "not convex")]
    [InlineData("var x >= 1; var y;\nminimize f: log(x) + y^2;", "2", "logarithm of a variable")]
    // The cones of these keep a variable at 0 and above, which the models do not.
    [InlineData("var x >= -5, <= 5, := -2; var y >= 1, <= 2, := 1;\nminimize f: x*exp(y/x);", "2", "bounded below by 0")]
    [InlineData("var x >= -5, <= -1, := -2; var y >= -5, <= -1, := -1;\nminimize f: x*log(x/y);", "2", "bounded below by 0")]
    [InlineData("var x >= -5, <= -1, := -2;\nminimize f: -x*log(-2/x);", "2", "bounded below by 0")]
    // Small entries against columns of large range.
    [InlineData("var x; var z; var y >= 0, <= 1e9;\nminimize f: x + z + 1e-8*y;\ns.t. c: x^2 + x*z + z^2 - 1e-14*y^2 <= -1;", "3", "not convex")]
    [InlineData("var x; var y >= 0, <= 1e7; var z >= 0, <= 1e7;\nminimize f: x - y - z;\ns.t. c: x^2 + 1e-10*y*z <= 1;", "3", "not convex")]
    public void A_term_without_a_cone_is_refused_at_its_place(string model, string line, string why)
    {
        using var run = new CommandRun();
        string file = run.File("m.opt", model);
        Assert.Equal(1, run.Run("solve", file, "--solver", "admm", "-q"));
        Assert.Contains(why, run.Error, StringComparison.Ordinal);
        Assert.Contains($"m.opt:{line}:", run.Error, StringComparison.Ordinal);
        Assert.Contains("name auglag", run.Error, StringComparison.Ordinal);
        Assert.Equal(1, run.Run("check", file, "--solver", "admm"));
        Assert.Contains(why, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Infeasible_and_unbounded_models_are_said_to_be()
    {
        using var run = new CommandRun();
        string infeasible = run.File("i.opt", "var x; var y; minimize f: x; s.t. c: sqrt(x^2 + y^2) <= 1; s.t. d: x + y >= 2;");
        Assert.NotEqual(0, run.Run("solve", infeasible, "--solver", "admm", "-q"));
        Assert.Contains("certificate", run.Output, StringComparison.Ordinal);
        string unbounded = run.File("u.opt", "var x; var y; minimize f: x; s.t. c: exp(y) <= 2 - x;");
        Assert.NotEqual(0, run.Run("solve", unbounded, "--solver", "admm", "-q"));
        Assert.Contains("ray", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_can_name_its_solver()
    {
        using var run = new CommandRun();
        string file = run.File("m.opt", "option solver admm;\n" + Entropy + "\nexpect status = solved;");
        JsonElement json = run.SolveJson(0, file, "--solver", "auto");
        Assert.Equal("admm", json.GetProperty("solver").GetString());
        Assert.Equal("auglag", run.SolveJson(0, file, "--solver", "auglag").GetProperty("solver").GetString());
    }

}
