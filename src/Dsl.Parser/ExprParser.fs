/// Expressions, sets, conditions and indexings: precedence climbing over the tokens of a cursor.
module internal Optc.Parser.ExprParser

open System

/// A binary operator at the current token.
[<Struct>]
type private Infix =
    { Level: int
      Operator: BinaryOp
      /// Tokens the operator takes: two for `not in`
      Length: int }

let private noInfix =
    { Level = 0
      Operator = Add
      Length = 0 }

let private infix (level: int) operator =
    { Level = level
      Operator = operator
      Length = 1 }

/// The binary operator that the current token begins; level 0 if none.
let private infixAt (p: Cursor) =
    match p.Token with
    | Token.Plus -> infix Precedence.Additive Add
    | Token.Minus -> infix Precedence.Additive Subtract
    | Token.Star -> infix Precedence.Multiplicative Multiply
    | Token.Slash -> infix Precedence.Multiplicative Divide
    | Token.Caret -> infix Precedence.Power Power
    // the operator is not looked at: a range is a node of its own
    | Token.Range -> infix Precedence.Range Add
    | Token.Less -> infix Precedence.Relation LessThan
    | Token.LessOrEqual -> infix Precedence.Relation LessOrEqual
    | Token.Equal -> infix Precedence.Relation Equal
    | Token.NotEqual -> infix Precedence.Relation NotEqual
    | Token.GreaterOrEqual -> infix Precedence.Relation GreaterOrEqual
    | Token.Greater -> infix Precedence.Relation GreaterThan
    | Token.And -> infix Precedence.And And
    | Token.Or -> infix Precedence.Or Or
    | Token.Ampersand -> infix Precedence.Concatenate Concatenate
    | Token.Not
    | Token.Identifier ->
        match p.Word with
        | Word.And -> infix Precedence.And And
        | Word.Or -> infix Precedence.Or Or
        | Word.In -> infix Precedence.In In
        | Word.Within -> infix Precedence.In Within
        | Word.Union -> infix Precedence.Union Union
        | Word.Diff -> infix Precedence.Union Difference
        | Word.SymDiff -> infix Precedence.Union SymmetricDifference
        | Word.Inter -> infix Precedence.Intersection Intersection
        | Word.Cross -> infix Precedence.Cross Cross
        | Word.Div -> infix Precedence.Multiplicative IntegerDivide
        | Word.Mod -> infix Precedence.Multiplicative Modulo
        | Word.Less -> infix Precedence.Additive Less
        | Word.Not -> noInfix
        | _ -> noInfix
    | _ -> noInfix

/// `not in` and `not within`, `!in`.
let private negatedMembership (p: Cursor) =
    if p.Word = Word.Not || p.Token = Token.Not then
        let struct (_, word) = p.Lexer.LookAhead()

        match word with
        | Word.In ->
            { Level = Precedence.In
              Operator = NotIn
              Length = 2 }
        | Word.Within ->
            { Level = Precedence.In
              Operator = NotWithin
              Length = 2 }
        | _ -> noInfix
    else
        noInfix

let private expr kind span : Expr = { Kind = kind; Span = span }

let private iteratedOf word =
    match word with
    | Word.Sum -> ValueSome Sum
    | Word.Prod -> ValueSome Product
    | Word.Min -> ValueSome Minimum
    | Word.Max -> ValueSome Maximum
    | Word.SetOf -> ValueSome SetOf
    | Word.Union -> ValueSome UnionOver
    | Word.Inter -> ValueSome IntersectionOver
    | Word.Exists -> ValueSome Exists
    | Word.ForAll -> ValueSome ForAll
    | Word.Norm1 -> ValueSome Norm1
    | Word.Norm2 -> ValueSome Norm2
    | Word.NormInf -> ValueSome NormInf
    | Word.LogSumExp -> ValueSome LogSumExp
    | _ -> ValueNone

/// An expression of operators of at least the given level of `Precedence`.
let rec parse (p: Cursor) (level: int) : Expr =
    if p.NeedsBigStack then
        p.OnBigStack(fun () -> climb p level)
    else
        climb p level

