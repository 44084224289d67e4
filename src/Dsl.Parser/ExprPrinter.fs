namespace Optc.Parser

open System.Globalization
open System.Text

/// Expressions as text with the fewest parentheses that parse back to the same tree.
module internal ExprPrinter =

    let private operatorText operator =
        match operator with
        | Add -> "+"
        | Subtract -> "-"
        | Multiply -> "*"
        | Divide -> "/"
        | Power -> "^"
        | IntegerDivide -> "div"
        | Modulo -> "mod"
        | Less -> "less"
        | And -> "and"
        | Or -> "or"
        | LessThan -> "<"
        | LessOrEqual -> "<="
        | Equal -> "="
        | NotEqual -> "<>"
        | GreaterOrEqual -> ">="
        | GreaterThan -> ">"
        | In -> "in"
        | NotIn -> "not in"
        | Within -> "within"
        | NotWithin -> "not within"
        | Union -> "union"
        | Intersection -> "inter"
        | Difference -> "diff"
        | SymmetricDifference -> "symdiff"
        | Cross -> "cross"
        | Concatenate -> "&"

    let relation operator = operatorText operator

    let private iteratedText operator =
        match operator with
        | Sum -> "sum"
        | Product -> "prod"
        | Minimum -> "min"
        | Maximum -> "max"
        | Norm1 -> "norm1"
        | Norm2 -> "norm2"
        | NormInf -> "norminf"
        | LogSumExp -> "logsumexp"
        | Exists -> "exists"
        | ForAll -> "forall"
        | SetOf -> "setof"
        | UnionOver -> "union"
        | IntersectionOver -> "inter"

    let quote (text: string) = "'" + text.Replace("'", "''") + "'"

    let number (value: float) =
        if System.Double.IsPositiveInfinity value then "Infinity"
        elif System.Double.IsNegativeInfinity value then "-Infinity"
        else value.ToString("R", CultureInfo.InvariantCulture)

    /// Whether an `else` behind the text of this expression would be taken by a conditional within it.
    let rec private endsOpen (e: Expr) =
        match e.Kind with
        | ExprKind.Conditional(_, _, None) -> true
        | ExprKind.Conditional(_, _, Some last)
        | ExprKind.Unary(_, last)
        | ExprKind.Binary(_, _, last)
        | ExprKind.Iterated(_, _, last)
        | ExprKind.Range(_, _, Some last)
        | ExprKind.Range(_, last, None) -> endsOpen last
        | _ -> false

    /// The least level that the left operand of an operator needs to stand without parentheses.
    let private leftLevel level =
        if level = Precedence.Power || level = Precedence.Relation then level + 1 else level

    let private rightLevel level =
        if level = Precedence.Power then level else level + 1

    /// Writes an expression. `least`: operators of lower levels need parentheses. `context`: the level with which
    /// the parser comes to this place, on which branches of conditionals depend. `follow`: the level of the operator
    /// that stands behind (0 if none), which must not be taken in by an open operand such as that of `sum`.
    let rec write (out: StringBuilder) (least: int) (context: int) (follow: int) (e: Expr) : unit =
        let text (s: string) = out.Append s |> ignore

        let parenthesised () =
            text "("
            write out Precedence.If Precedence.If 0 e
            text ")"

        match e.Kind with
        | ExprKind.Number value when value < 0.0 && (follow >= Precedence.Unary) -> parenthesised ()
        | ExprKind.Number value -> text (number value)
        | ExprKind.Text value -> text (quote value)
        | ExprKind.Reference(name, subscripts) ->
            text name

            if not subscripts.IsEmpty then
                text "["
                separated out Precedence.Value subscripts
                text "]"
        | ExprKind.Suffixed(target, suffix) ->
            write out Precedence.Power Precedence.Power 0 target
            text "."
            text suffix
        | ExprKind.Call(name, arguments) ->
            text name
            text "("
            separated out Precedence.If arguments
            text ")"
        | ExprKind.Tuple items ->
            text "("
            separated out Precedence.If items
            text ")"
        | ExprKind.Braces over -> indexing out over
        | ExprKind.PiecewiseLinear(breakpoints, slopes, argument, zero) ->
            text "<<"
            pieces out breakpoints
            text "; "
            pieces out slopes
            text ">> "

            match zero, argument.Kind with
            | None, (ExprKind.Reference _ | ExprKind.Suffixed _) -> write out Precedence.Power Precedence.Power 0 argument
            | _ ->
                text "("
                separated out Precedence.Value (argument :: Option.toList zero)
                text ")"
        | ExprKind.Unary(operator, inner) ->
            let level =
                if operator = Not then Precedence.Relation else Precedence.Unary

            if follow >= level then
                parenthesised ()
            else
                text (
                    match operator with
                    | Negate -> "-"
                    | Plus -> "+"
                    | Not -> "not "
                )

                write out level level follow inner
        | ExprKind.Iterated(operator, over, body) ->
            let level = Precedence.ofOperand operator

            if follow >= level then
                parenthesised ()
            else
                text (iteratedText operator)
                text " "
                indexing out over
                text " "
                write out level level follow body
        | ExprKind.Conditional(condition, whenTrue, whenFalse) ->
            let arithmetic = context > Precedence.In
            let conditional = not arithmetic && Precedence.isCondition whenTrue

            let takes =
                if arithmetic || whenFalse.IsSome && not conditional then
                    Precedence.Value
                else
                    Precedence.If

            if follow >= takes then
                parenthesised ()
            else
                text "if "
                write out Precedence.If Precedence.If 0 condition
                text " then "
                let first = if arithmetic then Precedence.Value else Precedence.If

                match whenFalse with
                | None -> write out first first follow whenTrue
                | Some other ->
                    if endsOpen whenTrue then
                        text "("
                        write out Precedence.If Precedence.If 0 whenTrue
                        text ")"
                    else
                        write out first first 0 whenTrue

                    text " else "
                    let second = if conditional then Precedence.If else Precedence.Value
                    write out second second follow other
        | ExprKind.Range(first, last, step) ->
            if Precedence.Range < least then
                parenthesised ()
            else
                write out Precedence.Concatenate context Precedence.Range first
                text ".."
                // an open operand that ends in a range would take the step
                let behind = if step.IsSome then Precedence.Range else follow
                write out Precedence.Concatenate Precedence.Concatenate behind last

                match step with
                | Some by ->
                    text " by "
                    write out Precedence.Concatenate Precedence.Concatenate follow by
                | None -> ()
        | ExprKind.Binary(operator, _, _) ->
            if Precedence.ofBinary operator < least then
                parenthesised ()
            else
                // sums may have a hundred thousand terms: walk down the left side without recursion
                let rights = System.Collections.Generic.Stack<struct (BinaryOp * Expr)>()
                let mutable left = e
                let mutable needed = least
                let mutable descending = true

                while descending do
                    match left.Kind with
                    | ExprKind.Binary(op, a, b) when Precedence.ofBinary op >= needed ->
                        rights.Push(struct (op, b))
                        left <- a
                        needed <- leftLevel (Precedence.ofBinary op)
                    | _ -> descending <- false

                let struct (firstOperator, _) = rights.Peek()
                write out needed context (Precedence.ofBinary firstOperator) left

                while rights.Count > 0 do
                    let struct (op, right) = rights.Pop()
                    let level = Precedence.ofBinary op

                    if level = Precedence.Power then
                        text (operatorText op)
                    else
                        text " "
                        text (operatorText op)
                        text " "

                    let behind =
                        if rights.Count = 0 then
                            follow
                        else
                            let struct (nextOperator, _) = rights.Peek()
                            Precedence.ofBinary nextOperator

                    write out (rightLevel level) (rightLevel level) behind right

    and private separated out level (items: Expr list) =
        items
        |> List.iteri (fun i item ->
            if i > 0 then
                out.Append(", ") |> ignore

            write out level level 0 item)

    and private pieces out (items: PiecewiseItem list) =
        items
        |> List.iteri (fun i item ->
            if i > 0 then
                out.Append(", ") |> ignore

            match item.Indexing with
            | Some over ->
                indexing out over
                out.Append ' ' |> ignore
                write out Precedence.Concatenate Precedence.Concatenate 0 item.Value
            | None ->
                // a leading brace would be read as an indexing
                let start = out.Length
                write out Precedence.Concatenate Precedence.Concatenate 0 item.Value

                if out[start] = '{' then
                    out.Insert(start, '(').Append(')') |> ignore)

    and indexing (out: StringBuilder) (over: Indexing) : unit =
        out.Append '{' |> ignore

        over.Items
        |> List.iteri (fun i item ->
            if i > 0 then
                out.Append(", ") |> ignore

            match item.Pattern with
            | Some [ one ] ->
                write out Precedence.Value Precedence.Value 0 one
                out.Append(" in ") |> ignore
            | Some several ->
                out.Append '(' |> ignore
                separated out Precedence.If several
                out.Append(") in ") |> ignore
            | None -> ()

            write out Precedence.Value Precedence.Value 0 item.Set)

        match over.Condition with
        | Some condition ->
            out.Append(": ") |> ignore
            write out Precedence.If Precedence.If 0 condition
        | None -> ()

        out.Append '}' |> ignore
