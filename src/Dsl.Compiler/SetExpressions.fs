namespace Optc.Compiler

open System
open Optc.Parser

/// Set expressions to closures that give sets.
[<Sealed>]
type SetExpressions(c: ICompile) =
    /// A tuple expression or a single member: closures for its components, which `fill` puts into the scope's first free
    /// slots.
    let components (scope: Scope) (e: Expr) =
        match e.Kind with
        | Tuple items ->
            let inner = scope.Reserve(items.Length, e.Span)
            items |> List.map (c.Member inner) |> Array.ofList
        | _ -> [| c.Member scope e |]

    let fill (items: (Frame -> Member)[]) slot (frame: Frame) =
        for k in 0 .. items.Length - 1 do
            frame[slot + k] <- items[k] frame

    let sameArity (a: IndexSet) (b: IndexSet) span =
        if not (isNull a) && a.Count > 0 && b.Count > 0 && a.Arity <> b.Arity then
            Errors.fail "dimension" span $"sets of dimension {a.Arity} and {b.Arity} do not combine"

    let literal (scope: Scope) (items: IndexItem list) : Frame -> IndexSet =
        let items = items |> List.map (fun item -> components scope item.Set) |> Array.ofList
        let arity = if items.Length = 0 then 1 else items[0].Length
        let slot = scope.Depth

        fun frame ->
            let tuples = TupleIndex(arity, items.Length)

            for item in items do
                fill item slot frame
                tuples.Add(frame, slot) |> ignore

            ListSet tuples :> IndexSet

    let range (scope: Scope) first last (step: Expr option) (span: Span) : Frame -> IndexSet =
        let lo = c.Number scope first
        let hi = c.Number scope last
        let step = step |> Option.map (c.Number scope)

        fun frame ->
            let by =
                match step with
                | Some step -> step frame
                | None -> 1.0

            let a = lo frame
            let b = hi frame

            if by = 0.0 then
                Errors.fail "range" span "the step of a range may not be 0"
            elif not (Double.IsFinite a && Double.IsFinite b && Double.IsFinite by) then
                Errors.fail "range" span $"the range {a} .. {b} is not finite"
            elif (b - a) / by > 2.0e9 then
                Errors.fail "range" span $"the range {a} .. {b} has more than 2000000000 members"

            RangeSet.Create(a, b, by) :> IndexSet

    let binary scope op a b span : Frame -> IndexSet =
        let left: Frame -> IndexSet = c.Set scope a
        let right: Frame -> IndexSet = c.Set scope b

        let combine: IndexSet -> IndexSet -> IndexSet =
            match op with
            | Union -> SetAlgebra.union
            | Intersection -> SetAlgebra.intersection
            | Difference -> SetAlgebra.difference
            | SymmetricDifference -> SetAlgebra.symmetricDifference
            | _ -> SetAlgebra.cross

        fun frame ->
            let x = left frame
            let y = right frame

            if op <> Cross then
                sameArity x y span

            combine x y

    let accumulate scope op indexing body span : Frame -> IndexSet =
        let inner, plan = c.Indexing scope indexing

        match op with
        | SetOf ->
            let items = components inner body
            let slot = inner.Depth

            fun frame ->
                let tuples = TupleIndex items.Length

                plan.Enumerate(
                    frame,
                    fun () ->
                        fill items slot frame
                        tuples.Add(frame, slot) |> ignore
                )

                ListSet tuples :> IndexSet
        | _ ->
            let set = c.Set inner body

            let combine = if op = UnionOver then SetAlgebra.union else SetAlgebra.intersection

            fun frame ->
                let total: IndexSet ref = ref null

                plan.Enumerate(
                    frame,
                    fun () ->
                        let next = set frame
                        sameArity total.Value next span
                        total.Value <- if isNull total.Value then next else combine total.Value next
                )

                if isNull total.Value then (ListSet(TupleIndex 1) :> IndexSet) else total.Value

    /// A set expression that is not a mere name.
    member _.Compile(scope: Scope, e: Expr) : Frame -> IndexSet =
        match e.Kind with
        | Range(first, last, step) -> range scope first last step e.Span
        | ExprKind.Binary((Union | Intersection | Difference | SymmetricDifference | Cross) as op, a, b) -> binary scope op a b e.Span
        | Braces { Items = []; Condition = None } ->
            let empty = ListSet(TupleIndex 1) :> IndexSet
            fun _ -> empty
        | Braces indexing when c.Kinds.IsLiteral(scope, indexing) -> literal scope indexing.Items
        | Braces indexing ->
            let _, plan = c.Indexing scope indexing
            plan.Domain
        | Iterated((SetOf | UnionOver | IntersectionOver) as op, indexing, body) -> accumulate scope op indexing body e.Span
        | Conditional(condition, a, b) ->
            let condition = c.Logic scope condition
            let whenTrue = c.Set scope a

            match b with
            | Some b ->
                let whenFalse = c.Set scope b
                fun frame -> if condition frame then whenTrue frame else whenFalse frame
            | None -> fun frame -> if condition frame then whenTrue frame else (ListSet(TupleIndex 1) :> IndexSet)
        | _ -> Errors.fail "kind" e.Span "a set is needed here"

    /// `i in S`, `(i,j) in S`, `not in`: the left side is evaluated into the frame's free slots.
    member _.Membership(scope: Scope, item: Expr, set: Expr) : Frame -> bool =
        let items = components scope item
        let slot = scope.Depth
        let set' = c.Set scope set

        fun frame ->
            // The set first: it may use the same free slots.
            let s = set' frame

            if s.Count > 0 && s.Arity <> items.Length then
                Errors.fail
                    "dimension"
                    item.Span
                    $"a member of {items.Length} component(s) is looked for in a set of dimension {s.Arity}"

            fill items slot frame
            s.Count > 0 && s.Find(frame, slot) >= 0
