namespace Optc.Compiler

open Optc.Parser
open Optc.Runtime.Solvers.CoordinateDescent

/// The ways to write the losses that coordinate descent knows.
module internal CompositePatterns =
    let isNumber value (e: Expr) =
        match e.Kind with
        | Number x -> x = value
        | _ -> false

    /// t of max(0, t), max(t, 0) and pos(t)
    let positivePart (e: Expr) =
        match e.Kind with
        | Call("pos", [ t ]) -> Some t
        | Call("max", [ zero; t ]) when isNumber 0.0 zero -> Some t
        | Call("max", [ t; zero ]) when isNumber 0.0 zero -> Some t
        | ExprKind.Binary(Less, a, b) -> Some { e with Kind = ExprKind.Binary(Subtract, a, b) }
        | _ -> None

    /// t of log(1 + exp(t)) or exp(t), and the loss
    let exponential (e: Expr) : (Expr * Loss) option =
        match e.Kind with
        | Call("exp", [ t ]) -> Some(t, PoissonLoss())
        | Call("log", [ { Kind = ExprKind.Binary(Add, one, { Kind = Call("exp", [ t ]) }) } ])
        | Call("log", [ { Kind = ExprKind.Binary(Add, { Kind = Call("exp", [ t ]) }, one) } ]) when isNumber 1.0 one -> Some(t, LogisticLoss())
        | _ -> None

    /// t of y t, and y
    let multiple (analysis: Analysis) (e: Expr) (t: Expr) : Expr option =
        match e.Kind with
        | ExprKind.Binary(Multiply, y, other) when other = t && analysis.IsData y -> Some y
        | ExprKind.Binary(Multiply, other, y) when other = t && analysis.IsData y -> Some y
        | _ -> None

    /// The addends of the objective, each with its sign. A loss with a label (`log(1 + exp(t)) - y*t`) is one.
    let rec addends (analysis: Analysis) (sign: float) (e: Expr) : (float * Expr) list =
        match e.Kind with
        | ExprKind.Binary(Add, a, b) when not (analysis.IsData e) -> addends analysis sign a @ addends analysis sign b
        | ExprKind.Binary(Subtract, a, b) when not (analysis.IsData e) && (exponential a).IsNone -> addends analysis sign a @ addends analysis -sign b
        | Unary(Negate, a) -> addends analysis -sign a
        | _ -> [ sign, e ]
