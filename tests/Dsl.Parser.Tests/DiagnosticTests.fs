module Optc.Parser.Tests.DiagnosticTests

open System
open Xunit
open Optc.Parser
open Optc.Parser.Tests.Helpers

let private only (text: string) =
    let result = parse text
    Diagnostics.render (Assert.Single result.Diagnostics)

/// Texts and the whole message they must give.
let table: obj[] list =
    [ "minimise f: x;",
      "m.opt:1:1: error: 'minimise' does not begin a statement\n    minimise f: x;\n    ^^^^^^^^\n  hint: did you mean 'minimize'?"
      "subject to c: x + ;",
      "m.opt:1:19: error: expected an expression, found ';'\n    subject to c: x + ;\n                      ^"
      "param n := 5\nvar x;",
      "m.opt:1:13: error: expected ';' after the parameter declaration\n    param n := 5\n                ^"
      "var sum;",
      "m.opt:1:5: error: 'sum' is a word of the language and cannot be the name of the variable\n    var sum;\n        ^^^\n  hint: choose another name"
      "minimize f: sun {i in I} x[i];",
      "m.opt:1:17: error: expected ';' after the objective, found '{'\n    minimize f: sun {i in I} x[i];\n                    ^\n  hint: did you mean 'sum'?"
      "minimize f: 2x;",
      "m.opt:1:13: error: '2x' is neither a number nor a name\n    minimize f: 2x;\n                ^^\n  hint: write 2*x for a product; names begin with a letter"
      "subject to c {i in I: x[i] >= 0;",
      "m.opt:1:32: error: expected '}' after the condition of the indexing, found ';'\n    subject to c {i in I: x[i] >= 0;\n                                   ^"
      "subject to c {i in I,\n i <> j}: x[i] >= 0;",
      "m.opt:2:4: error: expected ',', ':' or '}' in the indexing, found '<>'\n     i <> j}: x[i] >= 0;\n       ^^\n  hint: a condition stands after a colon: {i in I, j in J: i < j}"
      "subject to c: x < 3;",
      "m.opt:1:17: error: a strict inequality is not supported in a constraint\n    subject to c: x < 3;\n                    ^\n  hint: use <= or >="
      "subject to c: x;",
      "m.opt:1:16: error: expected '<=', '>=' or '=' in the constraint, found ';'\n    subject to c: x;\n                   ^"
      "subject to c: 0 <= x >= 1;",
      "m.opt:1:22: error: the two relations of a double inequality must point the same way\n    subject to c: 0 <= x >= 1;\n                         ^^"
      "var x;\nx <= 3;",
      "m.opt:2:1: error: 'x' does not begin a statement\n    x <= 3;\n    ^\n  hint: a constraint needs a name: subject to c: …"
      "x := 3;",
      "m.opt:1:1: error: 'x' does not begin a statement\n    x := 3;\n    ^\n  hint: to give a value, write 'let x := …'"
      "node n {i in I}: net_in = 0;",
      "m.opt:1:1: error: 'node' is not supported\n    node n {i in I}: net_in = 0;\n    ^^^^\n  hint: write the balance as a constraint over a set of arcs: subject to balance {k in NODES}: …"
      "function f;",
      "m.opt:1:1: error: 'function' is not supported\n    function f;\n    ^^^^^^^^\n  hint: imported functions cannot be called; write the expression out"
      "var s symbolic := 'abc;\n",
      "m.opt:1:19: error: this string is not closed on its line\n    var s symbolic := 'abc;\n                      ^^^^\n  hint: close it with '"
      "set S;\n/* never\nclosed",
      "m.opt:2:1: error: this comment is never closed\n    /* never\n    ^^\n  hint: close it with '*/'"
      "set S := {1,\n 2, 3",
      "m.opt:1:10: error: this '{' is never closed\n    set S := {1,\n             ^\n  hint: the file ends where ',', ':' or '}' in the indexing was expected"
      "set S;\nparam n",
      "m.opt:2:1: error: the file ends within this statement: expected ';' after the parameter declaration\n    param n\n    ^^^^^^^"
      "lower f over y:\n minimize g: y;\n",
      "m.opt:1:1: error: the lower problem 'f' is never closed\n    lower f over y:\n    ^^^^^^^^^^^^^^^\n  hint: close it with 'end;'"
      "for {i in I} {\n solve;\n",
      "m.opt:1:14: error: this '{' is never closed\n    for {i in I} {\n                 ^\n  hint: the file ends where '}' after the statements was expected"
      "",
      "m.opt:1:1: error: the model holds no statements\n  hint: a model has at least variables and an objective or constraints"
      "set S; }",
      "m.opt:1:8: error: this '}' closes nothing\n    set S; }\n           ^"
      "param p := a;\tparam\tq := *;",
      "m.opt:1:26: error: expected an expression, found '*'\n    param p := a;   param   q := *;\n                                 ^"
      "param \u00fc := 1;",
      "m.opt:1:7: error: unexpected character 'ü'\n    param ü := 1;\n          ^\n  hint: names are made of the letters A-Z, a-z, digits and _"
      "check: a < b > c;",
      "m.opt:1:14: error: relations in a chain must point the same way\n    check: a < b > c;\n                 ^\n  hint: join them by 'and': a <= b and b >= c"
      "subject to c: x = 0 or y = 0;",
      "m.opt:1:21: error: expected ';' after the constraint, found the keyword 'or'\n    subject to c: x = 0 or y = 0;\n                        ^^\n  hint: constraints joined by 'and' or 'or' are not supported; write several constraints"
      "\u0001\u0002abc",
      "m.opt:1:1: error: unexpected character U+0001: this does not look like a text file\n    ??abc\n    ^" ]
    |> List.map (fun (text, message) -> [| text :> obj; message :> obj |])

