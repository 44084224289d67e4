namespace Optc.Compiler

open System
open System.Collections.Generic
open System.IO
open System.Text
open Optc.Parser

/// Writes a model in the form of AMPL's solvers: D. M. Gay, "Writing .nl Files", Sandia report SAND2005-7907P, 2005.
[<Sealed>]
type NlProblem(model: NlModel) =
    let source = model.Source
    let variables = model.VariableCount
    let rows = model.RowCount

    let complementOf = Dictionary<int, NlComplement>()

    do
        for c in source.Complements do
            complementOf[c.Row] <- c

    /// Number in the file of the variable a condition names.
    let complementNumber (c: NlComplement) =
        if c.Column < source.Declared then
            model.Numbers[c.Column]
        else
            model.Numbers[c.Column + source.StageOrder.Length]

    let bounds: struct (float * float)[] =
        let found = Array.create model.Numbers.Length (struct (-infinity, infinity))

        for v in source.Model.Variables do
            let lower, upper, value = v.Lower, v.Upper, v.Value

            for k in 0 .. v.Domain.Count - 1 do
                if lower[k] > upper[k] then
                    Errors.fail "bounds-cross" v.Span $"variable {v.QuotedName k} has crossing bounds: {lower[k]} > {upper[k]}"

                found[v.Offset + k] <-
                    if Relations.isSet v.IsFixed k then
                        struct (value[k], value[k])
                    else
                        struct (Relations.bound lower[k], Relations.bound upper[k])

        for pair in source.Tightened do
            found[pair.Key] <- pair.Value

        source.Auxiliaries
        |> Array.iteri (fun k auxiliary -> found[source.Declared + source.StageOrder.Length + k] <- struct (auxiliary.Lower, auxiliary.Upper))

        found

    /// Starting values by column; NaN where the model gives none.
    let start: float[] =
        let found = Array.create model.Numbers.Length nan

        for v in source.Model.Variables do
            let isGiven =
                not (isNull v.Pending)
                || v.DataDefault.IsSome
                || v.Attributes
                   |> List.exists (fun (attribute, _) ->
                       match attribute with
                       | StartAt _
                       | StartDefault _ -> true
                       | _ -> false)

            let value = v.Value

            for k in 0 .. v.Domain.Count - 1 do
                if Double.IsFinite value[k] && (isGiven || value[k] <> 0.0 || Relations.isSet v.IsFixed k) then
                    found[v.Offset + k] <- value[k]

        source.Auxiliaries
        |> Array.iteri (fun k auxiliary -> found[source.Declared + source.StageOrder.Length + k] <- auxiliary.Start)

        found

    let sides (row: int) : struct (float * float) =
        let constant = model.Constant row
        struct (source.RowLower[row] - constant, source.RowUpper[row] - constant)

    /// Constant addend of a nonlinear part: objectives and common expressions keep theirs, and so do bodies of
    /// complementarity conditions; other constraints move it to their sides.
    let constantOf (row: int) : float =
        if row >= rows then
            model.Constant row
        else
            match complementOf.TryGetValue row with
            | true, c -> model.Constant row + c.Constant
            | _ -> 0.0

    let oneLine (name: string) = name.ReplaceLineEndings " "

    let families = source.Model.Variables |> Array.filter (fun v -> v.Domain.Count > 0)
    let offsets = families |> Array.map _.Offset

    let variableName (column: int) : string =
        if column < source.Declared then
            let at = Array.BinarySearch(offsets, column)
            let v = families[if at >= 0 then at else ~~~at - 1]
            v.QuotedName(column - v.Offset)
        else
            let auxiliary = source.Auxiliaries[column - source.Declared - source.StageOrder.Length]
            auxiliary.Owner.QuotedName auxiliary.Position + ".complement"

    let definitions = HashSet<int>(source.Auxiliaries |> Seq.map _.Row)

    let rowName (row: int) : string =
        let name = source.RowOwner[row].QuotedName source.RowPosition[row]
        if definitions.Contains row then name + ".definition" else name

    let rowNames =
        seq {
            for row in model.RowOrder do
                oneLine (rowName row)

            for objective, position in source.Objectives do
                oneLine (objective.QuotedName position)
        }

    let columnNames =
        seq {
            for column in model.VariableOrder do
                oneLine (variableName column)
        }

    let longest (names: string seq) =
        names |> Seq.fold (fun longest name -> max longest (Encoding.UTF8.GetByteCount name)) 0

    let writeHeader (sink: NlSink) (name: string) (hasNames: bool) =
        let mutable ranges = 0
        let mutable equations = 0

        for row in 0 .. rows - 1 do
            if not (complementOf.ContainsKey row) then
                let struct (lower, upper) = sides row

                if lower = upper then equations <- equations + 1
                elif lower > -infinity && upper < infinity then ranges <- ranges + 1

        let group = model.GroupCounts
        let both = group[0] + group[1]
        let inConstraints = both + group[2] + group[3]
        // Variables are nonlinear in objectives up to the last of those that are so only there.
        let inObjectives =
            if group[4] + group[5] > 0 then
                inConstraints + group[4] + group[5]
            else
                both

        let complements isNonlinear =
            source.Complements |> Array.filter (fun c -> model.IsNonlinearRow c.Row = isNonlinear) |> Array.length

        let doubly = source.Complements |> Array.filter (fun c -> c.Kind = 3) |> Array.length
        let nonzero = source.Complements |> Array.filter _.HasNonzeroBound |> Array.length
        let jacobian = model.Merged.Start rows
        let gradients = model.Merged.Count - jacobian
        let longestRow, longestColumn = if hasNames then longest rowNames, longest columnNames else 0, 0
        let shared = model.SharedStages |> Array.map _.Length
        let line = sink.HeaderLine
        line $"{sink.Letter}3 1 1 0\t# problem {oneLine name}"
        line $" {variables} {rows} {model.ObjectiveCount} {ranges} {equations}\t# vars, constraints, objectives, ranges, eqns"
        line $" {model.NonlinearRows} {model.NonlinearObjectives} {complements false} {complements true} {doubly} {nonzero}\t# nonlinear constrs, objs; ccons: lin, nonlin, nd, nzlb"
        line " 0 0\t# network constraints: nonlinear, linear"
        line $" {inConstraints} {inObjectives} {both}\t# nonlinear vars in constraints, objectives, both"
        line $" 0 0 {sink.ArithmeticKind} 1\t# linear network variables; functions; arith, flags"
        line $" {group[7]} {group[8]} {group[1]} {group[3]} {group[5]}\t# discrete variables: binary, integer, nonlinear (b,c,o)"
        line $" {jacobian} {gradients}\t# nonzeros in Jacobian, obj. gradient"
        line $" {longestRow} {longestColumn}\t# max name lengths: constraints, variables"
        line $" {shared[0]} {shared[1]} {shared[2]} {model.ConstraintStages.Length} {model.ObjectiveStages.Length}\t# common exprs: b,c,o,c1,o1"

    /// The nonlinear part of a row, with its constant.
    let writeSum (sink: NlSink) (expressions: NlExpressions) (row: int) =
        let constant = constantOf row

        let count = model.AddendCount row + (if constant <> 0.0 then 1 else 0)

        if count = 0 then
            sink.Constant 0.0
        else
            if count = 2 then
                sink.Operator NlOpcodes.Plus
            elif count > 2 then
                sink.Operator NlOpcodes.SumList
                sink.Count count

            model.EachInstance(
                row,
                fun t ->
                    for addend in t.Addends do
                        let coefficient = t.Value addend.Coefficient

                        if coefficient <> 0.0 then
                            expressions.Scaled(t, coefficient, addend.Body)
            )

            if constant <> 0.0 then
                sink.Constant constant

    /// A common expression; `user` is 0 or one more than the number of the one constraint or objective that uses it,
    /// objectives after constraints.
    let writeStage (sink: NlSink) (expressions: NlExpressions) (linear: NlMergedRows) (stage: int) (user: int) =
        let row = model.StageRow stage
        let entries = model.Entries
        let first = linear.Count

        for e in entries.Start row .. entries.End row - 1 do
            if not (entries.IsNonlinear e) then
                linear.Add(model.Numbers[entries.Column e], entries.Coefficient e, false)

        linear.EndRow()
        sink.Segment('V', model.Numbers[source.Declared + stage], linear.Count - first, user)

        for e in first .. linear.Count - 1 do
            sink.Entry(linear.Column e, linear.Coefficient e)

        writeSum sink expressions row

    let writeFunctions (sink: NlSink) =
        let expressions = NlExpressions(sink, model.Numbers, model.Inlined)

        let linear =
            NlMergedRows((model.SharedStages |> Array.sumBy _.Length) + model.ConstraintStages.Length + model.ObjectiveStages.Length)

        for list in model.SharedStages do
            for stage in list do
                writeStage sink expressions linear stage 0

        let mutable next = 0
        let ofConstraint = model.ConstraintStages

        for k in 0 .. rows - 1 do
            let row = model.RowOrder[k]

            while next < ofConstraint.Length && (model.UserOf ofConstraint[next]).Constraint = row do
                writeStage sink expressions linear ofConstraint[next] (k + 1)
                next <- next + 1

            sink.Segment('C', k)
            writeSum sink expressions row

        next <- 0
        let ofObjective = model.ObjectiveStages

        for k in 0 .. model.ObjectiveCount - 1 do
            while next < ofObjective.Length && (model.UserOf ofObjective[next]).Objective = k do
                writeStage sink expressions linear ofObjective[next] (rows + k + 1)
                next <- next + 1

            let objective, _ = source.Objectives[k]
            sink.Segment('O', k, (if objective.Sense = Maximize then 1 else 0))
            writeSum sink expressions (model.ObjectiveRow k)

    let writeStart (sink: NlSink) =
        let given = start |> Array.sumBy (fun value -> if Double.IsNaN value then 0 else 1)

        if given > 0 then
            sink.Segment('x', given)

            model.VariableOrder
            |> Array.iteri (fun number column ->
                if not (Double.IsNaN start[column]) then
                    sink.Entry(number, start[column]))

    let writeSides (sink: NlSink) =
        if rows > 0 then
            sink.Segment 'r'

            for row in model.RowOrder do
                match complementOf.TryGetValue row with
                | true, c -> sink.Complement(c.Kind, complementNumber c + 1)
                | _ ->
                    let struct (lower, upper) = sides row
                    sink.Bounds(lower, upper)

        sink.Segment 'b'

        for column in model.VariableOrder do
            let struct (lower, upper) = bounds[column]
            sink.Bounds(lower, upper)

    let writeLinear (sink: NlSink) =
        let merged = model.Merged

        if rows > 0 then
            let counts: int[] = Array.zeroCreate variables

            for e in 0 .. merged.Start rows - 1 do
                counts[merged.Column e] <- counts[merged.Column e] + 1

            sink.Segment('k', variables - 1)
            let mutable sum = 0

            for number in 0 .. variables - 2 do
                sum <- sum + counts[number]
                sink.Count sum

        for k in 0 .. rows + model.ObjectiveCount - 1 do
            let count = merged.Start(k + 1) - merged.Start k

            if count > 0 then
                if k < rows then sink.Segment('J', k, count) else sink.Segment('G', k - rows, count)

                for e in merged.Start k .. merged.Start(k + 1) - 1 do
                    sink.Entry(merged.Column e, merged.Coefficient e)

    let write (sink: NlSink) name hasNames =
        writeHeader sink name hasNames
        writeFunctions sink
        writeStart sink
        writeSides sink
        writeLinear sink
        sink.Flush()

    member _.VariableCount = variables
    member _.ConstraintCount = rows
    member _.ObjectiveCount = model.ObjectiveCount
    member _.JacobianNonzeros = model.Merged.Start rows
    /// Things worth telling
    member _.Notes: IReadOnlyList<string> = source.Notes

    /// Names of the constraints, then of the objectives, in the order of the file
    member _.RowNames: string seq = rowNames
    /// Names of the variables in the order of the file
    member _.ColumnNames: string seq = columnNames

    /// Writes the file's text or bytes. `hasNames`: .row and .col files go with it.
    member _.Write(stream: Stream, name: string, binary: bool, hasNames: bool) : unit =
        NlErrors.guard source.Model (fun () ->
            if binary then write (NlBinarySink stream) name hasNames else write (NlTextSink stream) name hasNames)
