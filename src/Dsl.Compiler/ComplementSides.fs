namespace Optc.Compiler

open Optc.Parser
open Optc.Runtime.Templates

/// How the sides of complementarity constraints read, for solvers and for .nl files alike.
module internal ComplementSides =
    /// What a side asks of its expression.
    let sideOf (analysis: Analysis) (c: ConstraintEntity) (side: ComplementSide) : Relations.Row =
        match side with
        | Free e ->
            { Body = e
              Lower = None
              Upper = None
              Direction = 0 }
        | Single(x, op, y) -> Relations.relation analysis c x op y
        | Double(x, op, e, _, y) when analysis.IsData x && analysis.IsData y -> Relations.between x op e y
        | Double _ ->
            Errors.failWithHint
                "unsupported"
                c.Span
                $"the outer sides of the double inequality in {c.Name} must be without variables"
                "bring the variables into its middle"

    let isEquation (side: Relations.Row) =
        match side.Lower, side.Upper with
        | Some lower, Some upper -> obj.ReferenceEquals(lower, upper)
        | _ -> false

    /// A bound for each instance; `otherwise` where there is none.
    let number (evaluator: Evaluator) (c: ConstraintEntity) (e: Expr option) otherwise : Frame -> float =
        match e with
        | Some e ->
            let value = evaluator.Number(c.Scope, e)
            fun frame -> Relations.bound (value frame)
        | None -> fun _ -> otherwise

    /// The variable that an expression is, with the position of its instance.
    let plainVariable (model: Model) (evaluator: Evaluator) (c: ConstraintEntity) (e: Expr) : (VarEntity * (Frame -> int)) option =
        match e.Kind with
        | Reference(name, subscripts) ->
            match model.TryFind name with
            | Some(:? VarEntity as v) -> Some(v, evaluator.Position(c.Scope, v, subscripts, e.Span))
            | _ -> None
        | _ -> None

    /// The terms of an expression as rows of a constraint.
    let tables (lowering: Lowering) (c: ConstraintEntity) (body: Expr) =
        lazy (lowering.NewTables($"constraint {c.Name}", TemplateTarget.Constraint, c.Scope, 0, body))

    /// The live instances of a constraint, the frame filled with its dummies.
    let instances (c: ConstraintEntity) (action: int -> Frame -> unit) =
        let frame = Scope.NewFrame()

        for position in 0 .. c.Domain.Count - 1 do
            if not (Relations.isSet c.Dropped position) then
                if c.Arity > 0 then
                    c.Domain.CopyTo(position, frame, 0)

                action position frame

    /// A row of an instance, lower ≤ its terms ≤ upper; what its terms without variables sum to.
    let addRow (lowering: Lowering) (owners: ResizeArray<ConstraintEntity | null>) (positions: ResizeArray<int>) (c: ConstraintEntity) position (terms: Lazy<TermTable[]>) frame lower upper : float =
        let struct (constant, _) = lowering.Rows.Fill(owners.Count, terms.Value, frame)
        lowering.Rows.Add(lower, upper, constant)
        owners.Add c
        positions.Add position
        constant
