/// Interpreted and compiled kernels against each other, bit for bit.
module Optc.Compiler.Tests.EmitTests

#nowarn "9" // addresses of pinned arrays

open System
open System.Runtime.InteropServices
open FsCheck
open FsCheck.FSharp
open Optc.Compiler
open Optc.Compiler.Tests.Expressions
open Optc.Runtime.Templates
open Xunit

let private pinned<'T when 'T: unmanaged> (values: 'T[]) : 'T[] =
    let copy = GC.AllocateArray<'T>(max 1 values.Length, true)
    Array.Copy(values, copy, values.Length)
    copy

let private address (array: 'T[]) = Marshal.UnsafeAddrOfPinnedArrayElement(array, 0)

/// A frame over random tables of a layout, with the arrays it points to.
type private World =
    { Frame: KernelFrame
      Output: float[]
      Keep: obj list }

let private instances = 1000
let private rowCount = 40
let private cellCount = 23

let private world (random: Random) (slotSteps: int[]) (datumSteps: int[]) (rowStep: int) (entries: int) : World =
    let special = [| 0.0; 1.0; -1.0; nan; infinity; -0.0; 1e300 |]
    let number () = if random.Next 20 = 0 then special[random.Next special.Length] else 4.0 * random.NextDouble() - 2.0
    let largest = slotSteps |> Array.fold max 1
    let points = largest * instances + 10
    let point = pinned (Array.init points (fun _ -> number ()))
    let bases = pinned (slotSteps |> Array.map (fun step -> if step < 0 then 0 else random.Next 10))

    let tables =
        slotSteps |> Array.map (fun step -> if step < 0 then pinned (Array.init instances (fun _ -> random.Next points)) else [||])

    let tableAddresses = pinned (tables |> Array.map (fun t -> if t.Length = 0 then 0n else address t))
    let starts = datumSteps |> Array.scan (fun at step -> at + (if step = 0 then 1 else instances)) 0
    let data = pinned (Array.init (Array.last starts) (fun _ -> number ()))
    let dataBases = pinned (Array.sub starts 0 datumSteps.Length)
    let rows = pinned (Array.init instances (fun _ -> random.Next rowCount))
    let weights = pinned (Array.init (rowCount + 3 * instances) (fun _ -> number ()))
    // Few cells, so that entries share them.
    let map = pinned (Array.init (entries * instances) (fun _ -> random.Next cellCount))
    let output = pinned (Array.create (rowCount + 3 * instances) 0.5)

    { Frame =
        KernelFrame(
            Point = address point,
            SlotBases = address bases,
            SlotTables = address tableAddresses,
            Data = address data,
            DataBases = address dataBases,
            RowBase = random.Next rowCount,
            RowTable = address rows,
            Weights = address weights,
            Map = address map,
            MapStride = instances,
            Output = address output
        )
      Output = output
      Keep = [ point; bases; tables; tableAddresses; data; dataBases; rows; weights; map; output ] }

let private run (kernel: Kernel) (world: World) first last : float[] =
    Array.Fill(world.Output, 0.5)
    kernel.Invoke(world.Frame, first, last)
    GC.KeepAlive world.Keep
    Array.copy world.Output

let private sameBits (a: float[]) (b: float[]) =
    // Which NaN an operation gives is the processor's choice by the order of its operands.
    Array.forall2 (fun (x: float) (y: float) -> BitConverter.DoubleToInt64Bits x = BitConverter.DoubleToInt64Bits y || (Double.IsNaN x && Double.IsNaN y)) a b

let private ranges = [ 0, 0; 0, 1; 0, 31; 0, 32; 0, 33; 0, 1000; 5, 38; 999, 1000; 64, 64; 17, 500 ]

/// Specifications of the value, gradient and Hessian kernel of an expression.
let private specifications (random: Random) (e: Expression) : KernelSpec list =
    let g = Graph()
    let root = build g e
    let gradient = Differentiate.gradient g (fun _ -> true) root
    let hessian = Differentiate.hessian g (fun _ -> true) gradient
    let slotSteps = Array.init slotCount (fun _ -> random.Next 4 - 1)
    let datumSteps = Array.init datumCount (fun _ -> random.Next 2)

    let spec results toRows weighted : KernelSpec =
        { Graph = g
          Results = results
          SlotSteps = slotSteps
          DatumSteps = datumSteps
          RowStep = random.Next 4 - 1
          ToRows = toRows
          Weighted = weighted }

    [ spec [| root |] true false
      spec (Array.map snd gradient) false (random.Next 2 = 0)
      spec (hessian |> Array.map (fun (_, _, h) -> h)) false true ]

[<Fact>]
let ``interpreted and compiled kernels agree bit for bit on random tables`` () =
    let random = Random 31
    let config = Config.QuickThrowOnFailure.WithReplay(20260304UL, 17UL).WithMaxTest(80).WithEndSize(50)

    let agrees (e: Expression) =
        for spec in specifications random e do
            let world = world random spec.SlotSteps spec.DatumSteps spec.RowStep spec.Results.Length
            let interpreted = Interpret.kernel spec
            let compiled = Emit.kernel spec

            for first, last in ranges do
                let a = run interpreted world first last
                let b = run compiled world first last

                if not (sameBits a b) then
                    failwith $"instances {first} to {last}, row step {spec.RowStep}, slots {spec.SlotSteps}, data {spec.DatumSteps}, rows {spec.ToRows}"

    Check.One(config, Prop.forAll expressions agrees)

/// Every layout once, on an expression that has every kind of leaf.
[<Fact>]
let ``every combination of layouts agrees bit for bit`` () =
    let random = Random 32
    let g = Graph()
    let root = g.Add(g.Mul(g.Datum 0, g.Un(Op.Sin, g.Slot 0)), g.Bin(Op.Atan2, g.Slot 1, g.Datum 1))
    let gradient = Differentiate.gradient g (fun _ -> true) root |> Array.map snd

    for slot in [ -1; 0; 1; 2 ] do
        for datum in [ 0; 1 ] do
            for row in [ -1; 0; 1; 3 ] do
                for toRows, weighted in [ true, false; false, false; false, true ] do
                    let spec: KernelSpec =
                        { Graph = g
                          Results = (if toRows then [| root |] else gradient)
                          SlotSteps = [| slot; 1 |]
                          DatumSteps = [| datum; 1 - datum |]
                          RowStep = row
                          ToRows = toRows
                          Weighted = weighted }

                    let world = world random spec.SlotSteps spec.DatumSteps row spec.Results.Length
                    let interpreted = Interpret.kernel spec
                    let compiled = Emit.kernel spec

                    for first, last in ranges do
                        Assert.True(
                            sameBits (run interpreted world first last) (run compiled world first last),
                            $"slot {slot} datum {datum} row {row} toRows {toRows} weighted {weighted} [{first}, {last})"
                        )

/// The kernel against a loop over instances that knows nothing of blocks.
[<Fact>]
let ``kernels compute what their definition says`` () =
    let random = Random 33
    let g = Graph()
    let root = g.Mul(g.Datum 0, g.Mul(g.Slot 0, g.Slot 1))
    let point = pinned (Array.init 200 (fun _ -> random.NextDouble()))
    let table = pinned (Array.init 70 (fun _ -> random.Next 200))
    let data = pinned (Array.init 70 (fun _ -> random.NextDouble()))
    let output = pinned (Array.zeroCreate<float> 10)
    let slotTables = pinned [| 0n; address table |]
    let slotBases = pinned [| 3; 0 |]
    let dataBases = pinned [| 0 |]
    let frame =
        KernelFrame(
            Point = address point, SlotBases = address slotBases, SlotTables = address slotTables, Data = address data,
            DataBases = address dataBases, RowBase = 7, Output = address output
        )
    let spec: KernelSpec =
        { Graph = g
          Results = [| root |]
          SlotSteps = [| 2; -1 |]
          DatumSteps = [| 1 |]
          RowStep = 0
          ToRows = true
          Weighted = false }

    let mutable expected = 0.0

    for i in 0..69 do
        expected <- expected + data[i] * (point[3 + 2 * i] * point[table[i]])

    for kernel in [ Interpret.kernel spec; Emit.kernel spec ] do
        Array.Clear output
        kernel.Invoke(frame, 0, 70)
        Assert.Equal(expected, output[7], 13)
        Assert.Equal(expected, Array.sum output, 13)

    GC.KeepAlive [| box point; table; data; slotTables; slotBases; dataBases |]

[<Fact>]
let ``kernels do not allocate`` () =
    let random = Random 34
    let e = Apply(Op.Add, [ Apply(Op.Pow, [ Slot 0; Slot 1 ]); Apply(Op.Select, [ Apply(Op.IsLess, [ Slot 2; Datum 0 ]); Slot 3; Datum 1 ]) ])

    for spec in specifications random e do
        let world = world random spec.SlotSteps spec.DatumSteps spec.RowStep spec.Results.Length

        for kernel in [ Interpret.kernel spec; Emit.kernel spec ] do
            kernel.Invoke(world.Frame, 0, 100)
            let before = GC.GetAllocatedBytesForCurrentThread()
            kernel.Invoke(world.Frame, 0, instances)
            let after = GC.GetAllocatedBytesForCurrentThread()
            Assert.Equal(0L, after - before)

        GC.KeepAlive world.Keep
