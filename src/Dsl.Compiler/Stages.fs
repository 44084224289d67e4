namespace Optc.Compiler

open System
open System.Collections.Generic
open Optc.Parser
open Optc.Runtime.Templates

/// The order in which stage values can be computed.
module Stages =
    /// For each stage value the number of steps before it; values on one level do not need each other. `dependencies`
    /// calls back with (value, value it needs).
    let levels (count: int) (dependencies: (int -> int -> unit) -> unit) (describe: int -> string) : int[] =
        let starts = Array.zeroCreate (count + 1)
        let mutable edges = 0

        dependencies (fun _ needed ->
            starts[needed + 1] <- starts[needed + 1] + 1
            edges <- edges + 1)

        let levels = Array.zeroCreate count

        if edges > 0 then
            for k in 0 .. count - 1 do
                starts[k + 1] <- starts[k + 1] + starts[k]

            let users = Array.zeroCreate edges
            let fill = Array.sub starts 0 count
            let waiting = Array.zeroCreate count

            dependencies (fun value needed ->
                users[fill[needed]] <- value
                fill[needed] <- fill[needed] + 1
                waiting[value] <- waiting[value] + 1)

            let queue = Queue<int>()

            for k in 0 .. count - 1 do
                if waiting[k] = 0 then
                    queue.Enqueue k

            let mutable ordered = 0

            while queue.Count > 0 do
                let needed = queue.Dequeue()
                ordered <- ordered + 1

                for e in starts[needed] .. starts[needed + 1] - 1 do
                    let value = users[e]
                    levels[value] <- max levels[value] (levels[needed] + 1)
                    waiting[value] <- waiting[value] - 1

                    if waiting[value] = 0 then
                        queue.Enqueue value

            if ordered < count then
                // What still waits leads into a cycle: follow it from any of them.
                let needs = Dictionary<int, int>()

                dependencies (fun value needed ->
                    if waiting[value] > 0 && waiting[needed] > 0 then
                        needs[value] <- needed)

                let seen = ResizeArray<int>()
                let mutable at = Seq.head needs.Keys

                while not (seen.Contains at) do
                    seen.Add at
                    at <- needs[at]

                let cycle = seen.GetRange(seen.IndexOf at, seen.Count - seen.IndexOf at)
                cycle.Add at
                let text = String.Join(" -> ", Seq.map describe (Seq.truncate 8 cycle))
                Errors.fail "cycle" Span.None $"a defined variable depends on itself: {text}"

        levels

    /// The instances of a group sorted by the level of their rows (empty when they are already), and where each level
    /// begins: (level, start, end).
    let runs (levels: int[]) (rows: IndexColumnBuilder) : int[] * struct (int * int * int)[] =
        let levelOf i = levels[rows.Item i]
        let mutable sorted = true

        for i in 1 .. rows.Count - 1 do
            sorted <- sorted && levelOf (i - 1) <= levelOf i

        let order =
            if sorted then
                [||]
            else
                // Stable, so that instances that add to one value keep their order.
                let order = Array.init rows.Count id
                let keys = order |> Array.map (fun i -> (int64 (levelOf i) <<< 32) ||| int64 i)
                Array.Sort(keys, order)
                order

        let at k = levelOf (if sorted then k else order[k])
        let found = ResizeArray()
        let mutable start = 0

        for k in 1 .. rows.Count do
            if k = rows.Count || at k <> at start then
                found.Add(struct (at start, start, k))
                start <- k

        order, found.ToArray()
