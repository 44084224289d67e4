module Optc.Parser.Tests.StatementTests

open System
open Xunit
open Optc.Parser
open Optc.Parser.Tests.Helpers

/// Statements, and how the printer writes them.
let table: obj[] list =
    [ "set S;", "set S;"
      "set A 'an alias' {i in I} dimen 2 within T default {} ordered;", "set A {i in I} dimen 2, within T, default {}, ordered;"
      "set A := {1,2} union B, circular;", "set A := {1, 2} union B, circular;"
      "set A in B cross B;", "set A within B cross B;"
      "set T ordered by W;", "set T ordered by W;"
      "param p {I} in S, symbolic, > 0, default 3;", "param p {I} in S, symbolic, > 0, default 3;"
      "param n integer > 0 <= 5 default 4;", "param n integer, > 0, <= 5, default 4;"
      "param b binary := if a then 1 else 0;", "param b binary, := if a then 1 else 0;"
      "param p {i in I: i > 1} = i^2;", "param p {i in I: i > 1} = i^2;"
      "var x >= 0 <= 4 := 1;", "var x >= 0, <= 4, := 1;"
      "var x {1..n} in interval [a, b], default 2;", "var x {1..n} in interval [a, b], default 2;"
      "var y {(i,j) in A} = x[i] - x[j];", "var y {(i, j) in A} = x[i] - x[j];"
      "var z integer; var w binary;", "var z integer;\nvar w binary;"
      "minimize f: x;", "minimize f: x;"
      "maximize g {k in K}: x[k] + 1;", "maximize g {k in K}: x[k] + 1;"
      "subject to c {i in I}: x[i] <= 1;", "subject to c {i in I}: x[i] <= 1;"
      "s.t. c: 0 <= x <= 1;", "subject to c: 0 <= x <= 1;"
      "subj to c: x == y;", "subject to c: x = y;"
      "subject to a: x <= 1; b {i in I}: x >= i; c: x = 2;",
      "subject to a: x <= 1;\nsubject to b {i in I}: x >= i;\nsubject to c: x = 2;"
      "subject to c: if a then x else y >= 3;", "subject to c: if a then x else y >= 3;"
      "subject to c: x + if a then y = 3;", "subject to c: x + if a then y = 3;"
      "subject to c: 0 <= x complements y >= 0;", "subject to c: 0 <= x complements y >= 0;"
      "subject to c: 0 <= x <= 1 complements y;", "subject to c: 0 <= x <= 1 complements y;"
      "subject to c: x = 0 complements y;", "subject to c: x = 0 complements y;"
      "lower f {k in K} over y[k], {j in J} z[k,j]: minimize g: y[k]; c: y[k] >= 0; end;",
      "lower f {k in K} over y[k], {j in J} z[k, j]:\n  minimize g: y[k];\n  subject to c: y[k] >= 0;\nend;"
      "block own {i in I}: x[i], {j in J} z[i,j];", "block own {i in I}: x[i], {j in J} z[i, j];"
      "expect f = 1.5 within 1e-4 if n = 1000;", "expect f = 1.5 within 0.0001 if n = 1000;"
      "expect w[\"gold\"].dual <= if a then 1 else 2 within 3;", "expect w['gold'].dual <= if a then 1 else 2 within 3;"
      "expect status = solved;", "expect status = solved;"
      "check: a > 0;", "check a > 0;"
      "check {i in I}: a[i] > 0;", "check {i in I}: a[i] > 0;"
      "let x := 2;", "let x := 2;"
      "let {i in I} x[i] := i;", "let {i in I} x[i] := i;"
      "fix x; fix x := 2; fix {i in I} x[i] := 3;", "fix x;\nfix x := 2;\nfix {i in I} x[i] := 3;"
      "unfix x; unfix {i in I} x[i];", "unfix x;\nunfix {i in I} x[i];"
      "drop c; restore c[2]; objective g;", "drop c;\nrestore c[2];\nobjective g;"
      "option a 1, b 'x';", "option a 1, b 'x';"
      "option solver loqo;", "option solver 'loqo';"
      "option loqo_options $loqo_options 'a=1' \"b=-2\", times;", "option loqo_options '$loqo_optionsa=1b=-2', times;"
      "option eps -1e-6, path /usr/bin/x-y;", "option eps -1E-06, path '/usr/bin/x-y';"
      "solve;", "solve;"
      "display x, {i in I} (x[i], y[i]), {i in I: i > 2};", "display x, {i in I} (x[i], y[i]), {i in I: i > 2};"
      "print 'a', x > 'out.txt';", "print 'a', x > 'out.txt';"
      "print {i in I}: x[i] > out.txt;", "print {i in I}: x[i] > 'out.txt';"
      "printf(\"%d\\n\", x);", "printf '%d\\n', x;"
      "printf {i in I} '%g', x[i];", "printf {i in I}: '%g', x[i];"
      "for {i in I} { let x := i; solve; }", "for {i in I} {\n  let x := i;\n  solve;\n}"
      "for {i in I} solve;", "for {i in I} {\n  solve;\n}"
      "if a = 1 then { solve; } else if b then let x := 1; else solve;",
      "if a = 1 then {\n  solve;\n}\nelse {\n  if b then {\n    let x := 1;\n  }\n  else {\n    solve;\n  }\n}"
      "repeat while x > 1 { solve; break; };", "repeat while x > 1 {\n  solve;\n  break;\n};"
      "repeat { continue; } until x;", "repeat {\n  continue;\n} until x;"
      "table T IN \"csv\" \"a.csv\": ASSETS <- [ticker], mu ~ mean, cap;",
      "table T IN 'csv' 'a.csv': ASSETS <- ['ticker'], mu ~ 'mean', cap;"
      "table R OUT 'csv' 'w.csv': {a in ASSETS} -> [ticker], w[a] ~ w; write table R; read table T;",
      "table R OUT 'csv' 'w.csv': {a in ASSETS} -> ['ticker'], w[a] ~ 'w';\nwrite table R;\nread table T;"
      "table C IN 'csv': [i ~ FROM, j ~ TO], c[i,j] ~ cost;", "table C IN 'csv': [i ~ 'FROM', j ~ 'TO'], c[i, j] ~ 'cost';"
      "reset; model; end; set S;", "set S;" ]
    |> List.map (fun (text, printed) -> [| text :> obj; printed :> obj |])

