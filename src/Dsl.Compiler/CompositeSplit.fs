namespace Optc.Compiler

open System
open Optc.Parser
open Optc.Runtime.Solvers.BlockCoordinate
open Optc.Runtime.Solvers.CoordinateDescent

/// A model as coordinate descent takes it.
type CompositeModel =
    {
        Problem: CompositeProblem
        /// Groups of coordinates with penalties of their Euclidean norms; without them the problem is as it stands
        Groups: PenaltyGroup list
        /// The declared variables' current values, fixed ones at theirs
        Start: float[]
        /// -1 for a maximised objective, whose negative the problem is
        Sense: float
        Objective: ObjectiveEntity * int
        /// Lines for people: the parts that were found
        Description: string list
    }

/// Splits an objective into a loss of linear forms, a separable penalty and bounds. The terms are run over their indexings once,
/// straight from the parameters' tables into the matrix: nothing is unrolled as an expression. Whatever does not fit is refused at
/// the term that stands in the way.
[<Sealed>]
type internal CompositeSplit(model: Model, evaluator: Evaluator, memory: CompositeMemory) =
    let analysis = Analysis model
    let count = model.LayoutVariables()
    // Bounds and fixed values
    let limits = SeparablePenalty count
    let terms = CompositeTerms(model, evaluator, analysis, limits)

    let bounds (penalty: SeparablePenalty) =
        for v in model.Variables do
            if v.IsInteger || v.IsBinary then
                Errors.failWithHint "unsupported" v.Span $"variable {v.Name} is integer, and cd has no integer support" "leave out `integer`"

            let lower, upper, value = v.Lower, v.Upper, v.Value

            for k in 0 .. v.Domain.Count - 1 do
                let j = v.Offset + k

                if v.IsFixed.Length > 0 && v.IsFixed[k] then
                    penalty.Lower[j] <- value[k]
                    penalty.Upper[j] <- value[k]
                else
                    if lower[k] > upper[k] then
                        Errors.fail "bounds-cross" v.Span $"{v.QuotedName k} has no feasible value: its bounds are {lower[k]} and {upper[k]}"

                    if lower[k] > -infinity then
                        penalty.Lower[j] <- lower[k]

                    if upper[k] < infinity then
                        penalty.Upper[j] <- upper[k]

    let several what k = if k = 1 then $"1 {what}" else $"{k} {what}s"

    let describeRows (matrix: DesignMatrix) (lossName: string) =
        let kind = match matrix with :? DenseColumns -> "dense" | _ -> "sparse"
        let forms = several "linear form" terms.Rows.Count
        let variables = several "variable" count

        [ $"smooth part: {lossName} of {forms} in {variables}"
          $"matrix: {terms.Rows.Entries} entries, {kind} by column" ]

    let describePenalty (penalty: SeparablePenalty) =
        let number predicate = Seq.init count id |> Seq.filter predicate |> Seq.length

        let parts =
            [ number (fun j -> penalty.L1[j] > 0.0), "abs on"
              number (fun j -> penalty.L2[j] > 0.0), "squares on"
              number (fun j -> penalty.LinearOf j <> 0.0), "linear on"
              number (fun j -> penalty.LowerOf j > -infinity || penalty.UpperOf j < infinity), "bounds on"
              terms.Groups.Count, "norms of groups"
              number (fun j -> penalty.IsFree j && not (terms.IsGrouped j)), "nothing on" ]
            |> List.filter (fun (k, _) -> k > 0)
            |> List.map (fun (k, what) -> $"{what} {k}")

        let listed = String.Join(", ", parts)
        $"separable part: {listed}"

    let reads (scope: Scope) (e: Expr) : Entity list =
        let found = ResizeArray<Entity>()

        let visit name _ _ =
            match model.TryFind name with
            | Some entity -> found.Add entity
            | None -> ()

        Syntax.iterNames (fun _ -> false) (fun name -> (scope.TryFind name).IsSome) visit (fun _ _ _ -> ()) (Set.ofSeq scope.Names) e
        List.ofSeq found

    /// Adds what a part gave to a sum of parts.
    let addTo (sum: SeparablePenalty) (part: SeparablePenalty) =
        for j in 0 .. count - 1 do
            sum.L1[j] <- sum.L1[j] + part.L1[j]
            sum.L2[j] <- sum.L2[j] + part.L2[j]
            sum.Linear[j] <- sum.Linear[j] + part.Linear[j]

    let layout = [| for v in model.Variables -> v.Offset |]

    let subscripts (objective: ObjectiveEntity) position : Member[] =
        let members: Member[] = Array.zeroCreate objective.Arity

        if objective.Arity > 0 then
            objective.Domain.CopyTo(position, members, 0)

        members

    /// Runs the parts that are chosen; calls back with a part's place when it has run.
    let run (objective: ObjectiveEntity) position (parts: (float * Expr)[]) (chosen: int -> bool) (finished: int -> unit) =
        let frame = Scope.NewFrame()
        (subscripts objective position).CopyTo(frame, 0)

        parts
        |> Array.iteri (fun k (sign, e) ->
            if chosen k then
                terms.Run(objective.Scope, e, frame, sign)
                finished k)

    let isUnchanged (kept: KeptRows) (objective: ObjectiveEntity) position =
        let known, members = kept.Origin

        kept.Kept.Penalty.L1.Length = count
        && kept.Layout = layout
        && obj.ReferenceEquals(known, objective)
        && members = subscripts objective position
        && kept.Reads |> Array.forall (fun entity -> entity.Stamp <= kept.Stamp)

    /// Runs all parts; whether what gave rows can be kept.
    let buildAnew (objective: ObjectiveEntity) position (parts: (float * Expr)[]) : KeptRows * bool =
        let still = SeparablePenalty count
        let total = SeparablePenalty count
        let mutable before = 0
        let mutable rowParts = Set.empty
        let mutable stillConstant = 0.0
        let mutable hasNorms = false
        let mutable moving = 0.0

        run objective position parts (fun _ -> true) (fun k ->
            if terms.Rows.Count > before then
                rowParts <- rowParts.Add k
                addTo still terms.Penalty
                hasNorms <- hasNorms || terms.HasNorm
                stillConstant <- stillConstant + terms.Constant
            else
                addTo total terms.Penalty
                moving <- moving + terms.Constant

            before <- terms.Rows.Count)

        addTo total still
        bounds total

        let rows, loss = terms.Rows, terms.Loss
        let matrix = rows.Matrix()

        { Origin = objective, subscripts objective position
          Layout = layout
          RowParts = rowParts
          Reads = [| for k in rowParts do yield! reads objective.Scope (snd parts[k]) |]
          Stamp = model.Stamp
          Fixed = still
          FixedConstant = stillConstant
          RowsText = describeRows matrix loss.Name
          Kept =
            CompositeProblem(
                Matrix = matrix,
                Loss = loss,
                Labels = rows.Labels,
                Weights = rows.Weights,
                Offset = (match rows.Offsets with Some offsets -> offsets | None -> null),
                Penalty = total,
                Constant = stillConstant + moving
            ) },
        not hasNorms

    /// Runs the parts that gave no rows; false when one gives rows now.
    let refresh (kept: KeptRows) (objective: ObjectiveEntity) position (parts: (float * Expr)[]) : bool =
        let total = kept.Kept.Penalty
        total.Clear()
        let mutable moving = kept.FixedConstant
        addTo total kept.Fixed

        run objective position parts (fun k -> not (kept.RowParts.Contains k)) (fun _ ->
            addTo total terms.Penalty
            moving <- moving + terms.Constant)

        bounds total
        kept.Kept.Constant <- moving
        terms.Rows.Count = 0

    new(model, evaluator) = CompositeSplit(model, evaluator, CompositeMemory())

    /// Raises ModelError where the model does not fit. Constraints are refused unless somebody else keeps them.
    member _.Build(allowsRows: bool) : CompositeModel =
        for entity in model.Entities do
            match entity with
            | :? LowerEntity -> Errors.failWithHint "composite" entity.Span $"cd cannot take lower problem {entity.Name}" CompositeRefusal.remedy
            | :? ConstraintEntity as c when
                not allowsRows && CompositeRefusal.isLive c
                ->
                Errors.failWithHint
                    "composite"
                    c.Span
                    $"cd cannot take constraint {c.Name}: it keeps linear constraints only where the objective is a loss of linear forms with penalties"
                    "write a bound in the variable's declaration (var b >= 0), or leave cd: --solver auglag, or --solver admm for convex quadratic models"
            | _ -> ()

        match model.CurrentObjective with
        | None -> Errors.failWithHint "composite" Span.None "cd needs an objective" "write minimize name: expression;"
        | Some(objective, position) ->
            let sense = if objective.Sense = Maximize then -1.0 else 1.0

            let parts =
                match objective.Body with
                | Some body -> Array.ofList (CompositePatterns.addends analysis sense body)
                | None -> [||]

            bounds limits

            let found (kept: KeptRows) =
                { Problem = kept.Kept
                  Groups = List.ofSeq terms.Groups
                  Start = [| for v in model.Variables do yield! v.Value |]
                  Sense = sense
                  Objective = objective, position
                  Description = kept.RowsText @ [ describePenalty kept.Kept.Penalty ] }

            match memory.Rows with
            | ValueSome kept when isUnchanged kept objective position && refresh kept objective position parts -> found kept
            | ValueSome _ ->
                // What the refresh has run is in the way of a new build.
                memory.Forget()
                CompositeSplit(model, evaluator, memory).Build allowsRows
            | ValueNone ->
                memory.Forget()
                let kept, canStay = buildAnew objective position parts

                if canStay then
                    memory.Rows <- ValueSome kept

                found kept
