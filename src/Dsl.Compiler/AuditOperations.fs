namespace Optc.Compiler

open System
open Optc.Parser

/// Compiles the value of an expression in a scope, recorded.
type AuditNumber = Scope -> Expr -> Frame -> Traced

/// Values and partial derivatives of operators, recorded on a tape. Operands of operators that take many stand on a stack.
[<Sealed>]
type AuditOperations(tape: AuditTape, failures: AuditFailures) =
    /// Values nearer to a kink than this, relative to max(1, |value|), are taken to be at it.
    static let kinkTolerance = 1e-6

    let stack = ResizeArray<Traced>()

    member _.Stack = stack
    member _.Failures = failures

    /// Whether two values are equal as far as kinks are concerned.
    static member Near(a: float, b: float) = abs (a - b) <= kinkTolerance * max 1.0 (max (abs a) (abs b))

    member _.Unary scope (e: Expr) (argument: Expr) frame (a: Traced) value slope : Traced =
        if not (Double.IsFinite value) then
            failures.Note FailureKind.Value scope e frame [ struct (argument, a.Value) ] value
        elif a.Node >= 0 && not (Double.IsFinite slope) then
            failures.Note FailureKind.FirstDerivative scope e frame [ struct (argument, a.Value) ] slope

        tape.Edge(a, slope)
        tape.Close value

    member _.Binary scope (e: Expr) (x: Expr) (y: Expr) frame (a: Traced) (b: Traced) value byA byB : Traced =
        if not (Double.IsFinite value) then
            failures.Note FailureKind.Value scope e frame [ struct (x, a.Value); struct (y, b.Value) ] value
        elif (a.Node >= 0 && not (Double.IsFinite byA)) || (b.Node >= 0 && not (Double.IsFinite byB)) then
            failures.Note FailureKind.FirstDerivative scope e frame [ struct (x, a.Value); struct (y, b.Value) ] nan

        tape.Edge(a, byA)
        tape.Edge(b, byB)
        tape.Close value

    /// For operators of many operands: the stack holds them from `first` on.
    member _.Many scope e frame first value (partial: int -> float) : Traced =
        if not (Double.IsFinite value) then
            failures.Note FailureKind.Value scope e frame [] value

        for k in first .. stack.Count - 1 do
            if stack[k].Node >= 0 then
                tape.Edge(stack[k], partial k)

        stack.RemoveRange(first, stack.Count - first)
        tape.Close value

    /// |a|, or t·max(a, 0): a kink where a is about 0.
    member _.Bent (a: Traced) left right : Traced =
        let value = (if a.Value < 0.0 then left else right) * a.Value

        if AuditOperations.Near(a.Value, 0.0) then
            tape.CloseKink(value, [| struct (a, left); struct (a, right) |], false)
        else
            tape.Edge(a, (if a.Value < 0.0 then left else right))
            tape.Close value

    /// The greatest of sign·operand over the stack from `first` on, times sign.
    member _.Extreme sign first : Traced =
        let mutable best = stack[first]

        for k in first + 1 .. stack.Count - 1 do
            if sign * stack[k].Value > sign * best.Value || Double.IsNaN stack[k].Value then
                best <- stack[k]

        let tied =
            [| for k in first .. stack.Count - 1 do
                   if AuditOperations.Near(stack[k].Value, best.Value) then
                       struct (stack[k], 1.0) |]

        stack.RemoveRange(first, stack.Count - first)

        if tied.Length > 1 then
            tape.CloseKink(best.Value, tied, false)
        else
            tape.Edge(best, 1.0)
            tape.Close best.Value

    member this.Norm op scope e frame first : Traced =
        match op with
        | Norm1 ->
            for k in first .. stack.Count - 1 do
                stack[k] <- this.Bent stack[k] -1.0 1.0

            let mutable total = 0.0

            for k in first .. stack.Count - 1 do
                total <- total + stack[k].Value

            this.Many scope e frame first total (fun _ -> 1.0)
        | Norm2 ->
            let mutable top = 0.0

            for k in first .. stack.Count - 1 do
                top <- max top (abs stack[k].Value)

            let mutable squares = 0.0

            if top > 0.0 then
                for k in first .. stack.Count - 1 do
                    squares <- squares + (stack[k].Value / top) * (stack[k].Value / top)

            let value = top * sqrt squares

            if AuditOperations.Near(value, 0.0) then
                let operands = [| for k in first .. stack.Count - 1 -> struct (stack[k], 1.0) |]
                stack.RemoveRange(first, stack.Count - first)
                tape.CloseKink(value, operands, true)
            else
                this.Many scope e frame first value (fun k -> stack[k].Value / value)
        | _ ->
            let mutable value = 0.0

            for k in first .. stack.Count - 1 do
                if abs stack[k].Value > value || Double.IsNaN stack[k].Value then
                    value <- abs stack[k].Value

            let tied =
                [| for k in first .. stack.Count - 1 do
                       let v = stack[k].Value

                       if AuditOperations.Near((abs v), value) then
                           if AuditOperations.Near(v, 0.0) then
                               struct (stack[k], 1.0)
                               struct (stack[k], -1.0)
                           else
                               struct (stack[k], (if v < 0.0 then -1.0 else 1.0)) |]

            if tied.Length > 1 then
                stack.RemoveRange(first, stack.Count - first)
                tape.CloseKink(value, tied, false)
            else
                this.Many scope e frame first value (fun k ->
                    if abs stack[k].Value = value then float (sign stack[k].Value) else 0.0)

    /// log Σ exp, shifted by the greatest; the derivatives are the weights of softmax.
    member this.LogSumExp scope e frame first : Traced =
        let mutable top = -infinity

        for k in first .. stack.Count - 1 do
            top <- max top stack[k].Value

        let mutable total = 0.0

        for k in first .. stack.Count - 1 do
            total <- total + exp (stack[k].Value - top)

        this.Many scope e frame first (top + log total) (fun k -> exp (stack[k].Value - top) / total)

    /// Each partial is the product of the others, by products from both ends: zeros are no special case.
    member this.Product scope e frame first : Traced =
        let count = stack.Count - first
        let behind = Array.create (count + 1) 1.0

        for k in count - 1 .. -1 .. 0 do
            behind[k] <- behind[k + 1] * stack[first + k].Value

        let others = Array.zeroCreate count
        let mutable before = 1.0

        for k in 0 .. count - 1 do
            others[k] <- before * behind[k + 1]
            before <- before * stack[first + k].Value

        this.Many scope e frame first before (fun k -> others[k - first])
