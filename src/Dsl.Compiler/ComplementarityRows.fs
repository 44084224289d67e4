namespace Optc.Compiler

open System.Collections.Generic
open Optc.Parser
open Optc.Runtime.Problems
open Optc.Runtime.Templates

/// Lowers complementarity constraints: a row for every side that is not a variable which can stand for itself, and the list
/// of conditions between rows and variables.
[<Sealed>]
type internal ComplementarityRows
    (model: Model, evaluator: Evaluator, lowering: Lowering, owners: ResizeArray<ConstraintEntity | null>, positions: ResizeArray<int>) =
    let conditions = ResizeArray<ComplementarityCondition>()
    let conditionOwner = ResizeArray<ConstraintEntity>()
    let conditionPosition = ResizeArray<int>()
    let rowSide = Dictionary<int, int>()
    let tightened = Dictionary<int, struct (float * float)>()
    let uses = HashSet<string>()

    let sideOf = ComplementSides.sideOf lowering.Analysis
    let isEquation = ComplementSides.isEquation
    let number = ComplementSides.number evaluator
    let tables = ComplementSides.tables lowering
    let instances = ComplementSides.instances

    /// The place in the variable vector of the variable that an expression is; −1 where it cannot stand for itself: it is
    /// fixed, or its bounds are narrower than the side, or narrowed to others by another condition.
    let column (c: ConstraintEntity) (e: Expr) : Frame -> float -> float -> int =
        match ComplementSides.plainVariable model evaluator c e with
        | None -> fun _ _ _ -> -1
        | Some(v, place) ->
            fun frame lower upper ->
                let position = place frame
                let column = v.Offset + position

                let isFree =
                    match tightened.TryGetValue column with
                    | true, struct (lo, hi) -> lo = lower && hi = upper
                    | _ -> Relations.bound v.Lower[position] <= lower && Relations.bound v.Upper[position] >= upper

                if isFree && not (Relations.isSet v.IsFixed position) then column else -1

    let addRow (c: ConstraintEntity) position side (terms: Lazy<TermTable[]>) frame lower upper : float =
        if side > 0 then
            rowSide[owners.Count] <- side

        ComplementSides.addRow lowering owners positions c position terms frame lower upper

    /// A body with sides, as a variable or as a row; with what its values lack to those of the expression.
    let addBody (c: ConstraintEntity) position side column (terms: Lazy<TermTable[]>) frame lower upper : struct (ComplementarityBody * float) =
        if column >= 0 then
            tightened[column] <- struct (lower, upper)
            struct (ComplementarityBody(true, column), 0.0)
        else
            let row = owners.Count
            let constant = addRow c position side terms frame lower upper
            struct (ComplementarityBody(false, row), constant)

    /// lower ≤ bounded ≤ upper against an expression with one side or none.
    let addBounded (c: ConstraintEntity) (bounded: Relations.Row) (other: Relations.Row) (boundedSide: int) =
        let lower = number c bounded.Lower -infinity
        let upper = number c bounded.Upper infinity
        let boundedColumn = column c bounded.Body
        let boundedTerms = tables c bounded.Body
        // Where one relation says ≥ and the other ≤, the condition is on the other with its sign turned.
        let sign = if bounded.Direction <> 0 && bounded.Direction <> other.Direction then -1.0 else 1.0
        let side = number c (Option.orElse other.Upper other.Lower) 0.0
        let otherColumn = column c other.Body
        let otherTerms = tables c other.Body
        let otherSide = 3 - boundedSide

        instances c (fun position frame ->
            let lo, hi, zero = lower frame, upper frame, side frame

            if lo > hi || lo = infinity || hi = -infinity then
                Errors.fail "bounds-cross" c.Span $"constraint {c.QuotedName position} has crossing sides: {lo} > {hi}"

            if System.Double.IsInfinity zero then
                Errors.fail "bounds-cross" c.Span $"constraint {c.QuotedName position} has an infinite side"

            if lo = hi then
                // The bounded side is an equation, and the other may have any value.
                addRow c position 0 boundedTerms frame lo hi |> ignore
            elif lo = -infinity && hi = infinity then
                addRow c position 0 otherTerms frame zero zero |> ignore
            else
                let struct (first, constant) = addBody c position boundedSide (boundedColumn frame lo hi) boundedTerms frame lo hi

                let otherLower, otherUpper =
                    if lo > -infinity && hi < infinity then -infinity, infinity
                    elif (sign > 0.0) = (lo > -infinity) then zero, infinity
                    else -infinity, zero

                let struct (second, otherConstant) =
                    addBody c position otherSide (otherColumn frame otherLower otherUpper) otherTerms frame otherLower otherUpper

                conditionOwner.Add c
                conditionPosition.Add position
                conditions.Add(ComplementarityCondition(first, lo - constant, hi - constant, second, zero - otherConstant, sign)))

    /// e1 = side against an expression that may have any value.
    let addEquation (c: ConstraintEntity) (equation: Relations.Row) =
        let side = number c equation.Lower 0.0
        let terms = tables c equation.Body

        instances c (fun position frame ->
            let right = side frame
            addRow c position 0 terms frame right right |> ignore)

    let add (c: ConstraintEntity) (first: ComplementSide) (second: ComplementSide) =
        let a, b = sideOf c first, sideOf c second
        let isFree (side: Relations.Row) = side.Lower.IsNone && side.Upper.IsNone
        let isDouble (side: Relations.Row) = side.Lower.IsSome && side.Upper.IsSome
        uses.UnionWith c.Uses

        if isEquation a && isFree b then
            addEquation c a
        elif isEquation b && isFree a then
            addEquation c b
        elif isDouble a && isFree b then
            addBounded c a b 1
        elif isDouble b && isFree a then
            addBounded c b a 2
        elif a.Direction <> 0 && b.Direction <> 0 then
            addBounded c a b 1
        else
            Errors.failWithHint
                "complements"
                c.Span
                $"{c.Name} must hold two inequalities in all: one on each side of complements, or two on one side"
                "write `0 <= e1 complements e2 >= 0` or `lo <= e1 <= hi complements e2`"

    /// Adds the rows of all complementarity constraints, after those of the others.
    member _.AddAll() : unit =
        for c in model.Constraints do
            match c.Body with
            | Complements(first, second) when c.Lower = "" -> add c first second
            | _ -> ()

    member _.Count = conditions.Count
    member _.Owners = conditionOwner.ToArray()
    member _.Positions = conditionPosition.ToArray()
    /// Names that the conditions read
    member _.Uses = uses
    /// Which side of its condition a row is: 1 the left, 2 the right, 0 for rows of their own
    member _.Side(row: int) : int =
        match rowSide.TryGetValue row with
        | true, side -> side
        | _ -> 0

    /// Bounds of a declared variable, narrowed to the sides of the condition that it stands in.
    member _.Bounds(column: int, lower: float, upper: float) : struct (float * float) =
        let mutable narrowed = struct (lower, upper)

        // By reference: data that change call this, and allocate nothing.
        if tightened.Count > 0 && tightened.TryGetValue(column, &narrowed) then
            let struct (lo, hi) = narrowed
            struct (max lo lower, min hi upper)
        else
            struct (lower, upper)

    /// The conditions with variables numbered as in the problem, which leaves out the fixed ones.
    member _.Conditions(freePositions: int[] | null, total: int) : ComplementarityCondition[] =
        let number: int[] = Array.init total id

        match freePositions with
        | null -> ()
        | free -> free |> Array.iteri (fun k position -> number[position] <- k)

        let body (b: ComplementarityBody) =
            if b.IsVariable then ComplementarityBody(true, number[b.Index]) else b

        [| for c in conditions -> ComplementarityCondition(body c.Bounded, c.Lower, c.Upper, body c.Other, c.OtherSide, c.OtherSign) |]
