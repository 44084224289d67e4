namespace Optc.Compiler

open Optc.Parser

/// Infers the dimensions of sets before data are read: from `dimen`, `within`, `:=`, `default`, else from the first use.
module Dimensions =
    let private fromAttributes (kinds: Kinds) (s: SetEntity) : int =
        let scope =
            match s.Indexing with
            | Some indexing -> kinds.Enter(Scope.Root, indexing)
            | None -> Scope.Root

        s.Attributes
        |> List.tryPick (fun (attribute, span) ->
            match attribute with
            | Dimen { Kind = ExprKind.Number n } when n >= 1.0 && n = floor n && n <= 30.0 -> Some(int n)
            | Dimen _ -> Errors.fail "dimen" span $"the dimension of set {s.Name} must be a whole number from 1 to 30"
            | SetWithin e
            | SetIs e
            | SetDefault e ->
                match kinds.Arity(scope, e) with
                | -1 -> None
                | arity -> Some arity
            | _ -> None)
        |> Option.defaultValue -1

    /// Calls back with every item that runs over a named set, or membership test in one: its name and the number of
    /// components.
    let rec private uses (found: string -> int -> unit) (e: Expr) : unit =
        let go e = DeepStack.run (fun () -> uses found e)

        match e.Kind with
        | Number _
        | Text _ -> ()
        | Reference(_, items)
        | Call(_, items)
        | Tuple items -> List.iter go items
        | Suffixed(a, _)
        | Unary(_, a) -> go a
        | ExprKind.Binary(op, a, b) ->
            match op, a.Kind, b.Kind with
            | (In | NotIn), Tuple items, Reference(name, _) -> found name items.Length
            | _ -> ()

            go a
            go b
        | Iterated(_, indexing, body) ->
            indexingUses found indexing
            go body
        | Conditional(a, b, c) ->
            go a
            go b
            Option.iter go c
        | Braces indexing -> indexingUses found indexing
        | Range(a, b, c) ->
            go a
            go b
            Option.iter go c
        | PiecewiseLinear(a, b, x, zero) ->
            for item in a @ b do
                Option.iter (indexingUses found) item.Indexing
                go item.Value

            go x
            Option.iter go zero

    and private indexingUses found (indexing: Indexing) =
        for item in indexing.Items do
            match item.Pattern, item.Set.Kind with
            | Some pattern, Reference(name, _) -> found name pattern.Length
            | _ -> uses found item.Set

        Option.iter (uses found) indexing.Condition

    let infer (model: Model) (kinds: Kinds) (expressions: Expr seq) (indexings: Indexing seq) : unit =
        let sets = model.OfType<SetEntity>() |> Array.ofSeq

        let propagate () =
            let mutable changed = true

            while changed do
                changed <- false

                for s in sets do
                    if s.Dimension < 0 then
                        s.Dimension <- fromAttributes kinds s
                        changed <- changed || s.Dimension > 0

        propagate ()

        let found name count =
            match model.TryFind name with
            | Some(:? SetEntity as s) when s.Dimension < 0 -> s.Dimension <- count
            | _ -> ()

        for table in model.OfType<TableEntity>() do
            table.Declaration.KeySet
            |> Option.iter (fun (name, _) -> found name table.Declaration.Keys.Length)

        Seq.iter (indexingUses found) indexings
        Seq.iter (uses found) expressions
        propagate ()

        // First the sets that nothing else tells of: what is built from them follows.
        let isFree (s: SetEntity) =
            s.Attributes |> List.forall (function (SetWithin _ | SetIs _ | SetDefault _), _ -> false | _ -> true)

        for rest in [ Array.filter isFree sets; sets ] do
            for s in rest do
                if s.Dimension < 0 then
                    s.Dimension <- 1

            propagate ()

        for s in sets do
            s.IsCircular <- s.Attributes |> List.exists (fun (a, _) -> a = Circular)
            s.IsOrdered <- s.IsCircular || s.Attributes |> List.exists (function (Ordered | OrderedBy _), _ -> true | _ -> false)

        for entity in model.Entities do
            entity.Arity <-
                match entity.Indexing with
                | Some indexing -> max 0 (kinds.IndexingArity(Scope.Root, indexing))
                | None -> 0
