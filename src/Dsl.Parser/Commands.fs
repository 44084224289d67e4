/// Commands without statements inside: let, fix, option, display and the like.
module internal Optc.Parser.Commands

open System
open Optc.Parser.Declarations

/// `what {indexing} target, target`: one statement each.
let private targets (p: Cursor) (into: ResizeArray<Statement>) (what: string) (rest: Indexing option -> Expr -> StatementKind) =
    let start = p.Start
    p.Next()
    let mutable reading = true

    while reading do
        let over = ExprParser.optionalIndexing p
        p.Accept Token.Colon |> ignore
        let found = ExprParser.target p $"a name after '{what}'"
        into.Add(statement p start (rest over found))
        reading <- p.Accept Token.Comma

    finish p $"'{what}'"

let letValue (p: Cursor) (into: ResizeArray<Statement>) =
    targets p into "let" (fun over target ->
        if not (p.Accept Token.Assign) then
            p.Fail("':=' after the name", if p.Token = Token.Equal then Some "let uses ':='" else None)

        Let(over, target, ExprParser.value p))

let fix (p: Cursor) (into: ResizeArray<Statement>) =
    targets p into "fix" (fun over target ->
        let value =
            if p.Accept Token.Assign then
                Some(ExprParser.value p)
            elif p.Token = Token.Equal then
                p.Fail("':=' or ';'", Some "fix uses ':='")
            else
                None

        Fix(over, target, value))

let unfix (p: Cursor) into =
    targets p into "unfix" (fun over target -> Unfix(over, target))

let drop (p: Cursor) into =
    targets p into "drop" (fun over target -> Drop(over, target))

let restore (p: Cursor) into =
    targets p into "restore" (fun over target -> Restore(over, target))

let useObjective (p: Cursor) =
    p.Next()
    let target = ExprParser.target p "the name of an objective"
    finish p "'objective'"
    UseObjective target

/// One value of an option, as written: words need no quotes, parts in a row are joined.
let private optionValue (p: Cursor) =
    let text = p.Source.Text
    let start = p.Start
    let parts = Text.StringBuilder()
    let mutable single: Expr voption = ValueNone
    let mutable count = 0
    let mutable reading = true

    let add (shown: string) kind =
        parts.Append(shown) |> ignore
        count <- count + 1
        single <- ValueSome({ Kind = kind; Span = p.SpanFrom start }: Expr)

    /// A word goes to the next blank, comma or semicolon.
    let bareWord () =
        let mutable stop = p.Start

        while stop < text.Length
              && not (Char.IsWhiteSpace text[stop])
              && text[stop] <> ';'
              && text[stop] <> ',' do
            stop <- stop + 1

        let shown = text.Substring(p.Start, stop - p.Start)
        p.Lexer.Restart stop
        shown

    while reading do
        match p.Token with
        | Token.Semicolon
        | Token.Comma
        | Token.EndOfFile -> reading <- false
        | Token.Text ->
            let shown = p.Lexer.Content
            p.Next()
            add shown (Text shown)
        | Token.Number ->
            let value = p.Lexer.Number
            let shown = text.Substring(p.Start, p.Lexer.Stop - p.Start)
            p.Next()
            add shown (Number value)
        | Token.Minus ->
            p.Next()

            if p.Token = Token.Number then
                let value = -p.Lexer.Number
                let shown = "-" + text.Substring(p.Start, p.Lexer.Stop - p.Start)
                p.Next()
                add shown (Number value)
            else
                let shown = "-" + bareWord ()
                add shown (Text shown)
        | Token.LeftParen ->
            let value = ExprParser.value p
            add (text.Substring(value.Span.Start, value.Span.End - value.Span.Start)) value.Kind
        | Token.Ampersand -> p.Next()
        | Token.Identifier
        | Token.Slash
        | Token.Point
        | Token.Dollar
        | Token.Tilde ->
            let shown = bareWord ()
            add shown (Text shown)
        | _ -> p.Fail "the value of the option, ',' or ';'"

    if count = 0 then
        None
    elif count = 1 then
        ValueOption.toOption single
    else
        Some
            ({ Kind = Text(parts.ToString())
               Span = p.SpanFrom start }
            : Expr)

