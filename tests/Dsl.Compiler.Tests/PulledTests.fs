/// Code for stretches of cells against the tape and plans, bit for bit.
module Optc.Compiler.Tests.PulledTests

#nowarn "9" // addresses of pinned arrays

open System
open Optc.Compiler
open Optc.Compiler.Tests.KernelWorlds
open Optc.Runtime.Native
open Optc.Runtime.Templates
open Xunit

let private instances = 1400
let private cellCount = 12 * instances

/// Slots at neighbouring and at wider steps, data and weights: all that can move.
let private world (random: Random) =
    world (specialNumbers random) random (layout random instances [| 1; 1; 2; -1; 0 |] [| 0; 1 |] 1)

/// Expressions whose parts are shared between results, with functions that are kept and read again at a shift.
let graph (random: Random) : Graph * int[] =
    let g = Graph()
    let x, y, z, t, u = g.Slot 0, g.Slot 1, g.Slot 2, g.Slot 3, g.Slot 4
    let p, q = g.Datum 0, g.Datum 1

    let roots =
        [| g.Add(g.Square(g.Sub(x, g.Square y)), g.Mul(p, z))
           g.Mul(g.Un(Op.Sin, g.Mul(x, y)), g.Un(Op.Exp, g.Sub(x, z)))
           g.Add(g.Un(Op.Sin, x), g.Mul(g.Un(Op.Cos, x), q))
           g.Apply(Op.Select, g.Bin(Op.IsLess, x, y), g.Un(Op.Sqrt, t), g.Div(z, y))
           g.Add(g.Bin(Op.Max, x, u), g.Bin(Op.Pow, g.Un(Op.Abs, t), q))
           g.Sub(g.Mul(x, y), g.Mul(p, t)) |]

    let mutable root = roots[random.Next roots.Length]

    for _ in 1 .. random.Next 3 do
        root <- g.Add(root, roots[random.Next roots.Length])

    g, [| root |]

/// Cells of results: most move together, in the shape of a band, and can be pulled.
let private columns (random: Random) count : IndexColumn[] =
    let step = 1 + random.Next 6
    let origin = random.Next 40
    // One in four is all there: every residue of the step.
    let isDense = random.Next 4 > 0

    Array.init count (fun e ->
        let residue = if isDense then e % step else random.Next step

        match random.Next 12 with
        | 0 -> IndexColumn.Affine(random.Next 60, 1 + random.Next 6)
        | 1 -> IndexColumn.Affine(random.Next cellCount, 0)
        | 2 -> IndexColumn.Affine(cellCount - 1, 0)
        | 3 -> IndexColumn.Affine(origin + residue + step * (10 + random.Next 10), step)
        | _ -> IndexColumn.Affine(origin + residue + step * random.Next 9, step))

/// A kernel for a world that runs on its own: the structure is only asked for addresses of frames.
let private template (w: World) : Template =
    let kernel = Kernel(0, (fun () -> invalidOp "not run"))

    Template(
        Name = "test",
        Target = TemplateTarget.Constraint,
        InstanceCount = instances,
        Row = IndexColumn.Affine(5, 1),
        Slots =
            Array.init w.Layout.SlotSteps.Length (fun k ->
                if w.Layout.SlotSteps[k] < 0 then IndexColumn.Tabulated(ReadOnlySpan w.SlotTables[k])
                else IndexColumn.Affine(w.Layout.SlotBases[k], w.Layout.SlotSteps[k])),
        Data = w.Data,
        DataColumns = Array.init w.DataBases.Length (fun d -> IndexColumn.Affine(w.DataBases[d], w.Layout.DatumSteps[d])),
        GradientSlots = [||],
        HessianPairs = [||],
        IsQuadratic = false,
        Kernels = TemplateKernels(Value = kernel, FirstOrder = kernel, ValueAndFirstOrder = kernel, SecondOrder = kernel, WeightedFirstOrder = kernel, Directional = kernel)
    )

let private structure (w: World) =
    let rows = instances + 5

    TemplateStructure(
        TemplateProblemDefinition(
            DeclaredCount = w.Point.Length,
            ConstraintCount = rows,
            Templates = [| template w |],
            VariableLower = Array.zeroCreate w.Point.Length,
            VariableUpper = Array.zeroCreate w.Point.Length,
            ConstraintLower = Array.zeroCreate rows,
            ConstraintUpper = Array.zeroCreate rows,
            Start = Array.zeroCreate w.Point.Length
        )
    )

[<Fact>]
let ``stretches of cells get the bits that blocks and plans give`` () =
    let random = Random 61
    let mutable pulls = 0
    let mutable assigned = 0

    for round in 1..50 do
        let w = world random
        let g, roots = graph random
        let all = specifications w.Layout g roots[0]
        let spec = [| all.FirstOrder; all.ValueAndFirstOrder; all.SecondOrder; all.Directional |][random.Next 4]
        let count = spec.Results.Length

        if count > 0 then
            let isTwo = count > 1 && random.Next 3 = 0
            let entries = if isTwo then 1 + random.Next(count - 1) else count
            let trash = if random.Next 2 = 0 then -1 else cellCount - 1
            let mayStore = random.Next 4 > 0
            let plan columns = ScatterPlanBuilder.Build(columns, instances, trash, CellClaims cellCount, mayStore)
            let first = plan (columns random entries)
            let other: ScatterPlan | null = if isTwo then plan (columns random (count - entries)) else null
            let start = Array.init (2 * cellCount) (fun _ -> random.NextDouble())

            let run (kernel: Kernel) =
                let runner = KernelRunner(structure w)
                runner.PointAddress <- address w.Point
                runner.Direction <- address w.Direction
                let weights = NativeInterop.NativePtr.ofNativeInt<float> (nativeint (address w.Weights))
                runner.Weights <- ScalarProgram.RowWeights(weights, weights, weights)
                let cells = pinned start
                let at = NativeInterop.NativePtr.ofNativeInt<float> (nativeint (address cells))
                runner.Run(0, kernel, 0, instances, first, at, other, NativeInterop.NativePtr.add at cellCount)
                GC.KeepAlive w.Keep
                cells

            let program = Programs.build spec
            let interpret () = Tape.Create(program, program.BlockSize instances)
            let expected = run (Kernel(count, interpret))

            for width in widths do
                let pull request =
                    pulls <- pulls + 1
                    assigned <- assigned + (request: PullRequest).Groups.Length - (request.Groups |> Seq.filter (fun group -> not group.Assigns) |> Seq.length)
                    Emit.pulled width [| spec |] instances request

                let compiler =
                    { new KernelCompiler() with
                        member _.Compile() = Emit.code width program instances
                        member _.Pull(request, _) = pull request }

                let actual = run (Kernel(count, interpret, compiler, true))

                for cell in 0 .. expected.Length - 1 do
                    if cell % cellCount <> trash && not (sameBits expected[cell] actual[cell]) then
                        // What went there.
                        let into (plan: ScatterPlan) firstResult cell =
                            [ for i in 0 .. instances - 1 do
                                  for e in 0 .. plan.EntryCount - 1 do
                                      if plan.Cell(e, i) = cell then
                                          $"result {firstResult + e} of instance {i} = {(naive w program i)[firstResult + e]:R}" ]

                        let parts =
                            match other with
                            | null -> into first 0 cell
                            | other -> if cell < cellCount then into first 0 cell else into other entries (cell - cellCount)

                        failwith $"round {round}, width {width}, cell {cell}: {actual[cell]:R}, not {expected[cell]:R}: %A{parts}"

    Assert.True(pulls > 60 && assigned > 10, $"{pulls} requests, {assigned} groups that store")
