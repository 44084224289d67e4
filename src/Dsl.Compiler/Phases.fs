namespace Optc.Compiler

open System
open Optc.Runtime.Templates

/// How the instructions of a program are laid out in loops over a block: what lanes of a register compute is fused into
/// few loops; functions that are loops of their own stand between them.
[<Sealed>]
type internal Phases(program: KernelProgram, isPulled: bool) =
    let code = program.Instructions
    let count = code.Length

    let isLeaf k = code[k].ArgumentCount = 0

    let isBlock k =
        code[k].Op = KernelOp.Call || code[k].Op = KernelOp.SineCosine

    /// The same for all instances
    let uniform = Array.create count false
    /// The loop that computes a value; for functions, the loop behind which they stand
    let phase = Array.create count 0
    let mutable lastPhase = 0
    let arguments k = Seq.init code[k].ArgumentCount (fun a -> code[k].Argument a)

    do
        for k in 0 .. count - 1 do
            uniform[k] <-
                match code[k].Op with
                | KernelOp.Constant -> true
                | KernelOp.Slot
                | KernelOp.Direction
                | KernelOp.Datum
                | KernelOp.Weight -> code[k].B = 0
                | KernelOp.CosineOf
                | KernelOp.SineCosine -> false
                | _ -> arguments k |> Seq.forall (fun a -> uniform[a])

            for a in arguments k do
                if not uniform[a] then
                    phase[k] <- max phase[k] (phase[a] + (if isBlock a || code[a].Op = KernelOp.CosineOf || code[k].Op = KernelOp.Shifted then 1 else 0))

            if code[k].Op = KernelOp.CosineOf then
                phase[k] <- phase[code[k].A]

        // A value that only leaves go into is computed where it is first wanted, instead of being kept until then.
        let first = Array.create count Int32.MaxValue

        // Sums of places are stored from registers, by the last loop.
        if isPulled then
            let last = Array.fold max 0 phase

            for r in program.Results do
                // A function or what it gives is read by the loop behind it.
                first[r] <- if isBlock r || code[r].Op = KernelOp.CosineOf then last + 1 else last

            let last = program.Results |> Array.fold (fun last r -> max last first[r]) last

            for r in program.Results do
                first[r] <- last
        let users = Array.create count 0

        for k in count - 1 .. -1 .. 0 do
            let movable =
                not (isLeaf k)
                && not (isBlock k)
                && code[k].Op <> KernelOp.CosineOf
                && code[k].Op <> KernelOp.Shifted
                && first[k] <> Int32.MaxValue
                && arguments k |> Seq.forall (fun a -> uniform[a] || isLeaf a || (users[a] <= 1 && not (isBlock a) && code[a].Op <> KernelOp.CosineOf))

            if movable && first[k] > phase[k] then
                phase[k] <- first[k]

            // What earlier instances gave has been kept by a loop before.
            let wanted = if code[k].Op = KernelOp.Shifted then phase[k] - 1 else phase[k]

            for a in arguments k do
                first[a] <- min first[a] wanted
                users[a] <- users[a] + 1

        lastPhase <- max (Array.fold max 0 phase) (if isPulled then program.Results |> Array.fold (fun last r -> max last first[r]) 0 else 0)

    member _.Count = 1 + lastPhase
    member _.Of(k: int) = phase[k]
    member _.IsUniform(k: int) = uniform[k]
    member _.IsLeaf(k: int) = isLeaf k
    member _.IsBlock(k: int) = isBlock k && not uniform[k]
    member _.Arguments(k: int) = arguments k
