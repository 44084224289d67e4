namespace Optc.Compiler

open System.Collections.Generic

/// What is done for each instance of an indexing; false stops the enumeration.
[<AbstractClass>]
type Visitor() =
    abstract Visit: Frame -> bool

/// One item of an indexing, compiled.
[<Sealed>]
type IndexStep(set: Frame -> IndexSet, slot: int, arity: int, mask: int, fillKey: Frame -> unit, keySlot: int) =
    /// The components that are not bound
    let free = [| for c in 0 .. arity - 1 do if mask &&& (1 <<< c) = 0 then c |]

    member _.Set = set
    /// First slot of the item's free components
    member _.Slot = slot
    /// Of the set's members
    member _.Arity = arity
    /// The bound components of a slice
    member _.Mask = mask
    member _.Free = free
    member _.IsMembership = free.Length = 0
    /// Evaluates the bound components into the slots from `KeySlot`.
    member _.FillKey = fillKey
    member _.KeySlot = keySlot
    /// Room for a whole member of the set
    member _.ScratchSlot = keySlot + arity - free.Length

/// An indexing, compiled: nested loops over its items. The free components stand in the slots [First, First + Arity), in
/// order, items without a name included.
[<Sealed>]
type IndexingPlan(first: int, steps: IndexStep[], condition: (Frame -> bool) option, isProduct: bool) =
    let arity = steps |> Array.sumBy _.Free.Length

    let rec run k (frame: Frame) (visitor: Visitor) : bool =
        if k = steps.Length then
            match condition with
            | Some holds when not (holds frame) -> true
            | _ -> visitor.Visit frame
        else
            let step = steps[k]
            let set = step.Set frame

            if step.Mask = 0 then
                match set with
                | :? RangeSet as range -> overRange k frame visitor range step.Slot
                | _ -> overSet k frame visitor set step.Slot
            else
                step.FillKey frame

                if step.IsMembership then
                    if set.Find(frame, step.KeySlot) >= 0 then run (k + 1) frame visitor else true
                else
                    overSlice k frame visitor set step

    and overRange k frame visitor range slot =
        let mutable position = 0
        let mutable go = true

        while go && position < range.Count do
            frame[slot] <-
                { Number = range.Item position
                  Symbol = null }

            go <- run (k + 1) frame visitor
            position <- position + 1

        go

    and overSet k frame visitor set slot =
        let count = set.Count
        let mutable position = 0
        let mutable go = true

        while go && position < count do
            set.CopyTo(position, frame, slot)
            go <- run (k + 1) frame visitor
            position <- position + 1

        go

    and overSlice k frame visitor set step =
        let slice = set.Slice step.Mask
        let mutable position = slice.First(frame, step.KeySlot)
        let mutable go = true

        while go && position >= 0 do
            set.CopyTo(position, frame, step.ScratchSlot)

            for c in 0 .. step.Free.Length - 1 do
                frame[step.Slot + c] <- frame[step.ScratchSlot + step.Free[c]]

            go <- run (k + 1) frame visitor
            position <- slice.Next position

        go

    member _.First = first
    member _.Arity = arity
    member _.Steps = steps
    member _.HasCondition = condition.IsSome
    member _.Condition = condition
    /// No slices, no condition, no set that depends on an earlier item: the domain is a product and is not enumerated.
    member _.IsProduct = isProduct

    /// Visits the instances in order; false when the visitor stopped.
    member _.Run(frame: Frame, visitor: Visitor) : bool = run 0 frame visitor

    /// Fills the dummies' slots and calls back for every instance.
    member _.Enumerate(frame: Frame, action: unit -> unit) : unit =
        run
            0
            frame
            { new Visitor() with
                member _.Visit _ =
                    action ()
                    true }
        |> ignore

    /// The tuples of the free components, lazy when they are a product.
    member _.Domain(frame: Frame) : IndexSet =
        if steps.Length = 0 && condition.IsNone then
            ProductSet.Unit :> IndexSet
        elif isProduct && steps.Length = 1 then
            steps[0].Set frame
        elif isProduct then
            ProductSet(steps |> Array.map (fun s -> s.Set frame)) :> IndexSet
        else
            let tuples = TupleIndex arity

            run
                0
                frame
                { new Visitor() with
                    member _.Visit f =
                        tuples.Add(f, first) |> ignore
                        true }
            |> ignore

            ListSet tuples :> IndexSet
