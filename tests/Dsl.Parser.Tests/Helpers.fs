module Optc.Parser.Tests.Helpers

open System.IO
open Xunit
open Optc.Parser

let noFiles (_: string) : Result<Source, string> = Result.Error "no such file"

let parse (text: string) =
    Parser.parse noFiles [ Source("m.opt", text) ]

let render (result: ParseResult) =
    result.Diagnostics |> List.map Diagnostics.render

/// The statements of a text that must have no errors.
let statements (text: string) =
    let result = parse text
    Assert.Equal<string list>([], render result)
    result.Tree.Statements |> List.map (fun s -> s.Kind)

let statement (text: string) = statements text |> List.exactlyOne

/// The expression of `check text;`.
let expression (text: string) =
    match statement $"check: {text};" with
    | Check(None, e) -> e
    | other -> failwith $"not a check: {other}"

/// An expression with parentheses around every operator.
let rec shape (e: Expr) : string =
    let joined items = items |> List.map shape |> String.concat ","

    match e.Kind with
    | ExprKind.Number value -> string value
    | ExprKind.Text text -> $"'{text}'"
    | ExprKind.Reference(name, []) -> name
    | ExprKind.Reference(name, items) -> $"{name}[{joined items}]"
    | ExprKind.Suffixed(target, suffix) -> $"{shape target}.{suffix}"
    | ExprKind.Unary(operator, inner) -> $"({operator} {shape inner})"
    | ExprKind.Binary(operator, a, b) -> $"({shape a} {operator} {shape b})"
    | ExprKind.Call(name, items) -> $"{name}({joined items})"
    | ExprKind.Iterated(operator, over, body) -> $"({operator} {indexing over} {shape body})"
    | ExprKind.Conditional(c, a, None) -> $"(if {shape c} then {shape a})"
    | ExprKind.Conditional(c, a, Some b) -> $"(if {shape c} then {shape a} else {shape b})"
    | ExprKind.Tuple items -> $"({joined items})"
    | ExprKind.Braces over -> indexing over
    | ExprKind.Range(a, b, None) -> $"({shape a}..{shape b})"
    | ExprKind.Range(a, b, Some by) -> $"({shape a}..{shape b} by {shape by})"
    | ExprKind.PiecewiseLinear(breaks, slopes, argument, zero) ->
        let pieces (items: PiecewiseItem list) =
            items
            |> List.map (fun item -> (item.Indexing |> Option.map indexing |> Option.defaultValue "") + shape item.Value)
            |> String.concat ","

        let zero = zero |> Option.map (fun z -> "," + shape z) |> Option.defaultValue ""
        $"<<{pieces breaks};{pieces slopes}>>({shape argument}{zero})"

and indexing (over: Indexing) : string =
    let item (i: IndexItem) =
        match i.Pattern with
        | None -> shape i.Set
        | Some [ one ] -> $"{shape one} in {shape i.Set}"
        | Some several -> "(" + (several |> List.map shape |> String.concat ",") + ") in " + shape i.Set

    let condition =
        match over.Condition with
        | Some c -> ": " + shape c
        | None -> ""

    "{" + (over.Items |> List.map item |> String.concat ", ") + condition + "}"

/// The folder of the models that all tests share.
let modelFolder =
    let rec find (folder: DirectoryInfo | null) =
        match folder with
        | null -> failwith "tests/models is not above the test assembly"
        | found ->
            let candidate = Path.Combine(found.FullName, "tests", "models")
            if Directory.Exists candidate then candidate else find found.Parent

    find (DirectoryInfo System.AppContext.BaseDirectory)

let modelFiles () =
    Directory.GetFiles(modelFolder, "*.opt", SearchOption.AllDirectories) |> Array.sort
