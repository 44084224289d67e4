using System.Text.Json;
using Xunit;

namespace Optc.Tests;

/// <summary><c>optc test</c>.</summary>
public sealed class TestCommandTests
{
    private const string Wrong = "var x := 3; minimize f: (x - 1)^2; expect f = 7 within 1e-3; expect x = 1 within 1e-4;";

    [Fact]
    public void A_folder_without_models_is_no_success()
    {
        using var run = new CommandRun();
        string folder = run.PathOf("empty");
        Directory.CreateDirectory(folder);
        Assert.Equal(1, run.Run("test", folder));
        Assert.Contains("there is no .opt file below", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void All_expectations_met_is_exit_code_0()
    {
        using var run = new CommandRun();
        run.File("b.opt", Texts.Hs071);
        run.File("a.opt", "var x := 3; minimize f: (x - 1)^2; expect x = 1 within 1e-4;");
        Assert.Equal(0, run.Run("test", run.PathOf(".")));
        Assert.Contains("3 of 3 expectations met in 2 files", run.Output, StringComparison.Ordinal);
        Assert.InRange(run.Output.IndexOf("a.opt", StringComparison.Ordinal), 0, run.Output.IndexOf("b.opt", StringComparison.Ordinal));
    }

    [Fact]
    public void A_failing_expectation_is_shown_with_what_came()
    {
        using var run = new CommandRun();
        Assert.Equal(1, run.Run("test", run.File("w.opt", Wrong)));
        Assert.Contains("FAIL", run.Output, StringComparison.Ordinal);
        Assert.Contains("expected 7", run.Output, StringComparison.Ordinal);
        Assert.Contains("1 of 2 expectations met in 1 files", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_model_fails_and_the_others_still_run()
    {
        using var run = new CommandRun();
        Assert.Equal(1, run.Run("test", run.File("bad.opt", "var x; minimize f: zz;"), run.File("good.opt", Texts.Hs071), "--jobs", "2"));
        Assert.Contains("zz", run.Output, StringComparison.Ordinal);
        Assert.Contains("2 of 2 expectations met in 2 files", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_has_every_file()
    {
        using var run = new CommandRun();
        Assert.Equal(1, run.Run("test", run.File("w.opt", Wrong), "--format", "json"));
        JsonElement json = JsonDocument.Parse(run.Output).RootElement;
        Assert.Equal(1, json.GetProperty("met").GetInt32());
        Assert.Equal(2, json.GetProperty("expectations").GetInt32());
        JsonElement file = json.GetProperty("files")[0];
        Assert.False(file.GetProperty("passed").GetBoolean());
        Assert.Equal("Solved", file.GetProperty("status").GetString());
    }

    [Fact]
    public void A_path_that_is_not_there_is_named()
    {
        using var run = new CommandRun();
        Assert.Equal(1, run.Run("test", run.PathOf("nowhere")));
        Assert.Contains("nowhere", run.Error, StringComparison.Ordinal);
    }
}
