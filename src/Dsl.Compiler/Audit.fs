namespace Optc.Compiler

open System
open System.Collections.Generic
open Optc.Parser
open Optc.Runtime.Solution

/// An independent evaluation of the model as written at the current point: the truth about an answer.
module Audit =
    /// Interpreter steps that take a few seconds at most
    let defaultLimit = 10_000_000

    /// Relative violations from here on are listed.
    let violationTolerance = 1e-6

    /// lower ≤ body ≤ upper; the body is run with a weight.
    type private Row =
        { Lower: Frame -> float
          Upper: Frame -> float
          Body: Frame -> float -> float
          /// The part of the body without variables: it belongs to the sides when these say what is large
          Offset: Frame -> float
          /// One multiplier belongs to it: its sides hold no variables
          IsOrdinary: bool }

    /// None for complementarity conditions.
    let private row (interpreter: AuditInterpreter) (evaluator: Evaluator) (c: ConstraintEntity) : Row option =
        let run e = interpreter.Accumulate(c.Scope, e)
        let data e = evaluator.Number(c.Scope, e)
        let unbounded value : Frame -> float = fun _ -> value
        let offset e = interpreter.Offset(c.Scope, e) |> Option.defaultValue (unbounded 0.0)

        let relation (body: Frame -> float -> float) offset (side: Frame -> float) op =
            let lower, upper =
                match op with
                | LessOrEqual
                | LessThan -> unbounded -infinity, side
                | GreaterOrEqual
                | GreaterThan -> side, unbounded infinity
                | _ -> side, side

            Some
                { Lower = lower
                  Upper = upper
                  Body = body
                  Offset = offset
                  IsOrdinary = true }

        let mirrored op =
            match op with
            | LessOrEqual -> GreaterOrEqual
            | LessThan -> GreaterThan
            | GreaterOrEqual -> LessOrEqual
            | GreaterThan -> LessThan
            | other -> other

        match c.Body with
        | Relation(a, op, b) when not (interpreter.Holds b) -> relation (run a) (offset a) (data b) op
        | Relation(a, op, b) when not (interpreter.Holds a) -> relation (run b) (offset b) (data a) (mirrored op)
        | Relation(a, op, b) ->
            let left, right = offset a, offset b
            let a = run a
            let b = run b

            relation (fun frame seed -> a frame seed - b frame -seed) (fun frame -> left frame - right frame) (unbounded 0.0) op
        | DoubleRelation(a, op, e, _, b) ->
            let value e =
                let run = run e
                fun frame -> run frame 0.0

            let isUpward = (op = LessOrEqual || op = LessThan)

            Some
                { Lower = value (if isUpward then a else b)
                  Upper = value (if isUpward then b else a)
                  Body = run e
                  Offset = offset e
                  IsOrdinary = not (interpreter.Holds a || interpreter.Holds b) }
        | Complements _ -> None

    let private isSet (flags: bool[]) k = flags.Length > 0 && flags[k]

    /// Distance to [lower, upper], absolute and relative to max(1, |side − offset|), so that `x - 1000 <= 0` is judged as
    /// `x <= 1000`; infinite where a value is not finite.
    let private violation value offset lower upper : struct (float * float) =
        if not (Double.IsFinite value) then
            struct (infinity, infinity)
        elif value < lower then
            struct (lower - value, (lower - value) / max 1.0 (abs (lower - offset)))
        elif value > upper then
            struct (value - upper, (value - upper) / max 1.0 (abs (upper - offset)))
        else
            struct (0.0, 0.0)

    /// |multiplier| · distance to its side; the multiplier alone where there is no such side.
    let private gap multiplier value lower upper =
        if multiplier = 0.0 || lower = upper then
            0.0
        else
            let side = if multiplier > 0.0 then lower else upper
            if Double.IsInfinity side then abs multiplier else abs (multiplier * (value - side))

    /// Some of [0, count), ascending, by a seeded draw.
    let private sample (random: Random) count wanted : int[] =
        if wanted >= count then
            Array.init count id
        else
            let chosen = SortedSet<int>()

            while chosen.Count < wanted do
                chosen.Add(random.Next count) |> ignore

            Array.ofSeq chosen

    /// What is measured of one family.
    [<Sealed>]
    type private Family(entity: Entity) =
        let positions = ResizeArray<int>()
        let mutable largest = 0.0
        let mutable worst = -1

        member _.Largest = largest

        member _.Add(position: int, absolute: float, relative: float) =
            if relative > violationTolerance then
                positions.Add position

                if worst < 0 || absolute > largest then
                    largest <- absolute
                    worst <- position

        member _.Violation: Violation option =
            if positions.Count = 0 then
                None
            else
                Some(Violation(AuditRanges.describe entity positions 4, positions.Count, largest, entity.PlainName worst))

    /// Audits the point in `VarEntity.Value` with the multipliers in `ConstraintEntity.Dual` and `VarEntity.ReducedCost`
    /// (in the user's sense; none means 0). `limit` is a number of interpreter steps, about one for each operation: beyond
    /// it a seeded sample of every family is looked at, and stationarity not at all. In the residuals, +∞ says that
    /// something is not finite at the point, NaN that it was not checked; the notes say why. Raises ModelError where the
    /// data have an error.
    let run (model: Model) (evaluator: Evaluator) (limit: int) (seed: int) : AuditReport =
        let interpreter = AuditInterpreter(model, evaluator)
        let lagrangian = AuditLagrangian interpreter
        let tape = interpreter.Tape
        let random = Random seed
        let notes = ResizeArray<string>()
        let families = ResizeArray<Family>()
        let frame = Scope.NewFrame()
        let mutable stationarityOff: string option = None
        let mutable feasibility = 0.0
        let mutable complementarity = 0.0
        let mutable multipliers = 0.0

        let measure (family: Family) position value offset lower upper =
            let struct (absolute, relative) = violation value offset lower upper
            feasibility <- max feasibility relative
            family.Add(position, absolute, relative)

        // The objective, internally minimised: its value and gradient.
        let mutable objective = 0.0
        let mutable sign = 1.0

        match model.CurrentObjective with
        | Some(entity, position) ->
            sign <- if entity.Sense = Maximize then -1.0 else 1.0

            match entity.Body with
            | Some body ->
                interpreter.Enter(entity, position)

                if entity.Arity > 0 then
                    entity.Domain.CopyTo(position, frame, 0)

                objective <- interpreter.Accumulate (entity.Scope, body) frame sign
            | None -> ()
        | None -> ()

        lagrangian.Finish()

        let objectiveSteps = tape.Steps
        let objectiveGradient = lagrangian.Gradient |> Array.fold (fun largest g -> max largest (abs g)) 0.0

        // The constraints: their cost is estimated before all are run.
        let conditions = ResizeArray<struct (ConstraintEntity * AuditSide * AuditSide)>()
        let hasFollowers = model.OfType<LowerEntity>() |> Seq.isEmpty |> not
        // Multipliers of the followers belong to objectives of their own.
        let isFollowers = if hasFollowers then Followers(model, evaluator).OwnerOf |> Array.map (fun owner -> owner >= 0) else [||]
        let mutable lowerFeasibility = 0.0

        let rows =
            [| for c in model.Constraints do
                   match row interpreter evaluator c with
                   | Some row -> struct (c, row)
                   | None ->
                       match c.Body with
                       | Complements(a, b) ->
                           let struct (left, right) = AuditComplementarity.sides model interpreter evaluator c a b
                           conditions.Add(struct (c, left, right))
                       | _ -> () |]

        let at (c: ConstraintEntity) position =
            interpreter.Enter(c, position)

            if c.Arity > 0 then
                c.Domain.CopyTo(position, frame, 0)

        let costs =
            Seq.append
                (rows |> Seq.map (fun (struct (c, row)) -> struct (c, row.Body)))
                (conditions |> Seq.map (fun (struct (c, left, right)) -> struct (c, fun frame seed -> left.Body frame seed + right.Body frame seed)))
            |> Array.ofSeq
            |> Array.map (fun (struct (c: ConstraintEntity, body: Frame -> float -> float)) ->
                let count = c.Domain.Count

                if count = 0 then
                    0.0
                else
                    let before = tape.Steps

                    let tried =
                        sample random count 4
                        |> Array.filter (fun position -> not (isSet c.Dropped position))

                    for position in tried do
                        at c position
                        body frame 0.0 |> ignore

                    4.0 + float (tape.Steps - before) / float (max 1 tried.Length))

        let total =
            Seq.append (rows |> Seq.map (fun (struct (c, _)) -> c)) (conditions |> Seq.map (fun (struct (c, _, _)) -> c))
            |> Seq.map2 (fun cost (c: ConstraintEntity) -> float c.Domain.Count * cost) costs
            |> Seq.sum

        let isComplete = total + float objectiveSteps <= float limit

        let mutable seen = 0
        let mutable live = 0

        /// Instances of the k-th family that are looked at
        let lookedAt k count =
            if isComplete then
                sample random count count
            else
                // Every family gets the same share of the budget, at least a few instances.
                let share = float limit / float costs.Length / max 1.0 costs[k]
                sample random count (max 20 (int (min 1e9 share)))

        rows
        |> Array.iteri (fun k (struct (c, row)) ->
            let count = c.Domain.Count
            let family = Family c
            families.Add family
            let positions = lookedAt k count

            if not row.IsOrdinary then
                stationarityOff <- Some $"constraint {c.Name} has variables on both outer sides"

            for position in 0 .. count - 1 do
                if not (isSet c.Dropped position) then
                    live <- live + 1

            for position in positions do
                if not (isSet c.Dropped position) then
                    at c position
                    seen <- seen + 1
                    let y = if c.Dual.Length = 0 || c.Lower <> "" then 0.0 else sign * c.Dual[position]
                    multipliers <- multipliers + abs y
                    let value = row.Body frame (if isComplete && row.IsOrdinary then -y else 0.0)
                    let lower = row.Lower frame
                    let upper = row.Upper frame
                    measure family position value (row.Offset frame) lower upper

                    if c.Lower <> "" then
                        let struct (_, relative) = violation value (row.Offset frame) lower upper
                        lowerFeasibility <- max lowerFeasibility relative

                    complementarity <- max complementarity (gap y value lower upper))

        // The complementarity conditions: each side, then the two together. A variable that is a side may have a multiplier
        // of any sign where the condition holds it.
        let mutable worstCondition = 0.0
        let sideDistance = Dictionary<int, float>()

        conditions
        |> Seq.iteri (fun k (struct (c, left, right)) ->
            let count = c.Domain.Count
            let family = Family c
            families.Add family

            for position in 0 .. count - 1 do
                if not (isSet c.Dropped position) then
                    live <- live + 1

            for position in lookedAt (rows.Length + k) count do
                if not (isSet c.Dropped position) then
                    at c position
                    seen <- seen + 1

                    let take (side: AuditSide) (duals: float[]) =
                        let y = if duals.Length = 0 then 0.0 else sign * duals[position]
                        multipliers <- multipliers + abs y
                        let value = side.Body frame (if isComplete then -y else 0.0)
                        let lower, upper = side.Lower frame, side.Upper frame
                        measure family position value (side.Offset frame) lower upper
                        struct (y, value, lower, upper)

                    let struct (leftDual, a, la, ua) = take left c.Dual
                    let struct (rightDual, b, lb, ub) = take right c.RightDual
                    // Of an equation the only multiplier is its own, on whichever side it stands.
                    let leftDual, rightDual = if lb = ub then 0.0, leftDual else leftDual, rightDual
                    let condition = AuditComplementarity.measure a la ua b lb ub

                    let scale =
                        [ la; ua; lb; ub ]
                        |> List.fold (fun scale side -> if Double.IsInfinity side then scale else max scale (abs side)) 1.0

                    worstCondition <- max worstCondition (condition.Residual / scale)
                    family.Add(position, condition.Residual, condition.Residual / scale)

                    let held (side: AuditSide) dual distance =
                        if dual <> 0.0 then
                            complementarity <- max complementarity (abs dual * min 1e20 distance)

                        let column = side.Column frame

                        if column >= 0 then
                            let known =
                                match sideDistance.TryGetValue column with
                                | true, known -> known
                                | _ -> infinity

                            sideDistance[column] <- min known distance

                    held left leftDual condition.LeftDistance
                    held right rightDual condition.RightDistance)

        feasibility <- max feasibility worstCondition

        // Bounds and their multipliers.
        let residual = lagrangian.Gradient
        let isFree: bool[] = Array.zeroCreate interpreter.VariableCount
        let mutable free = 0
        let mutable fixedCount = 0

        for v in model.Variables do
            let lower, upper, value = v.Lower, v.Upper, v.Value
            let family = Family v
            families.Add family

            for k in 0 .. v.Domain.Count - 1 do
                if isSet v.IsFixed k then
                    fixedCount <- fixedCount + 1
                else
                    let isFollower = hasFollowers && isFollowers[v.Offset + k]
                    let z = if v.ReducedCost.Length = 0 || isFollower then 0.0 else sign * v.ReducedCost[k]

                    if isFollower then
                        let struct (_, relative) = violation value[k] 0.0 lower[k] upper[k]
                        lowerFeasibility <- max lowerFeasibility relative

                    isFree[v.Offset + k] <- true
                    free <- free + 1
                    multipliers <- multipliers + abs z
                    measure family k value[k] 0.0 lower[k] upper[k]

                    let ordinary = gap z value[k] lower[k] upper[k]

                    let gap =
                        match sideDistance.TryGetValue(v.Offset + k) with
                        | true, distance when z <> 0.0 -> min ordinary (abs z * distance)
                        | _ -> ordinary

                    complementarity <- max complementarity gap
                    residual[v.Offset + k] <- residual[v.Offset + k] - z

        lagrangian.Finish()

        // What was not looked at.
        if not isComplete then
            stationarityOff <- Some $"the model is larger than the audit's limit of {limit} steps"
            notes.Add $"{seen} of {live} constraints were looked at, drawn from every family"

        if hasFollowers then
            stationarityOff <- Some "the model has lower-level problems"

        let stationarity =
            match stationarityOff with
            | Some reason ->
                notes.Add $"stationarity was not checked: {reason}"
                nan
            | None ->
                let mean = multipliers / (100.0 * float (max 1 (seen + free)))
                let scale = max 1.0 (max objectiveGradient mean)

                let choices =
                    lagrangian.Choices.ToArray()
                    |> Array.map (fun choice ->
                        { Vectors =
                            choice.Vectors
                            |> Array.map (Array.filter (fun (struct (column, _)) -> isFree[column] && not lagrangian.Excluded[column])) })

                let undecided = AuditKinks.settle residual choices (1e-10 * scale)
                let mutable largest = 0.0
                let mutable leftOut = 0

                for j in 0 .. residual.Length - 1 do
                    if isFree[j] then
                        if lagrangian.Excluded[j] || undecided.Contains j then
                            leftOut <- leftOut + 1
                        elif Double.IsFinite residual[j] then
                            largest <- max largest (abs residual[j])
                        else
                            largest <- infinity

                if leftOut > 0 then
                    notes.Add $"stationarity leaves out {leftOut} of {free} variables: nonsmooth terms at a kink make their derivatives sets that were not resolved"

                largest / scale

        for kind in [ FailureKind.Value; FailureKind.FirstDerivative ] do
            match interpreter.Failure kind with
            | Some failure ->
                let struct (entity, position) = failure.Owner
                let what = if kind = FailureKind.Value then "value" else "derivative"
                notes.Add $"{entity.Kind} {entity.PlainName position} has no finite {what} at this point"
            | None -> ()

        let violations =
            families
            |> Seq.choose _.Violation
            |> Seq.sortByDescending _.Largest
            |> Array.ofSeq

        AuditReport(
            Residuals = Residuals(stationarity, feasibility, complementarity / max 1.0 (abs objective)),
            Objective = objective,
            IsComplete = (isComplete && stationarityOff.IsNone),
            CheckedConstraints = seen,
            LowerFeasibility = (if hasFollowers then lowerFeasibility else nan),
            Conditions = (if conditions.Count > 0 then worstCondition else nan),
            Violations = violations,
            Notes = notes.ToArray()
        )
