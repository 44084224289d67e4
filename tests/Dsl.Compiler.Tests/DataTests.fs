module Optc.Compiler.Tests.DataTests

open Optc.Compiler.Tests.Sessions
open Xunit

let private gets expected expression text = Assert.Equal(expected, value expression text, 12)

[<Fact>]
let ``a list of subscripts and values`` () =
    gets 5.0 "p['b'] - p['a']" "set S; param p {S}; data; set S := a b; param p := a 2 b 7; model;"

[<Fact>]
let ``a scalar and a default`` () =
    gets 13.0 "n + p[1] + p[2]" "param n; param p {1..2}; data; param n := 3; param p default 4 := 2 6; model;"

[<Fact>]
let ``several parameters and their set in one table`` () =
    gets 33.0 "p['x'] + q['y']" "set S; param p {S}; param q {S} default 30; data; param: S: p q := x 3 4 y 5 .; model;"

[<Fact>]
let ``a table of parameters over pairs`` () =
    gets 7.0 "c[1,2] + c[2,1]" "set A dimen 2; param c {A}; param d {A}; data; param: A: c d := 1 2 3 0  2 1 4 0; model;"

[<Fact>]
let ``tables down and across, and transposed`` () =
    let declared = "set R := 1..2; set C := {'u', 'v'}; param p {R, C} default -1; data;"
    gets 3.0 "p[1,'v']" (declared + "param p: u v := 1 2 3 2 4 .; model;")
    gets -1.0 "p[2,'v']" (declared + "param p: u v := 1 2 3 2 4 .; model;")
    gets 4.0 "p[1,'v']" (declared + "param p (tr): 1 2 := u 2 3 v 4 5; model;")

[<Fact>]
let ``templates fix subscripts, in lists and tables`` () =
    let text =
        "param p {1..2, 1..2, 1..2} default 0; data; param p := [*,*,1]: 1 2 := 1 10 20 2 30 40 [2,*,2] 1 5 2 6 [1,1,2] 9; model;"

    gets 40.0 "p[2,2,1]" text
    gets 6.0 "p[2,2,2]" text
    gets 9.0 "p[1,1,2]" text
    gets 110.0 "sum {i in 1..2, j in 1..2, k in 1..2} p[i,j,k] - 10" text

[<Fact>]
let ``members of sets: lists, pairs, slices and tables`` () =
    gets 2.0 "card(A)" "set A dimen 2; data; set A := (1,2) (2,3); model;"
    gets 2.0 "card(A)" "set A dimen 2; data; set A := 1 2, 2 3; model;"
    gets 15.0 "sum {(i,j) in A} i*j - 2" "set A dimen 2; data; set A := (1,*) 2 3 (*,4) 3; model;"
    gets 3.0 "sum {(i,j) in A} j" "set A dimen 2; data; set A: 1 2 := a + - b - +; model;"

[<Fact>]
let ``indexed sets`` () =
    gets 5.0 "card(F[1]) + 2*card(F[2])" "set F {1..2}; data; set F[1] := a; set F[2] := a b; model;"

[<Fact>]
let ``symbolic parameters and unquoted symbols`` () =
    gets 2.0 "card(S) + (if home = 'o' then 0 else 9)" "set S; param home symbolic in S; data; set S := o d; param home := o; model;"

[<Fact>]
let ``the string 3 is not the number 3`` () =
    gets 2.0 "card(S)" "set S; data; set S := 3 '3'; model;"

[<Fact>]
let ``data after use in declarations`` () =
    gets 6.0 "q" "param n; param q := 2*n; data; param n := 3; model;"

[<Fact>]
let ``few values over a large domain are hashed`` () =
    let text = "param p {1..30000, 1..30000} default 2; data; param p := 7 8 5  30000 30000 6; model;"
    gets 13.0 "p[7,8] + p[30000,30000] + p[1,1]" text
    let p = (runs text).Session.Model.TryFind("p").Value :?> Optc.Compiler.ParamEntity
    Assert.Equal(5.0, p.Number(6 * 30000 + 7))
    Assert.True(p.IsHashed && p.Numbers.Length < 100)

