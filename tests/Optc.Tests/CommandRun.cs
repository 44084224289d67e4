using System.Text.Json;
using Optc.Cli;
using Xunit;

namespace Optc.Tests;

/// <summary>One run of the command line on files of a folder of its own.</summary>
internal sealed class CommandRun : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("optc-tests-");

    public string Output { get; private set; } = "";

    public string Error { get; private set; } = "";

    /// <summary>Writes a file and returns its path.</summary>
    public string File(string name, string text) => File(name, System.Text.Encoding.UTF8.GetBytes(text));

    public string File(string name, byte[] bytes)
    {
        string path = Path.Combine(_folder.FullName, name);
        System.IO.File.WriteAllBytes(path, bytes);
        return path;
    }

    public string PathOf(string name) => Path.Combine(_folder.FullName, name);

    /// <summary>Runs on a thread with the stack of the real program; the exit code.</summary>
    public int Run(params string[] args) => Run(CancellationToken.None, args);

    public int Run(CancellationToken cancellation, params string[] args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        int code = -1;
        var thread = new Thread(() => code = OptcProgram.Run(args, new CommandContext(output, error, IsLive: false, cancellation)), 256 << 20);
        thread.Start();
        thread.Join();
        Output = output.ToString();
        Error = error.ToString();
        return code;
    }

    /// <summary>The answer to <c>solve</c> with these arguments as JSON; the exit code must be the one given.</summary>
    public JsonElement SolveJson(int code, params string[] args)
    {
        int actual = Run(["solve", .. args, "--format", "json", "-q"]);
        Assert.True(code == actual, $"{string.Join(' ', args)}: exit code {actual}\n{Output}{Error}");
        return JsonDocument.Parse(Output).RootElement;
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
