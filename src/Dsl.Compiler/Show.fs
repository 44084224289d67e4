namespace Optc.Compiler

open System.IO
open Optc.Parser
open Optc.Runtime.Templates

/// Models, templates and derivatives as text: what `show` prints.
module Show =
    /// Templates that are printed; a model with more is one of many shapes.
    let private templateLimit = 200

    /// The declarations of the model in a standard layout.
    let writeDeclarations (out: TextWriter) (tree: SyntaxTree) : unit =
        for statement in tree.Statements do
            if Syntax.isDeclaration statement then
                out.WriteLine(Printer.statement statement)

    let private kind (template: Template) =
        if template.IsLinear then "linear"
        elif template.IsQuadratic then "quadratic"
        else "nonlinear"

    /// The variable at a position of the extended point; None for stage values and auxiliary variables.
    let private variableAt (compiled: CompiledModel) (position: int) : string option =
        compiled.Model.Variables
        |> Array.tryFind (fun v -> v.Offset <= position && position < v.Offset + v.Domain.Count)
        |> Option.map (fun v -> v.PlainName(position - v.Offset))

    /// Which variables the slots are in the first instance, where their labels alone do not tell them apart.
    let private firstInstance (compiled: CompiledModel) (writer: FormulaWriter) (template: Template) (d: Templates.Description) : string option =
        if template.InstanceCount = 0 || (Array.distinct d.SlotLabels).Length = d.SlotLabels.Length then
            None
        else
            [ for k in 0 .. template.Slots.Length - 1 do
                  match variableAt compiled (template.Slots[k].Item 0) with
                  | Some name -> $"{writer.Slot k} is {name}"
                  | None -> () ]
            |> String.concat ", "
            |> Some

    /// One template: its expression, on request its derivatives, and the subexpressions they share.
    let writeTemplate (out: TextWriter) (style: FormulaStyle) (derivatives: bool) (compiled: CompiledModel) (number: int) : unit =
        let template, d = compiled.Templates[number], compiled.Descriptions[number]

        let roots =
            [| yield d.Root
               if derivatives then
                   yield! d.Gradient |> Seq.map snd
                   yield! d.Hessian |> Seq.map (fun (_, _, h) -> h) |]

        let writer = FormulaWriter(d.Graph, roots, d.SlotLabels, d.DatumLabels, style)
        let instances = if template.InstanceCount = 1 then "1 instance" else $"{template.InstanceCount} instances"
        out.WriteLine()
        out.WriteLine $"{template.Name}: {instances}, {kind template}"

        let line (left: string) (right: string) =
            match style with
            | PlainText -> out.WriteLine $"  {left} = {right}"
            | Latex -> out.WriteLine $"  \\[ {left} = {right} \\]"

        let slot k = writer.Slot k
        line "f" (writer.Text d.Root)

        for name, text in writer.Definitions do
            line name text

        match style, firstInstance compiled writer template d with
        | PlainText, Some text -> out.WriteLine $"  in the first instance {text}"
        | _ -> ()

        if derivatives then
            for k, g in d.Gradient do
                line (if style = Latex then $"\\frac{{\\partial f}}{{\\partial {slot k}}}" else $"d f / d {slot k}") (writer.Text g)

            for a, b, h in d.Hessian do
                line
                    (if style = Latex then
                         (if a = b then
                              $"\\frac{{\\partial^2 f}}{{\\partial {slot a}^2}}"
                          else
                              $"\\frac{{\\partial^2 f}}{{\\partial {slot a}\\,\\partial {slot b}}}")
                     else
                         $"d2 f / d {slot a} d {slot b}")
                    (writer.Text h)

    /// The declarations, then every template.
    let write (out: TextWriter) (compiled: CompiledModel) (latex: bool) (derivatives: bool) : unit =
        writeDeclarations out compiled.Model.Tree
        let style = if latex then Latex else PlainText

        for k in 0 .. min templateLimit compiled.Templates.Length - 1 do
            writeTemplate out style derivatives compiled k

        if compiled.Templates.Length > templateLimit then
            out.WriteLine()
            out.WriteLine $"… {compiled.Templates.Length - templateLimit} more templates"
