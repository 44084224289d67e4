/// Lists of statements: what each begins with, recovery after errors, and changes between model and data mode.
module internal Optc.Parser.Statements

open System
open System.IO
open Optc.Parser.Declarations

/// To the place where the next statement may begin: behind the next semicolon (one in braces that were opened
/// after the error does not count), or at a declaration that opens a line. `owed` braces were open at the error;
/// a closing brace beyond them belongs to the surrounding list and is left alone.
let private recover (p: Cursor) (owed: int) =
    let mutable depth = 0
    let mutable owed = owed
    let mutable searching = true
    let mutable first = true

    while searching do
        try
            match p.Token with
            | Token.EndOfFile -> searching <- false
            | Token.Semicolon when depth = 0 ->
                p.Next()
                searching <- false
            | Token.LeftBrace ->
                depth <- depth + 1
                p.Next()
            | Token.RightBrace when depth > 0 ->
                depth <- depth - 1
                p.Next()
            | Token.RightBrace when owed > 0 ->
                owed <- owed - 1
                p.Next()
            | Token.RightBrace -> searching <- false
            | _ when p.Lexer.OpensLine && Words.beginsDeclaration p.Word -> searching <- false
            | _ when p.Lexer.OpensLine && not first && depth = 0 && Words.mayBeginStatement p.Word ->
                let struct (ahead, _) = p.Lexer.LookAhead()

                if ahead = Token.Identifier || ahead = Token.Semicolon then
                    searching <- false
                else
                    p.Next()
            | _ -> p.Next()

            first <- false
        with SyntaxError _ ->
            // an unknown character on the way: already behind it
            ()

/// Whether the current name begins a constraint without keyword: `name:`, `name {i in I}:`.
let private beginsConstraint (p: Cursor) =
    let struct (ahead, _) = p.Lexer.LookAhead()
    ahead = Token.Colon || ahead = Token.LeftBrace

/// Reads the raw file name after `include`, `model` or `data`, up to a blank or the semicolon.
let private fileName (p: Cursor) =
    match p.Token with
    | Token.Text ->
        let name = p.Lexer.Content
        let span = p.TokenSpan
        p.Next()
        struct (name, span)
    | Token.EndOfFile
    | Token.Semicolon -> p.Fail "a file name"
    | _ ->
        let text = p.Source.Text
        let start = p.Start
        let mutable stop = start

        while stop < text.Length && not (Char.IsWhiteSpace text[stop]) && text[stop] <> ';' do
            stop <- stop + 1

        p.Lexer.Restart stop
        struct (text.Substring(start, stop - start), p.Span(start, stop))

/// Files that may be open at once: links in folders can hide a cycle from the comparison of names.
[<Literal>]
let private maxIncludes = 100

/// A whole text, appended to the statements.
let rec parseSource (session: Session) (source: Source) (inData: bool) (into: ResizeArray<Statement>) =
    session.Sources.Add source
    session.Open.Push source.Name
    use p = new Cursor(source, session)

    try
        if inData then
            readData p 0 into
        else
            try
                p.Next()
            with SyntaxError d ->
                session.Report d
                recover p 0

        let mutable reading = p.Token <> Token.EndOfFile

        while reading do
            list p into Word.None |> ignore

            if p.Token = Token.RightBrace then
                session.Report(Diagnostics.error "syntax" "this '}' closes nothing" p.TokenSpan)
                p.Next()

            reading <- p.Token <> Token.EndOfFile
    finally
        session.Open.Pop() |> ignore

/// Goes on in data mode at the given place, and afterwards in model mode at the first token behind the data.
and private readData (p: Cursor) (offset: int) (into: ResizeArray<Statement>) =
    let data = DataReader(p.Source, p.Session, offset)
    let mutable reading = true

    while reading do
        match data.Read into with
        | DataEnd.Include(kind, file, span) ->
            openFile p kind file span into
        | DataEnd.Model place ->
            reading <- false

            try
                p.Lexer.Restart place
            with SyntaxError d ->
                p.Session.Report d
                recover p 0

