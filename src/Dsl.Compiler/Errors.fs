namespace Optc.Compiler

open System
open Optc.Parser

/// A model or data error while something is evaluated; the session turns it into a diagnostic of the model.
exception ModelError of Diagnostic with
    override this.Message = this.Data0.Message

module Errors =
    let make severity code span message hint : Diagnostic =
        { Severity = severity
          Code = code
          Message = message
          Span = span
          Hint = hint }

    let error code span message = make Error code span message None

    let fail code span message : 'a = raise (ModelError(error code span message))

    let failWithHint code span message hint : 'a =
        raise (ModelError(make Error code span message (Some hint)))

    let didYouMean name (known: string seq) =
        Suggest.nearest known name |> Option.map (fun near -> $"did you mean {near}?")

    let notNumber span what =
        fail "kind" span $"a number is needed here, not {what}"

    /// The number of a member; a symbol is an error.
    let numberOf (span: Span) (m: Member) : float =
        match m.Symbol with
        | null -> m.Number
        | _ -> notNumber span m.Quoted
