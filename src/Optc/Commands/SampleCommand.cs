using System.CommandLine;
using System.Globalization;
using Optc.Cli.Rendering;
using Optc.Compiler;
using Optc.Runtime.Solvers.Consensus;
using Optc.Runtime.Templates;

namespace Optc.Cli.Commands;

/// <summary><c>optc sample</c>: draws from the density that an objective is the negative logarithm of.</summary>
internal sealed class SampleCommand
{
    private readonly ModelArguments _model = new();
    private readonly Option<string?> _draws = new("--draws") { HelpName = "n", Description = "draws that are kept (default 1000)" };
    private readonly Option<string?> _burn = new("--burn") { HelpName = "n", Description = "rounds before the first draw (default 1000)" };
    private readonly Option<string?> _thin = new("--thin") { HelpName = "n", Description = "rounds from draw to draw (default 10)" };
    private readonly Option<string?> _rho = new("--rho") { HelpName = "r", Description = "penalty; larger is nearer to the density and slower (default: ten times the mean of the blocks' largest curvatures)" };
    private readonly Option<string?> _timeLimit = new("--time-limit") { HelpName = "s", Description = "seconds after which the draws so far are printed" };
    private readonly Option<string> _format = new("--format") { HelpName = "table|json|csv", Description = "table: a summary of each variable; json: summary and draws; csv: the draws", DefaultValueFactory = _ => "table" };
    private readonly Option<string?> _output = new("--output") { HelpName = "F", Description = "write the answer to a file; replaced only when the answer is complete" };
    private readonly Option<bool> _quiet = new("--quiet", "-q") { Description = "no progress" };
    private readonly CommandContext _context;

    private SampleCommand(CommandContext context) => _context = context;

    public static CommandEntry Create(CommandContext context)
    {
        var sample = new SampleCommand(context);
        var command = new Command("sample", "Draw from the density exp(-objective).");
        sample._model.AddTo(command);
        sample._format.AcceptOnlyFromAmong("table", "json", "csv");
        foreach (Option option in new Option[] { sample._draws, sample._burn, sample._thin, sample._rho, sample._timeLimit, sample._format, sample._output, sample._quiet }) command.Add(option);
        return new CommandEntry(
            command,
            "sample FILE… [options]",
            """
            The objective that is minimised is the negative logarithm of a density, up to a constant (one that is maximised its
            logarithm): a posterior of a Bayesian model. Blocks that the model declares draw together, each with its own terms, and
            exchange only the shared variables. Consensus ADMM with noise in its proximal steps: near the density, nearer with a
            larger --rho. Exit codes: 0 done, 1 the model or its data is wrong or cannot be drawn from, 5 a limit or an interrupt.
            """,
            [
                ("optc sample posterior.opt", "mean, deviation and quantiles of each variable"),
                ("optc sample posterior.opt --draws 5000 --format csv", "the draws, one in a line"),
                ("optc sample posterior.opt --rho 200 --thin 50", "smaller steps, nearer to the density"),
            ],
            sample.Run);
    }

    private int Run(ParseResult parsed)
    {
        string[] files = _model.Files(parsed);
        string format = parsed.GetValue(_format)!;
        EngineOptions options = _model.Options(parsed, _context);
        options.TimeLimit = ModelArguments.Seconds(parsed.GetValue(_timeLimit), "--time-limit", double.PositiveInfinity);
        options.Threads = EvaluationThreads.Count;
        if (format != "table") options.Output = _context.Error;
        var plain = new SamplingOptions();
        var how = new SamplingOptions
        {
            Draws = Whole(parsed.GetValue(_draws), "--draws", 1, plain.Draws),
            Burn = Whole(parsed.GetValue(_burn), "--burn", 0, plain.Burn),
            Thin = Whole(parsed.GetValue(_thin), "--thin", 1, plain.Thin),
            Penalty = Penalty(parsed.GetValue(_rho)),
        };
        var progress = new ProgressReporter(_context.Error, _context.IsLive);
        if (!parsed.GetValue(_quiet)) options.Progress = progress.Report;
        string? output = parsed.GetValue(_output);
        SampleResult result;
        try
        {
            WrittenFiles.Check([.. files, .. options.DataFiles], ("--output", output));
            result = Engine.Sample(files, options, how);
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
        if (!OutputTarget.TryWrite(output, _context, writer => SampleRenderer.Write(writer, format, result))) return ExitCodes.ModelWrong;
        if (result.HasErrors || result.Draws is not { } draws) return ExitCodes.ModelWrong;
        return draws.IsComplete ? ExitCodes.Done : ExitCodes.Limit;
    }

    private static int Whole(string? text, string option, int least, int fallback)
    {
        if (text is null) return fallback;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value >= least
            ? value
            : throw new UsageException($"{option} takes a whole number from {least}, not '{text}'");
    }

    private static double Penalty(string? text)
    {
        if (text is null) return 0.0;
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value > 0.0 && double.IsFinite(value)
            ? value
            : throw new UsageException($"--rho takes a positive number, not '{text}'");
    }
}
