namespace Optc.Compiler

open System.Collections.Generic
open Optc.Parser

/// What becomes of a model when a parameter varies: the parameters computed from it, and the uses that have no derivative.
module internal ParameterUses =
    let refuse span what : 'a =
        Errors.failWithHint "sensitivity" span what "derivatives exist for parameters that enter formulas of objectives, constraints and bounds only"

    /// The expression from which the values that were not given are computed.
    let private formula (q: ParamEntity) : Expr option =
        match q.Definition, q.DataDefault with
        | Some e, _ -> Some e
        | None, ValueSome _ -> None
        | None, ValueNone -> q.Attributes |> List.tryPick (fun (attribute, _) -> match attribute with ParamDefault e -> Some e | _ -> None)

    let names (analysis: Analysis) (e: Expr) : HashSet<string> =
        let found = HashSet<string>()
        analysis.AddNames(e, found)
        found

    let private drawsRandom (e: Expr) =
        let mutable found = false
        Syntax.iterNames (fun _ -> false) (fun _ -> false) (fun _ _ _ -> ()) (fun name _ _ -> if Functions.random.ContainsKey name then found <- true) Set.empty e
        found

    /// The parameters whose values follow from p by their formulas, each with its formula.
    let followers (model: Model) (analysis: Analysis) (p: ParamEntity) : (ParamEntity * Expr) list =
        let affected = HashSet [ p.Name ]
        let found = ResizeArray<ParamEntity * Expr>()
        let mutable grown = true

        while grown do
            grown <- false

            for entity in model.Entities do
                match entity with
                | :? ParamEntity as q when not (affected.Contains q.Name) ->
                    match formula q with
                    | Some e when (names analysis e).Overlaps affected ->
                        if not q.IsPrepared then
                            q.Prepare()

                        let given = Seq.length q.GivenPositions

                        if given < q.Domain.Count then
                            if given > 0 then
                                refuse q.Span $"parameter {q.Name} is computed from {p.Name} for some subscripts and given for others"

                            if q.IsSymbolic then
                                refuse q.Span $"parameter {q.Name} is symbolic and computed from {p.Name}"

                            if drawsRandom e then
                                refuse q.Span $"parameter {q.Name} is random and computed from {p.Name}"

                            grown <- affected.Add q.Name
                            found.Add(q, e)
                    | _ -> ()
                | _ -> ()

        List.ofSeq found

    /// Relations, `and`, `or`, `not` and conditions on the names.
    let private conditionOn (analysis: Analysis) (affected: HashSet<string>) (e: Expr) : Expr option =
        let mentions e = (names analysis e).Overlaps affected

        let rec visit (e: Expr) : Expr option =
            match e.Kind with
            | Conditional(c, _, _) when mentions c -> Some c
            | Unary(Not, _)
            | Iterated((Exists | ForAll), _, _)
            | ExprKind.Binary((And | Or | LessThan | LessOrEqual | Equal | NotEqual | GreaterOrEqual | GreaterThan | In | NotIn | Within | NotWithin), _, _) when
                mentions e
                ->
                Some e
            | _ -> analysis.Parts e |> List.tryPick visit

        if mentions e then visit e else None

    let private formulas (model: Model) (followers: (ParamEntity * Expr) list) : Expr list =
        [ for entity in model.Entities do
              match entity with
              | :? DefinedVarEntity as d -> d.Body
              | :? ConstraintEntity as c ->
                  match c.Body with
                  | Relation(a, _, b) ->
                      a
                      b
                  | DoubleRelation(a, _, b, _, c) ->
                      a
                      b
                      c
                  | Complements _ -> ()
              | :? VarEntity as v ->
                  for attribute, _ in v.Attributes do
                      match attribute with
                      | LowerBound e
                      | UpperBound e -> e
                      | InInterval(a, b) ->
                          a
                          b
                      | _ -> ()
              | _ -> ()
          match model.CurrentObjective with
          | Some(o, _) -> yield! Option.toList o.Body
          | None -> ()
          for _, e in followers do
              e ]

    /// Refuses what has no derivative: conditions on the names, and commands that computed other data from them.
    let checkUses (model: Model) (analysis: Analysis) (affected: HashSet<string>) (followers: (ParamEntity * Expr) list) : unit =
        for e in formulas model followers do
            match conditionOn analysis affected e with
            | Some condition ->
                let name = affected |> Seq.find (names analysis condition).Contains
                refuse condition.Span $"parameter {name} decides the condition `{SourceText.ofExpression condition}`"
            | None -> ()

        let rec command (s: Statement) =
            let computes (target: Expr) (value: Expr) =
                match target.Kind with
                | Reference(name, _) when not (affected.Contains name) && (names analysis value).Overlaps affected ->
                    let from = affected |> Seq.find (names analysis value).Contains
                    refuse s.Span $"a command computes {name} from {from}, and commands have no derivatives"
                | _ -> ()

            match s.Kind with
            | Let(_, ({ Kind = Reference(name, _) } as target), value) ->
                match model.TryFind name with
                // A start says nothing about the solution.
                | Some(:? VarEntity) -> ()
                | _ -> computes target value
            | Fix(_, target, Some value) -> computes target value
            | For(_, body)
            | Repeat(_, body, _) -> List.iter command body
            | If(_, a, b) -> List.iter command (a @ b)
            | _ -> ()

        List.iter command model.Tree.Statements
