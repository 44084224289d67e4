namespace Optc.Compiler

open System
open Optc.Parser
open Optc.Runtime.Solvers.BlockCoordinate
open Optc.Runtime.Solvers.CoordinateDescent

/// The constraints of a model whose objective somebody else takes: linear rows over the declared variables.
type ModelRows =
    {
        /// The model with nothing to minimise, for names and multipliers
        Compiled: CompiledModel
        /// The rows, columns being positions of declared variables
        Rows: LinearRows
    }

module LinearRowsOf =
    /// The rows of a model that has constraints; raises ModelError where they are not linear.
    let build (model: Model) (evaluator: Evaluator) (options: CompileOptions) : ModelRows option =
        let live =
            model.Entities
            |> Seq.tryPick (function
                | :? ConstraintEntity as c when CompositeRefusal.isLive c -> Some c
                | _ -> None)

        match live with
        | None -> None
        | Some _ when model.CurrentObjective |> Option.forall (fun (o, _) -> o.Body.IsNone) -> None
        | Some first ->
            let objective, position = model.CurrentObjective.Value
            let nothing = { objective.Body.Value with Kind = Number 0.0 }
            let compiled = SmoothSplit.withBody model objective position nothing (fun () -> ModelCompiler.compile model evaluator options)

            let problem = compiled.Problem
            let pattern = problem.JacobianPattern

            let refuse row why =
                let c =
                    match compiled.RowOwner[row] with
                    | null -> first
                    | c -> c

                Errors.failWithHint
                    "composite"
                    c.Span
                    $"cd cannot take constraint {c.Name}: {why}"
                    "cd keeps linear constraints; leave the solver to optc, or name auglag"

            let x = Array.zeroCreate<float> problem.VariableCount
            let values = Array.zeroCreate<float> problem.ConstraintCount
            let jacobian = Array.zeroCreate<float> pattern.Count

            if compiled.Conditions.Length > 0 then refuse 0 "the model has complementarity conditions"

            for i in 0 .. pattern.MajorCount - 1 do
                for p in pattern.Starts[i] .. pattern.Starts[i + 1] - 1 do
                    if ModelNames.position compiled pattern.Indices[p] >= compiled.DeclaredCount then
                        refuse i "it has max, min or abs"

            if problem.Structure.Class <> Optc.Runtime.Problems.ProblemClass.Linear then
                // The row whose derivatives are not the same at two points.
                let elsewhere = Array.zeroCreate<float> pattern.Count
                problem.Jacobian(ReadOnlySpan(Array.init x.Length (fun j -> 0.3 + 0.1 * sin (float j))), Span elsewhere)
                problem.Jacobian(ReadOnlySpan(Array.init x.Length (fun j -> 0.5 + 0.1 * cos (float j))), Span jacobian)

                let row =
                    seq { 0 .. pattern.MajorCount - 1 }
                    |> Seq.tryFind (fun i -> Seq.exists (fun p -> elsewhere[p] <> jacobian[p]) (seq { pattern.Starts[i] .. pattern.Starts[i + 1] - 1 }))

                refuse (defaultArg row 0) "it is not linear"

            problem.Constraints(ReadOnlySpan x, Span values)
            problem.Jacobian(ReadOnlySpan x, Span jacobian)
            let columns: ResizeArray<struct (int * float)>[] = Array.init compiled.DeclaredCount (fun _ -> ResizeArray())

            for i in 0 .. pattern.MajorCount - 1 do
                for p in pattern.Starts[i] .. pattern.Starts[i + 1] - 1 do
                    if jacobian[p] <> 0.0 then
                        columns[ModelNames.position compiled pattern.Indices[p]].Add(struct (i, jacobian[p]))

            let starts = Array.scan (fun sum (c: ResizeArray<struct (int * float)>) -> sum + c.Count) 0 columns
            let entries = columns |> Seq.collect id |> Seq.toArray
            let matrix = SparseColumns(problem.ConstraintCount, starts, Array.map (fun (struct (i, _)) -> i) entries, Array.map (fun (struct (_, v)) -> v) entries)
            let lower = Array.init problem.ConstraintCount (fun i -> problem.ConstraintLower[i] - values[i])
            let upper = Array.init problem.ConstraintCount (fun i -> problem.ConstraintUpper[i] - values[i])
            Some { Compiled = compiled; Rows = LinearRows(matrix, lower, upper) }
