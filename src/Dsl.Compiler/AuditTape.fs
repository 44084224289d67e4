namespace Optc.Compiler

open System

/// A value met while the audit evaluates an expression: where it stands on the tape, −1 for a constant.
[<Struct>]
type Traced =
    { Node: int
      Value: float }

    static member Constant(value: float) : Traced = { Node = -1; Value = value }

/// A value at a kink: its derivative is any convex combination of coefficient · derivative of operand. A ball stands for
/// the set { Jᵀu : ‖u‖ ≤ 1 } of the Euclidean norm at 0, which has no corners.
type Kink =
    { Node: int
      Operands: struct (Traced * float)[]
      IsBall: bool }

/// The operations of an evaluation in their order, with the partial derivatives of each: what reverse-mode
/// differentiation needs (Griewank and Walther 2008, ch. 3). Leaves carry the number of a column.
[<Sealed>]
type AuditTape() =
    let mutable ends: int[] = Array.zeroCreate 64
    let mutable columns: int[] = Array.zeroCreate 64
    let mutable nodes = 0
    let mutable operands: int[] = Array.zeroCreate 64
    let mutable partials: float[] = Array.zeroCreate 64
    let mutable edges = 0
    let mutable adjoints: float[] = [||]
    let kinks = ResizeArray<Kink>()

    let edgeStart node = if node = 0 then 0 else ends[node - 1]

    let push column : int =
        if nodes = ends.Length then
            Array.Resize(&ends, 2 * nodes)
            Array.Resize(&columns, 2 * nodes)

        ends[nodes] <- edges
        columns[nodes] <- column
        nodes <- nodes + 1
        nodes - 1

    /// Operations so far, truncated ones included: the cost of what was evaluated
    member val Steps = 0L with get, set
    member _.Mark = nodes
    member _.Kinks = kinks

    /// Forgets everything from a mark on.
    member _.Truncate(mark: int) =
        nodes <- mark
        edges <- edgeStart mark

        while kinks.Count > 0 && kinks[kinks.Count - 1].Node >= mark do
            kinks.RemoveAt(kinks.Count - 1)

    member this.Leaf(column: int, value: float) : Traced =
        this.Steps <- this.Steps + 1L
        { Node = push column; Value = value }

    /// A partial derivative of the operation that `Close` will put on the tape.
    member _.Edge(operand: Traced, partial: float) =
        if operand.Node >= 0 && partial <> 0.0 then
            if edges = operands.Length then
                Array.Resize(&operands, 2 * edges)
                Array.Resize(&partials, 2 * edges)

            operands[edges] <- operand.Node
            partials[edges] <- partial
            edges <- edges + 1

    /// Puts an operation with the edges since the last one on the tape; without any it is a constant.
    member this.Close(value: float) : Traced =
        this.Steps <- this.Steps + 1L
        if edges = edgeStart nodes then Traced.Constant value else { Node = push -1; Value = value }

    /// An operation at a kink.
    member this.CloseKink(value: float, choices: struct (Traced * float)[], isBall: bool) : Traced =
        this.Steps <- this.Steps + 1L

        if choices |> Array.forall (fun (struct (operand, _)) -> operand.Node < 0) then
            Traced.Constant value
        else
            let node = push -1

            kinks.Add
                { Node = node
                  Operands = choices
                  IsBall = isBall }

            { Node = node; Value = value }

    /// Reverse sweep from an operation with weight `seed` down to `mark`: calls back with every column met and what it
    /// gets. Kinks pass nothing on; their weights are left in `Adjoint`.
    member _.Sweep(root: int, mark: int, seed: float, toColumn: int -> float -> unit) =
        if adjoints.Length < nodes then
            adjoints <- Array.zeroCreate ends.Length

        Array.Clear(adjoints, mark, nodes - mark)
        adjoints[root] <- seed

        for node in root .. -1 .. mark do
            let weight = adjoints[node]

            if weight <> 0.0 then
                if columns[node] >= 0 then
                    toColumn columns[node] weight
                else
                    for edge in edgeStart node .. ends[node] - 1 do
                        let operand = operands[edge]
                        adjoints[operand] <- adjoints[operand] + weight * partials[edge]

    /// The weight a node got in the last sweep, if the sweep went over it
    member _.Adjoint(node: int) = adjoints[node]

    /// Every column that a value depends on, through kinks too.
    member _.Reach(root: int, mark: int, toColumn: int -> unit) =
        let seen: bool[] = Array.zeroCreate (max 0 (root - mark + 1))
        seen[root - mark] <- true

        let mutable kink = kinks.Count - 1

        for node in root .. -1 .. mark do
            while kink >= 0 && kinks[kink].Node > node do
                kink <- kink - 1

            if seen[node - mark] then
                if columns[node] >= 0 then
                    toColumn columns[node]

                for edge in edgeStart node .. ends[node] - 1 do
                    seen[operands[edge] - mark] <- true

                if kink >= 0 && kinks[kink].Node = node then
                    for struct (operand, _) in kinks[kink].Operands do
                        if operand.Node >= 0 then
                            seen[operand.Node - mark] <- true
