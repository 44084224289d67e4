using Xunit;

namespace Optc.Tests;

/// <summary>Every kind of wrong input: the exit code and what the message must say.</summary>
public sealed class BadInputTests
{
    /// <summary>name; text; exit code; fragments of the messages, separated by '|'.</summary>
    public static TheoryData<string, string, int, string> Models => new()
    {
        { "unknown name", "var x; minimize f: x^2 + yy;", 1, "yy|:1:" },
        { "unknown name, near", "var profit; minimize f: proft^2;", 1, "proft|profit" },
        { "wrong dimension", "var x {1..3}; minimize f: x[1,2]^2;", 1, "x|:1:" },
        { "missing subscript", "var x {1..3}; minimize f: x^2;", 1, "x" },
        { "missing data value", "param p {1..3}; var x; minimize f: sum {i in 1..3} (x - p[i])^2; data; param p := 1 4 2 5;", 1, "p[3]" },
        { "subscript out of set", "var x {1..3}; minimize f: (x[4] - 1)^2;", 1, "4" },
        { "division by zero in data", "param z := 0; param p := 1/z; var x; minimize f: (x - p)^2;", 1, "p" },
        { "contradictory bounds", "var x >= 3, <= 1; minimize f: x^2;", 1, "x|bounds" },
        { "contradictory constant constraint", "param a := 2; var x; minimize f: x^2; subject to c: a <= 1;", 1, "c" },
        { "infeasible", "var x >= 0; var y >= 0; minimize f: x + y; subject to a: x + y >= 5; subject to b: x + y <= 2;", 3, "" },
        { "unbounded", "var x; minimize f: x;", 4, "" },
        { "not a number at the start", "var x := -1; minimize f: log(x);", 6, "log" },
        { "truncated", "var x {1..3} >= ", 1, ":1:" },
        { "empty", "", 1, "no statements" },
        { "only a comment", "# nothing here\n", 1, "no statements" },
        { "unclosed string", "set A := {\"a, b};\nvar x {A};\nminimize f: 0;", 1, ":1:" },
        { "set where a number is needed", "set A := 1..3; var x; minimize f: x + A;", 1, "A" },
        { "circular definition", "param a := b + 1; param b := a + 1; var x; minimize f: (x - a)^2;", 1, "a" },
        { "check fails", "param n := 3; check: n <= 2; var x; minimize f: x^2;", 1, "check" },
        { "declared twice", "var x; var x; minimize f: x^2;", 1, "x" },
    };

    [Theory]
    [MemberData(nameof(Models))]
    public void Wrong_models_are_refused_with_a_reason(string what, string text, int code, string fragments)
    {
        using var run = new CommandRun();
        int actual = run.Run("solve", run.File("bad.opt", text), "--quiet");
        string said = run.Error + run.Output;
        Assert.True(code == actual, $"{what}: exit code {actual} instead of {code}\n{said}");
        foreach (string fragment in fragments.Split('|')) Assert.Contains(fragment, said, StringComparison.Ordinal);
    }

    [Fact]
    public void A_message_shows_the_place_and_the_remedy()
    {
        using var run = new CommandRun();
        string file = run.File("bad.opt", "var profit;\nminimize f: proft^2;\n");
        Assert.Equal(1, run.Run("solve", file));
        string expected = """
            FILE:2:13: error: proft is not declared
                minimize f: proft^2;
                            ^^^^^
              hint: did you mean profit?

            """;
        Assert.Equal(expected, run.Error.Replace(file, "FILE", StringComparison.Ordinal), ignoreLineEndingDifferences: true);
        Assert.Equal("", run.Output);
    }

    [Fact]
    public void An_infeasible_model_lists_its_violated_families()
    {
        using var run = new CommandRun();
        string text = """
            set K := 1..9;
            param cap {k in K} := if k >= 3 and k <= 7 then 1 else 100;
            var x {K} >= 0;
            minimize cost: sum {k in K} x[k]^2;
            subject to capacity {k in K}: x[k] <= cap[k];
            subject to demand {k in K}: x[k] >= 13;
            """;
        Assert.Equal(3, run.Run("solve", run.File("short.opt", text), "--quiet"));
        Assert.Contains("capacity[3..7]", run.Output, StringComparison.Ordinal);
        Assert.Contains("demand[3..7]", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Junk_is_refused()
    {
        using var run = new CommandRun();
        var junk = new byte[4096];
        new Random(7).NextBytes(junk);
        Assert.Equal(1, run.Run("solve", run.File("junk.opt", junk)));
        Assert.Contains("junk.opt", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_thousand_parentheses_are_read_or_refused()
    {
        using var run = new CommandRun();
        string deep = new string('(', 1000) + "x - 1" + new string(')', 1000);
        int code = run.Run("solve", run.File("deep.opt", $"var x;\nminimize f: ({deep})^2;"), "--quiet");
        Assert.True(code == 0 || (code == 1 && run.Error.Contains("deep.opt", StringComparison.Ordinal)), $"exit code {code}\n{run.Error}");
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        using var run = new CommandRun();
        Assert.Equal(1, run.Run("solve", run.PathOf("missing.opt")));
        Assert.Contains("missing.opt", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_is_not_a_model()
    {
        using var run = new CommandRun();
        Assert.Equal(1, run.Run("solve", run.PathOf(".")));
        Assert.NotEqual("", run.Error);
    }

    [Fact]
    public void A_missing_data_file_is_named()
    {
        using var run = new CommandRun();
        Assert.Equal(1, run.Run("solve", run.File("a.opt", Texts.Hs071), "--data", run.PathOf("prices.dat")));
        Assert.Contains("prices.dat", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_setting_is_named()
    {
        using var run = new CommandRun();
        Assert.Equal(1, run.Run("solve", run.File("a.opt", Texts.Mix), "--set", "neeed=4"));
        Assert.Contains("neeed", run.Error, StringComparison.Ordinal);
    }
}
