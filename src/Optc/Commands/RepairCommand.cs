using System.CommandLine;
using Optc.Cli.Rendering;
using Optc.Compiler;
using Optc.Runtime.Solution;

namespace Optc.Cli.Commands;

/// <summary><c>optc repair</c>: the cheapest relaxation of an infeasible model.</summary>
internal sealed class RepairCommand
{
    private readonly ModelArguments _model = new();
    private readonly Option<string> _norm = new("--norm") { HelpName = "1|inf|2", Description = "how amounts are added up: their sum, the largest, or their squares", DefaultValueFactory = _ => "1" };
    private readonly Option<string[]> _weight = new("--weight") { HelpName = "family=w", Description = "cost of a unit in a family of constraints (default 1)" };
    private readonly Option<string[]> _keep = new("--keep") { HelpName = "family", Description = "a family that must hold" };
    private readonly Option<bool> _bounds = new("--bounds") { Description = "relax bounds of variables, too" };
    private readonly Option<bool> _thenOptimize = new("--then-optimize") { Description = "solve the repaired model: its objective with the sides where the repair puts them" };
    private readonly Option<bool> _conflict = new("--conflict") { Description = "name families that cannot hold together and of which none can be spared" };
    private readonly Option<string[]> _option = new("--option") { HelpName = "k=v", Description = "an option of the solver" };
    private readonly Option<string?> _timeLimit = new("--time-limit") { HelpName = "s", Description = "seconds for each solve" };
    private readonly Option<string> _format = new("--format") { HelpName = "table|json", Description = "how the answer is printed", DefaultValueFactory = _ => "table" };
    private readonly Option<string?> _output = new("--output") { HelpName = "F", Description = "write the answer to a file; replaced only when the answer is complete" };
    private readonly Option<bool> _all = new("--all") { Description = "print all members that move" };
    private readonly Option<bool> _quiet = new("--quiet", "-q") { Description = "no progress" };
    private readonly CommandContext _context;

    private RepairCommand(CommandContext context) => _context = context;

    public static CommandEntry Create(CommandContext context)
    {
        var repair = new RepairCommand(context);
        var command = new Command("repair", "Find the cheapest relaxation of an infeasible model.");
        repair._model.AddTo(command);
        repair._norm.AcceptOnlyFromAmong("1", "inf", "2");
        repair._format.AcceptOnlyFromAmong("table", "json");
        foreach (Option option in new Option[] { repair._norm, repair._weight, repair._keep, repair._bounds, repair._thenOptimize, repair._conflict, repair._option, repair._timeLimit, repair._format, repair._output, repair._all, repair._quiet }) command.Add(option);
        return new CommandEntry(
            command,
            "repair FILE… [options]",
            """
            Says which sides of constraints have to move, and by how much, for the model as it stands at its end to have a
            feasible point. What is minimised is the sum of the amounts, each over the size of its row (the norm of its
            gradient at the start), so that units do not decide. For models that are not convex the answer is a local one.
            Exit codes: 0 repaired or nothing to repair, 1 the model, its data or a family's name is wrong, 3 what must be
            kept is infeasible, 5 a limit, 6 the solver failed.
            """,
            [
                ("optc repair plan.opt", "what has to give, by families"),
                ("optc repair plan.opt --keep demand --weight budget=10", "demand holds, and budget costs ten times as much"),
                ("optc repair plan.opt --then-optimize", "and the best objective after it"),
                ("optc repair plan.opt --conflict", "and which families cannot hold together"),
            ],
            repair.Run);
    }

    private int Run(ParseResult parsed)
    {
        string[] files = _model.Files(parsed);
        string format = parsed.GetValue(_format)!;
        EngineOptions options = _model.Options(parsed, _context);
        options.SolverOptions = SolveCommand.SolverOptions(parsed.GetValue(_option));
        options.TimeLimit = ModelArguments.Seconds(parsed.GetValue(_timeLimit), "--time-limit", double.PositiveInfinity);
        if (format != "table") options.Output = _context.Error;
        var how = new RepairOptions
        {
            Norm = parsed.GetValue(_norm)!,
            Weights = ModelArguments.Pairs(parsed.GetValue(_weight), "--weight"),
            Keep = parsed.GetValue(_keep) ?? [],
            Bounds = parsed.GetValue(_bounds),
            ThenOptimize = parsed.GetValue(_thenOptimize),
            Conflict = parsed.GetValue(_conflict),
        };
        var progress = new ProgressReporter(_context.Error, _context.IsLive);
        if (!parsed.GetValue(_quiet)) options.Progress = progress.Report;
        string? output = parsed.GetValue(_output);
        RepairResult result;
        try
        {
            WrittenFiles.Check([.. files, .. options.DataFiles], ("--output", output));
            result = Engine.Repair(files, options, how);
        }
        catch (OperationCanceledException)
        {
            return ExitCodes.Limit;
        }
        catch (IOException e)
        {
            _context.Error.WriteLine($"optc: {e.Message}");
            return ExitCodes.ModelWrong;
        }
        finally
        {
            progress.End();
        }
        DiagnosticText.Write(_context.Error, result.Diagnostics);
        if (!OutputTarget.TryWrite(output, _context, writer => Render(writer, format, result, parsed.GetValue(_all)))) return ExitCodes.ModelWrong;
        if (result.HasErrors || result.Report is not { } report) return ExitCodes.ModelWrong;
        return report.Outcome switch
        {
            RepairOutcome.Impossible => ExitCodes.Infeasible,
            RepairOutcome.Failed => ExitCodes.Of(report.Status) is var code and not ExitCodes.Done ? code : ExitCodes.Failure,
            _ => report.Optimised is { } status ? ExitCodes.Of(status) : ExitCodes.Done,
        };
    }

    private static void Render(TextWriter writer, string format, RepairResult result, bool all)
    {
        if (format == "json") RepairRenderer.WriteJson(writer, result);
        else if (result.Report is { } report) RepairRenderer.WriteTable(writer, report, all);
    }
}
