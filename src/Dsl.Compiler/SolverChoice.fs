namespace Optc.Compiler

open System
open Optc.Parser
open Optc.Runtime.Solvers.AugmentedLagrangian
open Optc.Runtime.Solvers.Bilevel
open Optc.Runtime.Solvers.ExactAugmentedLagrangian

/// Which solver takes a model, and which refuses it, and why.
module SolverChoice =
    /// What `--solver` and `EngineOptions.Solver` may be.
    let names = [ "auto"; "auglag"; "auglag-exact"; "admm"; "mpcc"; "bilevel"; "cd"; "projections" ]

    /// Options of `option` commands that mean something: `solver` with the name of one of these.
    let isOption (name: string) (value: string) : bool =
        EngineSettings.isOption name || (name = "solver" && List.contains value names)

    /// The options for a model as it stands: where no solver is asked for, the one that its `option solver` names.
    let ofModel (model: Model) (given: EngineOptions) : EngineOptions =
        match given.Solver, model.Options.TryGetValue "solver" with
        | "auto", (true, name) when List.contains name names -> given.WithSolver name
        | _ -> given

    /// Makes the objective of a name the one in use.
    let chooseObjective (model: Model) (name: string | null) =
        match name with
        | null -> ()
        | name ->
            match model.Objectives |> Array.tryFind (fun o -> o.Name = name) with
            | Some o -> model.Objective <- Some(o, 0)
            | None ->
                EngineSettings.fail "unknown-name" $"there is no objective {name}" (Errors.didYouMean name (model.Objectives |> Seq.map _.Name))

    /// auglag-exact takes equations only.
    let private refuseInequalities (compiled: CompiledModel) =
        let found = ExactAugmentedLagrangianSolver.FirstInequality compiled.Problem

        if found.HasValue then
            let epigraph = "an epigraph of a kink (abs, min, max)", Span.None

            let what, span =
                if found.Value >= 0 then
                    match compiled.RowOwner[found.Value] with
                    | null -> epigraph
                    | c -> ModelNames.constraintRow compiled found.Value + ", an inequality", c.Span
                else
                    match ModelNames.owner compiled ~~~found.Value with
                    | Some(v, k) -> v.PlainName k + ", which has a bound", v.Span
                    | None -> epigraph

            Errors.failWithHint "solver" span $"auglag-exact takes equations and free variables only, not {what}" "leave the solver to optc, or name auglag"

    /// A first-order method that does not take the model is refused by the name of what it does not take.
    let private refuseFirstOrder (compiled: CompiledModel) (bilevel: BilevelProblem) (method: BilevelMethod) =
        match FirstOrderForm.Obstacle(bilevel, method) with
        | null -> ()
        | found ->
            let name, span =
                if found.Row >= 0 then
                    ModelNames.constraintRow compiled found.Row + " ", (match compiled.RowOwner[found.Row] with null -> Span.None | c -> c.Span)
                elif found.Variable >= 0 then
                    match ModelNames.owner compiled found.Variable with
                    | Some(v, k) -> v.PlainName k + " ", v.Span
                    | None -> "an epigraph of a kink (abs, min, max) ", Span.None
                else
                    "", Span.None

            Errors.failWithHint "solver-option" span (name + found.What) found.Remedy

    /// The model compiled for the solver that is wanted, with the options; refused where that solver does not take it.
    let compile (session: ModelSession) (given: EngineOptions) : CompiledModel * AugmentedLagrangianOptions =
        let model = session.Model

        if not (List.contains given.Solver names) then
            let known = String.Join(", ", names)
            EngineSettings.fail "solver" $"there is no solver '{given.Solver}'; there are {known}" (Errors.didYouMean given.Solver names)

        if given.Solver = "cd" then
            EngineSettings.fail "solver" "cd takes models apart instead of compiling them, which is wanted here" (Some "leave the solver to optc, or name auglag")

        chooseObjective model given.Objective
        let own = EngineSettings.compileOptions model given
        let compileOptions = if given.Solver = "projections" then ProjectionSolving.compileOptions own else own
        let compiled = ModelCompiler.compile model session.Evaluator compileOptions

        let lower = model.OfType<LowerEntity>() |> Seq.tryHead

        match given.Solver, lower with
        | ("auglag" | "auglag-exact" | "admm" | "mpcc" | "projections"), Some lower ->
            Errors.failWithHint
                "solver"
                lower.Span
                $"{lower.Name} is a lower problem, which {given.Solver} by itself does not keep"
                "leave the solver to optc, or name bilevel"
        | "bilevel", None ->
            EngineSettings.fail "solver" "the model has no lower problem for bilevel" (Some "leave the solver to optc, or name auglag")
        | ("auto" | "auglag" | "auglag-exact" | "mpcc"), None ->
            match given.SolverOptions |> Seq.tryFind (fun pair -> EngineSettings.isBilevelOption pair.Key) with
            | Some pair ->
                EngineSettings.fail "solver-option" $"option {pair.Key} is one of bilevel, and the model has no lower problem" (Some "leave the option out")
            | None -> ()
        | _ -> ()

        match given.Solver, Array.tryHead compiled.ConditionOwner with
        | "projections", _ -> compiled, ProjectionSolving.require compiled given
        | "admm", _ when BlockSolving.isFor compiled given -> compiled, BlockSolving.require compiled given
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

            match compiled.Bilevel with
            | null -> ()
            | bilevel -> refuseFirstOrder compiled bilevel (EngineSettings.bilevelOptions given).Method

            compiled, options
