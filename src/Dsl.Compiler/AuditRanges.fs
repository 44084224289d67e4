namespace Optc.Compiler

open System
open System.Collections.Generic

/// Short names for many members of a family: `capacity[3..7]`, `c[a,2..5]`.
module AuditRanges =
    /// A component of a group: first and last, the same for symbols and single numbers.
    [<Struct>]
    type private Range = { First: Member; Last: Member }

    let private text (r: Range) =
        if r.First.Equals r.Last then string r.First else $"{r.First}..{r.Last}"

    let private follows (a: Range) (b: Range) =
        a.Last.IsNumber && b.First.IsNumber && b.First.Number = a.Last.Number + 1.0

    /// Joins groups that agree but for one component, where that continues.
    let private join (component': int) (groups: ResizeArray<Range[]>) : ResizeArray<Range[]> =
        let result = ResizeArray<Range[]>()
        let last = Dictionary<string, int>()

        for group in groups do
            let key = String.Join("\n", group |> Array.mapi (fun c r -> if c = component' then "" else text r))

            match last.TryGetValue key with
            | true, at when follows (result[at][component']) (group[component']) ->
                let joined = Array.copy result[at]

                joined[component'] <-
                    { First = joined[component'].First
                      Last = group[component'].Last }

                result[at] <- joined
            | _ ->
                last[key] <- result.Count
                result.Add group

        result

    /// At most `shown` groups, the rest as "…". Positions in the order of the domain.
    let describe (entity: Entity) (positions: int seq) (shown: int) : string =
        if entity.Arity = 0 then
            entity.Name
        else
            let members: Member[] = Array.zeroCreate entity.Domain.Arity
            let mutable groups = ResizeArray<Range[]>()

            for position in positions do
                entity.Domain.CopyTo(position, members, 0)
                groups.Add(members |> Array.map (fun m -> { First = m; Last = m }))

            for component' in entity.Domain.Arity - 1 .. -1 .. 0 do
                groups <- join component' groups

            let names =
                groups
                |> Seq.truncate shown
                |> Seq.map (fun group -> $"{entity.Name}[{String.Join(',', Array.map text group)}]")
                |> List.ofSeq

            String.Join(", ", if groups.Count > shown then names @ [ "…" ] else names)
