namespace Optc.Compiler

open System
open System.Collections.Generic
open Optc.Parser

/// How coordinate descent says which term it cannot take.
module internal CompositeRefusal =
    /// Whether a family has a constraint that was not dropped.
    let isLive (c: ConstraintEntity) = c.Domain.Count > 0 && (c.Dropped.Length = 0 || Array.exists not c.Dropped)

    let remedy = "leave the solver to optc, or name auglag"

    let refuse (e: Expr) why hint : 'a =
        Errors.failWithHint "composite" e.Span $"cd cannot take `{SourceText.ofExpression e}`: {why}" hint

/// One affine form Σ aⱼ xⱼ + c while it is collected; repeated variables are summed.
[<Sealed>]
type internal AffineForm(variableCount: int) =
    let place: int[] = Array.create variableCount -1
    let positions = ResizeArray<int>()
    let values = ResizeArray<float>()
    member val Constant = 0.0 with get, set
    member _.Count = positions.Count
    member _.Position(k: int) = positions[k]
    member _.Value(k: int) = values[k]

    member this.Reset() =
        for p in positions do
            place[p] <- -1

        positions.Clear()
        values.Clear()
        this.Constant <- 0.0

    member _.Add(position: int, value: float) =
        if value <> 0.0 then
            let k = place[position]

            if k >= 0 then
                values[k] <- values[k] + value
            else
                place[position] <- positions.Count
                positions.Add position
                values.Add value

/// Adds an expression times a number to what is collected, for the dummies in a frame.
type internal Run = Frame -> float -> unit

/// Runs what enters linearly: sums, differences, multiples by data, choices by data and the bodies of defined variables. What stands
/// inside is for the walk that is given.
[<Sealed>]
type internal LinearWalk(evaluator: Evaluator, analysis: Analysis) =
    let scaled scope factor e (walk: Scope -> Expr -> Run) : Run =
        let factor = evaluator.Number(scope, factor)
        let e = walk scope e

        fun frame m ->
            let f = factor frame

            if f <> 0.0 then
                e frame (m * f)

    let divided scope e divisor (walk: Scope -> Expr -> Run) : Run =
        let divisor = evaluator.Number(scope, divisor)
        let e = walk scope e
        fun frame m -> e frame (m / divisor frame)

    /// Signs, sums of two, multiples by data and quotients by data; none for other expressions.
    member _.TryArithmetic(scope: Scope, e: Expr, walk: Scope -> Expr -> Run) : Run voption =
        match e.Kind with
        | Unary(Plus, a) -> ValueSome(walk scope a)
        | Unary(Negate, a) ->
            let a = walk scope a
            ValueSome(fun frame m -> a frame -m)
        | ExprKind.Binary(Add, a, b) ->
            let a, b = walk scope a, walk scope b

            ValueSome(fun frame m ->
                a frame m
                b frame m)
        | ExprKind.Binary(Subtract, a, b) ->
            let a, b = walk scope a, walk scope b

            ValueSome(fun frame m ->
                a frame m
                b frame -m)
        | ExprKind.Binary(Multiply, a, b) when analysis.IsData a -> ValueSome(scaled scope a b walk)
        | ExprKind.Binary(Multiply, a, b) when analysis.IsData b -> ValueSome(scaled scope b a walk)
        | ExprKind.Binary(Divide, a, b) when analysis.IsData b -> ValueSome(divided scope a b walk)
        | _ -> ValueNone

    member _.Sum(scope: Scope, indexing: Indexing, body: Expr, walk: Scope -> Expr -> Run) : Run =
        let inner, plan = evaluator.Indexing(scope, indexing)
        let body = walk inner body
        fun frame m -> plan.Enumerate(frame, (fun () -> body frame m))

    member _.Choice(scope: Scope, condition: Expr, whenTrue: Expr, whenFalse: Expr option, walk: Scope -> Expr -> Run) : Run =
        let condition = evaluator.Logic(scope, condition)
        let whenTrue = walk scope whenTrue
        let whenFalse = whenFalse |> Option.map (walk scope)

        fun frame m ->
            if condition frame then
                whenTrue frame m
            else
                match whenFalse with
                | Some e -> e frame m
                | None -> ()

    /// The body of a defined variable, with a frame of its own.
    member _.Inside(scope: Scope, d: DefinedVarEntity, subscripts: Expr list, e: Expr, walk: Scope -> Expr -> Run) : Run =
        if analysis.IsRecursive d then
            CompositeRefusal.refuse e "it is defined by itself" CompositeRefusal.remedy

        let position = evaluator.Position(scope, d, subscripts, e.Span)
        let body = walk d.Scope d.Body
        let own = Scope.NewFrame()

        fun frame m ->
            if d.Arity > 0 then
                d.Domain.CopyTo(position frame, own, 0)

            body own m

/// Collects expressions that are affine in the variables, straight from the parameters' tables: nothing is unrolled as an expression.
[<Sealed>]
type internal AffineWalk(model: Model, evaluator: Evaluator, analysis: Analysis, linear: LinearWalk, variableCount: int) =
    let form = AffineForm variableCount

    let checkFinite (e: Expr) =
        let check what value =
            if not (Double.IsFinite value) then
                Errors.failWithHint "data" e.Span $"cd cannot take `{SourceText.ofExpression e}`: {what} is {value}" "check the data of this term"

        check "its constant" form.Constant

        for k in 0 .. form.Count - 1 do
            if not (Double.IsFinite(form.Value k)) then
                check $"the coefficient of {ModelNames.quoted model (form.Position k)}" (form.Value k)

    let rec walk (scope: Scope) (e: Expr) : Run =
        if analysis.IsData e then
            let value = evaluator.Number(scope, e)
            fun frame m -> form.Constant <- form.Constant + m * value frame
        else
            match linear.TryArithmetic(scope, e, walk) with
            | ValueSome run -> run
            | ValueNone ->
                match e.Kind with
                | Reference(name, subscripts) ->
                    match model.TryFind name with
                    | Some(:? VarEntity as v) ->
                        let position = evaluator.Position(scope, v, subscripts, e.Span)
                        fun frame m -> form.Add(v.Offset + position frame, m)
                    | Some(:? DefinedVarEntity as d) -> linear.Inside(scope, d, subscripts, e, walk)
                    | _ -> CompositeRefusal.refuse e "it is no variable" CompositeRefusal.remedy
                | Iterated(IteratedOp.Sum, indexing, body) -> linear.Sum(scope, indexing, body, walk)
                | Conditional(c, a, b) when analysis.IsData c -> linear.Choice(scope, c, a, b, walk)
                | _ -> CompositeRefusal.refuse e "it is not linear in the variables" CompositeRefusal.remedy

    /// The form that was collected last
    member _.Form = form

    /// Collects the form of an argument of the expression; its numbers are checked.
    member _.Collect(scope: Scope, e: Expr, argument: Expr) : Frame -> unit =
        let collect = walk scope argument

        fun frame ->
            form.Reset()
            collect frame 1.0
            checkFinite e
