module Optc.Compiler.Tests.AuditTests

open System
open Optc.Compiler
open Optc.Compiler.Tests.AuditModels
open Xunit

let private small (value: float) = Assert.InRange(value, 0.0, 1e-7)

/// Hock and Schittkowski's problem 71 with the solution and multipliers of the book's optimum.
let private hs71 =
    """
    var x {1..4} >= 1, <= 5;
    minimize f: x[1]*x[4]*(x[1]+x[2]+x[3]) + x[3];
    subject to product: x[1]*x[2]*x[3]*x[4] >= 25;
    subject to sphere: sum {i in 1..4} x[i]^2 = 40;
    """

let private solvedHs71 () =
    let model, evaluator = load hs71
    set model "x" [ 1.0; 4.742999637; 3.821149979; 1.379408293 ]
    // ∇f = Jᵀy + z solved for the two free components by hand below.
    let x = (variable model "x").Value
    let gradient = [| x[3] * (2.0 * x[0] + x[1] + x[2]); x[0] * x[3]; x[0] * x[3] + 1.0; x[0] * (x[0] + x[1] + x[2]) |]
    let product = x[0] * x[1] * x[2] * x[3]
    let a = Array.map (fun v -> product / v) x
    let b = Array.map (fun v -> 2.0 * v) x
    let determinant = a[1] * b[3] - a[3] * b[1]
    let y1 = (gradient[1] * b[3] - gradient[3] * b[1]) / determinant
    let y2 = (a[1] * gradient[3] - a[3] * gradient[1]) / determinant
    dual model "product" [ y1 ]
    dual model "sphere" [ y2 ]
    reducedCost model "x" [ gradient[0] - a[0] * y1 - b[0] * y2; 0.0; 0.0; 0.0 ]
    model, evaluator

