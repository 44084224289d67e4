namespace Optc.Compiler

open System
open Optc.Runtime.Problems
open Optc.Runtime.Solvers
open Optc.Runtime.Solvers.Admm
open Optc.Runtime.Solvers.AugmentedLagrangian
open Optc.Runtime.Solvers.Consensus

/// The solver `admm` for models in blocks: which it takes, its options, the split.
module BlockSolving =
    let private remedy = Some "leave the solver to optc, or name auglag"

    let hasBlocks (model: Model) = model.OfType<BlockEntity>() |> Seq.isEmpty |> not

    /// Options that only the splitting over blocks has.
    let private isOwn (name: string) =
        let isIn (names: seq<string>) = names |> Seq.exists (fun other -> String.Equals(other, name, StringComparison.OrdinalIgnoreCase))
        isIn (ConsensusOptions.Table.Entries |> Seq.map _.Name) && not (isIn (AdmmOptions.Table.Entries |> Seq.map _.Name))

    /// Whether admm goes over blocks here: they are declared, an option asks for it, or the model is neither a quadratic program nor one with cones.
    let isFor (compiled: CompiledModel) (given: EngineOptions) =
        let isWhole () =
            QuadraticExtraction.Applies compiled.Problem || (compiled.Conditions.Length = 0 && (ConeRecognition.tryBuild compiled).IsOk)

        hasBlocks compiled.Model || given.SolverOptions |> Seq.exists (fun pair -> isOwn pair.Key) || not (isWhole ())

    let private options (given: EngineOptions) : ConsensusOptions =
        EngineSettings.optionsOf ConsensusOptions.Table (ConsensusOptions()) (fun _ -> true) given

    /// The model in its declared blocks, or in those that are found; None when there are none.
    let trySplit (compiled: CompiledModel) (evaluator: Evaluator) : BlockSplit option =
        if compiled.Conditions.Length > 0 || not (isNull compiled.Bilevel) then
            None
        elif hasBlocks compiled.Model then
            let blocks = Blocks(compiled.Model, evaluator)
            Some(BlockSplit(compiled, blocks.All, blocks.OwnerOf))
        else
            BlockStructure.find compiled |> Option.map (fun (blocks, owners) -> BlockSplit(compiled, blocks, owners))

    /// Refuses models that admm cannot solve over blocks; the tolerances as the audit wants them.
    let require (compiled: CompiledModel) (given: EngineOptions) : AugmentedLagrangianOptions =
        if compiled.Conditions.Length > 0 then
            EngineSettings.fail "solver" "admm does not keep complementarity conditions, and this model has some" remedy

        if given.Starts > 1 then
            EngineSettings.fail "starts" "admm over blocks solves from one start" (Some "leave --starts out, or name auglag")

        let own = options given
        AugmentedLagrangianOptions(Tolerance = own.Tolerance, AcceptableTolerance = own.AcceptableTolerance)

    /// Splits and solves.
    let solve (compiled: CompiledModel) (evaluator: Evaluator) (given: EngineOptions) (request: SolveRequest) : ConsensusResult =
        match trySplit compiled evaluator with
        | None ->
            match ConeRecognition.tryBuild compiled with
            | Result.Error d when not (hasBlocks compiled.Model) -> raise (ModelError { d with Hint = Some "declare the model's blocks (`block own {k in K}: {j in J} x[k,j];`), leave the solver to optc, or name auglag" })
            | _ when not (isNull compiled.Bilevel) -> EngineSettings.fail "solver" "the blocks of this model cannot be taken apart: it has a lower problem" remedy
            | _ ->
                let asked = given.SolverOptions |> Seq.tryFind (fun pair -> isOwn pair.Key)

                let what =
                    match asked with
                    | Some pair -> $"option {pair.Key} is one of admm over blocks, and this model declares no blocks and does not fall apart into any"
                    | None -> "this model declares no blocks and does not fall apart into any"

                EngineSettings.fail "solver" what (Some "leave the option out, or declare blocks (`block own {k in K}: {j in J} x[k,j];`)")
        | Some split ->
            try
                let own = options given
                let solver = ConsensusSolver own
                let answer = solver.Solve(split.Problem, request, max 1 given.Threads, null, given.Cancellation)

                let convexity =
                    if compiled.Problem.Structure.IsConvex then
                        "the model is convex: the splitting converges from any start and with any penalty where a saddle point exists"
                    else
                        "the model is not proved convex: the splitting converges to a stationary point where the blocks' terms in shared variables are smooth and the penalty is large against their curvature"

                let way =
                    if own.IsScheduled then $"in rounds that call {own.Participation:P0} of them, links with noise of variance {own.UplinkNoise} and {own.DownlinkNoise}: "
                    elif own.Asynchronous then "asynchronous "
                    else "synchronous "

                answer.Result.Note <- $"{way}consensus over {split.BlockCount} blocks, {split.Problem.SharedCount} shared variables; {convexity}"
                answer
            with :? ArgumentException as e ->
                EngineSettings.fail "solver-option" e.Message None
