namespace Optc.Parser

/// The precedence table of the language, lowest first: parser and printer both read it here.
module internal Precedence =

    [<Literal>]
    let If = 1

    [<Literal>]
    let Or = 2

    [<Literal>]
    let Exists = 3

    [<Literal>]
    let And = 4

    [<Literal>]
    let Not = 5

    [<Literal>]
    let Relation = 6

    [<Literal>]
    let In = 7

    [<Literal>]
    let Union = 8

    [<Literal>]
    let Intersection = 9

    [<Literal>]
    let Cross = 10

    [<Literal>]
    let Range = 11

    [<Literal>]
    let Concatenate = 12

    [<Literal>]
    let Additive = 13

    [<Literal>]
    let Iterated = 14

    [<Literal>]
    let Multiplicative = 15

    [<Literal>]
    let Unary = 16

    [<Literal>]
    let Power = 17

    /// Sets and numbers: everything above relations and membership.
    [<Literal>]
    let Value = 8

    let ofBinary operator =
        match operator with
        | BinaryOp.Or -> Or
        | BinaryOp.And -> And
        | LessThan
        | LessOrEqual
        | Equal
        | NotEqual
        | GreaterOrEqual
        | GreaterThan -> Relation
        | BinaryOp.In
        | NotIn
        | Within
        | NotWithin -> In
        | BinaryOp.Union
        | Difference
        | SymmetricDifference -> Union
        | BinaryOp.Intersection -> Intersection
        | BinaryOp.Cross -> Cross
        | BinaryOp.Concatenate -> Concatenate
        | Add
        | Subtract
        | Less -> Additive
        | Multiply
        | Divide
        | IntegerDivide
        | Modulo -> Multiplicative
        | BinaryOp.Power -> Power

    /// The lowest level of operators that the operand of an iterated operator takes in:
    /// `sum {i in I} a[i]*x[i] + b` ends before the plus.
    let ofOperand operator =
        match operator with
        | Sum
        | Product
        | Minimum
        | Maximum
        | Norm1
        | Norm2
        | NormInf
        | LogSumExp -> Multiplicative
        | IteratedOp.Exists
        | ForAll -> And
        | SetOf -> Concatenate
        | UnionOver -> Intersection
        | IntersectionOver -> Cross

    /// Whether an expression is a condition. After `then` this tells what `else` may hold: in
    /// `if c then a else b >= 3` the relation is not part of the second branch.
    let rec isCondition (e: Expr) =
        match e.Kind with
        | ExprKind.Binary(op, _, _) -> ofBinary op <= In
        | ExprKind.Unary(UnaryOp.Not, _)
        | ExprKind.Iterated((IteratedOp.Exists | ForAll), _, _) -> true
        | ExprKind.Conditional(_, whenTrue, _) -> isCondition whenTrue
        | _ -> false