[<Fact>]
let ``HS71 at its solution satisfies the first-order conditions`` () =
    let report = audit (solvedHs71 ())
    Assert.Equal(17.0140173, report.Objective, 6)
    Assert.Equal(0.5522936, (constraint' (fst (solvedHs71 ())) "product").Dual[0], 5)
    small report.Residuals.Stationarity
    small report.Residuals.Feasibility
    small report.Residuals.Complementarity
    Assert.True report.IsComplete
    Assert.Equal(2, report.CheckedConstraints)
    Assert.Empty report.Violations
    Assert.Empty report.Notes

[<Fact>]
let ``a wrong multiplier is a stationarity error`` () =
    let model, evaluator = solvedHs71 ()
    dual model "sphere" [ 0.2 ]
    Assert.True((audit (model, evaluator)).Residuals.Stationarity > 0.1)

[<Fact>]
let ``multipliers of a maximised objective have the user's sign`` () =
    // The objective grows by 2 for each unit of the side.
    let model, evaluator =
        load "var x >= 0; var y >= 0; maximize f: 2*x + y; subject to c: x + y <= 3;"

    set model "x" [ 3.0 ]
    dual model "c" [ 2.0 ]
    reducedCost model "y" [ -1.0 ]
    let report = audit (model, evaluator)
    Assert.Equal(6.0, report.Objective)
    Assert.Equal(0.0, report.Residuals.Largest)
    dual model "c" [ -2.0 ]
    Assert.True((audit (model, evaluator)).Residuals.Largest > 0.1)

[<Fact>]
let ``violations come by family with ranges, worst first`` () =
    let model, evaluator =
        load
            """
            set S := {'a', 'b'};
            var x {1..9}; var z <= 1;
            minimize f: 0;
            subject to capacity {i in 1..9}: x[i] <= 1;
            subject to c {s in S, i in 1..6}: x[i] >= (if s = 'a' and i >= 2 and i <= 5 then 10 else -10);
            """

    set model "x" [ 0.0; 0.0; 2.0; 2.0; 2.0; 2.5; 2.0; 0.0; 0.0 ]
    set model "z" [ 1.25 ]
    let report = audit (model, evaluator)
    let families = report.Violations |> Seq.map _.Family |> List.ofSeq
    Assert.Equal<string list>([ "c[a,2..5]"; "capacity[3..7]"; "z" ], families)
    Assert.Equal(1.5, report.Violations[1].Largest)
    Assert.Equal("capacity[6]", report.Violations[1].Worst)
    Assert.Equal(5, report.Violations[1].Count)
    Assert.Equal(1.5, report.Residuals.Feasibility)

[<Fact>]
let ``fixed variables are constants and dropped constraints are skipped`` () =
    let model, evaluator =
        load "var x; var y; minimize f: (x - y)^2; subject to c: x >= 7; subject to d: x*y = 4;"

    set model "x" [ 2.0 ]
    set model "y" [ 2.0 ]
    (variable model "y").IsFixed <- [| true |]
    (constraint' model "c").Dropped <- [| true |]
    let report = audit (model, evaluator)
    Assert.Equal(0.0, report.Residuals.Largest)
    Assert.Equal(1, report.CheckedConstraints)

[<Fact>]
let ``defined variables carry derivatives, recursive ones too`` () =
    // s[4] = x + 3: f = (x + 3)^2 - 8 x has its minimum at x = 1.
    let model, evaluator =
        load
            """
            var x;
            var s {i in 1..4} = if i = 1 then x else s[i-1] + 1;
            var twice = 2 * s[4];
            minimize f: twice^2 / 4 - 8*x;
            """

    set model "x" [ 1.0 ]
    small (audit (model, evaluator)).Residuals.Stationarity
    set model "x" [ 2.0 ]
    let report = audit (model, evaluator)
    Assert.Equal(9.0, report.Objective)
    // |f'| = 2, relative to max(1, |f'|)
    Assert.Equal(1.0, report.Residuals.Stationarity, 12)

[<Fact>]
let ``a long recursion does not overflow the stack`` () =
    let model, evaluator =
        load
            """
            var x;
            var s {i in 1..20000} = if i = 1 then x else s[i-1] + 1;
            minimize f: (s[20000] - 20000)^2;
            """

    set model "x" [ 1.0 ]
    Assert.Equal(0.0, (audit (model, evaluator)).Residuals.Largest)

[<Theory>]
[<InlineData("abs(x - 1) + 0.3*x", 1.0, 0.0)>]
[<InlineData("abs(x - 1)/2 + x", 1.0, 0.5)>]
[<InlineData("max(x, -x) + 0*x", 0.0, 0.0)>]
[<InlineData("max {i in 1..3} (i - 2)*x", 0.0, 0.0)>]
[<InlineData("norm1 {i in 1..2} (x - i) + x/4", 2.0, 0.2)>]
[<InlineData("norminf {i in 1..2} (x - i)", 1.5, 0.0)>]
[<InlineData("pos(x) - 0.5*x", 0.0, 0.0)>]
[<InlineData("(x less 1) - 0.5*x", 1.0, 0.0)>]
[<InlineData("<<1, 2; -1, 0.5, 3>> x", 1.0, 0.0)>]
[<InlineData("<<1, 2; -1, 0.5, 3>> x", 2.0, 0.5)>]
[<InlineData("if x <= 1 then -x else x - 2", 1.0, 0.0)>]
let ``at a kink the nearest subgradient counts`` (objective: string, at: float, expected: float) =
    let model, evaluator = load $"var x; minimize f: {objective};"
    set model "x" [ at ]
    Assert.Equal(expected, (audit (model, evaluator)).Residuals.Stationarity, 9)

[<Fact>]
let ``a kink inside a kink leaves its variables out and says so`` () =
    let model, evaluator = load "var x; var w; minimize f: max(abs(x), 0) + (w - 1)^2;"
    set model "w" [ 1.0 ]
    let report = audit (model, evaluator)
    Assert.Equal(0.0, report.Residuals.Stationarity)
    Assert.StartsWith("stationarity leaves out 1 of 2 variables", Assert.Single report.Notes)

[<Fact>]
let ``minimax problems are stationary at their solution`` () =
    // min max(x + y, x - y, -x) + x/2 … kinks in two variables, and one in a constraint with a multiplier.
    let model, evaluator =
        load
            """
            var x; var y; var t;
            minimize f: t;
            subject to top: max(x + y, x - y, -2*x) <= t;
            """

    dual model "top" [ -1.0 ]
    let report = audit (model, evaluator)
    small report.Residuals.Stationarity
    small report.Residuals.Complementarity

/// An expression of x, y and z with its value and gradient by central differences through the evaluator.
[<Theory>]
[<InlineData("x*y*z - x/y + y^z + 3")>]
[<InlineData("sqrt(x) * exp(-y) + log(x + z) * sin(y*z)")>]
[<InlineData("prod {i in 1..3} (x + i*y) + sum {i in 1..4: i <> 2} cos(i*z)")>]
[<InlineData("logsumexp {i in 1..3} (i*x - y) + norm2 {i in 1..3} (x + i*z)")>]
[<InlineData("huber(x - 3*y, 0.5) + huber(z/10, 0.5) + atan2(y, x)")>]
[<InlineData("if x > y and not (z < 0) then x^2 else log(-1 + 0*x)")>]
[<InlineData("min(x, y, z)*max {i in 1..3} (x*i) + abs(y - z)^1.5")>]
[<InlineData("erf(x) + lgamma(y + 1) - gamma(z) + tanh(x*y)")>]
[<InlineData("(x mod 0.7) + floor(y)*z + <<1, 2; 1, 2, 4>> (z + x, 0.5)")>]
[<InlineData("-(x - (y - 2*z)) / (1 + x^2) ^ 2 ^ 0.5")>]
let ``gradients agree with central differences`` (expression: string) =
    let model, evaluator = load $"var x; var y; var z; minimize f: {expression};"
    let start = [ 1.37; 0.61; 1.83 ]
    let names = [ "x"; "y"; "z" ]
    let objective = model.Objectives[0]

    let value point =
        List.iter2 (fun name v -> set model name [ v ]) names point
        objective.Compute 0

    let h = 1e-5

    let gradient =
        [ for k in 0..2 ->
              let shifted d = List.mapi (fun j v -> if j = k then v + d else v) start
              (value (shifted h) - value (shifted -h)) / (2.0 * h) ]

    let expected = value start
    // With z = ∇f the point is stationary: the residual is the error of the gradient.
    List.iter2 (fun name g -> reducedCost model name [ g ]) names gradient
    let report = audit (model, evaluator)
    Assert.Equal(expected, report.Objective, 12)
    Assert.InRange(report.Residuals.Stationarity, 0.0, 1e-7)

[<Fact>]
let ``beyond the limit a seeded sample is looked at`` () =
    let model, evaluator =
        load "var x {1..5000} := 1; minimize f: x[1]; subject to c {i in 1..5000}: x[i]^2 <= 2;"

    let report = Audit.run model evaluator 2000 7
    Assert.False report.IsComplete
    Assert.InRange(report.CheckedConstraints, 20, 1000)
    Assert.True(Double.IsNaN report.Residuals.Stationarity)
    Assert.Equal(0.0, report.Residuals.Feasibility)
    Assert.Equal(2, report.Notes.Count)
    Assert.Equal(report.CheckedConstraints, (Audit.run model evaluator 2000 7).CheckedConstraints)

[<Fact>]
let ``a point where a constraint has no value is infinitely infeasible`` () =
    let model, evaluator = load "var x := -1; minimize f: x; subject to c: log(x) <= 0;"
    let report = audit (model, evaluator)
    Assert.True(Double.IsPositiveInfinity report.Residuals.Feasibility)
    Assert.Contains("constraint c has no finite value at this point", report.Notes)

[<Fact>]
let ``a constant in the body counts for the size of the side`` () =
    let model, evaluator =
        load "var x := 1001; minimize f: 0; subject to c: x - 1000 <= 0; subject to d: sum {i in 1..2} (x - 500) - x = 2;"

    Assert.Equal(0.001, (audit (model, evaluator)).Residuals.Feasibility, 12)
