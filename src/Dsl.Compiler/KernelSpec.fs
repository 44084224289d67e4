namespace Optc.Compiler

open System
open System.Collections.Concurrent
open System.Collections.Generic
open Optc.Runtime.Templates

/// One kernel to be made: results of a graph over slots and data of known layout. Two kinds of leaves stand behind the
/// slots and data of the template: see `Leaves`.
type KernelSpec =
    { Graph: Graph
      Results: int[]
      /// For each slot the step of an affine column, -1 for a table
      SlotSteps: int[]
      /// For each slot the first position of an affine column
      SlotBases: int[]
      /// For each datum the step, 0 or 1
      DatumSteps: int[]
      /// The step of the row column, -1 for a table
      RowStep: int }

/// Leaves of a graph that stand for more than slots and data of the template: as slots and data with numbers beyond those
/// of the template.
module Leaves =
    /// The direction's component of a slot
    let direction (g: Graph) (slotCount: int) slot = g.Slot(slotCount + slot)
    /// The weight of the instance's row
    let weight (g: Graph) (datumCount: int) = g.Datum datumCount
    /// The change of that weight
    let weightChange (g: Graph) (datumCount: int) = g.Datum(datumCount + 1)

/// From a graph to the straight-line program of a kernel: common subexpressions are computed once, powers become
/// products and roots, products and sums are fused where that cannot turn an exact cancellation into noise.
module Programs =
    let private functions = ConcurrentDictionary<Op, KernelFunction>()

    let private functionOf (op: Op) =
        functions.GetOrAdd(op, (fun op -> KernelFunction((Operators.get op).Method.Info)))

    /// What the lanes of a register compute.
    let private lane (op: Op) =
        match op with
        | Op.Add -> ValueSome KernelOp.Add
        | Op.Sub -> ValueSome KernelOp.Subtract
        | Op.Mul -> ValueSome KernelOp.Multiply
        | Op.Div -> ValueSome KernelOp.Divide
        | Op.Neg -> ValueSome KernelOp.Negate
        | Op.Sqrt -> ValueSome KernelOp.SquareRoot
        | Op.Abs -> ValueSome KernelOp.Absolute
        | Op.Min -> ValueSome KernelOp.Minimum
        | Op.Max -> ValueSome KernelOp.Maximum
        | Op.IsLess -> ValueSome KernelOp.IsLess
        | Op.IsLessOrEqual -> ValueSome KernelOp.IsLessOrEqual
        | Op.IsEqual -> ValueSome KernelOp.IsEqual
        | Op.Select -> ValueSome KernelOp.Select
        | _ -> ValueNone

    /// The largest integer exponent that becomes products: five roundings.
    let private largestProduct = 16.0

    /// The program that computes sums of results of instances around a place: for each sum, results of the specification
    /// with the number of instances they stand before the place. What a lane computes is computed again for each shift; what
    /// takes longer is kept, and read again by the later place. Sums are rounded as if their terms had been stored.
    let buildSums (spec: KernelSpec) (sums: PulledSource[][]) : KernelProgram =
        let g = spec.Graph
        let roots = sums |> Array.collect (Array.map (fun source -> spec.Results[source.Result]))
        let needed = g.Needed roots
        let is op id = g[id].Kind = NodeKind.OperatorNode && g[id].Op = op
        let isProduct id = is Op.Mul id || is Op.Square id

        /// Users of each node that are no sums, and whether it is a result: then a product is needed as such. Of all
        /// results, so that those that are wanted are rounded in the same way whichever these are.
        let otherUse = Array.zeroCreate<bool> g.Count
        let use' = Array.zeroCreate<int> g.Count
        let ofAll = g.Needed spec.Results

        for r in spec.Results do
            otherUse[r] <- true

        for id in 0 .. g.Count - 1 do
            if ofAll[id] && g[id].Kind = NodeKind.OperatorNode then
                let n = g[id]

                for argument in [| n.A; n.B; n.C |] do
                    if argument >= 0 then
                        use'[argument] <- use'[argument] + 1

                        if n.Op <> Op.Add && n.Op <> Op.Sub then
                            otherUse[argument] <- true

        /// A product that is not rounded: by a power of two.
        let isExact product =
            match g.TryConstant(g[product].A) with
            | ValueSome c -> is Op.Mul product && BitConverter.DoubleToInt64Bits c &&& 0xFFFFFFFFFFFFFL = 0L
            | ValueNone -> false

        /// A product that goes into sums only. Where both terms are products, rounding one and not the other would give
        /// a*b - c*d a sign it does not have when they are equal; squares only add up.
        let fuses product other isSum =
            isProduct product
            && not otherUse[product]
            && use'[product] <= 2
            && (not (isProduct other) || isExact product || (isSum && is Op.Square product && is Op.Square other))

        let code = ResizeArray<KernelInstruction>()
        let constants = Dictionary<int64, int>()
        let reach = sums |> Seq.collect id |> Seq.fold (fun reach source -> max reach source.Shift) 0
        /// By shift, then by node
        let values = Array.init (reach + 1) (fun _ -> Array.create g.Count -1)

        /// The same for all instances
        let uniform =
            let steps (steps: int[]) index = steps[index]

            let varies =
                Array.init g.Count (fun id ->
                    let n = g[id]

                    match n.Kind with
                    | NodeKind.SlotNode -> steps spec.SlotSteps (n.Index % max 1 spec.SlotSteps.Length) <> 0
                    | NodeKind.DatumNode -> (if n.Index < spec.DatumSteps.Length then spec.DatumSteps[n.Index] else spec.RowStep) <> 0
                    | _ -> false)

            for id in 0 .. g.Count - 1 do
                let n = g[id]

                if n.Kind = NodeKind.OperatorNode then
                    varies[id] <- varies[n.A] || (n.B >= 0 && varies[n.B]) || (n.C >= 0 && varies[n.C])

            Array.map not varies

        // Positions of the point that have been read: x[i] of the instance before is x[i-1] of this one.
        let loaded = Dictionary<struct (KernelOp * int * int64), int>()

        let instruction (x: KernelInstruction) =
            let isMoving = (x.Op = KernelOp.Slot || x.Op = KernelOp.Direction) && x.B > 0

            let key =
                if isMoving then struct (x.Op, x.B, int64 spec.SlotBases[x.A] - int64 x.B * int64 x.Shift) else struct (x.Op, 0, 0L)

            match loaded.TryGetValue key with
            | true, known when isMoving -> known
            | _ ->
                code.Add x

                if isMoving then
                    loaded[key] <- code.Count - 1

                code.Count - 1

        let add op a b c = instruction (KernelInstruction(Op = op, A = a, B = b, C = c))

        let constant (x: float) =
            let bits = BitConverter.DoubleToInt64Bits x

            match constants.TryGetValue bits with
            | true, at -> at
            | _ ->
                code.Add(KernelInstruction(Op = KernelOp.Constant, Value = x))
                constants[bits] <- code.Count - 1
                code.Count - 1

        /// The value of a node; a product that was left to sums is computed where another one needs it after all.
        let rec at shift id =
            let shift = if uniform[id] then 0 else shift
            let known = values[shift]

            if known[id] < 0 then
                known[id] <-
                    if shift > 0 && isLong id then
                        add KernelOp.Shifted (at 0 id) shift 0
                    else
                        compute shift id

            known[id]

        /// Whether it takes longer than reading it again.
        and isLong id =
            g[id].Kind = NodeKind.OperatorNode
            && match g[id].Op with
               | Op.Div
               | Op.Sqrt
               | Op.Pow -> true
               | op -> (lane op).IsNone && op <> Op.Square && op <> Op.Less

        and factors shift id =
            let n = g[id]

            if n.Op = Op.Square then
                struct (at shift n.A, at shift n.A)
            else
                struct (at shift n.A, at shift n.B)

        and power (x: int) (p: float) : int =
            let n = int (abs p)

            let rec product k =
                if k = 1 then x
                elif k % 2 = 0 then
                    let half = product (k / 2)
                    add KernelOp.Multiply half half 0
                else add KernelOp.Multiply (product (k - 1)) x 0

            let whole = if n = 0 then -1 else product n

            let positive =
                if abs p = float n then whole
                else
                    let root = add KernelOp.SquareRoot x 0 0
                    if whole < 0 then root else add KernelOp.Multiply whole root 0

            if p < 0.0 then add KernelOp.Divide (constant 1.0) positive 0 else positive

        and compute shift id : int =
            let n = g[id]
            let at = at shift
            let factors = factors shift
            let leaf op a step = instruction (KernelInstruction(Op = op, A = a, B = step, Shift = shift))

            match n.Kind with
            | NodeKind.ConstantNode -> constant n.Value
            | NodeKind.SlotNode ->
                let count = spec.SlotSteps.Length

                if n.Index < count then
                    leaf KernelOp.Slot n.Index spec.SlotSteps[n.Index]
                else
                    leaf KernelOp.Direction (n.Index - count) spec.SlotSteps[n.Index - count]
            | NodeKind.DatumNode ->
                match n.Index - spec.DatumSteps.Length with
                | 0 -> leaf KernelOp.Weight 0 spec.RowStep
                | 1 -> leaf KernelOp.WeightChange 0 spec.RowStep
                | _ -> leaf KernelOp.Datum n.Index spec.DatumSteps[n.Index]
            | _ ->
                match n.Op with
                | Op.Add when fuses n.A n.B true ->
                    let struct (x, y) = factors n.A
                    add KernelOp.MultiplyAdd x y (at n.B)
                | Op.Add when fuses n.B n.A true ->
                    let struct (x, y) = factors n.B
                    add KernelOp.MultiplyAdd x y (at n.A)
                | Op.Sub when fuses n.B n.A false ->
                    let struct (x, y) = factors n.B
                    add KernelOp.NegateMultiplyAdd x y (at n.A)
                | Op.Square -> add KernelOp.Multiply (at n.A) (at n.A) 0
                | Op.Less -> add KernelOp.Maximum (add KernelOp.Subtract (at n.A) (at n.B) 0) (constant 0.0) 0
                | Op.Div when g.TryConstant(n.B).IsSome && Double.IsNormal(1.0 / g.TryConstant(n.B).Value) ->
                    add KernelOp.Multiply (at n.A) (constant (1.0 / g.TryConstant(n.B).Value)) 0
                | Op.Pow when
                    (match g.TryConstant n.B with
                     | ValueSome p -> p <> 0.0 && abs p <= largestProduct && (p = Math.Floor p || p = 1.5 || p = 2.5)
                     | _ -> false)
                    ->
                    power (at n.A) (g.TryConstant n.B).Value
                | op ->
                    let a = at n.A
                    let b = if n.B < 0 then 0 else at n.B
                    let c = if n.C < 0 then 0 else at n.C

                    match lane op with
                    | ValueSome op -> add op a b c
                    | ValueNone ->
                        instruction (KernelInstruction(Op = KernelOp.Call, A = a, B = b, C = c, Function = functionOf op))

        // A sine and a cosine of the same argument come from one instruction.
        let sines, cosines = Dictionary<int, int>(), Dictionary<int, int>()

        for id in 0 .. g.Count - 1 do
            if needed[id] && is Op.Sin id then sines[g[id].A] <- id
            if needed[id] && is Op.Cos id then cosines[g[id].A] <- id

        // What is wanted only for earlier instances is found by those.
        let wanted = g.Needed [| for sum in sums do for source in sum do if source.Shift = 0 then spec.Results[source.Result] |]
        let known = values[0]

        let sineAndCosine id =
            (is Op.Sin id || is Op.Cos id)
            && (let angle = g[id].A
                sines.ContainsKey angle && cosines.ContainsKey angle && needed[sines[angle]] && needed[cosines[angle]])

        for id in 0 .. g.Count - 1 do
            if needed[id] && sineAndCosine id && known[id] < 0 then
                let angle = g[id].A
                let pair = add KernelOp.SineCosine (at 0 angle) 0 0
                known[sines[angle]] <- pair
                known[cosines[angle]] <- add KernelOp.CosineOf pair 0 0
            // Products that go into sums only are computed with the sums, if at all.
            elif needed[id] && wanted[id] && known[id] < 0 && not (isProduct id && not otherUse[id] && use'[id] <= 2) then
                known[id] <- compute 0 id

        let results =
            [| for sum in sums do
                   sum
                   |> Array.map (fun source -> at source.Shift spec.Results[source.Result])
                   |> Array.reduce (fun total term -> add KernelOp.Add total term 0) |]

        KernelProgram(code.ToArray(), results)

    /// The program that computes the results of an instance.
    let build (spec: KernelSpec) : KernelProgram =
        buildSums spec [| for result in 0 .. spec.Results.Length - 1 -> [| PulledSource(result, 0) |] |]

/// Kernels interpreted block by block: ready at once.
module Interpret =
    let code (program: KernelProgram) (instanceCount: int) : KernelCode =
        Tape.Create(program, program.BlockSize instanceCount)