let cases () : obj[] seq = table

[<Theory>]
[<MemberData(nameof cases)>]
let ``every statement is read, printed, and read again to the same tree`` (text: string, expected: string) =
    let result = parse text
    Assert.Equal<string list>([], render result)
    let printed = Printer.program result.Tree.Statements
    Assert.Equal(expected, printed.TrimEnd())
    Assert.Equal<StatementKind list>(statements text, statements printed)

[<Fact>]
let ``spans cover the text of a node`` () =
    let text = "  minimize f:\n x[1] + sum {i in I} y ;"

    match (parse text).Tree.Statements with
    | [ { Kind = ObjectiveDeclaration(_, _, _, Some e)
          Span = span } ] ->
        let shown (s: Span) = s.Source.Text.Substring(s.Start, s.End - s.Start)
        Assert.Equal("minimize f:\n x[1] + sum {i in I} y", shown span)
        Assert.Equal("x[1] + sum {i in I} y", shown e.Span)

        match e.Kind with
        | ExprKind.Binary(Add, a, b) ->
            Assert.Equal("x[1]", shown a.Span)
            Assert.Equal("sum {i in I} y", shown b.Span)
        | other -> failwith $"{other}"
    | other -> failwith $"{other}"

[<Fact>]
let ``positions count from one`` () =
    let struct (line, column) = (Source("a", "x\nyz")).Position 3
    Assert.Equal((2, 2), (line, column))

[<Fact>]
let ``files are included in place, relative to the including file, and data in them is data`` () =
    let texts =
        Map
            [ "dir/vars.mod", "var x >= lo;"
              "dir/sub/all.opt", "include ../inner.opt;"
              "dir/sub/../inner.opt", "minimize f: x;"
              "dir/d.dat", "param lo := 3;" ]

    let openFile (path: string) =
        match texts.TryFind(path.Replace('\\', '/')) with
        | Some text -> Result.Ok(Source(path, text))
        | None -> Result.Error "no such file"

    let main = Source("dir/main.opt", "param lo;\nmodel vars.mod;\ninclude 'sub/all.opt';\ndata d.dat;\nsolve;")
    let result = Parser.parse openFile [ main ]
    Assert.Equal<string list>([], render result)
    let names = result.Tree.Statements |> List.map (fun s -> (string s.Kind).Split(' ', '\n').[0])
    Assert.Equal<string list>([ "ParamDeclaration"; "VarDeclaration"; "ObjectiveDeclaration"; "Data"; "Solve" ], names)
    Assert.Equal(5, result.Tree.Sources.Length)

[<Fact>]
let ``a cycle of includes is an error that shows it`` () =
    let openFile (path: string) =
        Result.Ok(Source(path, (if path = "a.opt" then "include b.opt;" else "include a.opt;")))

    let result = Parser.parse openFile [ Source("a.opt", "include b.opt;") ]
    let found = Assert.Single result.Diagnostics
    Assert.Equal("include-cycle", found.Code)
    Assert.Contains("a.opt -> b.opt -> a.opt", Diagnostics.render found)

[<Fact>]
let ``a cycle through other spellings of a name ends too`` () =
    let openFile (path: string) = Result.Ok(Source(path, "include x/../a.opt;"))
    let result = Parser.parse openFile [ Source("a.opt", "include x/../a.opt;") ]
    Assert.Equal("include-cycle", (Assert.Single result.Diagnostics).Code)

[<Fact>]
let ``a file that cannot be opened is an error at its name`` () =
    let found = Assert.Single (parse "include 'x.opt'; set S;").Diagnostics
    Assert.Equal(("cannot-open", 8), (found.Code, found.Span.Start))

[<Fact>]
let ``several files make one program, and .dat files begin in data mode`` () =
    let result =
        Parser.parse noFiles [ Source("a.mod", "param n; var x;"); Source("a.DAT", "param n := 3; var x := 2;") ]

    Assert.Equal<string list>([], render result)
    Assert.Equal(4, result.Tree.Statements.Length)

[<Fact>]
let ``every model is read without a diagnostic and survives printing`` () =
    let files = modelFiles ()
    Assert.True(files.Length > 200)

    for file in files do
        let result = Parser.parse noFiles [ Source(file, IO.File.ReadAllText file) ]
        Assert.Equal<string list>([], render result)
        let printed = Printer.program result.Tree.Statements
        let again = statements printed
        Assert.Equal<StatementKind list>(result.Tree.Statements |> List.map (fun s -> s.Kind), again)
