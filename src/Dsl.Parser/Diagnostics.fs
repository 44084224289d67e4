namespace Optc.Parser

open System
open System.Text

/// Building diagnostics and writing them for people.
module Diagnostics =

    let create severity code message span hint =
        { Severity = severity
          Code = code
          Message = message
          Span = span
          Hint = hint }

    let error code message span = create Error code message span None

    let private tabWidth = 4
    let private windowWidth = 100

    /// The line with tabs as blanks, and for every character (and the end) its column on the screen.
    let private expand (line: string) =
        let shown = StringBuilder(line.Length)
        let columns = Array.zeroCreate<int> (line.Length + 1)

        for i in 0 .. line.Length - 1 do
            columns[i] <- shown.Length

            if line[i] = '\t' then
                shown.Append(' ', tabWidth - shown.Length % tabWidth) |> ignore
            else
                shown.Append(if Char.IsControl line[i] then '?' else line[i]) |> ignore

        columns[line.Length] <- shown.Length
        shown.ToString(), columns

    let private severityName severity =
        match severity with
        | Error -> "error"
        | Warning -> "warning"
        | Note -> "note"

    /// `file:line:column: error: message`, the line of the text with the span underlined (a long line is cut to
    /// the part around the span), and the hint. Lines are joined by newlines; none at the end.
    let render (diagnostic: Diagnostic) : string =
        let out = StringBuilder()
        let span = diagnostic.Span
        let kind = severityName diagnostic.Severity

        if isNull span.Source then
            out.Append(kind).Append(": ").Append(diagnostic.Message) |> ignore
        else
            let struct (line, column) = span.Source.Position span.Start

            out
                .Append(span.Source.Name)
                .Append(':')
                .Append(line)
                .Append(':')
                .Append(column)
                .Append(": ")
                .Append(kind)
                .Append(": ")
                .Append(diagnostic.Message)
            |> ignore

            let shown, columns = expand (span.Source.Line line)
            let first = columns[min (column - 1) (columns.Length - 1)]
            let last = columns[min (column - 1 + max 0 (span.End - span.Start)) (columns.Length - 1)]

            let from =
                if shown.Length <= windowWidth then
                    0
                else
                    max 0 (min (first - windowWidth / 3) (shown.Length - windowWidth))

            let until = min shown.Length (from + windowWidth)
            let cutLeft = if from > 0 then "…" else ""
            let cutRight = if until < shown.Length then "…" else ""

            if not (String.IsNullOrWhiteSpace shown) then
                out
                    .Append("\n    ")
                    .Append(cutLeft)
                    .Append(shown, from, until - from)
                    .Append(cutRight)
                    .Append("\n    ")
                    .Append(' ', cutLeft.Length + first - from)
                    .Append('^', max 1 (min last until - first))
                |> ignore

        match diagnostic.Hint with
        | Some hint -> out.Append("\n  hint: ").Append(hint) |> ignore
        | None -> ()

        out.ToString()
