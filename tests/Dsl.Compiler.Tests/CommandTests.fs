module Optc.Compiler.Tests.CommandTests

open System.IO
open Optc.Parser
open Optc.Compiler
open Optc.Compiler.Tests.Sessions
open Xunit

let private shows (expected: string) text = Assert.Equal(expected, output text)

[<Fact>]
let ``display of a scalar`` () =
    shows "p = 3\n" "param p := 3; display p;"

[<Fact>]
let ``display of a family`` () =
    Assert.Contains("p [*] :=\n1   10\n2   20\n;\n", output "param p {i in 1..2} := 10*i; display p;")
    Assert.Contains("c [*,*]\n:   1   2   :=\n1   2   3\n2   3   4\n;\n", output "param c {i in 1..2, j in 1..2} := i + j; display c;")
    Assert.Contains("set S := a b;", output "set S := {'a', 'b'}; display S;")
    Assert.Contains(":   p   q   :=\n1   1   2\n2   2   4\n;\n", output "param p {i in 1..2} := i; param q {i in 1..2} := 2*i; display p, q;")

[<Fact>]
let ``print and printf`` () =
    shows "3 a 0.5\n" "param p := 3; print p, 'a', 1/2;"
    shows "x=  3.14|a  |007\n" "printf 'x=%6.2f|%-3s|%03d\\n', 3.14159, 'a', 7;"
    shows "1 2 \n" "printf {i in 1..2} '%d ', i; printf '\\n';"

[<Fact>]
let ``let changes parameters and what is computed from them`` () =
    shows "6 8\n" "param n := 3; param q := 2*n; printf '%d ', q; let n := 4; printf '%d\\n', q;"

[<Fact>]
let ``let changes the index sets that depend on a parameter`` () =
    shows "3 5\n" "param n default 3; var x {1..n}; set S := 1..n; printf '%d ', card(S); let n := 5; printf '%d\\n', card(S);"
    let model = (runs "param n default 3; var x {1..n} := 1; print sum {i in 1..n} x[i]; let n := 5;").Session.Model
    Assert.Equal(5, (model.TryFind("x").Value :?> VarEntity).Value.Length)

[<Fact>]
let ``let runs over its indexing in order`` () =
    shows "5\n" "param p {1..5} default 1; let {i in 2..5} p[i] := p[i-1] + 1; print p[5];"

[<Fact>]
let ``fix, unfix and drop`` () =
    let result =
        runs "var x {1..3} := 1; subject to c {i in 1..2}: x[i] >= 0; fix x[1] := 7; fix {i in 2..3} x[i]; unfix x[3]; drop c[2];"

    let x = result.Session.Model.TryFind("x").Value :?> VarEntity
    let c = result.Session.Model.TryFind("c").Value :?> ConstraintEntity
    Assert.Equal<bool[]>([| true; true; false |], x.IsFixed)
    Assert.Equal(7.0, x.Value[0])
    Assert.Equal<bool[]>([| false; true |], c.Dropped)

[<Fact>]
let ``loops, conditions, break and continue`` () =
    shows "1 3 " "for {i in 1..9} { if i = 2 then { continue; } if i = 4 then { break; } printf '%d ', i; }"
    shows "4\n" "param k default 0; repeat while k < 4 { let k := k + 1; } print k;"
    shows "5\n" "param k default 0; repeat { let k := k + 1; } until k >= 5; print k;"

[<Fact>]
let ``a file without solve is solved once, others as often as they say`` () =
    Assert.Equal(1, (runs "var x; minimize f: x^2;").Solves)
    Assert.Equal(3, (runs "var x; minimize f: x^2; for {i in 1..2} { solve; } solve;").Solves)

[<Fact>]
let ``values after a solve are seen by what follows`` () =
    let solve (model: Model) =
        (model.TryFind("x").Value :?> VarEntity).Value[0] <- 2.0
        (model.TryFind("c").Value :?> ConstraintEntity).Dual <- [| 0.5 |]
        model.Status <- "Solved"

    let text =
        "var x >= -1, <= 9; var y = x^2; minimize f: y + 1; subject to c: 0 <= x <= 3; solve;"
        + "printf '%g %g %g %g %g %g %g\\n', x, f, c.dual, c.body, c.slack, x.ub, y;"
        + "expect f = 5; expect x = 2.1 within 0.01; expect status = solved; expect c.dual >= 0.5; expect f = 9 if x > 5;"

    let result = runWith ignore solve "." text
    Assert.Equal("2 5 0.5 2 1 9 4\n", result.Output)
    Assert.Equal<bool list>([ true; false; true; true; true ], result.Session.Expectations() |> List.map _.Passed)
    Assert.True((List.last (result.Session.Expectations())).Skipped)

