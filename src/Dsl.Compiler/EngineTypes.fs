namespace Optc.Compiler

open System
open System.Collections.Generic
open System.IO
open System.Threading
open Optc.Parser
open Optc.Runtime.Solution
open Optc.Runtime.Solvers
open Optc.Runtime.Solvers.Consensus

/// What a run is given besides the files. Plain settable properties, for programs in C#.
[<Sealed; AllowNullLiteral>]
type EngineOptions() =
    /// Data files, read after the model files
    member val DataFiles: IReadOnlyList<string> = Array.Empty<string>() with get, set
    /// `name=value`: scalar parameters set over the model's own data
    member val Settings: IReadOnlyList<KeyValuePair<string, string>> = Array.Empty<KeyValuePair<string, string>>() with get, set
    /// `auto` or the name of a solver
    member val Solver = "auto" with get, set
    /// Options of the solver, and `nonsmooth`, `relax_integrality`
    member val SolverOptions: IReadOnlyList<KeyValuePair<string, string>> = Array.Empty<KeyValuePair<string, string>>() with get, set
    /// The objective to use; null for the model's choice
    member val Objective: string | null = null with get, set
    /// Seconds of wall time for each solve
    member val TimeLimit = Double.PositiveInfinity with get, set
    /// `auto`, `interpreted` or `compiled`
    member val Kernels = "auto" with get, set
    /// Seed of everything random
    member val Seed = 1 with get, set
    /// Starting points: the model's own and random ones
    member val Starts = 1 with get, set
    /// Solves at a time when there are several starts; the answer does not depend on it
    member val Threads = Environment.ProcessorCount with get, set
    /// Parameters, `p` or `p[a,3]`, with respect to which derivatives of the answer are wanted
    member val Sensitivity: IReadOnlyList<string> = Array.Empty<string>() with get, set
    /// Called after every iteration
    member val Progress: Action<IterationRecord> | null = null with get, set
    /// Where `display`, `print` and `printf` write
    member val Output: TextWriter = TextWriter.Null with get, set
    member val Cancellation = CancellationToken.None with get, set
    /// Operations that the audit carries out at most; of larger models a sample of every family is looked at
    member val AuditLimit = 10_000_000 with get, set

    /// The same options with another solver
    member internal this.WithSolver(name: string) : EngineOptions =
        // The compiler takes `this` for a value that may be null.
#nowarn 3261
        let copy = this.MemberwiseClone() :?> EngineOptions
#warnon 3261
        copy.Solver <- name
        copy

/// How an infeasible model may be relaxed.
[<Sealed>]
type RepairOptions() =
    /// How amounts are added up: `1`, `inf` or `2`
    member val Norm = "1" with get, set
    /// Costs of families, 1 for those not named
    member val Weights: IReadOnlyList<KeyValuePair<string, string>> = Array.Empty<KeyValuePair<string, string>>() with get, set
    /// Families that must hold
    member val Keep: IReadOnlyList<string> = Array.Empty<string>() with get, set
    /// Bounds of variables may be relaxed, too
    member val Bounds = false with get, set
    /// Optimise the objective of the repaired model
    member val ThenOptimize = false with get, set
    /// Find families that cannot hold together
    member val Conflict = false with get, set

/// A message about the model, as a program or a terminal shows it.
[<Sealed>]
type EngineDiagnostic(d: Diagnostic) =
    let struct (line, column) =
        match d.Span.Source with
        | null -> struct (0, 0)
        | source -> source.Position d.Span.Start

    /// `error`, `warning` or `note`
    member _.Severity = (string d.Severity).ToLowerInvariant()
    /// A stable code such as `unknown-name`
    member _.Code = d.Code
    member _.Message = d.Message
    /// The whole text: place, message, the line with a caret, the hint
    member _.Rendered: string = Diagnostics.render d
    member _.File: string =
        match d.Span.Source with
        | null -> ""
        | source -> source.Name
    /// From 1; 0 when the message belongs to no line
    member _.Line = line
    member _.Column = column
    member _.Hint: string = defaultArg d.Hint ""

/// How an `expect` statement came out.
[<Sealed>]
type ExpectationResult(outcome: ExpectOutcome, detail: string) =
    /// As written
    member _.Text = outcome.Text
    member _.Line =
        match outcome.Span.Source with
        | null -> 0
        | source ->
            let struct (line, _) = source.Position outcome.Span.Start
            line
    member _.Expected = outcome.Expected
    member _.Actual = outcome.Actual
    member _.Tolerance = outcome.Tolerance
    member _.Passed = outcome.Passed
    /// Its condition does not hold
    member _.Skipped = outcome.Skipped
    member _.Detail: string = detail

/// What a run leaves.
[<Sealed>]
type EngineResult(model: string, diagnostics: IReadOnlyList<EngineDiagnostic>, solution: ModelSolution | null, expectations: IReadOnlyList<ExpectationResult>) =
    /// Name of the model: the first file without its extension
    member _.Model = model
    member _.Diagnostics = diagnostics
    member _.HasErrors = diagnostics |> Seq.exists (fun d -> d.Severity = "error")
    /// Of the last solve; null when there was none
    member _.Solution: ModelSolution | null = solution
    member _.Expectations = expectations

/// What a repair leaves.
[<Sealed>]
type RepairResult(model: string, diagnostics: IReadOnlyList<EngineDiagnostic>, report: RepairReport | null) =
    /// Name of the model: the first file without its extension
    member _.Model = model
    member _.Diagnostics = diagnostics
    member _.HasErrors = diagnostics |> Seq.exists (fun d -> d.Severity = "error")
    /// null when there were errors
    member _.Report: RepairReport | null = report

/// What a sampler leaves.
[<Sealed>]
type SampleResult(model: string, diagnostics: IReadOnlyList<EngineDiagnostic>, variables: IReadOnlyList<string>, draws: SamplingResult | null) =
    /// Name of the model: the first file without its extension
    member _.Model = model
    member _.Diagnostics = diagnostics
    member _.HasErrors = diagnostics |> Seq.exists (fun d -> d.Severity = "error")
    /// Names of what is drawn, in the order of each draw
    member _.Variables = variables
    /// null when there were errors
    member _.Draws: SamplingResult | null = draws

/// A model as coordinate descent takes it: the parts that were found, or in the messages what stands in the way.
[<Sealed>]
type SplitModel(model: string, diagnostics: IReadOnlyList<EngineDiagnostic>, lines: IReadOnlyList<string>) =
    member _.Model = model
    member _.Diagnostics = diagnostics
    member _.HasErrors = diagnostics |> Seq.exists (fun d -> d.Severity = "error")
    member _.Lines = lines

/// A model that was read, bound and compiled, but not solved.
[<Sealed>]
type LoadedModel
    (
        model: string,
        diagnostics: IReadOnlyList<EngineDiagnostic>,
        compiled: CompiledModel option,
        blocks: IReadOnlyList<string>,
        evaluator: Evaluator,
        parseSeconds: float,
        compileSeconds: float
    ) =
    member _.Model = model
    member _.Diagnostics = diagnostics
    member _.HasErrors = compiled.IsNone || diagnostics |> Seq.exists (fun d -> d.Severity = "error")
    /// Only without errors
    member _.Compiled: CompiledModel = compiled.Value
    /// Lines about the blocks that the model declares, or that were found when they were asked for; empty otherwise
    member _.Blocks = blocks
    member _.Evaluator = evaluator
    member _.ParseSeconds = parseSeconds
    member _.CompileSeconds = compileSeconds
