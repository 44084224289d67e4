namespace Optc.Compiler

open System
open System.Collections.Generic
open System.Globalization
open System.Text

/// How formulas are written.
type FormulaStyle =
    | PlainText
    | Latex

/// Leaves of formulas.
module private FormulaLeaf =
    let number style (value: float) =
        let text = value.ToString("R", CultureInfo.InvariantCulture)

        match style, text.IndexOf 'E' with
        | PlainText, _ -> text.Replace("E", "e")
        | Latex, -1 ->
            if Double.IsInfinity value then
                (if value > 0.0 then "\\infty" else "-\\infty")
            else
                text
        | Latex, at -> $"{text.Substring(0, at)} \\cdot 10^{{{int (text.Substring(at + 1))}}}"

    /// A name, perhaps with subscripts: `w[i,j+1]`; anything else is an expression of data.
    let private isReference (label: string) =
        let name = label |> Seq.takeWhile (fun c -> Char.IsLetterOrDigit c || c = '_' || c = '.') |> Seq.length

        let rec closes at depth =
            if at = label.Length then depth = 0
            elif label[at] = '[' then closes (at + 1) (depth + 1)
            elif label[at] = ']' then (depth > 1 || at = label.Length - 1) && closes (at + 1) (depth - 1)
            else depth > 0 && closes (at + 1) depth

        name > 0 && closes name 0

    let private escape (text: string) =
        text.Replace("\\", "\\backslash ").Replace("{", "\\{").Replace("}", "\\}").Replace("_", "\\_").Replace("&", "\\&").Replace("%", "\\%").Replace("#", "\\#").Replace("$", "\\$")

    let private label style (text: string) =
        let text = text.TrimStart '$'

        match style with
        | PlainText -> if isReference text then text else $"({text})"
        | Latex when isReference text ->
            let at = text.IndexOf '['
            let name = if at < 0 then text else text.Substring(0, at)
            let shown = if name.Length = 1 then name else $"\\mathit{{{escape name}}}"
            if at < 0 then shown else $"{shown}_{{{escape (text.Substring(at + 1, text.Length - at - 2))}}}"
        | Latex -> $"\\left(\\mathtt{{{escape text}}}\\right)"

    /// Labels as they are written. The same text may stand for several places of the model (the members of a short sum);
    /// from the second on they get a number: `x[i]#2`.
    let labels style (texts: string[]) : string[] =
        let met = Dictionary<string, int>()

        [| for text in texts do
               let count = 1 + (match met.TryGetValue text with | true, n -> n | _ -> 0)
               met[text] <- count

               match style, count with
               | _, 1 -> label style text
               | PlainText, _ -> $"{label style text}#{count}"
               | Latex, _ -> $"{{{label style text}^{{({count})}}}}" |]