/// Reads another file in place of the statement that names it.
and private openFile (p: Cursor) kind (file: string) span into =
    let session = p.Session

    let path =
        match Path.GetDirectoryName p.Source.Name with
        | null
        | "" -> file
        | folder -> Path.Combine(folder, file)

    let sameFile (other: string) =
        other = path
        || other <> "" && not (path.Contains '\000') && Path.GetFullPath other = Path.GetFullPath path

    if Seq.exists sameFile session.Open || session.Open.Count >= maxIncludes then
        let chain = String.Join(" -> ", Seq.append (Seq.rev session.Open) [ path ])
        session.Report(Diagnostics.create Error "include-cycle" $"'{file}' includes itself" span (Some chain))
    else
        let opened =
            try
                session.OpenFile path
            with e ->
                Result.Error e.Message

        match opened with
        | Result.Ok source -> parseSource session source (kind <> "include" && kind <> "model") into
        | Result.Error reason ->
            session.Report(Diagnostics.create Error "cannot-open" $"cannot open '{file}': {reason}" span None)

/// Statements up to the end of the file, a closing brace, or the given word. Errors are reported, and what
/// follows them is read on. Tells whether the word was found.
and private list (p: Cursor) (into: ResizeArray<Statement>) (until: Word) : bool =
    let mutable reading = true
    let mutable found = false

    while reading do
        let nesting = p.Nesting

        if p.Token = Token.EndOfFile || p.Token = Token.RightBrace then
            reading <- false
        elif until <> Word.None && p.Word = until && not (beginsConstraint p) then
            reading <- false
            found <- true
        else
            try
                p.StatementStart <- p.Start

                if p.NeedsBigStack then
                    p.OnBigStack(fun () -> statement p into)
                else
                    statement p into
            with SyntaxError d ->
                let owed = p.OpenBraces nesting
                p.RestoreNesting nesting
                p.Session.Report d
                recover p owed

    found

/// One statement and its semicolon.
and private statement (p: Cursor) (into: ResizeArray<Statement>) : unit =
    let start = p.Start
    let add kind = into.Add(Declarations.statement p start kind)

    let ended kind =
        add kind
        p.Next()

    match p.Token with
    | Token.Semicolon -> p.Next()
    | Token.Identifier ->
        match p.Word with
        | Word.Set -> ended (setDeclaration p)
        | Word.Param -> ended (paramDeclaration p)
        | Word.Var -> ended (varDeclaration p)
        | Word.Minimize -> ended (objectiveDeclaration p Minimize)
        | Word.Maximize -> ended (objectiveDeclaration p Maximize)
        | Word.Subject
        | Word.Subj ->
            p.Next()

            if not (p.AcceptWord Word.To) then
                p.Fail "'to' after 'subject'"

            ended (constraintDeclaration p)
        | Word.If -> conditional p into
        | Word.Check when not (nextIs p Token.Semicolon) -> ended (Commands.check p)
        | Word.Let ->
            Commands.letValue p into
            p.Next()
        | Word.For -> loop p into
        | word when Words.isReserved word -> p.Fail "a statement"
        | Word.None -> unlabelled p ended
        | _ -> contextual p into ended
    | _ -> p.Fail "a statement"

and private nextIs (p: Cursor) token =
    let struct (ahead, _) = p.Lexer.LookAhead()
    ahead = token

