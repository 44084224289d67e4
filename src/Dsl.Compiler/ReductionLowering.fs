namespace Optc.Compiler

open System
open Optc.Parser
open Optc.Runtime.Templates

/// Reductions inside nonlinear expressions: short ones are written out in the template, long ones are stages.
[<Sealed>]
type ReductionLowering(context: LoweringContext, lowering: ILowering) =
    let evaluator, analysis, summands, shared = context.Evaluator, context.Analysis, context.Summands, context.Shared

    /// Most members of a sum inside a nonlinear expression that are written out in the template.
    let unrollLimit = 16

    let node kind (span: Span) : Expr = { Kind = kind; Span = span }

    /// A stage whose value is the sum of the terms of an expression.
    let fillByTerms (shared: Shared) (e: Expr) =
        // Terms are made at the first key: by then a recursive definition is known by name.
        let terms = lazy (lowering.NewTables(shared.Name, TemplateTarget.Stage, shared.Scope, 0, e))

        shared.Process <-
            fun frame position ->
                let row = shared.Numbers[position]

                for table in (terms.Value: TermTable[]) do
                    table.Enumerate(frame, (fun () -> table.Add(row, frame)))

    /// A short iterated operator is written out in the template; a long one is a stage.
    member this.Fold(b: ShapeBuilder, scope: Scope, direction: int, e: Expr, op: Op, empty: float, indexing: Indexing, body: Expr) : int =
        let g = b.Graph
        let deep = ShapeBuilder.Deep(scope, e.Span)
        summands.FixesIndexing indexing
        let inner, plan = evaluator.Indexing(deep, indexing)

        let count (frame: Frame) =
            let mutable n = 0

            plan.Run(
                frame,
                { new Visitor() with
                    member _.Visit _ =
                        n <- n + 1
                        n <= unrollLimit }
            )
            |> ignore

            n

        let size = analysis.Size(body, 40)
        let free = analysis.FreeDummies(scope, node (Braces indexing) indexing.Span)

        let members =
            if free.IsEmpty then
                count (Scope.NewFrame())
            else
                b.Decide(fun frame ->
                    let n = count frame
                    if n > unrollLimit || n * size > 160 then -1 else n)

        let members = if members > unrollLimit || members * size > 160 then -1 else members

        if members >= 0 then
            let arity = plan.Arity
            let first = b.TakeFrameSlots(members * arity, e.Span)

            if members * arity > 0 then
                b.AddStep(fun frame ->
                    let mutable at = first
                    plan.Enumerate(
                        frame,
                        fun () ->
                            Array.Copy(frame, plan.First, frame, at, arity)
                            at <- at + arity
                    ))

            let scopeOf k =
                let mutable result = scope

                for name in inner.Names do
                    match inner.TryFind name with
                    | Some dummy when dummy.Slot >= plan.First && dummy.Slot < plan.First + arity ->
                        result <- result.Bind(name, first + k * arity + dummy.Slot - plan.First, dummy.Set)
                    | _ -> ()

                result

            let mutable total = -1

            for k in 0 .. members - 1 do
                let value = lowering.Lower(b, scopeOf k, direction, body)
                total <- if total < 0 then value else g.Bin(op, total, value)

            if total < 0 then g.Constant empty else total
        else
            let stage =
                match op with
                | Op.Add -> this.SumStage(scope, e)
                | _ -> this.ChainStage(op.ToString().ToLowerInvariant(), scope, e, op, empty, indexing, body)

            b.Once("slot", scope, e, fun () -> b.Slot(shared.Slot(scope, stage, shared.DummiesOf(scope, e))))

    member private _.SumStage(scope: Scope, e: Expr) : Shared =
        shared.For("sum", scope, e, shared.NewStage, (fun shared -> fillByTerms shared e))

    member _.DefinedStage(entity: DefinedVarEntity) : Shared =
        shared.Defined(entity, (fun shared -> fillByTerms shared entity.Body))

    /// `prod`, `max`, `min` over many members: each partial result is a stage value that uses the one before it.
    member private _.ChainStage(kind: string, scope: Scope, e: Expr, op: Op, empty: float, indexing: Indexing, body: Expr) : Shared =
        let fill (stage: Shared) =
            summands.FixesIndexing indexing
            let inner, plan = evaluator.Indexing(stage.Scope, indexing)
            let mutable previous = -1

            let readPrevious =
                { Label = stage.Name
                  Position = fun _ -> SlotPlace.stage previous
                  IsActive = stage.IsActive }

            let term body combine =
                { Loops = []
                  Scope = inner
                  Sign = 1.0
                  Factors = []
                  Weights = []
                  Body = body
                  Combine = combine
                  Direction = 0 }

            let table name body combine = lowering.NewTable(name, TemplateTarget.Stage, term body combine)

            let first = table stage.Name body None
            let next = table stage.Name body (Some(fun b value -> b.Graph.Bin(op, b.Slot readPrevious, value)))
            let nothing = node (Number 0.0) e.Span
            let copy = table stage.Name nothing (Some(fun b _ -> b.Slot readPrevious))
            let none = table stage.Name (node (Number empty) e.Span) None

            stage.Process <-
                fun frame position ->
                    previous <- -1

                    plan.Enumerate(
                        frame,
                        fun () ->
                            let row = shared.NewStage stage
                            (if previous < 0 then first else next).Add(row, frame)
                            previous <- row
                    )

                    if previous >= 0 then
                        copy.Add(stage.Numbers[position], frame)
                    elif Double.IsFinite empty then
                        none.Add(stage.Numbers[position], frame)
                    else
                        let what = if op = Op.Max then "max" else "min"
                        Errors.fail "empty" e.Span $"{what} over an empty set has no value"

        shared.For(kind, scope, e, shared.NewStage, fill)

    /// ln Σ exp(e) as m + ln Σ exp(e − m), with the shift m = max e held constant in derivatives, which is exact.
    member this.LogSumExp(b: ShapeBuilder, scope: Scope, e: Expr, indexing: Indexing, body: Expr) : int =
        let g = b.Graph
        let largest = node (Iterated(Maximum, indexing, body)) e.Span
        // A kind of its own: a maximum that the model itself takes must stay active.
        let shift = this.ChainStage("shift", scope, largest, Op.Max, -infinity, indexing, body)
        shift.IsActive <- false
        let shiftReference = node (Reference(shift.Name, shared.DummiesOf(scope, largest))) e.Span
        let shifted = node (Call("exp", [ node (ExprKind.Binary(Subtract, body, shiftReference)) e.Span ])) e.Span
        let total = node (Iterated(Sum, indexing, shifted)) e.Span
        let sum = this.SumStage(scope, total)

        let shiftNode =
            b.Once("slot", scope, shiftReference, fun () -> b.Slot(shared.Slot(scope, shift, shared.DummiesOf(scope, largest))))

        let sumNode =
            b.Once("slot", scope, total, fun () -> b.Slot(shared.Slot(scope, sum, shared.DummiesOf(scope, total))))

        g.Add(shiftNode, g.Un(Op.Log, sumNode))
