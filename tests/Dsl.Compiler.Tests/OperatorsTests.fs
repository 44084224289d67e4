/// Every row of the operator table against numerical differentiation.
module Optc.Compiler.Tests.OperatorsTests

open System
open Optc.Compiler
open Xunit

/// Where each argument may be drawn from; operators that are not here get a box inside most domains.
let private box (op: Op) : (float * float)[] =
    let anywhere = -3.0, 3.0
    let power = [| (0.2, 3.0); (-2.5, 3.5) |]

    match op with
    | Op.Div -> [| anywhere; (0.4, 3.0) |]
    | Op.Pow
    | Op.PowFirst
    | Op.PowSecond
    | Op.PowLog -> power
    | Op.Sqrt
    | Op.Log
    | Op.Log10 -> [| (0.1, 6.0) |]
    | Op.Asin
    | Op.Acos
    | Op.Atanh -> [| (-0.85, 0.85) |]
    | Op.Tan -> [| (-1.2, 1.2) |]
    | Op.Acosh -> [| (1.1, 6.0) |]
    | Op.Gamma -> [| (0.3, 6.0) |]
    | Op.LogGamma
    | Op.Digamma
    | Op.Trigamma -> [| (0.3, 20.0) |]
    | Op.IntDiv
    | Op.Mod -> [| (-9.0, 9.0); (0.7, 3.0) |]
    | Op.RoundTo
    | Op.TruncTo -> [| anywhere; (1.0, 1.0) |]
    | Op.Precision -> [| (1.0, 9.0); (1.0, 1.0) |]
    | Op.Huber
    | Op.HuberFirst
    | Op.HuberSecond -> [| anywhere; (0.3, 1.5) |]
    | op when int op <= int Op.Select -> Array.create (Operators.arity op) anywhere
    | op -> Array.create (Operators.arity op) (0.2, 0.8)

/// Orders of derivatives that are ever taken. Helpers stand for a derivative already, and the table serves the second
/// order of what the language offers.
let private orders (op: Op) =
    match op with
    | Op.Trigamma -> 0
    | Op.Digamma -> 1
    | _ -> 2

/// f′(t) at 0 by Romberg's extrapolation of central differences, with the best estimate of its error.
let private derivative (h: float) (f: float -> float) : struct (float * float) =
    let rows = 7
    let table = Array2D.zeroCreate rows rows
    let mutable best = nan
    let mutable error = infinity

    for k in 0 .. rows - 1 do
        let step = h / Math.Pow(1.6, float k)
        table[k, 0] <- (f step - f -step) / (2.0 * step)

        for j in 1..k do
            let factor = Math.Pow(1.6, 2.0 * float j)
            table[k, j] <- (factor * table[k, j - 1] - table[k - 1, j - 1]) / (factor - 1.0)
            let e = max (abs (table[k, j] - table[k, j - 1])) (abs (table[k, j] - table[k - 1, j - 1]))

            if e < error then
                error <- e
                best <- table[k, j]

    struct (best, error)

/// The value of a node at slot values, as the interpreter of templates computes it.
let internal valueAt (g: Graph) (node: int) (slots: float[]) : float =
    let values: float[] = Array.zeroCreate g.Count
    let at k = if k < 0 then 0.0 else values[k]

    for id in 0..node do
        let n = g[id]

        values[id] <-
            match n.Kind with
            | NodeKind.ConstantNode -> n.Value
            | NodeKind.SlotNode -> slots[n.Index]
            | NodeKind.DatumNode -> nan
            | _ -> Operators.evaluate n.Op (at n.A) (at n.B) (at n.C)

    values[node]

let private everySlot (_: int) = true

/// The operator over slots, its gradient and its Hessian.
let private differentiated (op: Op) =
    let g = Graph()
    let arity = Operators.arity op
    let slot k = if k < arity then g.Slot k else -1
    let root = g.Apply(op, slot 0, slot 1, slot 2)
    let gradient = Differentiate.gradient g everySlot root
    g, root, gradient, Differentiate.hessian g everySlot gradient

let private lookup (entries: (int * int)[]) k =
    entries |> Array.tryFind (fun (s, _) -> s = k) |> Option.map snd

