namespace Optc.Compiler

open System
open System.Collections.Generic

/// Writes expressions in Polish prefix form, data folded to numbers.
[<Sealed>]
type NlExpressions
    (
        sink: NlSink,
        /// The number of a variable or common expression by its position in the extended point
        numberOf: int[],
        /// The template and instance of a value that is written in the place of its one use; null for others
        inlined: int -> struct ((NlTemplate | null) * int)
    ) =

    let constant (t: NlTemplate) (value: float) =
        if Double.IsFinite value then
            sink.Constant value
        else
            raise (NlNotFinite(t.Template.Name, value))

    /// coefficient · node
    member this.Scaled(t: NlTemplate, coefficient: float, id: int) : unit =
        if t.IsData id then
            constant t (coefficient * t.Value id)
        elif coefficient = 1.0 then
            this.Node(t, id)
        else
            let node = t.Graph[id]

            if node.Kind = NodeKind.OperatorNode && node.Op = Op.Neg then
                this.Scaled(t, -coefficient, node.A)
            elif node.Kind = NodeKind.OperatorNode && node.Op = Op.Mul && t.IsData node.A then
                this.Scaled(t, coefficient * t.Value node.A, node.B)
            elif node.Kind = NodeKind.OperatorNode && node.Op = Op.Mul && t.IsData node.B then
                this.Scaled(t, coefficient * t.Value node.B, node.A)
            elif coefficient = -1.0 then
                sink.Operator NlOpcodes.Negate
                this.Node(t, id)
            else
                sink.Operator NlOpcodes.Times
                constant t coefficient
                this.Node(t, id)

    /// A chain of sums with its numbers added up.
    member private this.Sum(t: NlTemplate, id: int) : unit =
        let chain = t.Chain id
        let number = t.ChainConstant id
        let count = if number = 0.0 then chain.Length else chain.Length + 1
        let sign negated = if negated then -1.0 else 1.0
        let struct (first, firstNegated) = chain[0]

        match count with
        | 1 -> this.Scaled(t, sign firstNegated, first)
        | 2 when chain.Length = 1 ->
            sink.Operator(if firstNegated then NlOpcodes.Minus else NlOpcodes.Plus)
            sink.Constant number
            this.Node(t, first)
        | 2 ->
            match chain[1] with
            | struct (second, true) ->
                sink.Operator NlOpcodes.Minus
                this.Scaled(t, sign firstNegated, first)
                this.Node(t, second)
            | struct (second, false) when firstNegated ->
                sink.Operator NlOpcodes.Minus
                this.Node(t, second)
                this.Node(t, first)
            | struct (second, false) ->
                sink.Operator NlOpcodes.Plus
                this.Node(t, first)
                this.Node(t, second)
        | _ ->
            sink.Operator NlOpcodes.SumList
            sink.Count count

            if number <> 0.0 then
                sink.Constant number

            for struct (operand, negated) in chain do
                this.Scaled(t, sign negated, operand)

    /// A value that is written in the place of its one use.
    member private this.Inlined(t: NlTemplate, instance: int) : unit =
        let before = t.Loaded
        t.Load instance
        this.Node(t, t.Root)
        t.Load before

    /// A chain of minima or maxima, through the values that are written in place: a list over a large set is one list.
    member private this.List(t: NlTemplate, id: int) : unit =
        let op = t.Graph[id].Op
        let operands = ResizeArray<struct (NlTemplate * int * int)>()
        let before = t.Loaded
        // Chains still to be taken apart: template, instance, node.
        let open' = Stack<struct (NlTemplate * int * int)>()
        open'.Push(struct (t, before, id))

        while open'.Count > 0 do
            let struct (owner, instance, node) = open'.Pop()
            let restore = owner.Loaded
            owner.Load instance

            // From the last to the first, as links stand first: turned round at the end.
            for struct (operand, _) in Array.rev (owner.Chain node) do
                let leaf = owner.Graph[operand]

                match (if leaf.Kind = NodeKind.SlotNode then inlined (owner.Position leaf.Index) else struct (null, 0)) with
                | struct (null, _) -> operands.Add(struct (owner, instance, operand))
                | struct (inner, innerInstance) ->
                    let root = inner.Graph[inner.Root]

                    if root.Kind = NodeKind.OperatorNode && root.Op = op then
                        open'.Push(struct (inner, innerInstance, inner.Root))
                    else
                        operands.Add(struct (inner, innerInstance, inner.Root))

            owner.Load restore

        operands.Reverse()
        sink.Operator(NlOpcodes.direct op)
        sink.Count operands.Count

        for struct (owner, instance, operand) in operands do
            let restore = owner.Loaded
            owner.Load instance
            this.Node(owner, operand)
            owner.Load restore

    member private this.Binary(t: NlTemplate, opcode: int, x: int, y: int) : unit =
        sink.Operator opcode
        this.Node(t, x)
        this.Node(t, y)

    member private this.PowerOf(t: NlTemplate, x: int, exponent: float) : unit =
        sink.Operator NlOpcodes.Power
        this.Node(t, x)
        sink.Constant exponent

    /// if 0 ≤ q then floor(q + h) else ceil(q − h), with q = x, or x/y when there is a y.
    member private this.TowardsZero(t: NlTemplate, x: int, y: int, h: float) : unit =
        let quotient () =
            if y >= 0 then this.Binary(t, NlOpcodes.Divide, x, y) else this.Node(t, x)

        let whole opcode shift =
            sink.Operator opcode

            if shift <> 0.0 then
                sink.Operator NlOpcodes.Plus
                sink.Constant shift

            quotient ()

        sink.Operator NlOpcodes.If
        sink.Operator NlOpcodes.LessOrEqual
        sink.Constant 0.0
        quotient ()
        whole NlOpcodes.Floor h
        whole NlOpcodes.Ceil -h

    /// if |t| ≤ δ then t²/2 else δ·(|t| − δ/2)
    member private this.Huber(t: NlTemplate, x: int, delta: int) : unit =
        let abs () =
            sink.Operator NlOpcodes.Abs
            this.Node(t, x)

        sink.Operator NlOpcodes.If
        sink.Operator NlOpcodes.LessOrEqual
        abs ()
        this.Node(t, delta)
        sink.Operator NlOpcodes.Times
        sink.Constant 0.5
        this.PowerOf(t, x, 2.0)
        sink.Operator NlOpcodes.Times
        this.Node(t, delta)
        sink.Operator NlOpcodes.Minus
        abs ()
        sink.Operator NlOpcodes.Times
        sink.Constant 0.5
        this.Node(t, delta)

    /// The expression of a node for the instance loaded last.
    member this.Node(t: NlTemplate, id: int) : unit =
        let node = t.Graph[id]

        let isSquareOf (square: int) (x: int) =
            let n = t.Graph[square]
            n.Kind = NodeKind.OperatorNode && n.Op = Op.Square && n.A = x

        if t.IsData id then
            constant t (t.Value id)
        elif node.Kind = NodeKind.SlotNode then
            let position = t.Position node.Index

            match inlined position with
            | struct (null, _) -> sink.Variable numberOf[position]
            | struct (inner, instance) -> this.Inlined(inner, instance)
        else
            match node.Op with
            | Op.Add
            | Op.Sub
            | Op.Neg ->
                this.Sum(t, id)
            | Op.Mul when t.IsData node.A -> this.Scaled(t, t.Value node.A, node.B)
            | Op.Mul when t.IsData node.B -> this.Scaled(t, t.Value node.B, node.A)
            | Op.Mul when isSquareOf node.B node.A -> this.PowerOf(t, node.A, 3.0)
            | Op.Mul when isSquareOf node.A node.B -> this.PowerOf(t, node.B, 3.0)
            | Op.Square ->
                let inner = t.Graph[node.A]

                if inner.Kind = NodeKind.OperatorNode && inner.Op = Op.Square then
                    this.PowerOf(t, inner.A, 4.0)
                else
                    this.PowerOf(t, node.A, 2.0)
            | Op.Min
            | Op.Max -> this.List(t, id)
            | Op.Round -> this.TowardsZero(t, node.A, -1, 0.5)
            | Op.Trunc -> this.TowardsZero(t, node.A, -1, 0.0)
            | Op.IntDiv -> this.TowardsZero(t, node.A, node.B, 0.0)
            | Op.Huber -> this.Huber(t, node.A, node.B)
            | op ->
                sink.Operator(NlOpcodes.direct op)
                this.Node(t, node.A)

                if node.B >= 0 then
                    this.Node(t, node.B)

                if node.C >= 0 then
                    this.Node(t, node.C)
