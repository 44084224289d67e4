namespace Optc.Compiler

open System.Collections.Generic
open Optc.Parser

/// Where an expression stands, as far as variables are concerned.
[<RequireQualifiedAccess>]
type Place =
    /// A body of an objective, a constraint or a defined variable
    | Body
    /// Commands: variables have their current values
    | Command
    /// Data: the words say where, "a bound", "a subscript"
    | Data of string

/// Checks names, kinds, numbers of subscripts and arguments of expressions, and collects every error it finds.
[<Sealed>]
type Checker(model: Model, kinds: Kinds) =
    let reported = HashSet<string>()

    let report code (span: Span) message hint =
        // The same wrong name in one family is reported once.
        if reported.Add $"{code} {message} {span.Start}" then
            model.Diagnostics.Add(Errors.make Error code span message hint)

    let within (place: Place) words =
        match place with
        | Place.Command -> Place.Command
        | _ -> Place.Data words

    member _.Report(code, span, message, hint) = report code span message hint

    /// A name with its subscripts.
    member private this.Name(scope: Scope, place: Place, name: string, subscripts: Expr list, span: Span, needsSubscripts: bool) : unit =
        for s in subscripts do
            this.Scalar(scope, within place "a subscript", s)

        match scope.TryFind name, model.TryFind name with
        | Some _, _ ->
            if not subscripts.IsEmpty then
                report "subscripts" span $"{name} is an index here and has no subscripts" None
        | None, None ->
            if name <> "Infinity" && name <> "infinity" then
                let hint = Errors.didYouMean name (Seq.append scope.Names model.Names)
                report "unknown-name" span $"{name} is not declared" hint
        | None, Some entity ->
            let wrongCount =
                subscripts.Length <> entity.Arity && (needsSubscripts || not subscripts.IsEmpty)

            if wrongCount then
                let count = if entity.Arity = 0 then "no subscripts" else $"{entity.Arity} subscript(s)"
                report "subscripts" span $"{entity.Kind} {name} has {count}, here are {subscripts.Length}" None

            match place, entity with
            | Place.Data words, (:? VarEntity | :? ObjectiveEntity | :? ConstraintEntity) ->
                report "variable-in-data" span $"{entity.Kind} {name} may not stand in {words}: its value is not known before the solve" None
            | Place.Data words, (:? DefinedVarEntity) when kinds.DependsOnVariables(Scope.Root, { Kind = Reference(name, []); Span = span }) ->
                report "variable-in-data" span $"{entity.Kind} {name} may not stand in {words}: its value is not known before the solve" None
            | _ -> ()

    /// An expression with one value: a number, a symbol or a truth value.
    member this.Scalar(scope: Scope, place: Place, e: Expr) : unit =
        // A sum of many terms is a deep tree.
        DeepStack.run (fun () -> this.Value(scope, place, e))

    member private this.Value(scope: Scope, place: Place, e: Expr) : unit =
        match e.Kind with
        | Number _
        | Text _ -> ()
        | Reference(name, subscripts) ->
            this.Name(scope, place, name, subscripts, e.Span, true)

            match scope.TryFind name, model.TryFind name with
            | None, Some((:? SetEntity | :? LowerEntity | :? BlockEntity | :? TableEntity) as other) ->
                report "kind" e.Span $"{other.Kind} {name} stands where a value is needed" None
            | _ -> ()
        | Suffixed(target, _) ->
            match target.Kind with
            | Reference(name, subscripts) -> this.Name(scope, place, name, subscripts, target.Span, true)
            | _ -> report "suffix" e.Span "a suffix follows a declared name" None
        | Unary(_, a) -> this.Scalar(scope, place, a)
        | ExprKind.Binary((In | NotIn), a, b) ->
            let components =
                match a.Kind with
                | Tuple items -> items
                | _ -> [ a ]

            for item in components do
                this.Scalar(scope, within place "a membership test", item)

            this.Set(scope, place, b)
            this.SameDimension(scope, components.Length, b, a.Span)
        | ExprKind.Binary((Within | NotWithin), a, b) ->
            this.Set(scope, place, a)
            this.Set(scope, place, b)
        | ExprKind.Binary((Union | Intersection | Difference | SymmetricDifference | Cross), _, _)
        | Range _
        | Braces _
        | Iterated((SetOf | UnionOver | IntersectionOver), _, _) ->
            report "kind" e.Span "a set stands where a value is needed" (Some "card(S) is the number of members")
        | ExprKind.Binary((Equal | NotEqual), a, b) when kinds.IsSet(scope, a) && kinds.IsSet(scope, b) ->
            this.Set(scope, place, a)
            this.Set(scope, place, b)
        | ExprKind.Binary(_, a, b) ->
            this.Scalar(scope, place, a)
            this.Scalar(scope, place, b)
        | Call(name, arguments) -> this.Call(scope, place, name, arguments, e.Span)
        | Iterated(_, indexing, body) ->
            let inner = this.Indexing(scope, place, indexing)
            this.Scalar(inner, place, body)
        | Conditional(c, a, b) ->
            this.Scalar(scope, place, c)
            this.Scalar(scope, place, a)
            b |> Option.iter (fun b -> this.Scalar(scope, place, b))
        | Tuple items ->
            report "kind" e.Span $"a tuple of {items.Length} stands where one value is needed" None
        | PiecewiseLinear(breakpoints, slopes, argument, zero) ->
            for item in breakpoints @ slopes do
                let inner =
                    match item.Indexing with
                    | Some indexing -> this.Indexing(scope, place, indexing)
                    | None -> scope

                this.Scalar(inner, within place "a breakpoint or slope", item.Value)

            this.Scalar(scope, place, argument)
            zero |> Option.iter (fun z -> this.Scalar(scope, within place "a breakpoint or slope", z))

    member private this.SameDimension(scope, count, set: Expr, span) =
        match kinds.Arity(scope, set) with
        | -1 -> ()
        | arity when arity <> count -> report "dimension" span $"{count} component(s) for a set whose members have {arity}" None
        | _ -> ()

    member private this.Call(scope, place, name, arguments, span) =
        let setAt k = within place "an argument that is a set", List.item k arguments

        if not (Functions.isKnown name) then
            match model.TryFind name with
            | Some entity -> report "not-function" span $"{entity.Kind} {name} is not a function" (Some $"subscripts stand in brackets: {name}[…]")
            | None -> report "unknown-function" span $"{name} is not a function" (Errors.didYouMean name Functions.names)

            for a in arguments do
                this.Scalar(scope, place, a)
        elif not (Functions.accepts name arguments.Length) then
            report "arguments" span $"{name} does not take {arguments.Length} argument(s)" None
        else
            match name, arguments with
            | ("card" | "arity" | "first" | "last"), [ _ ] -> this.Set(scope, fst (setAt 0), snd (setAt 0))
            | ("next" | "prev" | "nextw" | "prevw" | "ord" | "ord0"), item :: rest ->
                let items =
                    match item.Kind with
                    | Tuple items -> items
                    | _ -> [ item ]

                for item in items do
                    this.Scalar(scope, within place "a member", item)

                match rest with
                | [] ->
                    match item.Kind with
                    | Reference(dummy, []) when (scope.TryFind dummy |> Option.exists _.Set.IsSome) -> ()
                    | _ ->
                        report "no-set" span $"{name} with one argument needs an index that runs over a set alone" (Some $"name the set: {name}(e, S)")
                | set :: more ->
                    this.Set(scope, within place "a set expression", set)

                    for k in more do
                        this.Scalar(scope, within place "a step", k)
            | "member", [ k; set ] ->
                this.Scalar(scope, within place "a position", k)
                this.Set(scope, within place "a set expression", set)
            | _ ->
                for a in arguments do
                    this.Scalar(scope, place, a)

            if Functions.random.ContainsKey name && place = Place.Body then
                report "random-in-body" span $"{name} draws a number each time it is evaluated and may stand in data only" (Some "give it a name: param p := …;")

    /// An expression that is a set.
    member this.Set(scope: Scope, place: Place, e: Expr) : unit =
        let place = within place "a set expression"

        match e.Kind with
        | Reference(name, subscripts) ->
            this.Name(scope, place, name, subscripts, e.Span, true)

            match scope.TryFind name, model.TryFind name with
            | Some _, _ -> report "kind" e.Span $"a set is needed here; {name} is an index" (Some $"{{{name}}} is the set of one member")
            | None, Some(:? SetEntity)
            | None, None -> ()
            | None, Some other -> report "kind" e.Span $"a set is needed here, not {other.Kind} {name}" None
        | ExprKind.Binary((Union | Intersection | Difference | SymmetricDifference) as op, a, b) ->
            this.Set(scope, place, a)
            this.Set(scope, place, b)

            match kinds.Arity(scope, a), kinds.Arity(scope, b) with
            | -1, _
            | _, -1 -> ()
            | x, y when x <> y -> report "dimension" e.Span $"sets of dimension {x} and {y} have no {(string op).ToLowerInvariant()}" None
            | _ -> ()
        | ExprKind.Binary(Cross, a, b) ->
            this.Set(scope, place, a)
            this.Set(scope, place, b)
        | Range(a, b, c) ->
            this.Scalar(scope, place, a)
            this.Scalar(scope, place, b)
            c |> Option.iter (fun c -> this.Scalar(scope, place, c))
        | Braces indexing when kinds.IsLiteral(scope, indexing) ->
            for item in indexing.Items do
                match item.Set.Kind with
                | Tuple items -> items |> List.iter (fun i -> this.Scalar(scope, place, i))
                | _ -> this.Scalar(scope, place, item.Set)

            let sizes =
                indexing.Items
                |> List.map (fun item ->
                    match item.Set.Kind with
                    | Tuple items -> items.Length
                    | _ -> 1)
                |> List.distinct

            if sizes.Length > 1 then
                report "dimension" e.Span "the members of a set must have equally many components" None
        | Braces indexing -> this.Indexing(scope, place, indexing) |> ignore
        | Iterated(SetOf, indexing, body) ->
            let inner = this.Indexing(scope, place, indexing)

            match body.Kind with
            | Tuple items -> items |> List.iter (fun i -> this.Scalar(inner, place, i))
            | _ -> this.Scalar(inner, place, body)
        | Iterated((UnionOver | IntersectionOver), indexing, body) ->
            let inner = this.Indexing(scope, place, indexing)
            this.Set(inner, place, body)
        | Conditional(c, a, b) ->
            this.Scalar(scope, place, c)
            this.Set(scope, place, a)
            b |> Option.iter (fun b -> this.Set(scope, place, b))
        | _ -> report "kind" e.Span "a set is needed here" None

    /// The scope with the dummies of an indexing.
    member this.Indexing(scope: Scope, place: Place, indexing: Indexing) : Scope =
        let mutable inner = scope

        for item in indexing.Items do
            this.Set(inner, place, item.Set)

            match item.Pattern with
            | Some pattern ->
                let known = inner

                for p in pattern do
                    match kinds.NewDummy(known, pattern, p) with
                    | Some _ -> ()
                    | None -> this.Scalar(known, within place "a slice", p)

                match pattern with
                | [ { Kind = Reference(name, []) } ] when (known.TryFind name).IsSome ->
                    model.Diagnostics.Add(
                        Errors.make
                            Warning
                            "bound-index"
                            item.Span
                            $"{name} is an index already: `{name} in …` only asks whether it is in the set"
                            (Some "give the inner index another name")
                    )
                | _ -> ()

                this.SameDimension(inner, pattern.Length, item.Set, item.Span)
            | None -> ()

            inner <- kinds.Enter(inner, { indexing with Items = [ item ]; Condition = None })

        indexing.Condition |> Option.iter (fun c -> this.Scalar(inner, within place "the condition of an indexing", c))
        inner

    member this.OptionalIndexing(scope: Scope, place: Place, indexing: Indexing option) : Scope =
        match indexing with
        | Some indexing -> this.Indexing(scope, place, indexing)
        | None -> scope

    /// The target of a command or an item of `over` and `block`: a name that may stand without its subscripts.
    member this.Target(scope: Scope, place: Place, e: Expr, accepts: Entity -> bool, needed: string) : unit =
        match e.Kind with
        | Reference(name, subscripts) ->
            this.Name(scope, place, name, subscripts, e.Span, false)

            match model.TryFind name with
            | Some entity when not (accepts entity) -> report "kind" e.Span $"{needed} is needed here, not {entity.Kind} {name}" None
            | _ -> ()
        | Suffixed(target, _) -> this.Target(scope, place, target, accepts, needed)
        | _ -> report "kind" e.Span $"{needed} is needed here" None