[<Fact>]
let ``an index may have the name of a variable`` () =
    fails "division by zero: 1 / 0" "var i; param p {i in 0..1} := 1/i; display p[0];"

[<Fact>]
let ``numbers of parameters keep their last bits`` () =
    Assert.Equal(0.1 + 0.2, value "p" "param p := 0.1 + 0.2;\n")

[<Fact>]
let ``starts of variables in data`` () =
    let result = runs "var x {1..3}; data; var x := 1 5 3 7; model;"
    let x = result.Session.Model.TryFind("x").Value :?> Optc.Compiler.VarEntity
    Assert.Equal<float[]>([| 5.0; 0.0; 7.0 |], x.Value)

[<Theory>]
[<InlineData("set S; param mu {S}; param q := mu['oil']; display q; data; set S := oil; model; display q;", "set S was given no members")>]
[<InlineData("set S := {'oil'}; param mu {S}; display mu['oil'];", "mu['oil'] has no value")>]
[<InlineData("param a := 3; param b := 0; param c := a/b; display c;", "division by zero: 3 / 0")>]
[<InlineData("param p {1..10} := 0; display p[11];", "p[11] is outside its index set 1..10")>]
[<InlineData("set S; param s {S} >= 0; data; param: S: s := North -3; model;", "s['North'] = -3 violates >= 0")>]
[<InlineData("param n integer := 2.5; display n;", "n = 2.5 is not an integer")>]
[<InlineData("param n binary; data; param n := 2; model;", "n = 2 is neither 0 nor 1")>]
[<InlineData("set S := {'a'}; param h symbolic in S; data; param h := b; model;", "h = 'b' is not in its set")>]
[<InlineData("check: 1 > 2; var x;", "check failed: 1 > 2")>]
[<InlineData("check {i in 1..3}: i < 3; var x;", "check failed for i = 3")>]
[<InlineData("var x {i in 1..3} >= i, <= 2;", "the bounds of x[3] cross: 3 > 2")>]
[<InlineData("param p {1..2}; data; param p := 1 2 1 3; model;", "p[1] is given twice")>]
[<InlineData("param p {1..2}; data; param p := 1 2 5 3; model;", "p[5], which is outside the index set")>]
[<InlineData("param p {1..2}; data; param p := 1 2 5; model;", "no multiple of 2")>]
[<InlineData("param p {1..2}; data; param p := 1 a; model;", "p[1] = 'a' is not a number")>]
[<InlineData("param p := 3; data; param p := 1; model;", "is computed by :=")>]
[<InlineData("set S; data; set S := a b a; model;", "('a') is given twice")>]
[<InlineData("set S within 1..3; data; set S := 2 5; model;", "(5), which is outside")>]
[<InlineData("set F {1..2}; data; set F[3] := 1; model;", "F[3], which is outside")>]
[<InlineData("param p {1..2, 1..2}; data; param p: 1 2 := 1 2 3 2 4; model;", "each row has 3 items")>]
[<InlineData("param a {i in 1..2} := if i = 1 then a[2] else a[1]; display a[1];", "a[1] -> a[2] -> a[1]")>]
[<InlineData("set S ordered := 1..3; display next(3, S);", "next(3) would be after the last")>]
[<InlineData("param r := log(0); display r;", "log(0) has no finite value")>]
[<InlineData("param r := sqrt(-1); display r;", "sqrt(-1) has no finite value")>]
[<InlineData("set S := {'a'}; param r := sum {s in S} 2*s; display r;", "s = 'a'")>]
[<InlineData("param m := min {i in 1..0} i; display m;", "min over an empty set")>]
[<InlineData("data; param zz := 1; model;", "zz is not declared")>]
let ``data errors say what and where`` (text: string, words: string) = fails words text

[<Fact>]
let ``several wrong data are reported together`` () =
    Assert.Equal(2, (errors "param p >= 0; param q integer; data; param p := -1; param q := 0.5; model;").Length)
