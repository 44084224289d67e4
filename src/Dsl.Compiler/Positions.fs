namespace Optc.Compiler

open Optc.Parser

/// Subscripts, compiled: `Fill` evaluates them into the frame's slots [Slot, Slot + Count), which are free at that depth.
type SubscriptPlan =
    { Slot: int
      Count: int
      Fill: Frame -> unit }

/// Finds the position of subscripts in the domain of an entity, which is looked up at each call: it may change with the
/// data.
[<Sealed>]
type PositionReader(entity: Entity, plan: SubscriptPlan, number: (Frame -> float) option, span: Span) =
    let outside (frame: Frame) : int =
        plan.Fill frame
        let domain = entity.Domain
        let name = Members.quotedName entity.Name frame plan.Slot plan.Count

        let set =
            match domain with
            | :? RangeSet as r when r.IsUnit && r.Count > 0 -> $" {r.Item 0}..{r.Item(r.Count - 1)}"
            | _ -> ""

        Errors.fail "subscript" span $"{name} is outside its index set{set}"

    member _.Find(frame: Frame) : int =
        match entity.Domain with
        | :? RangeSet as range when number.IsSome -> range.FindNumber(Member.Canonical(number.Value frame))
        | domain ->
            plan.Fill frame
            domain.Find(frame, plan.Slot)

    member this.Position(frame: Frame) : int =
        let position = this.Find frame
        if position < 0 then outside frame else position
