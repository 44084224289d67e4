using System.Globalization;
using Optc.Runtime.Solution;

namespace Optc.Cli.Rendering;

/// <summary>
/// The answer as rows <c>kind,name,value,dual,lower,upper</c>: the objectives, then variables (their dual is the reduced
/// cost), then constraints. A side that does not exist is an empty field. After them, where they were asked for, derivatives: of kind
/// <c>sensitivity</c> the parameter with the derivative of the objective and its range, of kind <c>derivative by p</c> variables and
/// constraints with the derivatives of value and dual.
/// </summary>
internal static class CsvRenderer
{
    /// <summary>Writes the header and all rows, by RFC 4180 but for the line ends, which are those of the writer.</summary>
    public static void Write(TextWriter writer, ModelSolution solution)
    {
        writer.WriteLine("kind,name,value,dual,lower,upper");
        foreach ((string name, double value) in solution.Objectives)
            writer.WriteLine($"objective,{Quoted(name)},{Number(value)},,,");
        foreach (SolutionEntry entry in solution.Variables) WriteRow(writer, "variable", entry);
        foreach (SolutionEntry entry in solution.Constraints) WriteRow(writer, "constraint", entry);
        foreach (ParameterSensitivity p in solution.Sensitivity?.Parameters ?? [])
        {
            writer.WriteLine($"sensitivity,{Quoted(p.Parameter)},{Number(p.Objective)},,{Number(p.RangeLower)},{Number(p.RangeUpper)}");
            foreach (DerivativeEntry e in p.Variables.Concat(p.Constraints))
                writer.WriteLine($"{Quoted($"derivative by {p.Parameter}")},{Quoted(e.Name)},{Number(e.Value)},{Number(e.Dual)},,");
        }
    }

    private static void WriteRow(TextWriter writer, string kind, SolutionEntry e) =>
        writer.WriteLine($"{kind},{Quoted(e.Name)},{Number(e.Value)},{Number(e.Dual)},{Number(e.Lower)},{Number(e.Upper)}");

    private static string Number(double value) => double.IsFinite(value) ? value.ToString("R", CultureInfo.InvariantCulture) : "";

    private static string Quoted(string text) =>
        text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
}
