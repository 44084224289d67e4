using System.Text.Json;
using Optc.Runtime.Solution;
using Xunit;

namespace Optc.Tests.After;

/// <summary>Derivatives of answers with respect to parameters: closed forms, differences of solves, ranges, and what is refused.</summary>
public sealed class SensitivityTests
{
    private static ParameterSensitivity Of(string text, string parameter)
    {
        OptcSession session = OptcModel.Parse(text).CreateSession();
        Assert.Equal(SolveStatus.Solved, session.Solve());
        return Assert.Single(session.Sensitivity(parameter).Parameters);
    }

    private static double Of(IReadOnlyList<DerivativeEntry> entries, string name) => entries.Single(e => e.Name == name).Value;

    private static double Dual(IReadOnlyList<DerivativeEntry> entries, string name) => entries.Single(e => e.Name == name).Dual;

    /// <summary>Against differences of solves, all entries of the parameter.</summary>
    private static void Agrees(string text, string parameter, int entries = 1)
    {
        var model = OptcModel.Parse(text);
        var differences = new Differences(model);
        Assert.Equal(SolveStatus.Solved, differences.Session.Solve());
        SensitivityReport report = differences.Session.Sensitivity(parameter);
        Assert.Equal(entries, report.Parameters.Count);
        var p = Differences.Parameters(model).Single(q => q.Name == parameter);
        double[] values = Differences.Values(p);
        foreach (ParameterSensitivity s in report.Parameters)
        {
            Assert.True(s.Status == "regular", $"{s.Parameter}: {s.Reason}");
            int position = Enumerable.Range(0, values.Length).First(k => p.PlainName(k) == s.Parameter);
            (double error, _) = Assert.NotNull(differences.Largest(parameter, values, position, s));
            Assert.True(error <= 1e-6, $"{s.Parameter}: {error}");
        }
    }

    [Fact]
    public void A_quadratic_model_in_closed_form()
    {
        // x = p/2 + (1, −1)/2 on x1 + x2 = p, f = ½|x − (1, 0)|²: x1 = (p + 1)/2, x2 = (p − 1)/2, y = x1 − 1 = (p − 1)/2, F = (p − 1)²/4.
        ParameterSensitivity s = Of("param p default 3; var x {1..2}; minimize f: 0.5*(x[1]-1)^2 + 0.5*x[2]^2; subject to c: x[1] + x[2] = p;", "p");
        Assert.Equal("regular", s.Status);
        Assert.Null(s.Reason);
        Assert.Equal(1.0, s.Objective, 1e-12);
        Assert.Equal(0.5, Of(s.Variables, "x[1]"), 1e-12);
        Assert.Equal(0.5, Of(s.Variables, "x[2]"), 1e-12);
        Assert.Equal(0.5, Dual(s.Constraints, "c"), 1e-12);
        Assert.Equal(double.NegativeInfinity, s.RangeLower);
        Assert.Equal(double.PositiveInfinity, s.RangeUpper);
        Assert.Null(s.LowerLimit);
    }

    [Theory]
    [InlineData("minimize f: x^2 + 3*x; subject to c: x >= p;", 1)]
    [InlineData("maximize f: -x^2 - 3*x; subject to c: x >= p;", 1)]
    [InlineData("maximize f: 5*x - x^2/10; subject to c: x <= p;", 1)]
    [InlineData("minimize f: -5*x + x^2/10; subject to c: p >= x;", 1)]
    [InlineData("minimize f: x^2 + 3*x; subject to c: p <= x;", 1)]
    [InlineData("minimize f: x^2 + 3*x; subject to c: p <= x <= 10;", 1)]
    [InlineData("minimize f: x^2 + 3*x; subject to c: p = x;", 1)]
    [InlineData("minimize f: x^2 + 3*x; subject to c: -x <= -p;", -1)]
    public void The_objective_changes_by_the_multiplier_of_a_side_that_moves(string text, double side)
    {
        var model = OptcModel.Parse("param p default 2; var x := 3;" + text);
        OptcSession session = model.CreateSession();
        Assert.Equal(SolveStatus.Solved, session.Solve());
        ParameterSensitivity s = session.Sensitivity("p")["p"];
        Assert.NotEqual(0.0, s.Objective);
        Assert.Equal(side * session.Duals("c")[0], s.Objective, 1e-7);
        Assert.Equal(1.0, Of(s.Variables, "x"), 1e-10);
    }

