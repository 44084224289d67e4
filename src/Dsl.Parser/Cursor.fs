namespace Optc.Parser

open System
open System.Collections.Generic
open System.Runtime.ExceptionServices
open System.Threading

/// What the texts of one program share.
[<Sealed>]
type internal Session(openFile: string -> Result<Source, string>) =
    let diagnostics = ResizeArray<Diagnostic>()
    let mutable errors = 0

    /// Errors beyond these are not worth showing.
    static member MaxErrors = 20

    member val Symbols = SymbolTable(Words.names)
    /// Names that the model declares: they win over contextual keywords.
    member val Declared = HashSet<string>()
    member val Sources = ResizeArray<Source>()
    /// Names of the files being read, the including ones before the included.
    member val Open = Stack<string>()
    member _.OpenFile = openFile
    member _.Diagnostics = diagnostics
    member _.Errors = errors

    /// Adds a diagnostic unless one of the same weight stands at the same place; gives up at too many errors.
    member _.Report(diagnostic: Diagnostic) =
        let same (other: Diagnostic) =
            other.Severity = diagnostic.Severity
            && obj.ReferenceEquals(other.Span.Source, diagnostic.Span.Source)
            && other.Span.Start = diagnostic.Span.Start

        // the same refusal again and again says nothing new
        let repeated =
            diagnostic.Code = "unsupported"
            && diagnostics.FindAll(fun other -> other.Code = "unsupported" && other.Message = diagnostic.Message).Count
               >= 3

        if not (repeated || diagnostics.Exists same) then
            diagnostics.Add diagnostic

            if diagnostic.Severity = Error then
                errors <- errors + 1

                if errors = Session.MaxErrors then
                    diagnostics.Add(
                        Diagnostics.create
                            Note
                            "too-many-errors"
                            $"stopped after {Session.MaxErrors} errors"
                            diagnostic.Span
                            None
                    )

                    raise Abandon

    /// Adds a warning unless one with its code was given before.
    member this.WarnOnce(code: string, message: string, span: Span) =
        if not (diagnostics.Exists(fun other -> other.Code = code)) then
            this.Report(Diagnostics.create Warning code message span None)

