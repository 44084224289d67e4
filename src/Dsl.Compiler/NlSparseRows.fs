namespace Optc.Compiler

open System

/// Rows of (column, coefficient, whether it stands in a nonlinear part), filled in any order of rows after their lengths
/// are counted.
[<Sealed>]
type NlSparseRows(counts: int[]) =
    let starts: int[] = Array.zeroCreate (counts.Length + 1)

    do
        for r in 0 .. counts.Length - 1 do
            starts[r + 1] <- Checked.(+) starts[r] counts[r]

    let next = Array.sub starts 0 counts.Length
    let columns: int[] = Array.zeroCreate starts[counts.Length]
    let coefficients: float[] = Array.zeroCreate starts[counts.Length]
    let nonlinear = Collections.BitArray starts[counts.Length]

    member _.Add(row: int, column: int, coefficient: float, isNonlinear: bool) =
        let at = next[row]
        next[row] <- at + 1
        columns[at] <- column
        coefficients[at] <- coefficient
        nonlinear[at] <- isNonlinear

    member _.Start(row: int) = starts[row]
    /// One past the last entry that was added
    member _.End(row: int) = next[row]
    member _.Column(entry: int) = columns[entry]
    member _.Coefficient(entry: int) = coefficients[entry]
    member _.IsNonlinear(entry: int) = nonlinear[entry]

/// The rows that J and G segments are written from: columns ascending, each once.
[<Sealed>]
type NlMergedRows(rowCount: int) =
    let starts: int[] = Array.zeroCreate (rowCount + 1)
    let mutable columns: int[] = Array.zeroCreate 1024
    let mutable coefficients: float[] = Array.zeroCreate 1024
    let mutable used = 0
    let mutable rows = 0
    // The row that is being made: keys are 2·column, + 1 in a nonlinear part.
    let mutable keys: int64[] = Array.zeroCreate 64
    let mutable values: float[] = Array.zeroCreate 64
    let mutable pending = 0

    member _.Count = used
    member _.Start(row: int) = starts[row]
    member _.Column(entry: int) = columns[entry]
    member _.Coefficient(entry: int) = coefficients[entry]

    /// Adds to the row that is being made.
    member _.Add(column: int, coefficient: float, isNonlinear: bool) =
        if pending = keys.Length then
            Array.Resize(&keys, 2 * pending)
            Array.Resize(&values, 2 * pending)

        keys[pending] <- 2L * int64 column + (if isNonlinear then 1L else 0L)
        values[pending] <- coefficient
        pending <- pending + 1

    /// Ends the row: coefficients of one column are summed, and a sum of zero stays only when the column stands in a
    /// nonlinear part too.
    member _.EndRow() =
        let mutable sorted = true

        for k in 1 .. pending - 1 do
            sorted <- sorted && keys[k - 1] <= keys[k]

        if not sorted then
            Array.Sort(keys, values, 0, pending)

        let mutable k = 0

        while k < pending do
            let column = keys[k] >>> 1
            let mutable sum = 0.0
            let mutable isNonlinear = false

            while k < pending && keys[k] >>> 1 = column do
                sum <- sum + values[k]
                isNonlinear <- isNonlinear || keys[k] &&& 1L = 1L
                k <- k + 1

            if sum <> 0.0 || isNonlinear then
                if used = columns.Length then
                    let grown = max 1024 (Checked.(+) used (used / 2))
                    Array.Resize(&columns, grown)
                    Array.Resize(&coefficients, grown)

                columns[used] <- int column
                coefficients[used] <- sum
                used <- used + 1

        rows <- rows + 1
        starts[rows] <- used
        pending <- 0
