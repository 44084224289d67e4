namespace Optc.Compiler

open Optc.Parser

/// Conditions on variables, and what they choose. `holds` tells whether an expression may change with the variables.
[<Sealed>]
type AuditConditions(evaluator: Evaluator, tape: AuditTape, failures: AuditFailures, ops: AuditOperations, holds: Expr -> bool, number: AuditNumber) =
    let mutable tie = false

    /// Set by comparisons of variables whose sides nearly agree
    member _.Tie
        with get () = tie
        and set value = tie <- value

    /// The branch taken. Where a comparison nearly holds with equality and the other branch has the same value, the
    /// derivative may be that of either.
    member this.Choice(scope: Scope, c: Expr, a: Expr, b: Expr option) : Frame -> Traced =
        let condition = this.Logic(scope, c)
        let whenTrue = number scope a

        let whenFalse =
            match b with
            | Some b -> number scope b
            | None -> fun _ -> Traced.Constant 0.0

        /// The branch not taken need not be defined: nothing that goes wrong in it counts.
        let attempt (branch: Frame -> Traced) frame : Traced voption =
            let known = failures.Save()
            let depth = ops.Stack.Count
            let mark = tape.Mark
            let outer = failures.Owner

            let value =
                try
                    ValueSome(branch frame)
                with ModelError _ ->
                    ops.Stack.RemoveRange(depth, ops.Stack.Count - depth)
                    tape.Truncate mark
                    failures.Owner <- outer
                    ValueNone

            failures.Restore known
            value

        fun frame ->
            let outer = tie
            tie <- false
            let holds = condition frame
            let isTie = tie
            tie <- outer
            let taken = if holds then whenTrue frame else whenFalse frame

            if not isTie then
                taken
            else
                match attempt (if holds then whenFalse else whenTrue) frame with
                | ValueSome other when AuditOperations.Near(other.Value, taken.Value) ->
                    tape.CloseKink(taken.Value, [| struct (taken, 1.0); struct (other, 1.0) |], false)
                | _ -> taken

    /// A condition; what it reads is not recorded.
    member this.Logic(scope: Scope, e: Expr) : Frame -> bool =
        if not (holds e) then
            evaluator.Logic(scope, e)
        else
            match Connectives.compile evaluator (fun scope e -> this.Logic(scope, e)) scope e with
            | Some value -> value
            | None -> this.Elementary(scope, e)

    member private this.Elementary(scope: Scope, e: Expr) : Frame -> bool =
        let symbols a b = evaluator.Kinds.MayBeSymbol(scope, a) || evaluator.Kinds.MayBeSymbol(scope, b)

        match e.Kind with
        | ExprKind.Binary((LessThan | LessOrEqual | Equal | NotEqual | GreaterOrEqual | GreaterThan) as op, a, b) when not (symbols a b) ->
            let left = number scope a
            let right = number scope b

            let compare: float -> float -> bool =
                match op with
                | LessThan -> (fun x y -> x < y)
                | LessOrEqual -> (fun x y -> x <= y)
                | Equal -> (fun x y -> x = y)
                | NotEqual -> (fun x y -> x <> y)
                | GreaterOrEqual -> (fun x y -> x >= y)
                | _ -> (fun x y -> x > y)

            fun frame ->
                let mark = tape.Mark
                let x = left frame
                let y = right frame
                tape.Truncate mark

                if AuditOperations.Near(x.Value, y.Value) then
                    tie <- true

                compare x.Value y.Value
        | ExprKind.Binary((In | NotIn | Within | NotWithin | LessThan | LessOrEqual | Equal | NotEqual | GreaterOrEqual | GreaterThan), _, _) ->
            evaluator.Logic(scope, e)
        | _ ->
            let number = number scope e

            fun frame ->
                let mark = tape.Mark
                let value = number frame
                tape.Truncate mark
                value.Value <> 0.0
