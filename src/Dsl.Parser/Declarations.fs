/// Declarations of the model: sets, parameters, variables, objectives, constraints.
module internal Optc.Parser.Declarations

let statement (p: Cursor) start kind : Statement =
    { Kind = kind; Span = p.SpanFrom start }

/// The end of a statement. A statement that begins on a new line instead means a forgotten semicolon.
let finish (p: Cursor) what =
    if p.Token = Token.Semicolon then
        ()
    elif p.Token <> Token.EndOfFile && p.Lexer.OpensLine && (Words.mayBeginStatement p.Word || p.Token = Token.Identifier) then
        let last = p.Lexer.PreviousStop
        p.FailAt(p.Span(last, last), "syntax", $"expected ';' after the {what}", None)
    elif p.Word = Word.Or || p.Word = Word.And || p.Token = Token.Or || p.Token = Token.And then
        p.Fail($"';' after the {what}", Some "constraints joined by 'and' or 'or' are not supported; write several constraints")
    else
        p.Fail($"';' after the {what}", None)

/// The name that a declaration introduces.
let newName (p: Cursor) what =
    let isData = what = "set" || what = "parameter" || what = "variable"

    if p.Token <> Token.Identifier then
        p.Fail $"the name of the {what}"

    if Words.isReserved p.Word && not (Words.isInfixOnly p.Word) then
        p.FailAt(
            p.TokenSpan,
            "reserved-word",
            $"'{p.Lexer.Content}' is a word of the language and cannot be the name of the {what}",
            Some "choose another name"
        )

    let name = p.Lexer.Content

    if isData && Words.functions.Contains name && not (p.Session.Declared.Contains name) then
        p.Session.Report(
            Diagnostics.create Warning "hides-function" $"the {what} '{name}' hides the function of that name" p.TokenSpan None
        )

    p.Next()
    name

/// Name, alias (a string, not kept) and indexing.
let private heading (p: Cursor) what =
    let name = newName p what
    p.Accept Token.Text |> ignore
    let over = ExprParser.optionalIndexing p
    p.Accept Token.Text |> ignore
    p.Session.Declared.Add name |> ignore
    struct (name, over)

