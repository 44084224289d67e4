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
