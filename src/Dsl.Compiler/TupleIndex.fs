namespace Optc.Compiler

open System

/// Distinct tuples of one arity in the order in which they came: flat storage and an open-addressing hash of positions.
/// Nothing is allocated per tuple.
[<Sealed; AllowNullLiteral>]
type TupleIndex(arity: int, expected: int) =
    let mutable members: Member[] = Array.zeroCreate (max 4 (expected * arity))
    // position + 1, 0 when free; length a power of two, at most half full
    let mutable slots: int[] =
        Array.zeroCreate (int (Numerics.BitOperations.RoundUpToPowerOf2(uint32 (max 16 (2 * expected)))))

    let mutable count = 0

    let hash (source: Member[]) offset =
        let mutable h = 0UL

        for k in 0 .. arity - 1 do
            h <- (h + Member.Hash &source[offset + k]) * 0xD6E8FEB86659FD93UL

        int ((h ^^^ (h >>> 32)) &&& 0x7fffffffUL)

    let same (source: Member[]) offset position =
        let start = position * arity
        let mutable k = 0

        while k < arity && Member.Same(&members[start + k], &source[offset + k]) do
            k <- k + 1

        k = arity

    /// The slot that holds the tuple or the free one where it belongs.
    let probe (source: Member[]) offset =
        let mask = slots.Length - 1
        let mutable slot = hash source offset &&& mask

        while slots[slot] <> 0 && not (same source offset (slots[slot] - 1)) do
            slot <- (slot + 1) &&& mask

        slot

    let rehash () =
        slots <- Array.zeroCreate (slots.Length * 2)

        for position in 0 .. count - 1 do
            slots[probe members (position * arity)] <- position + 1

    new(arity) = TupleIndex(arity, 4)

    member _.Arity = arity
    member _.Count = count

    /// Position of the tuple at source[offset ..], -1 if absent.
    member _.Find(source: Member[], offset: int) : int = slots[probe source offset] - 1

    /// Position of the tuple at source[offset ..], which is appended when new (then `Count` has grown).
    member _.Add(source: Member[], offset: int) : int =
        let slot = probe source offset

        if slots[slot] <> 0 then
            slots[slot] - 1
        else
            if (count + 1) * arity > members.Length then
                Array.Resize(&members, max (members.Length * 2) ((count + 1) * arity))

            Array.Copy(source, offset, members, count * arity, arity)
            count <- count + 1

            if 2 * count > slots.Length then
                rehash ()
            else
                slots[slot] <- count

            count - 1

    member _.Get(position: int, ``component``: int) : Member =
        members[position * arity + ``component``]

    member _.CopyTo(position: int, target: Member[], offset: int) =
        if arity = 1 then
            target[offset] <- members[position]
        else
            Array.Copy(members, position * arity, target, offset, arity)
