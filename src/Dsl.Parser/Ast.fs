namespace Optc.Parser

open System

/// One text that was read: a model or data file, or a string given by a program.
/// Line starts are found on first use.
[<AllowNullLiteral>]
type Source(name: string, text: string) =
    let lineStarts =
        lazy
            (let starts = ResizeArray [ 0 ]

             for i in 0 .. text.Length - 1 do
                 if text[i] = '\n' then
                     starts.Add(i + 1)

             starts.ToArray())

    member _.Name = name
    member _.Text = text

    /// Line and column, both counted from 1, of a character offset.
    member _.Position(offset: int) : struct (int * int) =
        let found = Array.BinarySearch(lineStarts.Value, offset)
        let line = if found >= 0 then found else ~~~found - 1
        struct (line + 1, offset - lineStarts.Value[line] + 1)

    /// The text of a line counted from 1, without its end.
    member _.Line(line: int) =
        let starts = lineStarts.Value
        let first = starts[line - 1]
        let last = if line < starts.Length then starts[line] else text.Length
        text.Substring(first, last - first).TrimEnd('\r', '\n')

/// The half-open range of characters [Start, End) of one source.
[<Struct; CustomEquality; NoComparison>]
type Span =
    { Source: Source
      Start: int
      End: int }

    /// Spans never take part in the equality of syntax trees: print and parse again must give an equal tree.
    override _.Equals _ = true
    override _.GetHashCode() = 0

    static member Between (a: Span) (b: Span) : Span =
        { Source = a.Source
          Start = a.Start
          End = b.End }

    static member None =
        { Source = null
          Start = 0
          End = 0 }

type UnaryOp =
    | Negate
    | Plus
    | Not

type BinaryOp =
    | Add
    | Subtract
    | Multiply
    | Divide
    | Power
    | IntegerDivide
    | Modulo
    /// max(a - b, 0)
    | Less
    | And
    | Or
    | LessThan
    | LessOrEqual
    | Equal
    | NotEqual
    | GreaterOrEqual
    | GreaterThan
    | In
    | NotIn
    | Within
    | NotWithin
    | Union
    | Intersection
    | Difference
    | SymmetricDifference
    | Cross
    /// & of strings
    | Concatenate

/// Operators over an indexing: `sum {i in I} e`.
type IteratedOp =
    | Sum
    | Product
    | Minimum
    | Maximum
    | Norm1
    | Norm2
    | NormInf
    | LogSumExp
    | Exists
    | ForAll
    /// setof {…} expression-or-tuple
    | SetOf
    /// union {i in I} S[i]
    | UnionOver
    | IntersectionOver

type Expr = { Kind: ExprKind; Span: Span }

and ExprKind =
    | Number of float
    | Text of string
    /// `p`, `x[i,j]`: any name with its subscripts (empty without brackets). Dummies too.
    | Reference of name: string * subscripts: Expr list
    /// `c[i].dual`, `x.lb`
    | Suffixed of target: Expr * suffix: string
    | Unary of UnaryOp * Expr
    | Binary of BinaryOp * Expr * Expr
    /// `sqrt(x)`, `min(a, b)`, `card(S)`, `next(i, S)`, `Uniform(0, 1)`
    | Call of name: string * arguments: Expr list
    | Iterated of IteratedOp * Indexing * Expr
    | Conditional of condition: Expr * whenTrue: Expr * whenFalse: Expr option
    /// `(i, j)` with two or more items
    | Tuple of Expr list
    /// `{…}` as an expression. Items without a pattern are set members or sets, as the binder finds.
    | Braces of Indexing
    | Range of first: Expr * last: Expr * step: Expr option
    /// `<<b1, b2; s1, s2, s3>> x` with an optional second argument `(x, c)`; items may be indexed.
    | PiecewiseLinear of breakpoints: PiecewiseItem list * slopes: PiecewiseItem list * argument: Expr * zero: Expr option

and PiecewiseItem =
    { Indexing: Indexing option
      Value: Expr }

