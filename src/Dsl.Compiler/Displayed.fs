namespace Optc.Compiler

open System.IO
open Optc.Parser

/// The items of a `display` command.
[<Sealed>]
type Displayed(model: Model, evaluator: Evaluator, output: TextWriter) =
    let kinds = evaluator.Kinds

    let textOf (e: Expr) =
        match e.Span.Source with
        | null -> "value"
        | source -> source.Text.Substring(e.Span.Start, e.Span.End - e.Span.Start)

    /// The value of a parameter that has none is shown as a point.
    let parameter (p: ParamEntity) position =
        try
            Format.ofMember (p.Value position)
        with ModelError { Code = "no-value" } ->
            "."

    let whole (label: string) (entity: Entity) (suffix: string option) : DisplayItem =
        let value: int -> string =
            match entity, suffix with
            | (:? ParamEntity as p), None -> parameter p
            | (:? VarEntity as v), None -> fun k -> Format.number v.Value[k]
            | (:? DefinedVarEntity as d), None -> fun k -> Format.number (d.Number k)
            | (:? ObjectiveEntity as o), None -> fun k -> Format.number (o.Compute k)
            | (:? ConstraintEntity as c), None -> fun k -> Format.number (if c.Dual.Length = 0 then 0.0 else c.Dual[k])
            | _, Some suffix ->
                // Through the expression with the subscripts in the first slots
                let names = [ for k in 0 .. entity.Arity - 1 -> $"index {k}" ]
                let reserved = Scope.Root.Reserve(names.Length, entity.Span)
                let scope = names |> List.indexed |> List.fold (fun (s: Scope) (k, n) -> s.Bind(n, k, None)) reserved
                let reference name subscripts : Expr = { Kind = Reference(name, subscripts); Span = entity.Span }
                let target = reference entity.Name (names |> List.map (fun n -> reference n []))
                let number = evaluator.Number(scope, { Kind = Suffixed(target, suffix); Span = entity.Span })
                let frame = Scope.NewFrame()

                fun k ->
                    entity.Domain.CopyTo(k, frame, 0)
                    Format.number (number frame)
            | other, None -> fun _ -> other.Kind

        { Label = label
          Domain = entity.Domain
          Value = value }

    let isWhole (e: Expr) =
        match e.Kind with
        | Reference(name, []) ->
            match model.TryFind name with
            | Some(:? SetEntity)
            | None -> None
            | Some entity -> Some(entity, None)
        | Suffixed({ Kind = Reference(name, []) }, suffix) -> model.TryFind name |> Option.map (fun entity -> entity, Some suffix)
        | _ -> None

    let showSet (scope: Scope) (e: Expr) : Frame -> unit =
        match e.Kind with
        | Reference(name, []) ->
            match model.TryFind name with
            | Some(:? SetEntity as s) when s.Arity > 0 ->
                fun _ ->
                    for position in 0 .. s.Domain.Count - 1 do
                        DisplayText.set output (s.PlainName position) (s.Item position)
            | _ ->
                let set = evaluator.Set(scope, e)
                fun frame -> DisplayText.set output name (set frame)
        | _ ->
            let set = evaluator.Set(scope, e)
            fun frame -> DisplayText.set output (textOf e) (set frame)

    /// One item: a set is shown at once, a value joins a table.
    let item (scope: Scope) (indexing: Indexing option) (e: Expr) : Frame -> DisplayItem option =
        let label = textOf e

        match indexing, isWhole e with
        | None, Some(entity, suffix) when (scope.TryFind entity.Name).IsNone -> fun _ -> Some(whole label entity suffix)
        | None, _ when kinds.IsSet(scope, e) ->
            let show = showSet scope e

            fun frame ->
                show frame
                None
        | None, _ ->
            let value = evaluator.Member(scope, e)

            fun frame ->
                let text = Format.ofMember (value frame)

                Some
                    { Label = label
                      Domain = ProductSet.Unit
                      Value = fun _ -> text }
        | Some indexing, _ ->
            let inner, plan = evaluator.Indexing(scope, indexing)
            let value = evaluator.Member(inner, e)

            fun frame ->
                let domain = plan.Domain frame

                Some
                    { Label = label
                      Domain = domain
                      Value =
                        fun k ->
                            domain.CopyTo(k, frame, plan.First)
                            Format.ofMember (value frame) }

    member _.Compile(scope: Scope, items: (Indexing option * Expr) list) : Frame -> unit =
        let items = items |> List.map (fun (indexing, e) -> item scope indexing e)

        fun frame ->
            items
            |> List.choose (fun item -> item frame)
            |> DisplayText.items output
