namespace Optc.Compiler

open System.Collections.Generic
open Optc.Runtime.Templates

/// What compiled code of a program keeps in arrays, in which loops it computes, and how it stores what a request pulls: everything that
/// is decided before code is made.
[<Sealed>]
type internal KernelLayout(program: KernelProgram, instanceCount: int, request: PullRequest option) =
    let instructions = program.Instructions
    let phases = Phases(program, request.IsSome)

    // Arrays: results, then what one loop leaves to another.
    let arrays = Dictionary<int, int>()

    // Functions read neighbours of the point and of the data where they stand.
    let isReadInPlace k =
        match instructions[k].Op with
        | KernelOp.Slot
        | KernelOp.Direction
        | KernelOp.Datum -> instructions[k].B = 1
        | _ -> false

    let needArray k =
        if not (arrays.ContainsKey k) then
            arrays[k] <- arrays.Count

    // Groups with the program's results for their residues, -1 where there is none, and whether registers take them to
    // their cells. Those go first; a group behind one that goes through arrays must wait for it, if it meets its cells.
    let groups =
        match request with
        | None -> [||]
        | Some request ->
            let mutable next = 0
            let behind = HashSet<struct (int * int)>()

            [| for group in request.Groups ->
                   let results =
                       [| for sources in group.Sources ->
                              if sources.Length = 0 then
                                  -1
                              else
                                  next <- next + 1
                                  program.Results[next - 1] |]

                   let inRegisters = group.IsInterleaved && not (behind.Contains(struct (group.Output, group.Step)))

                   if not inRegisters then
                       behind.Add(struct (group.Output, group.Step)) |> ignore

                   struct (group, results, inRegisters) |]

    // What is not interleaved in registers goes through arrays.
    let kept = HashSet<int>(if request.IsNone then program.Results else [||])

    do
        for struct (_, results, inRegisters) in groups do
            if not inRegisters then
                kept.UnionWith(results |> Seq.filter (fun r -> r >= 0))

    do
        for r in program.Results do
            if kept.Contains r then
                needArray r

    do
        for k in 0 .. instructions.Length - 1 do
            // The function writes both.
            if instructions[k].Op = KernelOp.SineCosine then
                needArray k

            if phases.IsBlock k then
                needArray k

            for a in phases.Arguments k do
                let isKept = not (phases.IsUniform a) && not (phases.IsLeaf a) && phases.Of a < phases.Of k
                // Tables are read once.
                let isGathered = phases.IsLeaf a && instructions[a].Op <> KernelOp.Constant && instructions[a].B < 0 && phases.Of a < phases.Of k

                if isKept || isGathered || (phases.IsBlock k && not (isReadInPlace a)) || instructions[k].Op = KernelOp.CosineOf || instructions[k].Op = KernelOp.Shifted then
                    needArray a

            if instructions[k].Op = KernelOp.CosineOf then
                needArray k

    // Code for cells keeps fewer arrays than one for instances, and no bit depends on its blocks.
    let blockSize =
        match request with
        | None -> program.BlockSize instanceCount
        | Some _ -> KernelProgram.BlockSizeFor(arrays.Count, instanceCount)

    let cosines = Dictionary<int, int>()

    do
        for k in 0 .. instructions.Length - 1 do
            if instructions[k].Op = KernelOp.CosineOf then
                cosines[instructions[k].A] <- k

    member _.Phases = phases
    /// The number of the array of each instruction that has one
    member _.Arrays = arrays
    member _.Groups = groups
    /// For the sine that a function computes, where its cosine goes
    member _.Cosines = cosines
    member _.BlockSize = blockSize

    /// The last loop in parts, each with the instructions that it takes and the groups that it stores. It is cut where groups have nothing
    /// in common, for fewer streams of memory at a time: groups that store never meet; where others add, the order in which they do must
    /// stay.
    member _.LastLoops() : struct ((int -> bool) * struct (PulledGroup * int[])[])[] =
        let p = phases.Count - 1
        let stored = [| for struct (group, results, inRegisters) in groups do if inRegisters then struct (group, results) |]
        // The loop of each instruction: the first group that needs it, or one that shares another with that group.
        let loopOf = Array.create instructions.Length -1
        let join = Array.init stored.Length id

        let rec root g = if join[g] = g then g else root join[g]

        let rec visit g k =
            if phases.Of k = p && not (phases.IsLeaf k) && not (phases.IsUniform k) then
                if loopOf[k] < 0 then
                    loopOf[k] <- g
                    Seq.iter (visit g) (phases.Arguments k)
                else
                    let a, b = root loopOf[k], root g
                    join[max a b] <- min a b

        if stored.Length > 0 && stored |> Array.forall (fun (struct (group, _)) -> group.Assigns) then
            stored |> Array.iteri (fun g (struct (_, results)) -> Array.iter (visit g) results)
            // What goes through arrays is computed in the first one.
            Seq.iter (visit 0) (Seq.filter (fun k -> phases.Of k = p) arrays.Keys)

            [| for first in 0 .. stored.Length - 1 do
                   if root first = first then
                       let isMember g = g >= 0 && root g = first
                       let isWanted k = isMember loopOf[k] || (first = 0 && loopOf[k] < 0)
                       struct (isWanted, stored |> Array.indexed |> Array.filter (fst >> isMember) |> Array.map snd) |]
        else
            [| struct ((fun _ -> true), stored) |]
