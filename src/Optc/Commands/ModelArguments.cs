using System.CommandLine;
using System.Globalization;
using Optc.Compiler;
using Optc.Runtime.Readers;

namespace Optc.Cli.Commands;

/// <summary>The arguments of every command that reads a model.</summary>
internal sealed class ModelArguments
{
    private readonly Argument<string[]> _files = new("FILE") { Description = "model files (.opt, .mod), read one after the other, and data files (.dat); or one .qps, .mps, .qps.gz file", Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<string[]> _data = new("--data") { HelpName = "F", Description = "read a data file after the model" };
    private readonly Option<string[]> _set = new("--set") { HelpName = "name=value", Description = "give a parameter a value, in place of the one in the files" };
    private readonly Option<string?> _objective = new("--objective") { HelpName = "name", Description = "the objective to use, for models with several" };
    private readonly Option<string> _kernels = new("--kernels") { HelpName = "auto|interpreted|compiled", Description = "how expressions are evaluated", DefaultValueFactory = _ => "auto" };
    private readonly Option<string?> _seed = new("--seed") { HelpName = "n", Description = "seed of everything random (default 1)" };

    public void AddTo(Command command)
    {
        _kernels.AcceptOnlyFromAmong("auto", "interpreted", "compiled");
        command.Add(_files);
        foreach (Option option in new Option[] { _data, _set, _objective, _kernels, _seed }) command.Add(option);
    }

    public int Seed(ParseResult parsed) => Whole(parsed.GetValue(_seed), "--seed", 1);

    /// <summary>The model files, in order; refuses a command line without one.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="takesPrograms">Whether the command takes QPS and MPS files, too.</param>
    public string[] Files(ParseResult parsed, bool takesPrograms = false)
    {
        string[] files = parsed.GetValue(_files) ?? [];
        if (files.Length == 0) throw new UsageException("no model file is given");
        if (files.Contains("")) throw new UsageException("a model file has an empty name");
        if ((parsed.GetValue(_data) ?? []).Contains("")) throw new UsageException("--data takes a file, not ''");
        if (!takesPrograms && files.FirstOrDefault(MpsReader.Handles) is { } program)
            throw new UsageException($"{program} is a QPS or MPS file, which solve and check take; this command takes models in .opt");
        return files;
    }

    /// <summary>Options of the engine as these arguments set them.</summary>
    public EngineOptions Options(ParseResult parsed, CommandContext context) => new()
    {
        DataFiles = parsed.GetValue(_data) ?? [],
        Settings = Pairs(parsed.GetValue(_set), "--set"),
        Objective = parsed.GetValue(_objective),
        Kernels = parsed.GetValue(_kernels) ?? "auto",
        Seed = Seed(parsed),
        Output = context.Out,
        Cancellation = context.Cancellation,
    };

    /// <summary>The <c>name=value</c> items of an option.</summary>
    public static KeyValuePair<string, string>[] Pairs(string[]? items, string option) => [.. (items ?? []).Select(item => Pair(item, option))];

    /// <summary>Seconds: a positive number.</summary>
    public static double Seconds(string? text, string option, double fallback)
    {
        if (text is null) return fallback;
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds) && seconds > 0.0
            ? seconds
            : throw new UsageException($"{option} takes a positive number of seconds, not '{text}'");
    }

    /// <summary>A whole number of 32 bits.</summary>
    public static int Whole(string? text, string option, int fallback)
    {
        if (text is null) return fallback;
        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw new UsageException($"{option} takes a whole number, not '{text}'");
    }

    private static KeyValuePair<string, string> Pair(string item, string option)
    {
        int at = item.IndexOf('=', StringComparison.Ordinal);
        return at > 0
            ? new KeyValuePair<string, string>(item[..at].Trim(), item[(at + 1)..].Trim())
            : throw new UsageException($"{option} takes name=value, not '{item}'");
    }
}
