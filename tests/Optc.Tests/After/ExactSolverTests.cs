using Xunit;

namespace Optc.Tests.After;

/// <summary><c>--solver auglag-exact</c> on the command line: what it takes and what it refuses.</summary>
public sealed class ExactSolverTests
{
    [Fact]
    public void Models_with_equations_are_solved_and_audited()
    {
        using var run = new CommandRun();
        string file = run.File("m.opt", "var x {1..4} := 2; maximize f: -sum {i in 1..4} i*x[i]^2; subject to s: sum {i in 1..4} x[i] = 5; subject to t: x[1]*x[2] = 2;");
        Assert.Equal(0, run.Run("solve", file, "--solver", "auglag-exact", "--quiet"));
        string exact = run.Output;
        Assert.Contains("(auglag-exact)", exact, StringComparison.Ordinal);
        Assert.Equal(0, run.Run("solve", file, "--quiet"));
        Assert.Equal(Objective(run.Output), Objective(exact));
    }

    [Theory]
    [InlineData("var x >= 0; minimize f: x^2; subject to c: x = 1;", "x, which has a bound")]
    [InlineData("var x {1..3}; minimize f: x[1]^2; subject to c {i in 2..3}: x[i] <= 1;", "c[2], an inequality")]
    [InlineData("var x; minimize f: abs(x);", "epigraph")]
    [InlineData("var x; var y; minimize f: x; subject to c: x >= 0 complements y >= 0;", "complementarity")]
    public void What_it_does_not_take_is_named(string text, string expected)
    {
        using var run = new CommandRun();
        Assert.Equal(1, run.Run("solve", run.File("m.opt", text), "--solver", "auglag-exact", "--quiet"));
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
    }

    private static string Objective(string output) => output.Split('\n').Single(l => l.Contains("objective ", StringComparison.Ordinal))[..28];
}
