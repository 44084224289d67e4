namespace Optc.Compiler

open System
open Optc.Parser
open Optc.Runtime.Solution
open Optc.Runtime.Solvers
open Optc.Runtime.Solvers.AugmentedLagrangian
open Optc.Runtime.Solvers.Projections
open Optc.Runtime.Templates

/// The solver `projections`: feasibility problems, without derivatives.
module ProjectionSolving =
    let private options (given: EngineOptions) : ProjectionOptions =
        EngineSettings.optionsOf ProjectionOptions.Table (ProjectionOptions()) (fun _ -> true) given

    /// How models are compiled for it: as they are written, with their whole numbers.
    let compileOptions (own: CompileOptions) : CompileOptions =
        { own with
            Kinks = AsWritten
            RoundNorms = false
            RelaxIntegrality = true }

    /// Refuses models that are no feasibility problems; the tolerances as the audit wants them.
    let require (compiled: CompiledModel) (given: EngineOptions) : AugmentedLagrangianOptions =
        if compiled.Conditions.Length > 0 then
            let c = compiled.ConditionOwner[0]
            Errors.failWithHint "solver" c.Span $"{c.Name} is a complementarity condition, which projections does not take" "leave the solver to optc, or name mpcc"

        if given.Starts > 1 then
            EngineSettings.fail "starts" "projections solves from one start" (Some "leave --starts out")

        match compiled.Objective with
        | Some(o, _) when compiled.Templates |> Array.exists (fun t -> t.Target = TemplateTarget.Objective && t.InstanceCount > 0 && t.Slots.Length > 0) ->
            let relation = if o.Sense = Maximize then ">=" else "<="

            Errors.failWithHint
                "solver"
                o.Span
                $"projections looks for feasible points and has no use for the objective {o.Name}"
                $"give a level for it in the objective's place (`subject to level: … {relation} …;`), or leave the solver to optc"
        | _ -> ()

        let own = options given
        AugmentedLagrangianOptions(Tolerance = own.Tolerance, AcceptableTolerance = own.AcceptableTolerance)

    let private isInteger (compiled: CompiledModel) (isRelaxed: bool) (column: int) =
        match ModelNames.owner compiled column with
        | Some(v, _) -> not isRelaxed && (v.IsInteger || v.IsBinary)
        | None -> false

    /// The operations that a model compiled for it is taken apart into, for people. Raises ModelError for one without a projection.
    let describe (compiled: CompiledModel) (isRelaxed: bool) (given: EngineOptions) : string list =
        let graph = ProjectionModel(compiled, isInteger compiled isRelaxed, (options given).Margin).Build()

        $"{graph.CopyCount} copies of {graph.ValueCount} values, {compiled.Problem.VariableCount} of them variables"
        :: [ for group in graph.Operations |> Seq.countBy (fun o -> o.Name) |> Seq.sortBy (fun (name, count) -> -count, name) do
                 let name, count = group
                 $"{count} × {name}" ]

    /// Takes the model apart and solves.
    let solve (compiled: CompiledModel) (isRelaxed: bool) (given: EngineOptions) (request: SolveRequest) : SolveResult =
        let own = options given
        let isInteger = isInteger compiled isRelaxed

        let solver =
            try
                ProjectionSolver own
            with :? ArgumentException as e ->
                EngineSettings.fail "solver-option" e.Message None

        let graph = ProjectionModel(compiled, isInteger, own.Margin).Build()
        let result = solver.Solve(graph, compiled.Problem, request, max 1 given.Threads, given.Cancellation)
        let integers = Seq.init compiled.Problem.VariableCount isInteger |> Seq.filter id |> Seq.length
        let whole = if integers > 0 then $", {integers} of them whole numbers" else ""

        result.Note <-
            $"projections onto {graph.Operations.Count} operations ({graph.Describe()}) with {graph.CopyCount} copies of {graph.ValueCount} values{whole}; no derivatives were used"

        result
