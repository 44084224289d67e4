namespace Optc.Compiler

open Optc.Runtime.Templates

/// What lowering collected, built.
module ScheduledTemplates =
    /// The template groups, with stage instances in the order of their levels, and the schedule.
    let build (kernels: KernelMode) (clock: CompileClock) (lowering: Lowering) (declared: int) (isWanted: TermTable -> bool) =
        let auxiliaries = lowering.Rows.AuxiliaryStart.Count
        let resolve = SlotPlace.resolve declared auxiliaries

        let groups =
            [| for table in lowering.Tables do
                   for group in table.Groups do
                       if group.Rows.Count > 0 && isWanted table then
                           table, group |]

        let dependencies (visit: int -> int -> unit) =
            for table, group in groups do
                if table.Target = TemplateTarget.Stage then
                    for slot in group.Slots do
                        if slot.Count > 0 && SlotPlace.isStage (slot.Item 0) then
                            for i in 0 .. slot.Count - 1 do
                                visit (group.Rows.Item i) (SlotPlace.number (slot.Item i))

        let describe value =
            let owner = lowering.Shared.StageOwner[value]
            let position = owner.Numbers.IndexOf value
            let members: Member[] = Array.zeroCreate owner.Arity

            if position >= 0 && owner.Arity > 0 then
                owner.Keys.CopyTo(position, members, 0)

            Members.quotedName (owner.Name.TrimStart '$') members 0 members.Length

        let levels = Stages.levels lowering.Shared.StageCount dependencies describe
        let schedule = ResizeArray<struct (int * StageRun)>()

        let built =
            groups
            |> Array.mapi (fun number (table, group) ->
                let order =
                    if table.Target = TemplateTarget.Stage then
                        let order, runs = Stages.runs levels group.Rows

                        for struct (level, first, last) in runs do
                            schedule.Add(struct (level, StageRun(number, first, last)))

                        order
                    else
                        [||]

                Templates.build kernels clock table.Name table.Target group resolve order)

        let schedule =
            schedule.ToArray()
            |> Array.sortBy (fun (struct (level, _)) -> level)
            |> Array.map (fun (struct (_, run)) -> run)

        built, schedule
