namespace Optc.Compiler

open System
open System.Collections.Concurrent
open System.Collections.Generic
open Optc.Runtime.Templates

/// The instructions of a program, each once: what has the same operation and arguments is the same.
[<Sealed>]
type private InstructionList() =
    let code = ResizeArray<KernelInstruction>()
    let known = Dictionary<struct (KernelOp * struct (int * int * int) * int * int64 * KernelFunction | null), int>()

    let number key (x: KernelInstruction) =
        match known.TryGetValue key with
        | true, at -> at
        | _ ->
            code.Add x
            known[key] <- code.Count - 1
            code.Count - 1

    /// A leaf; `place` tells those apart whose fields are the same, and is the same for those that read the same.
    member _.Leaf(x: KernelInstruction, place: struct (int * int * int)) : int =
        number (struct (x.Op, place, x.B, 0L, null)) x

    member _.Constant(value: float) : int =
        number
            (struct (KernelOp.Constant, struct (0, 0, 0), 0, BitConverter.DoubleToInt64Bits value, null))
            (KernelInstruction(Op = KernelOp.Constant, Value = value))

    member _.Add(op: KernelOp, a: int, b: int, c: int) : int =
        number (struct (op, struct (a, b, c), 0, 0L, null)) (KernelInstruction(Op = op, A = a, B = b, C = c))

    member _.Call(f: KernelFunction, a: int, b: int, c: int) : int =
        number (struct (KernelOp.Call, struct (a, b, c), 0, 0L, f)) (KernelInstruction(Op = KernelOp.Call, A = a, B = b, C = c, Function = f))

    /// The program; a sine and a cosine of the same argument become one instruction.
    member _.Finish(results: int[]) : KernelProgram =
        let isCall name (x: KernelInstruction) =
            match x.Function with
            | null -> false
            | f -> f.Scalar.Name = name

        let angles name =
            HashSet(code |> Seq.filter (isCall name) |> Seq.map _.A)

        let both = angles "Sin"
        both.IntersectWith(angles "Cos")
        let pairs = Dictionary<int, int>()
        let finished = ResizeArray<KernelInstruction>()
        let moved = Array.zeroCreate code.Count

        for k in 0 .. code.Count - 1 do
            let x = code[k]
            let argument n = if n < x.ArgumentCount then moved[x.Argument n] else x.Argument n

            if (isCall "Sin" x || isCall "Cos" x) && both.Contains x.A then
                if not (pairs.ContainsKey x.A) then
                    pairs[x.A] <- finished.Count
                    finished.Add(KernelInstruction(Op = KernelOp.SineCosine, A = moved[x.A]))
                    finished.Add(KernelInstruction(Op = KernelOp.CosineOf, A = finished.Count - 1))

                moved[k] <- pairs[x.A] + (if isCall "Cos" x then 1 else 0)
            else
                finished.Add(
                    KernelInstruction(
                        Op = x.Op,
                        A = argument 0,
                        B = argument 1,
                        C = argument 2,
                        Part = x.Part,
                        Shift = x.Shift,
                        Value = x.Value,
                        Function = x.Function
                    )
                )

                moved[k] <- finished.Count - 1

        KernelProgram(finished.ToArray(), results |> Array.map (fun r -> moved[r]))