and private climb (p: Cursor) level =
    let start = p.Start
    let mutable left = operand p level
    let mutable climbing = true

    while climbing do
        let found =
            let plain = infixAt p
            if plain.Level = 0 then negatedMembership p else plain

        if found.Level = 0 || found.Level < level then
            climbing <- false
        elif found.Level = Precedence.Power then
            p.Deeper()
            p.Next()
            let right = parse p Precedence.Power
            p.Shallower()
            left <- expr (ExprKind.Binary(BinaryOp.Power, left, right)) (Span.Between left.Span right.Span)
        elif found.Level = Precedence.Range then
            p.Next()
            let last = parse p Precedence.Concatenate
            let hasStep = p.AcceptWord Word.By

            let step =
                if hasStep then
                    Some(parse p Precedence.Concatenate)
                else
                    None

            left <- expr (ExprKind.Range(left, last, step)) (p.SpanFrom start)
        else
            for _ in 1 .. found.Length do
                p.Next()

            let right = parse p (found.Level + 1)
            left <- expr (ExprKind.Binary(found.Operator, left, right)) (p.SpanFrom start)

            if found.Level = Precedence.Relation then
                left <- chained p start left found.Operator right

    left

/// `1 <= i <= n` in a condition means `1 <= i and i <= n`.
and private chained p start left operator middle =
    let next = infixAt p

    if next.Level <> Precedence.Relation then
        left
    else
        let rising op = op = LessThan || op = LessOrEqual
        let falling op = op = GreaterThan || op = GreaterOrEqual

        let fits =
            rising operator && rising next.Operator
            || falling operator && falling next.Operator
            || operator = Equal && next.Operator = Equal

        if not fits then
            p.FailAt(
                p.TokenSpan,
                "syntax",
                "relations in a chain must point the same way",
                Some "join them by 'and': a <= b and b >= c"
            )

        p.Next()
        let right = parse p (Precedence.Relation + 1)
        let second = expr (ExprKind.Binary(next.Operator, middle, right)) (Span.Between middle.Span right.Span)
        let both = expr (ExprKind.Binary(And, left, second)) (p.SpanFrom start)
        chained p start both next.Operator right

/// What stands between binary operators: prefix operators or a primary.
and private operand (p: Cursor) level : Expr =
    let start = p.Start

    match p.Token with
    | Token.Minus -> unary p start Negate Precedence.Unary
    | Token.Plus -> unary p start Plus Precedence.Unary
    | Token.Not -> unary p start Not Precedence.Relation
    | Token.Identifier ->
        match p.Word with
        | Word.None -> reference p
        | Word.Not -> unary p start Not Precedence.Relation
        | Word.If -> conditional p level
        | Word.Infinity ->
            p.Next()
            expr (Number Double.PositiveInfinity) (p.SpanFrom start)
        | word ->
            match iteratedOf word with
            | ValueSome operator -> iterated p word operator
            | ValueNone when Words.isReserved word && not (Words.isInfixOnly word) -> p.Fail "an expression"
            | ValueNone -> reference p
    | Token.Number ->
        let value = p.Lexer.Number
        p.Next()
        expr (Number value) (p.SpanFrom start)
    | Token.Text ->
        let value = p.Lexer.Content
        p.Next()
        expr (Text value) (p.SpanFrom start)
    | Token.LeftParen -> parenthesised p
    | Token.LeftBrace ->
        let braces = indexing p
        expr (Braces braces) braces.Span
    | Token.DoubleLess -> piecewise p
    | _ -> p.Fail "an expression"

and private unary p start operator level =
    p.Deeper()
    p.Next()
    let inner = parse p level
    p.Shallower()
    expr (Unary(operator, inner)) (p.SpanFrom start)

