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

    /// Optimal string alignment distance: insertions, deletions, replacements and swaps of neighbours.
    let private distance (a: string) (b: string) =
        let d = Array2D.zeroCreate (a.Length + 1) (b.Length + 1)

        for i in 0 .. a.Length do
            d[i, 0] <- i

        for j in 0 .. b.Length do
            d[0, j] <- j

        for i in 1 .. a.Length do
            for j in 1 .. b.Length do
                let cost = if a[i - 1] = b[j - 1] then 0 else 1
                d[i, j] <- min (min (d[i - 1, j] + 1) (d[i, j - 1] + 1)) (d[i - 1, j - 1] + cost)

                if i > 1 && j > 1 && a[i - 1] = b[j - 2] && a[i - 2] = b[j - 1] then
                    d[i, j] <- min d[i, j] (d[i - 2, j - 2] + 1)

        d[a.Length, b.Length]

    /// The known name nearest to a wrong one, if it is near enough to be meant.
    let nearest (name: string) (known: string seq) : string option =
        let limit = max 1 (name.Length / 3)

        known
        |> Seq.map (fun k -> k, (if String.Equals(k, name, StringComparison.OrdinalIgnoreCase) then 0 else distance name k))
        |> Seq.filter (fun (_, d) -> d <= limit)
        |> Seq.sortBy snd
        |> Seq.tryHead
        |> Option.map fst

    let didYouMean name known =
        nearest name known |> Option.map (fun near -> $"did you mean {near}?")
