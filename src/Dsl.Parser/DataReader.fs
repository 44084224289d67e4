namespace Optc.Parser

open System

/// Why the reading of data stopped.
[<RequireQualifiedAccess>]
type internal DataEnd =
    /// Another file is to be read here; the data go on behind it.
    | Include of kind: string * file: string * Span
    /// Model mode begins at the given place.
    | Model of offset: int

/// The statements of data mode.
[<Sealed>]
type internal DataReader(source: Source, session: Session, offset: int) =
    let scan = DataScanner(source, session, offset)
    let buffer = ResizeArray<DataToken>()
    let mutable statementStart = offset
    // A forgotten semicolon was found: the current item opens a statement.
    let mutable resumeHere = false

    let failAt span message hint =
        raise (SyntaxError(Diagnostics.create Error "syntax" message span hint))

    let fail expected =
        if scan.Item = DataItem.EndOfFile then
            raise (
                SyntaxError(
                    Diagnostics.create
                        Error
                        "unterminated"
                        "the file ends within this data statement"
                        (scan.SpanOf(statementStart, source.Text.IndexOfAny([| '\n'; ';' |], statementStart) |> fun i -> if i < 0 then source.Text.Length else i))
                        (Some $"expected {expected}")
                )
            )
        else
            failAt scan.Span $"expected {expected}, found {scan.Found}" None

    let take () =
        let tokens = buffer.ToArray()
        buffer.Clear()
        tokens

    /// A statement word at the beginning of a line within values: the semicolon before it was forgotten.
    let checkForgotten () =
        if
            not scan.Quoted
            && (scan.Symbol = "param" || scan.Symbol = "set" || scan.Symbol = "var")
            && scan.OpensLine
            && scan.LooksLikeStatement
        then
            resumeHere <- true
            failAt scan.Span $"expected ';' before this '{scan.Symbol}'" (Some "a data statement ends with ';'")

    /// Adds values to the buffer up to something else.
    let readValues () =
        while scan.Item = DataItem.Value do
            if scan.Kind = SymbolToken then
                checkForgotten ()

            buffer.Add scan.Token
            scan.Next()

    /// The items between brackets, of which the first is the current item.
    let readGroup closing shown =
        let outer = take ()
        let first = scan.Start
        scan.Next()
        readValues ()

        if scan.Item = DataItem.EndOfFile then
            raise (
                SyntaxError(
                    Diagnostics.error
                        "unterminated"
                        $"this '{source.Text[first]}' is never closed"
                        (scan.SpanOf(first, first + 1))
                )
            )

        if scan.Item <> closing then
            fail $"{shown} or a subscript"

        scan.Next()
        let group = take ()
        buffer.AddRange outer
        group

    let isTransposed (group: DataToken[]) =
        group.Length = 1 && group[0].Kind = SymbolToken && group[0].Text = "tr"

    let hasStar (group: DataToken[]) =
        Array.Exists(group, (fun token -> token.Kind = StarToken))

    /// Values, tuples in parentheses among them.
    let readTuples () =
        readValues ()

        while scan.Item = DataItem.LeftParen do
            let group = readGroup DataItem.RightParen "')'"
            buffer.AddRange group
            readValues ()

    /// The pieces of one set's or parameter's data, up to the semicolon.
    let readChunks (isSet: bool) : DataChunk list =
        let chunks = ResizeArray<DataChunk>()
        let mutable transposed = false
        // the columns of the table being read; null in a list
        let mutable columns: DataToken[] | null = null

        let flush () =
            match columns with
            | null ->
                if buffer.Count > 0 then
                    chunks.Add(List(take ()))
            | heads ->
                chunks.Add(DataChunk.Table(transposed, heads, take ()))
                columns <- null
                transposed <- false

        while scan.Item <> DataItem.Semicolon do
            match scan.Item with
            | DataItem.Value -> readValues ()
            | DataItem.LeftParen ->
                let group = readGroup DataItem.RightParen "')'"

                if isTransposed group && (scan.Item = DataItem.Colon || not isSet) then
                    flush ()
                    transposed <- true
                elif hasStar group then
                    flush ()
                    chunks.Add(Template group)
                else
                    // a tuple written with parentheses
                    buffer.AddRange group
            | DataItem.LeftBracket ->
                flush ()
                let group = readGroup DataItem.RightBracket "']'"

                if isTransposed group && scan.Item = DataItem.Colon then
                    transposed <- true
                else
                    chunks.Add(Template group)
            | DataItem.Assign when buffer.Count = 0 && isNull columns -> scan.Next()
            | DataItem.Colon ->
                flush ()
                scan.Next()
                readTuples ()

                if scan.Item <> DataItem.Assign then
                    fail "':=' after the columns of the table"

                scan.Next()
                columns <- take ()
            | _ -> fail "a value or ';'"

        flush ()
        List.ofSeq chunks

    /// `param: S: p q := …` from the first colon on: one table for several parameters.
    let readSeveral defaultValue (transposed: bool) =
        scan.Next()

        let names () =
            readValues ()

            for token in buffer do
                if token.Kind <> SymbolToken then
                    failAt (scan.SpanOf(token.Start, token.End)) "expected the name of a parameter" None

            [ for token in take () -> token.Text, scan.SpanOf(token.Start, token.End) ]

        let first = names ()

        let set, columns =
            if scan.Item = DataItem.Colon then
                match first with
                | [ one ] ->
                    scan.Next()
                    Some one, names ()
                | [] -> fail "the name of a set or parameter"
                | _ -> failAt scan.Span "expected one set before the second ':'" (Some "param: SET: p q := …")
            else
                None, first

        if scan.Item <> DataItem.Assign then
            fail "':=' after the names of the parameters"

        scan.Next()
        let width = columns.Length

        /// Rows below a template get the subscripts that it fixes.
        let expand (template: DataToken[]) (tokens: DataToken[]) =
            let free = Array.FindAll(template, (fun token -> token.Kind = StarToken)).Length
            let row = free + width

            if row = 0 || tokens.Length % row <> 0 then
                failAt
                    (scan.SpanOf(template[0].Start, template[template.Length - 1].End))
                    $"the rows of this template have {row} items each, and {tokens.Length} items follow"
                    None

            let mutable at = 0

            while at < tokens.Length do
                for part in template do
                    if part.Kind = StarToken then
                        buffer.Add tokens[at]
                        at <- at + 1
                    else
                        buffer.Add part

                for _ in 1..width do
                    buffer.Add tokens[at]
                    at <- at + 1

        let mutable reading = true

        while reading do
            match scan.Item with
            | DataItem.Value -> readValues ()
            | DataItem.LeftParen ->
                let group = readGroup DataItem.RightParen "')'"
                buffer.AddRange group
            | DataItem.LeftBracket ->
                let template = readGroup DataItem.RightBracket "']'"
                let before = take ()
                readValues ()
                let rows = take ()
                buffer.AddRange before
                expand template rows
            | DataItem.Semicolon -> reading <- false
            | _ -> fail "a value or ';'"

        DataParams(set, columns, defaultValue, transposed, take ())

    /// The name and its place.
    let readName what =
        if scan.Item <> DataItem.Value || scan.Kind <> SymbolToken then
            fail $"the name of a {what}"

        let name = scan.Symbol
        let span = scan.Span
        scan.Next()
        struct (name, span)

    let readDefault () =
        if scan.Item = DataItem.Value && scan.Symbol = "default" && not scan.Quoted then
            scan.Next()

            if scan.Item <> DataItem.Value then
                fail "a value after 'default'"

            let value = scan.Token
            scan.Next()
            Some value
        else
            None

    let readTransposition () =
        if scan.Item = DataItem.LeftParen then
            let group = readGroup DataItem.RightParen "')'"

            if not (isTransposed group) then
                failAt
                    (scan.SpanOf(group[0].Start, group[group.Length - 1].End))
                    "expected '(tr)' or the name of a parameter"
                    None

            true
        else
            false

    let readSet () =
        let struct (name, span) = readName "set"

        let subscript =
            if scan.Item = DataItem.LeftBracket then
                readGroup DataItem.RightBracket "']'"
            else
                [||]

        DataSet(name, span, subscript, readChunks true)

    let readParam isVariable =
        let before = readDefault ()
        let transposed = readTransposition ()

        if scan.Item = DataItem.Colon then
            readSeveral before transposed
        else
            let struct (name, span) = readName (if isVariable then "variable" else "parameter")
            let defaultValue = readDefault ()

            let chunks =
                match defaultValue, scan.Item with
                | None, DataItem.Semicolon -> fail "':=' and the values"
                | _ -> readChunks false

            if isVariable then
                DataVar(name, span, defaultValue, chunks)
            else
                DataParam(name, span, defaultValue, chunks)

    /// Behind the next semicolon.
    let recover () =
        let mutable searching = not resumeHere
        buffer.Clear()

        while searching do
            try
                match scan.Item with
                | DataItem.Semicolon
                | DataItem.EndOfFile -> searching <- false
                | DataItem.Value when
                    not scan.Quoted
                    && scan.Kind = SymbolToken
                    && scan.Start > statementStart
                    && (scan.Symbol = "param" || scan.Symbol = "set")
                    && scan.OpensLine
                    ->
                    searching <- false
                    resumeHere <- true
                | _ -> scan.Next()
            with SyntaxError _ ->
                // already behind what could not be read
                scan.Next()

    /// The raw file name behind `include` or `data`.
    let readFileName () =
        if scan.Quoted then
            scan.Symbol, scan.Span
        else
            let text = source.Text
            let mutable stop = scan.Start

            while stop < text.Length && not (Char.IsWhiteSpace text[stop]) && text[stop] <> ';' do
                stop <- stop + 1

            scan.Restart stop
            text.Substring(scan.Start, stop - scan.Start), scan.SpanOf(scan.Start, stop)

    /// Whether a word ends data mode: it begins a statement of the model or a command.
    let endsData (word: string) =
        let index = session.Symbols.IndexOf(word.AsSpan())
        let known = index < Words.names.Length && Words.mayBeginStatement (enum<Word> index)
        let ahead = scan.CharacterAhead
        known || ahead = ':' || ahead = '{' || word = "s.t."

    let data statement : Statement =
        { Kind = Data statement
          Span = scan.SpanOf(statementStart, scan.Stop) }

    let finish what =
        if scan.Item <> DataItem.Semicolon then
            fail $"';' after {what}"

    /// Reads statements into the list until another file or the end of the data.
    member _.Read(into: ResizeArray<Statement>) : DataEnd =
        let mutable result = ValueNone

        while result.IsNone do
            try
                if resumeHere then
                    resumeHere <- false
                else
                    scan.Next()

                statementStart <- scan.Start

                match scan.Item with
                | DataItem.EndOfFile -> result <- ValueSome(DataEnd.Model source.Text.Length)
                | DataItem.Semicolon -> ()
                | DataItem.Value when scan.Kind = SymbolToken && not scan.Quoted ->
                    let word = scan.Symbol

                    match word with
                    | "set" ->
                        scan.Next()
                        into.Add(data (readSet ()))
                        finish "the set"
                    | "param" ->
                        scan.Next()
                        into.Add(data (readParam false))
                        finish "the parameter"
                    | "var" ->
                        scan.Next()

                        if
                            scan.Item = DataItem.Colon
                            || scan.Item = DataItem.Value
                               && scan.Kind = SymbolToken
                               && (session.Declared.Contains scan.Symbol || scan.CharacterAhead = ':' && not scan.AssignmentAhead)
                        then
                            into.Add(data (readParam true))
                            finish "the variable"
                        else
                            // a declaration: model mode begins before `var`
                            result <- ValueSome(DataEnd.Model statementStart)
                    | "model"
                    | "end" when scan.CharacterAhead = ';' ->
                        scan.Next()
                        result <- ValueSome(DataEnd.Model scan.Stop)
                    | "data"
                    | "include" when scan.CharacterAhead <> ':' && scan.CharacterAhead <> '{' ->
                        scan.Next()

                        if scan.Item = DataItem.Value then
                            let file, span = readFileName ()
                            result <- ValueSome(DataEnd.Include((if word = "data" then "data" else "include-data"), file, span))
                        elif word = "include" then
                            fail "a file name"
                    | _ when endsData word -> result <- ValueSome(DataEnd.Model statementStart)
                    | _ ->
                        let hint =
                            match Suggest.nearest [ "set"; "param"; "var"; "model"; "end" ] word with
                            | Some near -> Some $"did you mean '{near}'?"
                            | None -> Some "'model;' ends the data"

                        failAt scan.Span $"'{word}' does not begin a data statement" hint
                | _ -> fail "a data statement, 'set' or 'param'"
            with SyntaxError d ->
                session.Report d
                recover ()

                if scan.Item = DataItem.EndOfFile then
                    result <- ValueSome(DataEnd.Model source.Text.Length)

        result.Value
