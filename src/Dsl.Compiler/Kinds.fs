namespace Optc.Compiler

open Optc.Parser

/// What can be said of an expression before data are read: whether it is a set and of which arity, whether it may be a
/// symbol, whether it holds variables.
[<Sealed>]
type Kinds(model: Model) =
    let isScalarParam (name: string) =
        match model.TryFind name with
        | Some(:? ParamEntity as p) -> p.Indexing.IsNone
        | _ -> false

    member _.IsScalarParam(name: string) = isScalarParam name

    /// The dummy that a component of a pattern introduces, None for a bound component.
    member _.NewDummy(scope: Scope, pattern: Expr list, item: Expr) : string option =
        Syntax.newDummy (fun n -> (scope.TryFind n).IsSome) isScalarParam pattern item

    member this.IsSet(scope: Scope, e: Expr) : bool =
        match e.Kind with
        | Reference(name, _) ->
            match scope.TryFind name, model.TryFind name with
            | Some _, _ -> false
            | None, Some(:? SetEntity) -> true
            | _ -> false
        | ExprKind.Binary((Union | Intersection | Difference | SymmetricDifference | Cross), _, _)
        | Range _
        | Braces _
        | Iterated((SetOf | UnionOver | IntersectionOver), _, _) -> true
        | Conditional(_, a, _) -> this.IsSet(scope, a)
        | _ -> false

    /// A scope in which the dummies of an indexing have slots; for analysis only, the sets are not looked at when an
    /// arity is unknown.
    member this.Enter(scope: Scope, indexing: Indexing) : Scope =
        let mutable inner = scope

        for item in indexing.Items do
            match item.Pattern with
            | None -> inner <- inner.Reserve(max 1 (this.Arity(inner, item.Set)), item.Span)
            | Some pattern ->
                for p in pattern do
                    match this.NewDummy(inner, pattern, p) with
                    | Some name ->
                        let slot = inner.Depth
                        inner <- inner.Reserve(1, item.Span)
                        let set = if pattern.Length = 1 then Some(item.Set, inner) else None
                        inner <- inner.Bind(name, slot, set)
                    | None -> ()

        inner

    /// The free components of an indexing; -1 when a set's arity is unknown.
    member this.IndexingArity(scope: Scope, indexing: Indexing) : int =
        let mutable inner = scope
        let mutable arity = 0

        for item in indexing.Items do
            let before = inner.Depth
            inner <- this.Enter(inner, { indexing with Items = [ item ]; Condition = None })

            if arity >= 0 then
                match item.Pattern with
                | None ->
                    let a = this.Arity(scope, item.Set)
                    arity <- if a < 0 then -1 else arity + a
                | Some _ -> arity <- arity + inner.Depth - before

        arity

    /// A `{…}` whose items are members: neither a pattern nor a condition nor a set among them.
    member this.IsLiteral(scope: Scope, indexing: Indexing) : bool =
        indexing.Condition.IsNone
        && indexing.Items |> List.forall (fun item -> item.Pattern.IsNone && not (this.IsSet(scope, item.Set)))

    /// Arity of a set's members, -1 when it cannot be told yet.
    member this.Arity(scope: Scope, e: Expr) : int =
        match e.Kind with
        | Reference(name, _) ->
            match model.TryFind name with
            | Some(:? SetEntity as s) -> s.Dimension
            | _ -> -1
        | ExprKind.Binary((Union | Intersection | Difference | SymmetricDifference), a, b) ->
            match this.Arity(scope, a) with
            | -1 -> this.Arity(scope, b)
            | arity -> arity
        | ExprKind.Binary(Cross, a, b) ->
            match this.Arity(scope, a), this.Arity(scope, b) with
            | -1, _
            | _, -1 -> -1
            | x, y -> x + y
        | Range _ -> 1
        | Braces { Items = []; Condition = None } -> -1
        | Braces indexing when this.IsLiteral(scope, indexing) ->
            match indexing.Items.Head.Set.Kind with
            | Tuple items -> items.Length
            | _ -> 1
        | Braces indexing -> this.IndexingArity(scope, indexing)
        | Iterated(SetOf, _, body) ->
            match body.Kind with
            | Tuple items -> items.Length
            | _ -> 1
        | Iterated(_, indexing, body) -> this.Arity(this.Enter(scope, indexing), body)
        | Conditional(_, a, b) ->
            match this.Arity(scope, a), b with
            | -1, Some other -> this.Arity(scope, other)
            | arity, _ -> arity
        | _ -> -1

    /// The value may be a symbol: such an expression is compiled as a member and checked where a number is needed.
    member this.MayBeSymbol(scope: Scope, e: Expr) : bool =
        match e.Kind with
        | Text _
        | ExprKind.Binary(Concatenate, _, _) -> true
        | Reference(name, _) ->
            match scope.TryFind name, model.TryFind name with
            | Some _, _ -> true
            | None, Some(:? ParamEntity as p) -> p.IsSymbolic
            | _ -> false
        | Call(("first" | "last" | "next" | "prev" | "nextw" | "prevw" | "member" | "char" | "substr" | "sub" | "gsub" | "sprintf"), _) -> true
        | Conditional(_, a, b) ->
            this.MayBeSymbol(scope, a) || (b |> Option.exists (fun b -> this.MayBeSymbol(scope, b)))
        | _ -> false

    member _.IsLogic(e: Expr) : bool =
        match e.Kind with
        | Unary(Not, _)
        | ExprKind.Binary((And | Or | LessThan | LessOrEqual | Equal | NotEqual | GreaterOrEqual | GreaterThan | In | NotIn | Within | NotWithin), _, _)
        | Iterated((Exists | ForAll), _, _) -> true
        | _ -> false

    /// The entities that the free names of an expression mean.
    member _.Entities(scope: Scope, e: Expr) : Entity list =
        let found = ResizeArray<Entity>()

        Syntax.iterNames
            isScalarParam
            (fun n -> (scope.TryFind n).IsSome)
            (fun name _ _ ->
                if (scope.TryFind name).IsNone then
                    match model.TryFind name with
                    | Some entity when not (found.Contains entity) -> found.Add entity
                    | _ -> ())
            (fun _ _ _ -> ())
            Set.empty
            e

        List.ofSeq found

    /// Variables (or defined variables, objectives, constraints) occur.
    member this.DependsOnVariables(scope: Scope, e: Expr) : bool =
        this.Entities(scope, e)
        |> List.exists (function
            | :? SetEntity
            | :? ParamEntity -> false
            | :? DefinedVarEntity as d -> this.IsVariable d
            | _ -> true)

    /// A defined variable may be nothing but data.
    member private this.IsVariable(d: DefinedVarEntity) : bool =
        let seen = System.Collections.Generic.HashSet<string>()

        let rec visit (entity: Entity) =
            seen.Add entity.Name
            && (match entity with
                | :? SetEntity
                | :? ParamEntity -> false
                | :? DefinedVarEntity as d -> this.Entities(d.Scope, d.Body) |> List.exists visit
                | _ -> true)

        visit d

    /// The slots of the dummies that an expression reads.
    member this.FreeDummies(scope: Scope, e: Expr) : int list =
        let slots = ResizeArray<int>()

        let rec visit (scope: Scope) (e: Expr) =
            Syntax.iterNames
                isScalarParam
                (fun n -> (scope.TryFind n).IsSome)
                (fun name _ subscripts ->
                    match scope.TryFind name with
                    | Some dummy when subscripts = 0 && not (slots.Contains dummy.Slot) -> slots.Add dummy.Slot
                    | _ -> ())
                (fun name _ arguments ->
                    // `next(i)` reads the set that i runs over, which may depend on dummies further out.
                    match name, arguments with
                    | ("next" | "prev" | "nextw" | "prevw" | "ord" | "ord0"), [ { Kind = Reference(dummy, []) } ] ->
                        match scope.TryFind dummy with
                        | Some { Set = Some(set, outer) } -> visit outer set
                        | _ -> ()
                    | _ -> ())
                Set.empty
                e

        visit scope e
        slots.Sort()
        List.ofSeq slots
