using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Optc.Cli.Rendering;
using Optc.Compiler;

namespace Optc.Cli.Commands;

/// <summary><c>optc test</c>: solves models and checks what they expect of themselves.</summary>
internal sealed class TestCommand
{
    private const double DefaultTimeLimit = 60.0;
    private const int StackBytes = 256 << 20;

    private readonly Argument<string[]> _paths = new("PATH") { Description = "models, and folders whose .opt files are all run", Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<string?> _jobs = new("--jobs", "-j") { HelpName = "n", Description = "files run at the same time (default: the processors)" };
    private readonly Option<string?> _timeLimit = new("--time-limit") { HelpName = "s", Description = "seconds for each solve (default 60)" };
    private readonly Option<string> _format = new("--format") { HelpName = "table|json", Description = "how the outcome is printed", DefaultValueFactory = _ => "table" };
    private readonly Option<bool> _quiet = new("--quiet", "-q") { Description = "print failing files only" };
    private readonly CommandContext _context;

    private TestCommand(CommandContext context) => _context = context;

    public static CommandEntry Create(CommandContext context)
    {
        var test = new TestCommand(context);
        var command = new Command("test", "Solve models and check the expectations they state.");
        test._format.AcceptOnlyFromAmong("table", "json");
        command.Add(test._paths);
        foreach (Option option in new Option[] { test._jobs, test._timeLimit, test._format, test._quiet }) command.Add(option);
        return new CommandEntry(
            command,
            "test DIR_OR_FILE… [options]",
            """
            A model states its known answer with expect statements:

              expect cost = 17.0140173 within 1e-6;
              expect status = solved;

            Every .opt file below a folder is run, in the order of names. Exit code 0 only when all expectations of all files are
            met, else 1.
            """,
            [
                ("optc test examples", "all models below a folder"),
                ("optc test a.opt b.opt --format json", "two models, the outcome for a program"),
            ],
            test.Run);
    }

    private int Run(ParseResult parsed)
    {
        string[] paths = parsed.GetValue(_paths) ?? [];
        if (paths.Length == 0) throw new UsageException("no model or folder is given");
        int jobs = ModelArguments.Whole(parsed.GetValue(_jobs), "--jobs", Environment.ProcessorCount);
        if (jobs < 1) throw new UsageException($"--jobs takes a whole number of at least 1, not {jobs}");
        double limit = ModelArguments.Seconds(parsed.GetValue(_timeLimit), "--time-limit", DefaultTimeLimit);
        bool isTable = parsed.GetValue(_format) == "table", isQuiet = parsed.GetValue(_quiet);
        if (ModelFiles(paths) is not { } files) return ExitCodes.ModelWrong;

        long started = Stopwatch.GetTimestamp();
        var outcomes = new TestOutcome?[files.Count];
        int printed = 0, next = -1;
        object turn = new();
        void Work()
        {
            for (int k = Interlocked.Increment(ref next); k < files.Count && !_context.Cancellation.IsCancellationRequested; k = Interlocked.Increment(ref next))
            {
                TestOutcome outcome = RunFile(files[k], limit);
                lock (turn)
                {
                    outcomes[k] = outcome;
                    // Lines come in the order of the files, as soon as all before them are there.
                    for (; printed < files.Count && outcomes[printed] is { } done; printed++)
                    {
                        if (isTable && !(isQuiet && done.Passed)) WriteLine(done);
                    }
                }
            }
        }
        Thread[] workers = [.. Enumerable.Range(0, Math.Min(jobs, files.Count)).Select(_ => new Thread(Work, StackBytes))];
        foreach (Thread worker in workers) worker.Start();
        foreach (Thread worker in workers) worker.Join();

        TestOutcome[] all = [.. outcomes.OfType<TestOutcome>()];
        if (isTable) WriteSummary(all, Stopwatch.GetElapsedTime(started).TotalSeconds);
        else WriteJson(all);
        if (_context.Cancellation.IsCancellationRequested) return ExitCodes.Limit;
        return all.All(o => o.Passed) ? ExitCodes.Done : ExitCodes.ModelWrong;
    }

    /// <summary>The files of the arguments in order, those of a folder sorted; null when an argument names nothing.</summary>
    private List<string>? ModelFiles(string[] paths)
    {
        var files = new List<string>();
        foreach (string path in paths)
        {
            if (Directory.Exists(path))
            {
                string[] below = Directory.GetFiles(path, "*.opt", SearchOption.AllDirectories);
                Array.Sort(below, StringComparer.Ordinal);
                if (below.Length == 0)
                {
                    // A run of nothing must not look like a success.
                    _context.Error.WriteLine($"optc: there is no .opt file below {path}");
                    return null;
                }
                files.AddRange(below);
            }
            else if (File.Exists(path))
            {
                files.Add(path);
            }
            else
            {
                _context.Error.WriteLine($"optc: there is no file or folder {path}");
                return null;
            }
        }
        return files;
    }

    private TestOutcome RunFile(string file, double limit)
    {
        long started = Stopwatch.GetTimestamp();
        EngineResult? result = null;
        string? failure = null;
        try
        {
            result = Engine.Run([file], new EngineOptions { TimeLimit = limit, Output = TextWriter.Null, Cancellation = _context.Cancellation });
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // One broken model must not hide the outcome of the others.
            failure = $"internal error: {e.GetType().Name}: {e.Message}";
        }
        return new TestOutcome(file, Stopwatch.GetElapsedTime(started).TotalSeconds, result, failure);
    }

    private void WriteLine(TestOutcome outcome)
    {
        string mark = outcome.Passed ? "ok  " : "FAIL";
        _context.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{mark} {outcome.Seconds,7:F2} s  {outcome.Met}/{outcome.Asked}  {outcome.Status,-18} {outcome.File}"));
        foreach (string complaint in outcome.Complaints()) _context.Out.WriteLine($"       {complaint}");
        _context.Out.Flush();
    }

    private void WriteSummary(TestOutcome[] all, double seconds)
    {
        _context.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{all.Sum(o => o.Met)} of {all.Sum(o => o.Asked)} expectations met in {all.Length} files; {all.Count(o => !o.Passed)} files fail; {seconds:F1} s"));
    }

    private void WriteJson(TestOutcome[] all)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartArray("files");
            foreach (TestOutcome outcome in all) outcome.WriteJson(json);
            json.WriteEndArray();
            json.WriteNumber("met", all.Sum(o => o.Met));
            json.WriteNumber("expectations", all.Sum(o => o.Asked));
            json.WriteNumber("failing", all.Count(o => !o.Passed));
            json.WriteEndObject();
        }
        _context.Out.WriteLine(Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
    }
}
