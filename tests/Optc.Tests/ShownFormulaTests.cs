using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Xunit;

namespace Optc.Tests;

/// <summary>What <c>optc show</c> prints of an expression has the value of the expression: parentheses and signs are right.</summary>
public sealed partial class ShownFormulaTests
{
    private const string Variables = "param a := 1.7; param b := -0.6; var x := 0.7; var y := 1.3; var z := 2.1;\n";

    [GeneratedRegex(@"^  (f|t\d+) = (.*)$")]
    private static partial Regex Formula { get; }

    [GeneratedRegex(@"\bt(\d+)\b")]
    private static partial Regex Shared { get; }

    [Theory]
    [InlineData("x - (y - z)")]
    [InlineData("(x - y)*(y - (z - x))")]
    [InlineData("x/(y*z)")]
    [InlineData("x/(y/z)*(x/y)")]
    [InlineData("-(x*y)^2")]
    [InlineData("(-x)^3/y")]
    [InlineData("(x^2 + 1)^1.5")]
    [InlineData("x^(y^z)")]
    [InlineData("(x^y)^z")]
    [InlineData("2^-x*y")]
    [InlineData("(a + b)*x*y - b*x*z")]
    [InlineData("exp(-a*x)*(1 - exp(-a*x)) + sin(x*y)/cos(x*y)")]
    [InlineData("-3*x*y - 2*(y - 4)*z")]
    [InlineData("1e-7*x^2*y + 1.5e20*x*z")]
    [InlineData("sqrt(x + y)*log(x + y)*(x + y)^2.5")]
    [InlineData("atan2(x, y - z)*(x - y)*y")]
    public void The_shown_formula_has_the_same_value(string expression)
    {
        using var run = new CommandRun();
        Assert.Equal(0, run.Run("show", run.File("m.opt", $"{Variables}minimize obj: {expression};")));
        var rebuilt = new StringBuilder(Variables);
        int template = 0;
        var definitions = new List<string>();
        var terms = new List<string>();
        foreach (string line in run.Output.Split('\n'))
        {
            if (Formula.Match(line) is not { Success: true } match) continue;
            if (match.Groups[1].Value == "f") template++;
            string Renamed(string text) => Shared.Replace(text, m => $"t{template}_{m.Groups[1].Value}");
            if (match.Groups[1].Value == "f") terms.Add($"({Renamed(match.Groups[2].Value)})");
            else definitions.Add($"var {Renamed(match.Groups[1].Value)} = {Renamed(match.Groups[2].Value)};");
        }
        Assert.NotEmpty(terms);
        rebuilt.AppendJoin('\n', definitions).Append(CultureInfo.InvariantCulture, $"\nminimize obj: {string.Join(" + ", terms)};\n");
        double expected = AtStart(run, $"{Variables}minimize obj: {expression};");
        Assert.Equal(expected, AtStart(run, rebuilt.ToString()), 1e-12 * Math.Max(1.0, Math.Abs(expected)));
    }

    /// <summary>The objective at the start.</summary>
    private static double AtStart(CommandRun run, string model)
    {
        run.Run("solve", run.File("value.opt", model + "printf \"%.15g\\n\", obj;\n"), "--quiet", "--option", "max_inner=1");
        return double.Parse(run.Output.Split('\n')[0], CultureInfo.InvariantCulture);
    }
}