/// The state of the parser within one text: the current token, open brackets, nesting, and the means to fail.
[<Sealed>]
type internal Cursor(source: Source, session: Session) =
    let lexer = new Lexer(source, session.Symbols, session.Report)
    let brackets = Stack<int>()
    let mutable depth = 0
    let mutable onBigStack = false
    let mutable statementStart = 0

    /// Levels that the stack of any thread will hold; deeper ones move to a thread with a large stack.
    static let safeDepth = 80
    static let bigStack = 256 * 1024 * 1024

    static member MaxDepth = 1000

    member _.Source = source
    member _.Session = session
    member _.Lexer = lexer
    member _.Token = lexer.Token
    member _.Word = lexer.Word
    member _.Start = lexer.Start
    member _.Next() = lexer.Next()

    member _.Span(first: int, last: int) : Span =
        { Source = source
          Start = first
          End = last }

    /// From a character to the end of the token before the current one.
    member this.SpanFrom(first: int) = this.Span(first, max first lexer.PreviousStop)

    member this.TokenSpan = this.Span(lexer.Start, lexer.Stop)

    /// Where the statement that is being read begins.
    member _.StatementStart
        with get () = statementStart
        and set value = statementStart <- value

    // ---- failing

    member _.FailAt(span: Span, code: string, message: string, hint: string option) : 'a =
        raise (SyntaxError(Diagnostics.create Error code message span hint))

    /// The current token as an error message names it.
    member _.Found =
        match lexer.Token with
        | Token.EndOfFile -> "the end of the file"
        | Token.Text -> "a string"
        | Token.Number -> $"the number {source.Text.Substring(lexer.Start, lexer.Stop - lexer.Start)}"
        | Token.Identifier when Words.isReserved lexer.Word -> $"the keyword '{lexer.Content}'"
        | _ -> $"'{source.Text.Substring(lexer.Start, lexer.Stop - lexer.Start)}'"

    /// Fails at the current token. At the end of the file the error is at what was left open.
    member this.Fail(expected: string, hint: string option) : 'a =
        if lexer.Token = Token.EndOfFile && brackets.Count > 0 then
            let opened = brackets.Peek()

            this.FailAt(
                this.Span(opened, opened + 1),
                "unterminated",
                $"this '{source.Text[opened]}' is never closed",
                Some $"the file ends where {expected} was expected"
            )
        elif lexer.Token = Token.EndOfFile then
            this.FailAt(
                this.Span(statementStart, max (statementStart + 1) lexer.PreviousStop),
                "unterminated",
                $"the file ends within this statement: expected {expected}",
                hint
            )
        else
            let hint =
                if hint.IsNone && lexer.Token = Token.LeftBrace && lexer.PreviousStop > 0 then
                    // `sun {i in I}`: the word before the brace may be meant as an operator
                    let last = lexer.PreviousStop
                    let mutable first = last

                    while first > 0
                          && (Char.IsAsciiLetterOrDigit source.Text[first - 1] || source.Text[first - 1] = '_') do
                        first <- first - 1

                    let word = source.Text.Substring(first, last - first)

                    if Array.contains word Words.constraintProgramming then
                        Some $"'{word}' of constraint programming is not supported"
                    else
                        Suggest.nearest Words.iterated word
                        |> Option.map (fun name -> $"did you mean '{name}'?")
                elif hint.IsNone && lexer.Token = Token.Implies then
                    Some "logical constraints are not supported; use if … then … else or a binary variable"
                else
                    hint

            this.FailAt(this.TokenSpan, "syntax", $"expected {expected}, found {this.Found}", hint)

    member this.Fail(expected: string) : 'a = this.Fail(expected, None)

    member this.Refuse(span: Span, what: string, instead: string) : 'a =
        this.FailAt(span, "unsupported", what, Some instead)

    // ---- tokens

    member this.Expect(token: Token, expected: string) =
        if lexer.Token = token then lexer.Next() else this.Fail expected

    member _.Accept(token: Token) =
        if lexer.Token = token then
            lexer.Next()
            true
        else
            false

    member _.AcceptWord(word: Word) =
        if lexer.Word = word then
            lexer.Next()
            true
        else
            false

    /// Enters a bracket, whose token is the current one.
    member this.OpenBracket() =
        brackets.Push lexer.Start
        this.Deeper()
        lexer.Next()

    /// Leaves a bracket.
    member this.CloseBracket(token: Token, expected: string) =
        if lexer.Token <> token then
            this.FailToClose expected

        brackets.Pop() |> ignore
        depth <- depth - 1
        lexer.Next()

    member this.FailToClose(expected: string) : unit =
        let opened = brackets.Peek()
        let struct (line, column) = source.Position opened
        let struct (here, _) = source.Position lexer.Start

        let hint =
            if line <> here then
                Some $"the '{source.Text[opened]}' of line {line}, column {column} is still open"
            else
                None

        this.Fail(expected, hint)

    /// One level of nesting more; too many are an error.
    member this.Deeper() =
        depth <- depth + 1

        if depth > Cursor.MaxDepth then
            this.FailAt(
                this.TokenSpan,
                "nesting",
                $"nesting is deeper than {Cursor.MaxDepth} levels",
                Some "give inner parts a name: var y = …; or param p := …;"
            )

    member _.Shallower() = depth <- depth - 1

    /// Whether the nesting asks for a larger stack than the caller's.
    member _.NeedsBigStack = depth > safeDepth && not onBigStack

    /// Runs on a thread with a large stack and waits for it.
    member _.OnBigStack(work: unit -> 'a) : 'a =
        let result = ref Unchecked.defaultof<'a>
        let failure = ref (null: ExceptionDispatchInfo | null)

        let run () =
            try
                result.Value <- work ()
            with e ->
                failure.Value <- ExceptionDispatchInfo.Capture e

        let thread = Thread(run, bigStack)
        onBigStack <- true
        thread.Start()
        thread.Join()
        onBigStack <- false

        match failure.Value with
        | null -> result.Value
        | thrown ->
            thrown.Throw()
            result.Value

    // ---- recovery

    /// What to restore after an error.
    member _.Nesting = struct (brackets.Count, depth)

    /// Braces that were opened since the given nesting and are still open.
    member _.OpenBraces(struct (open', _: int)) =
        let mutable count = 0
        let mutable above = brackets.Count - open'

        for start in brackets do
            if above > 0 && source.Text[start] = '{' then
                count <- count + 1

            above <- above - 1

        count

    member _.RestoreNesting(struct (open', level)) =
        while brackets.Count > open' do
            brackets.Pop() |> ignore

        depth <- level

    interface IDisposable with
        member _.Dispose() = (lexer :> IDisposable).Dispose()
