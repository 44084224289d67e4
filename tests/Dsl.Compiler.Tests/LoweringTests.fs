/// What lowering makes of a model's structure, and what it refuses.
module Optc.Compiler.Tests.LoweringTests

open System
open Optc.Parser
open Optc.Compiler
open Optc.Runtime.Problems
open Optc.Compiler.Tests.Comparison
open Xunit

let private compiledWith kernels kinks text = load "test.opt" [] text |> compileWith kernels kinks
let private compiled text = compiledWith Interpreted ExactOnly text
let private active text = compiledWith Interpreted ActiveBranch text

/// The diagnostic with which a model is refused.
let private refusedBy (options: CompileOptions) text : Diagnostic =
    let session = load "test.opt" [] text
    let error = Assert.Throws<ModelError>(fun () -> ModelCompiler.compile session.Model session.Evaluator options |> ignore)
    Assert.True(not (isNull error.Data0.Span.Source) || error.Data0.Code = "cycle", "no span: " + error.Data0.Message)
    error.Data0

let private refused text = refusedBy CompileOptions.Default text

let private says (words: string list) (d: Diagnostic) =
    let all = d.Message + " | " + Option.defaultValue "" d.Hint

    for word in words do
        Assert.True(all.Contains word, $"'{word}' is not in: {all}")

// ---- refusals ------------------------------------------------------------------------------------------------------

[<Fact>]
let ``a cycle of defined variables is shown`` () =
    refused "var x {1..3}; var a {i in 1..3} = x[i] * b[i]; var b {i in 1..3} = sin(a[i]); minimize f: sum {i in 1..3} a[i];"
    |> says [ "cycle|depends on itself".Split('|')[1]; "a[1]"; "b[1]"; "->" ]

    refused "var x; var z {i in 1..3} = x + sin(z[if i = 3 then 1 else i + 1]); minimize f: z[1];" |> says [ "z[1] -> z[2] -> z[3] -> z[1]" ]

[<Theory>]
[<InlineData("maximize f: abs(x - 1);", "abs(x - 1)", "convex")>]
[<InlineData("minimize f: min(x, y);", "min(x, y)", "concave")>]
[<InlineData("minimize f: sin(max(x, y));", "max(x, y)", "convex")>]
[<InlineData("minimize f: x; subject to c: abs(x - y) >= 1;", "abs(x - y)", "convex")>]
[<InlineData("minimize f: x; subject to c: abs(x) = 1;", "abs(x)", "convex")>]
[<InlineData("minimize f: -2*abs(x);", "abs(x)", "convex")>]
[<InlineData("minimize f: y*abs(x);", "abs(x)", "convex")>]
let ``a kink in the wrong position names the term and the remedy`` (rest: string, term: string, position: string) =
    refused ("var x; var y; " + rest) |> says [ term; $"not stand in {position} position"; "option nonsmooth active" ]

[<Fact>]
let ``bounds that cross name the variable or the constraint`` () =
    refused "param p {1..3}; data; param p := 1 0  2 5  3 0; model; var x {1..3}; minimize f: x[1]; subject to c {i in 1..3}: p[i] <= x[i] <= 2;"
    |> says [ "c[2]"; "5"; "2" ]

    let session = Parser.parseText "t.opt" "var x {i in 1..3} >= i, <= 2; minimize f: x[1];"
    Assert.False session.HasErrors
    Assert.ThrowsAny<exn>(fun () -> load "t.opt" [] "var x {i in 1..3} >= i, <= 2; minimize f: x[1];" |> ignore) |> fun e -> Assert.Contains("x[3]", e.Message)

[<Fact>]
let ``a constraint without variables is checked and left out`` () =
    refused "param p {i in 1..3} := i; var x; minimize f: x^2; subject to c {i in 1..3}: p[i] <= 2 + 0*p[1];" |> says [ "c[3]"; "no variables" ]
    let model = compiled "param p {i in 1..3} := i; var x; minimize f: x^2; subject to c {i in 1..3}: p[i] <= 3; subject to d: x + 1 >= 0;"
    Assert.Equal(1, model.Problem.ConstraintCount)
    Assert.Contains(model.Notes, (fun (n: string) -> n.Contains "3 of the constraints c"))