/// One item of `{i in S, (j,k) in T, U: condition}`.
and IndexItem =
    {
        /// None for a bare set. One expression for `i in S`, several for `(i,j) in S`: a name not yet bound is
        /// a dummy, anything else selects a slice.
        Pattern: Expr list option
        Set: Expr
        Span: Span
    }

and Indexing =
    { Items: IndexItem list
      Condition: Expr option
      Span: Span }

/// A word of data mode.
[<Struct>]
type DataTokenKind =
    | NumberToken
    /// An unquoted or quoted symbol
    | SymbolToken
    /// `.`, a missing value
    | MissingToken
    /// `*` of a slice or template
    | StarToken

/// Plain struct so that millions of them are one array. Like spans, Start and End take no part in equality.
[<Struct; CustomEquality; NoComparison>]
type DataToken =
    {
        Kind: DataTokenKind
        Number: float
        /// null but for symbols
        Text: string
        Start: int
        End: int
    }

    override this.Equals(other) =
        match other with
        | :? DataToken as that ->
            this.Kind = that.Kind
            && this.Number.Equals that.Number
            && String.Equals(this.Text, that.Text)
        | _ -> false

    override this.GetHashCode() =
        HashCode.Combine(this.Kind, this.Number, this.Text)

/// A piece of the body of `set` or `param` in data mode.
type DataChunk =
    /// `[a,*,b]`, `(a,*)`: holds for the chunks after it
    | Template of DataToken[]
    /// Values, or subscripts and values, in a row
    | List of DataToken[]
    /// `: c1 c2 := r1 v v r2 v v`, with `(tr)` transposed. The body is flat: the binder, which knows the
    /// dimension, cuts it into rows. `+` and `-` of set tables are symbols.
    | Table of transposed: bool * columns: DataToken[] * body: DataToken[]

/// What a `param:` table lists: `param: S: p q := …`.
type DataStatement =
    | DataSet of name: string * nameSpan: Span * subscript: DataToken[] * chunks: DataChunk list
    | DataParam of name: string * nameSpan: Span * defaultValue: DataToken option * chunks: DataChunk list
    | DataParams of set: (string * Span) option * columns: (string * Span) list * defaultValue: DataToken option * transposed: bool * body: DataToken[]
    /// `let` may not appear here; `var` start values in data mode: `var x := 1 3.5 2 4;`
    | DataVar of name: string * nameSpan: Span * defaultValue: DataToken option * chunks: DataChunk list

type ObjectiveSense =
    | Minimize
    | Maximize

type SetAttribute =
    | Dimen of Expr
    | SetWithin of Expr
    | SetIs of Expr
    | SetDefault of Expr
    | Ordered
    | Circular
    | OrderedBy of Expr

type ParamAttribute =
    | Integer
    | Binary
    | Symbolic
    | ParamIn of Expr
    /// `> 0`, `<= n`
    | ParamRelation of BinaryOp * Expr
    | ParamIs of Expr
    | ParamDefault of Expr

type VarAttribute =
    | IntegerVar
    | BinaryVar
    | SymbolicVar
    | LowerBound of Expr
    | UpperBound of Expr
    /// `in interval [a, b]`, `in S`
    | InInterval of Expr * Expr
    | InSet of Expr
    /// `= e`: a defined variable
    | DefinedAs of Expr
    /// `:= e`
    | StartAt of Expr
    /// `default e`
    | StartDefault of Expr
    /// `suffix name expr`, `coeff …`, `cover …` are refused by the parser
    | VarSuffix of string * Expr

type ComplementSide =
    /// an expression without a relation
    | Free of Expr
    | Single of Expr * BinaryOp * Expr
    | Double of Expr * BinaryOp * Expr * BinaryOp * Expr

type ConstraintBody =
    | Relation of Expr * BinaryOp * Expr
    | DoubleRelation of Expr * BinaryOp * Expr * BinaryOp * Expr
    | Complements of ComplementSide * ComplementSide

