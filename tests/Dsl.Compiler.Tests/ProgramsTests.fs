/// What programs are made of: powers, quotients, fused products, shared functions.
module Optc.Compiler.Tests.ProgramsTests

open System
open Optc.Compiler
open Optc.Compiler.Tests.KernelWorlds
open Optc.Runtime.Templates
open Xunit

let private programOf (g: Graph) (results: int[]) : KernelProgram =
    Programs.build
        { Graph = g
          Results = results
          SlotSteps = [| 1; 1; 1; 1 |]
          SlotBases = [| 0; 100; 200; 300 |]
          DatumSteps = [||]
          RowStep = 1 }

let private operations (program: KernelProgram) =
    [ for x in program.Instructions do
          if x.ArgumentCount > 0 then x.Op ]

let private count op program = operations program |> List.filter ((=) op) |> List.length

/// The first result at slot values.
let private evaluate (program: KernelProgram) (slots: float[]) : float =
    let layout = layout (Random 1) 1 (Array.map (fun _ -> 1) slots) [||] 1
    let layout = { layout with SlotBases = Array.init slots.Length id }
    let w = world (fun () -> 0.0) (Random 1) layout
    Array.Copy(slots, w.Point, slots.Length)
    (naive w program 0)[0]

let private ulps (a: float) (b: float) =
    abs (BitConverter.DoubleToInt64Bits a - BitConverter.DoubleToInt64Bits b)

[<Fact>]
let ``small powers become products, roots and quotients`` () =
    let random = Random 81

    for p in [ -16.0; -7.0; -3.0; -1.0; 1.5; 2.0; 2.5; 3.0; 4.0; 5.0; 7.0; 11.0; 15.0; 16.0 ] do
        let g = Graph()
        let program = programOf g [| g.Bin(Op.Pow, g.Slot 0, g.Constant p) |]
        Assert.Equal(0, count KernelOp.Call program)
        Assert.True((operations program).Length <= 8, $"x^{p}: {operations program}")

        for _ in 1..200 do
            let x = 0.1 + 3.0 * random.NextDouble()
            let x = if p = Math.Floor p && random.Next 2 = 0 then -x else x
            // Each squaring doubles the error so far: 15 halves of an ulp for the sixteenth power, more of a smaller ulp.
            Assert.True(ulps (Math.Pow(x, p)) (evaluate program [| x |]) <= 16L, $"{x:R}^{p}")

    for p in [ 17.0; -20.0; 0.3; 3.5 ] do
        let g = Graph()
        let program = programOf g [| g.Bin(Op.Pow, g.Slot 0, g.Constant p) |]
        Assert.Equal(1, count KernelOp.Call program)

[<Fact>]
let ``powers keep zeros, infinities and NaN`` () =
    for p in [ -3.0; -2.0; -1.5; 1.5; 2.0; 2.5; 3.0; 4.0 ] do
        let g = Graph()
        let program = programOf g [| g.Bin(Op.Pow, g.Slot 0, g.Constant p) |]

        // Of −0 and −∞ to a power of one half the root has the sign, or is NaN; models do not go there.
        for x in [ 0.0; infinity; nan; 1.0 ] do
            Assert.True(sameBits (Math.Pow(x, p)) (evaluate program [| x |]), $"{x}^{p}: {evaluate program [| x |]}")

[<Fact>]
let ``division by a constant is a product where its reciprocal is a normal number`` () =
    let random = Random 82

    for c in [ 2.0; 3.0; -7.0; 0.1; 1e-300; 1e300 ] do
        let g = Graph()
        let program = programOf g [| g.Bin(Op.Div, g.Slot 0, g.Constant c) |]
        Assert.Equal(0, count KernelOp.Divide program)

        for _ in 1..100 do
            let x = random.NextDouble()
            Assert.True(ulps (x / c) (evaluate program [| x |]) <= 1L, $"{x:R}/{c}")

    for c in [ 1e-310; 1.7e308; 0.0 ] do
        let g = Graph()
        let program = programOf g [| g.Bin(Op.Div, g.Slot 0, g.Constant c) |]
        Assert.True(sameBits (1.0 / c) (evaluate program [| 1.0 |]), $"1/{c}: {evaluate program [| 1.0 |]}")

