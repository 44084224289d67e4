/// Whole models with kernels interpreted, compiled, and in between: the same bits, right numbers, nothing allocated.
module Optc.Compiler.Tests.WholeModelTests

open System
open Optc.Compiler
open Optc.Compiler.Tests.Comparison
open Optc.Compiler.Tests.KernelWorlds
open Optc.Runtime.Templates
open Xunit

let private rosenbrock =
    "param n integer default 1000; var x {1..n}; minimize f: sum {i in 1..n-1} (100*(x[i+1] - x[i]^2)^2 + (1 - x[i])^2);"

let private lukšanVlček =
    "param n integer default 1000; var x {1..n};
     minimize f: sum {i in 1..n-1} (100*(x[i]^2 - x[i+1])^2 + (x[i] - 1)^2);
     s.t. chain {k in 1..n-2}: 3*x[k+1]^3 + 2*x[k+2] - 5 + sin(x[k+1] - x[k+2])*sin(x[k+1] + x[k+2]) + 4*x[k+1] - x[k]*exp(x[k] - x[k+1]) - 3 = 0;"

let private control =
    "param n integer default 1000; param h := 10/n; var a {1..n}; var v {1..n}; var u {1..n};
     minimize f: sum {i in 1..n} h*(1 - cos(a[i]) + 0.1*v[i]^2 + 0.05*u[i]^2);
     s.t. accelerate {i in 1..n-1}: v[i+1] = v[i] + h*(u[i]*cos(a[i]) - sin(a[i]) - 0.3*v[i]*exp(-a[i]));
     s.t. turn {i in 1..n-1}: a[i+1] = a[i] + h*v[i];
     s.t. first: a[1] = 2.5;"

/// Slots and rows that follow no rule.
let private tables =
    "param n integer default 1000; var x {1..n}; param p {i in 1..n} := 1 + (i*i*7 + 3*i) mod n;
     minimize f: sum {i in 1..n} sin(x[i]*x[p[i]]) + sum {i in 1..n} (x[i] - x[n+1-i])^2;
     s.t. c {i in 1..n-3: i mod 3 <> 1}: x[i]*exp(0.1*x[p[i]]) + sqrt(1 + x[i+1]^2*x[i+3]^2) <= 4;"

let private fixedVariables =
    rosenbrock + " s.t. c {i in 2..n-1}: x[i-1]*x[i]*x[i+1] + sqrt(1 + x[i]^2) <= 9; fix x[1] := 0.7; fix x[500 mod n + 1] := -0.3;"

let private definedVariables =
    "param n integer default 1000; var x {1..n}; var d {i in 1..n-1} = x[i]*x[i+1] + sin(x[i]); var s = sum {i in 1..n} x[i]^2 / n;
     minimize f: sum {i in 1..n-1} (d[i] - 1)^2 + s^2;
     s.t. c {i in 1..n-2}: d[i]*d[i+1] + x[i] <= 3; s.t. total: s <= 2;"

/// The first and last variables are in many terms; columns that meet others of another step.
let private bordered =
    "param n integer default 1000; var x {0..2*n};
     minimize f: sum {i in 1..n} (x[i] - x[2*i]^2)^2 + sum {i in 1..n} x[0]*x[i]*exp(0.1*x[2*n]);
     s.t. c {i in 1..n}: x[i]*x[2*i] + x[2*i-1]^3 + x[0] <= 5;"

let private models =
    dict
        [ "Rosenbrock", rosenbrock
          "Lukšan-Vlček", lukšanVlček
          "control", control
          "tables", tables
          "fixed variables", fixedVariables
          "defined variables", definedVariables
          "bordered", bordered ]

let names: TheoryData<string> =
    let data = TheoryData<string>()
    Seq.iter data.Add models.Keys
    data

let private compile kernels n name =
    load $"{name}.opt" [ "n", n ] models[name] |> compileWith kernels ActiveBranch

/// What all functions gave at a point, one after the other.
type private Results(problem: TemplateProblem) =
    let n, m = problem.VariableCount, problem.ConstraintCount
    let j, h = problem.JacobianPattern.Count, problem.HessianPattern.Count
    let all: float[] = Array.zeroCreate (2 + 2 * n + 2 * m + 2 * j + h)
    let weights = Array.init m (fun i -> cos (float i))

    let lengths = [| 1; 1; n; n; m; m; j; j; h |]
    let starts = lengths |> Array.scan (+) 0

    member _.Names =
        [| "objective"; "objective of the gradient"; "gradient"; "gradient only"; "constraints"; "constraints with Jacobian"; "Jacobian"; "Jacobian with constraints"; "Hessian" |]

    member _.All = all
    member _.Part k = all[starts[k] .. starts[k] + lengths[k] - 1]

    /// Allocates nothing itself.
    member _.Evaluate(x: float[]) =
        all[0] <- problem.Objective(ReadOnlySpan x)
        all[1] <- problem.Gradient(ReadOnlySpan x, Span(all, starts[2], n))
        problem.GradientOnly(ReadOnlySpan x, Span(all, starts[3], n))
        problem.Constraints(ReadOnlySpan x, Span(all, starts[4], m))
        problem.ConstraintsAndJacobian(ReadOnlySpan x, Span(all, starts[5], m), Span(all, starts[7], j))
        problem.Jacobian(ReadOnlySpan x, Span(all, starts[6], j))
        problem.Hessian(ReadOnlySpan x, 0.7, ReadOnlySpan weights, Span(all, starts[8], h))

let private pointOf (problem: TemplateProblem) seed =
    let random = Random(seed: int)
    Array.init problem.VariableCount (fun _ -> 0.2 + 1.3 * random.NextDouble())

