using System.Text.Json;
using Optc.Runtime.Solution;

namespace Optc.Cli.Rendering;

/// <summary>Derivatives of an answer with respect to parameters, for people and for programs.</summary>
internal static class SensitivityRenderer
{
    /// <summary>Parameters whose derivatives of variables and multipliers are printed without <c>--all</c>.</summary>
    private const int DetailLimit = 3;

    /// <summary>A row for each parameter, what is refused, then the derivatives of variables and multipliers.</summary>
    public static void WriteTable(TextWriter writer, SensitivityReport report, bool all)
    {
        writer.WriteLine();
        if (report.Parameters.Count == 0)
        {
            writer.WriteLine("  no entry of the parameters asked for occurs in the problem");
            return;
        }
        var table = new TextTable("parameter", "value", "d objective", "from", "to", "limited below by", "above by");
        foreach (ParameterSensitivity p in report.Parameters)
            table.Add(p.Parameter, Number(p.Value), Number(p.Objective), Number(p.RangeLower), Number(p.RangeUpper), p.LowerLimit ?? "", p.UpperLimit ?? "");
        table.Write(writer);
        if (report.Omitted > 0) writer.WriteLine($"  and {report.Omitted} more entries; name single ones to see them");
        foreach (IGrouping<string?, ParameterSensitivity> reason in report.Parameters.GroupBy(p => p.Reason).Where(g => g.Key is not null))
            writer.WriteLine($"  refused for {Names([.. reason.Select(p => p.Parameter)])}: {reason.Key}");
        ParameterSensitivity[] regular = [.. report.Parameters.Where(p => p.Reason is null)];
        foreach (ParameterSensitivity p in all ? regular : regular.Take(DetailLimit)) WriteDetails(writer, p, all);
        if (!all && regular.Length > DetailLimit) writer.WriteLine($"  … derivatives of variables with respect to {regular.Length - DetailLimit} more parameters; --all prints them");
    }

    /// <summary>The property <c>sensitivity</c>, whose shape docs/after.md promises.</summary>
    public static void WriteJson(Utf8JsonWriter json, SensitivityReport report)
    {
        json.WriteStartObject("sensitivity");
        json.WriteStartObject("parameters");
        foreach (ParameterSensitivity p in report.Parameters)
        {
            json.WriteStartObject(p.Parameter);
            json.WriteFinite("value", p.Value);
            json.WriteString("status", p.Status);
            json.WriteString("reason", p.Reason);
            json.WriteFinite("objective", p.Objective);
            json.WriteStartObject("range");
            json.WriteFinite("lower", p.RangeLower);
            json.WriteFinite("upper", p.RangeUpper);
            json.WriteString("lowerLimit", p.LowerLimit);
            json.WriteString("upperLimit", p.UpperLimit);
            json.WriteEndObject();
            WriteDerivatives(json, "variables", p.Variables, e => e.Value);
            WriteDerivatives(json, "reducedCosts", p.Variables, e => e.Dual);
            WriteDerivatives(json, "duals", p.Constraints, e => e.Dual);
            json.WriteEndObject();
        }
        json.WriteEndObject();
        json.WriteNumber("omitted", report.Omitted);
        json.WriteEndObject();
    }

    private static void WriteDerivatives(Utf8JsonWriter json, string name, IReadOnlyList<DerivativeEntry> entries, Func<DerivativeEntry, double> value)
    {
        json.WriteStartObject(name);
        foreach (DerivativeEntry e in entries)
        {
            if (value(e) != 0.0) json.WriteFinite(e.Name, value(e));
        }
        json.WriteEndObject();
    }

    private static void WriteDetails(TextWriter writer, ParameterSensitivity p, bool all)
    {
        WriteEntries(writer, $"variable by {p.Parameter}", ["derivative", "of reduced cost"], p.Variables, all, e => [Number(e.Value), Number(e.Dual)]);
        WriteEntries(writer, $"constraint by {p.Parameter}", ["derivative of dual"], p.Constraints, all, e => [Number(e.Dual)]);
    }

    private static void WriteEntries(TextWriter writer, string title, string[] columns, IReadOnlyList<DerivativeEntry> entries, bool all, Func<DerivativeEntry, string[]> cells)
    {
        if (entries.Count == 0) return;
        writer.WriteLine();
        var table = new TextTable([title, .. columns]);
        int shown = all ? entries.Count : Math.Min(entries.Count, TableRenderer.RowLimit);
        foreach (DerivativeEntry e in entries.Take(shown)) table.Add([e.Name, .. cells(e)]);
        table.Write(writer);
        if (shown < entries.Count) writer.WriteLine($"  … {entries.Count - shown} more; --all prints them");
    }

    private static string Names(string[] names) => names.Length <= 3 ? string.Join(", ", names) : $"{string.Join(", ", names.Take(3))} and {names.Length - 3} more";

    private static string Number(double value) => double.IsNaN(value) ? "-" : double.IsInfinity(value) ? "" : TableRenderer.Number(value);
}