/// Writes nodes of a graph as formulas. Subexpressions that several places use are named t1, t2, … in the order in which
/// they can be computed.
[<Sealed>]
type FormulaWriter(graph: Graph, roots: int[], slotLabels: string[], datumLabels: string[], style: FormulaStyle) =
    let slots = FormulaLeaf.labels style slotLabels
    let data = FormulaLeaf.labels style datumLabels
    let sumLevel = 60
    let negationLevel = 65
    let productLevel = 70
    let powerLevel = 90
    let atomLevel = 100

    let arguments id =
        let n = graph[id]
        [ n.A; n.B; n.C ] |> List.filter (fun a -> a >= 0)

    let isOperator id = graph[id].Kind = NodeKind.OperatorNode

    /// The named nodes and their numbers.
    let names =
        let needed = graph.Needed roots
        let uses: int[] = Array.zeroCreate graph.Count
        let size: int[] = Array.zeroCreate graph.Count
        let names = Dictionary<int, int>()

        for root in roots do
            uses[root] <- uses[root] + 1

        for id in 0 .. graph.Count - 1 do
            if needed[id] && isOperator id then
                for a in arguments id do
                    uses[a] <- uses[a] + 1

        for id in 0 .. graph.Count - 1 do
            if needed[id] then
                size[id] <- 1

                if isOperator id then
                    for a in arguments id do
                        size[id] <- size[id] + (if names.ContainsKey a then 1 else size[a])

                    let isCostly =
                        match (Operators.get graph[id].Op).Notation with
                        | Function _ -> graph[id].Op <> Op.Square
                        | Infix _ -> size[id] > 3

                    if uses[id] > 1 && (isCostly || size[id] > 4) then
                        names[id] <- names.Count + 1

        names

    let named (number: int) =
        match style with
        | PlainText -> $"t{number}"
        | Latex -> $"t_{{{number}}}"

    /// The number of a node that is a negative constant, or a product with one.
    let negativeFactor id =
        match graph.TryConstant id with
        | ValueSome c when c < 0.0 -> ValueSome struct (c, -1)
        | _ ->
            if isOperator id && not (names.ContainsKey id) && graph[id].Op = Op.Mul then
                match graph.TryConstant graph[id].A with
                | ValueSome c when c < 0.0 -> ValueSome struct (c, graph[id].B)
                | _ -> ValueNone
            else
                ValueNone

    let level id =
        if names.ContainsKey id then
            atomLevel
        else
            match graph[id].Kind with
            | NodeKind.ConstantNode -> if graph[id].Value < 0.0 then negationLevel else atomLevel
            | NodeKind.SlotNode
            | NodeKind.DatumNode -> atomLevel
            | _ ->
                match graph[id].Op with
                | Op.Neg -> negationLevel
                | Op.Square
                | Op.Pow -> powerLevel
                | Op.Div when style = Latex -> atomLevel
                | Op.Select -> 0
                | op ->
                    match (Operators.get op).Notation with
                    | Infix(_, precedence, _) -> precedence
                    | Function _ -> atomLevel

    let opening, closing =
        match style with
        | PlainText -> "(", ")"
        | Latex -> "\\left(", "\\right)"

    let times =
        match style with
        | PlainText -> "*"
        | Latex -> "\\,"

    let append (out: StringBuilder) (text: string) = out.Append text |> ignore

    let rec write (out: StringBuilder) (least: int) (id: int) : unit =
        match names.TryGetValue id with
        | true, number -> out.Append(named number) |> ignore
        | _ ->
            if level id < least then
                out.Append opening |> ignore
                body out id
                out.Append closing |> ignore
            else
                body out id

    and separated (out: StringBuilder) (text: string) = out.Append text |> ignore

    and body out id =
        let n = graph[id]

        match n.Kind with
        | NodeKind.ConstantNode -> append out (FormulaLeaf.number style n.Value)
        | NodeKind.SlotNode -> append out slots[n.Index]
        | NodeKind.DatumNode -> append out data[n.Index]
        | _ -> operator out n

    and operator out n =
        match n.Op with
        | Op.Add ->
            match negativeFactor n.A, negativeFactor n.B with
            | _, ValueSome struct (c, rest) -> difference out n.A c rest
            | ValueSome struct (c, rest), _ -> difference out n.B c rest
            | _ ->
                write out sumLevel n.A
                append out " + "
                write out sumLevel n.B
        | Op.Sub ->
            write out sumLevel n.A
            append out " - "
            write out (sumLevel + 1) n.B
        | Op.Neg ->
            append out "-"
            write out productLevel n.A
        | Op.Mul ->
            write out productLevel n.A
            append out times
            write out productLevel n.B
        | Op.Div when style = Latex ->
            append out "\\frac{"
            write out 0 n.A
            append out "}{"
            write out 0 n.B
            append out "}"
        | Op.Div ->
            write out productLevel n.A
            append out "/"
            write out (productLevel + 1) n.B
        | Op.Square -> power out n.A (fun () -> append out "2")
        | Op.Pow -> power out n.A (fun () -> write out (if style = Latex then 0 else powerLevel) n.B)
        | Op.Sqrt when style = Latex ->
            append out "\\sqrt{"
            write out 0 n.A
            append out "}"
        | Op.Abs when style = Latex ->
            append out "\\left|"
            write out 0 n.A
            append out "\\right|"
        | Op.Select ->
            let word (text: string) =
                append out (if style = Latex then $"\\text{{ {text} }}" else $" {text} ")

            append out (if style = Latex then "\\text{if }" else "if ")
            write out 1 n.A
            word "then"
            write out 1 n.B
            word "else"
            write out 1 n.C
        | op ->
            match (Operators.get op).Notation with
            | Infix(symbol, precedence, latex) ->
                write out precedence n.A
                append out (if style = Latex then $" {latex} " else $" {symbol} ")
                write out (precedence + 1) n.B
            | Function(name, latex) ->
                append out (if style = Latex then latex else name)
                append out opening

                [ n.A; n.B; n.C ]
                |> List.filter (fun a -> a >= 0)
                |> List.iteri (fun k a ->
                    if k > 0 then
                        append out ", "

                    write out 0 a)

                append out closing

    /// left − |c|·rest; rest is −1 for none.
    and difference out left (c: float) rest =
        write out sumLevel left
        append out " - "

        if rest < 0 then
            append out (FormulaLeaf.number style -c)
        else
            if c <> -1.0 then
                append out (FormulaLeaf.number style -c)
                append out times

            write out productLevel rest

    and power out basis exponent =
        write out (powerLevel + 1) basis
        append out (if style = Latex then "^{" else "^")
        exponent ()

        if style = Latex then
            append out "}"

    /// A slot as formulas write it.
    member _.Slot(number: int) : string = slots[number]

    /// A node as a formula.
    member _.Text(id: int) : string =
        let out = StringBuilder()
        write out 0 id
        out.ToString()

    /// The named subexpressions with what they stand for, each before its uses.
    member _.Definitions: (string * string) list =
        [ for pair in names do
              let out = StringBuilder()
              body out pair.Key
              named pair.Value, out.ToString() ]
