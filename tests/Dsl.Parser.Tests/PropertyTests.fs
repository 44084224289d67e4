module Optc.Parser.Tests.PropertyTests

open System
open System.IO
open System.Text
open FsCheck
open FsCheck.FSharp
open Xunit
open Optc.Parser
open Optc.Parser.Tests.Helpers

let private expr kind : Expr = { Kind = kind; Span = Span.None }

let private reference name = expr (ExprKind.Reference(name, []))

let private binaryOperators =
    [ Add; Subtract; Multiply; Divide; Power; IntegerDivide; Modulo; Less; And; Or; LessThan; LessOrEqual; Equal
      NotEqual; GreaterOrEqual; GreaterThan; In; NotIn; Within; NotWithin; Union; Intersection; Difference
      SymmetricDifference; Cross; Concatenate ]

let private iteratedOperators =
    [ Sum; Product; Minimum; Maximum; Norm1; Norm2; NormInf; LogSumExp; Exists; ForAll; SetOf; UnionOver
      IntersectionOver ]

let rec private expressions size : Gen<Expr> =
    let leaf =
        Gen.oneof
            [ Gen.elements [ 0.0; 1.0; 2.5; 1e-7; 1e300; 844.0 ] |> Gen.map (ExprKind.Number >> expr)
              Gen.elements [ "a"; "it's"; "b c" ] |> Gen.map (ExprKind.Text >> expr)
              Gen.elements [ "x"; "y"; "i"; "p_1" ] |> Gen.map reference ]

    if size <= 1 then
        leaf
    else
        let inner = expressions (size / 2)
        let third = expressions (size / 3)

        Gen.frequency
            [ 1, leaf
              8,
              Gen.map3
                  (fun op a b -> expr (ExprKind.Binary(op, a, b)))
                  (Gen.elements binaryOperators)
                  inner
                  inner
              3,
              Gen.map2 (fun op a -> expr (ExprKind.Unary(op, a))) (Gen.elements [ Negate; Plus; Not ]) inner
              3,
              Gen.map3
                  (fun op over a -> expr (ExprKind.Iterated(op, over, a)))
                  (Gen.elements iteratedOperators)
                  (indexings (size / 2))
                  inner
              3, Gen.map3 (fun c a b -> expr (ExprKind.Conditional(c, a, Some b))) third third third
              2, Gen.map2 (fun c a -> expr (ExprKind.Conditional(c, a, None))) inner inner
              1, Gen.map (fun items -> expr (ExprKind.Reference("z", items))) (Gen.listOfLength 2 inner)
              1, Gen.map (fun items -> expr (ExprKind.Call("f", items))) (Gen.listOfLength 2 inner)
              1, Gen.map (fun items -> expr (ExprKind.Tuple items)) (Gen.listOfLength 2 inner)
              1, Gen.map2 (fun a b -> expr (ExprKind.Range(a, b, None))) inner inner
              1, Gen.map3 (fun a b c -> expr (ExprKind.Range(a, b, Some c))) third third third
              1, Gen.map (fun over -> expr (ExprKind.Braces over)) (indexings (size / 2))
              1, Gen.constant (expr (ExprKind.Suffixed(reference "c", "dual")))
              1,
              Gen.map3
                  (fun a b zero ->
                      let piece (e: Expr) : PiecewiseItem = { Indexing = None; Value = e }
                      expr (ExprKind.PiecewiseLinear([ piece a ], [ piece b; piece a ], reference "x", Some zero)))
                  third
                  third
                  third ]

and private indexings size : Gen<Indexing> =
    let item (pattern: Expr list option) (set: Expr) : IndexItem =
        { Pattern = pattern
          Set = set
          Span = Span.None }

    gen {
        let! sets = Gen.listOfLength 2 (expressions (size / 3))
        let! condition = Gen.optionOf (expressions (size / 3))

        let! patterns =
            Gen.listOfLength
                2
                (Gen.elements [ None; Some [ reference "i" ]; Some [ reference "j"; expr (ExprKind.Text "k") ] ])

        return
            { Items = List.map2 item patterns sets
              Condition = condition
              Span = Span.None }
    }

let rec private shrink (e: Expr) : Expr seq =
    let rebuilt (items: Expr list) make =
        seq {
            yield! items

            for i in 0 .. items.Length - 1 do
                for smaller in shrink items[i] do
                    yield expr (make (List.updateAt i smaller items))
        }

    match e.Kind with
    | ExprKind.Binary(op, a, b) -> rebuilt [ a; b ] (fun l -> ExprKind.Binary(op, l[0], l[1]))
    | ExprKind.Unary(op, a) -> rebuilt [ a ] (fun l -> ExprKind.Unary(op, l[0]))
    | ExprKind.Iterated(op, over, a) -> rebuilt [ a ] (fun l -> ExprKind.Iterated(op, over, l[0]))
    | ExprKind.Conditional(c, a, None) -> rebuilt [ c; a ] (fun l -> ExprKind.Conditional(l[0], l[1], None))
    | ExprKind.Conditional(c, a, Some b) -> rebuilt [ c; a; b ] (fun l -> ExprKind.Conditional(l[0], l[1], Some l[2]))
    | _ -> Seq.empty