/// Statements whose first word may also be a name that the model has given.
and private contextual (p: Cursor) into ended =
    let struct (ahead, aheadWord) = p.Lexer.LookAhead()
    let braced = ahead = Token.LeftBrace
    let named = ahead = Token.Identifier

    let finished kind =
        p.Next()
        finish p "command"
        ended kind

    let separate (command: Cursor -> ResizeArray<Statement> -> unit) =
        command p into
        p.Next()

    if ahead = Token.Colon && p.Word <> Word.Print && p.Word <> Word.Printf then
        ended (constraintDeclaration p)
    else
        match p.Word with
        | Word.Lower when named -> lower p into
        | Word.Block when named -> ended (block p)
        | Word.Expect when not braced -> ended (Commands.expectation p)
        | Word.Path when named -> ended (Commands.path p)
        | Word.Fix -> separate Commands.fix
        | Word.Unfix -> separate Commands.unfix
        | Word.Drop -> separate Commands.drop
        | Word.Restore -> separate Commands.restore
        | Word.Display -> ended (Commands.display p)
        | Word.Print -> ended (Commands.print p "print" Print)
        | Word.Printf -> ended (Commands.print p "printf" Printf)
        | Word.Repeat -> repeat p into
        | _ when braced -> unlabelled p ended
        | Word.Objective -> ended (Commands.useObjective p)
        | Word.Option
        | Word.Options -> ended (Commands.options p)
        | Word.Solve -> ended (Commands.solve p)
        | word when Commands.isIgnored word aheadWord -> Commands.ignored p
        | Word.Table -> ended (Tables.declaration p)
        | Word.Read -> ended (Commands.readTable p ReadTable)
        | Word.Write -> ended (Commands.readTable p WriteTable)
        | Word.Break
        | Word.Continue ->
            let kind = if p.Word = Word.Break then Break else Continue

            if named then
                p.Refuse(p.TokenSpan, "leaving a named loop is not supported", "use a condition of the outer loop")

            finished kind
        | Word.Include
        | Word.Model
        | Word.Data -> otherFile p into
        | Word.Reset ->
            if ahead <> Token.Semicolon then
                p.Refuse(p.TokenSpan, "'reset' with arguments is not supported", "give the data once, or use let")

            p.Next()
            p.Next()
        | Word.End ->
            p.Next()
            finish p "'end'"
            p.Next()
        | Word.Quit
        | Word.Exit when not (named && aheadWord = Word.None) ->
            p.Next()
            finish p "command"
            p.Lexer.Restart p.Source.Text.Length
        | word ->
            match Commands.refusal word with
            | Some instead ->
                p.Refuse(p.TokenSpan, $"'{p.Lexer.Content}' is not supported", instead)
            | None -> unlabelled p ended

/// `include f;`, `model;`, `model f;`, `data;`, `data f;`
and private otherFile (p: Cursor) into =
    let kind = p.Lexer.Content
    p.Next()

    if p.Token = Token.Semicolon && kind <> "include" then
        if kind = "data" then
            readData p p.Lexer.Stop into
        else
            p.Next()
    else
        let struct (file, span) = fileName p

        if kind <> "include" || p.Token = Token.Semicolon then
            finish p $"'{kind}'"

        openFile p kind file span into

        if p.Token = Token.Semicolon then
            p.Next()

/// A constraint without keyword, or a word that means nothing here.
and private unlabelled (p: Cursor) ended =
    let name = p.Lexer.Content
    let span = p.TokenSpan
    let struct (ahead, _) = p.Lexer.LookAhead()

    if name = "s" && ahead = Token.Point then
        p.Next()
        p.Next()

        if p.Token <> Token.Identifier || p.Lexer.Content <> "t" then
            p.Fail "'s.t.'"

        p.Next()
        p.Expect(Token.Point, "'.' at the end of 's.t.'")
        ended (constraintDeclaration p)
    elif ahead = Token.Colon || ahead = Token.LeftBrace || ahead = Token.Text then
        ended (constraintDeclaration p)
    else
        let hint =
            if name = "st" || name = "subjectto" then
                Some "did you mean 'subject to'?"
            elif ahead = Token.Assign then
                Some $"to give a value, write 'let {name} := …'"
            else
                match Suggest.nearest Words.statements name with
                | Some near -> Some $"did you mean '{near}'?"
                | None when
                    ahead = Token.LessOrEqual
                    || ahead = Token.GreaterOrEqual
                    || ahead = Token.Equal
                    || ahead = Token.LeftBracket
                    || ahead = Token.Plus
                    || ahead = Token.Star
                    ->
                    Some "a constraint needs a name: subject to c: …"
                | None -> None

        p.FailAt(span, "syntax", $"'{name}' does not begin a statement", hint)

