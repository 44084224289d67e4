namespace Optc.Parser

open System
open System.Text

/// Syntax trees as text that parses back to the same tree.
module Printer =

    /// One expression or condition, with the fewest parentheses.
    let expression (e: Expr) : string =
        let out = StringBuilder()
        ExprPrinter.write out Precedence.If Precedence.If 0 e
        out.ToString()

    let private at level (e: Expr) =
        let out = StringBuilder()
        ExprPrinter.write out level level 0 e
        out.ToString()

    let private value e = at Precedence.Value e

    /// An expression that may not begin with a brace, which would be read as an indexing.
    let private unbraced level (e: Expr) =
        let shown = at level e
        if shown.StartsWith '{' then $"({expression e})" else shown

    /// `{i in I, j in J: i < j}`
    let indexing (over: Indexing) : string =
        let out = StringBuilder()
        ExprPrinter.indexing out over
        out.ToString()

    let private before (over: Indexing option) =
        match over with
        | Some found -> indexing found + " "
        | None -> ""

    let private behind (over: Indexing option) =
        match over with
        | Some found -> " " + indexing found
        | None -> ""

    let private setAttribute attribute =
        match attribute with
        | Dimen e -> "dimen " + value e
        | SetWithin e -> "within " + value e
        | SetIs e -> ":= " + value e
        | SetDefault e -> "default " + value e
        | Ordered -> "ordered"
        | Circular -> "circular"
        | OrderedBy e -> "ordered by " + value e

    let private paramAttribute attribute =
        match attribute with
        | Integer -> "integer"
        | ParamAttribute.Binary -> "binary"
        | Symbolic -> "symbolic"
        | ParamIn e -> "in " + value e
        | ParamRelation(operator, e) -> ExprPrinter.relation operator + " " + value e
        | ParamIs e -> ":= " + value e
        | ParamDefault e -> "default " + value e

    let private varAttribute attribute =
        match attribute with
        | IntegerVar -> "integer"
        | BinaryVar -> "binary"
        | SymbolicVar -> "symbolic"
        | LowerBound e -> ">= " + value e
        | UpperBound e -> "<= " + value e
        | InInterval(a, b) -> $"in interval [{value a}, {value b}]"
        | InSet e -> "in " + value e
        | DefinedAs e -> "= " + value e
        | StartAt e -> ":= " + value e
        | StartDefault e -> "default " + value e
        | VarSuffix(name, e) -> $"suffix {name} {value e}"

    let private declaration word name over (attributes: ('a * Span) list) (show: 'a -> string) =
        let shown = attributes |> List.map (fst >> show)
        let listed = if shown.IsEmpty then "" else " " + String.Join(", ", shown)
        $"{word} {name}{behind over}{listed};"

    let private side part =
        match part with
        | Free e -> value e
        | Single(a, r, b) -> $"{value a} {ExprPrinter.relation r} {value b}"
        | Double(a, r1, b, r2, c) ->
            $"{value a} {ExprPrinter.relation r1} {value b} {ExprPrinter.relation r2} {value c}"

    let private constraintBody body =
        match body with
        | Relation(a, r, b) -> side (ComplementSide.Single(a, r, b))
        | DoubleRelation(a, r1, b, r2, c) -> side (ComplementSide.Double(a, r1, b, r2, c))
        | Complements(a, b) -> $"{side a} complements {side b}"

    let private family (members: (Indexing option * Expr) list) =
        String.Join(", ", members |> List.map (fun (over, e) -> before over + value e))

    let private direction way =
        match way with
        | TableIn -> "IN"
        | TableOut -> "OUT"
        | TableInOut -> "INOUT"

    let private table (t: TableDeclaration) =
        let arguments = t.Arguments |> List.map (fun e -> " " + value e) |> String.concat ""

        let arrow =
            match t.Direction with
            | TableIn -> " <- "
            | TableOut -> " -> "
            | TableInOut -> " <-> "

        let source =
            match t.Indexing, t.KeySet with
            | Some over, _ -> indexing over + arrow
            | None, Some(set, _) -> set + arrow
            | None, None -> ""

        let key (name: string) (index: string option) =
            match index with
            | Some dummy -> $"{dummy} ~ {ExprPrinter.quote name}"
            | None -> ExprPrinter.quote name

        let keys = String.Join(", ", List.map2 key t.Keys t.KeyIndices)

        let column (c: TableColumn) =
            let name =
                match c.Column with
                | Some found -> " ~ " + ExprPrinter.quote found
                | None -> ""

            let way =
                match c.Direction with
                | Some found -> " " + direction found
                | None -> ""

            $", {value c.Value}{name}{way}"

        let columns = t.Columns |> List.map column |> String.concat ""
        $"table {t.Name} {direction t.Direction}{arguments}: {source}[{keys}]{columns};"

    let private output word (over: Indexing option) (items: Expr list) (redirect: Expr option) =
        let start = if over.IsSome then (before over).TrimEnd() + ": " else ""
        let listed = String.Join(", ", items |> List.map (unbraced Precedence.In))

        let file =
            match redirect with
            | Some e -> " > " + unbraced Precedence.Concatenate e
            | None -> ""

        $"{word} {start}{listed}{file};"

    let private optionValue (e: Expr) =
        match e.Kind with
        | ExprKind.Number _
        | ExprKind.Text _ -> expression e
        | _ -> $"({expression e})"

    let rec private lines (indent: string) (s: Statement) : string =
        let body statements =
            statements |> List.map (lines (indent + "  ")) |> String.concat ""

        let one (text: string) = indent + text + "\n"

        match s.Kind with
        | SetDeclaration(name, over, attributes) -> one (declaration "set" name over attributes setAttribute)
        | ParamDeclaration(name, over, attributes) -> one (declaration "param" name over attributes paramAttribute)
        | VarDeclaration(name, over, attributes) -> one (declaration "var" name over attributes varAttribute)
        | ObjectiveDeclaration(name, sense, over, e) ->
            let word = if sense = Minimize then "minimize" else "maximize"

            match e with
            | Some found -> one $"{word} {name}{behind over}: {value found};"
            | None -> one $"{word} {name}{behind over};"
        | ConstraintDeclaration(name, over, found) -> one $"subject to {name}{behind over}: {constraintBody found};"
        | LowerDeclaration(name, over, members, inner) ->
            one $"lower {name}{behind over} over {family members}:" + body inner + one "end;"
        | BlockDeclaration(name, over, members) -> one $"block {name}{behind over}: {family members};"
        | Expectation e ->
            let tolerance =
                match e.Tolerance with
                | Some t -> " within " + value t
                | None -> ""

            let condition =
                match e.Condition with
                | Some c -> " if " + expression c
                | None -> ""

            one $"expect {value e.Target} {ExprPrinter.relation e.Relation} {value e.Value}{tolerance}{condition};"
        | Path found ->
            let way = if found.IsLogarithmic then "log" else "linear"

            let redirect =
                match found.Redirect with
                | Some file -> " > " + unbraced Precedence.Concatenate file
                | None -> ""

            let number = unbraced Precedence.Additive
            one $"path {value found.Target} := {number found.First} .. {number found.Last} by {way} {number found.Count}{redirect};"
        | Check(over, e) -> 
            let over = if over.IsSome then (before over).TrimEnd() + ": " else ""
            one $"check {over}{unbraced Precedence.If e};"
        | StatementKind.Table t -> one (table t)
        | ReadTable name -> one $"read table {name};"
        | WriteTable name -> one $"write table {name};"
        | Data found -> indent + "data;\n" + indent + DataPrinter.statement found + "\n" + indent + "model;\n"
        | Let(over, target, e) -> one $"let {before over}{value target} := {value e};"
        | Fix(over, target, Some e) -> one $"fix {before over}{value target} := {value e};"
        | Fix(over, target, None) -> one $"fix {before over}{value target};"
        | Unfix(over, target) -> one $"unfix {before over}{value target};"
        | Drop(over, target) -> one $"drop {before over}{value target};"
        | Restore(over, target) -> one $"restore {before over}{value target};"
        | UseObjective target -> one $"objective {value target};"
        | Option settings ->
            let setting (name: string, e: Expr option) =
                match e with
                | Some found -> $"{name} {optionValue found}"
                | None -> name

            one ("option " + String.Join(", ", settings |> List.map setting) + ";")
        | Solve -> one "solve;"
        | Display items ->
            let item (over: Indexing option, e: Expr) =
                match over, e.Kind with
                | None, ExprKind.Braces _ -> value e
                | None, _ -> unbraced Precedence.In e
                | Some found, _ -> indexing found + " " + unbraced Precedence.In e

            one ("display " + String.Join(", ", items |> List.map item) + ";")
        | Print(over, items, redirect) -> one (output "print" over items redirect)
        | Printf(over, items, redirect) -> one (output "printf" over items redirect)
        | For(over, inner) -> one $"for {indexing over} {{" + body inner + one "}"
        | If(condition, whenTrue, whenFalse) ->
            let other = if whenFalse.IsEmpty then "" else one "else {" + body whenFalse + one "}"
            one $"if {expression condition} then {{" + body whenTrue + one "}" + other
        | Repeat(first, inner, last) ->
            let test (found: (bool * Expr) option) =
                match found with
                | Some(isWhile, e) -> (if isWhile then " while " else " until ") + expression e
                | None -> ""

            one $"repeat{test first} {{" + body inner + one $"}}{test last};"
        | Break -> one "break;"
        | Continue -> one "continue;"
        | Include(kind, file) -> one $"{kind} {ExprPrinter.quote file};"
        | Command name -> one $"{name};"

    /// One statement with its semicolon; longer ones on several lines. No newline at the end.
    let statement (s: Statement) : string = (lines "" s).TrimEnd('\n')

    /// A program, one statement after the other.
    let program (statements: Statement list) : string =
        statements |> List.map (lines "") |> String.concat ""
