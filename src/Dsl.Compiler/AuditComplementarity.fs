namespace Optc.Compiler

open System
open Optc.Parser

/// One side of a complementarity condition as written. The body is run with a weight.
type AuditSide =
    {
        Body: Frame -> float -> float
        Lower: Frame -> float
        Upper: Frame -> float
        /// The part of the body without variables
        Offset: Frame -> float
        /// Position in the variable vector when the body is a variable, else −1
        Column: Frame -> int
    }

/// What the two sides of a condition are at a point.
[<Struct>]
type AuditCondition =
    {
        /// Distance to where the condition holds, beyond the violations of each side
        Residual: float
        /// Distances of the bodies to the values at which they may have multipliers
        LeftDistance: float
        RightDistance: float
    }

/// Complementarity conditions from the syntax tree, for the audit.
module AuditComplementarity =
    let private side (model: Model) (interpreter: AuditInterpreter) (evaluator: Evaluator) (c: ConstraintEntity) (side: ComplementSide) : AuditSide =
        let data e = evaluator.Number(c.Scope, e)
        let none value : Frame -> float = fun _ -> value
        let offset e = interpreter.Offset(c.Scope, e) |> Option.defaultValue (none 0.0)

        let column (e: Expr) =
            match e.Kind with
            | Reference(name, subscripts) ->
                match model.TryFind name with
                | Some(:? VarEntity as v) ->
                    let place = evaluator.Position(c.Scope, v, subscripts, e.Span)
                    fun frame -> v.Offset + place frame
                | _ -> fun _ -> -1
            | _ -> fun _ -> -1

        let body (e: Expr) lower upper : AuditSide =
            { Body = interpreter.Accumulate(c.Scope, e)
              Lower = lower
              Upper = upper
              Offset = offset e
              Column = column e }

        let isUpward op = (op = LessOrEqual || op = LessThan)
        let isDownward op = (op = GreaterOrEqual || op = GreaterThan)

        let relation e (value: Frame -> float) op =
            if isUpward op then body e (none -infinity) value
            elif isDownward op then body e value (none infinity)
            else body e value value

        let mirrored op =
            if isUpward op then GreaterOrEqual
            elif isDownward op then LessOrEqual
            else op

        match side with
        | Free e -> body e (none -infinity) (none infinity)
        | Single(a, op, b) when not (interpreter.Holds b) -> relation a (data b) op
        | Single(a, op, b) when not (interpreter.Holds a) -> relation b (data a) (mirrored op)
        | Single(a, op, b) ->
            let difference: Expr =
                { Kind = ExprKind.Binary(Subtract, a, b)
                  Span = c.Span }

            relation difference (none 0.0) op
        | Double(a, op, e, _, b) -> if isUpward op then body e (data a) (data b) else body e (data b) (data a)

    let sides model interpreter evaluator (c: ConstraintEntity) (a: ComplementSide) (b: ComplementSide) : struct (AuditSide * AuditSide) =
        struct (side model interpreter evaluator c a, side model interpreter evaluator c b)

    let private isNone lower upper =
        Double.IsInfinity lower && Double.IsInfinity upper

    /// Distance to the nearer of two sides
    let private distance value lower upper =
        min (abs (value - lower)) (abs (upper - value))

    /// lower ≤ value ≤ upper against h of any sign: |value − Π(value − h)|.
    let private natural value lower upper (h: float) =
        abs (value - min (max (value - h) lower) upper)

    /// The condition a in [la, ua] against b in [lb, ub].
    let measure a la ua b lb ub : AuditCondition =
        if not (Double.IsFinite a && Double.IsFinite b) then
            { Residual = infinity
              LeftDistance = infinity
              RightDistance = infinity }
        elif la = ua || lb = ub then
            // The other side of an equation may have any value and no multiplier.
            { Residual = 0.0
              LeftDistance = (if la = ua then 0.0 else infinity)
              RightDistance = (if lb = ub then 0.0 else infinity) }
        elif isNone lb ub then
            { Residual = natural a la ua b
              LeftDistance = distance a la ua
              RightDistance = abs b }
        elif isNone la ua then
            { Residual = natural b lb ub a
              LeftDistance = abs a
              RightDistance = distance b lb ub }
        else
            let left, right = distance a la ua, distance b lb ub

            { Residual = min left right
              LeftDistance = left
              RightDistance = right }