    [Theory]
    [InlineData("var x >= p, := 3; minimize f: x^2 + 3*x;")]
    [InlineData("var x <= p, := 1; maximize f: 5*x - x^2/10;")]
    [InlineData("var x in interval [p, 9], := 3; minimize f: x^2 + 3*x;")]
    public void The_objective_changes_by_the_reduced_cost_of_a_bound_that_moves(string text)
    {
        var model = OptcModel.Parse("param p default 2;" + text);
        OptcSession session = model.CreateSession();
        Assert.Equal(SolveStatus.Solved, session.Solve());
        ParameterSensitivity s = session.Sensitivity("p")["p"];
        Assert.Equal(session.ReducedCosts("x")[0], s.Objective, 1e-7);
        Assert.Equal(1.0, Of(s.Variables, "x"), 1e-10);
    }

    [Theory]
    [InlineData("param p default 25; var x {i in 1..4} >= 1, <= 5, := if i = 1 or i = 4 then 1 else 5; minimize f: x[1]*x[4]*(x[1] + x[2] + x[3]) + x[3]; subject to c1: x[1]*x[2]*x[3]*x[4] >= p; subject to c2: sum {i in 1..4} x[i]^2 = 40;")]
    [InlineData("param p default 0.3; var x {1..3} >= 0, := 1; maximize u: sum {i in 1..3} i*log(x[i] + p); subject to b: sum {i in 1..3} x[i] <= 4;")]
    [InlineData("param p default 1.7; var x {1..2} >= 0.1, := 1; minimize f: x[1]^p + x[2]^2; subject to c: x[1] + 2*x[2] >= 3;")]
    [InlineData("param p default 2; param q := 3*p^2; param r {i in 1..3} := if i = 1 then q else r[i-1] + p; var x {1..3} := 1; minimize f: sum {i in 1..3} (exp(x[i]) - r[i]*x[i]);")]
    [InlineData("param p default 0.5; var x {1..30} := 1; var s = sum {i in 1..30} (x[i] - p*i)^2; minimize f: sqrt(1 + s) + s*p + exp(-s) + x[1]*p;")]
    [InlineData("param p default 0.4; var x {1..2} := 1; minimize f: max(x[1] + x[2], 2*x[1] - p*x[2], p - x[1]) + 0.1*(x[1]^2 + x[2]^2);")]
    [InlineData("param p default 0.4; var x {1..2} := 1; var y; fix y := 2; minimize f: (x[1] - p*y)^2 + (x[2] - x[1]*y)^2 + x[1]^4;")]
    [InlineData("param p default 2; var x >= 0, := 1; var y >= 0, := 1; minimize f: x^2 + y^2; subject to c: p^2 <= x + y <= 9*p; subject to d: x >= y*p;")]
    [InlineData("param p default 3; var x {1..20} >= 0, := 1; minimize f: logsumexp {i in 1..20} (x[i]*p - i/10) + sum {i in 1..20} (x[i] - 1)^2;")]
    public void Derivatives_agree_with_differences_of_solves(string text) => Agrees(text, "p");

    [Fact]
    public void Entries_of_families_agree_with_differences_of_solves()
    {
        const string Text = """
            set A := {"n", "s"};
            param w {A, 1..3};
            param unused {A} default 1;
            var x {A} >= 0, := 1;
            minimize f: sum {a in A, i in 1..3} (w[a,i]*x[a] - i)^2 + x["n"]*x["s"];
            data;
            param w: 1 2 3 := n 1 2 1.5  s 0.5 0.7 2;
            """;
        Agrees(Text, "w", entries: 6);
        OptcSession session = OptcModel.Parse(Text).CreateSession();
        session.Solve();
        Assert.Equal("w[s,3]", Assert.Single(session.Sensitivity("w['s', 3]").Parameters).Parameter);
        Assert.Empty(session.Sensitivity("unused").Parameters);
        Assert.Equal(0.0, session.Sensitivity("unused[n]")["unused[n]"].Objective);
    }

    [Fact]
    public void The_range_ends_where_solves_say_that_the_active_set_changes()
    {
        // A linear program: first order is exact. The optimum is where a and b meet, until x or y leaves.
        const string Text = "param p default 4; var x >= 0, := 1; var y >= 0, := 1; maximize f: 3*x + 2*y; subject to a: x + y <= p; subject to b: x + 3*y <= 6; subject to cap: x <= 3.5;";
        var model = OptcModel.Parse(Text);
        OptcSession session = model.CreateSession();
        Assert.Equal(SolveStatus.Solved, session.Solve());
        ParameterSensitivity s = session.Sensitivity("p")["p"];
        // x = 3.5, y = p − 3.5 from y = 0 to b tight at p = 3.5 + 2.5/3.
        Assert.Equal(3.5, s.RangeLower, 1e-9);
        Assert.Equal(3.5 + (2.5 / 3.0), s.RangeUpper, 1e-9);
        Assert.Equal("y reaches its lower bound", s.LowerLimit);
        Assert.Equal("b reaches its upper side", s.UpperLimit);
        Assert.Equal(2.0, s.Objective, 1e-10);
        foreach ((double end, int outwards) in new[] { (s.RangeLower, -1), (s.RangeUpper, 1) })
        {
            Assert.Equal(s.Objective, Slope(end - (outwards * 1e-2)), 1e-5);
            Assert.NotEqual(s.Objective, Slope(end + (outwards * 1e-2)), 1e-1);
        }

        double Slope(double p)
        {
            model.SetParameter("p", p - 1e-3);
            session.Solve();
            double before = session.Objective;
            model.SetParameter("p", p + 1e-3);
            session.Solve();
            return (session.Objective - before) / 2e-3;
        }
    }

