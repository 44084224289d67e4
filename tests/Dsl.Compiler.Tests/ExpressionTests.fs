module Optc.Compiler.Tests.ExpressionTests

open Optc.Compiler
open Optc.Compiler.Tests.Sessions
open Xunit

let private sets = "set S ordered := {'a', 'b', 'c'}; set E := {(1,2), (1,3), (2,3)}; set C circular := 1..3; param n := 4;\n"

[<Theory>]
[<InlineData("-3^2", -9.0)>]
[<InlineData("2**3**2", 512.0)>]
[<InlineData("17 div 5 + 17 mod 5", 5.0)>]
[<InlineData("-7 div 2", -3.0)>]
[<InlineData("4 less 6 + 1", 1.0)>]
[<InlineData("7.0 mod 4", 3.0)>]
[<InlineData("if 1 < 2 then 5", 5.0)>]
[<InlineData("if 1 > 2 then 5", 0.0)>]
[<InlineData("min(3, 1, 2) + max(4, 9)", 10.0)>]
[<InlineData("sum {i in 1..n} i", 10.0)>]
[<InlineData("sum {i in 1..n, j in i..n: j > i} 1", 6.0)>]
[<InlineData("prod {i in 1..n} i", 24.0)>]
[<InlineData("max {i in 1..n} (i - 2)^2", 4.0)>]
[<InlineData("sum {i in 1..0} i", 0.0)>]
[<InlineData("card(E) + card({(1,2), (4,5)} union E)", 7.0)>]
[<InlineData("sum {(i,j) in E} i*j", 11.0)>]
[<InlineData("sum {i in 1..2, (i,j) in E} j", 8.0)>]
[<InlineData("sum {(1,j) in E} j", 5.0)>]
[<InlineData("card(setof {(i,j) in E} i)", 2.0)>]
[<InlineData("card(1..5 diff {2}) + card({2, 9} inter 1..3)", 5.0)>]
[<InlineData("card(1..3 symdiff 2..5)", 3.0)>]
[<InlineData("card(S cross E)", 9.0)>]
[<InlineData("card({i in 1..9: i mod 2 = 1})", 5.0)>]
[<InlineData("card({1..3, 1..4})", 12.0)>]
[<InlineData("card(union {i in 1..3} {i, i+1})", 4.0)>]
[<InlineData("ord('b', S) + ord0('z', S)", 2.0)>]
[<InlineData("ord(next('a', S), S)", 2.0)>]
[<InlineData("next(3, C) + prev(1, C)", 4.0)>]
[<InlineData("prev(3, 1..9, 2) + last(1..9) + first(1..9) + member(2, 1..9)", 13.0)>]
[<InlineData("sum {s in S: ord(s) > 1} ord(s)", 5.0)>]
[<InlineData("if 'b' in S and (2,3) in E and not ((3,2) in E) then 1 else 2", 1.0)>]
[<InlineData("if 1..2 within 1..4 then 1 else 2", 1.0)>]
[<InlineData("if exists {i in 1..n} i = 3 then 1 else 2", 1.0)>]
[<InlineData("if forall {i in 1..n} i < 4 then 1 else 2", 2.0)>]
[<InlineData("round(2.5678, 2) + trunc(-2.57, 1) + precision(12345, 2)", 12000.07)>]
[<InlineData("floor(-1.5) + ceil(1.2) + round(2.5)", 3.0)>]
[<InlineData("num('1' & '2') + length('abc')", 15.0)>]
[<InlineData("if substr('abcdef', 2, 3) = 'bcd' then 1 else 2", 1.0)>]
[<InlineData("lgamma(5) - log(24) + gamma(5) + erf(0)", 24.0)>]
[<InlineData("lgamma(0.5) - 0.5*log(4*atan(1))", 0.0)>]
[<InlineData("norm1 {i in 1..3} (i - 2) + norm2 {i in 3..4} i + norminf {i in 1..3} i", 10.0)>]
[<InlineData("logsumexp {i in 1..2} 1000 - log(2)", 1000.0)>]
[<InlineData("<<0, 2; -1, 1, 3>> (4)", 8.0)>]
[<InlineData("<<0; -1, 1>> (-3)", 3.0)>]
let ``expressions have the values of AMPL`` (expression: string, expected: float) =
    Assert.Equal(expected, value expression sets, 10)

