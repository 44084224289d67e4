using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Optc.Compiler;
using Optc.Runtime.Solution;
using Optc.Runtime.Solvers.Consensus;
using Optc.Runtime.Solvers.MultiStart;

namespace Optc.Cli.Rendering;

/// <summary>
/// The answer as one JSON object. The fields up to <c>solver</c> and their order are a promise to programs; what was added
/// later stands after them. Numbers that are not finite are null.
/// </summary>
internal static class JsonRenderer
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Writes the object and a line end.</summary>
    public static void Write(TextWriter writer, EngineResult result)
    {
        var buffer = new ArrayBufferWriter<byte>(1 << 14);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteString("model", result.Solution?.Model ?? result.Model);
            if (result.Solution is { } solution && !result.HasErrors) WriteSolution(json, solution);
            else json.WriteString("status", result.HasErrors ? "ModelError" : "NotSolved");
            WriteExpectations(json, result.Expectations);
            WriteDiagnostics(json, result.Diagnostics);
            json.WriteEndObject();
        }
        writer.WriteLine(Encoding.UTF8.GetString(buffer.WrittenSpan));
    }

    /// <summary>The expectations of a model, as an array.</summary>
    public static void WriteExpectations(Utf8JsonWriter json, IReadOnlyList<ExpectationResult> expectations)
    {
        json.WriteObjects("expectations", expectations, e =>
        {
            json.WriteString("text", e.Text);
            json.WriteNumber("line", e.Line);
            json.WriteBoolean("passed", e.Passed);
            json.WriteBoolean("skipped", e.Skipped);
            json.WriteFinite("expected", e.Expected);
            json.WriteFinite("actual", e.Actual);
            json.WriteFinite("tolerance", e.Tolerance);
            json.WriteString("detail", e.Detail);
        });
    }

    /// <summary>What was found wrong with a model, as an array.</summary>
    public static void WriteDiagnostics(Utf8JsonWriter json, IReadOnlyList<EngineDiagnostic> diagnostics)
    {
        json.WriteObjects("diagnostics", diagnostics, d =>
        {
            json.WriteString("severity", d.Severity);
            json.WriteString("code", d.Code);
            json.WriteString("message", d.Message);
            json.WriteString("file", d.File);
            json.WriteNumber("line", d.Line);
            json.WriteNumber("column", d.Column);
            json.WriteString("hint", d.Hint);
        });
    }

    private static void WriteSolution(Utf8JsonWriter json, ModelSolution s)
    {
        json.WriteString("status", s.Status.ToString());
        json.WriteString("guarantee", s.IsGlobal ? "global" : "local");
        json.WriteFinite("objective", s.Objective);
        json.WriteString("objectiveName", s.ObjectiveName);
        json.WriteString("sense", s.IsMaximised ? "maximize" : "minimize");
        json.WriteStartObject("objectives");
        foreach ((string name, double value) in s.Objectives) json.WriteFinite(name, value);
        json.WriteEndObject();
        json.WriteStartObject("variables");
        foreach (SolutionEntry v in s.Variables) json.WriteFinite(v.Name, v.Value);
        json.WriteEndObject();
        json.WriteStartObject("constraints");
        foreach (SolutionEntry c in s.Constraints)
        {
            json.WriteStartObject(c.Name);
            json.WriteFinite("value", c.Value);
            json.WriteFinite("dual", c.Dual);
            json.WriteFinite("lower", c.Lower);
            json.WriteFinite("upper", c.Upper);
            json.WriteEndObject();
        }
        json.WriteEndObject();
        WriteResiduals(json, s.Residuals);
        json.WriteStartObject("iterations");
        json.WriteNumber("outer", s.OuterIterations);
        json.WriteNumber("inner", s.InnerIterations);
        json.WriteEndObject();
        json.WriteStartObject("evaluations");
        json.WriteNumber("objective", s.Evaluations.Objective);
        json.WriteNumber("gradient", s.Evaluations.Gradient);
        json.WriteNumber("jacobian", s.Evaluations.Jacobian);
        json.WriteNumber("hessian", s.Evaluations.Hessian);
        json.WriteNumber("constraints", s.Evaluations.Constraints);
        json.WriteEndObject();
        json.WriteStartObject("seconds");
        json.WriteFinite("parse", Seconds(s.ParseSeconds));
        json.WriteFinite("compile", Seconds(s.CompileSeconds));
        json.WriteFinite("solve", Seconds(s.SolveSeconds));
        json.WriteFinite("templates", Seconds(s.TemplateSeconds));
        json.WriteFinite("tables", Seconds(s.TableSeconds));
        json.WriteFinite("code", Seconds(s.CodeSeconds));
        json.WriteEndObject();
        json.WriteStartObject("size");
        json.WriteNumber("variables", s.VariableCount);
        json.WriteNumber("constraints", s.ConstraintCount);
        json.WriteNumber("jacobianNonzeros", s.JacobianNonzeros);
        json.WriteNumber("hessianNonzeros", s.HessianNonzeros);
        json.WriteEndObject();
        json.WriteString("class", s.Class);
        json.WriteString("solver", s.Solver);
        WriteAdditions(json, s);
    }

    /// <summary>What was added after the shape was promised.</summary>
    private static void WriteAdditions(Utf8JsonWriter json, ModelSolution s)
    {
        json.WriteString("message", s.Message);
        json.WriteString("solverStatus", s.SolverStatus.ToString());
        json.WriteStartObject("reducedCosts");
        foreach (SolutionEntry v in s.Variables)
        {
            if (v.Dual != 0.0) json.WriteFinite(v.Name, v.Dual);
        }
        json.WriteEndObject();
        if (s.Audit is { } audit) WriteAudit(json, audit);
        else json.WriteNull("audit");
        if (s.Starts is { } starts) WriteStarts(json, starts);
        json.WriteStrings("notes", s.Notes);
        if (s.Conditions is { } conditions) WriteConditions(json, conditions);
        if (s.Unboundedness is { } unboundedness) WriteUnboundedness(json, unboundedness);
        if (s.Degeneracy is { } degeneracy) WriteDegeneracy(json, degeneracy);
        if (s.Sensitivity is { } sensitivity) SensitivityRenderer.WriteJson(json, sensitivity);
        if (s.Blocks.Count > 0) WriteBlocks(json, s.Blocks);
        if (s.Bilevel is { } bilevel) WriteBilevel(json, bilevel);
    }

    private static void WriteUnboundedness(Utf8JsonWriter json, UnboundednessReport u)
    {
        json.WriteStartObject("unboundedness");
        json.WriteString("evidence", u.IsRay ? "ray" : "sequence");
        if (u.IsRay)
        {
            json.WriteFinite("rate", u.Rate);
            json.WriteBoolean("byCurvature", u.IsByCurvature);
        }
        json.WriteObjects("points", u.Points, p =>
        {
            json.WriteNumber("iteration", p.Iteration);
            json.WriteFinite("objective", p.Objective);
            json.WriteFinite("feasibility", p.Feasibility);
        });
        json.WriteStartObject(u.IsRay ? "ray" : "changes");
        foreach (NamedChange v in u.Variables) json.WriteFinite(v.Name, v.Change);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteDegeneracy(Utf8JsonWriter json, DegeneracyReport d)
    {
        json.WriteStartObject("divergingMultipliers");
        json.WriteStrings("constraints", d.Constraints);
        json.WriteStrings("bounds", d.Bounds);
        json.WriteFinite("objectiveWeight", d.ObjectiveWeight);
        json.WriteFinite("residual", d.Residual);
        json.WriteEndObject();
    }

    private static void WriteConditions(Utf8JsonWriter json, ConditionReport c)
    {
        json.WriteStartObject("complementarity");
        json.WriteFinite("residual", c.Residual);
        json.WriteString("stationarity", c.Stationarity);
        json.WriteBoolean("bStationary", c.IsBStationary);
        json.WriteNumber("conditions", c.Conditions);
        json.WriteNumber("biactive", c.Biactive);
        json.WriteStrings("worst", c.Worst);
        json.WriteEndObject();
    }

    private static void WriteBlocks(Utf8JsonWriter json, IReadOnlyList<BlockReport> blocks)
    {
        json.WriteObjects("blocks", blocks, b =>
        {
            json.WriteString("name", b.Name);
            json.WriteString("method", b.Method);
            json.WriteNumber("variables", b.Variables);
            json.WriteNumber("constraints", b.Rows);
            json.WriteNumber("shared", b.Shared);
            json.WriteNumber("solves", b.Solves);
            json.WriteNumber("inner_iterations", b.InnerIterations);
            json.WriteFinite("seconds", b.Seconds);
            json.WriteFinite("mean_delay", b.MeanDelay);
            json.WriteNumber("largest_delay", b.LargestDelay);
        });
    }

    private static void WriteBilevel(Utf8JsonWriter json, BilevelReport b)
    {
        json.WriteStartObject("bilevel");
        json.WriteFinite("gap", b.Gap);
        json.WriteFinite("lowerFeasibility", b.LowerFeasibility);
        json.WriteFinite("upperFeasibility", b.UpperFeasibility);
        json.WriteString("lowerClass", b.LowerClass);
        json.WriteBoolean("lowerGlobal", b.IsLowerGlobal);
        json.WriteNumber("lowerStarts", b.LowerStarts);
        json.WriteFinite("pessimistic", b.Pessimistic);
        json.WriteBoolean("severalOptima", b.HasSeveralOptima);
        json.WriteString("method", b.Method);
        json.WriteString("stationarity", b.Stationarity);
        json.WriteNumber("followers", b.Followers);
        json.WriteNumber("starts", b.Starts);
        json.WriteNumber("lowerSolves", b.LowerSolves);
        json.WriteNumber("lowerInfeasible", b.LowerInfeasible);
        json.WriteNumber("lowerUnbounded", b.LowerUnbounded);
        json.WriteEndObject();
    }

    private static void WriteStarts(Utf8JsonWriter json, StartsSummary starts)
    {
        json.WriteStartObject("starts");
        json.WriteNumber("count", starts.Count);
        json.WriteNumber("solved", starts.Solved);
        json.WriteNumber("best", starts.Best);
        json.WriteObjects("optima", starts.Optima, o =>
        {
            json.WriteFinite("objective", o.Objective);
            json.WriteNumber("start", o.Start);
            json.WriteNumber("hits", o.Hits);
        });
        json.WriteEndObject();
    }

    private static void WriteAudit(Utf8JsonWriter json, AuditReport audit)
    {
        json.WriteStartObject("audit");
        WriteResiduals(json, audit.Residuals);
        json.WriteFinite("objective", audit.Objective);
        if (!double.IsNaN(audit.LowerFeasibility)) json.WriteFinite("lowerFeasibility", audit.LowerFeasibility);
        if (!double.IsNaN(audit.Conditions)) json.WriteFinite("conditions", audit.Conditions);
        json.WriteBoolean("complete", audit.IsComplete);
        json.WriteNumber("checkedConstraints", audit.CheckedConstraints);
        json.WriteObjects("violations", audit.Violations, v =>
        {
            json.WriteString("family", v.Family);
            json.WriteNumber("count", v.Count);
            json.WriteFinite("largest", v.Largest);
            json.WriteString("worst", v.Worst);
        });
        json.WriteStrings("notes", audit.Notes);
        json.WriteEndObject();
    }

    private static void WriteResiduals(Utf8JsonWriter json, Residuals r)
    {
        json.WriteStartObject("residuals");
        json.WriteFinite("stationarity", r.Stationarity);
        json.WriteFinite("feasibility", r.Feasibility);
        json.WriteFinite("complementarity", r.Complementarity);
        json.WriteEndObject();
    }

    /// <summary>To the microsecond: more digits say nothing.</summary>
    private static double Seconds(double value) => Math.Round(value, 6);
}
