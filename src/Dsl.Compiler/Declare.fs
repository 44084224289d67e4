namespace Optc.Compiler

open Optc.Parser

/// Enters the declared names of a syntax tree into a model.
module Declare =
    /// `{k in K}` before `{j in J: c}`: the indexing of what is declared inside an indexed lower problem.
    let prefix (outer: Indexing option) (inner: Indexing option) : Indexing option =
        match outer, inner with
        | None, other
        | other, None -> other
        | Some a, Some b ->
            let condition =
                match a.Condition, b.Condition with
                | None, c
                | c, None -> c
                | Some c, Some d ->
                    Some
                        { Kind = ExprKind.Binary(And, c, d)
                          Span = Span.Between c.Span d.Span }

            Some
                { Items = a.Items @ b.Items
                  Condition = condition
                  Span = Span.Between a.Span b.Span }

    let private add (model: Model) (entity: Entity) =
        match model.TryFind entity.Name with
        | Some earlier ->
            let place =
                match earlier.Span.Source with
                | null -> ""
                | source ->
                    let struct (line, _) = source.Position earlier.Span.Start
                    $" in line {line} of {source.Name}"

            model.Diagnostics.Add(
                Errors.make Error "duplicate" entity.Span $"{entity.Name} is already declared, as a {earlier.Kind}{place}" (Some "give one of them another name")
            )
        | None ->
            if Functions.isKnown entity.Name then
                model.Diagnostics.Add(
                    Errors.make Warning "hides-function" entity.Span $"{entity.Kind} {entity.Name} has the name of a function, which it hides where it stands without parentheses" None
                )

            model.Add entity

    /// The declaration's own span ends with the name where that can be told.
    let private variable name span indexing attributes : Entity =
        match attributes |> List.tryPick (function DefinedAs e, _ -> Some e | _ -> None) with
        | Some body -> DefinedVarEntity(name, span, indexing, body)
        | None -> VarEntity(name, span, indexing, attributes)

    let rec private statement (model: Model) (lower: (string * Indexing option) option) (s: Statement) : unit =
        let inside, outer =
            match lower with
            | Some(name, indexing) -> name, indexing
            | None -> "", None

        match s.Kind with
        | SetDeclaration(name, indexing, attributes) -> add model (SetEntity(name, s.Span, indexing, attributes))
        | ParamDeclaration(name, indexing, attributes) -> add model (ParamEntity(name, s.Span, indexing, attributes))
        | VarDeclaration(name, indexing, attributes) ->
            add model (variable name s.Span indexing attributes)

            if attributes |> List.exists (function DefinedAs _, _ -> true | _ -> false) then
                for attribute, span in attributes do
                    match attribute with
                    | LowerBound _
                    | UpperBound _
                    | InInterval _
                    | InSet _
                    | IntegerVar
                    | BinaryVar ->
                        model.Diagnostics.Add(
                            Errors.make Error "defined-attribute" span $"{name} is defined by an expression and cannot have bounds or be integer" (Some "state a constraint instead")
                        )
                    | _ -> ()
        | ObjectiveDeclaration(name, sense, indexing, body) ->
            let o = ObjectiveEntity(name, s.Span, prefix outer indexing, sense, body)
            o.Lower <- inside
            add model o
        | ConstraintDeclaration(name, indexing, body) ->
            let c = ConstraintEntity(name, s.Span, prefix outer indexing, body)
            c.Lower <- inside
            add model c
        | LowerDeclaration(name, indexing, over, body) ->
            if lower.IsSome then
                model.Diagnostics.Add(
                    Errors.make Error "nested-lower" s.Span $"lower problem {name} stands inside lower problem {inside}: only two levels can be stated" None
                )
            else
                let members =
                    body
                    |> List.choose (fun b ->
                        match b.Kind with
                        | ObjectiveDeclaration(n, _, _, _)
                        | ConstraintDeclaration(n, _, _) -> Some n
                        | _ -> None)

                add model (LowerEntity(name, s.Span, indexing, over, members))
                body |> List.iter (statement model (Some(name, indexing)))
        | BlockDeclaration(name, indexing, members) -> add model (BlockEntity(name, s.Span, indexing, members))
        | Table t -> add model (TableEntity(s.Span, t))
        | For(_, body) -> body |> List.iter (statement model lower)
        | If(_, a, b) -> (a @ b) |> List.iter (statement model lower)
        | Repeat(_, body, _) -> body |> List.iter (statement model lower)
        | _ -> ()

    /// Declares everything in the tree, duplicates reported.
    let all (model: Model) = model.Tree.Statements |> List.iter (statement model None)
