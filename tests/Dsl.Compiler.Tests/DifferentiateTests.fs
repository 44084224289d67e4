module Optc.Compiler.Tests.DifferentiateTests

open System
open FsCheck
open FsCheck.FSharp
open Optc.Compiler
open Optc.Compiler.Tests.Expressions
open Xunit

let private config = Config.QuickThrowOnFailure.WithReplay(20260303UL, 13UL).WithMaxTest(3000).WithEndSize(50)

/// Whether a step lies so near that the two ways of rounding may take different branches.
let private atStep (e: Expression) (slots: float[]) data =
    let at factor = evaluate (slots |> Array.map (fun s -> s * factor)) data unwatched e
    let value = at 1.0
    let slope = abs (at (1.0 + 1e-7) - value) + abs (at (1.0 - 1e-7) - value)
    slope > 1e-3 * (1.0 + abs value)

[<Fact>]
let ``gradient and Hessian of random expressions agree with hyper-dual numbers`` () =
    let random = Random 21
    let compared = ref 0

    let agrees (e: Expression) =
        let g = Graph()
        let root = build g e
        // The last slot is detached: it counts as data.
        let isActive k = k < slotCount - 1
        let gradient = Differentiate.gradient g isActive root
        let hessian = Differentiate.hessian g isActive gradient
        Assert.Equal<int list>(gradient |> Array.map fst |> Array.sort |> List.ofArray, gradient |> Array.map fst |> List.ofArray)
        Assert.All(gradient, (fun (k, _) -> Assert.True(isActive k)))
        Assert.All(hessian, (fun (a, b, _) -> Assert.True(b <= a && isActive a)))

        for _ in 1..3 do
            let slots = Array.init slotCount (fun _ -> 0.2 + 1.7 * random.NextDouble())
            let data = Array.init datumCount (fun _ -> 0.3 + random.NextDouble())
            let direction () = Array.init slotCount (fun k -> if isActive k then 2.0 * random.NextDouble() - 1.0 else 0.0)
            let u = direction ()
            let w = direction ()
            let size = ref 1.0
            let watch (v: float) = size.Value <- if Double.IsFinite v then max size.Value v else infinity

            let expected =
                differentiate
                    (Array.init slotCount (fun k ->
                        { V = slots[k]
                          U = u[k]
                          W = w[k]
                          UW = 0.0 }))
                    data
                    watch
                    e

            if expected.IsFinite && size.Value < 1e4 && not (atStep e slots data) then
                compared.Value <- compared.Value + 1
                let values = values g slots data
                let first d = gradient |> Array.sumBy (fun (k, node) -> values[node] * d k)

                let second =
                    hessian
                    |> Array.sumBy (fun (a, b, node) -> values[node] * (if a = b then u[a] * w[a] else u[a] * w[b] + u[b] * w[a]))

                let check what (actual: float) (naive: float) =
                    if not (abs (actual - naive) <= 1e-8 * size.Value) then
                        failwith $"{what}: symbolic {actual:R}, hyper-dual {naive:R} at {slots} {data}"

                check "gradient" (first (fun k -> u[k])) expected.U
                check "Hessian" second expected.UW

    Check.One(config, Prop.forAll expressions agrees)
    Assert.True(compared.Value > 2000, $"{compared.Value} compared")

[<Fact>]
let ``slots without a derivative are left out`` () =
    let g = Graph()
    let everySlot _ = true
    let floor = g.Un(Op.Floor, g.Slot 0)
    Assert.Empty(Differentiate.gradient g everySlot floor)
    let affine = g.Add(g.Mul(g.Constant 3.0, g.Slot 0), g.Slot 1)
    let gradient = Differentiate.gradient g everySlot affine
    Assert.Equal<int list>([ 0; 1 ], gradient |> Array.map fst |> List.ofArray)
    Assert.Empty(Differentiate.hessian g everySlot gradient)
    let product = g.Mul(g.Slot 0, g.Slot 1)
    let hessian = Differentiate.hessian g everySlot (Differentiate.gradient g everySlot product)
    Assert.Equal<(int * int) list>([ (1, 0) ], hessian |> Array.map (fun (a, b, _) -> a, b) |> List.ofArray)

/// A chain of n maxima must not need 2ⁿ nodes.
[<Fact>]
let ``derivatives of nested branches stay small`` () =
    let g = Graph()
    let mutable root = g.Slot 0

    for k in 1..15 do
        root <- g.Bin(Op.Max, root, g.Un(Op.Sin, g.Slot k))

    let gradient = Differentiate.gradient g (fun _ -> true) root
    let hessian = Differentiate.hessian g (fun _ -> true) gradient
    Assert.Equal(16, gradient.Length)
    Assert.Equal(15, hessian.Length)
    Assert.True(g.Count < 5000, $"{g.Count} nodes")