and private conditional p level =
    let start = p.Start
    p.Deeper()
    p.Next()
    let condition = parse p Precedence.If

    if p.Word <> Word.Then then
        p.Fail "'then' after the condition"

    p.Next()
    // as an operand of arithmetic the branches are arithmetic; elsewhere the first branch tells
    let whenTrue =
        if level > Precedence.In then
            parse p Precedence.Value
        else
            parse p Precedence.If

    let hasElse = p.AcceptWord Word.Else

    let whenFalse =
        if not hasElse then
            None
        elif level <= Precedence.In && Precedence.isCondition whenTrue then
            Some(parse p Precedence.If)
        else
            Some(parse p Precedence.Value)

    p.Shallower()
    expr (Conditional(condition, whenTrue, whenFalse)) (p.SpanFrom start)

/// `sum {…} e`, or `min(a, b)`, or a name like norm1 that the model has taken.
and private iterated p word operator =
    let start = p.Start
    let name = p.Lexer.Content
    let struct (ahead, _) = p.Lexer.LookAhead()

    if ahead = Token.LeftBrace && not (p.Session.Declared.Contains name) then
        p.Deeper()
        p.Next()
        let over = indexing p
        let body = parse p (Precedence.ofOperand operator)
        p.Shallower()
        expr (Iterated(operator, over, body)) (p.SpanFrom start)
    elif not (Words.isReserved word) || Words.isInfixOnly word then
        reference p
    elif (word = Word.Min || word = Word.Max) && ahead = Token.LeftParen then
        p.Next()
        let items = arguments p name
        expr (Call(name, items)) (p.SpanFrom start)
    else
        p.Next()
        p.Fail $"an indexing {{…}} after '{name}'"

/// A name with subscripts, a call, and suffixes behind it.
and private reference (p: Cursor) : Expr =
    let start = p.Start
    let name = p.Lexer.Content
    p.Next()

    match p.Token with
    | Token.LeftParen ->
        let items = arguments p name
        expr (Call(name, items)) (p.SpanFrom start)
    | Token.LeftBracket ->
        p.OpenBracket()
        let items = list p "a subscript" Precedence.Value
        p.CloseBracket(Token.RightBracket, $"']' or ',' after a subscript of '{name}'")
        suffixed p start (expr (Reference(name, items)) (p.SpanFrom start))
    | Token.Point -> suffixed p start (expr (Reference(name, [])) (p.SpanFrom start))
    | Token.LeftBrace when Words.takesBraces name && not (p.Session.Declared.Contains name) ->
        let braces = indexing p
        expr (Call(name, [ expr (Braces braces) braces.Span ])) (p.SpanFrom start)
    | _ -> expr (Reference(name, [])) (p.SpanFrom start)

and private suffixed p start target =
    if p.Token = Token.Point then
        p.Next()

        if p.Token <> Token.Identifier then
            p.Fail "a suffix such as 'dual' or 'lb' after '.'"

        let suffix = p.Lexer.Content
        p.Next()
        suffixed p start (expr (Suffixed(target, suffix)) (p.SpanFrom start))
    else
        target

/// Expressions with commas between them.
and private list p what level : Expr list =
    let items = ResizeArray<Expr>()

    if p.Token = Token.Star then
        p.FailAt(
            p.TokenSpan,
            "unsupported",
            $"'*' cannot be {what}",
            Some "name the index: {i in I} x[i,j]"
        )

    items.Add(parse p level)

    while p.Accept Token.Comma do
        items.Add(parse p level)

    List.ofSeq items

and private arguments p name =
    p.OpenBracket()

    let items =
        if p.Token = Token.RightParen then
            []
        else
            list p "an argument" Precedence.If

    p.CloseBracket(Token.RightParen, $"')' or ',' after an argument of '{name}'")
    items

and private parenthesised p =
    let start = p.Start
    p.OpenBracket()
    let first = parse p Precedence.If

    if p.Token = Token.Comma then
        p.Next()
        let others = list p "an item" Precedence.If
        p.CloseBracket(Token.RightParen, "')' or ','")
        expr (ExprKind.Tuple(first :: others)) (p.SpanFrom start)
    else
        p.CloseBracket(Token.RightParen, "')'")
        expr first.Kind (p.SpanFrom start)

