namespace Optc.Compiler

open System
open System.Collections.Generic
open System.Globalization
open System.IO
open System.Text
open System.Text.Json

/// Rows of a relational table in memory. A cell without a value is `ValueNone`.
type TableContent =
    { Columns: string[]
      Rows: Member voption[] seq }

/// Reads and writes tables in the formats that `table` statements name. Failures of the file or its text are
/// `InvalidDataException` or `IOException`.
module TableFiles =
    let private cell (text: string) : Member voption =
        if String.IsNullOrWhiteSpace text then
            ValueNone
        else
            match Double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture) with
            | true, x when Double.IsFinite x -> ValueSome { Number = x; Symbol = null }
            | _ -> ValueSome(Member.OfSymbol text)

    /// The records of comma-separated values (RFC 4180): quoted fields may hold commas, line ends and doubled quotes.
    let private records (reader: TextReader) : string[] seq =
        seq {
            let fields = List<string>()
            let field = StringBuilder()
            let mutable quoted = false
            let mutable started = false
            let mutable line = 1
            let mutable c = reader.Read()

            while c >= 0 do
                let ch = char c

                if ch = '\n' then
                    line <- line + 1

                if quoted then
                    if ch <> '"' then
                        field.Append ch |> ignore
                    elif reader.Peek() = int '"' then
                        reader.Read() |> ignore
                        field.Append '"' |> ignore
                    else
                        quoted <- false
                else
                    match ch with
                    | '"' when field.Length = 0 ->
                        quoted <- true
                        started <- true
                    | ',' ->
                        fields.Add(field.ToString())
                        field.Clear() |> ignore
                        started <- true
                    | '\r' -> ()
                    | '\n' ->
                        if started || field.Length > 0 then
                            fields.Add(field.ToString())
                            field.Clear() |> ignore
                            yield fields.ToArray()
                            fields.Clear()

                        started <- false
                    | _ -> field.Append ch |> ignore

                c <- reader.Read()

            if quoted then
                raise (InvalidDataException $"a quoted field is not closed at the end, line {line}")

            if started || field.Length > 0 then
                fields.Add(field.ToString())
                yield fields.ToArray()
        }

    let readCsv (path: string) : TableContent =
        use reader = new StreamReader(path)
        let all = records reader |> Array.ofSeq

        if all.Length = 0 then
            raise (InvalidDataException "the file has no line of column names")

        let columns = all[0] |> Array.map _.Trim()

        all
        |> Array.iteri (fun k row ->
            if row.Length <> columns.Length then
                raise (InvalidDataException $"record {k + 1} has {row.Length} fields, the header has {columns.Length}"))

        { Columns = columns
          Rows = all |> Seq.skip 1 |> Seq.map (Array.map cell) }

    let private quote (text: string) =
        if text.IndexOfAny [| ','; '"'; '\n'; '\r' |] >= 0 then
            "\"" + text.Replace("\"", "\"\"") + "\""
        else
            text

    /// All digits of a number, so that reading gives it back.
    let private exact (m: Member) =
        match m.Symbol with
        | null -> m.Number.ToString("R", CultureInfo.InvariantCulture)
        | symbol -> symbol

    /// Writes beside the target and renames, so that nobody sees half a file.
    let private replace (path: string) (write: Stream -> unit) =
        let temporary = path + ".tmp"

        try
            (use stream = File.Create temporary
             write stream)

            File.Move(temporary, path, true)
        finally
            if File.Exists temporary then
                File.Delete temporary

    let writeCsv (path: string) (content: TableContent) =
        replace path (fun stream ->
            use writer = new StreamWriter(stream, UTF8Encoding false)
            writer.NewLine <- "\n"
            writer.WriteLine(String.Join(",", content.Columns |> Array.map quote))

            for row in content.Rows do
                let texts =
                    row
                    |> Array.map (function
                        | ValueSome m -> quote (exact m)
                        | ValueNone -> "")

                writer.WriteLine(String.Join(",", texts)))

    /// An array of objects: a row each, its properties the columns.
    let readJson (path: string) : TableContent =
        use stream = File.OpenRead path

        use document =
            try
                JsonDocument.Parse stream
            with :? JsonException as e ->
                raise (InvalidDataException e.Message)

        if document.RootElement.ValueKind <> JsonValueKind.Array then
            raise (InvalidDataException "an array of objects is needed")

        let columns = List<string>()
        let places = Dictionary<string, int>()
        let rows = List<Member voption[]>()

        for row in document.RootElement.EnumerateArray() do
            if row.ValueKind <> JsonValueKind.Object then
                raise (InvalidDataException $"item {rows.Count + 1} of the array is not an object")

            let cells = List<Member voption>(Seq.replicate columns.Count ValueNone)

            for property in row.EnumerateObject() do
                let place =
                    match places.TryGetValue property.Name with
                    | true, place -> place
                    | _ ->
                        columns.Add property.Name
                        places[property.Name] <- columns.Count - 1
                        cells.Add ValueNone
                        columns.Count - 1

                let value = property.Value

                cells[place] <-
                    match value.ValueKind with
                    | JsonValueKind.Number -> ValueSome { Number = value.GetDouble(); Symbol = null }
                    | JsonValueKind.String -> ValueSome(Member.OfSymbol(string (value.GetString())))
                    | JsonValueKind.True -> ValueSome(Member.OfNumber 1.0)
                    | JsonValueKind.False -> ValueSome(Member.OfNumber 0.0)
                    | JsonValueKind.Null -> ValueNone
                    | _ -> raise (InvalidDataException $"{property.Name} of item {rows.Count + 1} is neither a number nor a string")

            rows.Add(cells.ToArray())

        { Columns = columns.ToArray()
          Rows =
            rows
            |> Seq.map (fun row -> Array.append row (Array.create (columns.Count - row.Length) ValueNone)) }

    let writeJson (path: string) (content: TableContent) =
        replace path (fun stream ->
            use writer = new Utf8JsonWriter(stream, JsonWriterOptions(Indented = true))
            writer.WriteStartArray()

            for row in content.Rows do
                writer.WriteStartObject()

                for c in 0 .. content.Columns.Length - 1 do
                    match row[c] with
                    | ValueNone -> writer.WriteNull content.Columns[c]
                    | ValueSome m ->
                        match m.Symbol with
                        | null when Double.IsFinite m.Number -> writer.WriteNumber(content.Columns[c], m.Number)
                        | null -> writer.WriteNull content.Columns[c]
                        | symbol -> writer.WriteString(content.Columns[c], symbol)

                writer.WriteEndObject()

            writer.WriteEndArray())
