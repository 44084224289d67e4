namespace Optc.Compiler

open System
open System.IO
open Optc.Parser

/// What `display` shows: a label and a value for every member of a set of subscripts.
type DisplayItem =
    { Label: string
      Domain: IndexSet
      /// The text at a position of the domain; "." for a missing value
      Value: int -> string }

/// `display` in the manner of AMPL: `x = 3`, lists for one subscript, tables for two or for several items over the same
/// subscripts.
module DisplayText =
    let private shownMember (m: Member) = Format.ofMember m

    let private key (domain: IndexSet) position =
        let members: Member[] = Array.zeroCreate (max 1 domain.Arity)
        domain.CopyTo(position, members, 0)
        members

    /// Columns of texts, the first aligned left and the others right.
    let private grid (output: TextWriter) (rows: string[][]) =
        let width = Array.init rows[0].Length (fun c -> rows |> Seq.map (fun r -> r[c].Length) |> Seq.max)

        for row in rows do
            let cells = row |> Array.mapi (fun c text -> if c = 0 then text.PadRight width[c] else text.PadLeft width[c])
            output.WriteLine(String.Join("   ", cells).TrimEnd())

    /// Marks the line of column names: `: a b :=`.
    let private table (output: TextWriter) (heads: string[]) (rows: (string * string[])[]) =
        let first = Array.append [| ":" |] heads
        let body = rows |> Array.map (fun (label, cells) -> Array.append [| label |] cells)
        let lines = new StringWriter()
        lines.NewLine <- "\n"
        grid lines (Array.append [| first |] body)
        let text = lines.ToString().TrimEnd('\n').Split('\n')
        output.WriteLine(text[0] + "   :=")

        for line in text[1..] do
            output.WriteLine line

        output.WriteLine ";"

    let private labels (domain: IndexSet) position =
        let members = key domain position
        String.Join(" ", Seq.init domain.Arity (fun k -> shownMember members[k]))

    /// A two-dimensional table with the first subscript down and the second across.
    let private matrix (output: TextWriter) (item: DisplayItem) =
        let rows = TupleIndex 1
        let columns = TupleIndex 1

        for position in 0 .. item.Domain.Count - 1 do
            let members = key item.Domain position
            rows.Add(members, 0) |> ignore
            columns.Add(members, 1) |> ignore

        let cell r c =
            match item.Domain.Find([| rows.Get(r, 0); columns.Get(c, 0) |], 0) with
            | -1 -> "."
            | position -> item.Value position

        output.WriteLine $"{item.Label} [*,*]"

        table
            output
            [| for c in 0 .. columns.Count - 1 -> shownMember (columns.Get(c, 0)) |]
            [| for r in 0 .. rows.Count - 1 -> shownMember (rows.Get(r, 0)), [| for c in 0 .. columns.Count - 1 -> cell r c |] |]

    let private list (output: TextWriter) (item: DisplayItem) =
        let stars = String.Join(",", Array.create item.Domain.Arity "*")
        output.WriteLine $"{item.Label} [{stars}] :="

        if item.Domain.Count > 0 then
            grid output [| for position in 0 .. item.Domain.Count - 1 -> [| labels item.Domain position; item.Value position |] |]

        output.WriteLine ";"

    let private sameDomain (a: IndexSet) (b: IndexSet) =
        obj.ReferenceEquals(a, b)
        || a.Arity = b.Arity && a.Count = b.Count && SetAlgebra.isSubset a b

    /// Items that follow each other over the same subscripts share a table.
    let rec items (output: TextWriter) (list': DisplayItem list) : unit =
        match list' with
        | [] -> ()
        | item :: rest when item.Domain.Arity = 0 ->
            output.WriteLine $"{item.Label} = {item.Value 0}"
            items output rest
        | item :: rest ->
            let mates = rest |> List.takeWhile (fun other -> sameDomain item.Domain other.Domain)

            if mates.IsEmpty then
                if item.Domain.Arity = 2 && item.Domain.Count > 0 then
                    matrix output item
                else
                    list output item
            else
                let all = item :: mates |> Array.ofList

                table
                    output
                    (all |> Array.map _.Label)
                    [| for position in 0 .. item.Domain.Count - 1 ->
                           let members = key item.Domain position

                           labels item.Domain position,
                           all |> Array.map (fun other -> other.Value(other.Domain.Find(members, 0))) |]

            output.WriteLine()
            items output (List.skip mates.Length rest)

    /// `set S := a b c;`
    let set (output: TextWriter) (label: string) (set: IndexSet) =
        let members =
            [ for position in 0 .. set.Count - 1 ->
                  let tuple = key set position

                  if set.Arity = 1 then
                      shownMember tuple[0]
                  else
                      "(" + String.Join(",", tuple |> Array.map shownMember) + ")" ]

        let text = String.Join(" ", members)
        output.WriteLine(if set.Count = 0 then $"set {label} := ;" else $"set {label} := {text};")
