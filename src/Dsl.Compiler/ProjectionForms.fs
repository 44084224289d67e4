namespace Optc.Compiler

open System.Collections.Generic
open Optc.Runtime.Solvers.Projections

/// A sum of numbers, multiples of values and of products of two values, under construction.
[<Sealed>]
type ProjectionForm() =
    let linear = SortedDictionary<int, float>()
    let products = SortedDictionary<struct (int * int), float>()

    let add (terms: SortedDictionary<'K, float>) key weight =
        match terms.TryGetValue key with
        | true, known -> terms[key] <- known + weight
        | _ -> terms[key] <- weight

    member val Constant = 0.0 with get, set
    member _.AddValue(value: int, weight: float) = add linear value weight
    member _.AddProduct(first: int, second: int, weight: float) = add products (struct (min first second, max first second)) weight

    /// What the terms come to without the constant.
    member _.Sum(value: int -> float) : float =
        Seq.sum (linear |> Seq.map (fun t -> t.Value * value t.Key))
        + Seq.sum (products |> Seq.map (fun t -> let struct (a, b) = t.Key in t.Value * value a * value b))

    /// (value, coefficient), those that cancel left out
    member _.Linear: (int * float)[] = [| for t in linear do if t.Value <> 0.0 then t.Key, t.Value |]

    /// (values, coefficient)
    member _.Products: (struct (int * int) * float)[] = [| for t in products do if t.Value <> 0.0 then t.Key, t.Value |]

    /// The one multiple of a value that it is, if it is one.
    member this.Single: (int * float) option =
        match this.Linear, this.Products with
        | [| single |], [||] when this.Constant = 0.0 -> Some single
        | _ -> None

    /// Its projection and the operands for lower ≤ form ≤ upper; None for a form without terms.
    member this.Restrict(lower: float, upper: float) : (IProjection * int[]) option =
        let linear, all = this.Linear, this.Products
        let squares, products = all |> Array.partition (fun (struct (a, b), _) -> a = b)

        if linear.Length + all.Length = 0 then
            None
        else
            let operands =
                [| for struct (a, b), _ in products do
                       a
                       b
                   for struct (a, _), _ in squares do
                       a
                   for value, _ in linear do
                       value |]

            let projection = QuadraticProjection(Array.map snd products, Array.map snd squares, Array.map snd linear, lower - this.Constant, upper - this.Constant)
            Some(projection :> IProjection, operands)
