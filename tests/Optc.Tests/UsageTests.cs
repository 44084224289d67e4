using Xunit;

namespace Optc.Tests;

/// <summary>Wrong usage is refused with exit code 2 and a remedy; help goes to standard output.</summary>
public sealed class UsageTests
{
    /// <summary>Arguments separated by blanks; FILE is a good model; fragments separated by '|'.</summary>
    public static TheoryData<string, string> Wrong => new()
    {
        { "", "optc solve mix.opt" },
        { "slove FILE", "unknown command slove|did you mean solve" },
        { "solve", "no model file" },
        { "check", "no model file" },
        { "test", "no model or folder" },
        { "solve FILE --formt json", "unknown option --formt|did you mean --format" },
        { "FILE --quiett", "unknown option --quiett|did you mean --quiet" },
        { "solve FILE --format xml", "xml" },
        { "solve FILE --data", "--data" },
        { "solve FILE --set n", "--set takes name=value" },
        { "solve FILE --solver admn", "there is no solver 'admn'|did you mean admm|auglag" },
        { "solve FILE --option tolerence=1e-9", "tolerence|tolerance" },
        { "solve FILE --option tolerance=tight", "tolerance|tight" },
        { "solve FILE --time-limit -3", "--time-limit takes a positive number" },
        { "solve FILE --time-limit soon", "--time-limit takes a positive number" },
        { "solve FILE --seed x", "--seed takes a whole number, not 'x'" },
        { "test FILE --jobs 0", "--jobs" },
        { "test FILE --jobs x", "--jobs takes a whole number, not 'x'" },
        { "show FILE --latex=maybe", "--latex takes no value" },
        { "solve FILE --output FILE", "--output would overwrite|which is read" },
        { "solve FILE --trace FILE", "--trace would overwrite|which is read" },
        { "solve FILE --data FILE --output LINK", "--output would overwrite|which is read" },
        { "solve FILE --output FILE.txt --trace FILE.txt", "--trace would overwrite|which --output writes" },
        { "repair FILE --output FILE", "--output would overwrite" },
        { "sample FILE --output FILE", "--output would overwrite" },
        { "export FILE.nl --output FILE", "--output would overwrite" },
        { "solve EMPTY", "empty name" },
        { "solve FILE --output EMPTY", "--output takes a file" },
        { "solve FILE --data EMPTY", "--data takes a file" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Wrong_usage_is_refused(string line, string fragments)
    {
        using var run = new CommandRun();
        string file = run.File("model.opt", Texts.Hs071), link = run.PathOf("link.opt");
        File.CreateSymbolicLink(link, file);
        string[] args = [.. line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(a => a == "EMPTY" ? "" : a.Replace("FILE", file, StringComparison.Ordinal).Replace("LINK", link, StringComparison.Ordinal))];
        Assert.Equal(2, run.Run(args));
        Assert.Equal(Texts.Hs071, File.ReadAllText(file));
        foreach (string fragment in fragments.Split('|')) Assert.Contains(fragment, run.Error, StringComparison.Ordinal);
        Assert.Equal("", run.Output);
    }

    [Fact]
    public void The_help_teaches()
    {
        using var run = new CommandRun();
        Assert.Equal(0, run.Run("--help"));
        foreach (string word in new[] { "minimize cost", "subject to", "optc solve", "optc check", "optc show", "optc test", "Exit codes" })
            Assert.Contains(word, run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_model_of_the_help_can_be_solved()
    {
        using var run = new CommandRun();
        run.Run("--help");
        IEnumerable<string> model = run.Output.Split('\n').SkipWhile(l => !l.Contains("set ORE", StringComparison.Ordinal)).TakeWhile(l => l.Length > 0);
        Assert.Equal(0, run.Run("solve", run.File("mix.opt", string.Join('\n', model)), "--quiet"));
        Assert.Contains("Solved", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("solve", "--time-limit")]
    [InlineData("check", "--no-derivatives")]
    [InlineData("show", "--latex")]
    [InlineData("test", "--jobs")]
    public void Every_command_has_help_with_examples(string command, string option)
    {
        using var run = new CommandRun();
        Assert.Equal(0, run.Run(command, "--help"));
        foreach (string word in new[] { "Usage: optc " + command, "Examples:", "Options:", option }) Assert.Contains(word, run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_version_is_printed()
    {
        using var run = new CommandRun();
        Assert.Equal(0, run.Run("--version"));
        Assert.Matches(@"^optc \d+\.\d+\.\d+\n$", run.Output);
    }
}