[<Fact>]
let ``integer variables are refused unless relaxed`` () =
    let text = "var x integer >= 0; minimize f: (x - 0.5)^2;"
    refused text |> says [ "variable x is integer"; "relax_integrality" ]
    refused "var b binary; minimize f: b;" |> says [ "variable b is binary" ]
    let session = load "t.opt" [] text
    let relaxed = ModelCompiler.compile session.Model session.Evaluator { CompileOptions.Default with RelaxIntegrality = true }
    Assert.Equal(1, relaxed.Problem.VariableCount)

[<Fact>]
let ``constructs for other solvers are refused by name`` () =
    refused "var x >= 0; var y >= 0; minimize f: x; subject to c: 0 <= x complements y >= 0; lower g over y: minimize h: (y - x)^2; end;"
    |> says [ "c is a condition on a variable that g chooses" ]

    refused "var x {1..2}; minimize f: x[1]; block own {i in 1..2}: x[1];" |> says [ "in two blocks" ]
    refused "var x; var y; minimize f: x; subject to c: y <= x + y <= 3;" |> says [ "constraint c"; "two constraints" ]

[<Fact>]
let ``conditions on variables may be relations only`` () =
    refused "var x {1..3}; minimize f: if exists {i in 1..3} x[i] > 0 then x[1] else x[2];" |> says [ "condition depends on variables"; "relations" ]
    // Relations, and, or, not are legal.
    compiled "var x {1..3}; minimize f: if x[1] > 0 and not (x[2] = 1 or x[3] <> 2) then x[1] else x[2];" |> ignore

[<Fact>]
let ``functions of data are refused on variables by name`` () =
    let error = Assert.ThrowsAny<exn>(fun () -> load "t.opt" [] "var x; minimize f: x + Uniform(0, x);" |> ignore)
    Assert.Contains("Uniform draws a number each time it is evaluated and may stand in data only", error.Message)

// ---- structure -----------------------------------------------------------------------------------------------------

[<Fact>]
let ``kinks in the right position are exact epigraphs`` () =
    let model = compiled "var x {1..3} := 2; minimize f: sum {i in 1..3} abs(x[i] - i) + max {i in 1..3} x[i]^2; subject to c: max(x[1], x[2], 0) <= 5;"
    Assert.Equal(3 + 1 + 1, model.AuxiliaryCount)
    // Two pieces for each |·|, three for the max, two for max(x₁, x₂, 0), whose 0 is a bound, and the constraint.
    Assert.Equal(6 + 3 + 2 + 1, model.Problem.ConstraintCount)
    let x = model.Problem.Start.ToArray()
    // Auxiliaries start at the value of their term, so that the start has the model's value.
    Assert.Equal(1.0 + 0.0 + 1.0 + 4.0, model.Problem.Objective(ReadOnlySpan x), 12)
    Assert.Contains(0.0, model.Problem.VariableLower.ToArray())

[<Fact>]
let ``a maximum on its active branch is not the epigraph of the same maximum beside it`` () =
    let model = active "var x {i in 1..3} := i; minimize f: exp(max {i in 1..3} x[i] + sin(max {i in 1..3} x[i]));"
    Assert.Equal(1, model.AuxiliaryCount)
    let x = model.Problem.Start.ToArray()
    x[3] <- 7.0
    Assert.Equal(exp (7.0 + sin 3.0), model.Problem.Objective(ReadOnlySpan x), 9)

[<Fact>]
let ``a maximum beside logsumexp over the same terms keeps its derivative`` () =
    let model = active "var x {i in 1..20} := i; minimize f: sin(max {i in 1..20} x[i]) + logsumexp {i in 1..20} x[i];"
    let n = 20
    let at = Array.init n (fun k -> float (k + 1) / 10.0)
    let outcome = compare model at (randomPairs (Random 3) n 4) 1e-8
    Assert.True(outcome.Complaints.IsEmpty, String.concat "\n" outcome.Complaints)

