using System.CommandLine;
using System.CommandLine.Parsing;
using Optc.Cli.Commands;

namespace Optc.Cli;

/// <summary>The command line: finds the command, refuses wrong usage, and runs.</summary>
public static class OptcProgram
{
    private static readonly ParserConfiguration Configuration = new()
    {
        EnablePosixBundling = false,
        // A file may be called @name.
        ResponseFileTokenReplacer = null,
    };

    /// <summary>Runs the command line with results on <paramref name="output"/> and the rest on <paramref name="error"/>; the exit code.</summary>
    public static int Run(string[] args, TextWriter output, TextWriter error) =>
        Run(args, new CommandContext(output, error, IsLive: false, CancellationToken.None));

    /// <summary>Runs the command line in a context; the exit code.</summary>
    public static int Run(string[] args, CommandContext context)
    {
        ArgumentNullException.ThrowIfNull(args);
        ArgumentNullException.ThrowIfNull(context);
        CommandEntry[] commands = [SolveCommand.Create(context), RepairCommand.Create(context), SampleCommand.Create(context), CheckCommand.Create(context), ShowCommand.Create(context), ExportCommand.Create(context), TestCommand.Create(context)];
        if (args.Length == 0)
        {
            HelpText.WriteProgram(context.Error, commands);
            return ExitCodes.WrongUsage;
        }
        if (args[0] is "--help" or "-h" or "-?" or "help")
        {
            CommandEntry? about = args.Length > 1 ? commands.FirstOrDefault(c => c.Command.Name == args[1]) : null;
            if (about is null) HelpText.WriteProgram(context.Out, commands);
            else HelpText.WriteCommand(context.Out, about);
            return ExitCodes.Done;
        }
        if (args[0] is "--version")
        {
            context.Out.WriteLine($"optc {Version}");
            return ExitCodes.Done;
        }
        CommandEntry? entry = commands.FirstOrDefault(c => c.Command.Name == args[0]);
        if (entry is null && MeantCommand(args[0], commands) is { } message) return Refuse(context, message, "optc --help lists the commands");
        // `optc model.opt` is `optc solve model.opt`.
        string[] rest = entry is null ? args : args[1..];
        entry ??= commands[0];
        if (rest.Any(a => a is "--help" or "-h" or "-?"))
        {
            HelpText.WriteCommand(context.Out, entry);
            return ExitCodes.Done;
        }
        return Invoke(entry, rest, context);
    }

    /// <summary>The version of the product.</summary>
    public static string Version => typeof(OptcProgram).Assembly.GetName().Version?.ToString(3) ?? "0";

    private static int Invoke(CommandEntry entry, string[] args, CommandContext context)
    {
        string seeHelp = $"optc {entry.Command.Name} --help lists the options";
        ParseResult parsed = entry.Command.Parse(args, Configuration);
        if (UnknownOption(entry, args) is { } unknown) return Refuse(context, unknown, seeHelp);
        if (parsed.Errors.Count > 0) return Refuse(context, parsed.Errors[0].Message, seeHelp);
        try
        {
            return entry.Run(parsed);
        }
        catch (UsageException wrong)
        {
            return Refuse(context, wrong.Message, seeHelp);
        }
        catch (TypeInitializationException start)
            when (start.GetBaseException() is InvalidOperationException wrong && wrong.Message.StartsWith("OPTC_", StringComparison.Ordinal))
        {
            // A bad value of an environment variable, found where it is first used.
            context.Error.WriteLine($"optc: {start.GetBaseException().Message}");
            return ExitCodes.WrongUsage;
        }
        catch (OutOfMemoryException)
        {
            context.Error.WriteLine("optc: there is not enough memory for this model");
            return ExitCodes.Failure;
        }
        catch (Exception defect) when (defect is not IOException)
        {
            string? place = defect.StackTrace?.Split('\n')[0].Trim();
            context.Error.WriteLine($"optc: internal error, please report it with the model: {defect.GetType().Name}: {defect.Message} ({place})");
            return ExitCodes.Failure;
        }
    }

    /// <summary>The parser takes an unknown option for a file; here it is found and the nearest known one named.</summary>
    private static string? UnknownOption(CommandEntry entry, string[] args)
    {
        string[] known = [.. entry.Command.Options.Select(o => o.Name)];
        for (int i = 0; i < args.Length; i++)
        {
            if (args[i] == "--") return null;
            string name = args[i].Split('=', ':')[0];
            Option? option = entry.Command.Options.FirstOrDefault(o => o.Name == name || o.Aliases.Contains(name));
            if (option is not null && option.ValueType == typeof(bool) && name != args[i]) return $"{name} takes no value; {args[i]} is not understood";
            if (option is not null && name == args[i] && option.ValueType != typeof(bool)) i++;
            else if (option is null && name.Length > 1 && name[0] == '-')
                return $"unknown option {name}{Nearest.Suggestion(name, known)}";
        }
        return null;
    }

    /// <summary>A message if the first argument is rather a misspelled command than a file; else null.</summary>
    private static string? MeantCommand(string argument, CommandEntry[] commands)
    {
        bool isFile = argument.StartsWith('-') || argument.Contains('.', StringComparison.Ordinal) || argument.Contains('/', StringComparison.Ordinal) || Path.Exists(argument);
        return isFile ? null : $"unknown command {argument}{Nearest.Suggestion(argument, [.. commands.Select(c => c.Command.Name)])}";
    }

    private static int Refuse(CommandContext context, string message, string remedy)
    {
        context.Error.WriteLine($"optc: {message}");
        context.Error.WriteLine($"  hint: {remedy}");
        return ExitCodes.WrongUsage;
    }
}