let options (p: Cursor) =
    p.Next()
    let found = ResizeArray<string * Expr option>()
    let mutable reading = p.Token <> Token.Semicolon

    while reading do
        if p.Token <> Token.Identifier then
            p.Fail "the name of an option"

        let name = p.Lexer.Content
        p.Next()
        let value = optionValue p
        found.Add((name, value))
        reading <- p.Accept Token.Comma

    finish p "option"
    Option(List.ofSeq found)

let solve (p: Cursor) =
    p.Next()

    if p.Token = Token.Identifier && not p.Lexer.OpensLine then
        p.Refuse(p.TokenSpan, "named problems are not supported", "use drop, restore and objective, then 'solve;'")

    finish p "'solve'"
    Solve

/// What is printed: one below relations, since `>` redirects.
let private printed (p: Cursor) = ExprParser.parse p Precedence.In

let private redirection (p: Cursor) : Expr option =
    match p.Token with
    | Token.Greater ->
        p.Next()

        if p.Token = Token.Identifier && not (p.Session.Declared.Contains p.Lexer.Content) then
            // `> out.txt`: a file name without quotes
            let text = p.Source.Text
            let start = p.Start
            let mutable stop = start

            while stop < text.Length && not (Char.IsWhiteSpace text[stop]) && text[stop] <> ';' do
                stop <- stop + 1

            p.Lexer.Restart stop

            Some
                ({ Kind = Text(text.Substring(start, stop - start))
                   Span = p.Span(start, stop) }: Expr)
        else
            Some(ExprParser.parse p Precedence.Concatenate)
    | Token.DoubleGreater -> p.Refuse(p.TokenSpan, "appending to a file is not supported", "use '>': later output of the same run is added")
    | _ -> None

/// Names that AMPL gives to the problem as a whole (`_obj`, `_varname`, `_solve_time`), when the model has not taken them.
let private isGeneric (p: Cursor) (span: Span) =
    let text = p.Source.Text.AsSpan(span.Start, span.End - span.Start)
    let mutable found = false
    let mutable i = 0

    while i < text.Length && not found do
        if text[i] = '_' && (i = 0 || not (Char.IsLetterOrDigit text[i - 1] || text[i - 1] = '_')) then
            let mutable stop = i

            while stop < text.Length && (Char.IsLetterOrDigit text[stop] || text[stop] = '_') do
                stop <- stop + 1

            found <- not (p.Session.Declared.Contains(text.Slice(i, stop - i).ToString()))
            i <- stop
        else
            i <- i + 1

    found

let display (p: Cursor) =
    p.Next()
    let items = ResizeArray<Indexing option * Expr>()

    let one () =
        let start = p.Start
        // `{i in I} x[i]` is an indexed item, `{i in I: c}` alone a set
        if p.Token = Token.LeftBrace then
            let over = ExprParser.indexing p
            p.Accept Token.Colon |> ignore

            match p.Token with
            | Token.Comma
            | Token.Semicolon
            | Token.Greater -> items.Add((None, ({ Kind = Braces over; Span = over.Span }: Expr)))
            | _ -> items.Add((Some over, printed p))
        else
            items.Add((None, printed p))

        let shown = p.SpanFrom start

        if isGeneric p shown then
            items.RemoveAt(items.Count - 1)
            p.Session.WarnOnce("generic-name", "AMPL's generic names (_obj, _var, _varname, …) are not shown; display the names of the model", shown)

    if p.Token <> Token.Semicolon then
        one ()

        while p.Accept Token.Comma do
            one ()

    let at = p.TokenSpan

    if (redirection p).IsSome then
        p.Session.Report(
            Diagnostics.create
                Warning
                "redirection"
                "the output of 'display' goes to the console, not to a file"
                at
                (Some "use print or printf with '> file'")
        )

    finish p "'display'"
    Display(List.ofSeq items)

/// `print {i in I}: a, b > file`, with or without parentheses around the list.
let print (p: Cursor) what make =
    p.Next()
    let over = ExprParser.optionalIndexing p

    if over.IsSome then
        p.Accept Token.Colon |> ignore

    let items = ResizeArray<Expr>()

    if p.Token <> Token.Semicolon && p.Token <> Token.Greater then
        items.Add(printed p)

        while p.Accept Token.Comma do
            items.Add(printed p)

    let arguments =
        match List.ofSeq items with
        | [ { Kind = Tuple inner } ] -> inner
        | several -> several

    let redirect = redirection p
    finish p $"'{what}'"
    make (over, arguments, redirect)