[<Fact>]
let ``products are fused into sums with what is no product`` () =
    let g = Graph()
    let a, b, c, d = g.Slot 0, g.Slot 1, g.Slot 2, g.Slot 3
    let sum = programOf g [| g.Add(g.Mul(a, b), c) |]
    Assert.Equal<KernelOp list>([ KernelOp.MultiplyAdd ], operations sum)
    let difference = programOf g [| g.Sub(c, g.Mul(a, b)) |]
    Assert.Equal<KernelOp list>([ KernelOp.NegateMultiplyAdd ], operations difference)
    let squares = programOf g [| g.Add(g.Square a, g.Square b) |]
    Assert.Equal<KernelOp list>([ KernelOp.Multiply; KernelOp.MultiplyAdd ], operations squares |> List.sort)
    // Rounded once
    Assert.Equal(Math.FusedMultiplyAdd(0.1, 0.1, -0.01), evaluate sum [| 0.1; 0.1; -0.01; 0.0 |])
    Assert.Equal(Math.FusedMultiplyAdd(-0.1, 0.1, 0.01), evaluate difference [| 0.1; 0.1; 0.01; 0.0 |])
    ignore d

[<Fact>]
let ``a difference of equal products stays exactly zero`` () =
    let random = Random 83

    let forms (g: Graph) =
        let a, b, c, d = g.Slot 0, g.Slot 1, g.Slot 2, g.Slot 3
        [ g.Sub(g.Mul(a, b), g.Mul(c, d))
          g.Add(g.Mul(a, b), g.Un(Op.Neg, g.Mul(c, d)))
          g.Sub(g.Square a, g.Mul(c, c))
          g.Sub(g.Square a, g.Square c)
          g.Add(g.Mul(a, b), g.Mul(g.Un(Op.Neg, c), d))
          g.Sub(g.Mul(g.Constant 3.0, g.Mul(a, b)), g.Mul(g.Constant 3.0, g.Mul(c, d))) ]

    for form in 0..5 do
        let g = Graph()
        let program = programOf g [| (forms g)[form] |]

        for _ in 1..100 do
            let a, b = random.NextDouble(), random.NextDouble()
            Assert.Equal(0.0, evaluate program [| a; b; a; b |])

[<Fact>]
let ``a product that is wanted as such is rounded`` () =
    let g = Graph()
    let product = g.Mul(g.Slot 0, g.Slot 1)
    let sum = g.Add(product, g.Slot 2)
    let program = programOf g [| product; sum |]
    Assert.Equal<KernelOp list>([ KernelOp.Multiply; KernelOp.Add ], operations program)
    // Also where a stretch of cells takes the sum only: its bits must not depend on what else is asked for.
    let spec: KernelSpec =
        { Graph = g
          Results = [| product; sum |]
          SlotSteps = [| 1; 1; 1 |]
          SlotBases = [| 0; 100; 200 |]
          DatumSteps = [||]
          RowStep = 1 }

    Assert.Equal<KernelOp list>([ KernelOp.Multiply; KernelOp.Add ], operations (Programs.buildSums spec [| [| PulledSource(1, 0) |] |]))

[<Fact>]
let ``a sine and a cosine of one argument are computed together`` () =
    let g = Graph()
    let angle = g.Mul(g.Slot 0, g.Slot 1)
    let both = programOf g [| g.Un(Op.Cos, angle); g.Un(Op.Sin, angle) |]
    Assert.Equal(1, count KernelOp.SineCosine both)
    Assert.Equal(1, count KernelOp.CosineOf both)
    Assert.Equal(0, count KernelOp.Call both)
    let apart = programOf g [| g.Un(Op.Cos, angle); g.Un(Op.Sin, g.Slot 0) |]
    Assert.Equal(0, count KernelOp.SineCosine apart)
    Assert.Equal(2, count KernelOp.Call apart)

[<Fact>]
let ``slots at the same position are read once`` () =
    let g = Graph()
    let spec: KernelSpec =
        { Graph = g
          Results = [| g.Add(g.Slot 0, g.Un(Op.Exp, g.Slot 1)) |]
          SlotSteps = [| 1; 1 |]
          SlotBases = [| 4; 4 |]
          DatumSteps = [||]
          RowStep = 1 }

    let slots (program: KernelProgram) = program.Instructions |> Array.filter (fun x -> x.Op = KernelOp.Slot) |> Array.length
    Assert.Equal(1, slots (Programs.build spec))
    // x[i] of the instance before is x[i-1] of this one.
    let neighbours = { spec with SlotBases = [| 3; 4 |] }
    Assert.Equal(2, slots (Programs.build neighbours))
    Assert.Equal(3, slots (Programs.buildSums neighbours [| [| PulledSource(0, 0); PulledSource(0, 1) |] |]))
