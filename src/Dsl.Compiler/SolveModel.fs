namespace Optc.Compiler

open System.Diagnostics
open Optc.Parser
open Optc.Runtime.Solution

/// One solve: choose, compile, run, write back, audit, report.
module SolveModel =
    let private seconds (start: int64) =
        Stopwatch.GetElapsedTime(start).TotalSeconds

    let private solveCompiled (session: ModelSession) (given: EngineOptions) (name: string) (parseSeconds: float) : ModelSolution =
        let model = session.Model
        let start = Stopwatch.GetTimestamp()
        let compiled, solverOptions = SolverChoice.compile session given
        let sensitivities = Sensitivity.prepare model (EngineSettings.compileOptions model given) compiled given.Sensitivity
        let compileSeconds = seconds start
        let problem = compiled.Problem
        let start = Stopwatch.GetTimestamp()

        let sense =
            match compiled.Objective with
            | Some(o, _) when o.Sense = Maximize -> -1.0
            | _ -> 1.0

        let outcome = SolverRun.run compiled session.Evaluator given solverOptions sense
        let result = outcome.Result
        let solveSeconds = seconds start
        Answer.writeBack compiled result
        let audit = Audit.run model session.Evaluator given.AuditLimit given.Seed
        result.Message <- Answer.message compiled result
        let judge = if compiled.AuxiliaryCount > 0 || not (isNull compiled.Rounding) then Judgement.ofKinks else Judgement.ofSmooth
        let struct (status, message) = judge result.Status result.Message solverOptions.Tolerance audit
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
              if outcome.Blocks.Count = 0 && BlockSolving.hasBlocks model then
                  "the blocks that the model declares are for the solver admm; this solver takes the model as a whole"
              if not (isNull compiled.Rounding) then
                  $"norm2 is the root of the squares and {NormRounding.Least:g}^2, which has derivatives where the squares vanish"
              if compiled.AuxiliaryCount > 0 then
                  $"{compiled.AuxiliaryCount} auxiliary variables stand for max, min or abs (exact epigraphs)" ]

        ModelSolution(
            Model = name,
            Status = status,
            SolverStatus = result.Status,
            Message = message,
            // What admm takes as a whole is convex.
            IsGlobal = (isNull compiled.Bilevel && (outcome.Solver = "admm" && outcome.Blocks.Count = 0 || problem.Structure.IsConvex) && (status = SolveStatus.Solved || status = SolveStatus.SolvedToAcceptable)),
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
                (if not (isNull outcome.Followers) then "bilevel"
                 elif isNull outcome.Conditions then Answer.className problem.Structure
                 else "complementarity"),
            Solver = outcome.Solver,
            Conditions = outcome.Conditions,
            Bilevel = outcome.Followers,
            Blocks = outcome.Blocks,
            Starts = outcome.Starts,
            Sensitivity = sensitivity,
            Notes = List.toArray notes
        )

    let private solveComposite (session: ModelSession) (given: EngineOptions) (name: string) (parseSeconds: float) : ModelSolution =
        if given.Sensitivity.Count > 0 then
            EngineSettings.fail "sensitivity" "cd has no derivatives with respect to parameters" (Some "leave the solver to optc, or name auglag")

        if given.Starts > 1 then
            EngineSettings.fail "starts" "cd solves from one start" (Some "leave --starts out")

        SolverChoice.chooseObjective session.Model given.Objective
        CompositeSolve.solve session given name parseSeconds

    /// A solve of the model as it stands.
    let solve (session: ModelSession) (given: EngineOptions) (name: string) (parseSeconds: float) : ModelSolution =
        let given = SolverChoice.ofModel session.Model given
        let solve = if given.Solver = "cd" then solveComposite else solveCompiled
        solve session given name parseSeconds