let private firstDifference (a: Results) (b: Results) =
    Seq.init a.Names.Length id
    |> Seq.tryPick (fun k ->
        Array.zip (a.Part k) (b.Part k)
        |> Array.tryFindIndex (fun (x, y) -> not (sameBits x y))
        |> Option.map (fun at -> $"{a.Names[k]} {at}: {(a.Part k)[at]:R} and {(b.Part k)[at]:R}"))

[<Theory>]
[<MemberData(nameof names)>]
let ``interpreted and compiled models give the same bits`` (name: string) =
    for n in [ 90.0; 1500.0 ] do
        let interpreted = (compile Interpreted n name).Problem
        let compiled = (compile Compiled n name).Problem
        let a, b = Results interpreted, Results compiled

        for seed in 1..2 do
            a.Evaluate(pointOf interpreted seed)
            b.Evaluate(pointOf compiled seed)

            match firstDifference a b with
            | Some difference -> failwith $"{name} with n = {n}: {difference}"
            | None -> ()

/// Parts so small that every stretch is cut.
[<Theory>]
[<MemberData(nameof names)>]
let ``any number of threads gives the same bits`` (name: string) =
    let threads, work = EvaluationThreads.Count, EvaluationThreads.LeastWork

    try
        let problem = (compile Compiled 1500.0 name).Problem
        let x = pointOf problem 5
        EvaluationThreads.LeastWork <- 100L
        EvaluationThreads.Count <- 1
        let alone = Results problem
        alone.Evaluate x

        for count in 2..5 do
            EvaluationThreads.Count <- count
            let together = Results problem
            together.Evaluate x

            match firstDifference alone together with
            | Some difference -> failwith $"{name} with {count} threads: {difference}"
            | None -> ()
    finally
        EvaluationThreads.Count <- threads
        EvaluationThreads.LeastWork <- work

/// With and without the other function in the same pass.
[<Theory>]
[<MemberData(nameof names)>]
let ``functions computed together are those computed apart`` (name: string) =
    for kernels in [ Interpreted; Compiled ] do
        let problem = (compile kernels 700.0 name).Problem
        let results = Results problem
        results.Evaluate(pointOf problem 3)

        for apart, together in [ 0, 1; 2, 3; 4, 5; 6, 7 ] do
            Array.zip (results.Part apart) (results.Part together)
            |> Array.iteri (fun k (x, y) ->
                Assert.True(abs (x - y) <= 1e-13 * (1.0 + abs x), $"{kernels} {results.Names[together]} {k}: {x:R} and {y:R}"))

[<Theory>]
[<MemberData(nameof names)>]
let ``models agree with the naive interpreter`` (name: string) =
    for kernels in [ Interpreted; Compiled ] do
        let compiled = compile kernels 130.0 name
        let random = Random 5
        let at = Array.init compiled.DeclaredCount (fun _ -> 0.2 + 1.3 * random.NextDouble())
        let outcome = compare compiled at (randomPairs random compiled.DeclaredCount 1) 1e-12
        Assert.True(outcome.Complaints.IsEmpty, String.concat "\n" (List.truncate 5 outcome.Complaints))
        Assert.True(outcome.Compared >= 3)

/// Bytes that a repeated action allocates, the least of three: the runtime itself may allocate beside one of them.
let private leastAllocated (action: unit -> unit) =
    Seq.min
        [ for _ in 1..3 ->
              let before = GC.GetAllocatedBytesForCurrentThread()
              action ()
              GC.GetAllocatedBytesForCurrentThread() - before ]

[<Theory>]
[<MemberData(nameof names)>]
let ``a model that becomes hot keeps its bits, and nothing allocates`` (name: string) =
    let compiled = compile Automatic 700.0 name
    let problem = compiled.Problem
    let x = pointOf problem 4
    let other = pointOf problem 5
    let cold, hot = Results problem, Results problem
    cold.Evaluate other
    cold.Evaluate x
    Assert.Equal(0L, leastAllocated (fun () ->
        cold.Evaluate other
        cold.Evaluate x))

    let kernels =
        [ for t in compiled.Templates do
              t.Kernels.Value
              t.Kernels.FirstOrder
              t.Kernels.ValueAndFirstOrder
              t.Kernels.SecondOrder ]

    // As if each had been interpreted for long.
    for kernel in kernels do
        if kernel.ResultCount > 0 then
            kernel.Interpreted |> ignore
            kernel.Spend Int32.MaxValue
            Assert.True kernel.IsHot

    hot.Evaluate x
    hot.Evaluate other
    hot.Evaluate x

    match firstDifference cold hot with
    | Some difference -> failwith $"{name}: {difference}"
    | None -> ()

    Assert.Equal(0L, leastAllocated (fun () ->
        hot.Evaluate other
        hot.Evaluate x))

[<Fact>]
let ``a kernel becomes hot by being interpreted`` () =
    let compiled = compile Automatic 100.0 "Rosenbrock"
    let x = pointOf compiled.Problem 6
    let kernel = compiled.Templates[0].Kernels.Value
    let value = compiled.Problem.Objective(ReadOnlySpan x)
    Assert.False kernel.IsHot
    let mutable calls = 0

    while not kernel.IsHot && calls < 1000000 do
        Assert.Equal(value, compiled.Problem.Objective(ReadOnlySpan x))
        calls <- calls + 1

    Assert.True(kernel.IsHot && calls > 100, $"{calls} calls")
    Assert.Equal(value, compiled.Problem.Objective(ReadOnlySpan x))
