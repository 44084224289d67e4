namespace Optc.Compiler

open System
open System.Collections.Generic
open System.Diagnostics
open System.IO
open Optc.Parser
open Optc.Runtime.Solution
open Optc.Runtime.Solvers.Consensus

/// The whole way: files to an answer.
[<AbstractClass; Sealed>]
type Engine private () =

    static let seconds (start: int64) =
        Stopwatch.GetElapsedTime(start).TotalSeconds

    static let modelName (files: IReadOnlyList<string>) : string =
        match (if files.Count > 0 then Path.GetFileNameWithoutExtension files[0] else null) with
        | null -> ""
        | name -> name

    /// Parses and binds; the session when there were no errors.
    static let load (files: IReadOnlyList<string>) (given: EngineOptions) (solve: ModelSession -> float -> Model -> unit) =
        let start = Stopwatch.GetTimestamp()
        let found = ResizeArray<Diagnostic>()
        let sources = ResizeArray<Source>()

        for file in Seq.append files given.DataFiles do
            match SourceFiles.read file with
            | Ok source -> sources.Add source
            | Result.Error reason -> found.Add(Errors.error "file" Span.None reason)

        let name = modelName files

        if found.Count > 0 then
            name, found, None, seconds start
        else
            let parsed = Parser.parse SourceFiles.read (List.ofSeq sources)
            found.AddRange parsed.Diagnostics
            let parseSeconds = seconds start
            let cell: ModelSession option ref = ref None

            let directory =
                match Path.GetDirectoryName(Path.GetFullPath files[0]) with
                | null -> "."
                | directory -> directory

            let session =
                ModelSession(
                    parsed.Tree,
                    { Output = given.Output
                      Directory = directory
                      Solve = fun model -> solve cell.Value.Value parseSeconds model
                      LargestPenalty = CompositeLargest.find
                      IsOption = SolverChoice.isOption }
                )

            cell.Value <- Some session
            let bound = session.Bind()

            for pair in given.Settings do
                session.Override(pair.Key, EngineSettings.settingValue pair.Value)

            if parsed.HasErrors || not bound then
                found.AddRange session.Diagnostics
                name, found, None, parseSeconds
            else
                name, found, Some session, parseSeconds

    static let diagnostics (found: seq<Diagnostic>) : IReadOnlyList<EngineDiagnostic> =
        found |> Seq.map EngineDiagnostic |> Seq.toArray :> _

    static let guarded (model: Model) (action: unit -> 'T) : 'T option =
        try
            Some(DeepStack.run action)
        with
        | ModelError d ->
            model.Diagnostics.Add d
            None
        | :? OverflowException as e ->
            model.Diagnostics.Add(Errors.error "too-large" Span.None e.Message)
            None

    static let run (files: IReadOnlyList<string>) (options: EngineOptions) : EngineResult =
        let mutable solution: ModelSolution | null = null
        let name = modelName files

        let name, found, session, _ =
            load files options (fun session parseSeconds _ -> solution <- SolveModel.solve session options name parseSeconds)

        match session with
        | None -> EngineResult(name, diagnostics found, null, [||])
        | Some session ->
            let completed = session.Run true
            found.AddRange session.Diagnostics

            let expectations =
                if completed && not (isNull solution) then
                    guarded session.Model (fun () ->
                        [| for outcome in session.Expectations() ->
                               ExpectationResult(outcome, (if Double.IsNaN outcome.Actual then session.Model.Status else "")) |])
                    |> Option.defaultValue [||]
                else
                    [||]

            EngineResult(name, diagnostics found, solution, expectations)

    static let loadOnly (files: IReadOnlyList<string>) (options: EngineOptions) : LoadedModel =
        let name, found, session, parseSeconds = load files options (fun _ _ _ -> ())

        match session with
        | None -> LoadedModel(name, diagnostics found, None, [||], Unchecked.defaultof<Evaluator>, parseSeconds, 0.0)
        | Some session ->
            let start = Stopwatch.GetTimestamp()

            let compiled =
                if session.Run false then
                    guarded session.Model (fun () -> fst (SolverChoice.compile session options))
                else
                    None

            let blocks =
                match compiled with
                | Some compiled when BlockSolving.hasBlocks session.Model || options.Solver = "admm" && BlockSolving.isFor compiled options ->
                    guarded session.Model (fun () ->
                        match BlockSolving.trySplit compiled session.Evaluator with
                        | Some split -> split.Describe()
                        | None -> [ "no blocks: none are declared, and the model does not fall apart into any" ])
                    |> Option.defaultValue []
                | _ -> []

            found.AddRange session.Diagnostics
            LoadedModel(name, diagnostics found, compiled, List.toArray blocks, session.Evaluator, parseSeconds, seconds start)

    /// What an action makes of a model that is read, bound and taken apart, but not solved; None where there are errors.
    static let inspect
        (files: IReadOnlyList<string>)
        (options: EngineOptions)
        (action: string -> ModelSession -> 'T)
        : string * IReadOnlyList<EngineDiagnostic> * 'T option =
        let name, found, session, _ = load files options (fun _ _ _ -> ())

        let made =
            match session with
            | None -> None
            | Some session ->
                let made = if session.Run false then guarded session.Model (fun () -> action name session) else None
                found.AddRange session.Diagnostics
                made

        name, diagnostics found, made

    /// Lines for people.
    static let describe (files: IReadOnlyList<string>) (options: EngineOptions) (lines: ModelSession -> string list) : SplitModel =
        let name, found, made =
            inspect files options (fun _ session ->
                SolverChoice.chooseObjective session.Model options.Objective
                lines session)

        SplitModel(name, found, made |> Option.defaultValue [] |> List.toArray)

    static let split files options =
        describe files options (fun session -> CompositeSolve.describe session options)

    /// The cone program that a model becomes; no lines for one that admm takes in blocks.
    static let cones files options =
        describe files options (fun session ->
            let compiled = ModelCompiler.compile session.Model session.Evaluator (EngineSettings.compileOptions session.Model options)

            if BlockSolving.hasBlocks session.Model then
                []
            else
                match ConeRecognition.tryBuild compiled with
                | Ok found -> found.Description
                | Result.Error _ when (BlockSolving.trySplit compiled session.Evaluator).IsSome -> []
                | Result.Error d -> raise (ModelError d))

    /// The operations that projections takes a model apart into.
    static let operations files options =
        describe files options (fun session ->
            let compiled, _ = SolverChoice.compile session options
            ProjectionSolving.describe compiled (EngineSettings.compileOptions session.Model options).RelaxIntegrality options)

    static let export (files: IReadOnlyList<string>) (options: EngineOptions) (write: string -> NlProblem -> unit) : EngineResult =
        let name, found, _ =
            inspect files options (fun name session ->
                SolverChoice.chooseObjective session.Model options.Objective
                write name (NlExport.make session.Model session.Evaluator))

        EngineResult(name, found, null, [||])

    static let repair (files: IReadOnlyList<string>) (options: EngineOptions) (how: RepairOptions) : RepairResult =
        let name, found, report =
            inspect files options (fun name session ->
                let compiled, solverOptions = SolverChoice.compile session options
                Repair.run name compiled options solverOptions how)

        match report with
        | Some report -> RepairResult(name, found, report)
        | None -> RepairResult(name, found, null)

    static let sample (files: IReadOnlyList<string>) (options: EngineOptions) (how: SamplingOptions) : SampleResult =
        let name, found, made =
            inspect files options (fun _ session ->
                SolverChoice.chooseObjective session.Model options.Objective
                let compiled = ModelCompiler.compile session.Model session.Evaluator (EngineSettings.compileOptions session.Model options)
                Sampling.run compiled session.Evaluator options how)

        match made with
        | Some(names, draws) -> SampleResult(name, found, names, draws)
        | None -> SampleResult(name, found, [||], null)

    /// What `EngineOptions.Solver` may be.
    static member Solvers: IReadOnlyList<string> = List.toArray SolverChoice.names

    /// Parses, binds, runs the commands with their solves, and checks the expectations.
    static member Run(files: IReadOnlyList<string>, options: EngineOptions) : EngineResult =
        DeepStack.onThread EngineSettings.stackSize (fun () -> run files options)

    /// Parses, binds, loads the data and compiles, without solving.
    static member Load(files: IReadOnlyList<string>, options: EngineOptions) : LoadedModel =
        DeepStack.onThread EngineSettings.stackSize (fun () -> loadOnly files options)

    /// Parses, binds and loads the data, and splits the model for coordinate descent, without solving.
    static member Split(files: IReadOnlyList<string>, options: EngineOptions) : SplitModel =
        DeepStack.onThread EngineSettings.stackSize (fun () -> split files options)

    /// Parses, binds, loads the data and compiles, and shows the model as a cone program, without solving; no lines for a model in blocks.
    static member Cones(files: IReadOnlyList<string>, options: EngineOptions) : SplitModel =
        DeepStack.onThread EngineSettings.stackSize (fun () -> cones files options)

    /// Parses, binds, loads the data and compiles, and says into which operations `projections` takes the model apart, without solving.
    static member Operations(files: IReadOnlyList<string>, options: EngineOptions) : SplitModel =
        DeepStack.onThread EngineSettings.stackSize (fun () -> operations files options)

    /// Parses, binds and loads the data, and hands the model's name and its .nl form to `write`, which is not called when
    /// there are errors.
    static member Export(files: IReadOnlyList<string>, options: EngineOptions, write: Action<string, NlProblem>) : EngineResult =
        DeepStack.onThread EngineSettings.stackSize (fun () -> export files options (fun name problem -> write.Invoke(name, problem)))

    /// Parses, binds, loads the data and finds the cheapest relaxation of the model as it stands at its end.
    static member Repair(files: IReadOnlyList<string>, options: EngineOptions, how: RepairOptions) : RepairResult =
        DeepStack.onThread EngineSettings.stackSize (fun () -> repair files options how)

    /// Parses, binds, loads the data and draws from the density exp(−objective) of the model as it stands at its end.
    static member Sample(files: IReadOnlyList<string>, options: EngineOptions, how: SamplingOptions) : SampleResult =
        DeepStack.onThread EngineSettings.stackSize (fun () -> sample files options how)
