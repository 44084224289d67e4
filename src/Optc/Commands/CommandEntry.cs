using System.CommandLine;

namespace Optc.Cli.Commands;

/// <summary>A command with what its help says beyond the list of options.</summary>
/// <param name="Command">Name, description, arguments and options.</param>
/// <param name="Usage">The line after <c>optc</c>.</param>
/// <param name="Details">Paragraphs of the help.</param>
/// <param name="Examples">Command lines with what each does.</param>
/// <param name="Run">Does it; the exit code.</param>
public sealed record CommandEntry(
    Command Command,
    string Usage,
    string Details,
    IReadOnlyList<(string Line, string Meaning)> Examples,
    Func<ParseResult, int> Run);
