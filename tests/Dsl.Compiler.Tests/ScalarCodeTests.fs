/// Machine code of small templates against their interpretation, bit for bit.
module Optc.Compiler.Tests.ScalarCodeTests

#nowarn "9" // addresses of pinned arrays

open System
open FSharp.NativeInterop
open Optc.Compiler
open Optc.Compiler.Tests.KernelWorlds
open Optc.Runtime.Templates
open Xunit

let private instances = 2
let private cellCount = 40

/// Never asked: small templates have no blocks.
let private compiler: KernelCompiler | null =
    { new KernelCompiler() with
        member _.Compile() = invalidOp "not for blocks"
        member _.Pull(_, _) = invalidOp "not for cells" }

/// A part of a program with random cells.
let private part (random: Random) (w: World) (spec: KernelSpec) canCompile atOnce =
    let program = Programs.build spec
    let count = spec.Results.Length
    let interpret () = Tape.Create(program, program.BlockSize instances)
    let kernel = Kernel(count, (fun () -> program), instances, (if canCompile then compiler else null), atOnce)
    let idle = Kernel(0, interpret)

    let template =
        Template(
            Name = "test",
            Target = TemplateTarget.Constraint,
            InstanceCount = instances,
            Row = IndexColumn.Affine(5, 1),
            Slots = Array.init w.Layout.SlotSteps.Length (fun k -> IndexColumn.Affine(w.Layout.SlotBases[k], w.Layout.SlotSteps[k])),
            Data = w.Data,
            DataColumns = Array.init w.DataBases.Length (fun d -> IndexColumn.Affine(w.DataBases[d], w.Layout.DatumSteps[d])),
            GradientSlots = [||],
            HessianPairs = [||],
            IsQuadratic = false,
            Kernels = TemplateKernels(Value = kernel, FirstOrder = idle, ValueAndFirstOrder = idle, SecondOrder = idle, WeightedFirstOrder = idle, Directional = idle)
        )

    let columns = Array.init count (fun _ -> IndexColumn.Affine(random.Next 30, random.Next 4))
    struct (template, kernel, ScatterPlanBuilder.Build(columns, instances, -1, CellClaims cellCount, false), (null: ScatterPlan | null))

/// What some runs of a program leave in the cells, each from zeros.
let private run (w: World) (program: ScalarProgram) runs (check: float[] -> unit) =
    let registers = pinned (Array.zeroCreate<float> (program.RegisterCount + 1))
    let cells = pinned (Array.zeroCreate<float> cellCount)
    let at (array: float[]) = NativePtr.ofNativeInt<float> (nativeint (address array))
    let mutable weights = ScalarProgram.RowWeights(at w.Weights, at w.Weights, at w.Weights)

    for _ in 1..runs do
        Array.Clear cells
        program.Run(at registers, at w.Point, at w.Direction, &weights, at cells, at cells)
        check cells

    GC.KeepAlive w.Keep

let private parts seed canCompile atOnce =
    let random = Random seed
    let w = world (specialNumbers random) random (layout random instances [| 1; 1; 2; -1 + 2; 0 |] [| 0; 1 |] 1)

    let parts =
        [| for _ in 1 .. 1 + random.Next 8 do
               let g, roots = PulledTests.graph random
               let all = specifications w.Layout g roots[0]
               let spec = [| all.FirstOrder; all.ValueAndFirstOrder; all.SecondOrder; all.Directional |][random.Next 4]
               part random w spec canCompile atOnce |]

    w, ScalarProgram.Create parts

[<Fact>]
let ``machine code gives the bits that interpretation gives`` () =
    let mutable cells = 0

    for seed in 1..60 do
        let w, interpreted = parts seed false false
        let mutable expected = [||]
        run w interpreted 1 (fun found -> expected <- Array.copy found)
        let _, compiled = parts seed true true

        run w compiled 2 (fun found ->
            for cell in 0 .. cellCount - 1 do
                Assert.True(sameBits expected[cell] found[cell], $"seed {seed}, cell {cell}: {expected[cell]} and {found[cell]}")
                cells <- cells + (if expected[cell] <> 0.0 then 1 else 0))

    Assert.True(cells > 500)

[<Fact>]
let ``machine code takes over chunk by chunk and nobody notices`` () =
    let w, interpreted = parts 7 false false
    let mutable expected = [||]
    run w interpreted 1 (fun found -> expected <- Array.copy found)
    let _, program = parts 7 true false
    let before = program.CompiledChunks
    let stages = Collections.Generic.HashSet<int>()

    run w program 60000 (fun found ->
        stages.Add program.CompiledChunks |> ignore

        if not (Array.forall2 sameBits expected found) then
            Assert.Fail $"other numbers with {program.CompiledChunks} chunks")

    Assert.Equal(0, before)
    Assert.True(stages.Count > 2, $"{stages.Count} stages")
