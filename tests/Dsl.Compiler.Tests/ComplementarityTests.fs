/// Complementarity constraints as rows, variables and conditions, and their audit.
module Optc.Compiler.Tests.ComplementarityTests

open System
open Optc.Parser
open Optc.Compiler
open Optc.Runtime.Problems
open Optc.Compiler.Tests.Comparison
open Xunit

let private compiled text =
    load "test.opt" [] text |> compileWith Interpreted ExactOnly

let private same (expected: 'T[]) (actual: 'T[]) =
    Assert.Equal<'T list>(List.ofArray expected, List.ofArray actual)

let private variable k = ComplementarityBody(true, k)
let private row k = ComplementarityBody(false, k)

let private bounds (model: CompiledModel) k =
    model.Problem.VariableLower[k], model.Problem.VariableUpper[k]

let private sides (model: CompiledModel) k =
    model.Problem.ConstraintLower[k], model.Problem.ConstraintUpper[k]

[<Fact>]
let ``variables stand for themselves and are bounded by their side`` () =
    let model = compiled "var x; var y; minimize f: x + y; subject to c: 0 <= x complements y >= 2;"
    Assert.Equal(0, model.Problem.ConstraintCount)
    same [| ComplementarityCondition(variable 0, 0.0, infinity, variable 1, 2.0, 1.0) |] model.Conditions
    Assert.Equal((0.0, infinity), bounds model 0)
    Assert.Equal((2.0, infinity), bounds model 1)
    Assert.False model.Problem.Structure.IsConvex

[<Fact>]
let ``expressions become rows with their side, named left and right`` () =
    let model =
        compiled "var x; var y; minimize f: x + y; subject to o: x >= y; subject to c {i in 1..2}: x + i >= 3 complements exp(y) - 1 <= i;"

    Assert.Equal(5, model.Problem.ConstraintCount)
    same [| 0; 1; 2; 1; 2 |] model.RowSide
    same [| 0; 0; 0; 1; 1 |] model.RowPosition
    // Terms without variables go to the sides; the relation that points the other way turns the sign.
    Assert.Equal(ComplementarityCondition(row 1, 2.0, infinity, row 2, 2.0, -1.0), model.Conditions[0])
    Assert.Equal((2.0, infinity), sides model 1)
    Assert.Equal((-infinity, 2.0), sides model 2)
    same [| "c"; "c" |] (model.ConditionOwner |> Array.map _.Name)

[<Fact>]
let ``two bounds on one side leave the other free`` () =
    let model = compiled "var x; var y; minimize f: x; subject to c: x*y complements -1 <= x <= 4;"
    same [| ComplementarityCondition(variable 0, -1.0, 4.0, row 0, 0.0, 1.0) |] model.Conditions
    Assert.Equal((-1.0, 4.0), bounds model 0)
    Assert.Equal((-infinity, infinity), sides model 0)

[<Fact>]
let ``sides that are infinite or equal in the data leave an equation`` () =
    let model =
        compiled "param u {i in 1..3} := if i = 1 then 1e20 else i; param l {i in 1..3} := if i = 1 then -1e20 else if i = 2 then 0 else 3; var x {1..3}; var y; subject to c {i in 1..3}: l[i] <= x[i] <= u[i] complements x[i] - y;"

    Assert.Equal(1, model.Conditions.Length)
    Assert.Equal(3, model.Problem.ConstraintCount)
    Assert.Equal((0.0, 0.0), sides model 0)
    Assert.Equal((3.0, 3.0), sides model 2)

[<Fact>]
let ``an equation against a free variable is a row`` () =
    let model = compiled "var x; var y; subject to c: x + y = 3 complements x; subject to d: y complements x - y = 1;"
    Assert.Empty model.Conditions
    Assert.Equal((3.0, 3.0), sides model 0)
    Assert.Equal((1.0, 1.0), sides model 1)
    same [| 0; 0 |] model.RowSide

[<Fact>]
let ``a variable with narrower bounds, or fixed, gets a row`` () =
    let model = compiled "var x >= 1; var y; var z; fix z := 2; minimize f: x; subject to c: 0 <= x complements y >= 0; subject to d: 0 <= z complements y >= 0;"
    Assert.Equal(ComplementarityCondition(row 0, 0.0, infinity, variable 1, 0.0, 1.0), model.Conditions[0])
    Assert.Equal(ComplementarityCondition(row 1, 0.0, infinity, variable 1, 0.0, 1.0), model.Conditions[1])
    Assert.Equal((1.0, infinity), bounds model 0)

[<Fact>]
let ``fixed variables before a side do not shift its number`` () =
    let model = compiled "var a {1..3}; var x; fix a[2] := 0; minimize f: x; subject to c: 0 <= a[3] complements x >= 0;"
    Assert.Equal(ComplementarityCondition(variable 1, 0.0, infinity, variable 2, 0.0, 1.0), model.Conditions[0])

[<Fact>]
let ``dropped instances have no condition`` () =
    let model = compiled "var x {1..3}; var y {1..3}; drop c[2]; minimize f: x[1]; subject to c {i in 1..3}: 0 <= x[i] complements y[i] >= 0;"
    same [| 0; 2 |] model.ConditionPosition