/// Complaints about one partial derivative at random points, and how many points it was compared at. Points whose
/// numerical derivative is uncertain (kinks, jumps) do not count.
let private check what (random: Random) (box: (float * float)[]) (g: Graph) (node: int) (derivativeNode: int option) (slot: int) =
    let complaints = ResizeArray<string>()
    let mutable compared = 0

    for _ in 1..40 do
        let x = box |> Array.map (fun (lo, hi) -> lo + (hi - lo) * random.NextDouble())

        let moved t =
            let y = Array.copy x
            y[slot] <- y[slot] + t
            valueAt g node y

        let struct (expected, error) = derivative 0.06 moved

        let actual =
            match derivativeNode with
            | Some d -> valueAt g d x
            | None -> 0.0

        let scale = abs expected + 1e-2 * abs (moved 0.0) + 1e-3

        if error <= 3e-9 * scale then
            compared <- compared + 1

            if not (abs (actual - expected) <= 1e-8 * scale) then
                complaints.Add $"{what} at {x}: symbolic {actual:R}, numerical {expected:R} ± {error:g2}"

    if compared < 10 then
        complaints.Add $"{what}: only {compared} points could be compared"

    complaints

[<Fact>]
let ``derivatives of every operator agree with numerical ones`` () =
    let random = Random 20260301

    let complaints =
        [ for row in Operators.table do
              let op = row.Op
              let order = orders op
              let box = box op

              if order > 0 then
                  let g, root, gradient, hessian = differentiated op

                  for k in 0 .. box.Length - 1 do
                      // Slots whose box is a point are exponents of data.
                      if fst box[k] < snd box[k] then
                          let first = lookup gradient k
                          yield! check $"∂{op}/∂{k}" random box g root first k

                          match first with
                          | Some first when order > 1 ->
                              for j in 0..k do
                                  if fst box[j] < snd box[j] then
                                      let second =
                                          hessian |> Array.tryFind (fun (a, b, _) -> a = k && b = j) |> Option.map (fun (_, _, h) -> h)

                                      yield! check $"∂²{op}/∂{k}∂{j}" random box g first second j
                          | _ -> () ]

    Assert.True(complaints.IsEmpty, String.concat "\n" complaints)

[<Fact>]
let ``every row stands at its number and has its method`` () =
    Operators.table
    |> Array.iteri (fun k row ->
        Assert.Equal(k, int row.Op)
        Assert.Equal(row.Method.Arity, row.Method.Info.GetParameters().Length)
        Assert.Equal(typeof<float>, row.Method.Info.ReturnType))

/// Shapes and ranges hold at random points of random boxes.
[<Fact>]
let ``shapes and ranges of every operator hold at samples`` () =
    let random = Random 7

    for row in Operators.table do
        let arity = row.Method.Arity
        let outer = box row.Op

        for _ in 1..60 do
            let intervals: Interval[] =
                outer
                |> Array.map (fun (lo, hi) ->
                    let a = lo + (hi - lo) * random.NextDouble()
                    // Exponents and the like are often one number.
                    let b = if random.Next 3 = 0 then a else lo + (hi - lo) * random.NextDouble()
                    struct (min a b, max a b))

            let curvature, monotone = row.Shape intervals
            let struct (least, largest) = row.Range intervals
            Assert.Equal(arity, monotone.Length)

            let sample () =
                intervals |> Array.map (fun (struct (a, b)) -> a + (b - a) * random.NextDouble())

            let value (x: float[]) =
                let at k = if k < x.Length then x[k] else 0.0
                Operators.evaluate row.Op (at 0) (at 1) (at 2)

            for _ in 1..10 do
                let x = sample ()
                let y = sample ()
                let f = value x
                let slack = 1e-12 * (1.0 + abs f)
                Assert.True((f >= least - slack && f <= largest + slack) || Double.IsNaN f, $"{row.Op}: {f} outside [{least}, {largest}]")

                for k in 0 .. arity - 1 do
                    let z = Array.copy x
                    z[k] <- y[k]
                    let difference = (value z - f) * float (sign (y[k] - x[k]))

                    match monotone[k] with
                    | Increasing -> Assert.True(difference >= -slack, $"{row.Op} is not increasing in {k}")
                    | Decreasing -> Assert.True(difference <= slack, $"{row.Op} is not decreasing in {k}")
                    | NotMonotone -> ()

                // Curvature is claimed in the arguments that vary; exponents and δ are data.
                let free = if row.Op = Op.Pow || row.Op = Op.Huber then 1 else arity
                let z = Array.init arity (fun k -> if k < free then y[k] else x[k])
                let middle = value (Array.map2 (fun a b -> 0.5 * (a + b)) x z)
                let chord = 0.5 * (value x + value z)
                let slack = 1e-11 * (1.0 + abs middle + abs chord)

                match curvature with
                | Convex -> Assert.True(middle <= chord + slack, $"{row.Op} is not convex on {intervals}")
                | Concave -> Assert.True(middle >= chord - slack, $"{row.Op} is not concave on {intervals}")
                | Affine
                | Constant -> Assert.True(abs (middle - chord) <= slack, $"{row.Op} is not affine on {intervals}")
                | Unknown -> ()

