module Optc.Compiler.Tests.IndexSetTests

open System.Collections.Generic
open FsCheck
open FsCheck.FSharp
open Optc.Compiler
open Xunit

let private config = Config.QuickThrowOnFailure.WithReplay(20260101UL, 11UL).WithMaxTest 200

[<Fact>]
let ``a tuple index agrees with a dictionary`` () =
    let agrees (pairs: (int * bool) list) =
        let tuples = TupleIndex 2
        let twin = Dictionary<struct (int * bool), int>()

        pairs
        |> List.forall (fun (i, b) ->
            let tuple = [| Member.OfNumber(float i); Member.OfSymbol(if b then "yes" else "no") |]
            let expected =
                match twin.TryGetValue(struct (i, b)) with
                | true, k -> k
                | _ ->
                    twin[struct (i, b)] <- twin.Count
                    twin.Count - 1

            tuples.Add(tuple, 0) = expected && tuples.Find(tuple, 0) = expected && tuples.Count = twin.Count)

    Check.One(config, agrees)

[<Fact>]
let ``every member of a range is found at its position and nothing else`` () =
    let agrees (lo: int) (PositiveInt count) (NonZeroInt step) =
        let range = RangeSet.Create(float lo, float (lo + step * (count - 1)), float step)
        let found = [ for k in 0 .. range.Count - 1 -> range.FindNumber(range.Item k) ]
        range.Count = count && found = [ 0 .. count - 1 ] && range.FindNumber(float lo + 0.5) = -1 && range.FindNumber(float (lo - step)) = -1

    Check.One(config, agrees)

[<Theory>]
[<InlineData(1.0, 3.5, 1.0, 3)>]
[<InlineData(0.0, 1.0, 0.1, 11)>]
[<InlineData(10.0, 1.0, -3.0, 4)>]
[<InlineData(1.0, 0.0, 1.0, 0)>]
[<InlineData(5.0, 5.0, 2.0, 1)>]
let ``a range ends at the last step not beyond its end`` (lo: float, hi: float, step: float, count: int) =
    Assert.Equal(count, RangeSet.Create(lo, hi, step).Count)

[<Fact>]
let ``a product numbers its members with the last component fastest`` () =
    let product = ProductSet [| RangeSet(1.0, 1.0, 3); RangeSet(0.0, 1.0, 4) |]
    let tuple: Member[] = Array.zeroCreate 2
    Assert.Equal(12, product.Count)

    for k in 0 .. product.Count - 1 do
        product.CopyTo(k, tuple, 0)
        Assert.Equal(float (1 + k / 4), tuple[0].Number)
        Assert.Equal(float (k % 4), tuple[1].Number)
        Assert.Equal(k, product.Find(tuple, 0))

[<Fact>]
let ``a slice lists the members with given components in order`` () =
    let tuples = TupleIndex 2

    for a, b in [ 1, 5; 2, 6; 1, 7; 3, 8; 1, 4 ] do
        tuples.Add([| Member.OfNumber(float a); Member.OfNumber(float b) |], 0) |> ignore

    let slice = (ListSet tuples).Slice 1
    let rec positions k = if k < 0 then [] else k :: positions (slice.Next k)
    Assert.Equal<int list>([ 0; 2; 4 ], positions (slice.First([| Member.OfNumber 1.0 |], 0)))
    Assert.Equal(-1, slice.First([| Member.OfNumber 9.0 |], 0))

[<Fact>]
let ``ten million members in a range cost nothing`` () =
    let before = System.GC.GetAllocatedBytesForCurrentThread()
    let range = RangeSet.Create(1.0, 1e7, 1.0)
    Assert.Equal(10000000, range.Count)
    Assert.True(System.GC.GetAllocatedBytesForCurrentThread() - before < 1000L)
