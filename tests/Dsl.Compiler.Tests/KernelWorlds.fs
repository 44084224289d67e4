/// Random memory for kernels to read, kernels run on it block by block, and a naive evaluator of their programs.
module Optc.Compiler.Tests.KernelWorlds

#nowarn "9" // addresses of pinned arrays
#nowarn "51"

open System
open System.Runtime.InteropServices
open Optc.Compiler
open Optc.Runtime.Native
open Optc.Runtime.Templates

let pinned<'T when 'T: unmanaged> (values: 'T[]) : 'T[] =
    let copy = GC.AllocateArray<'T>(max 1 values.Length, true)
    Array.Copy(values, copy, values.Length)
    copy

let address (array: 'T[]) = int64 (Marshal.UnsafeAddrOfPinnedArrayElement(array, 0))

/// Which NaN an operation gives is the processor's choice by the order of its operands.
let sameBits (a: float) (b: float) =
    BitConverter.DoubleToInt64Bits a = BitConverter.DoubleToInt64Bits b || (Double.IsNaN a && Double.IsNaN b)

/// Where the leaves of a template's instances stand; steps as in `KernelSpec`.
type Layout =
    { Instances: int
      SlotSteps: int[]
      SlotBases: int[]
      DatumSteps: int[]
      RowStep: int }

/// A frame over random memory of a layout, and the arrays it points to.
type World =
    { Layout: Layout
      Frame: KernelFrame
      Point: float[]
      Direction: float[]
      SlotTables: int[][]
      Data: float[]
      DataBases: int[]
      Rows: int[]
      Weights: float[]
      Keep: obj list }

let layout (random: Random) instances (slotSteps: int[]) (datumSteps: int[]) rowStep : Layout =
    { Instances = instances
      SlotSteps = slotSteps
      SlotBases = slotSteps |> Array.map (fun step -> if step < 0 then 0 else random.Next 10)
      DatumSteps = datumSteps
      RowStep = rowStep }

let world (number: unit -> float) (random: Random) (layout: Layout) : World =
    let instances = layout.Instances
    let largest = layout.SlotSteps |> Array.fold max 1
    let points = largest * instances + 10
    let numbers count = pinned (Array.init count (fun _ -> number ()))
    let point, direction = numbers points, numbers points
    let table bound = pinned (Array.init instances (fun _ -> random.Next bound))
    let tables = layout.SlotSteps |> Array.map (fun step -> if step < 0 then table points else [||])
    let bases = pinned layout.SlotBases
    let tableAddresses = pinned (tables |> Array.map (fun t -> if t.Length = 0 then 0L else address t))
    let starts = layout.DatumSteps |> Array.scan (fun at step -> at + (if step = 0 then 1 else instances)) 0
    let data = numbers (Array.last starts)
    let dataBases = pinned (Array.sub starts 0 layout.DatumSteps.Length)
    let rowCount = 7 + 3 * instances
    let rows = table rowCount
    let weights = numbers rowCount

    { Layout = layout
      Frame =
        KernelFrame(
            Point = address point,
            Direction = address direction,
            SlotBases = address bases,
            SlotTables = address tableAddresses,
            Data = address data,
            DataBases = address dataBases,
            RowBase = (if layout.RowStep < 0 then 0L else 5L),
            RowTable = address rows,
            Weights = address weights
        )
      Point = point
      Direction = direction
      SlotTables = tables
      Data = data
      DataBases = dataBases
      Rows = rows
      Weights = weights
      Keep = [ point; direction; tables; bases; tableAddresses; data; dataBases; rows; weights ] }

/// Mostly between -2 and 2, one in twenty what arithmetic treats specially.
let specialNumbers (random: Random) () =
    let special = [| 0.0; 1.0; -1.0; nan; infinity; -infinity; -0.0; 1e300; 1e-310 |]
    if random.Next 20 = 0 then special[random.Next special.Length] else 4.0 * random.NextDouble() - 2.0

/// Results of one instance: instruction by instruction, on numbers that all have a place of their own.
let naive (w: World) (program: KernelProgram) (i: int) : float[] =
    let code = program.Instructions
    let values: float[] = Array.zeroCreate code.Length

    let slot (x: KernelInstruction) =
        let i = i - x.Shift
        if x.B < 0 then w.SlotTables[x.A][i] else w.Layout.SlotBases[x.A] + x.B * i

    let row (x: KernelInstruction) =
        let i = i - x.Shift
        if x.B < 0 then w.Rows[i] else int w.Frame.RowBase + x.B * i

    for k in 0 .. code.Length - 1 do
        let x = code[k]
        let a () = values[x.A]
        let b () = values[x.B]
        let c () = values[x.C]
        let flag condition = if condition then 1.0 else 0.0

        values[k] <-
            match x.Op with
            | KernelOp.Constant -> x.Value
            | KernelOp.Slot -> w.Point[slot x]
            | KernelOp.Direction -> w.Direction[slot x]
            | KernelOp.Datum -> w.Data[w.DataBases[x.A] + x.B * (i - x.Shift)]
            | KernelOp.Weight -> w.Weights[row x]
            | KernelOp.Add -> a () + b ()
            | KernelOp.Subtract -> a () - b ()
            | KernelOp.Multiply -> a () * b ()
            | KernelOp.Divide -> a () / b ()
            | KernelOp.Negate -> -(a ())
            | KernelOp.MultiplyAdd -> Math.FusedMultiplyAdd(a (), b (), c ())
            | KernelOp.MultiplySubtract -> Math.FusedMultiplyAdd(a (), b (), -(c ()))
            | KernelOp.NegateMultiplyAdd -> Math.FusedMultiplyAdd(-(a ()), b (), c ())
            | KernelOp.SquareRoot -> Math.Sqrt(a ())
            | KernelOp.Absolute -> Math.Abs(a ())
            | KernelOp.Minimum -> Math.Min(a (), b ())
            | KernelOp.Maximum -> Math.Max(a (), b ())
            | KernelOp.IsLess -> flag (a () < b ())
            | KernelOp.IsLessOrEqual -> flag (a () <= b ())
            | KernelOp.IsEqual -> flag (a () = b ())
            | KernelOp.Select -> if a () <> 0.0 then b () else c ()
            | KernelOp.SineCosine -> VectorMathScalar.Sin(a ())
            | KernelOp.CosineOf -> VectorMathScalar.Cos(values[code[x.A].A])
            | KernelOp.Call ->
                let f = (nonNull x.Function)
                f.Scalar.Invoke(null, [| for k in 0 .. f.Arity - 1 -> box values[x.Argument k] |]) |> nonNull |> unbox
            | op -> failwith $"{op} belongs to stretches of cells"

    program.Results |> Array.map (fun r -> values[r])

/// A block whose surroundings are watched.
[<Sealed>]
type Block(code: KernelCode) =
    let guard = -123.456
    let around = 64
    let count = code.ArrayCount * code.Stride
    let memory = GC.AllocateArray<float>(count + 2 * around, true)
    do Array.Fill(memory, guard)
    // Element 0 of array 0 on a cache line.
    let first =
        let at = address memory + int64 (8 * around)
        int (((at + 63L) &&& ~~~63L) - address memory) / 8 + KernelCode.History

    member _.Address = address memory + int64 (8 * first)
    member _.Item(array: int, i: int) = memory[first + array * code.Stride + i]

    /// What stands before and behind all arrays has not been touched.
    member _.IsIntact =
        let start = first - KernelCode.History
        Seq.forall (fun k -> memory[k] = guard) (Seq.append (seq { 0 .. start - 1 }) (seq { start + count .. memory.Length - 1 }))

/// How many instances to ask for, so that registers, which end with the last one, stay inside the template.
let reaching (instances: int) first count =
    if first + count >= 8 then count else min 8 instances - first

/// All results of all instances, in blocks of a size: by instance, then by result.
let runInBlocks (code: KernelCode) (w: World) (size: int) : float[][] =
    let block = Block code
    let instances = w.Layout.Instances

    let results =
        [| for first in 0..size .. instances - 1 do
               let count = min size (instances - first)
               code.Run.Invoke(w.Frame, first, reaching instances first count, block.Address)

               for i in 0 .. count - 1 do
                   code.ResultArrays |> Array.map (fun array -> block[array, i]) |]

    if not block.IsIntact then
        failwith "the kernel has written outside its block"

    GC.KeepAlive w.Keep
    GC.KeepAlive code
    results

/// The first result that differs, if there is one.
let difference (expected: float[][]) (actual: float[][]) : string option =
    Seq.zip expected actual
    |> Seq.indexed
    |> Seq.tryPick (fun (i, (a, b)) ->
        match Array.tryFindIndex id (Array.map2 (fun x y -> not (sameBits x y)) a b) with
        | Some e -> Some $"result {e} of instance {i}: {a[e]:R}, not {b[e]:R}"
        | None -> None)

let widths = [ VectorWidth.Scalar; VectorWidth.Vector128; VectorWidth.Vector256; VectorWidth.Vector512 ]

/// The specifications of an expression's kernels.
type Specifications =
    { Value: KernelSpec
      FirstOrder: KernelSpec
      ValueAndFirstOrder: KernelSpec
      WeightedFirstOrder: KernelSpec
      SecondOrder: KernelSpec
      Directional: KernelSpec }

    member s.All = [ s.Value; s.FirstOrder; s.ValueAndFirstOrder; s.WeightedFirstOrder; s.SecondOrder; s.Directional ]

let specifications (layout: Layout) (g: Graph) (root: int) : Specifications =
    let everySlot _ = true
    let gradient = Differentiate.gradient g everySlot root
    let first = gradient |> Array.map snd
    let weight = Leaves.weight g layout.DatumSteps.Length

    let spec results : KernelSpec =
        { Graph = g
          Results = results
          SlotSteps = layout.SlotSteps
          SlotBases = layout.SlotBases
          DatumSteps = layout.DatumSteps
          RowStep = layout.RowStep
          Levels = [||] }

    let weighted nodes = nodes |> Array.map (fun node -> g.Mul(weight, node))
    let second = Differentiate.hessian g everySlot gradient |> Array.map (fun (_, _, h) -> h)
    let along = Differentiate.directional g everySlot (Leaves.direction g layout.SlotSteps.Length) first

    { Value = spec [| root |]
      FirstOrder = spec first
      ValueAndFirstOrder = spec (Array.append [| root |] first)
      WeightedFirstOrder = spec (weighted first)
      SecondOrder = spec (weighted second)
      Directional = spec (weighted along) }
