namespace Optc.Compiler

open Optc.Parser
open Optc.Runtime.Templates

/// Kinks: an auxiliary variable where the direction makes its epigraph exact, the active branch where that is allowed.
[<Sealed>]
type KinkLowering(context: LoweringContext, lowering: ILowering, reductions: ReductionLowering) =
    let evaluator, summands, shared, rows = context.Evaluator, context.Summands, context.Shared, context.Rows
    let node kind (span: Span) : Expr = { Kind = kind; Span = span }

    /// max or min of pieces: an auxiliary variable above (below) all of them where the row pushes it onto the largest
    /// (smallest), which is exact; else refused.
    member this.Lower(b: ShapeBuilder, scope: Scope, direction: int, e: Expr, op: Op, pieces: (Indexing option * Expr) list) : int =
        let g = b.Graph
        let wanted = if op = Op.Max then 1 else -1

        if direction = wanted then
            let epigraph = this.Epigraph(scope, e, op, pieces)
            // Not the slot of the same maximum elsewhere in the shape, which may be its value on the active branch.
            b.Once("bound", scope, e, fun () -> b.Slot(shared.Slot(scope, epigraph, shared.DummiesOf(scope, e))))
        elif context.Kinks <> ExactOnly then
            match pieces, e.Kind with
            | [ Some indexing, body ], _ -> reductions.Fold(b, scope, 0, e, op, (if op = Op.Max then -infinity else infinity), indexing, body)
            | _, Call("abs", [ a ]) -> g.Un(Op.Abs, lowering.Lower(b, scope, 0, a))
            | _ ->
                pieces
                |> List.map (fun (_, piece) -> lowering.Lower(b, scope, 0, piece))
                |> List.reduce (fun x y -> g.Bin(op, x, y))
        else
            let what, position =
                if op = Op.Max then "convex", "minimised, or bounded above" else "concave", "maximised, or bounded below"

            Errors.failWithHint
                "kink"
                e.Span
                $"{SourceText.ofExpression e} has a kink and does not stand in {what} position, so that no exact smooth form of it exists"
                $"a {what} kink is exact where it is {position}; `option nonsmooth active;` differentiates it on the active branch"

    member private _.Epigraph(scope: Scope, e: Expr, op: Op, pieces: (Indexing option * Expr) list) : Shared =
        let fill (bound: Shared) =
            bound.Place <- SlotPlace.auxiliary
            let value = evaluator.Number(bound.Scope, e)
            let self = node (Reference(bound.Name, shared.DummiesOf(bound.Scope, e))) e.Span
            let direction = if op = Op.Max then 1 else -1

            // Constant pieces bound the auxiliary itself.
            let constant =
                if op = Op.Max then
                    pieces
                    |> List.tryPick (function
                        | None, { Kind = Number value } -> Some value
                        | _ -> None)
                else
                    None

            let pieces =
                [| for indexing, piece in pieces do
                       match constant, piece.Kind with
                       | Some bound, Number value when bound = value -> ()
                       | _ ->
                           let inner, plan =
                               match indexing with
                               | Some indexing ->
                                   summands.FixesIndexing indexing
                                   let inner, plan = evaluator.Indexing(bound.Scope, indexing)
                                   inner, Some plan
                               | None -> bound.Scope, None

                           let body = node (ExprKind.Binary(Subtract, piece, self)) piece.Span
                           plan, lazy (lowering.NewTables(bound.Name, TemplateTarget.Constraint, inner, direction, body)) |]

            bound.Process <-
                fun frame position ->
                    let number = bound.Numbers[position]
                    rows.AuxiliaryStart[number] <- value frame
                    rows.AuxiliaryLower[number] <- defaultArg constant -infinity

                    for plan, terms in pieces do
                        let addRow () =
                            rows.AuxiliaryRows[rows.Count] <- number
                            let struct (constant, _) = rows.Fill(rows.Count, terms.Value, frame)

                            if op = Op.Max then
                                rows.Add(-infinity, 0.0, constant)
                            else
                                rows.Add(0.0, infinity, constant)

                        match plan with
                        | Some(plan: IndexingPlan) -> plan.Enumerate(frame, addRow)
                        | None -> addRow ()

        shared.For("bound", scope, e, (fun _ -> rows.NewAuxiliary()), fill)
