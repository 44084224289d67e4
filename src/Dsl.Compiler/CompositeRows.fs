namespace Optc.Compiler

open System
open System.Collections.Generic
open Optc.Parser
open Optc.Runtime.Solvers.CoordinateDescent

/// The linear forms of a loss, row by row, and then the matrix by columns: time and memory are linear in the entries.
[<Sealed>]
type internal CompositeRows(variableCount: int) =
    /// Share of entries from which the matrix is held dense
    static let denseShare = 0.4

    let columns = ResizeArray<int>()
    let values = ResizeArray<float>()
    let starts = ResizeArray<int>([ 0 ])
    let labels = ResizeArray<float>()
    let weights = ResizeArray<float>()
    let offsets = ResizeArray<float>()
    member _.Count = labels.Count
    member _.Labels = labels.ToArray()
    member _.Weights = weights.ToArray()
    /// None when all are zero
    member _.Offsets = if offsets.TrueForAll(fun o -> o = 0.0) then None else Some(offsets.ToArray())
    member _.Entries = columns.Count

    /// A row with the form times `factor`.
    member _.Add(form: AffineForm, factor: float, label: float, offset: float, weight: float) =
        for k in 0 .. form.Count - 1 do
            columns.Add(form.Position k)
            values.Add(factor * form.Value k)

        starts.Add columns.Count
        labels.Add label
        offsets.Add offset
        weights.Add weight

    member _.Matrix() : DesignMatrix =
        let n = labels.Count

        if float columns.Count >= denseShare * float n * float variableCount && n > 0 then
            let dense: float[][] = Array.init variableCount (fun _ -> Array.zeroCreate n)

            for i in 0 .. n - 1 do
                for p in starts[i] .. starts[i + 1] - 1 do
                    dense[columns[p]][i] <- values[p]

            DenseColumns(n, dense)
        else
            // A counting sort by column keeps the rows in order.
            let columnStarts: int[] = Array.zeroCreate (variableCount + 1)

            for j in columns do
                columnStarts[j + 1] <- columnStarts[j + 1] + 1

            for j in 0 .. variableCount - 1 do
                columnStarts[j + 1] <- columnStarts[j + 1] + columnStarts[j]

            let next = Array.copy columnStarts
            let rows: int[] = Array.zeroCreate columns.Count
            let sorted: float[] = Array.zeroCreate columns.Count

            for i in 0 .. n - 1 do
                for p in starts[i] .. starts[i + 1] - 1 do
                    let at = next[columns[p]]
                    next[columns[p]] <- at + 1
                    rows[at] <- i
                    sorted[at] <- values[p]

            SparseColumns(n, columnStarts, rows, sorted)
