module Optc.Compiler.Tests.StagesTests

open System
open Optc.Parser
open Optc.Compiler
open Xunit

let private levels count (edges: (int * int) list) =
    Stages.levels count (fun visit -> for value, needed in edges do visit value needed) string

[<Fact>]
let ``values without dependencies are on level 0`` () =
    Assert.Equal<int[]>([| 0; 0; 0 |], levels 3 [])
    Assert.Empty(levels 0 [])

/// Levels of random acyclic graphs in random numbering against the longest path, by plain recursion.
[<Fact>]
let ``levels are the longest paths`` () =
    let random = Random 41

    for _ in 1..200 do
        let count = 1 + random.Next 20
        let names = Array.init count id
        random.Shuffle names

        let edges =
            [ for _ in 1 .. random.Next(3 * count) do
                  let a = random.Next count
                  let b = random.Next count
                  if a > b then names[a], names[b] ]

        let rec longest v =
            edges |> List.filter (fun (value, _) -> value = v) |> List.fold (fun best (_, needed) -> max best (1 + longest needed)) 0

        Assert.Equal<int[]>(Array.init count longest, levels count edges)

[<Fact>]
let ``a cycle is an error that shows it`` () =
    let error =
        Assert.Throws<ModelError>(fun () ->
            Stages.levels 5 (fun visit -> for v, n in [ 0, 1; 1, 2; 2, 3; 3, 1; 4, 0 ] do visit v n) (fun k -> $"z[{k}]") |> ignore)

    let message = error.Data0.Message
    // From any of its values, but in its order, closed.
    let cycles = [ "z[1] -> z[2] -> z[3] -> z[1]"; "z[2] -> z[3] -> z[1] -> z[2]"; "z[3] -> z[1] -> z[2] -> z[3]" ]
    Assert.True(cycles |> List.exists (fun c -> message.Contains c), message)

[<Fact>]
let ``runs sort instances by level and keep their order inside`` () =
    let rows = IndexColumnBuilder()

    for row in [ 2; 0; 1; 0; 2 ] do
        rows.Add row

    let order, runs = Stages.runs [| 0; 1; 1 |] rows
    Assert.Equal<int[]>([| 1; 3; 0; 2; 4 |], order)
    Assert.Equal<struct (int * int * int)[]>([| struct (0, 0, 2); struct (1, 2, 5) |], runs)
    // Already sorted: no order
    let sorted = IndexColumnBuilder()

    for row in [ 0; 0; 1; 2 ] do
        sorted.Add row

    let order, runs = Stages.runs [| 0; 1; 2 |] sorted
    Assert.Empty order
    Assert.Equal<struct (int * int * int)[]>([| struct (0, 0, 2); struct (1, 2, 3); struct (2, 3, 4) |], runs)
