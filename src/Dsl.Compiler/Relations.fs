namespace Optc.Compiler

open Optc.Parser

/// How relations of constraints read as lower ≤ body ≤ upper.
module internal Relations =
    /// A side or bound of 1e20 or beyond is none, as AMPL's solvers and their users have it.
    let bound (value: float) =
        if value >= 1e20 then infinity
        elif value <= -1e20 then -infinity
        else value

    /// How a constraint is written as lower ≤ body ≤ upper. Sides without variables are bounds.
    type Row =
        { Body: Expr
          Lower: Expr option
          Upper: Expr option
          /// +1 when only an upper side exists, -1 when only a lower one
          Direction: int }

    /// A flag of an array that is empty while no flag is set.
    let isSet (flags: bool[]) k = flags.Length > 0 && flags[k]

    /// A relation of a constraint as lower ≤ body ≤ upper.
    let relation (analysis: Analysis) (c: ConstraintEntity) (x: Expr) (op: BinaryOp) (y: Expr) : Row =
        let data = analysis.IsData

        let difference (x: Expr) (y: Expr) : Expr =
            { Kind = ExprKind.Binary(Subtract, x, y)
              Span = Span.Between x.Span y.Span }

        let zero (e: Expr) : Expr = { Kind = Number 0.0; Span = e.Span }

        let body, side, flipped =
            if data y then x, y, false
            elif data x then y, x, true
            else difference x y, zero y, false

        match op, flipped with
        | Equal, _ ->
            { Body = body
              Lower = Some side
              Upper = Some side
              Direction = 0 }
        | (LessOrEqual | LessThan), false
        | (GreaterOrEqual | GreaterThan), true ->
            { Body = body
              Lower = None
              Upper = Some side
              Direction = 1 }
        | (GreaterOrEqual | GreaterThan), false
        | (LessOrEqual | LessThan), true ->
            { Body = body
              Lower = Some side
              Upper = None
              Direction = -1 }
        | _ -> Errors.fail "relation" c.Span $"constraint {c.Name} needs <=, = or >="

    /// An expression between two sides without variables.
    let between (x: Expr) (op: BinaryOp) (body: Expr) (y: Expr) : Row =
        let lower, upper = if op = LessOrEqual || op = LessThan then x, y else y, x

        { Body = body
          Lower = Some lower
          Upper = Some upper
          Direction = 0 }
