using Xunit;

namespace Optc.Tests.Nl;

/// <summary>What cannot be exported is refused with place and remedy, and leaves no file behind.</summary>
public sealed class NlErrorTests
{
    [Theory]
    [InlineData("var x := 1;\nminimize f: x^2 + erf(x);", "m.opt:2:19", "applies erf to variables", "approximate erf")]
    [InlineData("var x := 1;\nvar y = lgamma(x)*2;\nminimize f: y^2;", "m.opt:2:9", "applies lgamma to variables", "approximate lgamma")]
    [InlineData("var x := 1;\nminimize f: x;\nc {i in 1..2}: gamma(x + i) + erfc(x) >= i;", "m.opt:3:16", "applies gamma to variables", "approximate gamma")]
    [InlineData("var x := 1;\nminimize f: round(x, 2)^2;", "m.opt:2:13", "applies round to variables", "round(100*x)/100")]
    [InlineData("var x := 1;\nminimize f: precision(x, 2)^2;", "m.opt:2:13", "applies precision to variables", "scale of its own")]
    [InlineData("param p := 1e308;\nvar x := 1;\nminimize f: (p*10)*x^2;", "m.opt:3:1", "f holds the number Infinity", "check its data")]
    [InlineData("param p := 1e308;\nvar x := 1;\nminimize f: x^2;\nc: 10*p*x <= 1;", "m.opt:4:1", "c holds the number Infinity", "check its data")]
    [InlineData("param p := 1e308;\nvar x := 1;\nminimize f: x^2 + exp(p*x + 10*p);", "m.opt:3:1", "f holds the number Infinity", "check its data")]
    [InlineData("var x;\nc: x >= 0 complements x <= 1 <= 2;", "m.opt:2", "", "")]
    [InlineData("var x;\nc: 0 <= x <= 1 complements x >= 2;", "m.opt:2:1", "two inequalities in all", "lo <= e1 <= hi complements e2")]
    [InlineData("param p := 1;\nminimize f: p;", "", "no variables", "declare a variable")]
    [InlineData("var x;", "", "neither an objective nor a constraint", "declare an objective or a constraint")]
    [InlineData("var x >= 2, <= 1;\nminimize f: x;", "m.opt:1:1", "the bounds of x cross", "")]
    public void Unexportable_models(string model, string place, string message, string remedy)
    {
        using var run = new CommandRun();
        Assert.Equal(1, run.Run("export", run.File("m.opt", model), "-o", run.PathOf("out.nl")));
        Assert.Contains(place, run.Error, StringComparison.Ordinal);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
        Assert.Contains(remedy, run.Error, StringComparison.Ordinal);
        Assert.Equal(["m.opt"], Names(run));
    }

    [Fact]
    public void An_error_leaves_an_older_file_as_it_was()
    {
        using var run = new CommandRun();
        run.File("out.nl", "older");
        Assert.Equal(1, run.Run("export", run.File("m.opt", "var x := 1; minimize f: x^2 + erf(x);"), "-o", run.PathOf("out.nl")));
        Assert.Equal("older", File.ReadAllText(run.PathOf("out.nl")));
        Assert.Equal(["m.opt", "out.nl"], Names(run));
    }

    [Theory]
    [InlineData("no/such/folder/out.nl")]
    [InlineData("taken.nl")]
    public void Unwritable_places(string place)
    {
        using var run = new CommandRun();
        Directory.CreateDirectory(run.PathOf("taken.nl"));
        Assert.Equal(1, run.Run("export", run.File("m.opt", "var x; minimize f: x^2;"), "-o", run.PathOf(place)));
        Assert.StartsWith("optc: ", run.Error, StringComparison.Ordinal);
        Assert.Equal(["m.opt", "taken.nl"], Names(run));
    }

    [Theory]
    [InlineData("--format", "lp")]
    [InlineData("--objective", "nothing")]
    [InlineData("--output", "")]
    [InlineData("--set", "nothing=1")]
    public void Wrong_options(string option, string value)
    {
        using var run = new CommandRun();
        Assert.NotEqual(0, run.Run("export", run.File("m.opt", "var x; minimize f: x^2;"), option, value));
        Assert.NotEqual("", run.Error);
        Assert.Equal(["m.opt"], Names(run));
    }

    [Fact]
    public void A_bilevel_model_is_refused()
    {
        using var run = new CommandRun();
        const string Model = "var x >= 0; var y >= 0; minimize f: x + y; lower g over y: minimize h: (y - x)^2; s.t. c: y >= 1; end;";
        Assert.Equal(1, run.Run("export", run.File("m.opt", Model), "-o", run.PathOf("out.nl")));
        Assert.Contains("without followers", run.Error, StringComparison.Ordinal);
        Assert.Equal(["m.opt"], Names(run));
    }

    private static string[] Names(CommandRun run) =>
        [.. Directory.GetFileSystemEntries(run.PathOf("")).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];
}