// ---- special values ------------------------------------------------------------------------------------------------

/// Value, gradient and Hessian (dense, zero where absent) of an expression over slots at a point.
let private at (x: float list) (build: Graph -> int) =
    let x = Array.ofList x
    let g = Graph()
    let root = build g
    let gradient = Differentiate.gradient g everySlot root
    let hessian = Differentiate.hessian g everySlot gradient
    let d k = lookup gradient k |> Option.map (fun n -> valueAt g n x) |> Option.defaultValue 0.0

    let h a b =
        hessian
        |> Array.tryFind (fun (p, q, _) -> p = max a b && q = min a b)
        |> Option.map (fun (_, _, n) -> valueAt g n x)
        |> Option.defaultValue 0.0

    valueAt g root x, d, h

[<Theory>]
[<InlineData(0.0, 1.0, 0.0, 0.0)>]
[<InlineData(1.0, 0.0, 1.0, 0.0)>]
[<InlineData(2.0, 0.0, 0.0, 2.0)>]
[<InlineData(3.0, 0.0, 0.0, 0.0)>]
[<InlineData(4.0, 0.0, 0.0, 0.0)>]
[<InlineData(2.5, 0.0, 0.0, 0.0)>]
let ``powers at zero, as constants and as data`` (p: float, value: float, first: float, second: float) =
    let f, d, h = at [ 0.0 ] (fun g -> g.Bin(Op.Pow, g.Slot 0, g.Constant p))
    Assert.Equal(value, f)
    Assert.Equal(first, d 0)
    Assert.Equal(second, h 0 0)
    // The exponent is data: the second slot is not differentiated.
    let g = Graph()
    let isBase k = k = 0
    let gradient = Differentiate.gradient g isBase (g.Bin(Op.Pow, g.Slot 0, g.Slot 1))
    let hessian = Differentiate.hessian g isBase gradient
    let _, node = Assert.Single gradient
    let _, _, curvature = Assert.Single hessian
    Assert.Equal(first, valueAt g node [| 0.0; p |])
    Assert.Equal(second, valueAt g curvature [| 0.0; p |])

[<Fact>]
let ``powers follow IEEE at the edges`` () =
    let pow x y = Operators.evaluate Op.Pow x y 0.0
    Assert.Equal(1.0, pow 0.0 0.0)
    Assert.Equal(1.0, pow nan 0.0)
    Assert.Equal(0.0, pow 0.0 0.5)
    Assert.Equal(infinity, pow 0.0 -1.0)
    Assert.True(Double.IsNaN(pow -1.0 0.5))
    Assert.Equal(-8.0, pow -2.0 3.0)
    // 0^y with a variable exponent
    let f, d, h = at [ 0.0; 2.0 ] (fun g -> g.Bin(Op.Pow, g.Slot 0, g.Slot 1))
    Assert.Equal(0.0, f)
    Assert.Equal(0.0, d 0)
    Assert.Equal(0.0, d 1)
    Assert.Equal(2.0, h 0 0)

[<Fact>]
let ``sqrt at zero has an infinite slope`` () =
    let f, d, h = at [ 0.0 ] (fun g -> g.Un(Op.Sqrt, g.Slot 0))
    Assert.Equal(0.0, f)
    Assert.Equal(infinity, d 0)
    Assert.Equal(-infinity, h 0 0)

