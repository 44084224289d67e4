namespace Optc.Compiler

/// Operator numbers of .nl files, from D. M. Gay, "Hooking Your Solver to AMPL" (1997), table of opcodes.
module NlOpcodes =
    [<Literal>]
    let Plus = 0

    [<Literal>]
    let Minus = 1

    [<Literal>]
    let Times = 2

    [<Literal>]
    let Divide = 3

    [<Literal>]
    let Power = 5

    [<Literal>]
    let MinList = 11

    [<Literal>]
    let MaxList = 12

    [<Literal>]
    let Floor = 13

    [<Literal>]
    let Ceil = 14

    [<Literal>]
    let Abs = 15

    [<Literal>]
    let Negate = 16

    [<Literal>]
    let LessOrEqual = 23

    [<Literal>]
    let If = 35

    [<Literal>]
    let SumList = 54

    /// The opcode that takes the operator's own arguments in their order; −1 where there is none.
    let direct (op: Op) : int =
        match op with
        | Op.Add -> Plus
        | Op.Sub -> Minus
        | Op.Mul -> Times
        | Op.Div -> Divide
        | Op.Mod -> 4
        | Op.Pow -> Power
        | Op.Less -> 6
        | Op.Min -> MinList
        | Op.Max -> MaxList
        | Op.Floor -> Floor
        | Op.Ceil -> Ceil
        | Op.Abs -> Abs
        | Op.Neg -> Negate
        | Op.Or -> 20
        | Op.And -> 21
        | Op.IsLess -> 22
        | Op.IsLessOrEqual -> LessOrEqual
        | Op.IsEqual -> 24
        | Op.Not -> 34
        | Op.Select -> If
        | Op.Tanh -> 37
        | Op.Tan -> 38
        | Op.Sqrt -> 39
        | Op.Sinh -> 40
        | Op.Sin -> 41
        | Op.Log10 -> 42
        | Op.Log -> 43
        | Op.Exp -> 44
        | Op.Cosh -> 45
        | Op.Cos -> 46
        | Op.Atanh -> 47
        | Op.Atan2 -> 48
        | Op.Atan -> 49
        | Op.Asinh -> 50
        | Op.Asin -> 51
        | Op.Acosh -> 52
        | Op.Acos -> 53
        | _ -> -1

    /// Operators that are written by several opcodes. There are opcodes for div, precision, round and trunc (55 to 58), but
    /// the library's reader for second derivatives (ASL 20190605) leaves their nodes without a place in its derivative
    /// lists and crashes.
    let isExpanded (op: Op) : bool =
        match op with
        | Op.Square
        | Op.IntDiv
        | Op.Round
        | Op.Trunc
        | Op.Huber -> true
        | _ -> false

    let isWritable (op: Op) : bool = direct op >= 0 || isExpanded op
