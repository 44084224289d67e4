namespace Optc.Compiler

open System
open System.Collections.Concurrent
open System.Collections.Generic
open System.Diagnostics
open System.Globalization
open System.IO
open Optc.Parser
open Optc.Runtime.Problems
open Optc.Runtime.Solution
open Optc.Runtime.Solvers
open Optc.Runtime.Solvers.AugmentedLagrangian
open Optc.Runtime.Solvers.Bilevel
open Optc.Runtime.Solvers.Complementarity
open Optc.Runtime.Solvers.ExactAugmentedLagrangian
open Optc.Runtime.Solvers.MultiStart
open Optc.Runtime.Solvers.Presolve

/// The whole way: files to an answer.
[<AbstractClass; Sealed>]
type Engine private () =

    /// What the audit may find above the acceptable tolerance before it contradicts a status; where there are kinks, whose multipliers it has to
    /// find by itself, above the tolerance too. Elsewhere `Solved` needs both evaluations, which round differently, at the tolerance itself.
    static let auditSlack = 10.0

    static let seconds (start: int64) =
        Stopwatch.GetElapsedTime(start).TotalSeconds

    static let chooseObjective (model: Model) (name: string | null) =
        match name with
        | null -> ()
        | name ->
            match model.Objectives |> Array.tryFind (fun o -> o.Name = name) with
            | Some o -> model.Objective <- Some(o, 0)
            | None ->
                EngineSettings.fail "unknown-name" $"there is no objective {name}" (Errors.didYouMean name (model.Objectives |> Seq.map _.Name))

    /// auglag-exact takes equations only.
    static let refuseInequalities (compiled: CompiledModel) =
        let found = ExactAugmentedLagrangianSolver.FirstInequality compiled.Problem

        if found.HasValue then
            let what, span =
                if found.Value >= 0 then
                    match compiled.RowOwner[found.Value] with
                    | null -> "an epigraph of a kink (abs, min, max)", Span.None
                    | c -> c.PlainName compiled.RowPosition[found.Value] + ", an inequality", c.Span
                else
                    let column = ~~~found.Value

                    let position =
                        match compiled.FreePositions with
                        | null -> column
                        | free -> free[column]

                    match compiled.Model.Variables |> Array.tryFindBack (fun v -> v.Offset <= position && position < v.Offset + v.Domain.Count) with
                    | Some v -> v.PlainName(position - v.Offset) + ", which has a bound", v.Span
                    | None -> "an epigraph of a kink (abs, min, max)", Span.None

            Errors.failWithHint "solver" span $"auglag-exact takes equations and free variables only, not {what}" "leave the solver to optc, or name auglag"

    static let compile (session: ModelSession) (given: EngineOptions) : CompiledModel * AugmentedLagrangianOptions =
        let model = session.Model

        match given.Solver with
        | "auto"
        | "auglag"
        | "auglag-exact"
        | "admm"
        | "mpcc"
        | "bilevel" -> ()
        | other ->
            EngineSettings.fail
                "solver"
                $"there is no solver '{other}'; there are auglag, auglag-exact, admm, mpcc, bilevel and cd"
                (Errors.didYouMean other [ "auglag"; "auglag-exact"; "admm"; "mpcc"; "bilevel"; "cd"; "auto" ])

        chooseObjective model given.Objective
        let compileOptions = EngineSettings.compileOptions model given
        let compiled = ModelCompiler.compile model session.Evaluator compileOptions

        let lower = model.OfType<LowerEntity>() |> Seq.tryHead

        match given.Solver, lower with
        | ("auglag" | "auglag-exact" | "admm" | "mpcc"), Some lower ->
            Errors.failWithHint
                "solver"
                lower.Span
                $"{lower.Name} is a lower problem, which {given.Solver} by itself does not keep"
                "leave the solver to optc, or name bilevel"
        | "bilevel", None ->
            EngineSettings.fail "solver" "the model has no lower problem for bilevel" (Some "leave the solver to optc, or name auglag")
        | _, None ->
            match given.SolverOptions |> Seq.tryFind (fun pair -> EngineSettings.isBilevelOption pair.Key) with
            | Some pair ->
                EngineSettings.fail "solver-option" $"option {pair.Key} is one of bilevel, and the model has no lower problem" (Some "leave the option out")
            | None -> ()
        | _ -> ()

        match given.Solver, Array.tryHead compiled.ConditionOwner with
        | "admm", _ -> compiled, QuadraticSolving.require compiled given
        | ("auglag" | "auglag-exact"), Some condition ->
            Errors.failWithHint
                "solver"
                condition.Span
                $"{condition.Name} is a complementarity condition, which {given.Solver} by itself does not keep"
                "leave the solver to optc, or name mpcc"
        | "mpcc", None ->
            EngineSettings.fail "solver" "the model has no complementarity conditions for mpcc" (Some "leave the solver to optc, or name auglag")
        | _ ->
            if given.Solver = "auglag-exact" then
                refuseInequalities compiled

            let options = EngineSettings.solverOptions given
            LeastSquaresRows.attach model session.Evaluator compileOptions compiled
            EngineSettings.checkInner compiled options
            compiled, options

    /// What the solver of the conditions says of them, by name where they do not hold.
    static let conditionsOf (compiled: CompiledModel) (answer: ComplementarityResult) : ConditionReport =
        ConditionReport(
            Residual = answer.Residual,
            Stationarity = (if answer.Stationarity = StationarityKind.None then null else string answer.Stationarity),
            IsBStationary = answer.IsBStationary,
            Conditions = compiled.Conditions.Length,
            Biactive = answer.BiactiveCount,
            Worst = [| for k in answer.WorstConditions -> compiled.ConditionOwner[k].PlainName compiled.ConditionPosition[k] |]
        )

    /// Solves from the model's start, or from several: the answer, the solver, the report on conditions, what the starts found.
    static let runSolver (compiled: CompiledModel) (given: EngineOptions) (options: AugmentedLagrangianOptions) request =
        // Answers with conditions, by their results: several starts are solved at a time.
        let answers = ConcurrentDictionary<SolveResult, ComplementarityResult>(HashIdentity.Reference)
        let hasConditions = compiled.Conditions.Length > 0

        let solver () : ISolver =
            if hasConditions then
                let inner = ComplementaritySolver options

                { new ISolver with
                    member _.Name = inner.Name

                    member _.Solve(problem, request, cancellation) =
                        let answer = inner.Solve(problem, compiled.Conditions, request, cancellation)
                        answers[answer.Result] <- answer
                        answer.Result }
            elif given.Solver = "auglag-exact" then
                ExactAugmentedLagrangianSolver options
            elif given.Solver = "admm" then
                QuadraticSolving.solver compiled given
            elif options.Presolve then
                PresolvingSolver(AugmentedLagrangianSolver options, options.Tolerance)
            else
                AugmentedLagrangianSolver options

        let result, starts =
            if given.Starts <= 1 then
                solver().Solve(compiled.Problem, request, given.Cancellation), None
            else
                let problem () = compiled.Problem.Clone() :> INlpProblem
                let found = MultiStartSolver.Solve(problem, solver, request, given.Starts, max 1 given.Threads, given.Cancellation)
                found.Best, Some found

        let report: ConditionReport | null =
            match answers.TryGetValue result with
            | true, answer -> conditionsOf compiled answer
            | _ -> null

        match report with
        | null -> ()
        | report when report.Worst.Count > 0 ->
            let names = String.Join(", ", report.Worst)
            result.Message <- $"{result.Message} Conditions that do not hold: {names}."
        | _ -> ()

        result, solver().Name, report, starts

    /// A point a little beside a kink may solve the epigraph's problem to the tolerance and not the model: the active set is finished from it, with
    /// few steps and far beyond the tolerance, or the point stays.
    static let finishAtKinks (compiled: CompiledModel) (given: EngineOptions) (options: AugmentedLagrangianOptions) (result: SolveResult) : SolveResult =
        if compiled.AuxiliaryCount = 0 || result.Status <> SolveStatus.Solved then
            result
        else
            let tight =
                AugmentedLagrangianOptions.Table.With(AugmentedLagrangianOptions.Table.With(options, "tolerance", "1e-12"), "max_inner", "50")

            let request =
                SolveRequest(
                    Start = result.Point,
                    ConstraintMultipliers = result.ConstraintMultipliers,
                    BoundMultipliers = result.BoundMultipliers,
                    TimeLimit = max 0.0 (given.TimeLimit - result.Seconds),
                    Seed = given.Seed
                )

            let exact = AugmentedLagrangianSolver(tight).Solve(compiled.Problem, request, given.Cancellation)

            if exact.Status = SolveStatus.Solved then
                exact.InnerIterations <- exact.InnerIterations + result.InnerIterations
                exact.OuterIterations <- exact.OuterIterations + result.OuterIterations
                exact.Evaluations <- result.Evaluations
                exact.Presolve <- result.Presolve
                exact
            else
                result

    /// Solves a model with followers.
    static let runBilevel (problem: BilevelProblem) (given: EngineOptions) options request (sense: float) =
        let answer = BilevelSolver(EngineSettings.bilevelOptions given, options).Solve(problem, request, given.Cancellation)
        let result = answer.Result

        // Multipliers of a follower's constraints and bounds are about the follower's objective as it is written.
        let turn (multipliers: float[]) at follower =
            multipliers[at] <- sense * float problem.FollowerSigns[follower] * multipliers[at]

        problem.LowerRows |> Array.iteri (fun r row -> turn result.ConstraintMultipliers row problem.LowerRowFollower[r])

        for j in problem.FollowerVariables do
            turn result.BoundMultipliers j problem.FollowerOf[j]

        result, "bilevel", answer.Report.InSense sense

    static let judged (slack: float) (status: SolveStatus) (text: string) (tolerance: float) (audit: AuditReport) : struct (SolveStatus * string) =
        // Stationarity that was not checked is NaN and says nothing.
        let residuals = audit.Residuals

        let worst =
            if Double.IsNaN residuals.Stationarity && not audit.IsComplete then
                max residuals.Feasibility residuals.Complementarity
            else
                residuals.Largest

        match status with
        | SolveStatus.Solved when not (worst <= slack * max tolerance 1e-8) ->
            if worst <= auditSlack * 1e-6 then
                struct (SolveStatus.SolvedToAcceptable, $"{text}; the audit finds residuals of {worst:g2} only")
            else
                struct (SolveStatus.NumericalFailure, $"the solver said Solved, but the audit finds residuals of {worst:g2}")
        | SolveStatus.SolvedToAcceptable when not (worst <= auditSlack * 1e-6) ->
            struct (SolveStatus.NumericalFailure, $"the solver said SolvedToAcceptable, but the audit finds residuals of {worst:g2}")
        | status -> struct (status, text)

    /// What several starts found, with objectives as the model has them.
    static let summary (sense: float) (found: MultiStartResult option) : StartsSummary | null =
        match found with
        | None -> null
        | Some found ->
            let optima =
                found.Optima
                |> Seq.map (fun o -> Optimum(sense * o.Objective, o.Start, o.Hits))
                |> Seq.toArray

            let solved = optima |> Array.sumBy _.Hits
            StartsSummary(found.Statuses.Count, solved, found.BestStart, optima)

    static let solve (session: ModelSession) (given: EngineOptions) (name: string) (parseSeconds: float) : ModelSolution =
        if given.Solver = "cd" then
            if given.Sensitivity.Count > 0 then
                EngineSettings.fail "sensitivity" "cd has no derivatives with respect to parameters" (Some "leave the solver to optc, or name auglag")

            if given.Starts > 1 then
                EngineSettings.fail "starts" "cd solves convex problems, which have no other solution from another start" (Some "leave --starts out")

            chooseObjective session.Model given.Objective
            CompositeSolve.solve session given name parseSeconds (judged auditSlack)
        else

        let model = session.Model
        let start = Stopwatch.GetTimestamp()
        let compiled, solverOptions = compile session given
        let sensitivities = Sensitivity.prepare model (EngineSettings.compileOptions model given) compiled given.Sensitivity
        let compileSeconds = seconds start
        let problem = compiled.Problem
        let start = Stopwatch.GetTimestamp()

        let request =
            SolveRequest(TimeLimit = given.TimeLimit, Progress = given.Progress, Seed = given.Seed)

        let sense =
            match compiled.Objective with
            | Some(o, _) when o.Sense = Maximize -> -1.0
            | _ -> 1.0

        let result, solverName, conditions, starts, (followers: BilevelReport | null) =
            match compiled.Bilevel with
            | null ->
                let result, name, conditions, starts = runSolver compiled given solverOptions request
                let result = if name = "auglag" then finishAtKinks compiled given solverOptions result else result
                result, name, conditions, starts, null
            | bilevel ->
                let result, name, followers = runBilevel bilevel given solverOptions request sense
                result, name, null, None, followers

        let solveSeconds = seconds start
        Answer.writeBack compiled result
        let audit = Audit.run model session.Evaluator given.AuditLimit given.Seed
        result.Message <- Answer.message compiled result
        let slack = if compiled.AuxiliaryCount > 0 then auditSlack else 1.0
        let struct (status, message) = judged slack result.Status result.Message solverOptions.Tolerance audit
        model.Status <- string status

        let message =
            match status with
            | SolveStatus.EvaluationError ->
                match Diagnose.atPoint model session.Evaluator with
                | Some d ->
                    model.Diagnostics.Add { d with Severity = Warning }
                    d.Message
                | None -> message
            | _ -> message

        let objectives = Answer.objectives model

        let objectiveName, objective =
            match compiled.Objective with
            | Some(o, k) ->
                let plain = o.PlainName k
                (plain: string | null), objectives[plain]
            | None -> null, 0.0

        let sensitivity: SensitivityReport | null =
            if sensitivities.IsEmpty then
                null
            else
                let isSolved = (status = SolveStatus.Solved || status = SolveStatus.SolvedToAcceptable)
                Sensitivity.report compiled sensitivities result isSolved sense

        let fixedCount =
            match compiled.FreePositions with
            | null -> 0
            | free -> compiled.DeclaredCount + compiled.AuxiliaryCount - free.Length

        let notes =
            [ yield! compiled.Notes
              if result.Note <> "" then
                  result.Note
              if fixedCount > 0 then
                  $"{fixedCount} fixed variables were left out of the problem"
              match result.Presolve with
              | null -> ()
              | presolve when presolve.HasReduced && not presolve.IsInfeasible ->
                  $"presolve removed {presolve.Describe compiled.RowOwner.Length}; their values and multipliers are restored"
              | _ -> ()
              if compiled.AuxiliaryCount > 0 then
                  $"{compiled.AuxiliaryCount} auxiliary variables stand for max, min or abs (exact epigraphs)" ]

        ModelSolution(
            Model = name,
            Status = status,
            SolverStatus = result.Status,
            Message = message,
            IsGlobal = (isNull compiled.Bilevel && problem.Structure.IsConvex && (status = SolveStatus.Solved || status = SolveStatus.SolvedToAcceptable)),
            ObjectiveName = objectiveName,
            Objective = objective,
            IsMaximised = (sense < 0.0),
            Objectives = objectives,
            Variables = Answer.variables model,
            Constraints = Answer.constraints compiled result sense,
            Residuals = result.Residuals,
            Audit = audit,
            Unboundedness = Answer.unboundedness compiled sense result.Unboundedness,
            Degeneracy = Answer.degeneracy compiled result.Diverging,
            OuterIterations = result.OuterIterations,
            InnerIterations = result.InnerIterations,
            Evaluations = result.Evaluations,
            ParseSeconds = parseSeconds,
            CompileSeconds = compileSeconds,
            TemplateSeconds = compiled.Clock.TemplateSeconds,
            TableSeconds = compiled.Clock.TableSeconds,
            CodeSeconds = compiled.Clock.CodeSeconds,
            SolveSeconds = solveSeconds,
            VariableCount = problem.VariableCount,
            ConstraintCount = problem.ConstraintCount,
            JacobianNonzeros = problem.JacobianPattern.Count,
            HessianNonzeros = problem.HessianPattern.Count,
            Class =
                (if not (isNull followers) then "bilevel"
                 elif isNull conditions then Answer.className problem.Structure
                 else "complementarity"),
            Solver = solverName,
            Conditions = conditions,
            Bilevel = followers,
            Starts = summary sense starts,
            Sensitivity = sensitivity,
            Notes = List.toArray notes
        )

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
                      IsOption = EngineSettings.isOption }
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
            load files options (fun session parseSeconds _ -> solution <- solve session options name parseSeconds)

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
        | None -> LoadedModel(name, diagnostics found, None, Unchecked.defaultof<Evaluator>, parseSeconds, 0.0)
        | Some session ->
            let start = Stopwatch.GetTimestamp()

            let compiled =
                if session.Run false then
                    guarded session.Model (fun () -> fst (compile session options))
                else
                    None

            found.AddRange session.Diagnostics
            LoadedModel(name, diagnostics found, compiled, session.Evaluator, parseSeconds, seconds start)

    static let split (files: IReadOnlyList<string>) (options: EngineOptions) : SplitModel =
        let name, found, session, _ = load files options (fun _ _ _ -> ())
        let mutable lines: string list = []

        match session with
        | None -> ()
        | Some session ->
            if session.Run false then
                guarded session.Model (fun () ->
                    chooseObjective session.Model options.Objective
                    lines <- (CompositeSplit(session.Model, session.Evaluator).Build()).Description)
                |> ignore

            found.AddRange session.Diagnostics

        SplitModel(name, diagnostics found, List.toArray lines)

    static let export (files: IReadOnlyList<string>) (options: EngineOptions) (write: string -> NlProblem -> unit) : EngineResult =
        let name, found, session, _ = load files options (fun _ _ _ -> ())

        match session with
        | None -> ()
        | Some session ->
            if session.Run false then
                guarded session.Model (fun () ->
                    chooseObjective session.Model options.Objective
                    write name (NlExport.make session.Model session.Evaluator))
                |> ignore

            found.AddRange session.Diagnostics

        EngineResult(name, diagnostics found, null, [||])

    static let repair (files: IReadOnlyList<string>) (options: EngineOptions) (how: RepairOptions) : RepairResult =
        let name, found, session, _ = load files options (fun _ _ _ -> ())
        let mutable report: RepairReport | null = null

        match session with
        | None -> ()
        | Some session ->
            if session.Run false then
                guarded session.Model (fun () ->
                    let compiled, solverOptions = compile session options
                    report <- Repair.run name compiled options solverOptions how)
                |> ignore

            found.AddRange session.Diagnostics

        RepairResult(name, diagnostics found, report)

    /// Parses, binds, runs the commands with their solves, and checks the expectations.
    static member Run(files: IReadOnlyList<string>, options: EngineOptions) : EngineResult =
        DeepStack.onThread EngineSettings.stackSize (fun () -> run files options)

    /// Parses, binds, loads the data and compiles, without solving.
    static member Load(files: IReadOnlyList<string>, options: EngineOptions) : LoadedModel =
        DeepStack.onThread EngineSettings.stackSize (fun () -> loadOnly files options)

    /// Parses, binds and loads the data, and splits the model for coordinate descent, without solving.
    static member Split(files: IReadOnlyList<string>, options: EngineOptions) : SplitModel =
        DeepStack.onThread EngineSettings.stackSize (fun () -> split files options)

    /// Parses, binds and loads the data, and hands the model's name and its .nl form to `write`, which is not called when
    /// there are errors.
    static member Export(files: IReadOnlyList<string>, options: EngineOptions, write: Action<string, NlProblem>) : EngineResult =
        DeepStack.onThread EngineSettings.stackSize (fun () -> export files options (fun name problem -> write.Invoke(name, problem)))

    /// Parses, binds, loads the data and finds the cheapest relaxation of the model as it stands at its end.
    static member Repair(files: IReadOnlyList<string>, options: EngineOptions, how: RepairOptions) : RepairResult =
        DeepStack.onThread EngineSettings.stackSize (fun () -> repair files options how)
