namespace Optc.Compiler

open System
open System.Collections.Generic
open Optc.Runtime.Templates

/// What the proof of convexity needs of a compiled problem.
type ConvexityInput =
    {
        Templates: Template[]
        Descriptions: Templates.Description[]
        /// Every stage instance once, in an order in which stage values can be computed
        Schedule: StageRun[]
        StageCount: int
        /// Bounds of the declared variables and auxiliaries; both are the value of a fixed one.
        Lower: float[]
        Upper: float[]
        RowLower: float[]
        RowUpper: float[]
        /// -1 for a maximised objective
        ObjectiveSign: int
        /// Declared variables that count as constants of any value in their bounds
        Parameters: bool[] option
    }

/// Convexity of a problem: an objective that is a sum of convex terms, in each row with an upper side convex terms, with
/// a lower side concave ones. Terms with constant second derivatives of which this is not known one by one are judged by
/// the matrix of their sum. A refusal says nothing; what is claimed is proved, but for rounding.
[<Sealed>]
type ConvexityProof(input: ConvexityInput) =
    /// Instances that may be looked at in search of ranges.
    static let scanLimit = 10_000_000L
    /// Levels of stage values beyond which they are not followed.
    static let levelLimit = 1000
    /// Rows, and entries of their matrices, that are judged by matrices.
    static let rowLimit = 10_000
    static let entryLimit = 4_000_000L

    let declared = input.Lower.Length
    let stages: Facts[] = Array.create input.StageCount (CurvatureAnalysis.plain Constant (struct (0.0, 0.0)))
    let mutable scanned = 0L

    /// Whether there are instances left to look at; looking is counted.
    let mayScan count =
        scanned <- scanned + int64 count
        scanned <= scanLimit

    let isParameter position =
        match input.Parameters with
        | Some parameters -> position < declared && parameters[position]
        | None -> false

    let isFixed position =
        position < declared && (input.Lower[position] = input.Upper[position] || isParameter position)

    /// Slots that are not differentiated, but for those of parameters, which are constants of the proof.
    let isDetached (t: Template) (d: Templates.Description) k =
        d.IsDetached[k]
        && not (input.Parameters.IsSome && Seq.forall (fun (i: int) -> isParameter (t.Slots[k][i])) (seq { 0 .. t.InstanceCount - 1 }))

    let position (p: int) : Facts =
        if p >= declared then
            stages[p - declared]
        else
            CurvatureAnalysis.plain (if isFixed p then Constant else Affine) (struct (input.Lower[p], input.Upper[p]))

    let slot (column: IndexColumn) first last : Facts =
        let count = if column.IsAffine && column.Step = 0 then 1 else last - first

        if mayScan count then
            let mutable all = position column[first]

            for i in first + 1 .. first + count - 1 do
                let p = column[i]

                if p >= declared then
                    all <- CurvatureAnalysis.either all stages[p - declared]
                else
                    let struct (lo, hi) = all.Range
                    let isConstant = all.Curvature = Constant && isFixed p

                    all <-
                        { all with
                            Curvature = (if isConstant then Constant else CurvatureAnalysis.join all.Curvature Affine)
                            Range = struct (min lo input.Lower[p], max hi input.Upper[p])
                            IsSumOfSquares = all.IsSumOfSquares && isConstant && input.Lower[p] >= 0.0
                            IsLogConvex = all.IsLogConvex && isConstant && input.Lower[p] >= 0.0 }

            all
        elif input.StageCount = 0 then
            CurvatureAnalysis.plain Affine CurvatureAnalysis.everywhere
        else
            CurvatureAnalysis.unknown

    let datum (data: float[]) (column: IndexColumn) first last : Interval =
        let count = if column.Step = 0 then 1 else last - first

        if mayScan count then
            let mutable lo = infinity
            let mutable hi = -infinity

            for i in first .. first + count - 1 do
                let v = data[column[i]]
                // NaN is kept, and is no range.
                lo <- Math.Min(lo, v)
                hi <- Math.Max(hi, v)

            if lo <= hi then struct (lo, hi) else CurvatureAnalysis.everywhere
        else
            CurvatureAnalysis.everywhere

    /// A slot that is not differentiated may be any constant without changing the value of the whole.
    let slots (t: Template) (d: Templates.Description) first last =
        Array.init t.Slots.Length (fun k ->
            if isDetached t d k then
                CurvatureAnalysis.plain Constant CurvatureAnalysis.everywhere
            else
                slot t.Slots[k] first last)

    let analyse number first last : Facts =
        let t, d = input.Templates[number], input.Descriptions[number]
        let slots = slots t d first last
        let data = t.DataColumns |> Array.map (fun column -> datum t.Data column first last)
        let facts = CurvatureAnalysis.analyse d.Graph slots data
        let root = facts[d.Root]

        let mayDifferentiate =
            not t.HasKinks && not (Seq.exists (isDetached t d) (seq { 0 .. t.Slots.Length - 1 })) && Array.forall CurvatureAnalysis.isAffine slots

        if root.Curvature = Unknown && mayDifferentiate then
            { root with
                Curvature = CurvatureAnalysis.bySecondDerivatives d.Graph d.Root d.Hessian facts slots.Length }
        else
            root

    let levels =
        lazy
            (for run in input.Schedule do
                 let t = input.Templates[run.Template]

                 if input.Schedule.Length <= levelLimit && mayScan (run.End - run.Start) then
                     let facts = analyse run.Template run.Start run.End

                     for i in run.Start .. run.End - 1 do
                         let row = t.Row[i]
                         stages[row] <- CurvatureAnalysis.sum stages[row] facts
                 else
                     Array.fill stages 0 stages.Length CurvatureAnalysis.unknown)

    let curvatures =
        lazy
            (levels.Force()

             input.Templates
             |> Array.mapi (fun number t ->
                 if t.InstanceCount = 0 then Constant
                 elif t.IsLinear && input.StageCount = 0 then Affine
                 else (analyse number 0 t.InstanceCount).Curvature))

    /// What the rows of a template want: convex, concave.
    let wanted (t: Template) row : struct (bool * bool) =
        match t.Target with
        | TemplateTarget.Objective -> struct (input.ObjectiveSign > 0, input.ObjectiveSign < 0)
        | TemplateTarget.Constraint -> struct (input.RowUpper[row] < infinity, input.RowLower[row] > -infinity)
        | _ -> struct (false, false)

    /// The objective is row -1.
    let rowOf (t: Template) i =
        if t.Target = TemplateTarget.Objective then -1 else t.Row[i]

    let isGood curvature (struct (convex, concave)) =
        match curvature with
        | Constant
        | Affine -> true
        | Convex -> not concave
        | Concave -> not convex
        | Unknown -> not convex && not concave

    /// Whether the template is a quadratic form of variables and of stage values that are affine in them. If the form is
    /// semidefinite in these, it is in the variables.
    let isQuadraticForm number =
        let t, d = input.Templates[number], input.Descriptions[number]

        t.IsQuadratic
        && not (Seq.exists (isDetached t d) (seq { 0 .. t.Slots.Length - 1 }))
        && slots t d 0 t.InstanceCount |> Array.forall CurvatureAnalysis.isAffine

    /// Adds the second derivatives of the instances in the given rows to the rows' forms.
    let collect number (forms: Dictionary<int, QuadraticForm>) =
        let t, d = input.Templates[number], input.Descriptions[number]
        let g = d.Graph
        let needed = g.Needed(d.Hessian |> Array.map (fun (_, _, node) -> node))
        let values: float[] = Array.zeroCreate g.Count
        let at id = if id < 0 then 0.0 else values[id]

        for i in 0 .. t.InstanceCount - 1 do
            match forms.TryGetValue(rowOf t i) with
            | true, form ->
                for id in 0 .. g.Count - 1 do
                    if needed[id] then
                        let n = g[id]

                        values[id] <-
                            match n.Kind with
                            | NodeKind.OperatorNode -> Operators.evaluate n.Op (at n.A) (at n.B) (at n.C)
                            | NodeKind.DatumNode -> t.Data[t.DataColumns[n.Index][i]]
                            | _ -> n.Value

                for first, second, node in d.Hessian do
                    let p, q = t.Slots[first][i], t.Slots[second][i]

                    if not (isFixed p || isFixed q) then
                        // Two slots that are one variable: the mixed derivative counts twice.
                        form.Add(p, q, (if p = q && first <> second then 2.0 * values[node] else values[node]))
            | _ -> ()

    /// The rows with terms that are not good by themselves; None when there is no hope for them.
    let openRows () : Dictionary<int, QuadraticForm> option =
        let forms = Dictionary<int, QuadraticForm>()

        let hopeless =
            input.Templates
            |> Seq.indexed
            |> Seq.exists (fun (number, t) ->
                let mutable found = false
                let curvature = curvatures.Value[number]

                if curvature <> Constant && curvature <> Affine then
                    for i in 0 .. t.InstanceCount - 1 do
                        let row = rowOf t i

                        if not (isGood curvature (wanted t row)) then
                            found <- true

                            if forms.Count <= rowLimit && not (forms.ContainsKey row) then
                                forms[row] <- QuadraticForm()

                found && not (isQuadraticForm number) || forms.Count > rowLimit)

        if hopeless then None else Some forms

    let prove () =
        match openRows () with
        | None -> false
        | Some forms when forms.Count = 0 -> true
        | Some forms ->
            let quadratic =
                [ for number in 0 .. input.Templates.Length - 1 do
                      let t = input.Templates[number]

                      if t.Target <> TemplateTarget.Stage && t.HessianPairs.Length > 0 && isQuadraticForm number then
                          number ]

            let entries =
                quadratic |> List.sumBy (fun k -> int64 input.Templates[k].InstanceCount * int64 input.Templates[k].HessianPairs.Length)

            if entries > entryLimit then
                false
            else
                for number in quadratic do
                    collect number forms

                forms
                |> Seq.forall (fun entry ->
                    let struct (convex, concave) =
                        if entry.Key < 0 then
                            struct (input.ObjectiveSign > 0, input.ObjectiveSign < 0)
                        else
                            struct (input.RowUpper[entry.Key] < infinity, input.RowLower[entry.Key] > -infinity)

                    (not convex || entry.Value.IsSemidefinite 1.0) && (not concave || entry.Value.IsSemidefinite -1.0))

    let isConvex = lazy (prove ())

    /// Curvature of each template in the variables, the same for all of its instances.
    member _.Curvatures = curvatures.Value

    /// Whether the problem is proved convex.
    member _.IsConvex = isConvex.Value
