namespace Optc.Compiler

open System.Collections.Generic

/// Symbolic derivatives on the expression graph, by the reverse mode: the derivatives of one root by all slots
/// share their common parts, and share them with the value.
module Differentiate =

    /// Operators whose branches are differentiated apart: the derivative is the derivative of the branch taken,
    /// chosen by a condition. Otherwise 0·∞ of the other branch would be NaN.
    let private branches (g: Graph) (n: Node) =
        match n.Op with
        | Op.Select -> Some(n.A, n.B, n.C)
        | Op.Max -> Some(g.Bin(Op.IsLessOrEqual, n.B, n.A), n.A, n.B)
        | Op.Min -> Some(g.Bin(Op.IsLessOrEqual, n.A, n.B), n.A, n.B)
        | Op.Less -> Some(g.Bin(Op.IsLess, n.B, n.A), g.Sub(n.A, n.B), g.Constant 0.0)
        | _ -> None

    /// ∂root/∂slot as pairs (slot, node), ascending by slot, slots without a derivative left out.
    /// Slots for which `isActive` is false count as data.
    let rec gradient (g: Graph) (isActive: int -> bool) (root: int) : (int * int)[] =
        // Nodes by slot and by node of the graph as it is now; -1 where there is none.
        let result = Array.create (g.SlotCount) -1
        let adjoint = Array.create (root + 1) -1

        let accumulate (table: int[]) key value =
            table[key] <- if table[key] < 0 then value else g.Add(table[key], value)

        let depends = g.Depends isActive

        if depends[root] then
            adjoint[root] <- g.Constant 1.0

            for id in root .. -1 .. 0 do
                if adjoint[id] >= 0 && depends[id] then
                    let weight = adjoint[id]
                    let n = g[id]

                    match n.Kind with
                    | NodeKind.SlotNode -> accumulate result n.Index weight
                    | NodeKind.OperatorNode ->
                        match branches g n with
                        | Some(condition, taken, other) ->
                            let zero = g.Constant 0.0
                            let first = dict (gradient g isActive taken)
                            let second = dict (gradient g isActive other)

                            for slot in Seq.append first.Keys second.Keys |> Seq.distinct |> Seq.sort |> Seq.toArray do
                                // The weight goes into the branches: a slope of sqrt(max(x, 0)) that is infinite at 0
                                // must not meet the zero slope of the constant branch.
                                let part (table: IDictionary<int, int>) =
                                    match table.TryGetValue slot with
                                    | true, d -> g.Mul(weight, d)
                                    | _ -> zero

                                accumulate result slot (g.Apply(Op.Select, condition, part first, part second))
                        | None ->
                            let arguments =
                                [| n.A; n.B; n.C |] |> Array.filter (fun a -> a >= 0)

                            // Only partials that are needed are built: x^p with p data must not bring in ln x.
                            let partials = lazy ((Operators.get n.Op).Partials g arguments id)

                            arguments
                            |> Array.iteri (fun k argument ->
                                if depends[argument] && partials.Value[k] >= 0 then
                                    accumulate adjoint argument (g.Mul(weight, partials.Value[k])))
                    | _ -> ()

        [| for slot in 0 .. result.Length - 1 do
               if result[slot] >= 0 && not (g.IsConstant(result[slot], 0.0)) then
                   slot, result[slot] |]

    /// ∂²root/∂slot∂slot′ as (first, second, node) with first ≥ second, from the gradient.
    let hessian (g: Graph) (isActive: int -> bool) (first: (int * int)[]) : (int * int * int)[] =
        [| for slot, derivative in first do
               for other, second in gradient g (fun s -> s <= slot && isActive s) derivative do
                   slot, other, second |]

    /// The derivatives of some nodes along a direction, by the forward mode: `direction` gives its component at a slot.
    let directional (g: Graph) (isActive: int -> bool) (direction: int -> int) (nodes: int[]) : int[] =
        let depends = g.Depends isActive
        let needed = g.Needed nodes
        let zero = g.Constant 0.0
        // By node of the graph as it is now.
        let along = Array.create needed.Length zero
        let at id = if id < 0 then zero else along[id]
        // What does not change along the direction has no part in the sum, even where the partial is infinite.
        let times partial change = if change = zero then zero else g.Mul(partial, change)

        for id in 0 .. needed.Length - 1 do
            if needed[id] && depends[id] then
                let n = g[id]

                along[id] <-
                    match n.Kind with
                    | NodeKind.SlotNode -> direction n.Index
                    | _ ->
                        match n.Op with
                        // A product first, since its partials are its factors.
                        | Op.Mul -> g.Add(times n.B (at n.A), times n.A (at n.B))
                        | Op.Less -> g.Apply(Op.Select, g.Bin(Op.IsLess, n.B, n.A), g.Sub(at n.A, at n.B), zero)
                        | _ ->
                            match branches g n with
                            | Some(condition, taken, other) -> g.Apply(Op.Select, condition, at taken, at other)
                            | None ->
                                let arguments = [| n.A; n.B; n.C |] |> Array.filter (fun a -> a >= 0)
                                let partials = lazy ((Operators.get n.Op).Partials g arguments id)
                                let mutable sum = zero

                                arguments
                                |> Array.iteri (fun k argument ->
                                    if depends[argument] && partials.Value[k] >= 0 then
                                        sum <- g.Add(sum, times partials.Value[k] along[argument]))

                                sum

        nodes |> Array.map at
