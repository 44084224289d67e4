using System.Globalization;
using Optc.Compiler;
using Optc.Runtime.Solution;
using Optc.Runtime.Solvers.Consensus;
using Optc.Runtime.Solvers.MultiStart;

namespace Optc.Cli.Rendering;

/// <summary>The answer for people.</summary>
internal static class TableRenderer
{
    /// <summary>Rows of variables and of constraints that are printed without <c>--all</c>.</summary>
    public const int RowLimit = 50;

    private const int ViolationLimit = 10;
    private const int OptimaLimit = 10;

    /// <summary>Writes the summary, then what is violated, then variables and constraints.</summary>
    public static void Write(TextWriter writer, ModelSolution s, IReadOnlyList<ExpectationResult> expectations, bool all)
    {
        writer.WriteLine($"{s.Model}: {s.Status}{(s.Status is SolveStatus.Solved or SolveStatus.SolvedToAcceptable ? $" ({(s.IsGlobal ? "global" : "local")} optimum)" : "")}");
        if (s.Message.Length > 0) writer.WriteLine($"  {s.Message}");
        WriteSummary(writer, s);
        foreach (string note in s.Notes) writer.WriteLine($"  note: {note}");
        if (s.Audit is { Violations.Count: > 0 } audit) WriteViolations(writer, audit);
        if (s.Blocks.Count > 0) WriteBlocks(writer, s.Blocks, all);
        if (s.Starts is { } starts) WriteStarts(writer, starts, all);
        if (s.Unboundedness is { } unboundedness) WriteUnboundedness(writer, unboundedness);
        if (s.Degeneracy is { } degeneracy) WriteDegeneracy(writer, degeneracy);
        WriteExpectations(writer, expectations);
        WriteEntries(writer, "variable", "reduced cost", s.Variables, all);
        WriteEntries(writer, "constraint", "dual", s.Constraints, all);
        if (s.Sensitivity is { } sensitivity) SensitivityRenderer.WriteTable(writer, sensitivity, all);
    }

    /// <summary>A number in at most ten digits.</summary>
    public static string Number(double value) => value.ToString("G10", CultureInfo.InvariantCulture).Replace("E", "e", StringComparison.Ordinal);

    private static void WriteSummary(TextWriter writer, ModelSolution s)
    {
        if (s.ObjectiveName is { } name) writer.WriteLine($"  objective    {name} = {Number(s.Objective)} ({(s.IsMaximised ? "maximize" : "minimize")})");
        foreach ((string other, double value) in s.Objectives)
        {
            if (other != s.ObjectiveName) writer.WriteLine($"               {other} = {Number(value)}");
        }
        writer.WriteLine($"  residuals    {Residuals(s.Residuals)}");
        if (s.Conditions is { } conditions) writer.WriteLine($"  conditions   {Conditions(conditions)}");
        if (s.Bilevel is { } bilevel) WriteBilevel(writer, bilevel);
        if (s.Audit is { } audit)
        {
            string extent = audit.IsComplete ? $"all {audit.CheckedConstraints} constraints" : $"{audit.CheckedConstraints} constraints sampled";
            writer.WriteLine($"  audit        {Residuals(audit.Residuals)}; {extent}");
            foreach (string note in audit.Notes) writer.WriteLine($"               {note}");
        }
        writer.WriteLine($"  work         {s.OuterIterations} outer and {s.InnerIterations} inner iterations ({s.Solver}); "
            + string.Create(CultureInfo.InvariantCulture, $"parse {s.ParseSeconds:F3} s, compile {s.CompileSeconds:F3} s, solve {s.SolveSeconds:F3} s"));
        writer.WriteLine($"  size         {s.VariableCount} variables, {s.ConstraintCount} constraints, {s.JacobianNonzeros} Jacobian and {s.HessianNonzeros} Hessian nonzeros; {s.Class}");
    }

    private static string Residuals(Residuals r) =>
        $"stationarity {Small(r.Stationarity)}, feasibility {Small(r.Feasibility)}, complementarity {Small(r.Complementarity)}";

    private static string Conditions(ConditionReport c)
    {
        string kind = c.Stationarity is { } known ? $"{known}-stationary{(c.IsBStationary ? ", B-stationary" : "")}" : "stationarity not determined";
        return $"{c.Conditions} complementarity conditions, residual {Small(c.Residual)}, {c.Biactive} biactive; {kind}";
    }

    private static void WriteBilevel(TextWriter writer, BilevelReport b)
    {
        string followers = b.Followers == 1 ? "1 follower" : $"{b.Followers} followers";
        string extent = !double.IsFinite(b.Gap) ? "" : b.IsLowerGlobal ? " (a proof)" : $" (checked from {b.LowerStarts} starts)";
        string kind = b.Stationarity is { } s ? $", {s}-stationary" : "";
        writer.WriteLine($"  {(b.Followers == 1 ? "follower " : "followers")}    {followers}, {b.LowerClass}; gap {Small(b.Gap)}{extent}, violation {Small(b.LowerFeasibility)}; by {b.Method}{kind}");
        if (b.HasSeveralOptima) writer.WriteLine($"  pessimistic  {Number(b.Pessimistic)}: the followers have several optima");
    }

    private static string Small(double value) => double.IsNaN(value) ? "unknown" : value == 0.0 ? "0" : value.ToString("0.0e+0", CultureInfo.InvariantCulture);