let cases () : obj[] seq = table

[<Theory>]
[<MemberData(nameof cases)>]
let ``an error says what is wrong, where, and what to do`` (text: string, expected: string) = Assert.Equal(expected, only text)

[<Fact>]
let ``a long line is cut to the part around the error`` () =
    let text = "minimize f: " + String.Join(" + ", Array.create 100 "abc") + " + ; # " + String('z', 300)
    let lines = (only text).Split('\n')
    Assert.Equal(3, lines.Length)
    Assert.True(lines[1].Length < 120)
    Assert.Equal(';', lines[1].[lines[2].IndexOf '^'])
    Assert.StartsWith("    …", lines[1])
    Assert.EndsWith("…", lines[1])

[<Fact>]
let ``independent errors are all found, and what is right is kept`` () =
    let result =
        parse
            "set A;\nparam b := ;\nvar x >= 0\nvar y;\nminimise f: x;\nsubject to c1: x <= 1;\nsubject to c2: x + <= 2;\n\
             c3: sum {i in A x[i] >= 1;\nfor {i in A} { let x := ; let y := 2; }\nsubject to c4: x >= 'a;b' +;\nexpect f = 3;"

    let positions =
        result.Diagnostics
        |> List.map (fun d ->
            let struct (line, _) = d.Span.Source.Position d.Span.Start
            line)

    Assert.Equal<int list>([ 2; 3; 5; 7; 8; 9; 10 ], positions)
    let kinds = result.Tree.Statements |> List.map (fun s -> (string s.Kind).Split(' ', '\n').[0])

    Assert.Equal<string list>(
        [ "SetDeclaration"; "VarDeclaration"; "ConstraintDeclaration"; "For"; "Expectation" ],
        kinds
    )

[<Fact>]
let ``errors inside a lower problem do not end it`` () =
    let result =
        parse "lower f over y:\n minimize g: y +;\n c1: y >= ;\n c2: y <= 3;\nend;\nvar z;"

    Assert.Equal(2, result.Diagnostics.Length)

    match result.Tree.Statements with
    | [ { Kind = LowerDeclaration(_, _, _, [ { Kind = ConstraintDeclaration("c2", _, _) } ]) }; { Kind = VarDeclaration _ } ] -> ()
    | other -> failwith $"{other}"

[<Fact>]
let ``a lower problem inside another is refused once`` () =
    let result =
        parse "lower f over y:\n minimize g: y;\n lower h over z:\n minimize k: z;\n end;\nend;\nvar z;"

    Assert.Contains("inside a lower problem", Diagnostics.render (Assert.Single result.Diagnostics))

[<Fact>]
let ``at most twenty errors are shown`` () =
    let text = String.replicate 100 "param p := ;\n"
    let result = parse text
    Assert.Equal(20, result.Diagnostics |> List.filter (fun d -> d.Severity = Severity.Error) |> List.length)
    Assert.Equal("too-many-errors", (List.last result.Diagnostics).Code)

[<Fact>]
let ``hiding a function is a warning`` () =
    let found = Assert.Single (parse "param exp := 2;").Diagnostics
    Assert.Equal(Severity.Warning, found.Severity)

[<Theory>]
[<InlineData("minimise", "minimize")>]
[<InlineData("Subject", "subject")>]
[<InlineData("displya", "display")>]
[<InlineData("zzz", null)>]
[<InlineData("x", null)>]
let ``the nearest name is suggested if it is near`` (name: string, expected: string | null) =
    let candidates = [ "set"; "minimize"; "maximize"; "subject"; "display"; "y" ]
    Assert.Equal(Option.ofObj expected, Suggest.nearest candidates name)

[<Theory>]
[<InlineData("", "abc", 3)>]
[<InlineData("kitten", "sitting", 3)>]
[<InlineData("parma", "param", 1)>]
[<InlineData("same", "same", 0)>]
let ``edit distance counts changes and swaps`` (a: string, b: string, expected: int) =
    Assert.Equal(expected, Suggest.distance a b)
    Assert.Equal(expected, Suggest.distance b a)
