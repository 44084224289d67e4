namespace Optc.Compiler

open System
open Optc.Parser

/// Gives variables their bounds and starts, and defined variables, objectives and constraints their values at the current
/// point.
[<Sealed>]
type VariableEvaluation(evaluator: Evaluator, trail: Trail) =
    let model = evaluator.Model

    let drawsRandom (e: Expr) =
        let mutable found = false
        Syntax.iterNames (fun _ -> false) (fun _ -> false) (fun _ _ _ -> ()) (fun name _ _ -> if Functions.random.ContainsKey name then found <- true) Set.empty e
        found

    /// The value of an expression at every member of the entity's domain.
    let over (entity: Entity) (e: Expr) : float[] =
        let number = evaluator.Number(entity.Scope, e)
        let count = entity.Domain.Count
        let frame = Scope.NewFrame()

        if count > 0 && (evaluator.FreeDummies(entity.Scope, e)).IsEmpty && not (drawsRandom e) then
            Array.create count (number frame)
        else
            let values: float[] = Array.zeroCreate count

            for position in 0 .. count - 1 do
                entity.Domain.CopyTo(position, frame, 0)
                values[position] <- number frame

            values

    let bounds (v: VarEntity) : struct (float[] * float[]) =
        let count = v.Domain.Count
        let lower = Array.create count (if v.IsBinary then 0.0 else -infinity)
        let upper = Array.create count (if v.IsBinary then 1.0 else infinity)

        let raise' e =
            let values = over v e

            for k in 0 .. count - 1 do
                if values[k] > lower[k] then
                    lower[k] <- values[k]

        let reduce e =
            let values = over v e

            for k in 0 .. count - 1 do
                if values[k] < upper[k] then
                    upper[k] <- values[k]

        for attribute, span in v.Attributes do
            match attribute with
            | LowerBound e -> raise' e
            | UpperBound e -> reduce e
            | InInterval(a, b) ->
                raise' a
                reduce b
            | InSet e ->
                let set = evaluator.Set(v.Scope, e)
                let frame = Scope.NewFrame()

                for k in 0 .. count - 1 do
                    v.Domain.CopyTo(k, frame, 0)

                    match set frame with
                    | :? RangeSet as r when r.IsUnit && r.Count > 0 ->
                        lower[k] <- max lower[k] (r.Item 0)
                        upper[k] <- min upper[k] (r.Item(r.Count - 1))
                    | _ ->
                        Errors.failWithHint
                            "variable-set"
                            span
                            $"variable {v.Name} may only be in a range of integers lo .. hi"
                            "write `in interval [a, b]`, or bounds and `integer`"
            | _ -> ()

        for k in 0 .. count - 1 do
            if lower[k] > upper[k] then
                Errors.fail
                    "bounds-cross"
                    v.Span
                    $"the bounds of {v.QuotedName k} cross: {Format.general lower[k] 15 false} > {Format.general upper[k] 15 false}"

            if Double.IsNaN lower[k] || Double.IsNaN upper[k] then
                Errors.fail "bound" v.Span $"a bound of {v.QuotedName k} is not a number"

        struct (lower, upper)

    let start (v: VarEntity) : float[] =
        let declared =
            v.Attributes
            |> List.tryPick (function
                | (StartAt e | StartDefault e), _ -> Some e
                | _ -> None)

        let values =
            match declared, v.DataDefault with
            | _, ValueSome value -> Array.create v.Domain.Count value.Number
            | Some e, ValueNone -> over v e
            | None, ValueNone -> Array.zeroCreate v.Domain.Count

        let pending = v.Pending

        if not (isNull pending) then
            let key: Member[] = Array.zeroCreate (max 1 v.Arity)

            for k in 0 .. pending.Values.Count - 1 do
                pending.Index.CopyTo(k, key, 0)
                let position = v.Domain.Find(key, 0)

                if position < 0 then
                    let name = Members.quotedName v.Name key 0 v.Arity
                    Errors.fail "data-subscript" (pending.Span k) $"a value is given for {name}, which is outside the index set of {v.Name}"

                values[position] <- pending.Values[k].Number

        values

    let atPoint (entity: Entity) (number: Lazy<Frame -> 'T>) : int -> 'T =
        fun position ->
            trail.Within(
                entity,
                position,
                fun position ->
                    let frame = Scope.NewFrame()

                    if entity.Arity > 0 then
                        entity.Domain.CopyTo(position, frame, 0)

                    number.Value frame
            )

    /// lower ≤ body ≤ upper of `a op b`.
    let relation scope a op b : Frame -> struct (float * float * float) =
        let isData e = not (evaluator.DependsOnVariables(scope, e))
        let number e = evaluator.Number(scope, e)

        let side body bound op : Frame -> struct (float * float * float) =
            fun frame ->
                match op with
                | LessOrEqual
                | LessThan -> struct (-infinity, body frame, bound frame)
                | GreaterOrEqual
                | GreaterThan -> struct (bound frame, body frame, infinity)
                | _ ->
                    let b = bound frame
                    struct (b, body frame, b)

        let mirrored =
            match op with
            | LessOrEqual -> GreaterOrEqual
            | LessThan -> GreaterThan
            | GreaterOrEqual -> LessOrEqual
            | GreaterThan -> LessThan
            | other -> other

        if isData b then
            side (number a) (number b) op
        elif isData a then
            side (number b) (number a) mirrored
        else
            let x = number a
            let y = number b
            side (fun frame -> x frame - y frame) (fun _ -> 0.0) op

    let double scope lo op e hi : Frame -> struct (float * float * float) =
        let a = evaluator.Number(scope, lo)
        let x = evaluator.Number(scope, e)
        let b = evaluator.Number(scope, hi)

        fun frame ->
            match op with
            | GreaterOrEqual
            | GreaterThan -> struct (b frame, x frame, a frame)
            | _ -> struct (a frame, x frame, b frame)

    let constraintBody scope body : Frame -> struct (float * float * float) =
        match body with
        | Relation(a, op, b) -> relation scope a op b
        | DoubleRelation(lo, op, e, _, hi) -> double scope lo op e hi
        | Complements(side, other) ->
            match side, other with
            | Single(a, op, b), _ -> relation scope a op b
            | Double(lo, op, e, _, hi), _ -> double scope lo op e hi
            | Free e, _ ->
                let x = evaluator.Number(scope, e)
                fun frame -> struct (-infinity, x frame, infinity)

    /// For entities whose scope stands (`DataEvaluation.Attach`).
    member _.Attach(entity: Entity) =
        match entity with
        | :? VarEntity as v ->
            v.IsInteger <- v.Attributes |> List.exists (function (IntegerVar | InSet _), _ -> true | _ -> false)
            v.IsBinary <- v.Attributes |> List.exists (function BinaryVar, _ -> true | _ -> false)
            v.ComputeBounds <- fun () -> bounds v
            v.ComputeStart <- fun () -> start v
        | :? DefinedVarEntity as d ->
            d.VariablesStamp <- fun () -> model.VariablesStamp
            d.Compute <- atPoint d (lazy (evaluator.Number(d.Scope, d.Body)))
        | :? ObjectiveEntity as o ->
            match o.Body with
            | Some body -> o.Compute <- atPoint o (lazy (evaluator.Number(o.Scope, body)))
            | None -> ()
        | :? ConstraintEntity as c -> c.Compute <- atPoint c (lazy (constraintBody c.Scope c.Body))
        | _ -> ()
