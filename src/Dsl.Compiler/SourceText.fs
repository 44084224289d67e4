namespace Optc.Compiler

open Optc.Parser

/// Expressions as the user wrote them.
module SourceText =
    /// The text of an expression on one line.
    let ofExpression (e: Expr) : string =
        match e.Span.Source with
        | null -> "(expression)"
        | source ->
            let text = source.Text.Substring(e.Span.Start, max 0 (e.Span.End - e.Span.Start))
            System.String.Join(" ", text.Split([| ' '; '\t'; '\r'; '\n' |], System.StringSplitOptions.RemoveEmptyEntries))