[<Theory>]
[<InlineData("subject to c: 0 <= x <= 1 complements y >= 2;", "two inequalities in all")>]
[<InlineData("subject to c: x complements y;", "two inequalities in all")>]
[<InlineData("subject to c: x = 1 complements y >= 2;", "two inequalities in all")>]
[<InlineData("subject to c: y <= x <= 2*y complements y;", "must be without variables")>]
[<InlineData("subject to c: 3 <= x <= 1 complements y;", "crossing sides")>]
[<InlineData("subject to c: x >= 1 complements abs(y) >= 1;", "abs(y)")>]
let ``conditions that are none are refused with their place`` (text: string, message: string) =
    let session = load "test.opt" [] ("var x; var y; minimize f: x; " + text)
    let error = Assert.Throws<ModelError>(fun () -> ModelCompiler.compile session.Model session.Evaluator CompileOptions.Default |> ignore)
    Assert.Contains(message, error.Data0.Message)
    Assert.NotNull error.Data0.Span.Source

// ---- audit -----------------------------------------------------------------------------------------------------------

let private audited text (set: Model -> unit) =
    let model, evaluator = AuditModels.load text
    set model
    AuditModels.audit (model, evaluator)

let private crossed = "var x >= 0; var y >= 0; minimize f: (x - 1)^2 + (y - 1)^2; subject to c: 0 <= x complements y >= 0;"

[<Fact>]
let ``a point on one axis with its multiplier satisfies the audit`` () =
    let report =
        audited crossed (fun model ->
            AuditModels.set model "x" [ 1.0 ]
            AuditModels.set model "y" [ 0.0 ]
            // y is held at 0 against the objective: a sign that no bound alone could have.
            AuditModels.reducedCost model "y" [ -2.0 ])

    Assert.Equal(0.0, report.Residuals.Largest)
    Assert.Equal(0.0, report.Conditions)
    Assert.True report.IsComplete
    Assert.Equal(1, report.CheckedConstraints)

[<Fact>]
let ``a point off both axes is a violation by name`` () =
    let report =
        audited crossed (fun model ->
            AuditModels.set model "x" [ 0.5 ]
            AuditModels.set model "y" [ 0.25 ])

    Assert.Equal(0.25, report.Conditions)
    Assert.Equal(0.25, report.Residuals.Feasibility)
    Assert.Equal("c", report.Violations[0].Worst)

[<Fact>]
let ``a multiplier of a side that is not zero is an error`` () =
    let report =
        audited crossed (fun model ->
            AuditModels.set model "x" [ 0.5 ]
            AuditModels.set model "y" [ 0.0 ]
            AuditModels.reducedCost model "x" [ -1.0 ]
            AuditModels.reducedCost model "y" [ -2.0 ])

    Assert.Equal(0.0, report.Residuals.Stationarity)
    Assert.True(report.Residuals.Complementarity > 0.1)

[<Theory>]
[<InlineData(-1.0, 0.5, 0.0)>]
[<InlineData(-1.0, -0.5, 0.5)>]
[<InlineData(4.0, -2.0, 0.0)>]
[<InlineData(4.0, 3.0, 3.0)>]
[<InlineData(1.0, 0.0, 0.0)>]
[<InlineData(1.0, 0.5, 0.5)>]
let ``two bounds against a body of any sign`` (x: float, y: float, residual: float) =
    let report =
        audited "var x; var y; minimize f: 0; subject to c: -1 <= x <= 4 complements y;" (fun model ->
            AuditModels.set model "x" [ x ]
            AuditModels.set model "y" [ y ])

    Assert.Equal(residual / 4.0, report.Conditions, 12)

[<Fact>]
let ``multipliers of rows on both sides are those of the Lagrangian`` () =
    // At x = y = 1 with both sides zero: ∇f = (-2, 1) = y_L (1, 0) + y_R (-1, 1).
    let report =
        audited "var x; var y; minimize f: -2*x + y; subject to c: x - 1 >= 0 complements y - x >= 0;" (fun model ->
            AuditModels.set model "x" [ 1.0 ]
            AuditModels.set model "y" [ 1.0 ]
            AuditModels.dual model "c" [ -1.0 ]
            (AuditModels.constraint' model "c").RightDual <- [| 1.0 |])

    Assert.Equal(0.0, report.Residuals.Largest, 12)

[<Fact>]
let ``many conditions are sampled`` () =
    let model, evaluator = AuditModels.load "var x {1..3000}; var y {1..3000}; minimize f: 0; subject to c {i in 1..3000}: 0 <= x[i] complements y[i] >= 0;"
    AuditModels.set model "x" (List.replicate 3000 1.0)
    AuditModels.set model "y" (List.replicate 3000 1.0)
    let report = Audit.run model evaluator 1000 1
    Assert.False report.IsComplete
    Assert.InRange(report.CheckedConstraints, 20, 2999)
    Assert.Equal(1.0, report.Conditions)