[<Theory>]
[<InlineData(1.0, 1.0)>]
[<InlineData(1.0, -1.0)>]
[<InlineData(-1.0, 1.0)>]
[<InlineData(-1.0, -1.0)>]
[<InlineData(2.0, 0.0)>]
[<InlineData(-2.0, 0.0)>]
[<InlineData(0.0, 2.0)>]
let ``atan2 in every quadrant`` (y: float, x: float) =
    let f, d, h = at [ y; x ] (fun g -> g.Bin(Op.Atan2, g.Slot 0, g.Slot 1))
    let r2 = x * x + y * y
    Assert.Equal(Math.Atan2(y, x), f)
    Assert.Equal(x / r2, d 0, 14)
    Assert.Equal(-y / r2, d 1, 14)
    Assert.Equal(-2.0 * x * y / (r2 * r2), h 0 0, 14)
    Assert.Equal((y * y - x * x) / (r2 * r2), h 0 1, 14)
    Assert.Equal(2.0 * x * y / (r2 * r2), h 1 1, 14)

/// log x or 2 x, where the logarithm is not taken at x ≤ 0.
[<Fact>]
let ``a branch that is not taken leaks neither infinity nor NaN`` () =
    let log' (g: Graph) = g.Un(Op.Log, g.Slot 0)
    let twice (g: Graph) = g.Mul(g.Constant 2.0, g.Slot 0)

    let builds: (Graph -> int) list =
        [ fun g -> g.Apply(Op.Select, g.Bin(Op.IsLess, g.Constant 0.0, g.Slot 0), log' g, twice g)
          fun g -> g.Bin(Op.Max, log' g, twice g)
          // sqrt(-x) at 0 has an infinite slope
          fun g -> g.Bin(Op.Max, g.Sub(g.Un(Op.Sqrt, g.Slot 0), g.Constant 1.0), twice g)
          fun g -> g.Bin(Op.Min, g.Neg(log' g), twice g)
          // inside other operators
          fun g -> g.Un(Op.Log, g.Un(Op.Exp, g.Bin(Op.Max, log' g, twice g))) ]

    for build in builds do
        let f, d, h = at [ 0.0 ] build
        Assert.Equal(0.0, f)
        Assert.Equal(2.0, d 0)
        Assert.Equal(0.0, h 0 0)

    // Where the branch taken is constant, the infinite slope outside does not count.
    let f, d, h = at [ -1.0 ] (fun g -> g.Un(Op.Sqrt, g.Bin(Op.Max, g.Slot 0, g.Constant 0.0)))
    Assert.Equal((0.0, 0.0, 0.0), (f, d 0, h 0 0))
    let f, d, _ = at [ 0.0 ] (fun g -> g.Bin(Op.Less, log' g, g.Constant 5.0))
    Assert.Equal(0.0, f)
    Assert.Equal(0.0, d 0)

[<Fact>]
let ``Huber's function and its derivatives at the bend and by its width`` () =
    let huber (g: Graph) = g.Bin(Op.Huber, g.Slot 0, g.Slot 1)
    let f, d, h = at [ 0.5; 1.0 ] huber
    Assert.Equal((0.125, 0.5, 0.0), (f, d 0, d 1))
    Assert.Equal((1.0, 0.0, 0.0), (h 0 0, h 0 1, h 1 1))
    let f, d, h = at [ -3.0; 1.0 ] huber
    Assert.Equal((2.5, -1.0, 2.0), (f, d 0, d 1))
    Assert.Equal((0.0, -1.0, -1.0), (h 0 0, h 0 1, h 1 1))

[<Fact>]
let ``special functions have their known values`` () =
    let value op x = Operators.evaluate op x 0.0 0.0
    let near (expected: float) (actual: float) = Assert.True(abs (actual - expected) <= 1e-14 * max 1.0 (abs expected), $"{actual:R} is not {expected:R}")
    near (sqrt Math.PI) (value Op.Gamma 0.5)
    near 24.0 (value Op.Gamma 5.0)
    near -0.57721566490153286 (value Op.Digamma 1.0)
    near (Math.PI * Math.PI / 6.0) (value Op.Trigamma 1.0)
    near (Math.PI * Math.PI / 2.0) (value Op.Trigamma 0.5)
    near 0.84270079294971487 (value Op.Erf 1.0)
    near 0.15729920705028513 (value Op.Erfc 1.0)
    near 1.2009736023470743 (value Op.LogGamma 3.5)