let check (p: Cursor) =
    p.Next()
    let over = ExprParser.optionalIndexing p
    p.Accept Token.Colon |> ignore
    let condition = ExprParser.condition p
    finish p "'check'"
    Check(over, condition)

let expectation (p: Cursor) =
    p.Next()
    let target = ExprParser.target p "the name of an objective, variable or constraint, or 'status'"

    let relation =
        match p.Token with
        | Token.Equal -> Equal
        | Token.LessOrEqual -> LessOrEqual
        | Token.GreaterOrEqual -> GreaterOrEqual
        | _ -> p.Fail "'=', '<=' or '>=' after what is expected"

    p.Next()
    let value = ExprParser.value p
    let hasTolerance = p.AcceptWord Word.Within
    let tolerance = if hasTolerance then Some(ExprParser.value p) else None
    let hasCondition = p.AcceptWord Word.If
    let condition = if hasCondition then Some(ExprParser.condition p) else None
    finish p "expectation"

    Expectation
        { Target = target
          Relation = relation
          Value = value
          Tolerance = tolerance
          Condition = condition }

/// `path p := first .. last by log 100;`, `by linear 11`
let path (p: Cursor) =
    p.Next()
    let target = ExprParser.target p "the name of a parameter"
    p.Expect(Token.Assign, "':=' after the parameter")
    // Below ranges, whose `..` and `by` are read here.
    let number () = ExprParser.parse p Precedence.Additive
    let first = number ()
    p.Expect(Token.Range, "'..' between the ends of the path")
    let last = number ()

    if not (p.AcceptWord Word.By) then
        p.Fail "'by log' or 'by linear' and a number of values"

    let kind = if p.Token = Token.Identifier then p.Lexer.Content else ""

    if kind <> "log" && kind <> "linear" then
        p.Fail "'log' or 'linear'"

    p.Next()
    let count = number ()
    let redirect = redirection p
    finish p "'path'"

    Path
        { Target = target
          First = first
          Last = last
          IsLogarithmic = (kind = "log")
          Count = count
          Redirect = redirect }

let readTable (p: Cursor) make =
    let verb = p.Lexer.Content
    p.Next()

    if p.Word <> Word.Table then
        p.Refuse(p.TokenSpan, $"'{verb}' is supported for tables only", "write 'read table T;' or use 'data file;'")

    p.Next()

    if p.Token <> Token.Identifier then
        p.Fail "the name of a table"

    let name = p.Lexer.Content
    p.Next()
    finish p $"'{verb} table'"
    make name

/// Commands that only show the model or write it in a format of AMPL: left out with a warning.
let isIgnored (word: Word) (ahead: Word) =
    match word with
    | Word.Show
    | Word.Xref
    | Word.Expand
    | Word.Solexpand
    | Word.Close -> true
    | Word.Write -> ahead <> Word.Table
    | _ -> false

let ignored (p: Cursor) =
    let at = p.TokenSpan
    let name = p.Lexer.Content

    while p.Token <> Token.Semicolon && p.Token <> Token.EndOfFile do
        p.Next()

    finish p $"'{name}'"
    p.Session.WarnOnce("ignored-command", $"'{name}' has no meaning here and is ignored", at)
    p.Next()

/// What AMPL knows and this language does not, with what to do instead.
let refusal (word: Word) =
    match word with
    | Word.Node
    | Word.Arc -> Some "write the balance as a constraint over a set of arcs: subject to balance {k in NODES}: …"
    | Word.Function -> Some "imported functions cannot be called; write the expression out"
    | Word.Problem
    | Word.Environ -> Some "named problems are not supported; use drop, restore and objective"
    | Word.Suffix -> Some "suffixes cannot be declared; use a parameter"
    | Word.Call
    | Word.Shell
    | Word.Cd -> Some "a model cannot run other programs"
    | Word.Commands -> Some "use 'include file;'"
    | Word.Redeclare
    | Word.Purge
    | Word.Delete -> Some "declare it once, as it is meant"
    | Word.Update -> Some "give the data once, or use let"
    | Word.Csvdisplay -> Some "use display or print"
    | Word.Export
    | Word.Solution -> Some "results are written by 'table … OUT' or by the command line"
    | Word.Remove
    | Word.Load
    | Word.Unload
    | Word.Reload
    | Word.Import -> Some "leave it out"
    | _ -> None
