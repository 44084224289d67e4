namespace Optc.Compiler

open System
open Optc.Runtime.Native

/// The operators of the expression graph. The number is the row of the table below.
type Op =
    | Add = 0
    | Sub = 1
    | Mul = 2
    | Div = 3
    | Neg = 4
    | Square = 5
    | Pow = 6
    | PowFirst = 7
    | PowSecond = 8
    | PowLog = 9
    | Abs = 10
    | Sign = 11
    | Sqrt = 12
    | Exp = 13
    | Log = 14
    | Log10 = 15
    | Sin = 16
    | Cos = 17
    | Tan = 18
    | Asin = 19
    | Acos = 20
    | Atan = 21
    | Sinh = 22
    | Cosh = 23
    | Tanh = 24
    | Asinh = 25
    | Acosh = 26
    | Atanh = 27
    | Atan2 = 28
    | Min = 29
    | Max = 30
    | Less = 31
    | IntDiv = 32
    | Mod = 33
    | Floor = 34
    | Ceil = 35
    | Round = 36
    | Trunc = 37
    | RoundTo = 38
    | TruncTo = 39
    | Precision = 40
    | Erf = 41
    | Erfc = 42
    | Gamma = 43
    | LogGamma = 44
    | Digamma = 45
    | Trigamma = 46
    | Huber = 47
    | HuberFirst = 48
    | HuberSecond = 49
    | IsLess = 50
    | IsLessOrEqual = 51
    | IsEqual = 52
    | And = 53
    | Or = 54
    | Not = 55
    | Select = 56

/// Builds nodes; what the derivative rules are written in.
[<AbstractClass>]
type Algebra() =
    abstract Constant: float -> int
    abstract Apply: Op * int * int * int -> int
    member a.Un(op, x) = a.Apply(op, x, -1, -1)
    member a.Bin(op, x, y) = a.Apply(op, x, y, -1)
    member a.Add(x, y) = a.Bin(Op.Add, x, y)
    member a.Sub(x, y) = a.Bin(Op.Sub, x, y)
    member a.Mul(x, y) = a.Bin(Op.Mul, x, y)
    member a.Div(x, y) = a.Bin(Op.Div, x, y)
    member a.Neg x = a.Un(Op.Neg, x)
    member a.Square x = a.Un(Op.Square, x)

/// Curvature of a function, or of an expression in its variables.
type Curvature =
    | Constant
    | Affine
    | Convex
    | Concave
    | Unknown

type Monotonicity =
    | Increasing
    | Decreasing
    | NotMonotone

/// The static method an operator evaluates with, found when first asked for. The interpreter and emitted code call the
/// same one.
type Method(arity: int, owner: Type, name: string) =
    let info = lazy (nonNull (owner.GetMethod(name, Array.create arity typeof<float>)))

    let call =
        lazy
            (match arity with
             | 1 -> info.Value.CreateDelegate<Func<float, float>>() :> Delegate
             | 2 -> info.Value.CreateDelegate<Func<float, float, float>>() :> Delegate
             | _ -> info.Value.CreateDelegate<Func<float, float, float, float>>() :> Delegate)

    member _.Arity = arity
    member _.Info = info.Value
    /// A Func of one, two or three doubles
    member _.Call = call.Value

/// How an operator is written.
type Notation =
    /// symbol, precedence, LaTeX symbol
    | Infix of string * int * string
    /// name, LaTeX command
    | Function of string * string

/// A closed interval of values.
type Interval = (struct (float * float))

/// One row of the operator table: all that is known of an operator stands here.
type Operator =
    {
        Op: Op
        Notation: Notation
        Method: Method
        /// Partial derivatives by each argument: algebra, arguments, the node itself. -1 where the derivative
        /// is zero almost everywhere. `Select`, `Min`, `Max` are not here: their branches are differentiated
        /// apart, so that an infinity in the branch not taken cannot leak (see Differentiate).
        Partials: Algebra -> int[] -> int -> int[]
        /// Where the value is defined, in words, for messages; empty if everywhere.
        Domain: string
        /// Curvature, and monotonicity in each argument, over a box of argument values.
        Shape: Interval[] -> Curvature * Monotonicity[]
        /// Bounds of the value over a box of argument values.
        Range: Interval[] -> Interval
        /// Has kinks or jumps, at which its derivatives jump.
        Nonsmooth: bool
    }

