using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Optc.Compiler;
using Optc.Runtime.Solution;

namespace Optc.Cli.Rendering;

/// <summary>The cheapest relaxation of a model, for people and for programs.</summary>
internal static class RepairRenderer
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>The outcome, then a row for each family, then the members that move.</summary>
    public static void WriteTable(TextWriter writer, RepairReport r, bool all)
    {
        writer.WriteLine($"{r.Model}: {Outcome(r)}");
        writer.WriteLine($"  {r.Message}");
        if (r.Conflict is { } conflict) writer.WriteLine(conflict.Count > 0 ? $"  conflict     {string.Join(", ", conflict)} cannot hold together" : "  conflict     none found");
        if (r.Outcome == RepairOutcome.Repaired)
        {
            writer.WriteLine($"  cost         {Number(r.Cost)} (norm {r.Norm}, rows scaled)");
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  verified     the moved sides hold to {r.Verified:0.0e+0}"));
        }
        if (r.Outcome is RepairOutcome.Repaired or RepairOutcome.Feasible && r.ObjectiveName is { } name)
            writer.WriteLine($"  objective    {name} = {Number(r.Objective)}{(r.Optimised is { } status ? $" (optimised: {status})" : " (at the point found, not optimised)")}");
        if (r.Families.Count == 0) return;
        writer.WriteLine();
        var table = new TextTable("family", "worst", "moved", "of", "total", "side", "now", "needed", "amount") { LeftColumns = 2 };
        foreach (RelaxedFamily f in r.Families)
        {
            RelaxedMember worst = f.Members[0];
            table.Add(Label(f), worst.Name, Text(f.Members.Count), Text(f.Size), Number(f.Total), Side(worst), Number(worst.Side), Number(worst.NewSide), Number(worst.Amount));
        }
        table.Write(writer);
        WriteMembers(writer, r, all);
    }

    /// <summary>One JSON object and a line end.</summary>
    public static void WriteJson(TextWriter writer, RepairResult result)
    {
        var buffer = new ArrayBufferWriter<byte>(1 << 12);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteString("model", result.Model);
            if (result.Report is { } report && !result.HasErrors) WriteReport(json, report);
            else json.WriteString("outcome", "modelError");
            JsonRenderer.WriteDiagnostics(json, result.Diagnostics);
            json.WriteEndObject();
        }
        writer.WriteLine(Encoding.UTF8.GetString(buffer.WrittenSpan));
    }

    private static void WriteReport(Utf8JsonWriter json, RepairReport r)
    {
        json.WriteString("outcome", r.Outcome.ToString().ToLowerInvariant());
        json.WriteString("status", r.Status.ToString());
        json.WriteString("message", r.Message);
        json.WriteString("norm", r.Norm);
        json.WriteFinite("cost", r.Cost);
        json.WriteFinite("verified", r.Verified);
        json.WriteObjects("families", r.Families, f =>
        {
            json.WriteString("family", f.Family);
            json.WriteString("kind", f.OfBounds ? "bounds" : "constraint");
            json.WriteNumber("size", f.Size);
            json.WriteNumber("moved", f.Members.Count);
            json.WriteFinite("total", f.Total);
            json.WriteObjects("members", f.Members, m =>
            {
                json.WriteString("name", m.Name);
                json.WriteString("side", Side(m));
                json.WriteFinite("value", m.Side);
                json.WriteFinite("needed", m.NewSide);
                json.WriteFinite("amount", m.Amount);
            });
        });
        json.WriteString("objectiveName", r.ObjectiveName);
        json.WriteFinite("objective", r.Objective);
        json.WriteString("optimised", r.Optimised?.ToString());
        json.WriteStartObject("variables");
        foreach (SolutionEntry v in r.Variables) json.WriteFinite(v.Name, v.Value);
        json.WriteEndObject();
        if (r.Conflict is { } conflict)
        {
            json.WriteStrings("conflict", conflict);
        }
        json.WriteFinite("seconds", Math.Round(r.Seconds, 6));
    }

    private static void WriteMembers(TextWriter writer, RepairReport r, bool all)
    {
        (RelaxedFamily Family, RelaxedMember Member)[] members = [.. r.Families.SelectMany(f => f.Members.Select(m => (f, m)))];
        if (members.Length == r.Families.Count) return;
        writer.WriteLine();
        var table = new TextTable("member", "side", "now", "needed", "amount");
        int shown = all ? members.Length : Math.Min(members.Length, TableRenderer.RowLimit);
        foreach ((_, RelaxedMember m) in members.Take(shown)) table.Add(m.Name, Side(m), Number(m.Side), Number(m.NewSide), Number(m.Amount));
        table.Write(writer);
        if (shown < members.Length) writer.WriteLine($"  … {members.Length - shown} more; --all prints them");
    }

    private static string Outcome(RepairReport r) => r.Outcome switch
    {
        RepairOutcome.Feasible => "Feasible",
        RepairOutcome.Repaired => "Repaired",
        RepairOutcome.Impossible => "Not repairable",
        _ => $"{r.Status}",
    };

    private static string Label(RelaxedFamily f) => f.OfBounds ? $"bounds of {f.Family}" : f.Family;

    private static string Side(RelaxedMember m) => m.IsUpper ? "upper" : "lower";

    private static string Number(double value) => TableRenderer.Number(value);

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
