namespace Optc.Compiler

open System
open System.Diagnostics
open Optc.Runtime.Solution
open Optc.Runtime.Solvers
open Optc.Runtime.Solvers.Asynchronous
open Optc.Runtime.Solvers.BlockCoordinate
open Optc.Runtime.Solvers.Consensus
open Optc.Runtime.Solvers.CoordinateDescent

/// Solves a model by coordinate descent: split, solve, values and reduced costs back into the model. Losses of linear forms go to
/// the kernel for these; other models, and those for which options name rules or blocks, to block coordinate descent.
module CompositeSolve =
    type private Split =
        | Losses of CompositeModel
        | Blocks of SmoothModel
        | Rows of SmoothModel * ModelRows

    let private names (given: EngineOptions) =
        given.SolverOptions |> Seq.map _.Key |> Seq.filter (EngineSettings.isOption >> not) |> Seq.toArray

    /// A composite problem as a smooth function and a penalty.
    let private ofLosses (composite: CompositeModel) : SmoothModel =
        match composite.Problem.Refuse() with
        | null -> ()
        | why -> EngineSettings.fail "data" why None

        { Function = LossFunction composite.Problem
          Penalty = BlockPenalty(composite.Problem.Penalty, List.toArray composite.Groups)
          Separable = composite
          Positions = Array.init composite.Start.Length id
          IsConvex = true
          Description = composite.Description }

    let private rowsText (rows: ModelRows) =
        let several = if rows.Rows.Count = 1 then "1 linear constraint" else $"{rows.Rows.Count} linear constraints"
        $"{several} by multipliers around the descent"

    // A session's matrix and solver, kept from solve to solve.
    let private memories = Runtime.CompilerServices.ConditionalWeakTable<ModelSession, CompositeMemory>()

    let private split (session: ModelSession) (given: EngineOptions) (memory: CompositeMemory) : Split =
        let options = EngineSettings.compileOptions session.Model given

        let composite =
            try
                Some(CompositeSplit(session.Model, session.Evaluator, memory).Build true)
            with ModelError d when d.Code = "composite" ->
                None

        let rows = composite |> Option.bind (fun _ -> LinearRowsOf.build session.Model session.Evaluator options)

        match composite with
        | Some composite when rows.IsSome ->
            match CoordinateOptions.FirstOfWorkers(names given) with
            | null -> Rows(ofLosses composite, rows.Value)
            | name -> EngineSettings.fail "solver-option" $"option {name} is for workers on threads, which keep no constraints, and the model has some" (Some "leave the option out")
        | Some composite when
            composite.Groups.IsEmpty
            && isNull (CoordinateOptions.FirstOfBlocks(names given))
            && isNull (CoordinateOptions.FirstOfWorkers(names given))
            ->
            Losses composite
        | Some composite -> Blocks(ofLosses composite)
        | None -> Blocks(SmoothSplit.build session.Model session.Evaluator options)

    /// How the model splits, for people. Raises ModelError where it does not.
    let describe (session: ModelSession) (given: EngineOptions) : string list =
        match split session given (CompositeMemory()) with
        | Losses composite -> composite.Description
        | Blocks smooth -> smooth.Description
        | Rows(smooth, rows) -> smooth.Description @ [ rowsText rows ]

    /// Multipliers of the bounds: what the gradient leaves when the penalty's subdifferential has taken what it can.
    let private reducedCost (penalty: SeparablePenalty) j (b: float) (gradient: float) =
        let q = gradient + penalty.Linear[j] + penalty.L2[j] * b
        let least = if b > 0.0 then q + penalty.L1[j] else q - penalty.L1[j]
        let most = if b < 0.0 then q - penalty.L1[j] else q + penalty.L1[j]

        if b <= penalty.Lower[j] && least > 0.0 then least
        elif b >= penalty.Upper[j] && most < 0.0 then most
        else 0.0

    let private writeBack (model: Model) (composite: CompositeModel) (point: float[]) (gradient: float[]) =
        for v in model.Variables do
            let size = v.Domain.Count

            if v.ReducedCost.Length <> size then
                v.ReducedCost <- Array.zeroCreate size

            for k in 0 .. size - 1 do
                let j = v.Offset + k
                v.Value[k] <- point[j]
                v.ReducedCost[k] <- composite.Sense * reducedCost composite.Problem.Penalty j point[j] gradient[j]

        model.VariablesChanged()

    /// Multipliers into the constraints, and their entries for people.
    let private rowsBack (composite: CompositeModel) (rows: ModelRows) (result: RowResult) : SolutionEntry[] =
        let compiled = rows.Compiled

        for c in compiled.Model.Constraints do
            c.Dual <- Array.zeroCreate c.Domain.Count

        [| for row in 0 .. compiled.RowOwner.Length - 1 do
               match compiled.RowOwner[row] with
               | null -> ()
               | c ->
                   let dual = composite.Sense * result.Multipliers[row]
                   // Sides and values without what fixed variables and constants add.
                   let shift = compiled.RowConstant[row] + compiled.Problem.ConstraintLower[row] - rows.Rows.Lower[row]
                   let shift = if Double.IsFinite shift then shift else compiled.RowConstant[row] + compiled.Problem.ConstraintUpper[row] - rows.Rows.Upper[row]
                   let shift = if Double.IsFinite shift then shift else compiled.RowConstant[row]
                   c.Dual[compiled.RowPosition[row]] <- dual
                   SolutionEntry(c.PlainName compiled.RowPosition[row], result.Values[row] + shift, dual, rows.Rows.Lower[row] + shift, rows.Rows.Upper[row] + shift) |]

    /// What a kernel found, over all declared variables.
    type private Outcome =
        { Status: SolveStatus
          Message: string
          Point: float[]
          /// Of the smooth part without the penalty's
          Gradient: float[]
          Violation: float
          Outer: int
          Inner: int
          IsConvex: bool
          Tolerance: float
          /// Multipliers and values of the rows, and how far these are outside
          Rows: (ModelRows * RowResult) option
          /// What workers did; none for one that does all
          Blocks: BlockReport seq
          Notes: string list }

    let private request (given: EngineOptions) =
        SolveRequest(TimeLimit = given.TimeLimit, Progress = given.Progress, Seed = given.Seed)

    let private solveLosses (memory: CompositeMemory) (composite: CompositeModel) (given: EngineOptions) : Outcome =
        let settings = EngineSettings.optionsOf CompositeOptions.Table (CompositeOptions()) (fun _ -> true) given

        let solver =
            match memory.Solver with
            | ValueSome(kept, sameSettings) when sameSettings = settings -> kept
            | _ -> CompositeSolver(composite.Problem, settings)

        memory.Solver <- ValueSome(solver, settings)
        solver.StartFrom composite.Start
        let result = solver.Solve(request given, given.Cancellation)

        { Status = result.Status
          Message = result.Message
          Point = result.Point
          Gradient = solver.FullGradient().ToArray()
          Violation = result.Violation
          Outer = result.OuterIterations
          Inner = result.Epochs
          IsConvex = true
          Tolerance = settings.Tolerance
          Rows = None
          Blocks = []
          Notes = composite.Description }

    /// A block kernel's answer over all declared variables.
    let private outcome (smooth: SmoothModel) (result: BlockResult) tolerance blocks note : Outcome =
        let point = Array.copy smooth.Separable.Start
        let gradient: float[] = Array.zeroCreate point.Length
        let penalty = smooth.Separable.Problem.Penalty

        smooth.Positions
        |> Array.iteri (fun k p ->
            point[p] <- result.Point[k]
            gradient[p] <- result.Slopes[k] - penalty.Linear[p] - penalty.L2[p] * result.Point[k])

        { Status = result.Status
          Message = result.Message
          Point = point
          Gradient = gradient
          Violation = result.Violation
          Outer = result.Epochs
          Inner = int (min result.Steps (int64 Int32.MaxValue))
          IsConvex = smooth.IsConvex
          Tolerance = tolerance
          Blocks = blocks
          Rows = None
          Notes = smooth.Description @ [ note ] }

    let private refused (body: unit -> 'a) : 'a =
        try
            body ()
        with :? ArgumentException as e ->
            EngineSettings.fail "solver-option" e.Message None

    let private startOf (smooth: SmoothModel) =
        smooth.Positions |> Array.map (fun p -> smooth.Separable.Start[p])

    let private solveBlocks (smooth: SmoothModel) (rows: ModelRows option) (given: EngineOptions) : Outcome =
        match CoordinateOptions.FirstOfLosses(names given) with
        | null -> ()
        | name -> EngineSettings.fail "solver-option" $"option {name} is for losses of linear forms without constraints, and this model is none" (Some "leave the option out")

        let settings = EngineSettings.optionsOf BlockOptions.Table (BlockOptions()) (fun _ -> true) given
        let start = startOf smooth

        let note (result: BlockResult) =
            $"{result.Blocks} blocks; the coordinates at kinks and bounds stay the same from epoch {result.IdentifiedEpoch} on; {result.NewtonSteps} Newton steps on the others"

        match rows with
        | None ->
            let solver = refused (fun () -> BlockSolver(smooth.Function, smooth.Penalty, settings))
            let result = solver.Solve(ReadOnlySpan start, request given, given.Cancellation)
            outcome smooth result settings.Tolerance [] (note result)
        | Some rows ->
            let solver = refused (fun () -> RowSolver(smooth.Function, smooth.Penalty, rows.Rows, settings))
            let answer = solver.Solve(ReadOnlySpan start, request given, given.Cancellation)

            let found = outcome smooth answer.Descent settings.Tolerance [] $"{rowsText rows}: {answer.Rounds} rounds; in the last, {note answer.Descent}"
            { found with Rows = Some(rows, answer) }

    let private solveWorkers (smooth: SmoothModel) (given: EngineOptions) : Outcome =
        let settings = EngineSettings.optionsOf AsynchronousOptions.Table (AsynchronousOptions()) (fun _ -> true) given

        let answer =
            refused (fun () ->
                let solver = AsynchronousSolver settings
                solver.Solve(smooth.Function, smooth.Penalty, ReadOnlySpan(startOf smooth), request given, max 1 given.Threads, null, given.Cancellation))

        let way = if settings.Asynchronous then "asynchronous" else "synchronous"
        outcome smooth answer.Result settings.Tolerance answer.Blocks $"{answer.Updates} {way} updates of {answer.Blocks.Count} blocks; the proximal term's centre moved {answer.Anchors} times"

    /// A solve of the model as it stands.
    let solve (session: ModelSession) (given: EngineOptions) (name: string) (parseSeconds: float) : ModelSolution =
        let model = session.Model
        let start = Stopwatch.GetTimestamp()
        let memory = memories.GetOrCreateValue session
        let split = split session given memory
        let compileSeconds = Stopwatch.GetElapsedTime(start).TotalSeconds
        let start = Stopwatch.GetTimestamp()

        let composite, outcome =
            match split with
            | Losses composite -> composite, solveLosses memory composite given
            | Blocks smooth when isNull (CoordinateOptions.FirstOfWorkers(names given)) -> smooth.Separable, solveBlocks smooth None given
            | Blocks smooth -> smooth.Separable, solveWorkers smooth given
            | Rows(smooth, rows) -> smooth.Separable, solveBlocks smooth (Some rows) given

        let solveSeconds = Stopwatch.GetElapsedTime(start).TotalSeconds
        writeBack model composite outcome.Point outcome.Gradient
        let constraints = outcome.Rows |> Option.map (fun (rows, result) -> rowsBack composite rows result) |> Option.defaultValue [||]
        let audit = Audit.run model session.Evaluator given.AuditLimit given.Seed
        let struct (status, message) = Judgement.ofKinks outcome.Status outcome.Message outcome.Tolerance audit
        model.Status <- string status
        let objectives = Answer.objectives model
        let entity, position = composite.Objective
        let plain = entity.PlainName position

        ModelSolution(
            Model = name,
            Status = status,
            SolverStatus = outcome.Status,
            Message = message,
            IsGlobal = (outcome.IsConvex && (status = SolveStatus.Solved || status = SolveStatus.SolvedToAcceptable)),
            ObjectiveName = plain,
            Objective = objectives[plain],
            IsMaximised = (composite.Sense < 0.0),
            Objectives = objectives,
            Variables = Answer.variables model,
            Constraints = constraints,
            Residuals =
                (match outcome.Rows with
                 | Some(_, rows) -> Residuals(outcome.Violation, rows.Infeasibility, rows.Complementarity)
                 | None -> Residuals(outcome.Violation, 0.0, 0.0)),
            Audit = audit,
            OuterIterations = outcome.Outer,
            InnerIterations = outcome.Inner,
            ParseSeconds = parseSeconds,
            CompileSeconds = compileSeconds,
            TableSeconds = compileSeconds,
            SolveSeconds = solveSeconds,
            VariableCount = outcome.Point.Length,
            ConstraintCount = constraints.Length,
            Class = "composite",
            Solver = "cd",
            Blocks = Seq.toArray outcome.Blocks,
            Notes = List.toArray outcome.Notes
        )
