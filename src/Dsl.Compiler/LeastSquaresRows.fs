namespace Optc.Compiler

open System
open System.Collections.Generic
open Optc.Parser
open Optc.Runtime.Problems
open Optc.Runtime.Templates

/// The least-squares form of a compiled model: the inner expressions of its squares as rows of a problem of their own, over the
/// same variables.
module LeastSquaresRows =
    exception private Obstacle of string

    let private obstacle text = LeastSquaresForm(null, false, text)

    /// Where constraints stand in the way: a sum of squares may have bounds only.
    let private constraintsText (compiled: CompiledModel) =
        match compiled.RowOwner |> Array.tryFindIndex (isNull >> not) with
        | Some row ->
            match compiled.RowOwner[row] with
            | null -> "its objective has kinks"
            | c -> $"it has constraints besides bounds ({c.PlainName compiled.RowPosition[row]}); newton, lbfgs and cg take them"
        | None -> "its objective has kinks"

    /// Residual rows, their weights and targets, and the sum of the terms without variables.
    let private fill (lowering: Lowering) (terms: (Term * Expr voption) list) (sign: float) =
        let weights = ResizeArray<float>()
        let targets = ResizeArray<float>()
        let mutable offset = 0.0
        let frame = Scope.NewFrame()

        for term, root in terms do
            let scale = lowering.Summands.ScaleOf term

            match root with
            | ValueNone ->
                let tables = lowering.NewTables("objective", TemplateTarget.Constraint, term.Scope, 0, term.Body)

                Loops.run term.Loops frame (fun () ->
                    for table in tables do
                        table.Enumerate(frame, fun () -> offset <- offset + sign * scale frame * table.Constant frame))
            | ValueSome root ->
                let tables = lowering.NewTables("residual", TemplateTarget.Constraint, term.Scope, 0, root)

                Loops.run term.Loops frame (fun () ->
                    let weight = sign * scale frame

                    if not (weight >= 0.0 && Double.IsFinite weight) then
                        raise (Obstacle $"the square of `{SourceText.ofExpression root}` has the factor {weight}, which is not positive")

                    if weight > 0.0 then
                        let struct (constant, hasVariables) = lowering.Rows.Fill(weights.Count, tables, frame)

                        if hasVariables then
                            lowering.Rows.Add(-infinity, infinity, constant)
                            weights.Add weight
                            targets.Add(-constant)
                        else
                            offset <- offset + weight * constant * constant)

        weights.ToArray(), targets.ToArray(), offset

    let private sumOfSquares (model: Model) (evaluator: Evaluator) (options: CompileOptions) (compiled: CompiledModel) (entity: ObjectiveEntity) position body =
        let clock = CompileClock()
        let lowering = Lowering(model, evaluator, options.Kinks, NormRounding.Of options.RoundNorms, false, clock)

        match SquaredTerms(lowering.Analysis, lowering).Of(entity.Scope, body) with
        | Result.Error text -> Result.Error $"its objective {entity.Name} has a term that is no square: {text}"
        | Result.Ok terms ->
            let frame = Scope.NewFrame()

            if entity.Arity > 0 then
                entity.Domain.CopyTo(position, frame, 0)

            let weights, targets, offset = fill lowering terms (if entity.Sense = Maximize then -1.0 else 1.0)
            lowering.Shared.Complete()

            if weights.Length = 0 then
                Result.Error $"its objective {entity.Name} holds no variables"
            elif lowering.Rows.AuxiliaryStart.Count > 0 then
                Result.Error $"its objective {entity.Name} has kinks"
            else
                let built, schedule = ScheduledTemplates.build options.Kernels clock lowering compiled.DeclaredCount (fun _ -> true)
                let problem = compiled.Problem
                let free = Array.create weights.Length infinity

                let values: float[] = Array.zeroCreate compiled.DeclaredCount

                for v in model.Variables do
                    v.Value.AsSpan(0, v.Domain.Count).CopyTo(values.AsSpan v.Offset)

                let rows =
                    TemplateProblem(
                        TemplateProblemDefinition(
                            DeclaredCount = compiled.DeclaredCount,
                            StageCount = lowering.Shared.StageCount,
                            ConstraintCount = weights.Length,
                            Templates = (built |> Array.map (fun (template, _, _) -> template)),
                            Schedule = schedule,
                            FreePositions = compiled.FreePositions,
                            DeclaredValues = values,
                            VariableLower = problem.VariableLower.ToArray(),
                            VariableUpper = problem.VariableUpper.ToArray(),
                            ConstraintLower = Array.map (~-) free,
                            ConstraintUpper = free,
                            Start = problem.Start.ToArray(),
                            Structure = ProblemStructure.General
                        )
                    )

                Result.Ok(rows, targets, weights, offset)

    /// Looks for the form; the rows of a sum of squares are shared, and cloned for every problem that asks.
    let attach (model: Model) (evaluator: Evaluator) (options: CompileOptions) (compiled: CompiledModel) : unit =
        let source =
            if options.Refreshable then
                fun (_: TemplateProblem) -> obstacle "its data may change between solves; leave inner to optc"
            elif not (isNull compiled.Bilevel) then
                fun _ -> obstacle "it has a lower problem"
            elif compiled.Conditions.Length > 0 then
                fun _ -> obstacle "it has complementarity conditions"
            else
                match compiled.Objective with
                | None ->
                    fun problem ->
                        match ResidualRows.OfEquations problem with
                        | null -> obstacle "it has no objective, and not all of its constraints are equations"
                        | rows -> LeastSquaresForm(rows, true, "")
                | Some _ when compiled.RowOwner.Length > 0 -> fun _ -> obstacle (constraintsText compiled)
                | Some(entity, position) ->
                    match entity.Body with
                    | None -> fun _ -> obstacle $"its objective {entity.Name} is constant"
                    | Some body ->
                        let made =
                            lazy
                                (try
                                    sumOfSquares model evaluator options compiled entity position body
                                 with
                                 | Obstacle text -> Result.Error text
                                 | ModelError d -> Result.Error d.Message
                                 | :? EliminationTooLargeException as e -> Result.Error e.Message)

                        fun _ ->
                            match made.Value with
                            | Result.Error text -> obstacle text
                            | Result.Ok(rows, targets, weights, offset) -> LeastSquaresForm(ResidualRows(rows.Clone(), targets, weights, offset), false, "")

        compiled.Problem.LeastSquaresSource <- Func<TemplateProblem, LeastSquaresForm>(source)