/// Attributes up to the semicolon; commas between them may be missing.
let private attributes (p: Cursor) what (one: unit -> 'a voption) =
    let found = ResizeArray<'a * Span>()
    p.Accept Token.Comma |> ignore
    let mutable reading = true

    while reading do
        let start = p.Start

        match one () with
        | ValueSome attribute ->
            found.Add((attribute, p.SpanFrom start))

            if p.Accept Token.Comma && p.Token = Token.Semicolon then
                p.Fail $"an attribute of the {what} after ','"
        | ValueNone -> reading <- false

    finish p what
    List.ofSeq found

let private after (p: Cursor) make =
    p.Next()
    ValueSome(make (ExprParser.value p))

let private alone (p: Cursor) attribute =
    p.Next()
    ValueSome attribute

let private orderedBy (p: Cursor) plain =
    p.Next()

    if p.AcceptWord Word.By then
        if p.Word = Word.Reversed then
            p.Refuse(p.TokenSpan, "'ordered by reversed' is not supported", "define the set in that order: last .. first by -1")

        ValueSome(OrderedBy(ExprParser.value p))
    else
        ValueSome plain

let setDeclaration (p: Cursor) =
    p.Next()
    let struct (name, over) = heading p "set"

    let attribute () =
        match p.Token with
        | Token.Assign
        | Token.Equal -> after p SetIs
        | _ ->
            match p.Word with
            | Word.Dimen -> after p Dimen
            | Word.Within
            | Word.In -> after p SetWithin
            | Word.Default -> after p SetDefault
            | Word.Ordered -> orderedBy p Ordered
            | Word.Circular -> orderedBy p Circular
            | _ -> ValueNone

    let found = attributes p "set declaration" attribute
    SetDeclaration(name, over, found)

let private relation (token: Token) =
    match token with
    | Token.Less -> ValueSome LessThan
    | Token.LessOrEqual -> ValueSome LessOrEqual
    | Token.Equal -> ValueSome Equal
    | Token.NotEqual -> ValueSome NotEqual
    | Token.GreaterOrEqual -> ValueSome GreaterOrEqual
    | Token.Greater -> ValueSome GreaterThan
    | _ -> ValueNone

let paramDeclaration (p: Cursor) =
    p.Next()
    let struct (name, over) = heading p "parameter"

    let attribute () =
        match relation p.Token with
        | ValueSome operator -> after p (fun e -> ParamRelation(operator, e))
        | ValueNone ->
            match p.Token with
            | Token.Assign -> after p ParamIs
            | _ ->
                match p.Word with
                | Word.Integer -> alone p Integer
                | Word.Binary
                | Word.Logical -> alone p Binary
                | Word.Symbolic -> alone p Symbolic
                | Word.In
                | Word.Within -> after p ParamIn
                | Word.Default -> after p ParamDefault
                | _ -> ValueNone

    let found = attributes p "parameter declaration" attribute
    ParamDeclaration(name, over, found)

let private inInterval (p: Cursor) =
    p.Next()

    if p.Word = Word.Interval then
        p.Next()

        match p.Token with
        | Token.LeftBracket ->
            p.OpenBracket()
            let lower = ExprParser.value p
            p.Expect(Token.Comma, "',' between the ends of the interval")
            let upper = ExprParser.value p

            if p.Token = Token.RightParen then
                p.Refuse(p.TokenSpan, "an open interval is not supported", "write ']': bounds are always closed")

            p.CloseBracket(Token.RightBracket, "']' after the interval")
            ValueSome(InInterval(lower, upper))
        | Token.LeftParen -> p.Refuse(p.TokenSpan, "an open interval is not supported", "write '[': bounds are always closed")
        | _ -> p.Fail "'[' after 'interval'"
    else
        ValueSome(InSet(ExprParser.value p))

let varDeclaration (p: Cursor) =
    p.Next()
    let struct (name, over) = heading p "variable"

    let attribute () =
        match p.Token with
        | Token.GreaterOrEqual -> after p LowerBound
        | Token.LessOrEqual -> after p UpperBound
        | Token.Equal -> after p DefinedAs
        | Token.Assign -> after p StartAt
        | Token.Less
        | Token.Greater -> p.Refuse(p.TokenSpan, "a strict bound on a variable is not supported", "use <= or >=")
        | _ ->
            match p.Word with
            | Word.Integer -> alone p IntegerVar
            | Word.Binary -> alone p BinaryVar
            | Word.Symbolic -> alone p SymbolicVar
            | Word.In -> inInterval p
            | Word.Default -> after p StartDefault
            | Word.Coeff
            | Word.Cover
            | Word.Obj ->
                p.Refuse(
                    p.TokenSpan,
                    $"the attribute '{p.Lexer.Content}' of columnwise models is not supported",
                    "write the terms in the objective and the constraints"
                )
            | Word.Logical -> p.Refuse(p.TokenSpan, "'logical' variables are not supported", "use 'binary'")
            | Word.Suffix -> p.Refuse(p.TokenSpan, "suffixes cannot be declared", "use a parameter of your own")
            | _ -> ValueNone

    let found = attributes p "variable declaration" attribute
    VarDeclaration(name, over, found)

let objectiveDeclaration (p: Cursor) sense =
    p.Next()
    let struct (name, over) = heading p "objective"

    let body =
        if p.Accept Token.Colon then
            Some(ExprParser.value p)
        elif p.Token = Token.Semicolon then
            None
        elif p.Token = Token.Equal || p.Token = Token.Assign then
            p.Fail "':' before the objective's expression"
        else
            p.Fail "':' after the objective's name"

    if (relation p.Token).IsSome then
        p.Fail("';' after the objective", Some "an objective is an expression; a relation makes a constraint")

    finish p "objective"
    ObjectiveDeclaration(name, sense, over, body)

/// `<=`, `>=` or `=` of a constraint.
let private constraintRelation (p: Cursor) =
    match relation p.Token with
    | ValueSome(LessThan | GreaterThan) ->
        p.Refuse(p.TokenSpan, "a strict inequality is not supported in a constraint", "use <= or >=")
    | ValueSome NotEqual -> p.Refuse(p.TokenSpan, "'<>' is not supported in a constraint", "use <=, >= or =")
    | ValueSome found ->
        p.Next()
        ValueSome found
    | ValueNone -> ValueNone

let private complementSide (p: Cursor) =
    let first = ExprParser.value p

    match constraintRelation p with
    | ValueNone -> Free first
    | ValueSome relation1 ->
        let second = ExprParser.value p
        let at = p.TokenSpan

        match constraintRelation p with
        | ValueNone -> Single(first, relation1, second)
        | ValueSome relation2 ->
            let third = ExprParser.value p

            if relation1 <> relation2 then
                p.FailAt(at, "syntax", "the two relations of a double inequality must point the same way", None)

            if (relation p.Token).IsSome then
                p.FailAt(p.TokenSpan, "syntax", "a constraint has at most two relations", Some "split it into two constraints")

            Double(first, relation1, second, relation2, third)

let private constraintBody (p: Cursor) =
    let first = complementSide p

    if p.AcceptWord Word.Complements then
        Complements(first, complementSide p)
    else
        match first with
        | Single(a, relation, b) -> Relation(a, relation, b)
        | Double(a, relation1, b, relation2, c) -> DoubleRelation(a, relation1, b, relation2, c)
        | Free _ -> p.Fail("'<=', '>=' or '=' in the constraint", None)

/// A constraint from its name on.
let constraintDeclaration (p: Cursor) =
    let struct (name, over) = heading p "constraint"

    if p.Token = Token.Assign then
        p.Session.WarnOnce("multiplier-start", "start values of multipliers are ignored", p.TokenSpan)
        p.Next()
        ExprParser.value p |> ignore

    p.Expect(Token.Colon, "':' after the constraint's name")
    let body = constraintBody p
    finish p "constraint"
    ConstraintDeclaration(name, over, body)
