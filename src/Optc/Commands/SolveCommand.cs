using System.CommandLine;
using System.Globalization;
using Optc.Cli.Rendering;
using Optc.Compiler;
using Optc.Runtime.Readers;
using Optc.Runtime.Solution;
using Optc.Runtime.Solvers;
using Optc.Runtime.Solvers.Admm;
using Optc.Runtime.Solvers.AugmentedLagrangian;
using Optc.Runtime.Solvers.Bilevel;
using Optc.Runtime.Solvers.BlockCoordinate;
using Optc.Runtime.Solvers.Consensus;
using Optc.Runtime.Solvers.Projections;
using Optc.Runtime.Templates;

namespace Optc.Cli.Commands;

/// <summary><c>optc solve</c>: reads a model, solves it, and prints the answer.</summary>
internal sealed class SolveCommand
{
    /// <summary>Options of <c>--option</c> that the compiler takes before the solver.</summary>
    private static readonly string[] CompilerOptions = ["nonsmooth", "relax_integrality", "randseed"];

    /// <summary>Stands for the solver of programs in files, among those of models.</summary>
    private const string Program = "program";

    private const int MostStarts = 1_000_000;

    private readonly ModelArguments _model = new();
    private readonly Option<string> _solver = new("--solver") { HelpName = string.Join('|', Engine.Solvers), Description = "the method", DefaultValueFactory = _ => "auto" };
    private readonly Option<string[]> _option = new("--option") { HelpName = "k=v", Description = "an option of the solver" };
    private readonly Option<string?> _timeLimit = new("--time-limit") { HelpName = "s", Description = "seconds after which the best point so far is printed" };
    private readonly Option<string?> _starts = new("--starts") { HelpName = "n", Description = "solve from n points, the model's own and random ones, and keep the best answer" };
    private readonly Option<string[]> _sensitivity = new("--sensitivity") { HelpName = "p", Description = "derivatives of the answer with respect to a parameter, p or p[a,3], and the range in which they hold" };
    private readonly Option<string> _format = new("--format") { HelpName = "table|json|csv", Description = "how the answer is printed", DefaultValueFactory = _ => "table" };
    private readonly Option<string?> _output = new("--output") { HelpName = "F", Description = "write the answer to a file; replaced only when the answer is complete" };
    private readonly Option<string?> _trace = new("--trace") { HelpName = "F.jsonl", Description = "write every iteration as a line of JSON" };
    private readonly Option<bool> _all = new("--all") { Description = "print all rows of the table" };
    private readonly Option<bool> _quiet = new("--quiet", "-q") { Description = "no progress" };
    private readonly CommandContext _context;

    private SolveCommand(CommandContext context) => _context = context;

    public static CommandEntry Create(CommandContext context)
    {
        var solve = new SolveCommand(context);
        var command = new Command("solve", "Solve a model and print the answer.");
        solve._model.AddTo(command);
        solve._format.AcceptOnlyFromAmong("table", "json", "csv");
        foreach (Option option in new Option[] { solve._solver, solve._option, solve._timeLimit, solve._starts, solve._sensitivity, solve._format, solve._output, solve._trace, solve._all, solve._quiet }) command.Add(option);
        return new CommandEntry(
            command,
            "solve FILE… [options]     (or: optc FILE… [options])",
            """
            Results go to standard output, progress to standard error. Exit codes: 0 solved, 1 the model, its data or a file
            is wrong, 2 wrong usage, 3 infeasible, 4 unbounded, 5 a limit or an interrupt (the best point is printed),
            6 numerical failure or a function that cannot be evaluated.
            """,
            [
                ("optc solve diet.opt --data prices.dat", "a model and its data"),
                ("optc solve hs071.opt --format json --quiet", "one JSON object, for programs"),
                ("optc solve grid.opt --set n=500 --time-limit 60", "another size, at most a minute"),
                ("optc solve CVXQP1_S.qps.gz", "a quadratic program in a QPS or MPS file"),
                ("optc solve hs071.opt --option tolerance=1e-10", "a tighter answer"),
                ("optc solve portfolio.opt --sensitivity target", "and how the answer changes with a parameter"),
                ("optc solve pooling.opt --starts 50 --seed 7", "the best of 50 local solutions, and a table of them"),
            ],
            solve.Run);
    }

