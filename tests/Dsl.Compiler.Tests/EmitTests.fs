/// Interpreted and compiled kernels against each other and against a naive evaluator, bit for bit.
module Optc.Compiler.Tests.EmitTests

open System
open FsCheck
open FsCheck.FSharp
open Optc.Compiler
open Optc.Compiler.Tests.Expressions
open Optc.Compiler.Tests.KernelWorlds
open Optc.Runtime.Native
open Optc.Runtime.Templates
open Xunit

/// Fails unless the interpreter and the compiler at every width give what the naive evaluator gives, in blocks of any size.
let private check (w: World) (spec: KernelSpec) (sizes: int list) (what: string) =
    let program = Programs.build spec
    let instances = w.Layout.Instances
    let expected = Array.init instances (naive w program)

    let codes =
        ("interpreted", Tape.Create(program, program.BlockSize instances))
        :: [ for width in widths -> string width, Emit.code width program instances ]

    for name, code in codes do
        for size in code.BlockSize :: sizes do
            match difference expected (runInBlocks code w (min size code.BlockSize)) with
            | Some difference -> failwith $"{what}, {name}, blocks of {size}, {w.Layout}: {difference}"
            | None -> ()

[<Fact>]
let ``all ways to run a kernel agree bit for bit on random tables`` () =
    let random = Random 31
    let config = Config.QuickThrowOnFailure.WithReplay(20260304UL, 17UL).WithMaxTest(40).WithEndSize(50)

    let agrees (e: Expression) =
        let g = Graph()
        let root = build g e
        let slotSteps = Array.init slotCount (fun _ -> random.Next 4 - 1)
        let datumSteps = Array.init datumCount (fun _ -> random.Next 2)
        let instances = [| 1; 2; 3; 6; 7; 8; 11; 33; 100 |][random.Next 9]
        let layout = layout random instances slotSteps datumSteps ([| -1; 0; 1; 3 |][random.Next 4])
        let w = world (specialNumbers random) random layout
        let specifications = (specifications layout g root).All
        let sizes = [ 1 + random.Next 40; 1 + random.Next 8 ]

        for spec in [ specifications[random.Next 3]; specifications[3 + random.Next 2] ] do
            check w spec sizes $"{e}"

    Check.One(config, Prop.forAll expressions agrees)

/// Every layout once, on an expression that has every kind of leaf, functions of one and two arguments, and a sine with
/// its cosine.
[<Fact>]
let ``every combination of layouts agrees bit for bit`` () =
    let random = Random 32

    for slot in [ -1; 0; 1; 2 ] do
        for datum in [ 0; 1 ] do
            for row in [ -1; 0; 1; 3 ] do
                let g = Graph()
                let root = g.Add(g.Mul(g.Datum 0, g.Un(Op.Sin, g.Mul(g.Slot 0, g.Slot 1))), g.Bin(Op.Atan2, g.Slot 1, g.Datum 1))
                let layout = layout random (20 + random.Next 60) [| slot; 1 |] [| datum; 1 - datum |] row
                let w = world (specialNumbers random) random layout
                check w (specifications layout g root).Directional [ 7; 13 ] "directional"

[<Fact>]
let ``every size of a block and of a template agrees bit for bit`` () =
    let random = Random 33

    for instances in [ 1..12 ] @ [ 41; 64 ] do
        let g = Graph()
        let x, y = g.Slot 0, g.Slot 1
        let root = g.Add(g.Mul(x, g.Un(Op.Exp, y)), g.Bin(Op.Max, g.Un(Op.Log, x), g.Square(g.Slot 2)))
        let layout = layout random instances [| 1; -1; 2 |] [||] 1
        let w = world (specialNumbers random) random layout
        check w (specifications layout g root).ValueAndFirstOrder [ 1..40 ] $"{instances} instances"

/// The kernel against a formula, for the meaning of bases, steps and tables.
[<Fact>]
let ``kernels compute what their definition says`` () =
    let random = Random 34
    let g = Graph()
    let root = g.Mul(g.Datum 0, g.Mul(g.Slot 0, g.Slot 1))
    let layout = layout random 70 [| 2; -1 |] [| 1 |] 0
    let w = world random.NextDouble random layout
    let program = Programs.build (specifications layout g root).Value

    for code in [ Tape.Create(program, program.BlockSize 70); Emit.code VectorWidth.Vector256 program 70 ] do
        let results = runInBlocks code w 24

        for i in 0..69 do
            let expected = w.Data[i] * w.Point[layout.SlotBases[0] + 2 * i] * w.Point[w.SlotTables[1][i]]
            Assert.Equal(expected, results[i][0], 13)

[<Fact>]
let ``equal results share an array`` () =
    let g = Graph()
    let product = g.Mul(g.Slot 0, g.Slot 1)
    let layout = layout (Random 35) 40 [| 1; 1 |] [||] 1
    let spec = { (specifications layout g product).Value with Results = [| product; g.Slot 0; product |] }
    let program = Programs.build spec

    for code in [ Tape.Create(program, program.BlockSize 40); Emit.code VectorWidth.Vector256 program 40 ] do
        Assert.Equal(code.ResultArrays[0], code.ResultArrays[2])
        Assert.NotEqual(code.ResultArrays[0], code.ResultArrays[1])

[<Fact>]
let ``kernels do not allocate`` () =
    let random = Random 36
    let e = Apply(Op.Add, [ Apply(Op.Pow, [ Slot 0; Slot 1 ]); Apply(Op.Select, [ Apply(Op.IsLess, [ Slot 2; Datum 0 ]); Slot 3; Datum 1 ]) ])
    let g = Graph()
    let root = build g e
    let layout = layout random 200 [| 1; -1; 2; 0 |] [| 0; 1; 1 |] 1
    let w = world (specialNumbers random) random layout

    for spec in (specifications layout g root).All do
        let program = Programs.build spec

        for code in [ Tape.Create(program, program.BlockSize 200); Emit.code VectorWidth.Vector256 program 200 ] do
            let block = Block code
            code.Run.Invoke(w.Frame, 0, 32, block.Address)
            code.Run.Invoke(w.Frame, 8, 1, block.Address)
            let before = GC.GetAllocatedBytesForCurrentThread()
            code.Run.Invoke(w.Frame, 0, 32, block.Address)
            code.Run.Invoke(w.Frame, 8, 1, block.Address)
            let after = GC.GetAllocatedBytesForCurrentThread()
            Assert.Equal(0L, after - before)

    GC.KeepAlive w.Keep
