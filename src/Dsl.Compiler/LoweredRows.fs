namespace Optc.Compiler

open System.Collections.Generic
open Optc.Parser

/// The rows of a problem as they are lowered, and the auxiliary variables of epigraphs.
[<Sealed>]
type LoweredRows(refreshable: bool) =
    let sidesBelow = ResizeArray<float>()
    let sidesAbove = ResizeArray<float>()
    let constants = ResizeArray<float>()
    let auxiliaryStart = ResizeArray<float>()
    let auxiliaryLower = ResizeArray<float>()
    let auxiliaryRows = Dictionary<int, int>()

    member _.Count = sidesBelow.Count
    member _.Lower = sidesBelow
    member _.Upper = sidesAbove
    /// What the data terms of each row sum to
    member _.Constant = constants
    member _.AuxiliaryStart = auxiliaryStart
    member _.AuxiliaryLower = auxiliaryLower
    /// For the rows of epigraphs the number of the auxiliary
    member _.AuxiliaryRows = auxiliaryRows

    /// Start and bound are set when its rows are made.
    member _.NewAuxiliary() : int =
        auxiliaryStart.Add 0.0
        auxiliaryLower.Add -infinity
        SlotPlace.checkCount auxiliaryStart.Count
        auxiliaryStart.Count - 1

    /// Adds the instances that the frame's row has in its tables. Terms without variables add to the first result instead
    /// (unless they must stay refreshable: then they are instances of rows that have others); the second tells whether
    /// there was any term with variables.
    member _.Fill(row: int, terms: TermTable[], frame: Frame) : struct (float * bool) =
        let mutable constant = 0.0
        let mutable hasVariables = false

        for table in terms do
            if not table.IsConstant then
                table.Enumerate(
                    frame,
                    fun () ->
                        table.Add(row, frame)
                        hasVariables <- true
                )

        for table in terms do
            if table.IsConstant then
                let isInstance = refreshable && hasVariables

                table.Enumerate(
                    frame,
                    fun () ->
                        if isInstance then
                            table.Add(row, frame)
                        else
                            constant <- constant + table.Constant frame
                )

        struct (constant, hasVariables)

    /// A row lower ≤ expression ≤ upper whose terms without variables sum to a constant, which moves to the sides.
    member _.Add(lower: float, upper: float, constant: float) =
        sidesBelow.Add(lower - constant)
        sidesAbove.Add(upper - constant)
        constants.Add constant
