using Optc.Compiler;

namespace Optc.Cli.Rendering;

/// <summary>An expectation for people.</summary>
internal static class ExpectationText
{
    /// <summary>What was expected and what came, on one line.</summary>
    public static string Of(ExpectationResult e)
    {
        string outcome = e.Detail.Length > 0 ? e.Detail : $"expected {TableRenderer.Number(e.Expected)} within {TableRenderer.Number(e.Tolerance)}, got {TableRenderer.Number(e.Actual)}";
        return $"line {e.Line}: {e.Text}: {outcome}";
    }
}