    private int Run(ParseResult parsed)
    {
        string[] files = _model.Files(parsed, takesPrograms: true);
        string format = parsed.GetValue(_format)!;
        EngineOptions options = _model.Options(parsed, _context);
        options.Solver = Solver(parsed.GetValue(_solver)!);
        bool isProgram = files.Any(MpsReader.Handles);
        bool isQuadratic = options.Solver == "admm" || (options.Solver == "auto" && isProgram);
        options.SolverOptions = SolverOptions(parsed.GetValue(_option), isProgram && isQuadratic ? Program : options.Solver);
        options.TimeLimit = ModelArguments.Seconds(parsed.GetValue(_timeLimit), "--time-limit", double.PositiveInfinity);
        options.Starts = Starts(parsed.GetValue(_starts));
        options.Threads = EvaluationThreads.Count;
        options.Sensitivity = parsed.GetValue(_sensitivity) ?? [];
        // What the model displays must not stand inside a JSON object or a CSV file.
        if (format != "table") options.Output = _context.Error;

        var progress = new ProgressReporter(_context.Error, _context.IsLive);
        bool isQuiet = parsed.GetValue(_quiet);
        string? output = parsed.GetValue(_output);
        TraceWriter? trace = null;
        EngineResult result;
        try
        {
            WrittenFiles.Check([.. files, .. options.DataFiles], ("--output", output), ("--trace", parsed.GetValue(_trace)));
            trace = parsed.GetValue(_trace) is { } file ? new TraceWriter(file) : null;
            if (!isQuiet || trace is not null)
            {
                options.Progress = record =>
                {
                    if (!isQuiet) progress.Report(record);
                    trace?.Write(record);
                };
            }
            result = ProgramFile.Is(files, options) ? ProgramFile.Solve(files[0], options) : Engine.Run(files, options);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Unwritable(e);
        }
        finally
        {
            trace?.Dispose();
            progress.End();
        }
        DiagnosticText.Write(_context.Error, result.Diagnostics);
        if (!OutputTarget.TryWrite(output, _context, writer => Render(writer, format, result, parsed.GetValue(_all)))) return ExitCodes.ModelWrong;
        if (result.HasErrors) return ExitCodes.ModelWrong;
        if (!isProgram && result.Solution is { Status: SolveStatus.Infeasible, Conditions: null, Bilevel: null })
            _context.Error.WriteLine($"  hint: optc repair {string.Join(' ', files)} finds the cheapest relaxation of the constraints");
        return result.Solution is { } solution ? ExitCodes.Of(solution.Status) : ExitCodes.Done;
    }

    private static void Render(TextWriter writer, string format, EngineResult result, bool all)
    {
        if (format == "json") JsonRenderer.Write(writer, result);
        else if (result.Solution is null) return;
        else if (format == "csv") CsvRenderer.Write(writer, result.Solution);
        else TableRenderer.Write(writer, result.Solution, result.Expectations, all);
    }

    private static int Starts(string? text)
    {
        if (text is null) return 1;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int starts) && starts is >= 1 and <= MostStarts
            ? starts
            : throw new UsageException($"--starts takes a whole number from 1 to {MostStarts}, not '{text}'");
    }

    private static string Solver(string name) => Engine.Solvers.Contains(name)
        ? name
        : throw new UsageException($"there is no solver '{name}'{Nearest.Suggestion(name, Engine.Solvers)}; the solvers are {string.Join(", ", Engine.Solvers)}");

    /// <summary>Keys and values are tried before the model is read.</summary>
    internal static KeyValuePair<string, string>[] SolverOptions(string[]? items, string solver = "auto")
    {
        KeyValuePair<string, string>[] pairs = ModelArguments.Pairs(items, "--option");
        KeyValuePair<string, string>[] own = [.. pairs.Where(p => !CompilerOptions.Contains(p.Key))];
        try
        {
            switch (solver)
            {
                case "admm" when own.Any(p => !IsOf(AdmmOptions.Table, p) && IsOf(ConsensusOptions.Table, p)):
                    With(ConsensusOptions.Table, new ConsensusOptions(), own).Validate();
                    break;
                case "admm" or Program:
                    With(AdmmOptions.Table, new AdmmOptions(), own).Validate();
                    break;
                case "cd":
                    CoordinateOptions.Check(own);
                    break;
                case "projections":
                    With(ProjectionOptions.Table, new ProjectionOptions(), own).Validate();
                    break;
                case "auto" when own.Any(p => !IsOfBilevel(p) && !IsOf(AugmentedLagrangianOptions.Table, p) && IsOfAnother(p)):
                    // The text may name the solver (option solver NAME;): its options are judged when the text has been read.
                    break;
                default:
                    With(BilevelOptions.Table, new BilevelOptions(), own.Where(IsOfBilevel)).Validate();
                    With(AugmentedLagrangianOptions.Table, new AugmentedLagrangianOptions(), own.Where(p => !IsOfBilevel(p))).Validate();
                    break;
            }
        }
        catch (ArgumentException wrong)
        {
            throw new UsageException(wrong.Message);
        }
        return pairs;
    }

    private static bool IsOfBilevel(KeyValuePair<string, string> pair) => IsOf(BilevelOptions.Table, pair);

    private static bool IsOfAnother(KeyValuePair<string, string> pair) =>
        IsOf(AdmmOptions.Table, pair) || IsOf(ConsensusOptions.Table, pair) || IsOf(ProjectionOptions.Table, pair)
        || CoordinateOptions.FirstOfBlocks([pair.Key]) is not null || CoordinateOptions.FirstOfWorkers([pair.Key]) is not null || CoordinateOptions.FirstOfLosses([pair.Key]) is not null;

    private static bool IsOf<T>(OptionTable<T> table, KeyValuePair<string, string> pair)
        where T : new() =>
        table.Entries.Any(e => string.Equals(e.Name, pair.Key, StringComparison.OrdinalIgnoreCase));

    private static T With<T>(OptionTable<T> table, T options, IEnumerable<KeyValuePair<string, string>> pairs)
        where T : new() =>
        pairs.Aggregate(options, (current, pair) => table.With(current, pair.Key, pair.Value));

    private int Unwritable(Exception e)
    {
        _context.Error.WriteLine($"optc: {e.Message}");
        return ExitCodes.ModelWrong;
    }
}
