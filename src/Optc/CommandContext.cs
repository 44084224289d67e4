namespace Optc.Cli;

/// <summary>Where a command writes and what can stop it.</summary>
/// <param name="Out">Results.</param>
/// <param name="Error">Progress and diagnostics.</param>
/// <param name="IsLive">Whether <paramref name="Error"/> is a terminal that a line can be rewritten on.</param>
/// <param name="Cancellation">Ctrl-C.</param>
public sealed record CommandContext(TextWriter Out, TextWriter Error, bool IsLive, CancellationToken Cancellation);

/// <summary>Wrong usage that only shows when a command looks at its arguments; ends the command with exit code 2.</summary>
public sealed class UsageException(string message) : Exception(message);