/// `{ … }`, or one statement.
and private body (p: Cursor) : Statement list =
    let into = ResizeArray<Statement>()

    if p.Token = Token.LeftBrace then
        p.OpenBracket()
        list p into Word.None |> ignore
        p.CloseBracket(Token.RightBrace, "'}' after the statements")
    else
        p.Deeper()
        statement p into
        p.Shallower()

    List.ofSeq into

and private loop (p: Cursor) into =
    let start = p.Start
    p.Next()

    // the name of a loop serves 'break name' only
    if p.Token = Token.Identifier then
        p.Next()

    let over = ExprParser.indexing p
    let inner = body p
    into.Add(Declarations.statement p start (For(over, inner)))

and private conditional (p: Cursor) into =
    let start = p.Start
    p.Next()
    let condition = ExprParser.condition p

    if not (p.AcceptWord Word.Then) then
        p.Fail "'then' after the condition"

    let whenTrue = body p

    let whenFalse =
        if p.Word = Word.Else then
            p.Next()
            body p
        else
            []

    into.Add(Declarations.statement p start (If(condition, whenTrue, whenFalse)))

and private repeat (p: Cursor) into =
    let start = p.Start
    p.Next()

    if p.Token = Token.Identifier && not (Words.isFlow p.Word) then
        p.Next()

    let test () =
        if Words.isFlow p.Word then
            let isWhile = p.Word = Word.While
            p.Next()
            Some(isWhile, ExprParser.condition p)
        else
            None

    let before = test ()

    if p.Token <> Token.LeftBrace then
        p.Fail "'{' before the statements to repeat"

    let inner = body p
    let after = test ()
    into.Add(Declarations.statement p start (Repeat(before, inner, after)))

    if after.IsSome then
        finish p "'repeat'"

    p.Accept Token.Semicolon |> ignore

/// `lower f {k in K} over y[k], {j in J} z[k,j]: … end;`
and private lower (p: Cursor) into =
    let start = p.Start
    p.Deeper()
    p.Next()
    let name = newName p "lower problem"
    p.Session.Declared.Add name |> ignore
    let over = ExprParser.optionalIndexing p

    if not (p.AcceptWord Word.Over) then
        p.Fail "'over' and the follower's variables"

    let members = family p "a variable of the follower"
    p.Expect(Token.Colon, "':' after the follower's variables")
    let heading = p.SpanFrom start
    let inner = ResizeArray<Statement>()

    if not (list p inner Word.End) then
        if p.Token = Token.EndOfFile then
            p.FailAt(heading, "unterminated", $"the lower problem '{name}' is never closed", Some "close it with 'end;'")
        else
            p.Fail "a statement of the lower problem or 'end;'"

    p.Next()

    for one in inner do
        match one.Kind with
        | LowerDeclaration _ ->
            p.Session.Report(
                Diagnostics.create
                    Error
                    "unsupported"
                    "a lower problem inside a lower problem is not supported"
                    one.Span
                    (Some "two levels are the limit: write it beside the other one")
            )
        | _ -> ()

    into.Add(Declarations.statement p start (LowerDeclaration(name, over, members, List.ofSeq inner)))
    p.Shallower()
    finish p "'end' of the lower problem"
    p.Next()

/// `x[i], {j in J} z[i,j]`
and private family (p: Cursor) what =
    let members = ResizeArray<Indexing option * Expr>()

    let one () =
        let over = ExprParser.optionalIndexing p
        members.Add((over, ExprParser.target p what))

    one ()

    while p.Accept Token.Comma do
        one ()

    List.ofSeq members

and private block (p: Cursor) =
    p.Next()
    let name = newName p "block"
    p.Session.Declared.Add name |> ignore
    let over = ExprParser.optionalIndexing p
    p.Expect(Token.Colon, "':' after the name of the block")
    let members = family p "a variable of the block"
    finish p "block"
    BlockDeclaration(name, over, members)
