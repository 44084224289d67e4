/// Compiled problems of random models against the naive interpreter of their text.
module Optc.Compiler.Tests.RandomModelsTests

open System
open Optc.Parser
open Optc.Compiler
open Optc.Compiler.Tests.Comparison
open Xunit

let private agree (seed: int) (kernels: KernelMode) : int * string list =
    let text = ModelTexts.generate seed

    try
        let session = load $"seed{seed}.opt" [] text
        let compiled = compileWith kernels ActiveBranch session

        if compiled.AuxiliaryCount > 0 then
            0, [ $"seed {seed}: auxiliaries on the active branch\n{text}" ]
        else
            let random = Random(seed + 1000)
            let n = compiled.DeclaredCount
            let at = Array.init n (fun _ -> 0.4 + 1.1 * random.NextDouble())
            let outcome = compare compiled at (randomPairs random n 2) 1e-8

            outcome.Compared,
            (if outcome.Complaints.IsEmpty then
                 []
             else
                 let complaints = outcome.Complaints |> List.truncate 5 |> String.concat "\n"
                 [ $"seed {seed}: {complaints}\n{text}\n" ])
    with e ->
        0, [ $"seed {seed}: {e}\n{text}\n" ]

let private all kernels seeds =
    let results = seeds |> List.map (fun seed -> agree seed kernels)
    let complaints = results |> List.collect snd
    Assert.True(complaints.IsEmpty, $"{complaints.Length} of {results.Length} models:\n" + String.concat "\n" (List.truncate 4 complaints))
    Assert.True(List.sumBy fst results > 20 * results.Length)

[<Fact>]
let ``random models agree with the naive interpreter, interpreted`` () = all Interpreted [ 1..80 ]

[<Fact>]
let ``random models agree with the naive interpreter, compiled`` () = all Compiled [ 121..140 ]

/// Every entry of every matrix, where few variables allow it.
[<Fact>]
let ``slots that coincide, fixed variables and dropped rows agree entry by entry`` () =
    let texts =
        [ "param n := 3; var x {1..n}; minimize f: sum {i in 1..n, j in 1..n} x[i]*x[j]*exp(x[i]*x[j]);"
          "param n := 3; param s {i in 1..n} := if i = 2 then 3 else i; var x {1..n}; minimize f: sum {i in 1..n, j in 1..n} sin(x[s[i]]*x[n+1-j]); subject to c {i in 1..n}: x[i]*x[s[i]]*x[s[s[i]]] = 1;"
          "var x {1..4}; minimize f: sum {i in 1..3} (x[i]*x[i+1])^2; subject to c {i in 1..4, j in i..4}: x[i]^2*x[j] <= 3; fix x[2] := 1.5; drop c[1,2];"
          "var x {1..3}; var z {i in 1..3} = if i = 1 then x[1] else z[i-1]*x[i]; minimize f: z[3]^2 + z[2]*x[2]; subject to c {i in 1..3}: z[i] + x[i]^2 = 2; fix x[3] := 0.7;"
          "var x {1..4}; maximize f: logsumexp {i in 1..4} x[i]*x[5-i]; subject to c: norm2 {i in 1..4} (x[i] - x[1] + 1) <= 4; subject to d: prod {i in 1..4} x[i] >= 0.1;"
          "var x {1..3}; var y; minimize f: x[1]*sum {i in 1..3} y*x[i]^2 + y*(x[1] + sum {j in 1..3} j*x[j]); subject to c: (sum {i in 1..3} x[i]*y)^2 <= 7;" ]

    let random = Random 51

    for text in texts do
        for kernels in [ Interpreted; Compiled ] do
            let compiled = load "small.opt" [] text |> compileWith kernels ExactOnly
            let n = compiled.DeclaredCount
            let at = Array.init n (fun _ -> 0.4 + 1.1 * random.NextDouble())
            let outcome = compare compiled at (allPairs n) 1e-10
            Assert.True(outcome.Complaints.IsEmpty, text + "\n" + String.concat "\n" outcome.Complaints)

// ---- the models of the repository ------------------------------------------------------------------------------------

/// Parameters of size, small for the naive interpreter.
let private sizes =
    [ "n", 8.0; "m", 4.0; "nx", 4.0; "ny", 5.0; "nh", 5.0 ]

let private real folder kernels =
    let models = ModelFilesTests.models () |> Option.defaultWith (fun () -> failwith "no folder of models")
    let complaints = ResizeArray<string>()
    let mutable compared = 0
    let mutable count = 0

    for path in IO.Directory.GetFiles(IO.Path.Combine(models, folder), "*.opt") |> Array.sort do
        let name = IO.FileInfo(path).Name
        let text = IO.File.ReadAllText path

        try
            // A size that the model computes or that its data need stays as it is.
            let overrides =
                sizes
                |> List.filter (fun (name, _) ->
                    folder = "sparse" && Text.RegularExpressions.Regex.IsMatch(text, $@"param {name} integer[^;]*default"))

            let session = load path overrides text
            let compiled = compileWith kernels ActiveBranch session
            count <- count + 1

            // Models with epigraphs hold variables that the text does not.
            if compiled.AuxiliaryCount = 0 then
                let random = Random(name.Length + int name[2])
                let at: float[] = Array.zeroCreate compiled.DeclaredCount

                for v in session.Model.Variables do
                    for k in 0 .. v.Domain.Count - 1 do
                        // Near the start and inside the bounds
                        let lo, hi = v.Lower[k], v.Upper[k]
                        let s = v.Value[k]
                        let moved = s + (0.02 + 0.05 * abs s) * (2.0 * random.NextDouble() - 1.0)

                        at[v.Offset + k] <-
                            if lo < hi && moved <= lo then lo + 0.1 * (min hi (lo + 1.0 + abs lo) - lo)
                            elif lo < hi && moved >= hi then hi - 0.1 * (hi - max lo (hi - 1.0 - abs hi))
                            else moved

                let outcome = compare compiled at (randomPairs random at.Length 2) 1e-8
                compared <- compared + outcome.Compared

                if not outcome.Complaints.IsEmpty then
                    let first = outcome.Complaints |> List.truncate 4 |> String.concat "; "
                    complaints.Add $"{name}: {first}"
        with e ->
            complaints.Add $"{name}: {e.Message}"

    Assert.True(complaints.Count = 0, String.concat "\n" complaints)
    Assert.True(compared > 3 * count, $"{compared} compared in {count} models")

[<Theory>]
[<InlineData("hs")>]
[<InlineData("data")>]
[<InlineData("language")>]
[<InlineData("sparse")>]
let ``the models of the repository agree with the naive interpreter`` (folder: string) = real folder Interpreted

[<Fact>]
let ``models of the repository agree in compiled kernels too`` () = real "language" Compiled
