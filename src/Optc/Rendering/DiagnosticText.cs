using Optc.Compiler;

namespace Optc.Cli.Rendering;

/// <summary>Diagnostics for people.</summary>
internal static class DiagnosticText
{
    /// <summary>Each with its line of the text and a caret.</summary>
    public static void Write(TextWriter writer, IReadOnlyList<EngineDiagnostic> diagnostics)
    {
        foreach (EngineDiagnostic diagnostic in diagnostics) writer.WriteLine(diagnostic.Rendered);
    }
}
