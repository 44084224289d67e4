namespace Optc.Compiler

open Optc.Runtime.Templates

/// One kernel to be made: results of a graph over slots and data of known layout.
type KernelSpec =
    {
        Graph: Graph
        /// Value kernels have one result; derivative kernels one for each entry.
        Results: int[]
        /// For each slot the step of an affine column, -1 for a table
        SlotSteps: int[]
        /// For each datum the step, 0 or 1
        DatumSteps: int[]
        /// The step of the row column, -1 for a table
        RowStep: int
        /// Results go to rows (value kernels) or through the map
        ToRows: bool
        /// Multiplied by the weight of the row (second order)
        Weighted: bool
    }

/// Kernels interpreted block by block: ready at once.
module Interpret =
    let private instruction (node: Node) (register: int -> int) (spec: KernelSpec) : TapeInstruction =
        let make code a b c value method' =
            TapeInstruction(Code = code, A = a, B = b, C = c, Value = value, Method = method')

        match node.Kind with
        | NodeKind.ConstantNode -> make TapeCode.Constant 0 0 0 node.Value null
        | NodeKind.SlotNode -> make TapeCode.Slot node.Index spec.SlotSteps[node.Index] 0 0.0 null
        | NodeKind.DatumNode -> make TapeCode.Datum node.Index spec.DatumSteps[node.Index] 0 0.0 null
        | _ ->
            let a, b, c = register node.A, register node.B, register node.C

            match node.Op with
            | Op.Add -> make TapeCode.Add a b c 0.0 null
            | Op.Sub -> make TapeCode.Sub a b c 0.0 null
            | Op.Mul -> make TapeCode.Mul a b c 0.0 null
            | Op.Div -> make TapeCode.Div a b c 0.0 null
            | Op.Neg -> make TapeCode.Neg a b c 0.0 null
            | Op.Square -> make TapeCode.Square a b c 0.0 null
            | op ->
                let call = (Operators.get op).Method

                let code =
                    match call.Arity with
                    | 1 -> TapeCode.Call1
                    | 2 -> TapeCode.Call2
                    | _ -> TapeCode.Call3

                make code a b c 0.0 call.Call

    /// The interpreted kernel of a specification.
    let kernel (spec: KernelSpec) : Kernel =
        let graph = spec.Graph
        let needed = graph.Needed spec.Results
        let registers = Array.create graph.Count -1
        let mutable count = 0

        for id in 0 .. graph.Count - 1 do
            if needed[id] then
                registers[id] <- count
                count <- count + 1

        let register id = if id < 0 then 0 else registers[id]

        let program =
            [| for id in 0 .. graph.Count - 1 do
                   if needed[id] then
                       instruction graph[id] register spec |]

        let tape =
            Tape(program, spec.Results |> Array.map register, spec.RowStep, spec.Weighted)

        if spec.ToRows then
            Kernel(fun frame first last -> tape.AddToRows(frame, first, last))
        else
            Kernel(fun frame first last -> tape.AddThroughMap(frame, first, last))
