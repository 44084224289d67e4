namespace Optc.Compiler

open System
open System.Linq.Expressions
open Optc.Runtime.Native
open Optc.Runtime.Templates

type private E = Expression

/// Kernels compiled to machine code through System.Linq.Expressions. Only this module knows how operators are emitted:
/// arithmetic as such, everything else as a call of the method in the operator table.
module Emit =
    let private lane (name: string) = nonNull (typeof<Lanes>.GetMethod name)
    let private load = lane "Load"
    let private loadIndex = lane "LoadIndex"
    let private loadAddress = lane "LoadAddress"
    let private offset = lane "Offset"
    let private mapRow = lane "MapRow"
    let private accumulate = lane "Accumulate"

    let private operator (op: Op) (arguments: E[]) : E =
        match op with
        | Op.Add -> E.Add(arguments[0], arguments[1])
        | Op.Sub -> E.Subtract(arguments[0], arguments[1])
        | Op.Mul -> E.Multiply(arguments[0], arguments[1])
        | Op.Div -> E.Divide(arguments[0], arguments[1])
        | Op.Neg -> E.Negate arguments[0]
        | Op.Square -> E.Multiply(arguments[0], arguments[0])
        | Op.Select -> E.Condition(E.NotEqual(arguments[0], E.Constant 0.0), arguments[1], arguments[2])
        | op -> E.Call((Operators.get op).Method.Info, arguments)

    /// The compiled kernel of a specification. Everything that does not depend on the instance is read before the loop.
    let kernel (spec: KernelSpec) : Kernel =
        let graph = spec.Graph
        let frame = E.Parameter(typeof<KernelFrame>, "frame")
        let start = E.Parameter(typeof<int>, "start")
        let stop = E.Parameter(typeof<int>, "end")
        let i = E.Variable(typeof<int>, "i")
        let locals = ResizeArray<ParameterExpression>([ i ])
        let prologue = ResizeArray<E>()
        let body = ResizeArray<E>()
        let field (name: string) : E = E.Field(frame, name)

        let local (type': Type) name (target: ResizeArray<E>) (value: E) =
            let variable = E.Variable(type', name)
            locals.Add variable
            target.Add(E.Assign(variable, value))
            variable

        let once name (value: E) = local value.Type name prologue value
        let point = once "point" (field "Point")
        let data = once "data" (field "Data")
        let output = once "output" (field "Output")
        let int' (k: int) : E = E.Constant k

        let affine (origin: E) step : E =
            match step with
            | 0 -> origin
            | 1 -> E.Add(origin, i)
            | step -> E.Add(origin, E.Multiply(i, int' step))

        let row =
            lazy
                (if spec.RowStep < 0 then
                     let table = once "rows" (field "RowTable")
                     local typeof<int> "row" body (E.Call(loadIndex, table, i)) :> E
                 elif spec.RowStep = 0 then
                     once "row" (field "RowBase") :> E
                 else
                     local typeof<int> "row" body (affine (once "rowBase" (field "RowBase")) spec.RowStep) :> E)

        let needed = graph.Needed spec.Results
        let values: E[] = Array.zeroCreate graph.Count

        for id in 0 .. graph.Count - 1 do
            if needed[id] then
                let n = graph[id]

                let perInstance (value: E) =
                    local typeof<float> $"v{id}" body value :> E

                values[id] <-
                    match n.Kind with
                    | NodeKind.ConstantNode -> E.Constant n.Value
                    | NodeKind.SlotNode ->
                        let step = spec.SlotSteps[n.Index]

                        if step < 0 then
                            let table =
                                once $"t{n.Index}" (E.Call(loadAddress, field "SlotTables", int' n.Index))

                            perInstance (E.Call(load, point, E.Call(loadIndex, table, i)))
                        else
                            let origin =
                                once $"s{n.Index}" (E.Call(offset, point, E.Call(loadIndex, field "SlotBases", int' n.Index)))

                            perInstance (E.Call(load, origin, affine (int' 0) step))
                    | NodeKind.DatumNode ->
                        let origin = E.Call(offset, data, E.Call(loadIndex, field "DataBases", int' n.Index))

                        if spec.DatumSteps[n.Index] = 0 then
                            once $"d{n.Index}" (E.Call(load, origin, int' 0))
                        else
                            perInstance (E.Call(load, once $"d{n.Index}" origin, i))
                    | _ ->
                        [| n.A; n.B; n.C |]
                        |> Array.filter (fun a -> a >= 0)
                        |> Array.map (fun a -> values[a])
                        |> operator n.Op
                        |> perInstance

        let epilogue = ResizeArray<E>()

        if spec.ToRows && spec.RowStep = 0 then
            // One row for all instances: the sum stays in a register.
            let sum = once "sum" (E.Constant 0.0)
            body.Add(E.AddAssign(sum, values[spec.Results[0]]))
            epilogue.Add(E.Call(accumulate, output, row.Value, sum))
        elif spec.ToRows then
            body.Add(E.Call(accumulate, output, row.Value, values[spec.Results[0]]))
        else
            let weight: E option =
                if spec.Weighted then
                    let weights = once "weights" (field "Weights")
                    let row = row.Value
                    let target = if spec.RowStep = 0 then prologue else body
                    Some(local typeof<float> "weight" target (E.Call(load, weights, row)))
                else
                    None

            let map = once "map" (field "Map")
            let stride = once "stride" (field "MapStride")

            spec.Results
            |> Array.iteri (fun e result ->
                let column = once $"m{e}" (E.Call(mapRow, map, int' e, stride))

                let value: E =
                    match weight with
                    | Some w -> E.Multiply(w, values[result])
                    | None -> values[result]

                body.Add(E.Call(accumulate, output, E.Call(loadIndex, column, i), value)))

        let exit = E.Label "exit"
        body.Add(E.PreIncrementAssign i)
        let loop = E.Loop(E.IfThenElse(E.LessThan(i, stop), E.Block body, E.Break exit), exit)
        prologue.Add(E.Assign(i, start))

        let all = Seq.concat [ seq prologue; seq { loop :> E }; seq epilogue ]
        E.Lambda<Kernel>(E.Block(locals, all), frame, start, stop).Compile()
