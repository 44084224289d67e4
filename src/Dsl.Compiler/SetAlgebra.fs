namespace Optc.Compiler

/// Union, intersection, … of sets in memory. The order is that of first appearance.
module SetAlgebra =
    let private select (arity: int) (set: IndexSet) (keep: Member[] -> bool) (into: TupleIndex) =
        let tuple: Member[] = Array.zeroCreate arity

        for position in 0 .. set.Count - 1 do
            set.CopyTo(position, tuple, 0)

            if keep tuple then
                into.Add(tuple, 0) |> ignore

    /// An empty set fits any arity.
    let private common (a: IndexSet) (b: IndexSet) = if a.Count = 0 then b.Arity else a.Arity

    let contains (set: IndexSet) (members: Member[]) (offset: int) = set.Count > 0 && set.Find(members, offset) >= 0

    let union (a: IndexSet) (b: IndexSet) : IndexSet =
        if b.Count = 0 then
            a
        elif a.Count = 0 then
            b
        else
            let tuples = TupleIndex(common a b, a.Count)
            select a.Arity a (fun _ -> true) tuples
            select b.Arity b (fun _ -> true) tuples
            ListSet tuples :> IndexSet

    let intersection (a: IndexSet) (b: IndexSet) : IndexSet =
        let tuples = TupleIndex a.Arity
        select a.Arity a (fun t -> contains b t 0) tuples
        ListSet tuples :> IndexSet

    let difference (a: IndexSet) (b: IndexSet) : IndexSet =
        if b.Count = 0 then
            a
        else
            let tuples = TupleIndex(a.Arity, a.Count)
            select a.Arity a (fun t -> not (contains b t 0)) tuples
            ListSet tuples :> IndexSet

    let symmetricDifference (a: IndexSet) (b: IndexSet) : IndexSet = union (difference a b) (difference b a)

    /// Lazy: nothing is enumerated.
    let cross (a: IndexSet) (b: IndexSet) : IndexSet =
        let components (s: IndexSet) =
            match s with
            | :? ProductSet as p -> p.Components
            | _ -> [| s |]

        ProductSet(Array.append (components a) (components b)) :> IndexSet

    /// The first member of a that is not in b.
    let firstOutside (a: IndexSet) (b: IndexSet) : Member[] option =
        if obj.ReferenceEquals(a, b) then
            None
        else
            let tuple: Member[] = Array.zeroCreate a.Arity
            let mutable position = 0
            let mutable found = None

            while found.IsNone && position < a.Count do
                a.CopyTo(position, tuple, 0)

                if not (contains b tuple 0) then
                    found <- Some tuple

                position <- position + 1

            found

    let isSubset (a: IndexSet) (b: IndexSet) = (firstOutside a b).IsNone

    /// A copy that is in memory, circular or not.
    let materialize (set: IndexSet) (circular: bool) : ListSet =
        let tuples = TupleIndex(set.Arity, set.Count)
        select set.Arity set (fun _ -> true) tuples
        ListSet(tuples, circular)