    private static void WriteViolations(TextWriter writer, AuditReport audit)
    {
        writer.WriteLine();
        var table = new TextTable("violated family", "worst", "instances", "largest violation") { LeftColumns = 2 };
        foreach (Violation v in audit.Violations.Take(ViolationLimit)) table.Add(v.Family, v.Worst, v.Count.ToString(CultureInfo.InvariantCulture), Number(v.Largest));
        table.Write(writer);
        if (audit.Violations.Count > ViolationLimit) writer.WriteLine($"  and {audit.Violations.Count - ViolationLimit} more families");
    }

    private static void WriteUnboundedness(TextWriter writer, UnboundednessReport u)
    {
        writer.WriteLine();
        if (u.IsRay)
            writer.WriteLine($"  along the ray the objective changes by {Number(u.Rate)} {(u.IsByCurvature ? "times the square of the distance" : "per unit")}");
        var points = new TextTable("step", "objective", "feasibility") { LeftColumns = 0 };
        foreach (FeasiblePoint p in u.Points) points.Add(p.Iteration.ToString(CultureInfo.InvariantCulture), Number(p.Objective), Small(p.Feasibility));
        points.Write(writer);
        writer.WriteLine();
        var table = new TextTable("variable", u.IsRay ? "component of the ray" : "change");
        foreach (NamedChange v in u.Variables) table.Add(v.Name, Number(v.Change));
        table.Write(writer);
    }

    private static void WriteDegeneracy(TextWriter writer, DegeneracyReport d)
    {
        writer.WriteLine();
        writer.WriteLine("  no multipliers exist: Fritz John's condition holds with the objective's weight going to zero");
        writer.WriteLine($"  constraints  {string.Join(", ", d.Constraints.Concat(d.Bounds.Select(name => $"the bound of {name}")))}");
        writer.WriteLine($"  weight       {Small(d.ObjectiveWeight)} of the objective; their gradients cancel to {Small(d.Residual)}");
    }

    private static void WriteBlocks(TextWriter writer, IReadOnlyList<BlockReport> blocks, bool all)
    {
        writer.WriteLine();
        var table = new TextTable("block", "solved by", "variables", "constraints", "shared", "solves", "iterations", "seconds", "mean delay", "largest") { LeftColumns = 2 };
        int shown = all ? blocks.Count : Math.Min(blocks.Count, RowLimit);
        foreach (BlockReport b in blocks.Take(shown))
        {
            table.Add(
                b.Name, b.Method, Whole(b.Variables), Whole(b.Rows), Whole(b.Shared), Whole(b.Solves), Whole(b.InnerIterations),
                b.Seconds.ToString("F3", CultureInfo.InvariantCulture), b.MeanDelay.ToString("0.#", CultureInfo.InvariantCulture), Whole(b.LargestDelay));
        }
        table.Write(writer);
        if (shown < blocks.Count) writer.WriteLine($"  … {blocks.Count - shown} more blocks; --all prints them");
    }

    private static string Whole(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static void WriteStarts(TextWriter writer, StartsSummary starts, bool all)
    {
        writer.WriteLine();
        writer.WriteLine($"  {starts.Solved} of {starts.Count} starts solved, {starts.Optima.Count} distinct solutions; the answer is that of start {starts.Best}");
        if (starts.Optima.Count == 0) return;
        var table = new TextTable("objective", "starts", "first") { LeftColumns = 0 };
        int shown = all ? starts.Optima.Count : Math.Min(starts.Optima.Count, OptimaLimit);
        foreach (Optimum o in starts.Optima.Take(shown))
            table.Add(Number(o.Objective), o.Hits.ToString(CultureInfo.InvariantCulture), o.Start.ToString(CultureInfo.InvariantCulture));
        table.Write(writer);
        if (shown < starts.Optima.Count) writer.WriteLine($"  and {starts.Optima.Count - shown} more (--all prints them)");
    }

    private static void WriteExpectations(TextWriter writer, IReadOnlyList<ExpectationResult> expectations)
    {
        if (expectations.Count == 0) return;
        writer.WriteLine();
        foreach (ExpectationResult e in expectations.Where(e => !e.Passed && !e.Skipped)) writer.WriteLine($"  NOT MET  {ExpectationText.Of(e)}");
        int asked = expectations.Count(e => !e.Skipped);
        writer.WriteLine($"  {expectations.Count(e => e.Passed && !e.Skipped)} of {asked} expectations met");
    }

    private static void WriteEntries(TextWriter writer, string kind, string dual, IReadOnlyList<SolutionEntry> entries, bool all)
    {
        if (entries.Count == 0) return;
        writer.WriteLine();
        var table = new TextTable(kind, "value", dual, "lower", "upper");
        int shown = all ? entries.Count : Math.Min(entries.Count, RowLimit);
        foreach (SolutionEntry e in entries.Take(shown)) table.Add(e.Name, Number(e.Value), double.IsNaN(e.Dual) ? "-" : Number(e.Dual), Side(e.Lower), Side(e.Upper));
        table.Write(writer);
        if (shown < entries.Count) writer.WriteLine($"  … {entries.Count - shown} more {kind}s; --all prints them");
    }

    private static string Side(double value) => double.IsInfinity(value) ? "" : Number(value);
}