    [Fact]
    public void Multipliers_end_a_range_too()
    {
        // min (x − p)², x ≤ 1: the side is active for p > 1.
        ParameterSensitivity s = Of("param p default 3; var x := 0; minimize f: (x - p)^2; subject to c: x <= 1;", "p");
        Assert.Equal(1.0, s.RangeLower, 1e-8);
        Assert.Equal("the multiplier of c reaches zero", s.LowerLimit);
        Assert.Equal(double.PositiveInfinity, s.RangeUpper);
        Assert.Equal(-2.0, Dual(s.Constraints, "c"), 1e-9);
        s = Of("param p default 3; var x := 0, <= 1; minimize f: (x - p)^2;", "p");
        Assert.Equal("the reduced cost of x reaches zero", s.LowerLimit);
        Assert.Equal(-2.0, Dual(s.Variables, "x"), 1e-9);
    }

    [Fact]
    public void Weakly_active_constraints_leave_the_objective_only()
    {
        ParameterSensitivity s = Of("param p default 1; var x := 0; var y := 0; minimize f: (x - p)^2 + (y - 1)^2 + p*x; subject to c: x <= 0.5; subject to d: y <= 3;", "p");
        Assert.Equal("weaklyActive", s.Status);
        Assert.Contains("c ", s.Reason, StringComparison.Ordinal);
        Assert.Contains("one-sided", s.Reason, StringComparison.Ordinal);
        // ∂f/∂p = −2(x − p) + x at x = 0.5.
        Assert.Equal(1.5, s.Objective, 1e-5);
        Assert.Empty(s.Variables);
        Assert.True(double.IsNaN(s.RangeLower));
    }

    [Fact]
    public void Dependent_gradients_are_named()
    {
        ParameterSensitivity s = Of("param p default 1; var x := 3; var y := 3; minimize f: x + y^2; subject to a: x + y >= p; subject to b: 2*x + 2*y >= 2*p; subject to c: y = 0.2;", "p");
        Assert.Equal("dependent", s.Status);
        Assert.Contains("(a, b)", s.Reason, StringComparison.Ordinal);
        Assert.True(double.IsNaN(s.Objective));
    }

