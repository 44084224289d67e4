module Optc.Parser.Tests.DataTests

open Xunit
open Optc.Parser
open Optc.Parser.Tests.Helpers

let private token (t: DataToken) =
    match t.Kind with
    | NumberToken -> string t.Number
    | SymbolToken -> $"'{t.Text}'"
    | MissingToken -> "?"
    | StarToken -> "*"

let private tokens (items: DataToken[]) =
    items |> Array.map token |> String.concat " "

let private chunk (c: DataChunk) =
    match c with
    | Template items -> $"[{tokens items}]"
    | List items -> tokens items
    | DataChunk.Table(transposed, columns, body) ->
        let tr = if transposed then "tr " else ""
        $"{tr}<{tokens columns} | {tokens body}>"

let private shown (d: DataStatement) =
    let chunks = List.map chunk >> String.concat " "
    let value = Option.map (token >> fun t -> $" default {t}") >> Option.defaultValue ""

    match d with
    | DataSet(name, _, index, found) -> $"set {name}({tokens index}): {chunks found}"
    | DataParam(name, _, d, found) -> $"param {name}{value d}: {chunks found}"
    | DataVar(name, _, d, found) -> $"var {name}{value d}: {chunks found}"
    | DataParams(set, columns, d, transposed, body) ->
        let set = set |> Option.map fst |> Option.defaultValue "-"
        let tr = if transposed then " tr" else ""
        let names = columns |> List.map fst |> String.concat " "
        $"params{value d}{tr} {set}: {names}: {tokens body}"

let private data (text: string) =
    let result = Parser.parse noFiles [ Source("m.opt", "var x; data;\n" + text) ]
    Assert.Equal<string list>([], render result)

    result.Tree.Statements
    |> List.choose (fun s ->
        match s.Kind with
        | Data d -> Some(shown d)
        | _ -> None)

[<Theory>]
[<InlineData("set S := a b 3 'c d', \"e\";", "set S(): 'a' 'b' 3 'c d' 'e'")>]
[<InlineData("set S := ;", "set S(): ")>]
[<InlineData("set S[k,2] := x;", "set S('k' 2): 'x'")>]
[<InlineData("set A := (1,2) (b c) 3 4;", "set A(): 1 2 'b' 'c' 3 4")>]
[<InlineData("set A := (*,2) a b (*,3) c;", "set A(): [* 2] 'a' 'b' [* 3] 'c'")>]
[<InlineData("set A: a b := x + - y - +;", "set A(): <'a' 'b' | 'x' '+' '-' 'y' '-' '+'>")>]
[<InlineData("set A (tr): a b := x + -;", "set A(): tr <'a' 'b' | 'x' '+' '-'>")>]
[<InlineData("set S = 1 2;", "set S(): 1 2")>]
[<InlineData("param p := 5;", "param p: 5")>]
[<InlineData("param p default -1.5;", "param p default -1.5: ")>]
[<InlineData("param p default 0 := a 1 b .;", "param p default 0: 'a' 1 'b' ?")>]
[<InlineData("param p := a +5 b -.5d1, c 1e3 d Infinity e -Infinity;", "param p: 'a' 5 'b' -5 'c' 1000 'd' Infinity 'e' -Infinity")>]
[<InlineData("param p: c1 2 := r1 1 . r2 3 4;", "param p: <'c1' 2 | 'r1' 1 ? 'r2' 3 4>")>]
[<InlineData("param p (tr) : a b := x 1 2 : c := x 3;", "param p: tr <'a' 'b' | 'x' 1 2> <'c' | 'x' 3>")>]
[<InlineData("param p := [*,*,k]: a b := x 1 2 [1,*,k] y 3;", "param p: [* * 'k'] <'a' 'b' | 'x' 1 2> [1 * 'k'] 'y' 3")>]
[<InlineData("param: S: p q := a 1 2 b 3 4;", "params S: p q: 'a' 1 2 'b' 3 4")>]
[<InlineData("param : p q := a 1 2;", "params -: p q: 'a' 1 2")>]
[<InlineData("param default 0: S: mu:= a 1;", "params default 0 S: mu: 'a' 1")>]
[<InlineData("param: A: c d := [G,*] x 1 2 y 3 4 [H,*] z 5 6;", "params A: c d: 'G' 'x' 1 2 'G' 'y' 3 4 'H' 'z' 5 6")>]
[<InlineData("param p := 3dfx 1-2 -x a.b 1e;", "param p: '3dfx' '1-2' '-x' 'a.b' '1e'")>]
[<InlineData("param p := 'it''s' '3' ; # x\n", "param p: 'it's' '3'")>]
[<InlineData("param p := a/* c */1;", "param p: 'a' 1")>]
[<InlineData("param\tp:=\r\n1 2\r\n;", "param p: 1 2")>]
[<InlineData("var x := 1 2;", "var x: 1 2")>]
[<InlineData("var x default 2;", "var x default 2: ")>]
[<InlineData("param größe := 1;", "param größe: 1")>]
let ``data are read into flat arrays`` (text: string, expected: string) =
    Assert.Equal(expected, Assert.Single(data text))

