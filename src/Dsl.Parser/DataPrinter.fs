namespace Optc.Parser

open System
open System.Text

/// Statements of data mode as text.
module internal DataPrinter =

    let private plain (c: char) =
        Char.IsAsciiLetterOrDigit c || c = '_' || c = '+' || c = '-' || c = '.'

    let private keywords =
        [ "default"; "set"; "param"; "var"; "tr"; "Infinity"; "-Infinity"; "+Infinity" ]

    /// Whether a symbol can be written without quotes: nothing that would be read as a number, a missing value or
    /// a word of data mode.
    let private needsQuotes (text: string) =
        text = ""
        || not (Seq.forall plain text)
        || not (Char.IsAsciiLetter text[0] || text = "+" || text = "-")
        || List.contains text keywords

    let private token (t: DataToken) =
        match t.Kind with
        | NumberToken -> ExprPrinter.number t.Number
        | MissingToken -> "."
        | StarToken -> "*"
        | SymbolToken when needsQuotes t.Text -> ExprPrinter.quote t.Text
        | SymbolToken -> t.Text

    let private tokens (items: DataToken[]) = String.Join(" ", Array.map token items)

    let private listed (items: DataToken[]) = String.Join(",", Array.map token items)

    let private withDefault (value: DataToken option) =
        match value with
        | Some found -> " default " + token found
        | None -> ""

    let private chunks isSet (found: DataChunk list) =
        let out = StringBuilder()

        let isTable =
            match found with
            | DataChunk.Table _ :: _ -> true
            | _ -> false

        if not isTable then
            out.Append(" :=") |> ignore

        for chunk in found do
            match chunk with
            | Template items when isSet -> out.Append(" (").Append(listed items).Append(')') |> ignore
            | Template items -> out.Append(" [").Append(listed items).Append(']') |> ignore
            | List items -> out.Append(' ').Append(tokens items) |> ignore
            | DataChunk.Table(transposed, columns, body) ->
                out
                    .Append(if transposed then " (tr)" else "")
                    .Append(" : ")
                    .Append(tokens columns)
                    .Append(" := ")
                    .Append(tokens body)
                |> ignore

        out.ToString()

    let statement (found: DataStatement) : string =
        match found with
        | DataSet(name, _, subscript, pieces) ->
            let index = if subscript.Length > 0 then $"[{listed subscript}]" else ""
            $"set {name}{index}{chunks true pieces};"
        | DataParam(name, _, defaultValue, pieces) -> $"param {name}{withDefault defaultValue}{chunks false pieces};"
        | DataVar(name, _, defaultValue, pieces) -> $"var {name}{withDefault defaultValue}{chunks false pieces};"
        | DataParams(set, columns, defaultValue, transposed, body) ->
            let prefix =
                match set with
                | Some(name, _) -> $" {name} :"
                | None -> ""

            let names = String.Join(" ", List.map fst columns)
            let way = if transposed then " (tr)" else ""
            $"param{withDefault defaultValue}{way} :{prefix} {names} := {tokens body};"
