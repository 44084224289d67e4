namespace Optc.Compiler

open System
open System.Globalization
open System.Text
open Optc.Parser

/// Numbers and `printf` formats as AMPL users know them.
module Format =
    /// `%.6g` of C: n significant digits, trailing zeros dropped unless `keep`.
    let general (x: float) (digits: int) (keep: bool) : string =
        if Double.IsNaN x then
            "nan"
        elif Double.IsInfinity x then
            (if x > 0.0 then "Infinity" else "-Infinity")
        elif x = 0.0 then
            "0"
        else
            let digits = max 1 digits
            let scientific = x.ToString($"E{digits - 1}", CultureInfo.InvariantCulture)
            let at = scientific.IndexOf 'E'
            let exponent = int (scientific.Substring(at + 1))

            let trim (s: string) =
                if not keep && s.Contains '.' then s.TrimEnd('0').TrimEnd('.') else s

            if exponent < -5 + 1 || exponent >= digits then
                let sign = if exponent < 0 then "-" else "+"
                $"{trim (scientific.Substring(0, at))}e{sign}{(abs exponent).ToString().PadLeft(2, '0')}"
            else
                trim (x.ToString($"F{max 0 (digits - 1 - exponent)}", CultureInfo.InvariantCulture))

    /// As `display` prints a number
    let number (x: float) = general x 6 false

    let ofMember (m: Member) =
        match m.Symbol with
        | null -> number m.Number
        | s -> s

    let private one (span: Span) (flags: string) (width: int) (precision: int) (conversion: char) (value: Member) : string =
        let numeric () =
            match value.Symbol with
            | null -> value.Number
            | s -> Errors.fail "printf" span $"printf: '{s}' is not a number for %%{conversion}"

        let signed (s: string) =
            if s.StartsWith '-' then s
            elif flags.Contains '+' then "+" + s
            elif flags.Contains ' ' then " " + s
            else s

        let body =
            match conversion with
            | 'd'
            | 'i'
            | 'u' -> signed (Math.Round(numeric ()).ToString("F0", CultureInfo.InvariantCulture))
            | 'f'
            | 'F' -> signed ((numeric ()).ToString($"F{if precision < 0 then 6 else precision}", CultureInfo.InvariantCulture))
            | 'e'
            | 'E' ->
                let s = (numeric ()).ToString($"E{if precision < 0 then 6 else precision}", CultureInfo.InvariantCulture)
                let at = s.IndexOf 'E'
                let exponent = int (s.Substring(at + 1))
                let sign = if exponent < 0 then '-' else '+'
                signed $"{s.Substring(0, at)}{conversion}{sign}{(abs exponent).ToString().PadLeft(2, '0')}"
            | 'g'
            | 'G' -> signed (general (numeric ()) (if precision < 0 then 6 else precision) (flags.Contains '#'))
            | 'x' -> (int64 (numeric ())).ToString "x"
            | 'c' -> Char.ConvertFromUtf32(int (numeric ()))
            | 's' ->
                let s =
                    match value.Symbol with
                    | null -> general value.Number 15 false
                    | s -> s

                if precision >= 0 && precision < s.Length then s.Substring(0, precision) else s
            | 'q' -> value.Quoted
            | other -> Errors.fail "printf" span $"printf: the conversion %%{other} is not known"

        if flags.Contains '-' then
            body.PadRight width
        elif flags.Contains '0' && value.IsNumber && body.Length < width then
            let digits = body.TrimStart('+', '-', ' ')
            body.Substring(0, body.Length - digits.Length) + digits.PadLeft(width - (body.Length - digits.Length), '0')
        else
            body.PadLeft width

    /// C's printf: the first value is the format, escapes included.
    let printf (span: Span) (values: Member list) : string =
        let format =
            match values.Head.Symbol with
            | null -> values.Head.ToString()
            | s -> s

        let result = StringBuilder()
        let mutable rest = values.Tail
        let mutable at = 0

        let next () =
            match rest with
            | value :: others ->
                rest <- others
                value
            | [] -> Errors.fail "printf" span "printf: the format asks for more values than are given"

        let digits () =
            if at < format.Length && format[at] = '*' then
                at <- at + 1
                int (next ()).Number
            else
                let start = at

                while at < format.Length && Char.IsAsciiDigit format[at] do
                    at <- at + 1

                if at = start then -1 else int (format.Substring(start, at - start))

        while at < format.Length do
            match format[at] with
            | '\\' when at + 1 < format.Length ->
                let escaped =
                    match format[at + 1] with
                    | 'n' -> "\n"
                    | 't' -> "\t"
                    | 'r' -> "\r"
                    | '\\' -> "\\"
                    | '"' -> "\""
                    | '\'' -> "'"
                    | other -> "\\" + string other

                result.Append escaped |> ignore
                at <- at + 2
            | '%' when at + 1 < format.Length && format[at + 1] = '%' ->
                result.Append '%' |> ignore
                at <- at + 2
            | '%' ->
                at <- at + 1
                let start = at

                while at < format.Length && "-+ #0".Contains format[at] do
                    at <- at + 1

                let flags = format.Substring(start, at - start)
                let width = max 0 (digits ())

                let precision =
                    if at < format.Length && format[at] = '.' then
                        at <- at + 1
                        max 0 (digits ())
                    else
                        -1

                while at < format.Length && (format[at] = 'l' || format[at] = 'h') do
                    at <- at + 1

                if at >= format.Length then
                    Errors.fail "printf" span "printf: the format ends inside a conversion"

                result.Append(one span flags width precision format[at] (next ())) |> ignore
                at <- at + 1
            | c ->
                result.Append c |> ignore
                at <- at + 1

        result.ToString()
