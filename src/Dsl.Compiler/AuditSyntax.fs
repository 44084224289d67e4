namespace Optc.Compiler

open System.Collections.Generic
open Optc.Parser

/// What the audit reads off the syntax tree.
module AuditSyntax =
    /// The subexpressions through which variables go.
    let parts (e: Expr) : Expr list =
        match e.Kind with
        | Number _
        | Text _
        | Suffixed _ -> []
        | Reference(_, subscripts) -> subscripts
        | Unary(_, a) -> [ a ]
        | ExprKind.Binary(_, a, b) -> [ a; b ]
        | Call(_, arguments) -> arguments
        | Iterated(_, _, body) -> [ body ]
        | Conditional(c, a, b) -> c :: a :: Option.toList b
        | Tuple items -> items
        | Braces _
        | Range _ -> []
        | PiecewiseLinear(_, _, argument, zero) -> argument :: Option.toList zero

    /// What stands for the name of a defined variable or an objective.
    let bodyOf (entity: Entity) : Expr option =
        match entity with
        | :? DefinedVarEntity as d -> Some d.Body
        | :? ObjectiveEntity as o -> o.Body
        | _ -> None

    /// Summands with their signs, in order. A long sum is a deep tree on the left, so this does not recurse there.
    let summands (e: Expr) : struct (Expr * float)[] =
        let found = Stack<struct (Expr * float)>()
        let pending = Stack<struct (Expr * float)>()
        pending.Push(struct (e, 1.0))

        while pending.Count > 0 do
            let struct (e, sign) = pending.Pop()

            match e.Kind with
            | ExprKind.Binary(Add, a, b) ->
                pending.Push(struct (a, sign))
                pending.Push(struct (b, sign))
            | ExprKind.Binary(Subtract, a, b) ->
                pending.Push(struct (a, sign))
                pending.Push(struct (b, -sign))
            | Unary(Negate, a) -> pending.Push(struct (a, -sign))
            | Unary(Plus, a) -> pending.Push(struct (a, sign))
            | _ -> found.Push(struct (e, sign))

        found.ToArray()
