namespace Optc.Compiler

open System
open Optc.Parser

/// Compiles expressions to closures over a frame of dummies. Variables have their current values.
[<Sealed>]
type Evaluator(model: Model) as this =
    let kinds = Kinds model
    let compile = this :> ICompile
    let calls = Calls compile
    let sets = SetExpressions compile
    let arithmetic = Arithmetic compile
    let readings = Readings compile
    let numericCalls = NumericCalls(compile, calls, arithmetic)

    let unknown (scope: Scope) name span =
        let hint = Errors.didYouMean name (Seq.append scope.Names model.Names)
        raise (ModelError(Errors.make Error "unknown-name" span $"{name} is not declared" hint))

    let entity (scope: Scope) name span =
        match model.TryFind name with
        | Some entity -> entity
        | None -> unknown scope name span

    member _.Model = model
    member _.Kinds = kinds

    /// Subscripts into the free slots of the frame.
    member this.Subscripts(scope: Scope, subscripts: Expr list, span: Span) : SubscriptPlan =
        let inner = scope.Reserve(subscripts.Length, span)
        let items = subscripts |> List.map (fun s -> this.Member(inner, s)) |> Array.ofList
        let slot = scope.Depth

        let fill =
            match items with
            | [||] -> ignore
            | [| one |] -> fun (frame: Frame) -> frame[slot] <- one frame
            | [| first; second |] ->
                fun frame ->
                    frame[slot] <- first frame
                    frame[slot + 1] <- second frame
            | _ ->
                fun frame ->
                    for k in 0 .. items.Length - 1 do
                        frame[slot + k] <- items[k] frame

        { Slot = slot
          Count = items.Length
          Fill = fill }

    /// Position of subscripts in the entity's domain; −1 from `Find`, an error from `Position` when outside.
    member this.Reader(scope: Scope, entity: Entity, subscripts: Expr list, span: Span) : PositionReader =
        if subscripts.Length <> entity.Arity then
            Errors.fail "subscripts" span $"{entity.Kind} {entity.Name} has {entity.Arity} subscript(s), not {subscripts.Length}"

        let plan = this.Subscripts(scope, subscripts, span)

        let number =
            match subscripts with
            | [ one ] when not (kinds.MayBeSymbol(scope, one)) -> Some(this.Number(scope, one))
            | _ -> None

        PositionReader(entity, plan, number, span)

    /// Position of subscripts in the entity's domain; a subscript outside is an error.
    member this.Position(scope: Scope, entity: Entity, subscripts: Expr list, span: Span) : Frame -> int =
        if subscripts.IsEmpty && entity.Arity = 0 then
            fun _ -> 0
        else
            this.Reader(scope, entity, subscripts, span).Position

    /// The scope with the indexing's dummies, and the nested loops over its items.
    member this.Indexing(scope: Scope, indexing: Indexing) : Scope * IndexingPlan =
        let first = scope.Depth
        let mutable inner = scope
        let mutable isProduct = indexing.Condition.IsNone
        let steps = ResizeArray<IndexStep>()

        for item in indexing.Items do
            let before = inner
            let set = this.Set(before, item.Set)
            let arity = kinds.Arity(before, item.Set)

            if kinds.FreeDummies(before, item.Set) |> List.exists (fun slot -> slot >= first) then
                isProduct <- false

            match item.Pattern with
            | None ->
                let arity = max 1 arity
                steps.Add(IndexStep(set, before.Depth, arity, 0, ignore, before.Depth))
                inner <- before.Reserve(arity, item.Span)
            | Some pattern ->
                if arity >= 0 && arity <> pattern.Length then
                    Errors.fail
                        "dimension"
                        item.Span
                        $"{pattern.Length} index(es) run over a set whose members have {arity} component(s)"

                let mutable mask = 0
                let bound = ResizeArray<Expr>()

                for c, p in List.indexed pattern do
                    match kinds.NewDummy(inner, pattern, p) with
                    | Some name ->
                        let slot = inner.Depth
                        let over = if pattern.Length = 1 then Some(item.Set, before) else None
                        inner <- inner.Reserve(1, item.Span).Bind(name, slot, over)
                    | None ->
                        mask <- mask ||| (1 <<< c)
                        bound.Add p

                if mask <> 0 then
                    isProduct <- false

                let key = this.Subscripts(inner, List.ofSeq bound, item.Span)
                inner.Reserve(bound.Count + pattern.Length, item.Span) |> ignore
                steps.Add(IndexStep(set, before.Depth, pattern.Length, mask, key.Fill, key.Slot))

        let condition = indexing.Condition |> Option.map (fun c -> this.Logic(inner, c))
        inner, IndexingPlan(first, steps.ToArray(), condition, isProduct)

    /// A set expression that does not depend on dummies is evaluated once, and again when what it reads has changed.
    member this.Set(scope: Scope, e: Expr) : Frame -> IndexSet =
        DeepStack.run (fun () -> this.CompileSet(scope, e))

    member private this.CompileSet(scope: Scope, e: Expr) : Frame -> IndexSet =
        match e.Kind with
        | Reference(name, subscripts) ->
            match entity scope name e.Span with
            | :? SetEntity as s ->
                let position = this.Position(scope, s, subscripts, e.Span)

                if subscripts.IsEmpty then
                    fun _ -> s.Item 0
                else
                    fun frame -> s.Item(position frame)
            | other -> Errors.fail "kind" e.Span $"a set is needed here, not {other.Kind} {name}"
        | _ ->
            let evaluate = sets.Compile(scope, e)

            if kinds.FreeDummies(scope, e).IsEmpty then
                let reads = kinds.Entities(scope, e) |> Array.ofList
                let cache: IndexSet ref = ref null
                let seenAt = ref -1L

                fun frame ->
                    if isNull cache.Value || (seenAt.Value <> model.Stamp && reads |> Array.exists (fun r -> r.Stamp > seenAt.Value)) then
                        cache.Value <- evaluate frame

                    seenAt.Value <- model.Stamp
                    cache.Value
            else
                evaluate

    /// A truth value; numbers are true but for 0.
    member this.Logic(scope: Scope, e: Expr) : Frame -> bool =
        DeepStack.run (fun () -> this.CompileLogic(scope, e))

    member private this.CompileLogic(scope: Scope, e: Expr) : Frame -> bool =
        match Connectives.compile compile compile.Logic scope e with
        | Some value -> value
        | None -> this.ElementaryLogic(scope, e)

    member private this.ElementaryLogic(scope: Scope, e: Expr) : Frame -> bool =
        match e.Kind with
        | ExprKind.Binary((LessThan | LessOrEqual | Equal | NotEqual | GreaterOrEqual | GreaterThan) as op, a, b) -> this.Comparison(scope, op, a, b, e)
        | ExprKind.Binary(In, a, b) -> sets.Membership(scope, a, b)
        | ExprKind.Binary(NotIn, a, b) ->
            let isIn = sets.Membership(scope, a, b)
            fun frame -> not (isIn frame)
        | ExprKind.Binary((Within | NotWithin) as op, a, b) ->
            let a = this.Set(scope, a)
            let b = this.Set(scope, b)
            fun frame -> SetAlgebra.isSubset (a frame) (b frame) = (op = Within)
        | _ ->
            let number = this.Number(scope, e)
            fun frame -> number frame <> 0.0

    member private this.Comparison(scope, op, a, b, e) : Frame -> bool =
        if kinds.MayBeSymbol(scope, a) || kinds.MayBeSymbol(scope, b) then
            let x = this.Member(scope, a)
            let y = this.Member(scope, b)

            let order (l: Member) (r: Member) =
                match l.Symbol, r.Symbol with
                | null, null -> compare l.Number r.Number
                | null, _
                | _, null -> Errors.fail "kind" e.Span $"{l.Quoted} and {r.Quoted} have no order: one is a number, one a symbol"
                | s, t -> String.CompareOrdinal(s, t)

            let same (l: Member) (r: Member) = Member.Same(&l, &r)

            match op with
            | Equal -> fun frame -> same (x frame) (y frame)
            | NotEqual -> fun frame -> not (same (x frame) (y frame))
            | LessThan -> fun frame -> order (x frame) (y frame) < 0
            | LessOrEqual -> fun frame -> order (x frame) (y frame) <= 0
            | GreaterThan -> fun frame -> order (x frame) (y frame) > 0
            | _ -> fun frame -> order (x frame) (y frame) >= 0
        elif kinds.IsSet(scope, a) || kinds.IsSet(scope, b) then
            let x = this.Set(scope, a)
            let y = this.Set(scope, b)

            let same frame =
                let s = x frame
                let t = y frame
                s.Count = t.Count && SetAlgebra.isSubset s t

            match op with
            | Equal -> same
            | NotEqual -> fun frame -> not (same frame)
            | _ -> Errors.failWithHint "kind" e.Span "sets are compared with = and <>" "write within for a subset"
        else
            let x = this.Number(scope, a)
            let y = this.Number(scope, b)

            match op with
            | Equal -> fun frame -> x frame = y frame
            | NotEqual -> fun frame -> x frame <> y frame
            | LessThan -> fun frame -> x frame < y frame
            | LessOrEqual -> fun frame -> x frame <= y frame
            | GreaterThan -> fun frame -> x frame > y frame
            | _ -> fun frame -> x frame >= y frame

    /// A value that may be a symbol.
    member this.Member(scope: Scope, e: Expr) : Frame -> Member =
        match e.Kind with
        | Text s ->
            let m = Member.OfSymbol s
            fun _ -> m
        | Reference(name, []) when (scope.TryFind name).IsSome ->
            let slot = (scope.TryFind name).Value.Slot
            fun frame -> frame[slot]
        | Reference(name, subscripts) when kinds.MayBeSymbol(scope, e) ->
            let p = entity scope name e.Span :?> ParamEntity
            let position = this.Position(scope, p, subscripts, e.Span)
            fun frame -> p.Value(position frame)
        | ExprKind.Binary(Concatenate, a, b) ->
            let a = this.Member(scope, a)
            let b = this.Member(scope, b)
            fun frame -> Member.OfSymbol((a frame).ToString() + (b frame).ToString())
        | Call(name, arguments) when kinds.MayBeSymbol(scope, e) ->
            match calls.Member(scope, name, arguments, e.Span) with
            | Some value -> value
            | None -> calls.Wrong(name, arguments, e.Span)
        | Conditional(c, a, b) when kinds.MayBeSymbol(scope, e) ->
            Connectives.choice (this.Logic(scope, c)) (fun e -> this.Member(scope, e)) a b (Member.OfNumber 0.0)
        | _ ->
            let number = this.Number(scope, e)
            fun frame -> Member.OfNumber(number frame)

    /// A number; a symbol is an error when it is met.
    member this.Number(scope: Scope, e: Expr) : Frame -> float =
        DeepStack.run (fun () -> this.CompileNumber(scope, e))

    member private this.CompileNumber(scope: Scope, e: Expr) : Frame -> float =
        match e.Kind with
        | Number x -> fun _ -> x
        | Text s -> Errors.notNumber e.Span $"'{s}'"
        | Reference(name, []) when (scope.TryFind name).IsSome ->
            let slot = (scope.TryFind name).Value.Slot

            fun frame ->
                if frame[slot].IsNumber then
                    frame[slot].Number
                else
                    Errors.notNumber e.Span $"{name} = {frame[slot].Quoted}"
        | Reference(("Infinity" | "infinity"), []) when (model.TryFind "Infinity").IsNone -> fun _ -> infinity
        | Reference(name, subscripts) -> readings.Number(scope, name, subscripts, e)
        | Suffixed(target, suffix) -> readings.Suffix(scope, target, suffix, e.Span)
        | Unary(Negate, a) ->
            let a = this.Number(scope, a)
            fun frame -> -(a frame)
        | Unary(Plus, a) -> this.Number(scope, a)
        | ExprKind.Binary((Add | Subtract), { Kind = ExprKind.Binary((Add | Subtract), _, _) }, _) -> arithmetic.Chain(scope, e)
        | ExprKind.Binary((Add | Subtract | Multiply | Divide | Power | IntegerDivide | Modulo | Less) as op, a, b) -> arithmetic.Binary(scope, op, a, b, e)
        | Call(name, arguments) -> numericCalls.Compile(scope, name, arguments, e)
        | Conditional(c, a, b) when not (kinds.IsLogic a) ->
            Connectives.choice (this.Logic(scope, c)) (fun e -> this.Number(scope, e)) a b 0.0
        | Iterated((IteratedOp.Sum | Product | Minimum | Maximum | Norm1 | Norm2 | NormInf | LogSumExp) as op, indexing, body) ->
            Iterated.number compile scope op indexing body e.Span
        | PiecewiseLinear(breakpoints, slopes, argument, zero) ->
            PiecewiseTerms.compile compile scope breakpoints slopes argument zero e.Span
        | ExprKind.Binary(Concatenate, _, _) ->
            let m = this.Member(scope, e)
            fun frame -> Errors.numberOf e.Span (m frame)
        | _ when kinds.IsSet(scope, e) -> Errors.notNumber e.Span "a set"
        | Tuple _ -> Errors.notNumber e.Span "a tuple"
        | _ ->
            let logic = this.Logic(scope, e)
            fun frame -> if logic frame then 1.0 else 0.0

    /// Variables, defined variables of variables, objectives or constraints occur in the expression.
    member _.DependsOnVariables(scope: Scope, e: Expr) : bool = kinds.DependsOnVariables(scope, e)
    /// The same where no dummy has the name of a variable
    member _.DependsOnVariables(e: Expr) : bool = kinds.DependsOnVariables(Scope.Root, e)
    /// The slots of the dummies that the expression reads.
    member _.FreeDummies(scope: Scope, e: Expr) : int list = kinds.FreeDummies(scope, e)

    interface ICompile with
        member _.Model = model
        member _.Kinds = kinds
        member this.Number scope e = this.Number(scope, e)
        member this.Logic scope e = this.Logic(scope, e)
        member this.Member scope e = this.Member(scope, e)
        member this.Set scope e = this.Set(scope, e)
        member this.Indexing scope indexing = this.Indexing(scope, indexing)
        member this.Position scope entity subscripts span = this.Position(scope, entity, subscripts, span)
        member _.Entity scope name span = entity scope name span
