using System.Globalization;
using System.Text.Json;
using Xunit;

namespace Optc.Tests.Sampling;

/// <summary><c>optc sample</c>: draws as table, JSON and CSV; the moments of a normal density; what is refused.</summary>
public sealed class SampleCommandTests
{
    /// <summary>Normal with means 1 and 3, deviations 0.5 and 2, uncorrelated.</summary>
    private const string Normal = "var x; var y; minimize f: (x - 1)^2/(2*0.5^2) + (y - 3)^2/(2*2^2);";

    private const string Blocks = """
        set K := 1..2;
        var own {K}; var w;
        block b {k in K}: own[k];
        maximize log_density: sum {k in K} -(own[k] - k)^2 - 0.5*w^2;
        s.t. agree {k in K}: own[k] = w;
        """;

    [Fact]
    public void A_model_without_blocks_is_one_part()
    {
        using var run = new CommandRun();
        JsonElement answer = Sample(run, run.File("m.opt", Normal), "--draws", "4000", "--rho", "20", "--thin", "10");
        Assert.Equal(1, answer.GetProperty("parts").GetInt32());
        Assert.Equal(4000, answer.GetProperty("draws").GetArrayLength());
        Close(answer, "x", 1.0, 0.5);
        Close(answer, "y", 3.0, 2.0);
    }

    /// <summary>−(w − 1)² − (w − 2)² − ½w² is normal with mean 6/5 and variance 1/5.</summary>
    [Fact]
    public void Blocks_draw_together_the_shared_variables()
    {
        using var run = new CommandRun();
        JsonElement answer = Sample(run, run.File("m.opt", Blocks), "--draws", "4000", "--rho", "40", "--thin", "20");
        Assert.Equal(3, answer.GetProperty("parts").GetInt32());
        Assert.Equal(["w"], answer.GetProperty("variables").EnumerateObject().Select(v => v.Name));
        Close(answer, "w", 1.2, Math.Sqrt(0.2));
    }

    [Fact]
    public void Formats()
    {
        using var run = new CommandRun();
        string file = run.File("m.opt", Normal);
        Assert.Equal(0, run.Run("sample", file, "--draws", "5", "--format", "csv", "--quiet"));
        string[] lines = run.Output.TrimEnd().Split('\n');
        Assert.Equal("x,y", lines[0].TrimEnd());
        Assert.Equal(6, lines.Length);
        Assert.All(lines.Skip(1), l => Assert.Equal(2, l.Split(',').Count(v => double.TryParse(v, CultureInfo.InvariantCulture, out _))));
        Assert.Equal(0, run.Run("sample", file, "--draws", "5", "--format", "csv", "--quiet"));
        Assert.Equal(lines, run.Output.TrimEnd().Split('\n'));
        Assert.Equal(0, run.Run("sample", file, "--draws", "5", "--quiet"));
        Assert.Contains("effective draws", run.Output, StringComparison.Ordinal);
        Assert.Equal(5, run.Run("sample", file, "--draws", "100000000", "--time-limit", "0.2", "--quiet"));
        Assert.Contains("stopped before all were made", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("var x >= 0; minimize f: x^2;", "variables with bounds", "leave the bounds out")]
    [InlineData("var x; var y; minimize f: x^2 + y^2; s.t. c: x + y = 1;", "has constraints", "write constraints as terms")]
    [InlineData("var x; minimize f: abs(x);", "kinks", "must be smooth")]
    [InlineData("var x; s.t. c: x = 1;", "has no objective", "negative logarithm")]
    [InlineData("set K := 1..2; var x {K}; var w; block b {k in K}: x[k]; minimize f: w^2 + sum {k in K} (x[k] - w)^2;", "variables of its own", "copies of shared variables only")]
    public void What_is_no_density_is_refused(string model, string what, string remedy)
    {
        using var run = new CommandRun();
        Assert.Equal(1, run.Run("sample", run.File("m.opt", model), "--quiet"));
        Assert.Contains(what, run.Error, StringComparison.Ordinal);
        Assert.Contains(remedy, run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--draws", "0")]
    [InlineData("--thin", "1.5")]
    [InlineData("--rho", "-2")]
    public void Wrong_numbers_are_wrong_usage(string option, string value)
    {
        using var run = new CommandRun();
        Assert.Equal(2, run.Run("sample", run.File("m.opt", Normal), option, value));
        Assert.Contains($"{option} takes", run.Error, StringComparison.Ordinal);
    }

    private static JsonElement Sample(CommandRun run, string file, params string[] more)
    {
        Assert.Equal(0, run.Run(["sample", file, "--format", "json", "--quiet", .. more]));
        using JsonDocument answer = JsonDocument.Parse(run.Output);
        return answer.RootElement.Clone();
    }

    /// <summary>Within five standard errors of the mean, and ten parts in a hundred of the deviation.</summary>
    private static void Close(JsonElement answer, string name, double mean, double deviation)
    {
        JsonElement v = answer.GetProperty("variables").GetProperty(name);
        double error = deviation / Math.Sqrt(v.GetProperty("effectiveDraws").GetDouble());
        Assert.InRange(v.GetProperty("mean").GetDouble(), mean - (5.0 * error), mean + (5.0 * error));
        Assert.InRange(v.GetProperty("deviation").GetDouble(), 0.9 * deviation, 1.1 * deviation);
    }
}
