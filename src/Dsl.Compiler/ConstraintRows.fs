namespace Optc.Compiler

open System.Collections.Generic
open Optc.Parser
open Optc.Runtime.Templates

/// Declared constraints as rows of the problem.
module ConstraintRows =
    open Relations

    /// Relative slack with which a constraint without variables must hold.
    let private constantTolerance = 1e-9

    let private row (analysis: Analysis) (c: ConstraintEntity) : Row =
        let data = analysis.IsData

        match c.Body with
        | Relation(x, op, y) -> relation analysis c x op y
        | DoubleRelation(x, op, body, _, y) when data x && data y -> between x op body y
        | DoubleRelation _ ->
            Errors.failWithHint "unsupported" c.Span $"both outer sides of constraint {c.Name} must be without variables" "write it as two constraints"
        | Complements _ -> invalidOp "complementarity conditions have rows of their own"

    /// Not a complementarity condition
    let isOrdinary (c: ConstraintEntity) =
        match c.Body with
        | Complements _ -> false
        | _ -> true

    /// Rows of the declared constraints that are not dropped and that `isRow` takes for one.
    let add (model: Model) (evaluator: Evaluator) (lowering: Lowering) (notes: ResizeArray<string>) (isRow: ConstraintEntity -> bool) =
        let sides = ResizeArray<struct (int * int * (Frame -> float) * (Frame -> float))>()
        let owners = ResizeArray<ConstraintEntity | null>()
        let positions = ResizeArray<int>()
        let frame = Scope.NewFrame()

        for c in model.Constraints do
            if isRow c then
                let row = row lowering.Analysis c

                let side (e: Expr option) otherwise =
                    match e with
                    | Some e ->
                        let value = evaluator.Number(c.Scope, e)
                        fun frame -> bound (value frame)
                    | None -> fun _ -> otherwise

                let lower = side row.Lower -infinity
                let upper = side row.Upper infinity

                let terms =
                    lazy (lowering.NewTables($"constraint {c.Name}", TemplateTarget.Constraint, c.Scope, row.Direction, row.Body))

                let domain = c.Domain
                let first = owners.Count
                let mutable without = 0

                for position in 0 .. domain.Count - 1 do
                    if not (isSet c.Dropped position) then
                        if c.Arity > 0 then
                            domain.CopyTo(position, frame, 0)

                        let lo = lower frame
                        let hi = upper frame

                        if lo > hi || lo = infinity || hi = -infinity then
                            Errors.fail "bounds-cross" c.Span $"constraint {c.QuotedName position} has no feasible value: its sides are {lo} and {hi}"

                        let struct (constant, hasVariables) = lowering.Rows.Fill(owners.Count, terms.Value, frame)

                        if hasVariables then
                            lowering.Rows.Add(lo, hi, constant)
                            owners.Add c
                            positions.Add position
                        else
                            without <- without + 1
                            let slack side = constantTolerance * max 1.0 (abs side)

                            if constant < lo - slack lo || constant > hi + slack hi then
                                Errors.fail "constant-constraint" c.Span $"constraint {c.QuotedName position} holds no variables and cannot hold: {lo} <= {constant} <= {hi} is false"

                sides.Add(struct (first, owners.Count, lower, upper))

                if without > 0 then
                    notes.Add $"{without} of the constraints {c.Name} hold no variables; they were checked and left out"

        owners, positions, sides.ToArray()
