/// `table T IN "csv" "assets.csv": ASSETS <- [ticker], mu ~ mean, cap;`
module internal Optc.Parser.Tables

let private direction (p: Cursor) =
    let found =
        match p.Word with
        | Word.TableInWord -> ValueSome TableIn
        | Word.TableOutWord -> ValueSome TableOut
        | Word.TableInOutWord -> ValueSome TableInOut
        | _ -> ValueNone

    if found.IsSome then
        p.Next()

    found

/// `<-`, `->` or `<->`, which are made of other tokens so that `a<-b` stays a comparison.
let private acceptArrow (p: Cursor) =
    match p.Token with
    | Token.Less ->
        p.Next()
        p.Expect(Token.Minus, "'<-' or '<->' before the key columns")
        p.Accept Token.Greater |> ignore
        true
    | Token.Minus ->
        p.Next()
        p.Expect(Token.Greater, "'->' before the key columns")
        true
    | _ -> false

let private columnName (p: Cursor) =
    match p.Token with
    | Token.Identifier
    | Token.Text ->
        let name = p.Lexer.Content
        p.Next()
        name
    | _ -> p.Fail "the name of a column"

/// `[ticker]`, `[i ~ FROM, j ~ TO]`: the columns and the indices they stand for.
let private keys (p: Cursor) =
    let names = ResizeArray<string>()
    let indices = ResizeArray<string option>()

    let one () =
        let first = columnName p

        if p.Accept Token.Tilde then
            indices.Add(Some first)
            names.Add(columnName p)
        else
            indices.Add None
            names.Add first

    p.OpenBracket()
    one ()

    while p.Accept Token.Comma do
        one ()

    p.CloseBracket(Token.RightBracket, "']' or ',' in the key columns")
    List.ofSeq names, List.ofSeq indices

let private column (p: Cursor) : TableColumn =
    if p.Token = Token.LeftBrace || p.Token = Token.Less then
        p.Refuse(p.TokenSpan, "iterated columns are not supported", "name every column")

    let value = ExprParser.value p

    let name =
        if p.Accept Token.Tilde then
            Some(columnName p)
        else
            None

    let way = direction p

    { Value = value
      Column = name
      Direction = ValueOption.toOption way }

let declaration (p: Cursor) =
    p.Next()

    if p.Token <> Token.Identifier then
        p.Fail "the name of the table"

    let name = p.Lexer.Content
    p.Next()

    if p.Token = Token.LeftBrace then
        p.Refuse(p.TokenSpan, "indexed tables are not supported", "declare one table for each file")

    let way = direction p |> ValueOption.defaultValue TableInOut
    let arguments = ResizeArray<Expr>()

    while p.Token <> Token.Colon && p.Token <> Token.Semicolon && p.Token <> Token.EndOfFile do
        arguments.Add(ExprParser.value p)
        p.Accept Token.Comma |> ignore

    p.Expect(Token.Colon, "':' after the arguments of the table")
    let over = ExprParser.optionalIndexing p

    let keySet =
        if over.IsNone && p.Token = Token.Identifier then
            let set = p.Lexer.Content
            let span = p.TokenSpan
            p.Next()
            Some(set, span)
        else
            None

    if (over.IsSome || keySet.IsSome) && not (acceptArrow p) then
        p.Fail "'<-' or '->' and the key columns in brackets"

    if p.Token <> Token.LeftBracket then
        p.Fail "the key columns in brackets, [column]"

    let names, indices = keys p
    let columns = ResizeArray<TableColumn>()

    while p.Accept Token.Comma do
        columns.Add(column p)

    Declarations.finish p "table"

    Table
        { Name = name
          Direction = way
          Arguments = List.ofSeq arguments
          Indexing = over
          KeySet = keySet
          Keys = names
          KeyIndices = indices
          Columns = List.ofSeq columns }