[<Fact>]
let ``ignored options are reported once`` () =
    let result = runs "option solver loqo; option solver ipopt; option relax_integrality 1; var x;"
    Assert.Single(result.Session.Diagnostics, (fun d -> d.Code = "ignored-option")) |> ignore
    Assert.Equal("1", result.Session.Model.Options["relax_integrality"])

[<Fact>]
let ``a value from outside goes before data and definitions`` () =
    let set (session: ModelSession) =
        session.Override("n", Member.OfNumber 7.0)
        session.Override("m", Member.OfNumber 8.0)

    let result = runWith set ignore "." "param n := 3; param m; param q := n + m; data; param m := 1; model; print q;"
    Assert.Equal("15\n", result.Output)

[<Fact>]
let ``a program sets parameters and dependents follow without allocation`` () =
    let session = (runs "param a {1..3} := 1; param s := sum {i in 1..3} a[i]; var x >= s; display s;").Session
    let s = session.Model.TryFind("s").Value :?> ParamEntity
    let values = [| 1.0; 2.0; 4.0 |]
    session.SetParam("a", System.ReadOnlySpan values)
    Assert.Equal(7.0, s.Number 0)
    Assert.Equal(7.0, (session.Model.TryFind("x").Value :?> VarEntity).Lower[0])
    let before = System.GC.GetAllocatedBytesForCurrentThread()
    session.SetParam("a", System.ReadOnlySpan values)
    Assert.True(System.GC.GetAllocatedBytesForCurrentThread() - before < 500L)
    Assert.Throws<System.ArgumentException>(fun () -> session.SetParam("a", System.ReadOnlySpan [| 1.0 |])) |> ignore

let private inFolder (action: string -> unit) =
    let folder = Directory.CreateTempSubdirectory("optc-tables").FullName

    try
        action folder
    finally
        Directory.Delete(folder, true)

[<Theory>]
[<InlineData("csv")>]
[<InlineData("json")>]
[<InlineData("sqlite")>]
let ``tables are written and read back`` (handler: string) =
    inFolder (fun folder ->
        let place = $"\"{handler}\" \"t.{handler}\" \"sizes\""
        let declared = "set S; param p {S}; param q {S} default -1;"

        let writes =
            declared
            + "data; param: S: p := 'a,b' 1.5 'say \"x\"' 2 c 3; model;"
            + $"table T OUT {place}: {{s in S}} -> [name], p ~ size, q; write table T;"

        let reads = declared + $"table T IN {place}: S <- [name], p ~ size; read table T; print card(S), p['a,b'], p['say \"x\"'];"
        Assert.True((runWith ignore ignore folder writes).Succeeded)
        let result = runWith ignore ignore folder reads
        let messages = result.Session.Diagnostics |> Seq.map _.Message |> String.concat "; "
        Assert.True(result.Succeeded, messages)
        Assert.Equal("3 1.5 2\n", result.Output))

[<Fact>]
let ``table errors name the table and the column`` () =
    inFolder (fun folder ->
        File.WriteAllText(Path.Combine(folder, "t.csv"), "name,size\na,1\n")

        let message text =
            let result = runWith ignore ignore folder ("set S; param p {S};" + text + "read table T;")
            Assert.False result.Succeeded
            (Seq.last result.Session.Diagnostics).Message

        Assert.Contains("there is no column sise", message "table T IN \"csv\" \"t.csv\": S <- [name], p ~ sise;")
        Assert.Contains("no handler \"dbf\"", message "table T IN \"dbf\" \"t.csv\": S <- [name], p ~ size;")
        Assert.Contains("table T", message "table T IN \"csv\" \"none.csv\": S <- [name], p ~ size;"))
