namespace Optc.Compiler

open System

/// What a node of the expression graph is.
type NodeKind =
    | ConstantNode = 0
    /// A variable or stage value of the instance
    | SlotNode = 1
    /// A number of the instance, or one for all instances
    | DatumNode = 2
    | OperatorNode = 3

[<Struct>]
type Node =
    { Kind: NodeKind
      Op: Op
      /// Constant
      Value: float
      /// Slot or datum number
      Index: int
      /// Arguments, -1 where there is none
      A: int
      B: int
      C: int }

/// A hash-consed acyclic graph of expressions over slots and data: equal expressions are one node, arguments stand
/// before what uses them. Nodes are simplified as they are built, by rules that keep the value, NaN and the sign of
/// infinities included (a sign of zero may be lost).
type Graph() =
    inherit Algebra()

    let nodes = ResizeArray<Node>()
    let mutable slotCount = 0
    // Open addressing, at most half full: a generic dictionary of such keys would be compiled at every start.
    let mutable known: int[] = Array.create 64 -1

    let payload (node: Node) =
        match node.Kind with
        | NodeKind.ConstantNode -> BitConverter.DoubleToInt64Bits node.Value
        | NodeKind.OperatorNode -> int64 node.Op
        | _ -> int64 node.Index

    /// Where the node is, or the free place for it.
    let place (node: Node) =
        let own = payload node
        let mix (hash: uint64) (part: int) = (hash ^^^ uint64 part) * 0x9E3779B97F4A7C15UL
        let hash = mix (mix (mix (mix (uint64 own * 0x9E3779B97F4A7C15UL) (int node.Kind)) node.A) node.B) node.C
        let mutable at = int (hash >>> 33) &&& (known.Length - 1)

        let differs (other: Node) =
            other.Kind <> node.Kind || other.A <> node.A || other.B <> node.B || other.C <> node.C || payload other <> own

        while known[at] >= 0 && differs nodes[known[at]] do
            at <- (at + 1) &&& (known.Length - 1)

        at

    let intern (node: Node) =
        let at = place node

        if known[at] >= 0 then
            known[at]
        else
            known[at] <- nodes.Count
            nodes.Add node

            if node.Kind = NodeKind.SlotNode then
                slotCount <- max slotCount (node.Index + 1)

            if 2 * nodes.Count > known.Length then
                known <- Array.create (2 * known.Length) -1

                for id in 0 .. nodes.Count - 1 do
                    known[place nodes[id]] <- id

            nodes.Count - 1

    let leaf kind value index =
        intern
            { Kind = kind
              Op = Op.Add
              Value = value
              Index = index
              A = -1
              B = -1
              C = -1 }

    let raw op x y z =
        intern
            { Kind = NodeKind.OperatorNode
              Op = op
              Value = 0.0
              Index = 0
              A = x
              B = y
              C = z }

    member _.Count = nodes.Count
    /// Slots are numbered below this.
    member _.SlotCount = slotCount
    member _.Item with get (id: int) = nodes[id]

    member _.Slot(number: int) = leaf NodeKind.SlotNode 0.0 number
    member _.Datum(number: int) = leaf NodeKind.DatumNode 0.0 number
    override _.Constant(value: float) = leaf NodeKind.ConstantNode value 0

    member g.IsConstant(id, value: float) =
        nodes[id].Kind = NodeKind.ConstantNode && nodes[id].Value = value

    member g.TryConstant(id) : float voption =
        if id >= 0 && nodes[id].Kind = NodeKind.ConstantNode then
            ValueSome nodes[id].Value
        else
            ValueNone

    member private g.Is(id, op: Op) =
        nodes[id].Kind = NodeKind.OperatorNode && nodes[id].Op = op

    /// A node for an operator and its arguments, simplified.
    override g.Apply(op: Op, x: int, y: int, z: int) : int =
        let cx = g.TryConstant x
        let cy = g.TryConstant y
        let cz = g.TryConstant z

        let allConstant =
            cx.IsSome && (y < 0 || cy.IsSome) && (z < 0 || cz.IsSome)

        if allConstant then
            g.Constant(Operators.evaluate op cx.Value (ValueOption.defaultValue 0.0 cy) (ValueOption.defaultValue 0.0 cz))
        else
            match op with
            | Op.Add -> g.SimplifyAdd(x, y, cx, cy)
            | Op.Sub -> g.SimplifySub(x, y, cx, cy)
            | Op.Mul -> g.SimplifyMul(x, y, cx, cy)
            | Op.Div -> g.SimplifyDiv(x, y, cx, cy)
            | Op.Neg -> g.SimplifyNeg x
            | Op.Pow -> g.SimplifyPow(x, y, cy)
            | Op.PowFirst ->
                match cy with
                | ValueSome 0.0 -> g.Constant 0.0
                | ValueSome p -> g.Mul(g.Constant p, g.Bin(Op.Pow, x, g.Constant(p - 1.0)))
                | _ -> raw op x y z
            | Op.Square when g.Is(x, Op.Neg) || g.Is(x, Op.Abs) -> g.Square(nodes[x].A)
            | Op.Abs when g.Is(x, Op.Square) || g.Is(x, Op.Abs) -> x
            | Op.Abs when g.Is(x, Op.Neg) -> g.Un(Op.Abs, nodes[x].A)
            | Op.Cos when g.Is(x, Op.Neg) -> g.Un(Op.Cos, nodes[x].A)
            | Op.Min
            | Op.Max when x = y -> x
            | Op.Select ->
                match cx with
                | ValueSome c -> if c <> 0.0 then y else z
                | _ -> if y = z then y else raw op x y z
            | _ -> raw op x y z

    member private g.SimplifyAdd(x, y, cx, cy) =
        if cx = ValueSome 0.0 then y
        elif cy = ValueSome 0.0 then x
        elif g.Is(y, Op.Neg) then g.Sub(x, nodes[y].A)
        elif g.Is(x, Op.Neg) then g.Sub(y, nodes[x].A)
        elif x = y then g.Mul(g.Constant 2.0, x)
        else raw Op.Add (min x y) (max x y) -1

    member private g.SimplifySub(x, y, cx, cy) =
        if cy = ValueSome 0.0 then x
        elif cx = ValueSome 0.0 then g.Neg y
        elif g.Is(y, Op.Neg) then g.Add(x, nodes[y].A)
        else raw Op.Sub x y -1

    member private g.SimplifyNeg x =
        let n = nodes[x]

        if g.Is(x, Op.Neg) then n.A
        elif g.Is(x, Op.Sub) then g.Sub(n.B, n.A)
        elif g.Is(x, Op.Mul) && g.TryConstant(n.A).IsSome then
            g.Mul(g.Constant(-(g.TryConstant n.A).Value), n.B)
        else raw Op.Neg x -1 -1

    /// Two constant factors make one unless their product overflows or vanishes where the whole may not.
    member private _.FactorsJoin(a: float voption, b: float voption) =
        a.IsSome && b.IsSome && Double.IsNormal(a.Value * b.Value)

    member private g.SimplifyMul(x, y, cx, cy) =
        // A constant factor stands first.
        if cy.IsSome then g.SimplifyMul(y, x, cy, cx)
        elif cx = ValueSome 1.0 then y
        elif cx = ValueSome -1.0 then g.Neg y
        elif g.Is(x, Op.Neg) && g.Is(y, Op.Neg) then g.Mul(nodes[x].A, nodes[y].A)
        elif g.Is(x, Op.Neg) then g.Neg(g.Mul(nodes[x].A, y))
        elif g.Is(y, Op.Neg) then (if cx.IsSome then g.Mul(g.Constant(-cx.Value), nodes[y].A) else g.Neg(g.Mul(x, nodes[y].A)))
        elif cx.IsSome && g.Is(y, Op.Mul) && g.FactorsJoin(cx, g.TryConstant nodes[y].A) then
            g.Mul(g.Constant(cx.Value * (g.TryConstant nodes[y].A).Value), nodes[y].B)
        elif cx.IsNone && g.Is(y, Op.Mul) && g.TryConstant(nodes[y].A).IsSome then
            g.Mul(nodes[y].A, g.Mul(x, nodes[y].B))
        elif cx.IsNone && g.Is(x, Op.Mul) && g.TryConstant(nodes[x].A).IsSome then
            g.Mul(nodes[x].A, g.Mul(nodes[x].B, y))
        elif x = y then g.Square x
        elif cx.IsNone && g.Is(y, Op.Div) && g.IsConstant(nodes[y].A, 1.0) then g.Div(x, nodes[y].B)
        elif cx.IsNone && g.Is(x, Op.Div) && g.IsConstant(nodes[x].A, 1.0) then g.Div(y, nodes[x].B)
        elif cx.IsSome then raw Op.Mul x y -1
        else raw Op.Mul (min x y) (max x y) -1

    member private g.SimplifyDiv(x, y, cx, cy) =
        match cy with
        | ValueSome 1.0 -> x
        | ValueSome -1.0 -> g.Neg x
        // Division by a power of two is exact as a product; other divisors keep the rounding of the text.
        | ValueSome c when c <> 0.0 && Math.Abs(BitConverter.DoubleToInt64Bits c &&& 0xFFFFFFFFFFFFFL) = 0L && Double.IsNormal(1.0 / c) ->
            g.Mul(g.Constant(1.0 / c), x)
        | _ ->
            if g.Is(x, Op.Neg) then g.Neg(g.Div(nodes[x].A, y))
            elif g.Is(y, Op.Neg) then g.Neg(g.Div(x, nodes[y].A))
            else raw Op.Div x y -1

    member private g.SimplifyPow(x, y, cy) =
        match cy with
        | ValueSome 0.0 -> g.Constant 1.0
        | ValueSome 1.0 -> x
        | ValueSome 2.0 -> g.Square x
        | ValueSome 3.0 -> g.Mul(x, g.Square x)
        | ValueSome 4.0 -> g.Square(g.Square x)
        | ValueSome -1.0 -> g.Div(g.Constant 1.0, x)
        | ValueSome -2.0 -> g.Div(g.Constant 1.0, g.Square x)
        | ValueSome 0.5 -> g.Un(Op.Sqrt, x)
        | _ -> raw Op.Pow x y -1

    member private _.Append(node: Node) = intern node |> ignore

    /// A graph with the same nodes under the same numbers.
    member _.Clone() : Graph =
        let clone = Graph()

        for node in nodes do
            clone.Append node

        clone

    /// Copies a node and what it needs into another graph, with its leaves replaced.
    member g.CopyTo(target: Graph, roots: int[], slot: int -> int, datum: int -> int) : int[] =
        let map = Array.create nodes.Count -1
        let needed = g.Needed roots

        for id in 0 .. nodes.Count - 1 do
            if needed[id] then
                let n = nodes[id]
                let at i = if i < 0 then -1 else map[i]

                map[id] <-
                    match n.Kind with
                    | NodeKind.ConstantNode -> target.Constant n.Value
                    | NodeKind.SlotNode -> slot n.Index
                    | NodeKind.DatumNode -> datum n.Index
                    | _ -> target.Apply(n.Op, at n.A, at n.B, at n.C)

        roots |> Array.map (fun r -> map[r])

    /// Which nodes the roots need, themselves included.
    member _.Needed(roots: int[]) : bool[] =
        let needed = Array.zeroCreate nodes.Count

        for r in roots do
            needed[r] <- true

        for id in nodes.Count - 1 .. -1 .. 0 do
            if needed[id] then
                let n = nodes[id]
                if n.A >= 0 then needed[n.A] <- true
                if n.B >= 0 then needed[n.B] <- true
                if n.C >= 0 then needed[n.C] <- true

        needed

    /// For every node, whether it depends on a slot for which the predicate holds.
    member _.Depends(isActive: int -> bool) : bool[] =
        let result = Array.zeroCreate nodes.Count

        for id in 0 .. nodes.Count - 1 do
            let n = nodes[id]

            result[id] <-
                match n.Kind with
                | NodeKind.SlotNode -> isActive n.Index
                | NodeKind.OperatorNode ->
                    result[n.A] || (n.B >= 0 && result[n.B]) || (n.C >= 0 && result[n.C])
                | _ -> false

        result