[<Theory>]
[<InlineData("model;")>]
[<InlineData("end;")>]
[<InlineData("let x := 1;")>]
[<InlineData("solve;")>]
[<InlineData("expect x = 1;")>]
[<InlineData("var y >= 0;")>]
[<InlineData("minimize f: x;")>]
[<InlineData("c: x >= 2;")>]
[<InlineData("s.t. c: x >= 2;")>]
let ``data mode ends at the first word that cannot begin a data statement`` (text: string) =
    let found = statements $"var x; data; param p := 1; {text} subject to last: x >= 0;"

    match List.last found with
    | ConstraintDeclaration("last", _, _) -> ()
    | other -> failwith $"{other}"

[<Fact>]
let ``equal symbols are one string`` () =
    match statements "data; set S := abc 'abc' abc;" with
    | [ Data(DataSet(_, _, _, [ List items ])) ] ->
        Assert.Same(items[0].Text, items[1].Text)
        Assert.Same(items[0].Text, items[2].Text)
    | other -> failwith $"{other}"

[<Fact>]
let ``more symbols than the table begins with`` () =
    let names = [ for i in 1..5000 -> $"s{i}" ]
    let quoted = names |> List.map (fun n -> $"'{n}'") |> String.concat " "

    match statements ("data; set S := " + String.concat " " names + "; set T := " + quoted + ";") with
    | [ Data(DataSet(_, _, _, [ List a ])); Data(DataSet(_, _, _, [ List b ])) ] ->
        Assert.Equal<string list>(names, [ for t in a -> t.Text ])
        Assert.Equal<DataToken[]>(a, b)
    | other -> failwith $"{other}"

[<Theory>]
[<InlineData("param p {I} := 3;", "definitions belong to model mode")>]
[<InlineData("param p := 1 2", "the file ends within this data statement")>]
[<InlineData("set S := (1, 2;", "expected ')' or a subscript, found ';'")>]
[<InlineData("set S := (1, 2", "this '(' is never closed")>]
[<InlineData("set S := 1..5;", "a range cannot stand in data")>]
[<InlineData("set S := 'a;\n", "this string is not closed on its line")>]
[<InlineData("set S := a /* b;\n", "this comment is never closed")>]
[<InlineData("parm p := 3;", "did you mean 'param'?")>]
[<InlineData("param p := 1 2\nparam q := 3;", "expected ';' before this 'param'")>]
[<InlineData("param: A: c d := [G,*] x 1 2 y 3;", "the rows of this template have 3 items each")>]
[<InlineData("param p: a b 1 2;", "expected ':=' after the columns of the table")>]
let ``errors in data`` (text: string, expected: string) =
    let result = parse ("var x; data;\n" + text)
    let found = Assert.Single result.Diagnostics
    Assert.Contains(expected, Diagnostics.render found)

[<Fact>]
let ``data behind an error are read on`` () =
    let result =
        parse "data;\nset S := ( 1;\nparam p := 1;\nparm q := 2;\nparam r := 3 {;\nparam t := 4;\nmodel;\nvar x;"

    Assert.Equal(3, result.Diagnostics.Length)
    let kinds = result.Tree.Statements |> List.map (fun s -> (string s.Kind).Split(' ', '\n').[0])
    Assert.Equal<string list>([ "Data"; "Data"; "VarDeclaration" ], kinds)
