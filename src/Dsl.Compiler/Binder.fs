namespace Optc.Compiler

open Optc.Parser

/// The dummies of a table without an indexing: its key columns.
module TableKeys =
    let scope (t: TableDeclaration) (span: Span) : Scope =
        let names = List.map2 (fun index key -> Option.defaultValue key index) t.KeyIndices t.Keys
        let reserved = Scope.Root.Reserve(names.Length, span)
        names |> List.indexed |> List.fold (fun (scope: Scope) (k, name) -> scope.Bind(name, k, None)) reserved

/// Declares the names of a syntax tree, infers dimensions, checks every statement and sets up the evaluation of every
/// entity. All independent errors are found in one run; after any, nothing is set up.
[<Sealed>]
type Binder(model: Model) =
    let evaluator = Evaluator model
    let kinds = evaluator.Kinds
    let checker = Checker(model, kinds)
    let trail = Trail()
    let data = DataEvaluation(evaluator, trail)
    let variables = VariableEvaluation(evaluator, trail)

    let isVariable (e: Entity) = e :? VarEntity

    /// The expressions and indexings of a statement, its own blocks included, for the inference of dimensions.
    let rec parts (s: Statement) : Expr list * Indexing list =
        let join all = all |> List.map parts |> List.unzip |> fun (a, b) -> List.concat a, List.concat b

        match s.Kind with
        | SetDeclaration(_, i, attributes) ->
            attributes |> List.choose (function (SetWithin e | SetIs e | SetDefault e), _ -> Some e | _ -> None), Option.toList i
        | ParamDeclaration(_, i, attributes) ->
            attributes |> List.choose (function (ParamIn e | ParamRelation(_, e) | ParamIs e | ParamDefault e), _ -> Some e | _ -> None), Option.toList i
        | VarDeclaration(_, i, attributes) ->
            attributes
            |> List.collect (function
                | (LowerBound e | UpperBound e | InSet e | DefinedAs e | StartAt e | StartDefault e), _ -> [ e ]
                | InInterval(a, b), _ -> [ a; b ]
                | _ -> []),
            Option.toList i
        | ObjectiveDeclaration(_, _, i, body) -> Option.toList body, Option.toList i
        | ConstraintDeclaration(_, i, body) -> Syntax.constraintParts body, Option.toList i
        | LowerDeclaration(_, i, over, body) ->
            let expressions, indexings = join body
            List.map snd over @ expressions, Option.toList i @ List.choose fst over @ indexings
        | BlockDeclaration(_, i, members) -> List.map snd members, Option.toList i @ List.choose fst members
        | Check(i, e) -> [ e ], Option.toList i
        | Let(i, a, b) -> [ a; b ], Option.toList i
        | Path x -> [ x.Target; PathEnds.withLargest model 1.0 x.First; PathEnds.withLargest model 1.0 x.Last; x.Count ], []
        | Fix(i, a, b) -> a :: Option.toList b, Option.toList i
        | Unfix(i, a)
        | Drop(i, a)
        | Restore(i, a) -> [ a ], Option.toList i
        | Display items -> List.map snd items, List.choose fst items
        | Print(i, items, _)
        | Printf(i, items, _) -> items, Option.toList i
        | For(i, body) ->
            let expressions, indexings = join body
            expressions, i :: indexings
        | If(c, a, b) ->
            let expressions, indexings = join (a @ b)
            c :: expressions, indexings
        | Repeat(_, body, _) -> join body
        | Table t -> [], Option.toList t.Indexing
        | _ -> [], []

    let entityScope (entity: Entity) = checker.OptionalIndexing(Scope.Root, Place.Data "an index set", entity.Indexing)

    let attributes (entity: Entity) scope =
        let data words e = checker.Scalar(scope, Place.Data words, e)

        match entity with
        | :? SetEntity as s ->
            for attribute, _ in s.Attributes do
                match attribute with
                | SetWithin e
                | SetIs e
                | SetDefault e
                | OrderedBy e -> checker.Set(scope, Place.Data "a set expression", e)
                | Dimen e -> data "a dimension" e
                | Ordered
                | Circular -> ()
        | :? ParamEntity as p ->
            for attribute, _ in p.Attributes do
                match attribute with
                | ParamIn e -> checker.Set(scope, Place.Data "a set expression", e)
                | ParamRelation(_, e)
                | ParamIs e
                | ParamDefault e -> data "the value of a parameter" e
                | ParamAttribute.Integer
                | ParamAttribute.Binary
                | Symbolic -> ()
        | :? VarEntity as v ->
            for attribute, span in v.Attributes do
                match attribute with
                | LowerBound e
                | UpperBound e -> data "a bound" e
                | InInterval(a, b) ->
                    data "a bound" a
                    data "a bound" b
                | InSet e -> checker.Set(scope, Place.Data "a set expression", e)
                | StartAt e
                | StartDefault e -> data "a starting value" e
                | SymbolicVar -> checker.Report("symbolic-variable", span, $"variable {v.Name} cannot be symbolic", None)
                | VarSuffix(suffix, _) -> checker.Report("variable-suffix", span, $"suffix {suffix} of variable {v.Name} has no meaning here", None)
                | DefinedAs _
                | IntegerVar
                | BinaryVar -> ()
        | _ -> ()

    let body (entity: Entity) scope =
        let expression e = checker.Scalar(scope, Place.Body, e)

        match entity with
        | :? DefinedVarEntity as d -> expression d.Body
        | :? ObjectiveEntity as o -> Option.iter expression o.Body
        | :? ConstraintEntity as c ->
            Syntax.constraintParts c.Body |> List.iter expression

            match c.Body with
            | DoubleRelation(_, op, _, other, _) ->
                let direction op =
                    match op with
                    | LessOrEqual
                    | LessThan -> 1
                    | GreaterOrEqual
                    | GreaterThan -> -1
                    | _ -> 0

                if direction op = 0 || direction op <> direction other then
                    checker.Report("double-relation", entity.Span, $"the two relations of {entity.Name} must point the same way", Some "write lo <= e <= hi")
            | _ -> ()
        | :? LowerEntity as l ->
            for indexing, e in l.Over do
                let inner = checker.OptionalIndexing(scope, Place.Data "an index set", indexing)
                checker.Target(inner, Place.Body, e, isVariable, "a variable")
        | :? BlockEntity as b ->
            for indexing, e in b.Members do
                let inner = checker.OptionalIndexing(scope, Place.Data "an index set", indexing)
                checker.Target(inner, Place.Body, e, isVariable, "a variable")
        | _ -> ()

    let rec command (scope: Scope) (s: Statement) : unit =
        let enter = function
            | Some indexing -> checker.Indexing(scope, Place.Command, indexing)
            | None -> scope

        let value scope e = checker.Scalar(scope, Place.Command, e)
        let shown scope e = if kinds.IsSet(scope, e) then checker.Set(scope, Place.Command, e) else value scope e

        let target indexing e accepts needed =
            checker.Target(enter indexing, Place.Command, e, accepts, needed)

        match s.Kind with
        | Check(indexing, e) -> value (enter indexing) e
        | Let(indexing, e, v) ->
            let inner = enter indexing
            checker.Target(inner, Place.Command, e, (fun t -> t :? ParamEntity || t :? VarEntity || t :? SetEntity), "a parameter, set or variable")
            shown inner v
        | Fix(indexing, e, v) ->
            target indexing e isVariable "a variable"
            v |> Option.iter (value (enter indexing))
        | Unfix(indexing, e) -> target indexing e isVariable "a variable"
        | Drop(indexing, e)
        | Restore(indexing, e) -> target indexing e (fun t -> t :? ConstraintEntity || t :? ObjectiveEntity) "a constraint or objective"
        | UseObjective e -> target None e (fun t -> t :? ObjectiveEntity) "an objective"
        | Display items ->
            for indexing, e in items do
                match e.Kind with
                | Reference(_, [])
                | Suffixed({ Kind = Reference(_, []) }, _) -> checker.Target(enter indexing, Place.Command, e, (fun _ -> true), "a name")
                | _ -> shown (enter indexing) e
        | Print(indexing, items, _)
        | Printf(indexing, items, _) ->
            let inner = enter indexing
            items |> List.iter (shown inner)
        | For(indexing, statements) ->
            let inner = checker.Indexing(scope, Place.Command, indexing)
            statements |> List.iter (command inner)
        | If(c, a, b) ->
            value scope c
            a @ b |> List.iter (command scope)
        | Repeat(before, statements, after) ->
            before |> Option.iter (fun (_, c) -> value scope c)
            statements |> List.iter (command scope)
            after |> Option.iter (fun (_, c) -> value scope c)
        | Path x ->
            value scope x.Target
            value scope (PathEnds.withLargest model 1.0 x.First)
            value scope (PathEnds.withLargest model 1.0 x.Last)
            value scope x.Count
        | Expectation x ->
            (match x.Target.Kind with
             | Reference("status", []) when (model.TryFind "status").IsNone -> ()
             | _ ->
                 value scope x.Target
                 value scope x.Value)

            Option.iter (value scope) x.Tolerance
            Option.iter (value scope) x.Condition
        | Table t ->
            let inner =
                match t.Indexing with
                | Some indexing -> checker.Indexing(scope, Place.Command, indexing)
                | None -> TableKeys.scope t s.Span

            for column in t.Columns do
                match column.Value.Kind with
                | Reference(_, [])
                | Suffixed({ Kind = Reference(_, []) }, _) -> checker.Target(inner, Place.Command, column.Value, (fun _ -> true), "a name")
                | _ -> value inner column.Value

            t.KeySet
            |> Option.iter (fun (name, span) -> checker.Set(scope, Place.Command, { Kind = Reference(name, []); Span = span }))
        | ReadTable name
        | WriteTable name ->
            match model.TryFind name with
            | Some(:? TableEntity) -> ()
            | _ ->
                let hint = Errors.didYouMean name (model.OfType<TableEntity>() |> Seq.map _.Name)
                checker.Report("unknown-name", s.Span, $"there is no table {name}", hint)
        | _ -> ()

    let collectUses (entity: Entity) (expressions: Expr list) =
        let into (names: System.Collections.Generic.HashSet<string>) name _ _ = names.Add name |> ignore
        let nothing _ _ _ = ()
        let walk names bound e = Syntax.iterNames kinds.IsScalarParam (fun _ -> false) (into names) nothing bound e

        let bound =
            match entity.Indexing with
            | Some indexing ->
                Syntax.iterIndexing kinds.IsScalarParam (fun _ -> false) (into entity.DomainUses) nothing Set.empty indexing
            | None -> Set.empty

        entity.Uses.UnionWith entity.DomainUses
        expressions |> List.iter (walk entity.Uses bound)

    let expressions (entity: Entity) : Expr list =
        match entity with
        | :? SetEntity as s -> s.Attributes |> List.choose (function (SetWithin e | SetIs e | SetDefault e | OrderedBy e), _ -> Some e | _ -> None)
        | :? ParamEntity as p ->
            p.Attributes |> List.choose (function (ParamIn e | ParamRelation(_, e) | ParamIs e | ParamDefault e), _ -> Some e | _ -> None)
        | :? VarEntity as v ->
            v.Attributes
            |> List.collect (function
                | (LowerBound e | UpperBound e | InSet e | StartAt e | StartDefault e), _ -> [ e ]
                | InInterval(a, b), _ -> [ a; b ]
                | _ -> [])
        | :? DefinedVarEntity as d -> [ d.Body ]
        | :? ObjectiveEntity as o -> Option.toList o.Body
        | :? ConstraintEntity as c -> Syntax.constraintParts c.Body
        | _ -> []

    let guarded (action: unit -> unit) =
        try
            DeepStack.run action
        with ModelError d ->
            if not (model.Diagnostics.Contains d) then
                model.Diagnostics.Add d

    member _.Evaluator = evaluator
    member _.Data = data

    /// True when no error was found.
    member _.Bind() : bool =
        guarded (fun () -> Declare.all model)

        guarded (fun () ->
            let all, indexings = model.Tree.Statements |> List.map parts |> List.unzip
            Dimensions.infer model kinds (List.concat all) (List.concat indexings))

        for entity in model.Entities do
            guarded (fun () ->
                let scope = entityScope entity
                attributes entity scope
                body entity scope)

        for s in model.Tree.Statements do
            guarded (fun () -> command Scope.Root s)

        let isClean () = model.Diagnostics |> Seq.forall (fun d -> d.Severity <> Error)

        if isClean () then
            for entity in model.Entities do
                guarded (fun () ->
                    collectUses entity (expressions entity)
                    data.Attach entity
                    variables.Attach entity)

        isClean ()
