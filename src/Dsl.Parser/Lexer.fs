namespace Optc.Parser

open System
open System.Text
open FParsec

type internal Token =
    | EndOfFile = 0
    | Identifier = 1
    | Number = 2
    | Text = 3
    | LeftParen = 4
    | RightParen = 5
    | LeftBracket = 6
    | RightBracket = 7
    | LeftBrace = 8
    | RightBrace = 9
    | Comma = 10
    | Semicolon = 11
    | Colon = 12
    | Assign = 13
    | Point = 14
    | Range = 15
    | Plus = 16
    | Minus = 17
    | Star = 18
    | Slash = 19
    | Caret = 20
    | Less = 21
    | LessOrEqual = 22
    | Equal = 23
    | NotEqual = 24
    | GreaterOrEqual = 25
    | Greater = 26
    | DoubleLess = 27
    | DoubleGreater = 28
    | And = 29
    | Or = 30
    | Ampersand = 31
    | Not = 32
    | Tilde = 33
    | Implies = 34
    | Dollar = 35

/// Raised at an error that the statement cannot survive; caught where statements are listed.
exception internal SyntaxError of Diagnostic

/// Raised where the rest of a text is not worth reading.
exception internal Abandon

/// The token layer of model mode: the current token, made from FParsec's character stream on demand, so that the
/// parser can change to data mode or read a file name between two tokens.
[<Sealed>]
type internal Lexer(source: Source, symbols: SymbolTable, report: Diagnostic -> unit) =
    let text = source.Text
    let stream = new CharStream<unit>(text, 0, text.Length)

    let mutable token = Token.EndOfFile
    let mutable start = 0
    let mutable stop = 0
    let mutable previousStop = 0
    let mutable word = Word.None
    let mutable content = ""
    let mutable number = 0.0
    let mutable opensLine = true

    let span first last : Span =
        { Source = source
          Start = first
          End = last }

    let error code message first last hint =
        report (Diagnostics.create Severity.Error code message (span first last) hint)

    let at i =
        if i < text.Length then text[i] else '\000'

    let isLetter (c: char) = Char.IsAsciiLetter c || c = '_'
    let isNamePart (c: char) = Char.IsAsciiLetterOrDigit c || c = '_'

    /// To the next token, over blanks and comments. Whether a line began on the way goes to `opensLine`.
    let rec skipBlanks () =
        let line = stream.Line
        stream.SkipWhitespace() |> ignore

        if stream.Line <> line then
            opensLine <- true

        match stream.Peek() with
        | '#' ->
            stream.SkipRestOfLine(false)
            skipBlanks ()
        | '/' when stream.Peek2() = TwoChars('/', '*') ->
            let first = int stream.Index
            let mutable found = false
            stream.Skip(2)
            let line = stream.Line
            stream.SkipCharsOrNewlinesUntilString("*/", Int32.MaxValue, &found) |> ignore

            if stream.Line <> line then
                opensLine <- true

            if found then
                stream.Skip(2)
                skipBlanks ()
            else
                error "unterminated" "this comment is never closed" first (first + 2) (Some "close it with '*/'")
        // form feed, no-break space, byte order mark
        | '\012'
        | '\u00A0'
        | '\uFEFF' when not stream.IsEndOfStream ->
            stream.Skip()
            skipBlanks ()
        | _ -> ()

    let readName () =
        let mutable i = start + 1

        while isNamePart (at i) do
            i <- i + 1

        stop <- i
        token <- Token.Identifier
        let index = symbols.IndexOf(text.AsSpan(start, i - start))
        content <- symbols[index]
        word <- if index < Words.names.Length then enum<Word> index else Word.None

    let readNumber () =
        token <- Token.Number
        stop <- Numbers.scan text start &number

        if isLetter (at stop) then
            let mutable i = stop

            while isNamePart (at i) do
                i <- i + 1

            let shown = text.Substring(start, i - start)
            let digits = text.Substring(start, stop - start)
            let letters = text.Substring(stop, i - stop)
            stop <- i

            error
                "syntax"
                $"'{shown}' is neither a number nor a name"
                start
                stop
                (Some $"write {digits}*{letters} for a product; names begin with a letter")

    let readText quote =
        let built = StringBuilder()
        let mutable i = start + 1
        let mutable reading = true

        while reading do
            if i >= text.Length || text[i] = '\n' then
                // a semicolon at the end of the line most likely ends the statement
                let mutable last = i

                while Char.IsWhiteSpace text[last - 1] do
                    last <- last - 1

                if text[last - 1] = ';' then
                    built.Length <- built.Length - (i - last + 1)
                    i <- last - 1

                error "unterminated" "this string is not closed on its line" start i (Some $"close it with {quote}")
                reading <- false
            elif text[i] = quote && at (i + 1) = quote then
                built.Append quote |> ignore
                i <- i + 2
            elif text[i] = quote then
                i <- i + 1
                reading <- false
            elif text[i] = '\\' && at (i + 1) = '\n' then
                i <- i + 2
            else
                built.Append text[i] |> ignore
                i <- i + 1

        token <- Token.Text
        content <- built.ToString()
        stop <- i

    let unexpected (c: char) =
        if Char.IsControl c || c = '\uFFFD' then
            error
                "not-text"
                $"unexpected character U+%04X{int c}: this does not look like a text file"
                start
                (start + 1)
                None

            raise Abandon

        let hint =
            match c with
            | '\u2018'
            | '\u2019'
            | '\u201C'
            | '\u201D' -> Some "write strings in plain quotes, ' or \""
            | '\u2264' -> Some "write <="
            | '\u2265' -> Some "write >="
            | '\u2212'
            | '\u2013' -> Some "write - for minus"
            | '\u00D7' -> Some "write * for a product"
            | _ when Char.IsLetter c -> Some "names are made of the letters A-Z, a-z, digits and _"
            | _ -> None

        raise (SyntaxError(Diagnostics.create Severity.Error "syntax" $"unexpected character '{c}'" (span start (start + 1)) hint))

    let punctuation kind length =
        token <- kind
        stop <- start + length

    let readPunctuation c =
        let second = at (start + 1)

        match c with
        | '(' -> punctuation Token.LeftParen 1
        | ')' -> punctuation Token.RightParen 1
        | '[' -> punctuation Token.LeftBracket 1
        | ']' -> punctuation Token.RightBracket 1
        | '{' -> punctuation Token.LeftBrace 1
        | '}' -> punctuation Token.RightBrace 1
        | ',' -> punctuation Token.Comma 1
        | ';' -> punctuation Token.Semicolon 1
        | ':' when second = '=' -> punctuation Token.Assign 2
        | ':' -> punctuation Token.Colon 1
        | '.' when second = '.' -> punctuation Token.Range 2
        | '.' -> punctuation Token.Point 1
        | '+' -> punctuation Token.Plus 1
        | '-' -> punctuation Token.Minus 1
        | '*' when second = '*' -> punctuation Token.Caret 2
        | '*' -> punctuation Token.Star 1
        | '/' -> punctuation Token.Slash 1
        | '^' -> punctuation Token.Caret 1
        | '<' when second = '=' && at (start + 2) = '=' && at (start + 3) = '>' -> punctuation Token.Implies 4
        | '<' when second = '=' -> punctuation Token.LessOrEqual 2
        | '<' when second = '>' -> punctuation Token.NotEqual 2
        | '<' when second = '<' -> punctuation Token.DoubleLess 2
        | '<' -> punctuation Token.Less 1
        | '=' when second = '=' && at (start + 2) = '>' -> punctuation Token.Implies 3
        | '=' when second = '=' -> punctuation Token.Equal 2
        | '=' -> punctuation Token.Equal 1
        | '!' when second = '=' -> punctuation Token.NotEqual 2
        | '!' -> punctuation Token.Not 1
        | '>' when second = '=' -> punctuation Token.GreaterOrEqual 2
        | '>' when second = '>' -> punctuation Token.DoubleGreater 2
        | '>' -> punctuation Token.Greater 1
        | '&' when second = '&' -> punctuation Token.And 2
        | '&' -> punctuation Token.Ampersand 1
        | '|' when second = '|' -> punctuation Token.Or 2
        | '~' -> punctuation Token.Tilde 1
        | '$' -> punctuation Token.Dollar 1
        | _ ->
            // so that recovery goes on behind it
            stop <- start + 1
            stream.Seek(int64 stop)
            unexpected c

    let next () =
        previousStop <- stop
        opensLine <- start = 0 && stop = 0
        skipBlanks ()
        start <- int stream.Index
        content <- ""
        word <- Word.None

        // 26 (Ctrl-Z) ended files once
        if stream.IsEndOfStream || text[start] = '\026' then
            token <- Token.EndOfFile
            stop <- start
        else
            let c = text[start]

            if isLetter c then readName ()
            elif Char.IsAsciiDigit c || c = '.' && Char.IsAsciiDigit(at (start + 1)) then readNumber ()
            elif c = '\'' || c = '"' then readText c
            else readPunctuation c

            stream.Skip(stop - start)

    member _.Token = token
    member _.Start = start
    member _.Stop = stop
    /// The end of the token before this one.
    member _.PreviousStop = previousStop
    /// The word of a name token, Word.None if it means nothing to the parser.
    member _.Word = word
    /// The text of a name, the content of a string.
    member _.Content = content
    member _.Number = number
    /// Whether no token stands before this one on its line.
    member _.OpensLine = opensLine

    /// Moves to the next token.
    member _.Next() = next ()

    /// Goes on at the given character.
    member _.Restart(offset: int) =
        stream.Seek(int64 offset)
        stop <- offset
        next ()

    /// Looks at the token after this one and comes back.
    member _.LookAhead() =
        let kept = struct (token, start, stop, previousStop, word)
        let keptContent = content
        let keptNumber = number
        let keptOpens = opensLine
        let index = stream.Index
        let ahead =
            try
                next ()
                struct (token, word)
            with SyntaxError _ ->
                struct (Token.EndOfFile, Word.None)

        let struct (t, s, e, p, w) = kept
        token <- t
        start <- s
        stop <- e
        previousStop <- p
        word <- w
        content <- keptContent
        number <- keptNumber
        opensLine <- keptOpens
        stream.Seek index
        ahead

    interface IDisposable with
        member _.Dispose() = stream.Dispose()
