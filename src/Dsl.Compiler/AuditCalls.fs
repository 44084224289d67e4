namespace Optc.Compiler

open System
open Optc.Parser

/// Functions, and operators of many operands.
module AuditCalls =
    /// Fills the stack with the operands of a call or the items of an indexing; the first of them.
    let private operands (ops: AuditOperations) (number: AuditNumber) (scope: Scope) (arguments: Expr list) : Frame -> int =
        let items = arguments |> List.map (fun a -> number scope a) |> Array.ofList

        fun frame ->
            let first = ops.Stack.Count

            for item in items do
                let value = item frame
                ops.Stack.Add value

            first

    /// The same with the body for the members of an indexing.
    let private members (evaluator: Evaluator) (ops: AuditOperations) (number: AuditNumber) (scope: Scope) (indexing: Indexing) (body: Expr) : Frame -> int =
        let inner, plan = evaluator.Indexing(scope, indexing)
        let item = number inner body

        fun frame ->
            let first = ops.Stack.Count

            plan.Run(
                frame,
                { new Visitor() with
                    member _.Visit f =
                        let value = item f
                        ops.Stack.Add value
                        true }
            )
            |> ignore

            first

    /// An operator of many operands over what `fill` puts on the stack.
    let private reduce (ops: AuditOperations) (scope: Scope) (e: Expr) (op: IteratedOp) (fill: Frame -> int) : Frame -> Traced =
        match op with
        | IteratedOp.Sum ->
            fun frame ->
                let first = fill frame
                let stack = ops.Stack
                let mutable total = 0.0

                for k in first .. stack.Count - 1 do
                    total <- total + stack[k].Value

                ops.Many scope e frame first total (fun _ -> 1.0)
        | Product -> fun frame -> ops.Product scope e frame (fill frame)
        | Minimum
        | Maximum ->
            fun frame ->
                let first = fill frame

                if first = ops.Stack.Count then
                    let word = if op = Minimum then "min" else "max"
                    Errors.fail "empty-extreme" e.Span $"{word} over an empty set has no value"

                ops.Extreme (if op = Minimum then -1.0 else 1.0) first
        | LogSumExp -> fun frame -> ops.LogSumExp scope e frame (fill frame)
        | _ -> fun frame -> ops.Norm op scope e frame (fill frame)

    /// A function by its name.
    let call (ops: AuditOperations) (number: AuditNumber) (scope: Scope) (name: string) (arguments: Expr list) (e: Expr) : Frame -> Traced =
        match name, arguments with
        | "abs", [ x ] ->
            let a = number scope x
            fun frame -> ops.Bent (a frame) -1.0 1.0
        | "pos", [ x ] ->
            let a = number scope x
            fun frame -> ops.Bent (a frame) 0.0 1.0
        | _, [ x ] when AuditFunctions.unary.ContainsKey name ->
            let a = number scope x
            let rule = AuditFunctions.unary[name]

            fun frame ->
                let u = a frame
                ops.Unary scope e x frame u (rule.Value u.Value) (if u.Node >= 0 then rule.Slope u.Value else 0.0)
        | ("atan2" | "atan"), [ y; x ] ->
            let a = number scope y
            let b = number scope x

            fun frame ->
                let u = a frame
                let v = b frame
                let square = u.Value * u.Value + v.Value * v.Value
                ops.Binary scope e y x frame u v (Math.Atan2(u.Value, v.Value)) (v.Value / square) (-u.Value / square)
        | "huber", [ t; delta ] ->
            let a = number scope t
            let b = number scope delta

            fun frame ->
                let u = a frame
                let v = b frame
                let size = abs u.Value

                if size <= v.Value then
                    ops.Binary scope e t delta frame u v (0.5 * size * size) u.Value 0.0
                else
                    let value = v.Value * (size - 0.5 * v.Value)
                    ops.Binary scope e t delta frame u v value (v.Value * float (sign u.Value)) (size - v.Value)
        | ("round" | "trunc" | "precision"), [ x; digits ] ->
            let a = number scope x
            let b = number scope digits

            let step =
                match name with
                | "round" -> Functions.round
                | "trunc" -> Functions.trunc
                | _ -> Functions.precision

            fun frame ->
                let u = a frame
                let v = b frame
                ops.Binary scope e x digits frame u v (step u.Value v.Value) 0.0 0.0
        | ("min" | "max" | "norm1" | "norm2" | "norminf" | "logsumexp"), _ :: _ ->
            let op =
                match name with
                | "min" -> Minimum
                | "max" -> Maximum
                | "norm1" -> Norm1
                | "norm2" -> Norm2
                | "norminf" -> NormInf
                | _ -> LogSumExp

            reduce ops scope e op (operands ops number scope arguments)
        | _ -> Errors.fail "unsupported" e.Span $"function {name} does not take variables"

    /// `sum`, `prod`, `min`, … over an indexing.
    let iterated (evaluator: Evaluator) (ops: AuditOperations) (number: AuditNumber) (scope: Scope) op indexing body (e: Expr) : Frame -> Traced =
        reduce ops scope e op (members evaluator ops number scope indexing body)
