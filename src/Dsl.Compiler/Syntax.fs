namespace Optc.Compiler

open Optc.Parser

/// Walks over syntax trees that know which names are dummies.
module Syntax =
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
