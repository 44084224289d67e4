namespace Optc.Compiler

open System
open Optc.Parser

/// Arithmetic to closures. Values that are not finite are errors of the data, with the operands; where variables occur
/// the values follow IEEE.
[<Sealed>]
type Arithmetic(c: ICompile) =
    let data (scope: Scope) (e: Expr) = not (c.Kinds.DependsOnVariables(scope, e))

    let divide (scope: Scope) (e: Expr) word (f: float -> float -> float) (a: Frame -> float) (b: Frame -> float) : Frame -> float =
        if data scope e then
            fun frame ->
                let x = a frame
                let y = b frame

                if y = 0.0 then
                    Errors.fail "division" e.Span $"division by zero: {Format.general x 15 false} {word} 0"

                f x y
        else
            fun frame -> f (a frame) (b frame)

    let power (scope: Scope) (e: Expr) (a: Frame -> float) (b: Frame -> float) : Frame -> float =
        let isData = data scope e

        fun frame ->
            let x = a frame
            let y = b frame
            let z = if y = 2.0 then x * x else Math.Pow(x, y)

            if isData && not (Double.IsFinite z) && Double.IsFinite x && Double.IsFinite y then
                Errors.fail "arithmetic" e.Span $"{Format.general x 15 false} ^ {Format.general y 15 false} has no finite value"

            z

    /// A function of one number.
    member _.Unary(scope: Scope, e: Expr, name: string, f: float -> float, a: Frame -> float) : Frame -> float =
        if data scope e then
            fun frame ->
                let x = a frame
                let y = f x

                if not (Double.IsFinite y) && Double.IsFinite x then
                    Errors.fail "arithmetic" e.Span $"{name}({Format.general x 15 false}) has no finite value"

                y
        else
            fun frame -> f (a frame)

    /// a + b − c + …, which is a deep tree, as a loop over its terms.
    member _.Chain(scope: Scope, e: Expr) : Frame -> float =
        let terms = Collections.Generic.Stack<struct (bool * Expr)>()
        let mutable rest = e
        let mutable going = true

        while going do
            match rest.Kind with
            | ExprKind.Binary((Add | Subtract) as op, a, b) ->
                terms.Push(struct (op = Add, b))
                rest <- a
            | _ -> going <- false

        let first = c.Number scope rest
        let others = [| for struct (isAdded, term) in terms -> struct (isAdded, c.Number scope term) |]

        fun frame ->
            let mutable total = first frame

            for struct (isAdded, term) in others do
                total <- if isAdded then total + term frame else total - term frame

            total

    /// `a op b` for the arithmetic operators.
    member _.Binary(scope: Scope, op: BinaryOp, a: Expr, b: Expr, e: Expr) : Frame -> float =
        let x = c.Number scope a
        let y = c.Number scope b

        match op with
        | Add ->
            match b.Kind with
            | Number constant -> fun frame -> x frame + constant
            | _ -> fun frame -> x frame + y frame
        | Subtract ->
            match b.Kind with
            | Number constant -> fun frame -> x frame - constant
            | _ -> fun frame -> x frame - y frame
        | Multiply -> fun frame -> x frame * y frame
        | Divide -> divide scope e "/" (fun a b -> a / b) x y
        | IntegerDivide -> divide scope e "div" (fun a b -> Math.Truncate(a / b)) x y
        | Modulo -> divide scope e "mod" Functions.modulo x y
        | Power -> power scope e x y
        | _ -> fun frame -> Functions.less (x frame) (y frame)