let private config =
    Config.QuickThrowOnFailure.WithMaxTest(2000).WithReplay(2026UL, 11UL).WithEndSize(40)

[<Fact>]
let ``an expression printed and read again is the same`` () =
    let arbitrary = Arb.fromGenShrink (Gen.sized expressions, shrink)

    let property (e: Expr) =
        let printed = Printer.expression e
        let result = parse $"check: {printed};"

        match result.Tree.Statements with
        | [ { Kind = Check(None, found) } ] when not result.HasErrors ->
            (found = e) |> Prop.label $"{printed}\n became {Printer.expression found}"
        | _ -> false |> Prop.label (String.Join("\n", printed :: render result))

    Check.One(config, Prop.forAll arbitrary property)

[<Fact>]
let ``parentheses that are not needed are not printed`` () =
    for text in
        [ "a + b*c - d" , "a + b * c - d"
          "(a) + ((b)*(c))", "a + b * c"
          "sum {i in I} (a[i]*x[i]) + (b)", "sum {i in I} a[i] * x[i] + b"
          "(sum {i in I} a[i])*2", "(sum {i in I} a[i]) * 2"
          "(-x)^2 + (-(x^2))", "(-x)^2 + -x^2"
          "(a^b)^c + a^(b^c)", "(a^b)^c + a^b^c"
          "(if a then b else c) + 1", "(if a then b else c) + 1"
          "1 + (if a then b else c)", "1 + if a then b else c" ] do
        Assert.Equal(snd text, Printer.expression (expression (fst text)))

/// Broken texts: models with pieces cut out, doubled or replaced.
let private damaged () =
    let random = Random 5
    let junk = [| "{"; "}"; "("; ")"; "["; "]"; "'"; "\""; ";"; ":"; ":="; "/*"; "if "; " data; "; " lower "; "end;"; "\000"; "<<"; " sum "; ".."; "," |]

    seq {
        for file in modelFiles () do
            let text = File.ReadAllText file

            for _ in 1..4 do
                let changed = StringBuilder text

                for _ in 1 .. random.Next(1, 4) do
                    let at = random.Next changed.Length

                    match random.Next 3 with
                    | 0 -> changed.Remove(at, min (random.Next 30) (changed.Length - at)) |> ignore
                    | 1 -> changed.Insert(at, junk[random.Next junk.Length]) |> ignore
                    | _ -> changed.Length <- at + 1

                changed.ToString()
    }

[<Fact>]
let ``no damage to a text makes the parser throw, and diagnostics stay few and within the text`` () =
    for text in damaged () do
        let result = parse text
        Assert.True(result.Diagnostics.Length <= 21)

        for d in result.Diagnostics do
            Assert.InRange(d.Span.Start, 0, text.Length)
            Assert.InRange(d.Span.End, d.Span.Start, text.Length + 1)
            Assert.NotEmpty(Diagnostics.render d)

[<Fact>]
let ``one broken statement gives few errors`` () =
    // a statement of each model loses its last character before the semicolon, or gains an operator
    for file in modelFiles () do
        let text = File.ReadAllText file
        let first = text.IndexOf ";\n"
        let result = parse (text.Insert(first, " + * "))
        Assert.InRange(result.Diagnostics |> List.filter (fun d -> d.Severity = Severity.Error) |> List.length, 0, 2)

let private nested n (opening: string) (core: string) (closing: string) =
    String.replicate n opening + core + String.replicate n closing

[<Theory>]
[<InlineData("(", "1", ")")>]
[<InlineData("-", "1", "")>]
[<InlineData("not ", "1", "")>]
[<InlineData("f(", "1", ")")>]
[<InlineData("x[", "1", "]")>]
[<InlineData("if a then 1 else ", "1", "")>]
[<InlineData("2^", "1", "")>]
[<InlineData("sum {i in I} ", "1", "")>]
[<InlineData("card({i in I: 1 = ", "1", "})")>]
let ``nesting to a depth of hundreds is read, beyond a thousand it is an error`` (opening: string, core: string, closing: string) =
    let deep n = parse ("check: " + nested n opening core closing + ";")
    Assert.Equal<string list>([], render (deep 480))
    let found = Assert.Single (deep 20_000).Diagnostics
    Assert.Equal("nesting", found.Code)

[<Fact>]
let ``a thousand parentheses are read and a few more are not`` () =
    Assert.False((parse ("check: " + nested 999 "(" "1" ")" + ";")).HasErrors)
    Assert.True((parse ("check: " + nested 1001 "(" "1" ")" + ";")).HasErrors)

[<Fact>]
let ``nested statements count as nesting`` () =
    Assert.False((parse (nested 300 "if a then { " "solve;" "}")).HasErrors)
    let found = (parse (nested 5000 "if a then { " "solve;" "}")).Diagnostics
    Assert.Equal("nesting", found.Head.Code)

[<Fact>]
let ``a sum of twenty thousand terms is read and printed`` () =
    let text = String.Join(" + ", Array.init 20_000 (fun i -> $"x[{i}]"))

    match statement $"minimize f: {text};" with
    | ObjectiveDeclaration(_, _, _, Some e) -> Assert.Equal(text, Printer.expression e)
    | other -> failwith $"{other}"
