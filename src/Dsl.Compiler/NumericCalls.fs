namespace Optc.Compiler

open System
open Optc.Parser

/// Functions with a numeric value.
[<Sealed>]
type NumericCalls(c: ICompile, calls: Calls, arithmetic: Arithmetic) =
    member _.Compile(scope: Scope, name: string, arguments: Expr list, e: Expr) : Frame -> float =
        let number k = c.Number scope (List.item k arguments)

        let all () =
            arguments |> List.map (fun a -> c.Number scope a) |> Array.ofList

        match name, arguments with
        | _, _ when (PiecewiseTerms.listFunction name).IsSome ->
            PiecewiseTerms.compileList c scope (PiecewiseTerms.listFunction name).Value arguments e.Span
        | _, [ _ ] when Functions.unary.ContainsKey name -> arithmetic.Unary(scope, e, name, Functions.unary[name], number 0)
        | _, [ _; _ ] when Functions.binary.ContainsKey name ->
            let f = OptimizedClosures.FSharpFunc<_, _, _>.Adapt Functions.binary[name]
            let a = number 0
            let b = number 1
            fun frame -> f.Invoke(a frame, b frame)
        | "min", _ :: _ ->
            let items = all ()
            fun frame -> items |> Array.fold (fun best item -> Math.Min(best, item frame)) infinity
        | "max", _ :: _ ->
            let items = all ()
            fun frame -> items |> Array.fold (fun best item -> Math.Max(best, item frame)) -infinity
        | "norm1", _ :: _ ->
            let items = all ()
            fun frame -> items |> Array.sumBy (fun item -> abs (item frame))
        | "norminf", _ :: _ ->
            let items = all ()
            fun frame -> items |> Array.fold (fun best item -> max best (abs (item frame))) 0.0
        | "norm2", _ :: _ ->
            let items = all ()
            fun frame -> sqrt (items |> Array.sumBy (fun item -> pown (item frame) 2))
        | "logsumexp", _ :: _ ->
            let items = all ()

            fun frame ->
                let values = items |> Array.map (fun item -> item frame)
                let top = Array.max values
                top + log (values |> Array.sumBy (fun v -> exp (v - top)))
        | _ ->
            match Functions.random.TryFind name with
            | Some(count, draw) when count = arguments.Length ->
                let items = all ()
                fun frame -> draw c.Model.Random (items |> Array.map (fun item -> item frame))
            | _ ->
                if c.Kinds.MayBeSymbol(scope, e) then
                    let m = c.Member scope e
                    fun frame -> Errors.numberOf e.Span (m frame)
                else
                    match calls.Number(scope, name, arguments, e.Span) with
                    | Some value -> value
                    | None -> calls.Wrong(name, arguments, e.Span)
