namespace Optc.Compiler

open System
open System.Collections.Concurrent
open System.Collections.Generic
open Optc.Runtime.Problems
open Optc.Runtime.Solution
open Optc.Runtime.Solvers
open Optc.Runtime.Solvers.AugmentedLagrangian
open Optc.Runtime.Solvers.Bilevel
open Optc.Runtime.Solvers.Complementarity
open Optc.Runtime.Solvers.Consensus
open Optc.Runtime.Solvers.ExactAugmentedLagrangian
open Optc.Runtime.Solvers.MultiStart
open Optc.Runtime.Solvers.Presolve

/// Runs the solver of a compiled model.
module SolverRun =
    /// What the solver of the conditions says of them, by name where they do not hold.
    let private conditionsOf (compiled: CompiledModel) (answer: ComplementarityResult) : ConditionReport =
        ConditionReport(
            Residual = answer.Residual,
            Stationarity = (if answer.Stationarity = StationarityKind.None then null else string answer.Stationarity),
            IsBStationary = answer.IsBStationary,
            Conditions = compiled.Conditions.Length,
            Biactive = answer.BiactiveCount,
            Worst = [| for k in answer.WorstConditions -> compiled.ConditionOwner[k].PlainName compiled.ConditionPosition[k] |]
        )

    /// Solves from the model's start, or from several: the answer, the solver, the report on conditions, what the starts found.
    let private runSolver (compiled: CompiledModel) (given: EngineOptions) (options: AugmentedLagrangianOptions) request =
        // Answers with conditions, by their results: several starts are solved at a time.
        let answers = ConcurrentDictionary<SolveResult, ComplementarityResult>(HashIdentity.Reference)
        let hasConditions = compiled.Conditions.Length > 0

        let solver (options: AugmentedLagrangianOptions) : ISolver =
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
                let solve options request = (solver options).Solve(compiled.Problem, request, given.Cancellation)

                match compiled.Rounding with
                | null -> solve options request, None
                | rounding -> NormContinuation.solve rounding options request solve, None
            else
                let problem () = compiled.Problem.Clone() :> INlpProblem
                let found = MultiStartSolver.Solve(problem, (fun () -> solver options), request, given.Starts, max 1 given.Threads, given.Cancellation)
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

        result, (solver options).Name, report, starts

    /// A point a little beside a kink may solve the epigraph's problem to the tolerance and not the model: the active set is finished from it, with
    /// few steps and far beyond the tolerance, or the point stays.
    let private finishAtKinks (compiled: CompiledModel) (given: EngineOptions) (options: AugmentedLagrangianOptions) (result: SolveResult) : SolveResult =
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
                exact.CountToo result.Effort
                exact.Presolve <- result.Presolve
                exact.Note <- result.Note
                exact
            else
                result

    /// Solves a model with followers.
    let private runBilevel (problem: BilevelProblem) (given: EngineOptions) options request (sense: float) =
        let answer = BilevelSolver(EngineSettings.bilevelOptions given, options).Solve(problem, request, given.Cancellation)
        let result = answer.Result

        problem.TurnMultipliers(result, sense)
        result, answer.Report.InSense sense

    /// What several starts found, with objectives as the model has them.
    let private summary (sense: float) (found: MultiStartResult option) : StartsSummary | null =
        match found with
        | None -> null
        | Some found ->
            let optima =
                found.Optima
                |> Seq.map (fun o -> Optimum(sense * o.Objective, o.Start, o.Hits))
                |> Seq.toArray

            let solved = optima |> Array.sumBy _.Hits
            StartsSummary(found.Statuses.Count, solved, found.BestStart, optima)

    /// What a solver found, with its name and what goes beside the answer.
    type Outcome =
        { Result: SolveResult
          Solver: string
          Conditions: ConditionReport | null
          Followers: BilevelReport | null
          /// What each block cost; none for solvers without blocks
          Blocks: IReadOnlyList<BlockReport>
          Starts: StartsSummary | null }

    /// Solves a compiled model; `sense` is -1 for a maximised objective.
    let run (compiled: CompiledModel) (evaluator: Evaluator) (given: EngineOptions) (options: AugmentedLagrangianOptions) (sense: float) : Outcome =
        let request = SolveRequest(TimeLimit = given.TimeLimit, Progress = given.Progress, Seed = given.Seed)

        match compiled.Bilevel with
        | null when given.Solver = "admm" && BlockSolving.isFor compiled given ->
            let answer = BlockSolving.solve compiled evaluator given request

            { Result = answer.Result
              Solver = "admm"
              Conditions = null
              Followers = null
              Blocks = answer.Blocks
              Starts = null }
        | null when given.Solver = "projections" ->
            { Result = ProjectionSolving.solve compiled (EngineSettings.compileOptions compiled.Model given).RelaxIntegrality given request
              Solver = "projections"
              Conditions = null
              Followers = null
              Blocks = [||]
              Starts = null }
        | null ->
            let result, name, conditions, starts = runSolver compiled given options request

            { Result = (if name = "auglag" then finishAtKinks compiled given options result else result)
              Solver = name
              Conditions = conditions
              Followers = null
              Blocks = [||]
              Starts = summary sense starts }
        | bilevel ->
            let result, followers = runBilevel bilevel given options request sense

            { Result = result
              Solver = "bilevel"
              Conditions = null
              Followers = followers
              Blocks = [||]
              Starts = null }
