namespace Optc.Compiler

/// Columns and rows of a compiled problem in the user's words.
module ModelNames =
    /// Where a column of the problem stands among declared variables and, behind them, auxiliaries.
    let position (compiled: CompiledModel) (column: int) : int =
        match compiled.FreePositions with
        | null -> column
        | free -> free[column]

    /// The family that holds the position of a declared variable, with the member. An empty family shares its offset with the next.
    let declared (model: Model) (position: int) : VarEntity * int =
        let families = model.Variables
        let mutable low = 0
        let mutable high = families.Length - 1

        while low < high do
            let middle = (low + high + 1) / 2

            if families[middle].Offset <= position then low <- middle else high <- middle - 1

        families[low], position - families[low].Offset

    /// `x[1,'a']` of the position of a declared variable.
    let quoted (model: Model) (position: int) : string =
        let v, k = declared model position
        v.QuotedName k

    /// The family of a column, with the member; None for auxiliaries.
    let owner (compiled: CompiledModel) (column: int) : (VarEntity * int) option =
        let position = position compiled column
        if position < compiled.DeclaredCount then Some(declared compiled.Model position) else None

    /// Name of a column.
    let variable (compiled: CompiledModel) (column: int) : string =
        match owner compiled column with
        | Some(v, k) -> v.PlainName k
        | None -> $"epigraph variable {position compiled column - compiled.DeclaredCount + 1}"

    /// What is added to a constraint's name for a side of a complementarity condition, as in AMPL
    let sideSuffix =
        function
        | 1 -> ".L"
        | 2 -> ".R"
        | _ -> ""

    /// Name of a row.
    let constraintRow (compiled: CompiledModel) (row: int) : string =
        match compiled.RowOwner[row] with
        | null -> $"epigraph row {row + 1}"
        | c -> c.PlainName compiled.RowPosition[row] + sideSuffix compiled.RowSide[row]
