using System.Text.Json;
using Optc.Cli.Rendering;
using Optc.Compiler;

namespace Optc.Cli.Commands;

/// <summary>What came of the expectations of one file.</summary>
/// <param name="File">Path as it was found.</param>
/// <param name="Seconds">Wall time.</param>
/// <param name="Result">What the engine said; null when it failed.</param>
/// <param name="Failure">Why the engine failed; null when it did not.</param>
internal sealed record TestOutcome(string File, double Seconds, EngineResult? Result, string? Failure)
{
    /// <summary>Expectations that count.</summary>
    public int Asked => Result?.Expectations.Count(e => !e.Skipped) ?? 0;

    /// <summary>Those that are met.</summary>
    public int Met => Result?.Expectations.Count(e => e.Passed && !e.Skipped) ?? 0;

    /// <summary>No error, and all met.</summary>
    public bool Passed => Result is { HasErrors: false } && Met == Asked;

    /// <summary>Status of the last solve, or what kept it from being one.</summary>
    public string Status => Result switch
    {
        null => "Failed",
        { HasErrors: true } => "ModelError",
        { Solution: { } solution } => solution.Status.ToString(),
        _ => "NotSolved",
    };

    /// <summary>One line for each thing that is wrong.</summary>
    public IEnumerable<string> Complaints()
    {
        if (Failure is not null) yield return Failure;
        if (Result is null) yield break;
        if (Result.HasErrors)
        {
            EngineDiagnostic first = Result.Diagnostics.First(d => string.Equals(d.Severity, "error", StringComparison.OrdinalIgnoreCase));
            yield return $"line {first.Line}: {first.Message}";
        }
        foreach (ExpectationResult e in Result.Expectations.Where(e => !e.Passed && !e.Skipped)) yield return ExpectationText.Of(e);
    }

    /// <summary>The outcome as a JSON object.</summary>
    public void WriteJson(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("file", File);
        json.WriteBoolean("passed", Passed);
        json.WriteFinite("seconds", Math.Round(Seconds, 3));
        json.WriteString("status", Status);
        if (Result?.Solution is { } solution) json.WriteFinite("objective", solution.Objective);
        else json.WriteNull("objective");
        json.WriteString("failure", Failure);
        JsonRenderer.WriteExpectations(json, Result?.Expectations ?? []);
        JsonRenderer.WriteDiagnostics(json, Result?.Diagnostics ?? []);
        json.WriteEndObject();
    }
}