/// What is piecewise linear is not linear: neither cached nor called convex.
[<Theory>]
[<InlineData("minimize f: sin(0) + y - abs(x) ;")>]
[<InlineData("minimize f: if x > 1 then x else 3*x;")>]
[<InlineData("minimize f: floor(x) + y;")>]
[<InlineData("minimize f: y + x*(x > 1);")>]
let ``piecewise linear objectives are not linear`` (objective: string) =
    let model = active ("var x := 2; var y; " + objective)
    Assert.Equal(ProblemClass.Nonlinear, model.Problem.Structure.Class)
    Assert.False model.Problem.Structure.IsConvex
    Assert.False model.Problem.Structure.ObjectiveIsLinear

    // The derivative follows the branch from point to point.
    for at in [ 2.0; -2.0; 0.5; 2.0 ] do
        let outcome = compare model [| at; 0.3 |] (allPairs 2) 1e-10
        Assert.True(outcome.Complaints.IsEmpty, String.concat "\n" outcome.Complaints)

[<Fact>]
let ``classes of models are told apart`` () =
    let of' text = (compiled text).Problem.Structure.Class
    Assert.Equal(ProblemClass.Linear, of' "var x; minimize f: 2*x; subject to c: x >= 1;")
    Assert.Equal(ProblemClass.Quadratic, of' "var x; minimize f: x^2; subject to c: x >= 1;")
    Assert.Equal(ProblemClass.QuadraticallyConstrained, of' "var x; minimize f: x; subject to c: x^2 <= 1;")
    Assert.Equal(ProblemClass.Nonlinear, of' "var x; minimize f: exp(x);")
    Assert.Equal(ProblemClass.EquationSystem, of' "var x; subject to c: exp(x) = 2;")
    Assert.Equal(ProblemClass.Nonlinear, of' "var x {1..30}; minimize f: exp(sum {i in 1..30} x[i]);")

/// Names by templates: the graph as text, so that sizes can be compared.
let private shapes (model: CompiledModel) =
    model.Descriptions
    |> Array.map (fun d ->
        [ for id in 0 .. d.Graph.Count - 1 -> d.Graph[id] ], d.Root, List.ofArray d.Gradient, List.ofArray d.Hessian)
    |> Array.toList

let private sizes =
    [ "param n; var x {i in 1..n} := i/n; minimize f: sum {i in 1..n-1} (100*(x[i+1] - x[i]^2)^2 + (1 - x[i])^2);"
      "param n; var x {0..n+1}; minimize f: sum {i in 1..n} exp(x[i-1]*x[i+1]); subject to c {i in 1..n}: x[n+1-i] + sin(x[i]) = (if i mod 2 = 0 then x[i]^2 else 1);"
      "param n; param a {i in 1..n} := 0.5 + sin(i); var x {1..n}; minimize f: log(sum {i in 1..n} a[i]*exp(x[i])) + logsumexp {i in 1..n} x[i];"
      "param n; var x {1..n}; var z {i in 1..n} = if i = 1 then x[1] else sin(z[i-1]) + x[i]; minimize f: z[n] + prod {i in 1..n} (1 + x[i]/n);"
      "param n; var x {1..n, 1..3}; minimize f: sum {i in 1..n} (sum {j in 1..3} x[i,j]^2 - 1)^2 + sum {i in 1..n, j in 1..3: i <> j} x[i,j]^4;" ]

[<Fact>]
let ``templates do not depend on the size of the sets`` () =
    for text in sizes do
        let at n = load "size.opt" [ "n", n ] text |> compileWith Interpreted ExactOnly
        // Reductions over all variables inside a function have dense Hessians.
        let isDense = text.Contains "log" || text.Contains "prod"
        let small = at 40.0
        let large = at (if isDense then 400.0 else 10000.0)
        Assert.Equal(small.Templates.Length, large.Templates.Length)
        Assert.True((shapes small = shapes large), text)
        Assert.True(small.Templates.Length <= 12, $"{small.Templates.Length} templates: {text}")

[<Fact>]
let ``neighbours at 10000 variables are affine columns without tables`` () =
    let model = load "size.opt" [ "n", 10000.0 ] sizes[0] |> compileWith Interpreted ExactOnly

    for template in model.Templates do
        Assert.True(template.Row.IsAffine)
        Assert.All(template.Slots, (fun slot -> Assert.True slot.IsAffine))

[<Fact>]
let ``logsumexp does not overflow, nor do its derivatives`` () =
    let model = compiled "var x {i in 1..3} := i; minimize f: logsumexp {i in 1..3} 1000*x[i];"
    let problem = model.Problem
    let x = problem.Start.ToArray()
    let gradient: float[] = Array.zeroCreate 3
    Assert.Equal(3000.0, problem.Gradient(ReadOnlySpan x, Span gradient))
    Assert.Equal<float[]>([| 0.0; 0.0; 1000.0 |], gradient)

[<Fact>]
let ``the objective in use may be one of a family`` () =
    let model = compiled "var x {i in 1..3} := i; minimize f {i in 1..3}: i*x[i]^2; objective f[2];"
    let x = model.Problem.Start.ToArray()
    Assert.Equal(8.0, model.Problem.Objective(ReadOnlySpan x))

[<Theory>]
[<InlineData(true)>]
[<InlineData(false)>]
let ``evaluations do not allocate`` (compile: bool) =
    for text in sizes do
        let model = load "size.opt" [ "n", 60.0 ] text |> compileWith (if compile then Compiled else Interpreted) ExactOnly
        let problem = model.Problem
        let x = problem.Start.ToArray()
        let gradient: float[] = Array.zeroCreate problem.VariableCount
        let values: float[] = Array.zeroCreate problem.ConstraintCount
        let weights = Array.create problem.ConstraintCount 0.5
        let jacobian: float[] = Array.zeroCreate problem.JacobianPattern.Count
        let hessian: float[] = Array.zeroCreate problem.HessianPattern.Count

        let evaluate shift =
            x[0] <- x[0] + shift
            problem.Objective(ReadOnlySpan x) |> ignore
            problem.Gradient(ReadOnlySpan x, Span gradient) |> ignore
            problem.Constraints(ReadOnlySpan x, Span values)
            problem.Jacobian(ReadOnlySpan x, Span jacobian)
            problem.Hessian(ReadOnlySpan x, 1.0, ReadOnlySpan weights, Span hessian)

        evaluate 0.01
        evaluate 0.01
        // The least of several rounds: the runtime may allocate beside one.
        let allocated =
            [ for _ in 1..4 do
                  let before = GC.GetAllocatedBytesForCurrentThread()
                  evaluate 0.01
                  GC.GetAllocatedBytesForCurrentThread() - before ]

        Assert.Equal(0L, List.min allocated)

// ---- norms -----------------------------------------------------------------------------------------------------

[<Fact>]
let ``the rounding of norms changes no data of the same value`` () =
    let model = compiled "param a := 0.00000001; var x {1..2} := 3; minimize f: norm2 {j in 1..2} x[j] + a*exp(x[1]) + 100000000*a*sin(x[2]);"

    let value () =
        model.Problem.Objective(ReadOnlySpan [| 3.0; 4.0 |])

    let rest = 1e-8 * exp 3.0 + sin 4.0
    Assert.Equal(5.0 + rest, value (), 1e-14)

    match model.Rounding with
    | null -> Assert.Fail "the model has a norm"
    | rounding ->
        rounding.Set 12.0
        Assert.Equal(13.0 + rest, value (), 1e-14)
        rounding.Set NormRounding.Least
        Assert.Equal(5.0 + rest, value (), 1e-14)
