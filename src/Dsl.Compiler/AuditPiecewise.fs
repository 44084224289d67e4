namespace Optc.Compiler

open Optc.Parser

/// Piecewise-linear terms.
module AuditPiecewise =
    /// Breakpoints or slopes, indexed ones among them.
    let private list (evaluator: Evaluator) (scope: Scope) (items: PiecewiseItem list) : Frame -> float[] =
        let readers =
            items
            |> List.map (fun item ->
                match item.Indexing with
                | None ->
                    let value = evaluator.Number(scope, item.Value)
                    fun (frame: Frame) (into: ResizeArray<float>) -> into.Add(value frame)
                | Some indexing ->
                    let inner, plan = evaluator.Indexing(scope, indexing)
                    let value = evaluator.Number(inner, item.Value)
                    fun frame into -> plan.Enumerate(frame, fun () -> into.Add(value frame)))

        fun frame ->
            let into = ResizeArray<float>()
            readers |> List.iter (fun read -> read frame into)
            into.ToArray()

    /// F at a point.
    let private part (tape: AuditTape) (b: float[]) (s: float[]) (x: Traced) : Traced =
        let v = x.Value

        if b.Length = 0 then
            tape.Edge(x, s[0])
            tape.Close(s[0] * v)
        else
            let mutable value = if v < b[0] then s[0] * (v - b[0]) else 0.0
            let mutable piece = 0

            for k in 0 .. b.Length - 1 do
                if v >= b[k] then
                    let stop = if k + 1 < b.Length then min v b[k + 1] else v
                    value <- value + s[k + 1] * (stop - b[k])
                    piece <- k + 1

            let touched = [| for k in 0 .. b.Length - 1 do if AuditOperations.Near(v, b[k]) then k |]

            if touched.Length > 0 then
                tape.CloseKink(value, [| struct (x, s[touched[0]]); struct (x, s[touched[touched.Length - 1] + 1]) |], false)
            else
                tape.Edge(x, s[piece])
                tape.Close value

    /// Continuous, slope s1 before b1, s2 up to b2, …, and 0 at the zero point: F(x) − F(zero) with F(b1) = 0.
    let piecewise (evaluator: Evaluator) (tape: AuditTape) (number: AuditNumber) (scope: Scope) breakpoints slopes (argument: Expr) (zero: Expr option) (e: Expr) : Frame -> Traced =
        let b = list evaluator scope breakpoints
        let s = list evaluator scope slopes
        let x = number scope argument

        let zero =
            match zero with
            | Some zero -> number scope zero
            | None -> fun _ -> Traced.Constant 0.0

        fun frame ->
            let b = b frame
            let s = s frame

            if s.Length <> b.Length + 1 then
                Errors.fail "piecewise" e.Span $"{b.Length} breakpoint(s) need {b.Length + 1} slopes, there are {s.Length}"

            let at = part tape b s (x frame)
            let origin = part tape b s (zero frame)
            tape.Edge(at, 1.0)
            tape.Edge(origin, -1.0)
            tape.Close(at.Value - origin.Value)
