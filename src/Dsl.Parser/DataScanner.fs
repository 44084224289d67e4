namespace Optc.Parser

open System

/// What the scanner of data mode met.
type internal DataItem =
    | EndOfFile = 0
    /// A value: number, symbol, missing or star; see Value
    | Value = 1
    | Semicolon = 2
    | Colon = 3
    | Assign = 4
    | LeftParen = 5
    | RightParen = 6
    | LeftBracket = 7
    | RightBracket = 8

/// The scanner of data mode, straight over the text: one pass, and nothing allocated but the first occurrence of
/// each symbol. Commas are blanks.
[<Sealed>]
type internal DataScanner(source: Source, session: Session, offset: int) =
    // null stands in the tokens that are no symbols
    let noSymbol = Unchecked.defaultof<string>
    let text = source.Text
    let symbols = session.Symbols
    let mutable at = offset
    let mutable start = offset
    let mutable stop = offset
    let mutable item = DataItem.EndOfFile
    let mutable kind = SymbolToken
    let mutable number = 0.0
    let mutable symbol = noSymbol
    let mutable quoted = false

    static let symbolChars =
        Array.init 128 (fun i -> Char.IsAsciiLetterOrDigit(char i) || "_.+-/%@&$^~|?!\\".Contains(char i))

    let span first last : Span =
        { Source = source
          Start = first
          End = last }

    let fail code message first last hint =
        raise (SyntaxError(Diagnostics.create Error code message (span first last) hint))

    let isSymbolChar (c: char) =
        if c < '\128' then symbolChars[int c] else Char.IsLetterOrDigit c

    let isDigit (c: char) = uint32 c - uint32 '0' <= 9u

    let peek i =
        if i < text.Length then text[i] else '\000'

    let skipBlanks () =
        let mutable skipping = true

        while skipping do
            if at >= text.Length then
                skipping <- false
            else
                let c = text[at]

                if c = ' ' || c = '\n' || c = ',' || c = '\t' || c = '\r' then
                    at <- at + 1
                elif c = '#' then
                    let ending = text.IndexOf('\n', at)
                    at <- if ending < 0 then text.Length else ending
                elif c = '/' && peek (at + 1) = '*' then
                    let ending = text.IndexOf("*/", at + 2, StringComparison.Ordinal)

                    if ending < 0 then
                        let first = at
                        at <- text.Length
                        fail "unterminated" "this comment is never closed" first (first + 2) (Some "close it with '*/'")

                    at <- ending + 2
                elif c = '\012' || c = '\u00A0' || c = '\uFEFF' then
                    at <- at + 1
                else
                    skipping <- false

    let single found =
        item <- found
        at <- at + 1

    let readQuoted quote =
        let mutable i = at + 1
        let mutable doubled = false
        let mutable reading = true

        while reading do
            if i >= text.Length || text[i] = '\n' then
                let first = at
                at <- i
                fail "unterminated" "this string is not closed on its line" first i (Some $"close it with {quote}")
            elif text[i] <> quote then
                i <- i + 1
            elif peek (i + 1) = quote then
                doubled <- true
                i <- i + 2
            else
                reading <- false

        let content = text.AsSpan(at + 1, i - at - 1)

        symbol <-
            if doubled then
                let q = string quote
                symbols.Intern(content.ToString().Replace(q + q, q).AsSpan())
            else
                symbols.Intern content

        kind <- SymbolToken
        quoted <- true
        at <- i + 1

    let readWord () =
        let mutable i = at
        let first = text[at]
        let signed = first = '-' || first = '+'
        let digits = if signed then at + 1 else at
        kind <- SymbolToken
        quoted <- false

        if isDigit (peek digits) || peek digits = '.' && isDigit (peek (digits + 1)) then
            let ending = Numbers.scan text digits &number

            if ending >= text.Length || not (isSymbolChar text[ending]) || text[ending] = '/' && peek (ending + 1) = '*' then
                kind <- NumberToken
                symbol <- noSymbol

                if first = '-' then
                    number <- -number

                i <- ending

        if kind = SymbolToken then
            while i < text.Length && isSymbolChar text[i] && not (text[i] = '/' && peek (i + 1) = '*') do
                i <- i + 1

            let length = i - at

            if length = 1 && first = '.' then
                kind <- MissingToken
                symbol <- noSymbol
            else
                let word = text.AsSpan(at, length)

                if word.EndsWith("Infinity".AsSpan()) && (length = 8 || length = 9 && signed) then
                    kind <- NumberToken
                    symbol <- noSymbol
                    number <- if first = '-' then Double.NegativeInfinity else Double.PositiveInfinity
                else
                    if isDigit first && word.IndexOf("..".AsSpan()) > 0 then
                        let stop = i
                        let first = at
                        at <- i

                        fail
                            "syntax"
                            "a range cannot stand in data"
                            first
                            stop
                            (Some "list the members, or define the set in the model: set S := 1..n;")

                    symbol <- symbols.Intern word

        at <- i

    let next () =
        skipBlanks ()
        start <- at

        if at >= text.Length || text[at] = '\026' then
            item <- DataItem.EndOfFile
        else
            let c = text[at]

            if isSymbolChar c then
                item <- DataItem.Value
                readWord ()
            else
                match c with
                | ';' -> single DataItem.Semicolon
                | ':' when peek (at + 1) = '=' ->
                    item <- DataItem.Assign
                    at <- at + 2
                | ':' -> single DataItem.Colon
                // `set S = 1 2 3;`, as older models write
                | '=' -> single DataItem.Assign
                | '(' -> single DataItem.LeftParen
                | ')' -> single DataItem.RightParen
                | '[' -> single DataItem.LeftBracket
                | ']' -> single DataItem.RightBracket
                | '*' ->
                    kind <- StarToken
                    symbol <- noSymbol
                    single DataItem.Value
                | '\''
                | '"' ->
                    item <- DataItem.Value
                    readQuoted c
                | _ ->
                    at <- at + 1

                    if Char.IsControl c || c = '\uFFFD' then
                        session.Report(
                            Diagnostics.error
                                "not-text"
                                $"unexpected character U+%04X{int c}: this does not look like a text file"
                                (span start at)
                        )

                        raise Abandon

                    let hint =
                        if c = '{' then
                            Some "definitions belong to model mode; 'model;' ends the data"
                        else
                            Some "put symbols with such characters in quotes"

                    fail "syntax" $"unexpected character '{c}' in data" start at hint

        stop <- at

    member _.Item = item
    member _.Kind = kind
    /// The interned text of a symbol.
    member _.Symbol = symbol
    member _.Quoted = quoted
    member _.Start = start
    member _.Stop = stop
    member _.Next() = next ()

    member _.Token: DataToken =
        { Kind = kind
          Number = (if kind = NumberToken then number else 0.0)
          Text = symbol
          Start = start
          End = stop }

    member _.Span = span start stop
    member _.SpanOf(first, last) = span first last

    /// Whether nothing but blanks stands before the current item on its line.
    member _.OpensLine =
        let mutable i = start - 1

        while i >= 0 && (text[i] = ' ' || text[i] = '\t' || text[i] = '\r') do
            i <- i - 1

        i < 0 || text[i] = '\n' || i = offset - 1 || text[i] = ';'

    /// The first character after the current item that is no blank.
    member _.CharacterAhead =
        let mutable i = at

        while i < text.Length && Char.IsWhiteSpace text[i] do
            i <- i + 1

        peek i

    /// Whether `:=` comes next.
    member this.AssignmentAhead =
        let mutable i = at

        while i < text.Length && Char.IsWhiteSpace text[i] do
            i <- i + 1

        peek i = ':' && peek (i + 1) = '='

    /// Whether the unquoted word at hand is followed by what makes it a data statement: `param p :=`, `param:`.
    member _.LooksLikeStatement =
        let skip i =
            let mutable j = i

            while j < text.Length && Char.IsWhiteSpace text[j] do
                j <- j + 1

            j

        let name = skip at

        if peek name = ':' then
            true
        else
            let mutable i = name

            while i < text.Length && (Char.IsAsciiLetterOrDigit text[i] || text[i] = '_') do
                i <- i + 1

            let behind = skip i

            i > name
            && (peek behind = ':'
                || peek behind = '['
                || String.CompareOrdinal(text, behind, "default", 0, 7) = 0)

    /// What was found, for messages.
    member _.Found =
        match item with
        | DataItem.EndOfFile -> "the end of the file"
        | _ -> $"'{text.Substring(start, stop - start)}'"

    /// Goes on at a place.
    member _.Restart(offset: int) = at <- offset