/// `{i in S, (j,k) in T, U: condition}`; also the items of a set literal.
and indexing (p: Cursor) : Indexing =
    let start = p.Start

    if p.Token <> Token.LeftBrace then
        p.Fail "an indexing {…}"

    p.OpenBracket()
    let items = ResizeArray<IndexItem>()

    if p.Token <> Token.RightBrace && p.Token <> Token.Colon then
        items.Add(indexItem p)

        while p.Accept Token.Comma do
            items.Add(indexItem p)

    let hasCondition = p.Accept Token.Colon

    let condition =
        if hasCondition then
            Some(parse p Precedence.If)
        else
            None

    if p.Token <> Token.RightBrace && not hasCondition && (infixAt p).Level > 0 then
        p.Fail("',', ':' or '}' in the indexing", Some "a condition stands after a colon: {i in I, j in J: i < j}")

    p.CloseBracket(
        Token.RightBrace,
        if hasCondition then
            "'}' after the condition of the indexing"
        else
            "',', ':' or '}' in the indexing"
    )

    { Items = List.ofSeq items
      Condition = condition
      Span = p.SpanFrom start }

and private indexItem p : IndexItem =
    let start = p.Start
    let first = parse p Precedence.Value

    if p.AcceptWord Word.In then
        let pattern =
            match first.Kind with
            | ExprKind.Tuple items -> items
            | _ -> [ first ]

        let set = parse p Precedence.Value

        { Pattern = Some pattern
          Set = set
          Span = p.SpanFrom start }
    else
        { Pattern = None
          Set = first
          Span = p.SpanFrom start }

/// `<<b1, b2; s1, s2, s3>> x`, `<<…>> (x, zero)`.
and private piecewise p =
    let start = p.Start
    p.OpenBracket()

    let items () =
        let found = ResizeArray<PiecewiseItem>()

        let item () : PiecewiseItem =
            let over =
                if p.Token = Token.LeftBrace then
                    Some(indexing p)
                else
                    None

            { Indexing = over
              Value = parse p Precedence.Concatenate }

        if p.Token <> Token.Semicolon then
            found.Add(item ())

            while p.Accept Token.Comma do
                found.Add(item ())

        List.ofSeq found

    let breakpoints = items ()
    p.Expect(Token.Semicolon, "';' between breakpoints and slopes")
    let slopes = items ()
    p.CloseBracket(Token.DoubleGreater, "'>>' after the slopes")

    if p.Token = Token.LeftParen then
        p.OpenBracket()
        let argument = parse p Precedence.Value
        let hasZero = p.Accept Token.Comma

        let zero =
            if hasZero then
                Some(parse p Precedence.Value)
            else
                None

        p.CloseBracket(Token.RightParen, "')' after the argument of the piecewise-linear term")
        expr (PiecewiseLinear(breakpoints, slopes, argument, zero)) (p.SpanFrom start)
    else
        if p.Token <> Token.Identifier || Words.isReserved p.Word then
            p.Fail "the variable of the piecewise-linear term"

        let argument = reference p
        expr (PiecewiseLinear(breakpoints, slopes, argument, None)) (p.SpanFrom start)

/// An optional indexing before something else.
let optionalIndexing (p: Cursor) =
    if p.Token = Token.LeftBrace then
        Some(indexing p)
    else
        None

/// A set, number or string: no relation at the top.
let value (p: Cursor) = parse p Precedence.Value

/// Anything, conditions included.
let condition (p: Cursor) = parse p Precedence.If

/// A name with subscripts and suffixes.
let target (p: Cursor) what =
    if p.Token <> Token.Identifier || Words.isReserved p.Word && not (Words.isInfixOnly p.Word) then
        p.Fail what

    let found = reference p

    match found.Kind with
    | ExprKind.Call _ -> p.FailAt(found.Span, "syntax", $"expected {what}, found a call", Some "subscripts stand in square brackets")
    | _ -> found