/// From graphs to the straight-line program of a kernel: common subexpressions are computed once, powers become
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

    /// Adds what some results of a specification need; gives their value for the instance so many before the place.
    /// What a lane computes is computed again for each shift; what takes longer is kept, and read again by the later place.
    let private part (list: InstructionList) (number: int) (offset: int) (spec: KernelSpec) (wanted: int[]) (reach: int) : int -> int -> int =
        let g = spec.Graph
        let is op id = g[id].Kind = NodeKind.OperatorNode && g[id].Op = op
        let isProduct id = is Op.Mul id || is Op.Square id

        /// Users of each node, and whether one is no sum, or it is a result: then a product is needed as such. Only users of
        /// the node's own level count, so that a value is rounded in the same way whatever is computed with it.
        let use' = Array.zeroCreate<int> g.Count
        let otherUse = Array.zeroCreate<bool> g.Count
        let reached = Array.zeroCreate<bool> g.Count

        for level in Array.append spec.Levels [| spec.Results |] do
            let needed = g.Needed level

            for r in level do
                if not reached[r] then
                    otherUse[r] <- true

            for id in 0 .. g.Count - 1 do
                if (needed[id] || reached[id]) && g[id].Kind = NodeKind.OperatorNode then
                    let n = g[id]

                    for argument in [| n.A; n.B; n.C |] do
                        if argument >= 0 && not reached[argument] then
                            use'[argument] <- use'[argument] + 1

                            if n.Op <> Op.Add && n.Op <> Op.Sub then
                                otherUse[argument] <- true

            for id in 0 .. g.Count - 1 do
                reached[id] <- reached[id] || needed[id]

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

        /// By shift, then by node
        let values = Array.init (reach + 1) (fun _ -> Array.create g.Count -1)

        /// The same for all instances
        let uniform =
            let varies =
                Array.init g.Count (fun id ->
                    let n = g[id]

                    match n.Kind with
                    | NodeKind.SlotNode -> spec.SlotSteps[n.Index % max 1 spec.SlotSteps.Length] <> 0
                    | NodeKind.DatumNode -> (if n.Index < spec.DatumSteps.Length then spec.DatumSteps[n.Index] else spec.RowStep) <> 0
                    | _ -> false)

            for id in 0 .. g.Count - 1 do
                let n = g[id]

                if n.Kind = NodeKind.OperatorNode then
                    varies[id] <- varies[n.A] || (n.B >= 0 && varies[n.B]) || (n.C >= 0 && varies[n.C])

            Array.map not varies

        let add op a b c = list.Add(op, a, b, c)
        let constant (x: float) = list.Constant x

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

            let leaf (op: KernelOp) a step =
                let back = shift - offset
                let x = KernelInstruction(Op = op, A = a, B = step, Shift = back, Part = number)

                // x[i] of the instance before is x[i-1] of this one, whichever template it belongs to.
                let place =
                    if (op = KernelOp.Slot || op = KernelOp.Direction) && step >= 0 then
                        struct (-1, spec.SlotBases[a] - step * back, 0)
                    else
                        struct (number, a, back)

                list.Leaf(x, place)

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
                | Op.Sub when fuses n.A n.B false ->
                    let struct (x, y) = factors n.A
                    add KernelOp.MultiplySubtract x y (at n.B)
                | Op.Square -> add KernelOp.Multiply (at n.A) (at n.A) 0
                // Factors that are the same for all instances are multiplied first, once.
                | Op.Mul when uniform[n.A] && isProduct n.B && uniform[g[n.B].A] && not uniform[n.B] ->
                    add KernelOp.Multiply (add KernelOp.Multiply (at n.A) (at g[n.B].A) 0) (at g[n.B].B) 0
                | Op.Mul when uniform[n.A] && isProduct n.B && is Op.Mul n.B && uniform[g[n.B].B] && not uniform[n.B] ->
                    add KernelOp.Multiply (add KernelOp.Multiply (at n.A) (at g[n.B].B) 0) (at g[n.B].A) 0
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
                        list.Call(functionOf op, a, b, c)

        let wanted = g.Needed(wanted |> Array.map (fun result -> spec.Results[result]))

        for id in 0 .. g.Count - 1 do
            // Products that go into sums only are computed with the sums, if at all.
            if wanted[id] && values[0][id] < 0 && not (isProduct id && not otherUse[id] && use'[id] <= 2) then
                values[0][id] <- compute 0 id

        fun shift result -> at shift spec.Results[result]

    /// The program that computes sums of results of instances around a place, of one specification or of several, with the
    /// instance of each at place 0. Sums are rounded as if the terms had been stored, those of one specification first.
    let buildSums (specs: KernelSpec[]) (offsets: int[]) (sums: PulledSource[][]) : KernelProgram =
        let list = InstructionList()
        let sources = Array.concat sums
        let reach = sources |> Array.fold (fun reach source -> max reach source.Shift) 0

        let parts =
            specs
            |> Array.mapi (fun p spec ->
                // What is wanted only for earlier instances is found by those.
                let wanted = sources |> Array.filter (fun s -> s.Part = p && s.Shift = 0) |> Array.map _.Result
                part list p offsets[p] spec wanted reach)

        let sum = Array.reduce (fun total term -> list.Add(KernelOp.Add, total, term, 0))

        list.Finish
            [| for terms in sums do
                   terms
                   |> Array.groupBy _.Part
                   |> Array.map (fun (p, terms) -> terms |> Array.map (fun s -> parts[p] s.Shift s.Result) |> sum)
                   |> sum |]

    /// The program that computes the results of an instance.
    let build (spec: KernelSpec) : KernelProgram =
        buildSums [| spec |] [| 0 |] [| for result in 0 .. spec.Results.Length - 1 -> [| PulledSource(0, result, 0) |] |]
