/// What models written for AMPL and GNU MathProg do and a new model need not.
module Optc.Compiler.Tests.ExistingModelsTests

open System.IO
open System.Text
open Xunit
open Optc.Compiler
open Optc.Compiler.Tests.Sessions
open Optc.Runtime.Solution

/// Runs a text as a file and asserts that it solves and meets its expectations.
let private solves (text: string) =
    let file = Path.GetTempFileName()

    try
        File.WriteAllText(file, text)
        let result = Engine.Run([| file |], EngineOptions())
        let messages = result.Diagnostics |> Seq.map _.Rendered |> String.concat "\n"

        match result.Solution with
        | null -> Assert.Fail messages
        | solution ->
            Assert.Equal(SolveStatus.Solved, solution.Status)
            Assert.NotEmpty result.Expectations

            for e in result.Expectations do
                Assert.True(e.Passed, $"{e.Text}: {e.Actual}\n{messages}")
    finally
        File.Delete file

[<Fact>]
let ``an equals sign defines a parameter`` () =
    let text = "param n = 8; param square {i in 1..n} = i^2; param twice >= 0 = 2*n;"
    Assert.Equal(8.0, value "n" text)
    Assert.Equal(25.0, value "square[5]" text)
    Assert.Equal(16.0, value "twice" text)

[<Fact>]
let ``a random parameter defined by an equals sign keeps its value`` () =
    Assert.Equal(0.0, value "max {i in 1..20} abs(p[i] - q[i])" "param p {1..20} = Uniform01(); param q {i in 1..20} = p[i];")

[<Fact>]
let ``a parameter defined by an equals sign takes no data`` () =
    fails "is computed" "param n = 8; data; param n := 9;"

[<Fact>]
let ``data behind the last solve are read before it`` () =
    let text = "set I; param c {I}; var x {I} >= 0; minimize f: sum {i in I} c[i]*x[i]; solve; print card(I); data; set I := a b; param c := a 1 b 2; end;"
    let result = runs text
    Assert.Equal(1, result.Solves)
    Assert.Equal("2\n", result.Output)

[<Fact>]
let ``data between two solves stay where they are`` () =
    let text = "param c default 1; var x; minimize f: c*x^2; solve; print c; data; param c := 5; model; solve; print c;"
    let result = runs text
    Assert.Equal("1\n5\n", result.Output)

[<Fact>]
let ``the dimension of a set follows from sets that only data give`` () =
    let text =
        "param hub symbolic; set NEAR; set FAR; set OUT within (NEAR cross FAR); set LINK = ({hub} cross NEAR) union OUT;"
        + " data; param hub := H; set NEAR := a b; set FAR := x y; set OUT := (a,x) (b,y);"

    Assert.Equal(4.0, value "card(LINK)" text)

[<Fact>]
let ``a data table may be transposed by brackets`` () =
    Assert.Equal(6.0, value "p[2,3]" "param p {1..2, 1..3}; data; param p [tr]: 1 2 := 1 1 2  2 3 4  3 5 6; model;")

[<Theory>]
[<InlineData(true)>]
[<InlineData(false)>]
let ``text that is not UTF-8 is Latin-1`` (isUtf8: bool) =
    let file = Path.GetTempFileName()

    try
        let text = "set S := väska; # größer"
        File.WriteAllBytes(file, (if isUtf8 then UTF8Encoding(true) :> Encoding else Encoding.Latin1).GetBytes text)
        Assert.Equal(text, SourceFile.read file)
    finally
        File.Delete file

[<Fact>]
let ``lists of breakpoints and slopes may be indexed`` () =
    solves
        "set ROUTE := {'r','s'}; param pieces {ROUTE}; param limit {r in ROUTE, 1..pieces[r]-1}; param rate {r in ROUTE, 1..pieces[r]};
         var flow {ROUTE} >= 0;
         minimize cost: sum {r in ROUTE} <<{p in 1..pieces[r]-1} limit[r,p]; {p in 1..pieces[r]} rate[r,p]>> flow[r];
         subject to total: sum {r in ROUTE} flow[r] = 30;
         data; param pieces := r 3 s 2;
         param limit := r 1 5  r 2 12  s 1 10; param rate := r 1 1  r 2 2  r 3 9  s 1 3  s 2 4;
         expect cost = 81 within 1e-4; expect flow['r'] = 12 within 1e-4;"

[<Fact>]
let ``a concave piecewise-linear term is exact where it is maximised`` () =
    solves
        "param n := 2; param b {1..n}; param s {1..n+1}; var x >= 0;
         maximize gain: <<{p in 1..n} b[p]; {p in 1..n+1} s[p]>> x - 1.5*x;
         data; param b := 1 2  2 4; param s := 1 3  2 2  3 1;
         expect gain = 4 within 1e-5; expect x = 4 within 1e-4;"

[<Fact>]
let ``a bend of zero is no kink`` () =
    solves
        "set I := 1..2; param first {I}; var x {I} >= 0;
         minimize cost: sum {i in I} <<2; first[i], 5>> x[i]; subject to total: x[1] + x[2] = 6;
         data; param first := 1 5  2 1; expect cost = 22 within 1e-5;"

[<Fact>]
let ``a bound of 1e20 is none`` () =
    solves
        "set I := 1..2; param most {I}; var x {I} >= 0; minimize cost: x[1] + 2*x[2];
         subject to available {i in I}: x[i] <= most[i]; subject to need: x[1] + x[2] = 10;
         data; param most := 1 4  2 1e20; expect cost = 16 within 1e-6;"

[<Fact>]
let ``commands that only show the model are left out`` () =
    let text = "options solver minos; var x; minimize f: x^2; solve; expand; write gmodel; display _varname, _obj; print 7; close;"
    let result = runs text
    Assert.Equal("7\n", result.Output)
