namespace Optc.Compiler

open System
open Optc.Parser

/// `sum`, `prod`, `min`, `exists`, … over an indexing.
module Iterated =
    [<Sealed>]
    type private Fold(value: Frame -> float, combine: OptimizedClosures.FSharpFunc<float, float, float>, seed: float) =
        inherit Visitor()
        member val Total = seed with get, set

        override this.Visit frame =
            this.Total <- combine.Invoke(this.Total, value frame)
            true

    [<Sealed>]
    type private Sum(value: Frame -> float) =
        inherit Visitor()
        member val Total = 0.0 with get, set

        override this.Visit frame =
            this.Total <- this.Total + value frame
            true

    /// log Σ exp v, scaled by the greatest v so far.
    [<Sealed>]
    type private LogSum(value: Frame -> float) =
        inherit Visitor()
        let mutable top = -infinity
        let mutable total = 0.0
        member _.Total = top + log total

        override _.Visit frame =
            let v = value frame

            if v <= top then
                total <- total + (if v = top then 1.0 else exp (v - top))
            else
                total <- total * exp (top - v) + 1.0
                top <- v

            true

    [<Sealed>]
    type private Until(condition: Frame -> bool, stop: bool) =
        inherit Visitor()
        override _.Visit frame = condition frame <> stop

    let private fold (plan: IndexingPlan) value seed combine (finish: float -> float) : Frame -> float =
        let combine = OptimizedClosures.FSharpFunc<_, _, _>.Adapt combine

        fun frame ->
            let visitor = Fold(value, combine, seed)
            plan.Run(frame, visitor) |> ignore
            finish visitor.Total

    let number (c: ICompile) (scope: Scope) (op: IteratedOp) (indexing: Indexing) (body: Expr) (span: Span) : Frame -> float =
        let inner, plan = c.Indexing scope indexing
        let value = c.Number inner body

        let extreme word seed combine =
            fold plan value seed combine (fun total ->
                if Double.IsInfinity total && total = seed then
                    Errors.fail "empty-extreme" span $"{word} over an empty set has no value"

                total)

        match op with
        | IteratedOp.Sum ->
            fun frame ->
                let visitor = Sum value
                plan.Run(frame, visitor) |> ignore
                visitor.Total
        | Product -> fold plan value 1.0 (fun a b -> a * b) id
        | Minimum -> extreme "min" infinity (fun a b -> if b < a || Double.IsNaN b then b else a)
        | Maximum -> extreme "max" -infinity (fun a b -> if b > a || Double.IsNaN b then b else a)
        | Norm1 -> fold plan value 0.0 (fun a b -> a + abs b) id
        | Norm2 -> fold plan value 0.0 (fun a b -> a + b * b) sqrt
        | NormInf -> fold plan value 0.0 (fun a b -> max a (abs b)) id
        | LogSumExp ->
            fun frame ->
                let visitor = LogSum value
                plan.Run(frame, visitor) |> ignore
                visitor.Total
        | Exists
        | ForAll
        | SetOf
        | UnionOver
        | IntersectionOver -> Errors.fail "kind" span "a number is needed here"

    /// `exists` and `forall` of a condition over a plan.
    let quantified (op: IteratedOp) (plan: IndexingPlan) (condition: Frame -> bool) : Frame -> bool =
        let stop = (op = Exists)
        let visitor = Until(condition, stop)
        fun frame -> plan.Run(frame, visitor) <> stop
