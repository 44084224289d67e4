namespace Optc.Compiler

open System
open System.Collections.Generic
open Optc.Runtime.Templates

/// Which nonlinear parts use a common expression.
[<Struct>]
type NlUse =
    {
        /// The one constraint (its row in the model), `Nobody` or `Many`
        Constraint: int
        /// The one objective, `Nobody` or `Many`
        Objective: int
    }

    static member Nobody = -1
    static member Many = -2

/// What a .nl file is made of, in the order it wants: nonlinear constraints first, variables by where they are nonlinear,
/// common expressions by who uses them.
[<Sealed>]
type NlModel(source: NlSource) =
    let declared = source.Declared
    let stages = source.StageOrder.Length
    let rows = source.RowOwner.Length
    let objectives = source.Objectives.Length
    let variables = declared + source.Auxiliaries.Length
    // Rows of all kinds in one numbering: constraints, objectives, stage values.
    let firstStage = rows + objectives
    let allRows = firstStage + stages

    // Columns: declared variables, stage values, auxiliary variables of complementarity.
    let isStage column = column >= declared && column < declared + stages
    let auxiliaryColumn number = declared + stages + number
    let columns = declared + stages + source.Auxiliaries.Length

    let templates =
        [| for template, description in source.Templates do
               let first =
                   match template.Target with
                   | TemplateTarget.Constraint -> 0
                   | TemplateTarget.Objective -> rows
                   | _ -> firstStage

               struct (NlTemplate(template, description, declared), first) |]

    let constants: float[] = Array.zeroCreate allRows
    let addendCounts: int[] = Array.zeroCreate allRows
    let instanceCounts: int[] = Array.zeroCreate allRows
    let entryCounts: int[] = Array.zeroCreate allRows

    do
        for struct (t, first) in templates do
            let reads = t.Addends |> Array.sumBy (fun addend -> addend.Slots.Length)
            let row = t.Template.Row
            let zeroNodes = t.Constants

            for i in 0 .. t.Template.InstanceCount - 1 do
                let r = first + row[i]
                t.Load i

                for node in zeroNodes do
                    constants[r] <- constants[r] + t.Value node

                let mutable live = 0

                for addend in t.Addends do
                    if t.Value addend.Coefficient <> 0.0 then
                        live <- live + 1

                addendCounts[r] <- addendCounts[r] + live
                entryCounts[r] <- entryCounts[r] + t.Linear.Length + reads

                if live > 0 then
                    instanceCounts[r] <- instanceCounts[r] + 1

        for k in 0 .. objectives - 1 do
            constants[rows + k] <- constants[rows + k] + source.ObjectiveConstant[k]

        for auxiliary in source.Auxiliaries do
            entryCounts[auxiliary.Row] <- entryCounts[auxiliary.Row] + 1

    /// For each row its instances with a nonlinear part: template and instance.
    let instanceStarts: int[] = Array.zeroCreate (allRows + 1)

    do
        for r in 0 .. allRows - 1 do
            instanceStarts[r + 1] <- instanceStarts[r] + instanceCounts[r]

    let instanceTemplate: int[] = Array.zeroCreate instanceStarts[allRows]
    let instanceNumber: int[] = Array.zeroCreate instanceStarts[allRows]
    let entries = NlSparseRows entryCounts

    /// Where each stage value that is one partial maximum or minimum of many comes from: its template and instance.
    let linkTemplate: int[] = Array.create stages -1
    let linkInstance: int[] = Array.zeroCreate stages

    do
        let next = Array.sub instanceStarts 0 allRows

        let isLink (template: Template) =
            template.Target = TemplateTarget.Stage
            && (template.Name.StartsWith("$max", StringComparison.Ordinal)
                || template.Name.StartsWith("$min", StringComparison.Ordinal))

        for number in 0 .. templates.Length - 1 do
            let struct (t, first) = templates[number]
            let row = t.Template.Row
            let isLink = isLink t.Template

            for i in 0 .. t.Template.InstanceCount - 1 do
                let r = first + row[i]
                t.Load i

                if isLink then
                    linkTemplate[row[i]] <- number
                    linkInstance[row[i]] <- i

                for struct (slot, node) in t.Linear do
                    let coefficient = t.Value node

                    if coefficient <> 0.0 then
                        entries.Add(r, t.Position slot, coefficient, false)

                let mutable isLive = false

                for addend in t.Addends do
                    if t.Value addend.Coefficient <> 0.0 then
                        isLive <- true

                        for slot in addend.Slots do
                            entries.Add(r, t.Position slot, 0.0, true)

                if isLive then
                    instanceTemplate[next[r]] <- number
                    instanceNumber[next[r]] <- i
                    next[r] <- next[r] + 1

        for k in 0 .. source.Auxiliaries.Length - 1 do
            entries.Add(source.Auxiliaries[k].Row, auxiliaryColumn k, -1.0, false)

    /// A link that is read once is written where it is read, so that a maximum over a large set becomes one list.
    let isInlined: bool[] =
        let readers: int[] = Array.zeroCreate stages

        for r in 0 .. allRows - 1 do
            for e in entries.Start r .. entries.End r - 1 do
                if isStage (entries.Column e) then
                    let stage = entries.Column e - declared
                    readers[stage] <- readers[stage] + 1

        Array.init stages (fun stage -> linkTemplate[stage] >= 0 && readers[stage] = 1)

    /// Who uses each stage value, directly or through others.
    let uses: NlUse[] =
        Array.create
            stages
            { Constraint = NlUse.Nobody
              Objective = NlUse.Nobody }

    let join a b =
        if a = NlUse.Nobody then b
        elif b = NlUse.Nobody || a = b then a
        else NlUse.Many

    let addUse (stage: int) (use': NlUse) =
        uses[stage] <-
            { Constraint = join uses[stage].Constraint use'.Constraint
              Objective = join uses[stage].Objective use'.Objective }

    let nonlinearInConstraints = Collections.BitArray columns
    let nonlinearInObjectives = Collections.BitArray columns

    do
        for r in 0 .. firstStage - 1 do
            let use' =
                if r < rows then
                    { Constraint = r
                      Objective = NlUse.Nobody }
                else
                    { Constraint = NlUse.Nobody
                      Objective = r - rows }

            for e in entries.Start r .. entries.End r - 1 do
                if entries.IsNonlinear e then
                    let column = entries.Column e

                    if isStage column then addUse (column - declared) use'
                    elif r < rows then nonlinearInConstraints[column] <- true
                    else nonlinearInObjectives[column] <- true

        for k in stages - 1 .. -1 .. 0 do
            let stage = source.StageOrder[k]
            let use' = uses[stage]
            let r = firstStage + stage

            for e in entries.Start r .. entries.End r - 1 do
                let column = entries.Column e

                if isStage column then
                    addUse (column - declared) use'
                else
                    if use'.Constraint <> NlUse.Nobody then
                        nonlinearInConstraints[column] <- true

                    if use'.Objective <> NlUse.Nobody then
                        nonlinearInObjectives[column] <- true

    let isNonlinearRow r = addendCounts[r] > 0

    let rowOrder =
        [| for r in 0 .. rows - 1 do
               if isNonlinearRow r then
                   r
           for r in 0 .. rows - 1 do
               if not (isNonlinearRow r) then
                   r |]

    let rowNumber: int[] = Array.zeroCreate rows
    do rowOrder |> Array.iteri (fun k r -> rowNumber[r] <- k)

    /// 0 continuous, 1 integer, 2 binary, by column
    let kinds: byte[] = Array.zeroCreate columns

    do
        for v in source.Model.Variables do
            if v.IsBinary || v.IsInteger then
                Array.Fill(kinds, (if v.IsBinary then 2uy else 1uy), v.Offset, v.Domain.Count)

    /// Columns of the variables in the order of the file, and where each part of the order begins.
    let variableOrder: int[] = Array.zeroCreate variables
    let groupCounts: int[] = Array.zeroCreate 9

    do
        // both, constraints only, objectives only: continuous before discrete; linear: continuous, binary, integer.
        let group column =
            let inConstraints, inObjectives = nonlinearInConstraints[column], nonlinearInObjectives[column]
            let discrete = if kinds[column] > 0uy then 1 else 0

            if inConstraints && inObjectives then discrete
            elif inConstraints then 2 + discrete
            elif inObjectives then 4 + discrete
            else
                match kinds[column] with
                | 0uy -> 6
                | 2uy -> 7
                | _ -> 8

        let each action =
            for column in 0 .. declared - 1 do
                action column

            for k in 0 .. source.Auxiliaries.Length - 1 do
                action (auxiliaryColumn k)

        each (fun column -> groupCounts[group column] <- groupCounts[group column] + 1)
        let next = Array.scan (+) 0 groupCounts

        each (fun column ->
            let g = group column
            variableOrder[next[g]] <- column
            next[g] <- next[g] + 1)

    /// Number in the file of each column: variables, then common expressions; −1 for stage values that nothing uses.
    let numbers: int[] = Array.create columns -1
    do variableOrder |> Array.iteri (fun k column -> numbers[column] <- k)

    let stagesWhere holds =
        source.StageOrder |> Array.filter (fun stage -> holds uses[stage] && not isInlined[stage])

    /// Used in constraints and objectives; in several constraints; in several objectives
    let sharedStages =
        [| stagesWhere (fun u -> u.Constraint <> NlUse.Nobody && u.Objective <> NlUse.Nobody)
           stagesWhere (fun u -> u.Constraint = NlUse.Many && u.Objective = NlUse.Nobody)
           stagesWhere (fun u -> u.Constraint = NlUse.Nobody && u.Objective = NlUse.Many) |]

    // Sorted stably: what a common expression reads stays before it.

    /// Used in one constraint, in the order of the constraints
    let constraintStages =
        stagesWhere (fun u -> u.Constraint >= 0 && u.Objective = NlUse.Nobody)
        |> List.ofArray
        |> List.sortBy (fun stage -> rowNumber[uses[stage].Constraint])
        |> Array.ofList

    let objectiveStages =
        stagesWhere (fun u -> u.Constraint = NlUse.Nobody && u.Objective >= 0)
        |> List.ofArray
        |> List.sortBy (fun stage -> uses[stage].Objective)
        |> Array.ofList

    do
        let mutable number = variables

        for list in Array.append sharedStages [| constraintStages; objectiveStages |] do
            for stage in list do
                numbers[declared + stage] <- number
                number <- number + 1

    /// Constraints in the order of the file, then objectives: all variables of each, with the coefficients of the linear
    /// parts.
    let merged = NlMergedRows(rows + objectives)

    do
        let seenAt: int[] = Array.create stages -1
        let waiting = Stack<int>()

        for k in 0 .. rows + objectives - 1 do
            let r = if k < rows then rowOrder[k] else k

            let add r isDirect =
                for e in entries.Start r .. entries.End r - 1 do
                    let column = entries.Column e

                    if not (isStage column) then
                        if isDirect then
                            merged.Add(numbers[column], entries.Coefficient e, entries.IsNonlinear e)
                        else
                            merged.Add(numbers[column], 0.0, true)
                    elif seenAt[column - declared] <> k then
                        seenAt[column - declared] <- k
                        waiting.Push(column - declared)

            add r true

            while waiting.Count > 0 do
                add (firstStage + waiting.Pop()) false

            merged.EndRow()

    member _.Source = source
    member _.VariableCount = variables
    member _.RowCount = rows
    member _.ObjectiveCount = objectives
    /// Rows of the model in the order of the file
    member _.RowOrder = rowOrder
    /// Columns of the variables in the order of the file
    member _.VariableOrder = variableOrder
    /// Number in the file by column
    member _.Numbers = numbers
    member _.NonlinearRows = rowOrder |> Seq.filter isNonlinearRow |> Seq.length
    member _.NonlinearObjectives =
        Seq.init objectives (fun k -> isNonlinearRow (rows + k)) |> Seq.filter id |> Seq.length
    /// Sizes of the parts of the variable order: nonlinear in both (continuous, discrete), in constraints only, in
    /// objectives only; linear continuous, binary, integer
    member _.GroupCounts = groupCounts
    member _.IsNonlinearRow(row: int) = isNonlinearRow row
    member _.Merged = merged
    member _.SharedStages = sharedStages
    member _.ConstraintStages = constraintStages
    member _.ObjectiveStages = objectiveStages
    /// The one constraint (a row of the model) or objective that uses a stage value
    member _.UserOf(stage: int) = uses[stage]
    member _.StageRow(stage: int) = firstStage + stage
    member _.ObjectiveRow(k: int) = rows + k
    /// What the terms of a row sum to without variables, sides apart
    member _.Constant(row: int) = constants[row]
    member _.AddendCount(row: int) = addendCounts[row]
    member _.Entries = entries

    /// The template and instance of a stage value that is written in the place of its one use; null for others.
    member _.Inlined(column: int) : struct ((NlTemplate | null) * int) =
        if isStage column && isInlined[column - declared] then
            let struct (t, _) = templates[linkTemplate[column - declared]]
            struct (t, linkInstance[column - declared])
        else
            struct (null, 0)

    /// Calls back with the instances of a row that have a nonlinear part.
    member _.EachInstance(row: int, action: NlTemplate -> unit) =
        for k in instanceStarts[row] .. instanceStarts[row + 1] - 1 do
            let struct (t, _) = templates[instanceTemplate[k]]
            t.Load instanceNumber[k]
            action t