    [Fact]
    public void Solutions_that_are_not_isolated_are_refused()
    {
        ParameterSensitivity s = Of("param p default 1; var x {1..2} >= 0, <= 9, := 1; minimize f: (x[1] + x[2] - p)^2;", "p");
        Assert.Equal("secondOrder", s.Status);
        Assert.Contains("not positive definite", s.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("param p default 3; var x {1..p} := 1; minimize f: sum {i in 1..p} (x[i] - i)^2;", "shapes the model")]
    [InlineData("param p default 3; var x := 1; minimize f: (if p > 2 then x^2 else x^4) + x;", "decides the condition `p > 2`")]
    [InlineData("param p default 3; param q := 2*p; var x := 1; minimize f: sum {i in 1..9: i <= q} (x - i)^2;", "decides the condition `i <= q`")]
    [InlineData("param p default 3; var x {1..5} := 1; minimize f: sum {i in 1..5} x[i]^2 + x[p];", "shapes the model")]
    [InlineData("param p default 3; var x := 1; minimize f: (x - floor(p))^2;", "stands in `floor(p)`, which jumps")]
    [InlineData("param p default 3; param q; var x := 1; minimize f: (x - q)^2; let q := 2*p; solve;", "a command computes q from p")]
    [InlineData("param p default 3; param q {1..2} default p; var x := 1; minimize f: (x - q[1])^2 + (x - q[2])^2; data; param q := 1 5;", "given for others")]
    [InlineData("param p symbolic; var x := 1; minimize f: x^2; data; param p := a;", "symbolic")]
    [InlineData("var p := 1; minimize f: p^2;", "p is a variable, not a parameter")]
    [InlineData("param pp default 1; var x := 1; minimize f: (x - pp)^2;", "there is no parameter p")]
    [InlineData("param p default 1; var x >= 0; var y >= 0; minimize f: x + y; subject to c: x + y >= p complements x >= 0;", "complementarity")]
    [InlineData("param p default 1; var x >= p; var y >= 0; minimize f: x + y; lower g over y: minimize h: (y - x)^2; subject to d: y <= 3; end;", "followers")]
    public void What_has_no_derivative_is_refused_before_the_solve(string text, string expected)
    {
        using var run = new CommandRun();
        Assert.Equal(1, run.Run("solve", run.File("m.opt", text), "--sensitivity", "p", "--quiet"));
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("q[3]", "outside the index set")]
    [InlineData("q[1,2]", "has 1 subscript(s), not 2")]
    [InlineData("q[1", "not closed")]
    [InlineData("q[2]", "has no value")]
    public void Entries_that_do_not_exist_are_refused(string entry, string expected)
    {
        using var run = new CommandRun();
        string file = run.File("m.opt", "param q {1..2}; var x := 1; minimize f: (x - q[1])^2; data; param q := 1 4;");
        Assert.Equal(1, run.Run("solve", file, "--sensitivity", entry, "--quiet"));
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_table_and_csv_have_the_derivatives()
    {
        const string Text = "param p default 3; param q {1..2} := 1; var x {1..2} >= 0, := 1; minimize f: (x[1] - p)^2 + (x[2] - q[2])^2; subject to c: x[1] + x[2] <= 3;";
        using var run = new CommandRun();
        string file = run.File("m.opt", Text);
        Assert.Equal(0, run.Run("solve", file, "--sensitivity", "p", "--sensitivity", "q", "--quiet", "--format", "json"));
        JsonElement all = JsonDocument.Parse(run.Output).RootElement.GetProperty("sensitivity");
        JsonElement p = all.GetProperty("parameters").GetProperty("p");
        Assert.Equal(["value", "status", "reason", "objective", "range", "variables", "reducedCosts", "duals"], p.EnumerateObject().Select(e => e.Name));
        Assert.Equal(["lower", "upper", "lowerLimit", "upperLimit"], p.GetProperty("range").EnumerateObject().Select(e => e.Name));
        Assert.Equal(1.0, p.GetProperty("objective").GetDouble(), 1e-9);
        Assert.Equal(0.5, p.GetProperty("variables").GetProperty("x[1]").GetDouble(), 1e-9);
        Assert.Equal(-1.0, p.GetProperty("duals").GetProperty("c").GetDouble(), 1e-9);
        Assert.Equal(2.0, p.GetProperty("range").GetProperty("lower").GetDouble(), 1e-8);
        Assert.Equal(0, all.GetProperty("omitted").GetInt32());
        Assert.Equal(["p", "q[2]"], all.GetProperty("parameters").EnumerateObject().Select(e => e.Name));
        Assert.Equal(0, run.Run("solve", file, "--sensitivity", "p", "--quiet"));
        Assert.Contains("x[2] reaches its lower bound", run.Output, StringComparison.Ordinal);
        Assert.Contains("variable by p", run.Output, StringComparison.Ordinal);
        Assert.Equal(0, run.Run("solve", file, "--sensitivity", "p", "--quiet", "--format", "csv"));
        Assert.Contains("\nderivative by p,x[1],0.5", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Infeasible_models_have_no_derivatives()
    {
        using var run = new CommandRun();
        string file = run.File("m.opt", "param p default 3; var x >= p; minimize f: x^2; subject to c: x <= 1;");
        Assert.Equal(3, run.Run("solve", file, "--sensitivity", "p", "--quiet"));
        Assert.Contains("refused for p: there is no solution", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_model_is_as_before_after_derivatives_were_taken()
    {
        var model = OptcModel.Parse("param p default 2; param q := p^2; var x := 1; var y := 1; minimize f: (x - q)^2 + (y - p)^2; subject to c: x + y <= p;");
        OptcSession session = model.CreateSession();
        session.Solve();
        double before = session.Sensitivity("p")["p"].Objective;
        model.SetParameter("p", 3.0);
        session.Solve();
        // x + y = p with x − q = y − p: x = q/2, y = p − q/2; F = q²/2.
        Assert.Equal(40.5, session.Objective, 1e-6);
        Assert.Equal(2.0 * 27.0, session.Sensitivity("p")["p"].Objective, 1e-6);
        Assert.Equal(2.0 * 8.0, before, 1e-6);
        Assert.True(session.Audit().Residuals.Largest < 1e-7);
    }
}
