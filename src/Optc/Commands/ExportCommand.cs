using System.CommandLine;
using System.Text;
using Optc.Cli.Rendering;
using Optc.Compiler;

namespace Optc.Cli.Commands;

/// <summary><c>optc export</c>: writes a model in a form that other solvers read.</summary>
internal sealed class ExportCommand
{
    private readonly ModelArguments _model = new();
    private readonly Option<string> _format = new("--format") { HelpName = "nl", Description = "the form: AMPL's .nl", DefaultValueFactory = _ => "nl" };
    private readonly Option<bool> _binary = new("--binary") { Description = "binary instead of text" };
    private readonly Option<string?> _output = new("--output", "-o") { HelpName = "F", Description = "the file to write, .nl added if it is missing (default: the model's name, here); replaced only when it is complete" };
    private readonly Option<bool> _noNames = new("--no-names") { Description = "no .row and .col files with the names of constraints and variables" };
    private readonly Option<bool> _quiet = new("--quiet", "-q") { Description = "say nothing when all is well" };
    private readonly CommandContext _context;

    private ExportCommand(CommandContext context) => _context = context;

    public static CommandEntry Create(CommandContext context)
    {
        var export = new ExportCommand(context);
        var command = new Command("export", "Write a model as a .nl file for other solvers.");
        export._model.AddTo(command);
        export._format.AcceptOnlyFromAmong("nl");
        foreach (Option option in new Option[] { export._format, export._binary, export._output, export._noNames, export._quiet }) command.Add(option);
        return new CommandEntry(
            command,
            "export FILE… [options]",
            """
            Writes the model with its data as it stands at its end, without solving it, in AMPL's .nl form: functions as the
            model writes them (abs, max and if stay what they are), defined variables as common expressions, integer
            variables, complementarity conditions, all objectives with the one in use first. Beside F.nl stand F.row and
            F.col with the names in the order of the file. Exit codes: 0 written, 1 the model, its data or a file is wrong,
            or a function has no .nl form, 5 interrupted; then no file is touched.
            """,
            [
                ("optc export hs071.opt", "hs071.nl, hs071.row, hs071.col"),
                ("optc export diet.opt --data prices.dat -o out/diet.nl --binary", "another place, in binary"),
            ],
            export.Run);
    }

    private int Run(ParseResult parsed)
    {
        string[] files = _model.Files(parsed);
        bool isBinary = parsed.GetValue(_binary), hasNames = !parsed.GetValue(_noNames);
        string target = Target(parsed.GetValue(_output), files[0]);
        string? written = null;
        EngineResult result;
        try
        {
            EngineOptions options = _model.Options(parsed, _context);
            string? names = hasNames ? target : null;
            WrittenFiles.Check([.. files, .. options.DataFiles], ("--output", target), ("--output", Path.ChangeExtension(names, ".row")), ("--output", Path.ChangeExtension(names, ".col")));
            result = Engine.Export(files, options, (name, problem) =>
            {
                Write(target, name, problem, isBinary, hasNames);
                written = $"{target}: {Count(problem.VariableCount, "variable")}, {Count(problem.ConstraintCount, "constraint")}, {Count(problem.ObjectiveCount, "objective")}, {Count(problem.JacobianNonzeros, "Jacobian nonzero")}";
                foreach (string note in problem.Notes) written += $"\n  note: {note}";
            });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _context.Error.WriteLine($"optc: {e.Message}");
            return ExitCodes.ModelWrong;
        }
        catch (OperationCanceledException)
        {
            _context.Error.WriteLine("optc: interrupted; nothing was written");
            return ExitCodes.Limit;
        }
        DiagnosticText.Write(_context.Error, result.Diagnostics);
        if (result.HasErrors || written is null) return ExitCodes.ModelWrong;
        if (!parsed.GetValue(_quiet)) _context.Error.WriteLine(written);
        return ExitCodes.Done;
    }

    /// <summary>The file to write: its name ends in <c>.nl</c>, as readers want it.</summary>
    private static string Target(string? output, string model)
    {
        if (output is null) return Path.GetFileNameWithoutExtension(model) + ".nl";
        if (output.Length == 0 || Path.GetFileName(output).Length == 0) throw new UsageException($"--output takes a file, not '{output}'");
        return output.EndsWith(".nl", StringComparison.Ordinal) ? output : output + ".nl";
    }

    private static string Count(int count, string what) => $"{count} {what}{(count == 1 ? "" : "s")}";

    private void Write(string target, string name, NlProblem problem, bool isBinary, bool hasNames)
    {
        string rows = Path.ChangeExtension(target, ".row"), columns = Path.ChangeExtension(target, ".col");
        var files = new List<(string, Action<Stream>)>();
        if (hasNames)
        {
            files.Add((rows, stream => WriteLines(stream, problem.RowNames)));
            files.Add((columns, stream => WriteLines(stream, problem.ColumnNames)));
        }
        // The problem last: who sees it finds its names.
        files.Add((target, stream => problem.Write(stream, name, isBinary, hasNames)));
        OutputTarget.WriteFiles(files, _context.Cancellation);
    }

    private static void WriteLines(Stream stream, IEnumerable<string> lines)
    {
        using var writer = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), 1 << 16, leaveOpen: true) { NewLine = "\n" };
        foreach (string line in lines) writer.WriteLine(line);
    }
}
