namespace Optc.Compiler

open System
open Optc.Parser

/// Lowers expressions to nodes of a shape's graph.
[<Sealed>]
type ExpressionLowering(context: LoweringContext, reductions: ReductionLowering, kinks: KinkLowering) =
    let model, evaluator, analysis, summands = context.Model, context.Evaluator, context.Analysis, context.Summands
    let data, shared = context.Data, context.Shared
    let node kind (span: Span) : Expr = { Kind = kind; Span = span }

    /// Σ eᵢ² + δ² of a norm.
    let rounded (b: ShapeBuilder) (e: Expr) (squares: int) : int =
        match context.Rounding with
        | null -> squares
        | rounding ->
            rounding.IsUsed <- true

            let delta =
                b.Once(
                    "rounding",
                    Scope.Root,
                    node (Number 0.0) e.Span,
                    fun () ->
                        b.Datum
                            { Label = "rounding of norm2"
                              Value = fun _ -> rounding.Delta
                              IsUniform = true
                              IsAdjusted = true }
                )

            b.Graph.Add(squares, b.Graph.Mul(delta, delta))

    /// A kink that is never negative, so that its powers grow with it.
    let isNonnegativeKink (e: Expr) : bool =
        match e.Kind with
        | Call(("abs" | "pos"), _)
        | ExprKind.Binary(Less, _, _)
        | Iterated((Norm1 | NormInf), _, _) -> true
        | Call("max", arguments) ->
            arguments
            |> List.exists (fun a ->
                match a.Kind with
                | Number value -> value >= 0.0
                | _ -> false)
        | _ -> false

    /// The node of an expression. `direction`: +1 where the row wants the value small, -1 large, 0 neither.
    member this.Lower (b: ShapeBuilder) (scope: Scope) (direction: int) (e: Expr) : int =
        let g = b.Graph

        if analysis.IsData e then
            data.Number(b, scope, e)
        else
            match e.Kind with
            | Reference(name, subscripts) -> this.LowerReference b scope direction e name subscripts
            | Unary(Negate, a) -> g.Neg(this.Lower b scope -direction a)
            | Unary(Plus, a) -> this.Lower b scope direction a
            | ExprKind.Binary(Add, x, y) ->
                let left = this.Lower b scope direction x
                g.Add(left, this.Lower b scope direction y)
            | ExprKind.Binary(Subtract, x, y) ->
                let left = this.Lower b scope direction x
                g.Sub(left, this.Lower b scope -direction y)
            | ExprKind.Binary(Multiply, x, y) ->
                let scales (other: Expr) (part: Expr) =
                    direction <> 0 && analysis.IsData other && analysis.HasNonsmooth part

                let beside x y =
                    let sign = data.SignOf(b, scope, y)

                    if sign = 0 then
                        // A factor of zero: the product vanishes, kink and all.
                        g.Constant 0.0
                    else
                        let left = this.Lower b scope (direction * sign) x
                        g.Mul(left, this.Lower b scope 0 y)

                if scales y x then
                    beside x y
                elif scales x y then
                    beside y x
                else
                    let left = this.Lower b scope 0 x
                    g.Mul(left, this.Lower b scope 0 y)
            | ExprKind.Binary(Divide, x, y) ->
                let direction =
                    if direction <> 0 && analysis.IsData y && analysis.HasNonsmooth x then
                        direction * data.SignOf(b, scope, y)
                    else
                        0

                let left = this.Lower b scope direction x
                g.Div(left, this.Lower b scope 0 y)
            | ExprKind.Binary(Power, x, y) -> this.LowerPower b scope direction x y
            | ExprKind.Binary(IntegerDivide, x, y) -> g.Bin(Op.IntDiv, this.Lower b scope 0 x, this.Lower b scope 0 y)
            | ExprKind.Binary(Modulo, x, y) -> g.Bin(Op.Mod, this.Lower b scope 0 x, this.Lower b scope 0 y)
            | ExprKind.Binary(Less, x, y) ->
                let difference = node (ExprKind.Binary(Subtract, x, y)) e.Span
                let zero = node (Number 0.0) e.Span
                kinks.Lower(b, scope, direction, e, Op.Max, [ None, difference; None, zero ])
            | Unary(Not, _)
            | ExprKind.Binary _ -> this.LowerLogic b scope e
            | Call(name, arguments) -> this.LowerCall b scope direction e name arguments
            | Iterated(op, indexing, body) -> this.LowerIterated b scope direction e op indexing body
            | Conditional(condition, yes, no) ->
                let no = defaultArg no (node (Number 0.0) e.Span)

                if analysis.IsData condition then
                    this.Lower b scope direction (if data.Holds(b, scope, condition) then yes else no)
                else
                    let condition = this.LowerLogic b scope condition
                    let yes = this.Lower b scope direction yes
                    g.Apply(Op.Select, condition, yes, this.Lower b scope direction no)
            | PiecewiseLinear(breakpoints, slopes, argument, zero) ->
                this.Lower b scope direction (PiecewiseTerms.sum e breakpoints slopes argument zero)
            | Suffixed(_, suffix) ->
                Errors.fail "suffix" e.Span $".{suffix} cannot stand in an objective or constraint; it has a value only in commands"
            | Number _
            | Text _
            | Tuple _
            | Braces _
            | Range _ -> Errors.fail "kind" e.Span "a number is needed here"

    /// A condition that holds variables, as 0 or 1.
    member private this.LowerLogic (b: ShapeBuilder) (scope: Scope) (e: Expr) : int =
        let g = b.Graph

        if analysis.IsData e then
            g.Constant(if data.Holds(b, scope, e) then 1.0 else 0.0)
        else
            let relation op x y =
                let left = this.Lower b scope 0 x
                g.Bin(op, left, this.Lower b scope 0 y)

            match e.Kind with
            | Unary(Not, a) -> g.Un(Op.Not, this.LowerLogic b scope a)
            | ExprKind.Binary(And, x, y) ->
                // Data first: `i > 1 and x[i-1] > 0` must not look at x[0].
                let left = this.LowerLogic b scope x
                if g.IsConstant(left, 0.0) then left
                elif g.IsConstant(left, 1.0) then this.LowerLogic b scope y
                else g.Bin(Op.And, left, this.LowerLogic b scope y)
            | ExprKind.Binary(Or, x, y) ->
                let left = this.LowerLogic b scope x
                if g.IsConstant(left, 1.0) then left
                elif g.IsConstant(left, 0.0) then this.LowerLogic b scope y
                else g.Bin(Op.Or, left, this.LowerLogic b scope y)
            | ExprKind.Binary(LessThan, x, y) -> relation Op.IsLess x y
            | ExprKind.Binary(LessOrEqual, x, y) -> relation Op.IsLessOrEqual x y
            | ExprKind.Binary(GreaterThan, x, y) -> relation Op.IsLess y x
            | ExprKind.Binary(GreaterOrEqual, x, y) -> relation Op.IsLessOrEqual y x
            | ExprKind.Binary(Equal, x, y) -> relation Op.IsEqual x y
            | ExprKind.Binary(NotEqual, x, y) -> g.Un(Op.Not, relation Op.IsEqual x y)
            | ExprKind.Binary((Cross | Union | Intersection | Difference | SymmetricDifference | In | NotIn | Within | NotWithin | Concatenate), _, _)
            | Iterated((Exists | ForAll), _, _) ->
                Errors.failWithHint "variable-condition" e.Span "this condition depends on variables, which only relations, and, or and not may"
                    "write it with relations, or make it depend on parameters only"
            | _ -> g.Un(Op.Not, g.Bin(Op.IsEqual, this.Lower b scope 0 e, g.Constant 0.0))

    member private this.LowerPower (b: ShapeBuilder) scope direction (x: Expr) (y: Expr) : int =
        let g = b.Graph

        if analysis.IsData y then
            // A small whole exponent is part of the shape: x^2 is a product, and 0^0 needs no logarithm.
            let exponent =
                if analysis.IsLiteral y then
                    ValueSome(evaluator.Number(scope, y) (Scope.NewFrame()))
                elif (analysis.FreeDummies(scope, y)).IsEmpty then
                    summands.Fixes y
                    ValueSome(evaluator.Number(ShapeBuilder.Deep(scope, y.Span), y) (Scope.NewFrame()))
                else
                    let whole =
                        data.Fact(
                            b,
                            scope,
                            y,
                            fun deep ->
                                let value = evaluator.Number(deep, y)

                                fun frame ->
                                    let v = value frame
                                    if v = Math.Floor v && v >= 0.0 && v <= 8.0 then int v else -1
                        )

                    if whole >= 0 then ValueSome(float whole) else ValueNone

            let inner =
                match exponent with
                | ValueSome 1.0 -> direction
                | ValueSome p when p > 0.0 && isNonnegativeKink x -> direction
                | ValueSome p when p > 0.0 && p % 2.0 = 1.0 -> direction
                | _ -> 0

            let base' = this.Lower b scope inner x

            match exponent with
            | ValueSome p -> g.Bin(Op.Pow, base', g.Constant p)
            | ValueNone -> g.Bin(Op.Pow, base', data.Number(b, scope, y))
        else
            let base' = this.Lower b scope 0 x
            g.Bin(Op.Pow, base', this.Lower b scope 0 y)

    member private this.LowerCall (b: ShapeBuilder) scope direction (e: Expr) name arguments : int =
        let g = b.Graph
        let zero = node (Number 0.0) e.Span

        match name, arguments with
        | "abs", [ a ] -> kinks.Lower(b, scope, direction, e, Op.Max, [ None, a; None, node (Unary(Negate, a)) e.Span ])
        | "pos", [ a ] -> kinks.Lower(b, scope, direction, e, Op.Max, [ None, a; None, zero ])
        | "max", _ :: _ -> kinks.Lower(b, scope, direction, e, Op.Max, [ for a in arguments -> None, a ])
        | "min", _ :: _ -> kinks.Lower(b, scope, direction, e, Op.Min, [ for a in arguments -> None, a ])
        | _ ->
            match Operators.byName.TryFind((name, arguments.Length)) with
            | Some op ->
                let box: Interval[] = Array.create arguments.Length (struct (-infinity, infinity))
                let _, monotone = (Operators.get op).Shape box

                let nodes =
                    arguments
                    |> List.mapi (fun k a ->
                        let inner =
                            match monotone[k] with
                            | Increasing -> direction
                            | Decreasing -> -direction
                            | NotMonotone -> 0

                        this.Lower b scope inner a)

                match nodes with
                | [ x ] -> g.Un(op, x)
                | [ x; y ] -> g.Bin(op, x, y)
                | _ -> Errors.fail "arguments" e.Span $"{name} takes one or two arguments"
            | None ->
                Errors.failWithHint "function" e.Span $"{name} cannot be applied to variables"
                    "it may stand in data: in parameters, sets and conditions"

    member private this.LowerReference (b: ShapeBuilder) scope direction (e: Expr) name subscripts : int =
        match shared.TryNamed name with
        | ValueSome known -> b.Once("slot", scope, e, fun () -> b.Slot(shared.Slot(scope, known, subscripts)))
        | ValueNone ->
            match model.TryFind name with
            | Some(:? VarEntity as entity) ->
                b.Once(
                    "slot",
                    scope,
                    e,
                    fun () ->
                        let position =
                            evaluator.Position(ShapeBuilder.Deep(scope, e.Span), entity, subscripts, e.Span)

                        List.iter summands.Fixes subscripts

                        b.Slot
                            { Label = SourceText.ofExpression e
                              Position = fun frame -> entity.Offset + position frame
                              IsActive = true }
                )
            | Some(:? DefinedVarEntity as entity) -> this.LowerDefined b scope direction e entity subscripts
            | _ -> Errors.fail "kind" e.Span $"{name} is not a variable"

    member private this.LowerDefined (b: ShapeBuilder) scope direction (e: Expr) entity subscripts : int =
        List.iter summands.Fixes subscripts

        if summands.StaysShared entity && not (direction <> 0 && analysis.HasNonsmooth entity.Body && not (analysis.IsRecursive entity)) then
            b.Once(
                "slot",
                scope,
                e,
                fun () ->
                    let stage = reductions.DefinedStage entity
                    let position = evaluator.Position(ShapeBuilder.Deep(scope, e.Span), entity, subscripts, e.Span)
                    let key: Member[] = Array.zeroCreate entity.Arity

                    b.Slot
                        { Label = SourceText.ofExpression e
                          Position =
                            fun frame ->
                                entity.Domain.CopyTo(position frame, key, 0)
                                stage.Place(stage.Number(key, 0))
                          IsActive = true }
            )
        else
            b.Once(
                $"inline {direction}",
                scope,
                e,
                fun () ->
                    let first = b.TakeFrameSlots(entity.Arity, e.Span)
                    let inner = summands.Inlined(entity, first)

                    if entity.Arity > 0 then
                        let position = evaluator.Position(ShapeBuilder.Deep(scope, e.Span), entity, subscripts, e.Span)
                        b.AddStep(fun frame -> entity.Domain.CopyTo(position frame, frame, first))

                    this.Lower b inner direction entity.Body
            )

    member private this.LowerIterated (b: ShapeBuilder) scope direction (e: Expr) op indexing body : int =
        let g = b.Graph
        let rewritten kind = node kind e.Span
        let call name a = rewritten (Call(name, [ a ]))

        match op with
        | Norm1 -> this.Lower b scope direction (rewritten (Iterated(Sum, indexing, call "abs" body)))
        | NormInf -> this.Lower b scope direction (rewritten (Iterated(Maximum, indexing, call "abs" body)))
        | Norm2 ->
            let square = rewritten (ExprKind.Binary(Power, body, rewritten (Number 2.0)))
            let squares = this.Lower b scope 0 (rewritten (Iterated(Sum, indexing, square)))
            g.Un(Op.Sqrt, rounded b e squares)
        | LogSumExp when context.Kinks = AsWritten ->
            g.Un(Op.Log, reductions.Fold(b, scope, 0, rewritten (Iterated(Sum, indexing, call "exp" body)), Op.Add, 0.0, indexing, call "exp" body))
        | LogSumExp -> reductions.LogSumExp(b, scope, e, indexing, body)
        | Maximum -> kinks.Lower(b, scope, direction, e, Op.Max, [ Some indexing, body ])
        | Minimum -> kinks.Lower(b, scope, direction, e, Op.Min, [ Some indexing, body ])
        | Sum -> reductions.Fold(b, scope, direction, e, Op.Add, 0.0, indexing, body)
        | Product -> reductions.Fold(b, scope, 0, e, Op.Mul, 1.0, indexing, body)
        | Exists
        | ForAll -> this.LowerLogic b scope e
        | SetOf
        | UnionOver
        | IntersectionOver -> Errors.fail "kind" e.Span "a number is needed here, not a set"
