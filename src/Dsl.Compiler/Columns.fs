namespace Optc.Compiler

open System
open Optc.Runtime.Templates

/// Where in the extended point a slot stands while the numbers of variables, auxiliaries and stage values still grow:
/// the kind in the upper bits, the number in the lower ones.
module SlotPlace =
    let private numberMask = 0x1FFFFFFF
    let variable (position: int) = position
    let auxiliary (number: int) = 0x20000000 ||| number
    let stage (number: int) = 0x40000000 ||| number
    let isStage (place: int) = place &&& 0x40000000 <> 0
    let isAuxiliary (place: int) = place &&& 0x20000000 <> 0
    let number (place: int) = place &&& numberMask

    /// The final position: variables, then auxiliaries, then stage values.
    let resolve (variables: int) (auxiliaries: int) (place: int) =
        if isStage place then variables + auxiliaries + number place
        elif isAuxiliary place then variables + number place
        else place

    /// Checked when a number is given out.
    let checkCount (count: int) =
        if count > numberMask then
            raise (OverflowException "a model may have 536870911 variables, auxiliaries or stage values at most")

/// A growing column of indices that takes no memory while it is affine in the instance number with a step ≥ 0.
[<Sealed>]
type IndexColumnBuilder() =
    let mutable first = 0
    let mutable step = 0
    let mutable count = 0
    let mutable table: int[] = Array.Empty()
    let mutable isTable = false

    member _.Count = count
    member _.Item(i: int) = if isTable then table[i] else first + step * i

    member this.Add(value: int) =
        if isTable then
            if count = table.Length then
                Array.Resize(&table, 2 * count)

            table[count] <- value
        elif count = 0 then
            first <- value
        elif count = 1 && value >= first then
            step <- value - first
        elif count = 0 || int64 value <> int64 first + int64 step * int64 count then
            let known = Array.init count (fun i -> first + step * i)
            table <- Array.zeroCreate (max 16 (2 * count))
            Array.Copy(known, table, count)
            table[count] <- value
            isTable <- true

        count <- count + 1

    /// The same indices in the same order.
    member this.SameAs(other: IndexColumnBuilder) =
        let mutable i = 0

        while i < count && this.Item i = other.Item i do
            i <- i + 1

        count = other.Count && i = count

    /// The column with every index resolved, in the order of the instances or of a permutation of them.
    member this.Finish(resolve: int -> int, order: int[]) : IndexColumn =
        if order.Length = 0 && not isTable then
            IndexColumn.Affine((if count = 0 then 0 else resolve first), step)
        else
            let values = Array.zeroCreate count

            for i in 0 .. count - 1 do
                values[i] <- resolve (this.Item(if order.Length = 0 then i else order[i]))

            let descending = count > 1 && values[1] < values[0]
            let column = IndexColumn.From(ReadOnlySpan values)

            if column.IsAffine && descending then
                IndexColumn.Tabulated(ReadOnlySpan values)
            else
                column

/// A growing column of numbers, one number while all are the same, unless it must keep a place for each instance.
[<Sealed>]
type DataColumnBuilder(keepsEach: bool) =
    let mutable values: float[] = Array.Empty()
    let mutable first = 0.0
    let mutable count = 0
    let mutable isUniform = true

    let same (a: float) (b: float) =
        BitConverter.DoubleToInt64Bits a = BitConverter.DoubleToInt64Bits b

    member _.Count = count
    member _.IsUniform = isUniform
    member _.Item(i: int) = if isUniform then first else values[i]

    member _.Add(value: float) =
        if not isUniform then
            if count = values.Length then
                Array.Resize(&values, 2 * count)

            values[count] <- value
        elif count = 0 && not keepsEach then
            first <- value
        elif keepsEach || not (same value first) then
            values <- Array.zeroCreate (max 16 (2 * count))
            Array.Fill(values, first, 0, count)
            values[count] <- value
            isUniform <- false

        count <- count + 1

    member this.SameAs(other: DataColumnBuilder) =
        let mutable i = 0

        if isUniform && other.IsUniform then
            count = other.Count && same first (other.Item 0)
        else
            while i < count && same (this.Item i) (other.Item i) do
                i <- i + 1

            count = other.Count && i = count
