using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Optc.Compiler;
using Optc.Runtime.Solvers.Consensus;

namespace Optc.Cli.Rendering;

/// <summary>Draws, for people and for programs.</summary>
internal static class SampleRenderer
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Writes in one of the formats <c>table</c>, <c>json</c>, <c>csv</c>; without draws only JSON says anything.</summary>
    public static void Write(TextWriter writer, string format, SampleResult result)
    {
        if (format == "json") WriteJson(writer, result);
        else if (result.Draws is not { } draws) return;
        else if (format == "csv") WriteCsv(writer, result, draws);
        else WriteTable(writer, result, draws);
    }

    private static void WriteTable(TextWriter writer, SampleResult result, SamplingResult draws)
    {
        writer.WriteLine($"{result.Model}: {draws.Draws.Count} draws{(draws.IsComplete ? "" : ", stopped before all were made")}");
        writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {draws.Rounds} rounds over {draws.Parts} parts, rho {draws.Penalty:G4}, steps of {draws.Step:G4}, {draws.Seconds:0.000} s"));
        if (draws.Draws.Count == 0) return;
        writer.WriteLine();
        var table = new TextTable("variable", "mean", "deviation", "5 %", "median", "95 %", "effective draws");
        for (int j = 0; j < result.Variables.Count; j++)
        {
            DrawSummary s = draws.Summarise(j);
            table.Add(result.Variables[j], Number(s.Mean), Number(s.Deviation), Number(s.Lower), Number(s.Median), Number(s.Upper), Number(Math.Round(s.Effective)));
        }
        table.Write(writer);
    }

    private static void WriteCsv(TextWriter writer, SampleResult result, SamplingResult draws)
    {
        writer.WriteLine(string.Join(',', result.Variables.Select(Quoted)));
        foreach (double[] draw in draws.Draws) writer.WriteLine(string.Join(',', draw.Select(v => v.ToString("R", CultureInfo.InvariantCulture))));
    }

    private static void WriteJson(TextWriter writer, SampleResult result)
    {
        var buffer = new ArrayBufferWriter<byte>(1 << 12);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteString("model", result.Model);
            if (result.Draws is { } draws && !result.HasErrors) WriteDraws(json, result, draws);
            JsonRenderer.WriteDiagnostics(json, result.Diagnostics);
            json.WriteEndObject();
        }
        writer.WriteLine(Encoding.UTF8.GetString(buffer.WrittenSpan));
    }

    private static void WriteDraws(Utf8JsonWriter json, SampleResult result, SamplingResult draws)
    {
        json.WriteBoolean("complete", draws.IsComplete);
        json.WriteNumber("rounds", draws.Rounds);
        json.WriteNumber("parts", draws.Parts);
        json.WriteFinite("rho", draws.Penalty);
        json.WriteFinite("step", draws.Step);
        json.WriteStartObject("variables");
        for (int j = 0; j < result.Variables.Count && draws.Draws.Count > 0; j++)
        {
            DrawSummary s = draws.Summarise(j);
            json.WriteStartObject(result.Variables[j]);
            json.WriteFinite("mean", s.Mean);
            json.WriteFinite("deviation", s.Deviation);
            json.WriteFinite("q05", s.Lower);
            json.WriteFinite("median", s.Median);
            json.WriteFinite("q95", s.Upper);
            json.WriteFinite("effectiveDraws", s.Effective);
            json.WriteEndObject();
        }
        json.WriteEndObject();
        json.WriteStartArray("draws");
        foreach (double[] draw in draws.Draws)
        {
            json.WriteStartArray();
            foreach (double v in draw) json.WriteNumberValue(v);
            json.WriteEndArray();
        }
        json.WriteEndArray();
        json.WriteFinite("seconds", Math.Round(draws.Seconds, 6));
    }

    private static string Number(double value) => value.ToString("G6", CultureInfo.InvariantCulture);

    private static string Quoted(string text) =>
        text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
}
