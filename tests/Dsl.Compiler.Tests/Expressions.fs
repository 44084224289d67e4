/// Random expressions: generator, shrinker, and evaluation without any simplification.
module Optc.Compiler.Tests.Expressions

open System
open FsCheck
open FsCheck.FSharp
open Optc.Compiler

type Expression =
    | Value of float
    | Slot of int
    | Datum of int
    | Apply of Op * Expression list

let slotCount = 4
let datumCount = 3

/// Operators that expressions are made of; the rest of the table are helpers of derivatives.
let private unary =
    [ Op.Neg; Op.Square; Op.Abs; Op.Sign; Op.Sqrt; Op.Exp; Op.Log; Op.Sin; Op.Cos; Op.Atan; Op.Tanh; Op.Erf; Op.Floor; Op.Not ]

let private binary =
    [ Op.Add; Op.Sub; Op.Mul; Op.Div; Op.Pow; Op.Atan2; Op.Min; Op.Max; Op.Less; Op.Huber; Op.IsLess; Op.IsLessOrEqual; Op.IsEqual; Op.And; Op.Or ]

let private arithmetic = [ Op.Add; Op.Sub; Op.Mul; Op.Div; Op.Neg; Op.Square; Op.Pow ]

let private leaf: Gen<Expression> =
    Gen.frequency
        [ 4, Gen.map Slot (Gen.choose (0, slotCount - 1))
          2, Gen.map Datum (Gen.choose (0, datumCount - 1))
          3, Gen.map Value (Gen.elements [ 0.0; 1.0; -1.0; 2.0; -2.0; 3.0; 4.0; 0.5; 0.1; -0.25; 2.5; 1e200; 1e-200 ]) ]

let rec private sized size : Gen<Expression> =
    if size <= 1 then
        leaf
    else
        let argument = sized (size / 2)
        let apply op = Gen.map (fun arguments -> Apply(op, arguments)) (Gen.listOfLength (Operators.arity op) argument)

        Gen.frequency
            [ 1, leaf
              5, Gen.bind apply (Gen.elements arithmetic)
              2, Gen.bind apply (Gen.elements unary)
              2, Gen.bind apply (Gen.elements binary)
              1, apply Op.Select ]

let rec private shrink (e: Expression) : seq<Expression> =
    seq {
        match e with
        | Value v when v <> 0.0 && v <> 1.0 ->
            Value 0.0
            Value 1.0
        | Apply(op, arguments) ->
            yield! arguments

            for k in 0 .. arguments.Length - 1 do
                for smaller in shrink arguments[k] do
                    Apply(op, List.updateAt k smaller arguments)
        | _ -> ()
    }

let expressions: Arbitrary<Expression> = Arb.fromGenShrink (Gen.sized (fun size -> sized (size + 2)), shrink)

/// The node of an expression, through the graph's simplifications.
let rec build (g: Graph) (e: Expression) : int =
    match e with
    | Value v -> g.Constant v
    | Slot k -> g.Slot k
    | Datum k -> g.Datum k
    | Apply(op, arguments) ->
        let nodes = arguments |> List.map (build g) |> Array.ofList
        let at k = if k < nodes.Length then nodes[k] else -1
        g.Apply(op, at 0, at 1, at 2)

/// The value as the operators say it. `watch` is told of every operator with its arguments and result.
let rec evaluate (slots: float[]) (data: float[]) (watch: Op -> float[] -> float -> unit) (e: Expression) : float =
    match e with
    | Value v -> v
    | Slot k -> slots[k]
    | Datum k -> data[k]
    | Apply(op, arguments) ->
        let values = arguments |> List.map (evaluate slots data watch) |> Array.ofList
        let at k = if k < values.Length then values[k] else 0.0
        let result = Operators.evaluate op (at 0) (at 1) (at 2)
        watch op values result
        result

let unwatched (_: Op) (_: float[]) (_: float) = ()

/// Values of all nodes of a graph.
let values (g: Graph) (slots: float[]) (data: float[]) : float[] =
    let values: float[] = Array.zeroCreate g.Count
    let at k = if k < 0 then 0.0 else values[k]

    for id in 0 .. g.Count - 1 do
        let n = g[id]

        values[id] <-
            match n.Kind with
            | NodeKind.ConstantNode -> n.Value
            | NodeKind.SlotNode -> slots[n.Index]
            | NodeKind.DatumNode -> data[n.Index]
            | _ -> Operators.evaluate n.Op (at n.A) (at n.B) (at n.C)

    values

/// Along two directions, by rules of its own; `onLarge` is told of the size of every intermediate result.
let rec differentiate (slots: HyperDual[]) (data: float[]) (onSize: float -> unit) (e: Expression) : HyperDual =
    let H = HyperDual.Of

    let result =
        match e with
        | Value v -> H v
        | Slot k -> slots[k]
        | Datum k -> H data[k]
        | Apply(op, arguments) ->
            let x = arguments |> List.map (differentiate slots data onSize) |> Array.ofList

            let stepwise () =
                let at k = if k < x.Length then x[k].V else 0.0
                H(Operators.evaluate op (at 0) (at 1) (at 2))

            // An infinite slope has no product with the zero slope of 0·x.
            match op with
            | Op.Sqrt
            | Op.Log
            | Op.Pow when x[0].V = 0.0 -> onSize infinity
            | Op.Pow when x[0].V < 0.0 && not arguments[1].IsValue -> onSize infinity
            | Op.Div when x[1].V = 0.0 -> onSize infinity
            | _ -> ()

            match op with
            | Op.Add -> x[0] + x[1]
            | Op.Sub -> x[0] - x[1]
            | Op.Mul -> x[0] * x[1]
            | Op.Div -> x[0] / x[1]
            | Op.Neg -> -x[0]
            | Op.Square -> x[0] * x[0]
            | Op.Pow -> HyperDuals.pow x[0] x[1]
            | Op.Abs -> HyperDuals.abs x[0]
            | Op.Sqrt -> HyperDuals.sqrt x[0]
            | Op.Exp -> HyperDuals.exp x[0]
            | Op.Log -> HyperDuals.log x[0]
            | Op.Sin -> HyperDuals.sin x[0]
            | Op.Cos -> HyperDuals.cos x[0]
            | Op.Atan -> HyperDuals.atan x[0]
            | Op.Tanh -> HyperDuals.tanh x[0]
            | Op.Erf -> HyperDuals.erf x[0]
            | Op.Atan2 -> HyperDuals.atan2 x[0] x[1]
            | Op.Min -> HyperDuals.min x[0] x[1]
            | Op.Max -> HyperDuals.max x[0] x[1]
            | Op.Less -> HyperDuals.max (x[0] - x[1]) (H 0.0)
            | Op.Huber -> HyperDuals.huber x[0] x[1]
            | Op.Select -> if x[0].V <> 0.0 then x[1] else x[2]
            | _ -> stepwise ()

    onSize (abs result.V)
    onSize (abs result.U)
    onSize (abs result.W)
    onSize (abs result.UW)
    result