module Operators =
    let private everywhere: Interval = struct (-infinity, infinity)
    let private nowhere (_: Algebra) (args: int[]) (_: int) = Array.create args.Length -1
    let private unknown (args: Interval[]) = Unknown, Array.create args.Length NotMonotone
    let private anyRange (_: Interval[]) = everywhere

    /// The same shape on the whole domain.
    let private always curvature monotone (_: Interval[]) = curvature, [| monotone |]

    /// A shape that turns at zero.
    let private bySign atLeastZero atMostZero between (args: Interval[]) =
        let struct (lo, hi) = args[0]

        let curvature, monotone =
            if lo >= 0.0 then atLeastZero
            elif hi <= 0.0 then atMostZero
            else between

        curvature, [| monotone |]

    let private corners (f: float -> float -> float) (args: Interval[]) : Interval =
        let struct (a, b) = args[0]
        let struct (c, d) = args[1]
        let values = [| f a c; f a d; f b c; f b d |]

        if Array.exists Double.IsNaN values then
            everywhere
        else
            struct (Array.min values, Array.max values)

    let private increasing (f: float -> float) (args: Interval[]) : Interval =
        let struct (a, b) = args[0]
        let lo, hi = f a, f b

        struct ((if Double.IsNaN lo then -infinity else lo), (if Double.IsNaN hi then infinity else hi))

    let private row op notation method' partials =
        { Op = op
          Notation = notation
          Method = method'
          Partials = partials
          Domain = ""
          Shape = unknown
          Range = anyRange
          Nonsmooth = false }

    let private framework arity name = Method(arity, typeof<Math>, name)
    let private own arity name = Method(arity, typeof<ScalarFunctions>, name)

    let private unary op name latex method' derivative =
        row op (Function(name, latex)) method' (fun a x self -> [| derivative a x[0] self |])

    let private binary op name latex method' partials =
        row op (Function(name, latex)) method' partials

    let private stepwise op name latex f =
        { unary op name latex f (fun _ _ _ -> -1) with
            Nonsmooth = true }

    /// 0 or 1
    let private logical op notation method' =
        { row op notation method' nowhere with
            Range = fun _ -> struct (0.0, 1.0)
            Nonsmooth = true }

    let private one (a: Algebra) = a.Constant 1.0

    /// 1/√(1 ± x²) and the like
    let private overRoot (a: Algebra) radicand =
        a.Div(one a, a.Un(Op.Sqrt, radicand))

    let private powShape (args: Interval[]) =
        let struct (lo, hi) = args[0]
        let struct (p, q) = args[1]
        let even = p = Math.Floor p && p % 2.0 = 0.0

        if p <> q then
            // Exponents that differ from instance to instance on one side of 0 and 1
            if lo >= 0.0 && p >= 1.0 then Convex, [| Increasing; NotMonotone |]
            elif lo >= 0.0 && q <= 0.0 then Convex, [| Decreasing; NotMonotone |]
            elif lo >= 0.0 && p >= 0.0 && q <= 1.0 then Concave, [| Increasing; NotMonotone |]
            else Unknown, [| NotMonotone; NotMonotone |]
        elif p = 0.0 then Constant, [| Increasing; NotMonotone |]
        elif p = 1.0 then Affine, [| Increasing; NotMonotone |]
        elif lo >= 0.0 then
            (if p >= 1.0 || p < 0.0 then Convex else Concave),
            [| (if p > 0.0 then Increasing else Decreasing); NotMonotone |]
        elif p > 0.0 && even then
            Convex, [| (if hi <= 0.0 then Decreasing else NotMonotone); NotMonotone |]
        else
            Unknown, [| NotMonotone; NotMonotone |]

    let private powRange (args: Interval[]) : Interval =
        let struct (lo, _) = args[0]
        let struct (p, q) = args[1]

        if lo >= 0.0 || (p = q && (p = Math.Floor p && p % 2.0 = 0.0)) then
            struct (0.0, infinity)
        else
            everywhere

    /// Of a divisor that is 0 only at an end of its interval, towards that end the quotient has its sign or is unbounded.
    let private quotientRange (args: Interval[]) : Interval =
        let struct (a, b) = args[0]
        let struct (c, d) = args[1]
        // ∞/∞ is somewhere between 0 and ∞: the corner nearest to 0 is 0, the farthest another one's.
        let ratio x y = if Double.IsInfinity x && Double.IsInfinity y then 0.0 else x / y

        if c > 0.0 || d < 0.0 then
            let values = [| ratio a c; ratio a d; ratio b c; ratio b d |]
            struct (Array.min values, Array.max values)
        elif c = 0.0 && d > 0.0 then
            struct ((if a >= 0.0 then ratio a d else -infinity), (if b <= 0.0 then ratio b d else infinity))
        elif d = 0.0 && c < 0.0 then
            struct ((if b <= 0.0 then ratio b c else -infinity), (if a >= 0.0 then ratio a c else infinity))
        else
            everywhere

    let private squareRange (args: Interval[]) : Interval =
        let struct (lo, hi) = args[0]
        let least = if lo >= 0.0 then lo * lo elif hi <= 0.0 then hi * hi else 0.0
        struct (least, max (lo * lo) (hi * hi))

    let private absRange (args: Interval[]) : Interval =
        let struct (lo, hi) = args[0]
        let least = if lo >= 0.0 then lo elif hi <= 0.0 then -hi else 0.0
        struct (least, max (abs lo) (abs hi))

    /// The table. Derivatives are exact; formulas are the elementary ones unless a comment names a source.
    let table: Operator[] =
        let rows =
            [| { row Op.Add (Infix("+", 60, "+")) (own 2 "Add") (fun a _ _ -> [| one a; one a |]) with
                   Shape = fun _ -> Affine, [| Increasing; Increasing |]
                   Range = corners (fun x y -> x + y) }
               { row Op.Sub (Infix("-", 60, "-")) (own 2 "Subtract") (fun a _ _ -> [| one a; a.Constant -1.0 |]) with
                   Shape = fun _ -> Affine, [| Increasing; Decreasing |]
                   Range = corners (fun x y -> x - y) }
               { row Op.Mul (Infix("*", 70, "\\,")) (own 2 "Multiply") (fun _ x _ -> [| x[1]; x[0] |]) with
                   Range = corners (fun x y -> if x = 0.0 || y = 0.0 then 0.0 else x * y) }
               { row Op.Div (Infix("/", 70, "/")) (own 2 "Divide") (fun a x self ->
                     [| a.Div(one a, x[1]); a.Neg(a.Div(self, x[1])) |]) with
                   Domain = "the divisor is not 0"
                   Range = quotientRange }
               { row Op.Neg (Infix("-", 80, "-")) (own 1 "Negate") (fun a _ _ -> [| a.Constant -1.0 |]) with
                   Shape = fun _ -> Affine, [| Decreasing |]
                   Range = fun args -> let struct (lo, hi) = args[0] in struct (-hi, -lo) }
               { unary Op.Square "square" "" (own 1 "Square") (fun a x _ -> a.Mul(a.Constant 2.0, x)) with
                   Shape = bySign (Convex, Increasing) (Convex, Decreasing) (Convex, NotMonotone)
                   Range = squareRange }
               { row Op.Pow (Infix("^", 90, "^")) (framework 2 "Pow") (fun a x _ ->
                     [| a.Bin(Op.PowFirst, x[0], x[1]); a.Bin(Op.PowLog, x[0], x[1]) |]) with
                   Domain = "the base is positive, or the exponent is an integer"
                   Shape = powShape
                   Range = powRange }
               binary Op.PowFirst "dpow" "\\mathrm{pow}'" (own 2 "PowerFirst") (fun a x _ ->
                   [| a.Bin(Op.PowSecond, x[0], x[1])
                      // ∂/∂p p·x^(p-1) = x^(p-1) + p·x^(p-1)·ln x
                      (let p1 = a.Sub(x[1], one a)
                       a.Add(a.Bin(Op.Pow, x[0], p1), a.Mul(x[1], a.Bin(Op.PowLog, x[0], p1)))) |])
               binary Op.PowSecond "d2pow" "\\mathrm{pow}''" (own 2 "PowerSecond") (fun a x self ->
                   [| a.Div(a.Mul(a.Sub(x[1], a.Constant 2.0), self), x[0])
                      // ∂/∂p p(p-1)x^(p-2) = (2p-1)x^(p-2) + p(p-1)x^(p-2) ln x
                      (let p2 = a.Sub(x[1], a.Constant 2.0)

                       a.Add(
                           a.Mul(a.Sub(a.Mul(a.Constant 2.0, x[1]), one a), a.Bin(Op.Pow, x[0], p2)),
                           a.Mul(a.Mul(x[1], a.Sub(x[1], one a)), a.Bin(Op.PowLog, x[0], p2))
                       )) |])
               binary Op.PowLog "powlog" "\\mathrm{powlog}" (own 2 "PowerLog") (fun a x self ->
                   // ∂/∂x x^y ln x = y x^(y-1) ln x + x^(y-1);  ∂/∂y = x^y ln² x
                   let y1 = a.Sub(x[1], one a)

                   [| a.Add(a.Mul(x[1], a.Bin(Op.PowLog, x[0], y1)), a.Bin(Op.Pow, x[0], y1))
                      a.Mul(self, a.Un(Op.Log, x[0])) |])
               { unary Op.Abs "abs" "\\mathrm{abs}" (framework 1 "Abs") (fun a x _ -> a.Un(Op.Sign, x)) with
                   Shape = bySign (Affine, Increasing) (Affine, Decreasing) (Convex, NotMonotone)
                   Range = absRange
                   Nonsmooth = true }
               stepwise Op.Sign "sign" "\\mathrm{sign}" (own 1 "Sign")
               { unary Op.Sqrt "sqrt" "\\sqrt" (framework 1 "Sqrt") (fun a _ self -> a.Div(a.Constant 0.5, self)) with
                   Domain = "the argument is not negative"
                   Shape = always Concave Increasing
                   Range = increasing (fun x -> Math.Sqrt(max x 0.0)) }
               { unary Op.Exp "exp" "\\exp" (framework 1 "Exp") (fun _ _ self -> self) with
                   Shape = always Convex Increasing
                   Range = increasing Math.Exp }
               { unary Op.Log "log" "\\log" (framework 1 "Log") (fun a x _ -> a.Div(one a, x)) with
                   Domain = "the argument is positive"
                   Shape = always Concave Increasing
                   Range = increasing (fun x -> Math.Log(max x 0.0)) }
               { unary Op.Log10 "log10" "\\log_{10}" (framework 1 "Log10") (fun a x _ ->
                     a.Div(a.Constant(1.0 / Math.Log 10.0), x)) with
                   Domain = "the argument is positive"
                   Shape = always Concave Increasing
                   Range = increasing (fun x -> Math.Log10(max x 0.0)) }
               { unary Op.Sin "sin" "\\sin" (framework 1 "Sin") (fun a x _ -> a.Un(Op.Cos, x)) with
                   Range = fun _ -> struct (-1.0, 1.0) }
               { unary Op.Cos "cos" "\\cos" (framework 1 "Cos") (fun a x _ -> a.Neg(a.Un(Op.Sin, x))) with
                   Range = fun _ -> struct (-1.0, 1.0) }
               unary Op.Tan "tan" "\\tan" (framework 1 "Tan") (fun a _ self -> a.Add(one a, a.Square self))
               { unary Op.Asin "asin" "\\arcsin" (framework 1 "Asin") (fun a x _ -> overRoot a (a.Sub(one a, a.Square x))) with
                   Domain = "the argument is between -1 and 1" }
               { unary Op.Acos "acos" "\\arccos" (framework 1 "Acos") (fun a x _ ->
                     a.Neg(overRoot a (a.Sub(one a, a.Square x)))) with
                   Domain = "the argument is between -1 and 1" }
               unary Op.Atan "atan" "\\arctan" (framework 1 "Atan") (fun a x _ -> a.Div(one a, a.Add(one a, a.Square x)))
               { unary Op.Sinh "sinh" "\\sinh" (framework 1 "Sinh") (fun a x _ -> a.Un(Op.Cosh, x)) with
                   Shape = bySign (Convex, Increasing) (Concave, Increasing) (Unknown, Increasing)
                   Range = increasing Math.Sinh }
               { unary Op.Cosh "cosh" "\\cosh" (framework 1 "Cosh") (fun a x _ -> a.Un(Op.Sinh, x)) with
                   Shape = bySign (Convex, Increasing) (Convex, Decreasing) (Convex, NotMonotone)
                   Range = fun _ -> struct (1.0, infinity) }
               { unary Op.Tanh "tanh" "\\tanh" (framework 1 "Tanh") (fun a _ self -> a.Sub(one a, a.Square self)) with
                   Shape = bySign (Concave, Increasing) (Convex, Increasing) (Unknown, Increasing)
                   Range = increasing Math.Tanh }
               unary Op.Asinh "asinh" "\\mathrm{arsinh}" (framework 1 "Asinh") (fun a x _ ->
                   overRoot a (a.Add(a.Square x, one a)))
               { unary Op.Acosh "acosh" "\\mathrm{arcosh}" (framework 1 "Acosh") (fun a x _ ->
                     // √(x-1)·√(x+1) keeps its digits near 1, where √(x²-1) loses half of them
                     a.Div(
                         one a,
                         a.Mul(a.Un(Op.Sqrt, a.Sub(x, one a)), a.Un(Op.Sqrt, a.Add(x, one a)))
                     )) with
                   Domain = "the argument is at least 1"
                   Shape = always Concave Increasing }
               { unary Op.Atanh "atanh" "\\mathrm{artanh}" (framework 1 "Atanh") (fun a x _ ->
                     a.Div(one a, a.Mul(a.Sub(one a, x), a.Add(one a, x)))) with
                   Domain = "the argument is between -1 and 1" }
               binary Op.Atan2 "atan2" "\\mathrm{atan2}" (framework 2 "Atan2") (fun a x _ ->
                   // θ = atan2(y, x): ∂θ/∂y = x/(x²+y²), ∂θ/∂x = -y/(x²+y²)
                   let r2 = a.Add(a.Square x[0], a.Square x[1])
                   [| a.Div(x[1], r2); a.Neg(a.Div(x[0], r2)) |])
               { binary Op.Min "min" "\\min" (framework 2 "Min") nowhere with
                   Nonsmooth = true
                   Shape = fun _ -> Concave, [| Increasing; Increasing |]
                   Range =
                       fun args ->
                           let struct (a, b) = args[0]
                           let struct (c, d) = args[1]
                           struct (min a c, min b d) }
               { binary Op.Max "max" "\\max" (framework 2 "Max") nowhere with
                   Nonsmooth = true
                   Shape = fun _ -> Convex, [| Increasing; Increasing |]
                   Range =
                       fun args ->
                           let struct (a, b) = args[0]
                           let struct (c, d) = args[1]
                           struct (max a c, max b d) }
               { row Op.Less (Infix("less", 60, "\\ominus")) (own 2 "Less") (fun a x _ ->
                     let active = a.Bin(Op.IsLess, x[1], x[0])
                     [| active; a.Neg active |]) with
                   Nonsmooth = true
                   Shape = fun _ -> Convex, [| Increasing; Decreasing |]
                   Range = fun _ -> struct (0.0, infinity) }
               { row Op.IntDiv (Infix("div", 70, "\\mathbin{\\mathrm{div}}")) (own 2 "IntegerDivide") nowhere with
                   Nonsmooth = true
                   Domain = "the divisor is not 0" }
               { row Op.Mod (Infix("mod", 70, "\\bmod")) (own 2 "Modulo") (fun a x _ ->
                     [| one a; a.Neg(a.Bin(Op.IntDiv, x[0], x[1])) |]) with
                   Nonsmooth = true
                   Domain = "the divisor is not 0" }
               stepwise Op.Floor "floor" "\\mathrm{floor}" (framework 1 "Floor")
               stepwise Op.Ceil "ceil" "\\mathrm{ceil}" (framework 1 "Ceiling")
               stepwise Op.Round "round" "\\mathrm{round}" (own 1 "Round")
               stepwise Op.Trunc "trunc" "\\mathrm{trunc}" (framework 1 "Truncate")
               { binary Op.RoundTo "round" "\\mathrm{round}" (own 2 "RoundTo") nowhere with
                   Nonsmooth = true }
               { binary Op.TruncTo "trunc" "\\mathrm{trunc}" (own 2 "TruncateTo") nowhere with
                   Nonsmooth = true }
               { binary Op.Precision "precision" "\\mathrm{precision}" (own 2 "Precision") nowhere with
                   Nonsmooth = true }
               { unary Op.Erf "erf" "\\mathrm{erf}" (own 1 "Erf") (fun a x _ ->
                     a.Mul(a.Constant(2.0 / Math.Sqrt Math.PI), a.Un(Op.Exp, a.Neg(a.Square x)))) with
                   Shape = bySign (Concave, Increasing) (Convex, Increasing) (Unknown, Increasing)
                   Range = fun _ -> struct (-1.0, 1.0) }
               { unary Op.Erfc "erfc" "\\mathrm{erfc}" (own 1 "Erfc") (fun a x _ ->
                     a.Mul(a.Constant(-2.0 / Math.Sqrt Math.PI), a.Un(Op.Exp, a.Neg(a.Square x)))) with
                   Shape = bySign (Convex, Decreasing) (Concave, Decreasing) (Unknown, Decreasing)
                   Range = fun _ -> struct (0.0, 2.0) }
               { unary Op.Gamma "gamma" "\\Gamma" (own 1 "Gamma") (fun a x self ->
                     a.Mul(self, a.Un(Op.Digamma, x))) with
                   Domain = "the argument is not 0 or a negative integer" }
               { unary Op.LogGamma "lgamma" "\\ln\\Gamma" (own 1 "LogGamma") (fun a x _ -> a.Un(Op.Digamma, x)) with
                   Domain = "the argument is not 0 or a negative integer"
                   Shape = bySign (Convex, NotMonotone) (Unknown, NotMonotone) (Unknown, NotMonotone) }
               unary Op.Digamma "digamma" "\\psi" (own 1 "Digamma") (fun a x _ -> a.Un(Op.Trigamma, x))
               // The table serves second derivatives; the third of lgamma is never asked for.
               unary Op.Trigamma "trigamma" "\\psi'" (own 1 "Trigamma") (fun _ _ _ -> -1)
               { binary Op.Huber "huber" "\\mathrm{huber}" (own 2 "Huber") (fun a x _ ->
                     // By δ: 0 for |t| ≤ δ, |t| - δ beyond
                     [| a.Bin(Op.HuberFirst, x[0], x[1]); a.Bin(Op.Less, a.Un(Op.Abs, x[0]), x[1]) |]) with
                   Shape = fun _ -> Convex, [| NotMonotone; NotMonotone |]
                   Range = fun _ -> struct (0.0, infinity) }
               binary Op.HuberFirst "dhuber" "\\mathrm{huber}'" (own 2 "HuberFirst") (fun a x _ ->
                   // By δ: 0 inside, sign t beyond
                   [| a.Bin(Op.HuberSecond, x[0], x[1])
                      a.Mul(a.Un(Op.Sign, x[0]), a.Bin(Op.IsLess, x[1], a.Un(Op.Abs, x[0]))) |])
               binary Op.HuberSecond "d2huber" "\\mathrm{huber}''" (own 2 "HuberSecond") nowhere
               logical Op.IsLess (Infix("<", 50, "<")) (own 2 "IsLess")
               logical Op.IsLessOrEqual (Infix("<=", 50, "\\le")) (own 2 "IsLessOrEqual")
               logical Op.IsEqual (Infix("=", 50, "=")) (own 2 "IsEqual")
               logical Op.And (Infix("and", 30, "\\land")) (own 2 "And")
               logical Op.Or (Infix("or", 20, "\\lor")) (own 2 "Or")
               logical Op.Not (Function("not", "\\lnot")) (own 1 "Not")
               { row Op.Select (Function("if", "\\mathrm{if}")) (own 3 "Select") nowhere with
                   Nonsmooth = true } |]

        // A row stands at the number of its operator, or the table is broken: found at the first use of anything.
        rows |> Array.iteri (fun i r -> if int r.Op <> i then invalidOp $"operator table: {r.Op} stands at {i}")
        rows

    let get (op: Op) = table[int op]

    /// Value of an operator at numbers; unused arguments are ignored.
    let evaluate (op: Op) (x: float) (y: float) (z: float) =
        match table[int op].Method.Call with
        | :? Func<float, float> as f -> f.Invoke x
        | :? Func<float, float, float> as f -> f.Invoke(x, y)
        | f -> (f :?> Func<float, float, float, float>).Invoke(x, y, z)

    let arity (op: Op) = table[int op].Method.Arity

    /// The functions of the language by name and number of arguments.
    let byName: Map<string * int, Op> =
        [ "abs", Op.Abs; "sqrt", Op.Sqrt; "exp", Op.Exp; "log", Op.Log; "log10", Op.Log10
          "sin", Op.Sin; "cos", Op.Cos; "tan", Op.Tan; "asin", Op.Asin; "acos", Op.Acos; "atan", Op.Atan
          "sinh", Op.Sinh; "cosh", Op.Cosh; "tanh", Op.Tanh; "asinh", Op.Asinh; "acosh", Op.Acosh
          "atanh", Op.Atanh; "atan2", Op.Atan2; "min", Op.Min; "max", Op.Max; "floor", Op.Floor
          "ceil", Op.Ceil; "round", Op.Round; "trunc", Op.Trunc; "round", Op.RoundTo; "trunc", Op.TruncTo
          "precision", Op.Precision; "erf", Op.Erf; "erfc", Op.Erfc; "gamma", Op.Gamma
          "lgamma", Op.LogGamma; "huber", Op.Huber ]
        |> List.map (fun (name, op) -> (name, arity op), op)
        |> Map.ofList
