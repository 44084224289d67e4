namespace Optc.Compiler

open System.Collections.Generic
open Optc.Runtime.Templates

/// Templates made from templates: the same instances with other rows and places, or with a derivative of the expression.
module BilevelTemplates =
    /// A group in the making: its name, what it adds to, its instances.
    type Piece = string * TemplateTarget * Group

    /// What a template becomes.
    type Change =
        {
            Target: TemplateTarget
            /// The new row of an instance, -1 for none
            Row: int -> int
            /// The new place of a place in the extended point
            Place: int -> int
            /// Whether a new place is differentiated by: a variable that is not fixed, or a stage value
            IsFree: int -> bool
            /// The new root from the old node, and the slot behind the template's own
            Root: Graph -> int -> int -> int
            /// Places of the slot behind the template's own, by instance
            Extra: (int -> int) option
        }

    /// The instances of a template with a node of its graph as the root; nothing when there are none.
    let change (t: Template) (d: Templates.Description) (node: int) (c: Change) : Piece option =
        let instances = [| for i in 0 .. t.InstanceCount - 1 do if c.Row i >= 0 then i |]

        if instances.Length = 0 then
            None
        else
            let g = Graph()
            let copied = d.Graph.CopyTo(g, [| node |], (fun s -> g.Slot s), (fun k -> g.Datum k))
            let extra = t.Slots.Length
            let root = c.Root g copied[0] extra

            let places: (int -> int)[] =
                Array.append (t.Slots |> Array.map (fun column i -> c.Place column[i])) (Option.toArray c.Extra)

            let slots =
                places
                |> Array.mapi (fun k place ->
                    { Label = (if k < extra then d.SlotLabels[k] else "multiplier")
                      Position = fun _ -> 0
                      IsActive = (k >= extra || not d.IsDetached[k]) && instances |> Array.exists (fun i -> c.IsFree(place i)) })

            let data =
                d.DatumLabels |> Array.map (fun label -> { DatumSource.Label = label; Value = (fun _ -> 0.0); IsUniform = false; IsAdjusted = false })

            let group = Group({ Graph = g; Root = root; Slots = slots; Data = data; Steps = [||]; FrameUse = 0; Span = d.Span }, false)

            for i in instances do
                group.Rows.Add(c.Row i)
                places |> Array.iteri (fun k place -> group.Slots[k].Add(place i))
                t.DataColumns |> Array.iteri (fun k column -> group.Data[k].Add t.Data[column[i]])

            Some(t.Name, c.Target, group)

    /// Templates of the pieces, with the stage values in an order in which they can be computed.
    let assemble (mode: KernelMode) (clock: CompileClock) (pieces: ResizeArray<Piece>) (declared: int) (stages: int) =
        let dependencies (visit: int -> int -> unit) =
            for _, target, group in pieces do
                if target = TemplateTarget.Stage then
                    for slot in group.Slots do
                        for i in 0 .. slot.Count - 1 do
                            if slot.Item i >= declared then
                                visit (group.Rows.Item i) (slot.Item i - declared)

        let levels = Stages.levels stages dependencies (fun value -> $"stage value {value}")
        let schedule = ResizeArray<struct (int * StageRun)>()

        let built =
            pieces.ToArray()
            |> Array.mapi (fun number (name, target, group) ->
                let order =
                    if target = TemplateTarget.Stage then
                        let order, runs = Stages.runs levels group.Rows

                        for struct (level, first, last) in runs do
                            schedule.Add(struct (level, StageRun(number, first, last)))

                        order
                    else
                        [||]

                let template, description, _ = Templates.build mode clock name target group id order
                template, description)

        built, schedule.ToArray() |> Array.sortBy (fun (struct (level, _)) -> level) |> Array.map (fun (struct (_, run)) -> run)