let private along (g: Graph) (root: int) (direction: float[]) (slots: float[]) (data: float[]) =
    let everySlot _ = true
    let gradient = Differentiate.gradient g everySlot root
    let hessian = Differentiate.hessian g everySlot gradient
    let forward = Differentiate.directional g everySlot (Leaves.direction g slotCount) (Array.map snd gradient)
    let values = values g (Array.append slots direction) data
    let product: float[] = Array.zeroCreate slotCount
    let size: float[] = Array.create slotCount 1.0

    let add row column value =
        product[row] <- product[row] + value * direction[column]
        size[row] <- size[row] + abs (value * direction[column])

    for a, b, node in hessian do
        add a b values[node]

        if a <> b then
            add b a values[node]

    gradient |> Array.mapi (fun k (slot, node) -> slot, values[node], values[forward[k]], product[slot], size[slot])

/// The largest of all intermediate results and their derivatives, infinite where one has none.
let private sizeOf (slots: float[]) (direction: float[]) data e =
    let size = ref 1.0
    let watch (v: float) = size.Value <- if Double.IsFinite v then max size.Value v else infinity

    let seeds =
        Array.map2
            (fun v d ->
                { V = v
                  U = d
                  W = d
                  UW = 0.0 })
            slots
            direction

    differentiate seeds data watch e |> ignore
    size.Value

/// At kinks too: both take the same branches there.
[<Fact>]
let ``derivatives along a direction are the Hessian times the direction`` () =
    let random = Random 22
    let compared = ref 0

    let agrees (e: Expression) =
        let g = Graph()
        let root = build g e

        for round in 1..3 do
            // Few different numbers, so that arguments of kinks are equal or zero.
            let number () = if round = 1 then float (random.Next 4 - 1) else 0.2 + 1.7 * random.NextDouble()
            let slots = Array.init slotCount (fun _ -> number ())
            let data = Array.init datumCount (fun _ -> number ())
            let direction = Array.init slotCount (fun _ -> 2.0 * random.NextDouble() - 1.0)

            let largest = sizeOf slots direction data e

            if largest < 1e4 then
                for slot, _, forward, product, size in along g root direction slots data do
                    if Double.IsFinite size && size < 1e6 then
                        compared.Value <- compared.Value + 1

                        if not (abs (forward - product) <= 1e-9 * size * largest) then
                            failwith $"slot {slot}: forward {forward:R}, Hessian times direction {product:R} at %A{slots} %A{data} along %A{direction}"

    Check.One(config.WithMaxTest 1500, Prop.forAll expressions agrees)
    Assert.True(compared.Value > 2000, $"{compared.Value} compared")

[<Fact>]
let ``derivatives along a direction agree with differences of the gradient`` () =
    let random = Random 23
    let compared = ref 0

    let agrees (e: Expression) =
        let g = Graph()
        let root = build g e
        let slots = Array.init slotCount (fun _ -> 0.4 + 1.3 * random.NextDouble())
        let data = Array.init datumCount (fun _ -> 0.3 + random.NextDouble())
        let direction = Array.init slotCount (fun _ -> 2.0 * random.NextDouble() - 1.0)
        let at h = along g root direction (Array.map2 (fun s d -> s + h * d) slots direction) data
        let difference h = Array.map2 (fun (_, above: float, _, _, _) (_, below: float, _, _, _) -> (above - below) / (2.0 * h)) (at h) (at -h)
        let coarse, fine = difference 1e-3, difference 5e-4
        let size = sizeOf slots direction data e

        at 0.0
        |> Array.iteri (fun k (slot, value, forward, _, _) ->
            // One step of Richardson's; where its two values lie apart there is a kink or a pole.
            let better = (4.0 * fine[k] - coarse[k]) / 3.0
            let scale = 1.0 + abs value + abs better

            if size < 1e3 && Double.IsFinite better && abs (coarse[k] - fine[k]) < 1e-5 * scale then
                compared.Value <- compared.Value + 1

                if not (abs (forward - better) <= 1e-4 * scale) then
                    failwith $"slot {slot}: forward {forward:R}, differences {better:R} at %A{slots} %A{data} along %A{direction}")

    Check.One(config.WithMaxTest 800, Prop.forAll expressions agrees)
    Assert.True(compared.Value > 400, $"{compared.Value} compared")
