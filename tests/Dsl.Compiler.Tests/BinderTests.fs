module Optc.Compiler.Tests.BinderTests

open Optc.Parser
open Optc.Compiler
open Optc.Compiler.Tests.Sessions
open Xunit

[<Theory>]
[<InlineData("param supply := 1; var x >= suply;", "suply is not declared")>]
[<InlineData("param p {1..2} := 1; param q := p;", "has 1 subscript(s), here are 0")>]
[<InlineData("param p {1..2} := 1; var x >= p[1,2];", "has 1 subscript(s), here are 2")>]
[<InlineData("set S := 1..2; param q := S + 1;", "set S stands where a value is needed")>]
[<InlineData("param a := 1; var x {i in a} := 1;", "a set is needed here")>]
[<InlineData("var x; var x;", "x is already declared")>]
[<InlineData("var x; var y >= x;", "may not stand in a bound")>]
[<InlineData("var x; param p := x;", "may not stand in the value of a parameter")>]
[<InlineData("var x; param p {1..3} := 1; minimize f: p[x];", "may not stand in a subscript")>]
[<InlineData("var x; minimize f: sum {i in 1..3: x > 1} i;", "may not stand in the condition")>]
[<InlineData("var x; minimize f: sqr(x);", "sqr is not a function")>]
[<InlineData("var x; minimize f: atan2(x);", "does not take 1 argument")>]
[<InlineData("set A dimen 2; var x {i in A};", "component(s)")>]
[<InlineData("set A := {(1,2)}; param n := sum {(i,j,k) in A} 1;", "component(s)")>]
[<InlineData("set A := {(1,2)}; set B := A union 1..3;", "dimension 2 and 1")>]
[<InlineData("var x; fix y;", "y is not declared")>]
let ``wrong models are refused with the reason`` (text: string, words: string) =
    fails words text

[<Fact>]
let ``independent errors are found in one run`` () =
    Assert.Equal(3, (errors "var x >= aa; var y >= bb; minimize f: cc;").Length)

[<Fact>]
let ``a nearly right name is suggested`` () =
    let result = run "param supply := 1; var x >= suply;"
    Assert.Contains(result.Session.Diagnostics, (fun d -> d.Hint = Some "did you mean supply?"))

[<Fact>]
let ``a redeclared function is a warning`` () =
    let result = runs "param gamma := 3; var x := gamma;"
    Assert.Contains(result.Session.Diagnostics, (fun d -> d.Severity = Warning && d.Message.Contains "gamma"))

[<Fact>]
let ``dimensions come from the first use`` () =
    let result = runs "set A; param c {A} default 1; minimize f: sum {(i,j) in A} c[i,j]; data; set A := 1 2 3 4; model;"
    let a = result.Session.Model.TryFind("A").Value :?> SetEntity
    Assert.Equal(2, a.Dimension)
    Assert.Equal(2, (a.Item 0).Count)

[<Fact>]
let ``declarations inside an indexed lower problem are families over it`` () =
    let text =
        "set K := 1..3; var x {K}; var y {K}; minimize leader: sum {k in K} x[k];\n"
        + "lower follower {k in K} over y[k]: minimize cost: (y[k]-x[k])^2; subject to c {j in 1..2}: y[k] >= j; end;"

    let model = (runs text).Session.Model
    let cost = model.TryFind("cost").Value :?> ObjectiveEntity
    let c = model.TryFind("c").Value :?> ConstraintEntity
    Assert.Equal(3, cost.Domain.Count)
    Assert.Equal("follower", cost.Lower)
    Assert.Equal(6, c.Domain.Count)
    Assert.Equal("c[2,1]", c.PlainName 2)
    Assert.Equal("leader", (fst model.CurrentObjective.Value).Name)

[<Fact>]
let ``independent indexings are lazy products, others are enumerated`` () =
    let model = (runs "var a {1..3}; var b {1..3, 0..1}; var c {i in 1..3, j in i..3}; var d {i in 1..4: i mod 2 = 0};").Session.Model
    let domain name = (model.TryFind name).Value.Domain
    Assert.IsType<RangeSet>(domain "a") |> ignore
    Assert.IsType<ProductSet>(domain "b") |> ignore
    Assert.IsType<ListSet>(domain "c") |> ignore
    Assert.Equal(6, (domain "c").Count)
    Assert.Equal(2, (domain "d").Count)
    Assert.Equal(3 + 6 + 6 + 2, model.LayoutVariables())
    Assert.Equal(9, (model.TryFind("c").Value :?> VarEntity).Offset)
