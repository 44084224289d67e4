namespace Optc.Compiler

open System.Collections.Generic
open Optc.Parser

/// A constraint with a variable that it complements, as .nl files have them: the body is ≥ 0 where the variable is at its
/// lower bound, ≤ 0 at its upper bound, and 0 between.
type NlComplement =
    {
        Row: int
        /// Position of the variable; `Declared + k` for auxiliary k
        Column: int
        /// 1 for a finite lower bound of the variable + 2 for a finite upper bound
        Kind: int
        HasNonzeroBound: bool
        /// Of the body, which has no side to move it to
        Constant: float
    }

/// A variable that stands for an expression with bounds in a complementarity condition: row `Row` says expression − variable
/// = 0.
type NlAuxiliary =
    { Owner: ConstraintEntity
      Position: int
      Row: int
      Lower: float
      Upper: float
      Start: float }

/// Brings complementarity conditions to the form of .nl files: a body against a variable between bounds. A side that is an
/// expression gets an auxiliary variable and an equation, as AMPL does it.
[<Sealed>]
type NlComplementarity(model: Model, evaluator: Evaluator, lowering: Lowering, declared: int, owners: ResizeArray<ConstraintEntity | null>, positions: ResizeArray<int>) =
    let complements = ResizeArray<NlComplement>()
    let auxiliaries = ResizeArray<NlAuxiliary>()
    let tightened = Dictionary<int, struct (float * float)>()
    let taken = HashSet<int>()

    let sideOf = ComplementSides.sideOf lowering.Analysis
    let isEquation = ComplementSides.isEquation
    let number = ComplementSides.number evaluator
    let tables = ComplementSides.tables lowering
    let instances = ComplementSides.instances
    let plainVariable = ComplementSides.plainVariable model evaluator

    /// Whether an instance can itself be the variable of a condition: its own bounds must not be narrower.
    let fits (v: VarEntity) position lower upper =
        not (taken.Contains(v.Offset + position))
        && not (Relations.isSet v.IsFixed position)
        && Relations.bound v.Lower[position] <= lower
        && Relations.bound v.Upper[position] >= upper

    let addRow = ComplementSides.addRow lowering owners positions

    let negated (e: Expr) : Expr =
        { Kind = Unary(Negate, e)
          Span = e.Span }

    /// lower ≤ bounded ≤ upper against a body with at most one side.
    let addBounded (c: ConstraintEntity) (bounded: Relations.Row) (body: Relations.Row) =
        let lower = number c bounded.Lower -infinity
        let upper = number c bounded.Upper infinity
        let variable = plainVariable c bounded.Body
        let value = evaluator.Number(c.Scope, bounded.Body)
        let definition = tables c bounded.Body
        // At a lower bound the body is ≥ 0, at an upper one ≤ 0: a relation that says the opposite is turned round.
        let turns = bounded.Direction <> 0 && body.Direction <> 0 && bounded.Direction <> body.Direction
        let side = number c (Option.orElse body.Upper body.Lower) 0.0
        let terms = tables c (if turns then negated body.Body else body.Body)

        instances c (fun position frame ->
            let lo, hi = lower frame, upper frame

            if lo > hi then
                Errors.fail "bounds-cross" c.Span $"constraint {c.QuotedName position} has crossing sides: {lo} > {hi}"

            let column =
                match variable with
                | Some(v, place) when fits v (place frame) lo hi ->
                    let column = v.Offset + place frame
                    taken.Add column |> ignore
                    tightened[column] <- struct (lo, hi)
                    column
                | _ ->
                    auxiliaries.Add
                        { Owner = c
                          Position = position
                          Row = owners.Count
                          Lower = lo
                          Upper = hi
                          Start = value frame }

                    addRow c position definition frame 0.0 0.0 |> ignore
                    declared + auxiliaries.Count - 1

            let row = owners.Count
            let constant = addRow c position terms frame 0.0 0.0

            complements.Add
                { Row = row
                  Column = column
                  Kind = (if lo > -infinity then 1 else 0) + (if hi < infinity then 2 else 0)
                  HasNonzeroBound = (lo > -infinity && lo <> 0.0)
                  Constant = (if turns then constant + side frame else constant - side frame) })

    /// e1 = side against an expression that may have any value: with a free variable a condition of its own, else just the
    /// equation.
    let addEquation (c: ConstraintEntity) (equation: Relations.Row) (free: Expr) =
        let side = number c equation.Lower 0.0
        let variable = plainVariable c free
        let terms = tables c equation.Body

        instances c (fun position frame ->
            let right = side frame

            match variable with
            | Some(v, place) when fits v (place frame) -infinity infinity ->
                let column = v.Offset + place frame
                taken.Add column |> ignore
                let row = owners.Count
                let constant = addRow c position terms frame 0.0 0.0

                complements.Add
                    { Row = row
                      Column = column
                      Kind = 0
                      HasNonzeroBound = false
                      Constant = constant - right }
            | _ -> addRow c position terms frame right right |> ignore)

    member _.Complements = complements
    member _.Auxiliaries = auxiliaries
    /// Bounds of declared variables that a condition narrows
    member _.Tightened = tightened

    /// Adds the rows of a complementarity constraint.
    member _.Add(c: ConstraintEntity, first: ComplementSide, second: ComplementSide) : unit =
        let a, b = sideOf c first, sideOf c second
        let isFree (side: Relations.Row) = side.Lower.IsNone && side.Upper.IsNone
        let isDouble (side: Relations.Row) = side.Lower.IsSome && side.Upper.IsSome

        if isEquation a && isFree b then addEquation c a b.Body
        elif isEquation b && isFree a then addEquation c b a.Body
        elif isDouble a && isFree b then addBounded c a b
        elif isDouble b && isFree a then addBounded c b a
        elif a.Direction <> 0 && b.Direction <> 0 then
            // The side that is a variable spares an auxiliary one.
            if (plainVariable c a.Body).IsNone && (plainVariable c b.Body).IsSome then
                addBounded c b a
            else
                addBounded c a b
        else
            Errors.failWithHint
                "complements"
                c.Span
                $"{c.Name} must hold two inequalities in all: one on each side of complements, or two on one side"
                "write `0 <= e1 complements e2 >= 0` or `lo <= e1 <= hi complements e2`"
