namespace Optc.Compiler

open Optc.Parser

/// What is read off syntax trees, and walks over them that know which names are dummies.
module Syntax =
    /// Whether a statement declares a part of the model.
    let isDeclaration (statement: Statement) : bool =
        match statement.Kind with
        | SetDeclaration _
        | ParamDeclaration _
        | VarDeclaration _
        | ObjectiveDeclaration _
        | ConstraintDeclaration _
        | LowerDeclaration _
        | BlockDeclaration _ -> true
        | _ -> false

    /// The expressions of a constraint, from left to right.
    let constraintParts (body: ConstraintBody) : Expr list =
        let side part =
            match part with
            | Free e -> [ e ]
            | Single(a, _, b) -> [ a; b ]
            | Double(a, _, b, _, c) -> [ a; b; c ]

        match body with
        | Relation(a, _, b) -> [ a; b ]
        | DoubleRelation(a, _, b, _, c) -> [ a; b; c ]
        | Complements(a, b) -> side a @ side b

    /// A pattern component that introduces a dummy: a plain name that is no dummy yet and, inside a tuple, no scalar
    /// parameter. Anything else selects a slice.
    let newDummy (isBound: string -> bool) (isScalarParam: string -> bool) (pattern: Expr list) (item: Expr) : string option =
        match item.Kind with
        | Reference(name, []) when not (isBound name) && (pattern.Length = 1 || not (isScalarParam name)) -> Some name
        | _ -> None

    /// Calls `visit name span subscriptCount` for every name that is not bound inside the expression, and
    /// `call name span arguments` for every function.
    let rec iterNames (isScalarParam: string -> bool) (outer: string -> bool) visit call (bound: Set<string>) (e: Expr) : unit =
        // A sum of many terms is a deep tree.
        let go e = DeepStack.run (fun () -> iterNames isScalarParam outer visit call bound e)

        match e.Kind with
        | Number _
        | Text _ -> ()
        | Reference(name, subscripts) ->
            if not (bound.Contains name && subscripts.IsEmpty) then
                visit name e.Span subscripts.Length

            List.iter go subscripts
        | Suffixed(target, _) -> go target
        | Unary(_, a) -> go a
        | ExprKind.Binary(_, a, b) ->
            go a
            go b
        | Call(name, arguments) ->
            call name e.Span arguments
            List.iter go arguments
        | Iterated(_, indexing, body) ->
            let inner = iterIndexing isScalarParam outer visit call bound indexing
            iterNames isScalarParam outer visit call inner body
        | Conditional(c, a, b) ->
            go c
            go a
            Option.iter go b
        | Tuple items -> List.iter go items
        | Braces indexing -> iterIndexing isScalarParam outer visit call bound indexing |> ignore
        | Range(a, b, c) ->
            go a
            go b
            Option.iter go c
        | PiecewiseLinear(breakpoints, slopes, argument, zero) ->
            for item in breakpoints @ slopes do
                let inner =
                    match item.Indexing with
                    | Some indexing -> iterIndexing isScalarParam outer visit call bound indexing
                    | None -> bound

                iterNames isScalarParam outer visit call inner item.Value

            go argument
            Option.iter go zero

    /// The same for an indexing; the names bound after it.
    and iterIndexing isScalarParam outer visit call (bound: Set<string>) (indexing: Indexing) : Set<string> =
        let mutable inner = bound

        for item in indexing.Items do
            iterNames isScalarParam outer visit call inner item.Set

            match item.Pattern with
            | None -> ()
            | Some pattern ->
                for p in pattern do
                    match newDummy (fun n -> inner.Contains n || outer n) isScalarParam pattern p with
                    | Some name -> inner <- inner.Add name
                    | None -> iterNames isScalarParam outer visit call inner p

        indexing.Condition |> Option.iter (iterNames isScalarParam outer visit call inner)
        inner