[<Fact>]
let ``recursion may be a hundred thousand levels deep`` () =
    let model = "param n := 100000; param p {i in 1..n} := if i = n then 1 else p[i+1] + 1;\n"
    Assert.Equal(100000.0, value "p[1]" model)

[<Fact>]
let ``sums of fifty thousand terms and deep parentheses are no danger`` () =
    let terms = String.replicate 50000 " + 1"
    Assert.Equal(50001.0, value ("1" + terms) "")
    Assert.Equal(2.0, value (String.replicate 400 "(1 + abs(" + "1" + String.replicate 400 ") - 1)" + " + 1") "")

[<Fact>]
let ``defined variables recurse deeply too`` () =
    let model = "param n := 20000; var x := 1; var y {i in 1..n} = if i = n then x else y[i+1] + x;"
    let result = runs model
    let y = result.Session.Model.TryFind("y").Value :?> DefinedVarEntity
    Assert.Equal(20000.0, y.Number 0)

[<Fact>]
let ``infinity stands in expressions and data`` () =
    Assert.Equal(infinity, value "p[1]" "param p {1..2}; data; param p := 1 Infinity 2 -Infinity; model;")
    Assert.Equal(-infinity, value "-Infinity" "")

[<Fact>]
let ``the branch not taken is not evaluated`` () =
    Assert.Equal(120.0, value "f[5]" "param f {i in 1..5} := if i = 1 then 1 else i*f[i-1];\n")
    Assert.Equal(1.0, value "if 1 = 1 or 1/0 > 2 then 1" "")

[<Fact>]
let ``random numbers depend on the seed only`` () =
    let draw seed = value "sum {i in 1..5} r[i]" $"option randseed {seed}; param r {{i in 1..5}} := Uniform(0, 1);\n"
    Assert.Equal(draw 7, draw 7)
    Assert.NotEqual(draw 7, draw 8)

[<Fact>]
let ``a subscript of a range is found without allocation`` () =
    let result = runs "param n := 1000; param p {1..n} := 2; var x {i in 0..n-1} := p[i+1];"
    let model = result.Session.Model
    let p = model.TryFind("p").Value :?> ParamEntity
    let x = model.TryFind("x").Value :?> VarEntity
    let e = (match x.Attributes.Head with Optc.Parser.StartAt e, _ -> e | _ -> failwith "no start")
    let number = result.Session.Evaluator.Number(x.Scope, e)
    let frame = Scope.NewFrame()

    let sum () =
        let mutable total = 0.0

        for k in 0..999 do
            frame[0] <- Member.OfNumber(float k)
            total <- total + number frame

        total

    Assert.Equal(2000.0, sum ())
    let before = System.GC.GetAllocatedBytesForCurrentThread()
    sum () |> ignore
    Assert.True(System.GC.GetAllocatedBytesForCurrentThread() - before < 200L)
    Assert.Equal(2.0, p.Number 5)

[<Fact>]
let ``free dummies are the slots an expression reads`` () =
    let result = runs "set J {1..2} := 1..3; param p {1..3} := 1; var x {i in 1..2, j in J[i]} >= p[j] + sum {i2 in J[i]} p[i2];"
    let x = result.Session.Model.TryFind("x").Value :?> VarEntity
    let e = (match x.Attributes.Head with Optc.Parser.LowerBound e, _ -> e | _ -> failwith "no bound")
    Assert.Equal<int list>([ 0; 1 ], result.Session.Evaluator.FreeDummies(x.Scope, e))
    Assert.False(result.Session.Evaluator.DependsOnVariables e)
