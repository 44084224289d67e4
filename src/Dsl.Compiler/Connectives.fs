namespace Optc.Compiler

open Optc.Parser

/// What `not`, `and`, `or`, `exists`, `forall` and `if` mean, for the evaluator and for the audit, each of which has its own conditions below them. Compiled
/// models do not come through here: they lower conditions to operations of their kernels.
module Connectives =
    /// One of two expressions by a condition; `otherwise` where the second is left out.
    let inline choice (condition: Frame -> bool) (value: Expr -> (Frame -> 'T)) (a: Expr) (b: Expr option) (otherwise: 'T) : Frame -> 'T =
        let a = value a

        let b =
            match b with
            | Some b -> value b
            | None -> fun _ -> otherwise

        fun frame -> if condition frame then a frame else b frame

    /// A condition made of conditions, which `logic` compiles; None for others.
    let compile (c: ICompile) (logic: Scope -> Expr -> (Frame -> bool)) (scope: Scope) (e: Expr) : (Frame -> bool) option =
        match e.Kind with
        | Unary(Not, a) ->
            let a = logic scope a
            Some(fun frame -> not (a frame))
        | ExprKind.Binary(And, a, b) ->
            let a = logic scope a
            let b = logic scope b
            Some(fun frame -> a frame && b frame)
        | ExprKind.Binary(Or, a, b) ->
            let a = logic scope a
            let b = logic scope b
            Some(fun frame -> a frame || b frame)
        | Iterated((Exists | ForAll) as op, indexing, body) ->
            let inner, plan = c.Indexing scope indexing
            Some(Iterated.quantified op plan (logic inner body))
        | Conditional(condition, a, b) when c.Kinds.IsLogic a -> Some(choice (logic scope condition) (logic scope) a b false)
        | _ -> None
