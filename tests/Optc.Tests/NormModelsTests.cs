using System.Text.Json;
using Xunit;

namespace Optc.Tests;

/// <summary><c>norm2</c> under <c>auglag</c>: from starts where it has no derivatives, with answers at its kink and beside it.</summary>
public sealed class NormModelsTests
{
    private const string Away = "(x[1]-2)^2 + (x[2]+1)^2";

    private const string Weber = """
        set P := 1..5; param p {k in P, j in 1..2} := if k = 5 then (if j = 1 then 1.9 else 2.1) else 4*(if j = 1 then (k-1) mod 2 else (k-1) div 2);
        var x {1..2}; minimize f: sum {k in P} (if k = 5 then 3 else 1) * norm2 {j in 1..2} (x[j] - p[k,j]);
        """;

    /// <summary>Models that start at zero, and their least values in closed form.</summary>
    public static TheoryData<string, double> Models()
    {
        double root = Math.Sqrt(5), corner = 0;
        foreach ((double x, double y) in new[] { (0.0, 0.0), (4.0, 0.0), (0.0, 4.0), (4.0, 4.0) }) corner += Math.Sqrt(((1.9 - x) * (1.9 - x)) + ((2.1 - y) * (2.1 - y)));
        return new TheoryData<string, double>
        {
            // The proximal step of the norm: shorter by half of its factor, and zero where that is more than there is.
            { $"var x {{1..3}}; minimize f: norm2 {{j in 1..3}} x[j] + {Away};", root - 0.5 + 0.25 },
            { $"var x {{1..3}}; minimize f: 5*norm2 {{j in 1..3}} x[j] + {Away};", 5 },
            { $"var x {{1..3}}; var t; minimize f: t + {Away}; s.t. c: norm2 {{j in 1..3}} x[j] <= t;", root - 0.5 + 0.25 },
            // The distance of (2, 2, 2) to the unit ball and to its surface
            { "var x {1..3}; minimize f: sum {j in 1..3} (x[j]-2)^2; s.t. c: norm2 {j in 1..3} x[j] <= 1;", Math.Pow(Math.Sqrt(12) - 1, 2) },
            { "var x {1..3}; minimize f: sum {j in 1..3} (x[j]-2)^2; s.t. c: norm2 {j in 1..3} x[j] = 1;", Math.Pow(Math.Sqrt(12) - 1, 2) },
            // The apex of a cone
            { "var x {1..3}; var t; minimize f: 3*t + x[1] - x[2] + 0.5*x[3]; s.t. c: norm2 {j in 1..3} x[j] <= t;", 0 },
            // The farthest corner of a box
            { "var x {1..2} >= -1, <= 2; maximize f: norm2 {j in 1..2} x[j];", Math.Sqrt(8) },
            // Weber's point is the heavy one, where the norm has its kink; the start is another of the points.
            { Weber, corner },
        };
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void A_start_at_the_kink_is_left_for_the_optimum(string model, double least)
    {
        JsonElement answer = Solve(model, "auglag");
        Assert.Contains(answer.GetProperty("status").GetString(), new[] { "Solved", "SolvedToAcceptable" });
        Assert.Equal(least, answer.GetProperty("objective").GetDouble(), 2e-7);
    }

    [Fact]
    public void Groups_that_vanish_are_those_that_coordinate_descent_finds()
    {
        const string Model = """
            param n := 40; param G := 12; param m := 3;
            param A {i in 1..n, g in 1..G, k in 1..m} := sin(1.7*i*g + 0.9*k*i + i*i + k*g);
            param y {i in 1..n} := A[i,2,1] - 0.5*A[i,5,3] + 0.2*cos(9*i) + 0.4*A[i,2,2];
            var b {1..G, 1..m};
            minimize f: sum {i in 1..n} (y[i] - sum {g in 1..G, k in 1..m} A[i,g,k]*b[g,k])^2 / (2*n) + 0.15*sum {g in 1..G} norm2 {k in 1..m} b[g,k];
            """;
        JsonElement newton = Solve(Model, "auglag"), descent = Solve(Model, "cd");
        Assert.Equal("Solved", newton.GetProperty("status").GetString());
        Assert.Equal(descent.GetProperty("objective").GetDouble(), newton.GetProperty("objective").GetDouble(), 1e-6);
        Assert.Equal(NonzeroGroups(descent), NonzeroGroups(newton));
    }

    [Fact]
    public void The_limit_on_inner_iterations_holds_for_all_roundings_together()
    {
        JsonElement answer = Solve(Weber, "auglag", "--option", "max_inner=200");
        Assert.Equal("IterationLimit", answer.GetProperty("status").GetString());
        Assert.InRange(answer.GetProperty("iterations").GetProperty("inner").GetInt32(), 1, 220);
    }

    [Theory]
    [InlineData(20)]
    [InlineData(100)]
    public void A_small_limit_keeps_what_was_reached(int limit)
    {
        JsonElement answer = Solve(Weber, "auglag", "--option", $"max_inner={limit}");
        Assert.Equal("IterationLimit", answer.GetProperty("status").GetString());
        // At the start it is 22.15, at the optimum 11.32.
        Assert.InRange(answer.GetProperty("objective").GetDouble(), 11, 15);
        Assert.DoesNotContain("after 0 inner", answer.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    /// <summary>From here on the limit is reached at a large rounding, at a middle one, and where that is solved.</summary>
    [Theory]
    [InlineData(103)]
    [InlineData(106)]
    [InlineData(114)]
    [InlineData(121)]
    public void A_limit_on_the_way_to_the_least_rounding_is_a_limit(int limit)
    {
        JsonElement answer = Solve(Weber, "auglag", "--option", $"max_inner={limit}");
        Assert.Equal("IterationLimit", answer.GetProperty("status").GetString());
        int inner = answer.GetProperty("iterations").GetProperty("inner").GetInt32();
        // The finish of the rounding before may take two steps more.
        Assert.InRange(inner, limit, limit + 2);
        Assert.Contains($"after {inner} inner", answer.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.True(answer.GetProperty("residuals").GetProperty("stationarity").GetDouble() > 1e-8, "the residuals are those of the rounding that is judged");
    }

    private static string NonzeroGroups(JsonElement answer) =>
        string.Join(',', answer.GetProperty("variables").EnumerateObject()
            .Where(v => Math.Abs(v.Value.GetDouble()) > 1e-6)
            .Select(v => v.Name.Split('[', ',')[1]).Distinct());

    private static JsonElement Solve(string model, string solver, params string[] options)
    {
        using var run = new CommandRun();
        run.Run(["solve", run.File("m.opt", model), "--solver", solver, "--format", "json", "-q", .. options]);
        Assert.True(run.Output.Length > 0, run.Error);
        return JsonDocument.Parse(run.Output).RootElement;
    }
}