type ExpectStatement =
    {
        /// A name with subscripts, perhaps `.dual`, or `status`
        Target: Expr
        Relation: BinaryOp
        Value: Expr
        Tolerance: Expr option
        Condition: Expr option
    }

/// `path lambda := a .. b by log 100;`
type PathStatement =
    {
        /// A parameter, perhaps with subscripts
        Target: Expr
        First: Expr
        Last: Expr
        /// By equal ratios instead of equal differences
        IsLogarithmic: bool
        /// Number of values, both ends included
        Count: Expr
        /// A file for the table, instead of the output
        Redirect: Expr option
    }

type TableDirection =
    | TableIn
    | TableOut
    | TableInOut

/// `ASSETS <- [ticker]`, `mu ~ mean`, `cap`
type TableColumn =
    {
        /// Parameter, variable or set in the model, or an expression (OUT)
        Value: Expr
        /// Name in the file, if it differs
        Column: string option
        Direction: TableDirection option
    }

type TableDeclaration =
    { Name: string
      Direction: TableDirection
      /// handler, file, table …
      Arguments: Expr list
      Indexing: Indexing option
      /// The set that a read fills, `ASSETS <- [ticker]`
      KeySet: (string * Span) option
      Keys: string list
      /// The index each key stands for in the columns' expressions, `[i ~ FROM]`; None without one
      KeyIndices: string option list
      Columns: TableColumn list }

type Statement = { Kind: StatementKind; Span: Span }

and StatementKind =
    | SetDeclaration of name: string * Indexing option * (SetAttribute * Span) list
    | ParamDeclaration of name: string * Indexing option * (ParamAttribute * Span) list
    | VarDeclaration of name: string * Indexing option * (VarAttribute * Span) list
    | ObjectiveDeclaration of name: string * ObjectiveSense * Indexing option * body: Expr option
    | ConstraintDeclaration of name: string * Indexing option * ConstraintBody
    | LowerDeclaration of name: string * Indexing option * over: (Indexing option * Expr) list * body: Statement list
    | BlockDeclaration of name: string * Indexing option * members: (Indexing option * Expr) list
    | Expectation of ExpectStatement
    /// Solves along a parameter, each time from the last answer
    | Path of PathStatement
    | Check of Indexing option * Expr
    | Table of TableDeclaration
    | ReadTable of string
    | WriteTable of string
    | Data of DataStatement
    | Let of Indexing option * target: Expr * value: Expr
    | Fix of Indexing option * target: Expr * value: Expr option
    | Unfix of Indexing option * target: Expr
    | Drop of Indexing option * target: Expr
    | Restore of Indexing option * target: Expr
    | UseObjective of target: Expr
    /// `option name value, name value;`: a value of None asks for the option to be printed.
    | Option of (string * Expr option) list
    | Solve
    | Display of (Indexing option * Expr) list
    | Print of Indexing option * Expr list * redirect: Expr option
    | Printf of Indexing option * Expr list * redirect: Expr option
    /// `for {i in S} { … }`
    | For of Indexing * Statement list
    | If of condition: Expr * Statement list * Statement list
    /// `repeat while c { … };`, `repeat { … } until c;`: the sense is true for while
    | Repeat of before: (bool * Expr) option * body: Statement list * after: (bool * Expr) option
    /// `break`, `continue`
    | Break
    | Continue
    /// `include f`, `model f`, `data f`: carried out by the parser through its file opener and gone from the tree
    | Include of kind: string * file: string
    /// `model;`, `data;`, `end;`, `reset;` without effect after parsing are dropped; `reset data` and the like are refused.
    | Command of name: string

/// What went wrong, or might, at which place; printed with the line and a caret.
type Severity =
    | Error
    | Warning
    | Note

type Diagnostic =
    { Severity: Severity
      /// A stable code such as "unknown-name"
      Code: string
      Message: string
      Span: Span
      /// What to do instead, or the nearest name
      Hint: string option }

/// A parsed model file with everything it includes.
type SyntaxTree =
    { Statements: Statement list
      Sources: Source list }
