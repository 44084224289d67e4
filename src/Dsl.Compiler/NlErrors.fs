namespace Optc.Compiler

open Optc.Parser

/// What a .nl file cannot hold, as errors that point into the text.
module NlErrors =
    /// Where a function stands in a body or in what it reads, first met first.
    let private findCall (model: Model) (name: string) (owner: string) : Span =
        let mutable found = Span.None

        let look (e: Expr) =
            Syntax.iterNames
                (fun _ -> false)
                (fun _ -> false)
                (fun _ _ _ -> ())
                (fun called span _ ->
                    if called = name && isNull found.Source then
                        found <- span)
                Set.empty
                e

        let bodies (entity: Entity) =
            match entity with
            | :? DefinedVarEntity as v -> [ v.Body ]
            | :? ObjectiveEntity as o -> Option.toList o.Body
            | :? ConstraintEntity as c -> Syntax.constraintParts c.Body
            | _ -> []

        // The owner first, then whatever it may read.
        for entity in Seq.append (Option.toList (model.TryFind owner)) model.Entities do
            for body in bodies entity do
                if isNull found.Source then
                    look body

        found

    /// The name of the constraint, objective or defined variable a template belongs to.
    let private ownerOf (template: string) =
        template.Substring(template.IndexOf ' ' + 1).TrimStart '$'

    let private refuse (model: Model) (template: string) (op: Op) : 'a =
        let name =
            match (Operators.get op).Notation with
            | Function(name, _)
            | Infix(name, _, _) -> name

        let remedy =
            match op with
            | Op.RoundTo
            | Op.TruncTo -> $"scale by hand: {name}(100*x)/100"
            | Op.Precision -> "use the number itself, or round it with a scale of its own"
            | _ -> $"approximate {name} by functions that .nl files have (exp, log, powers, tanh, if …)"

        Errors.failWithHint
            "unsupported"
            (findCall model name (ownerOf template))
            $"{template.TrimStart '$'} applies {name} to variables, which .nl files have no operator for"
            remedy

    /// Runs a part of the export. Raises ModelError.
    let guard (model: Model) (action: unit -> 'T) : 'T =
        try
            action ()
        with
        | NlUnsupported(template, op) -> refuse model template op
        | NlNotFinite(template, value) ->
            let span =
                match model.TryFind(ownerOf template) with
                | Some entity -> entity.Span
                | None -> Span.None

            Errors.failWithHint
                "not-finite"
                span
                $"{template.TrimStart '$'} holds the number {value}, which a .nl file cannot hold"
                "check its data, and the domains of the functions of data in it"
