namespace Optc.Compiler.Tests

open System
open System.Collections.Generic
open Optc.Parser
open Optc.Compiler

/// One row of a model as its text says it.
type NaiveRow =
    { Name: string
      Position: int
      Lower: float
      Upper: float
      Body: HyperDual }

/// A plain interpreter of the syntax tree over hyper-dual numbers: no templates, no stages, sums are loops. Sets and
/// parameters that the text computes are computed here again; those read from data are taken from the loaded model.
[<Sealed>]
type NaiveModel(model: Model, point: float[], u: float[], w: float[]) =
    let H = HyperDual.Of

    /// Values of dummies with the members of the set each runs over
    let none: Map<string, Member * Member list> = Map.empty

    let sets = Dictionary<string, Indexing option * (SetAttribute * Span) list>()
    let parameters = Dictionary<string, Indexing option * (ParamAttribute * Span) list>()
    let defined = Dictionary<string, Indexing option * Expr>()
    let variables = Dictionary<string, Indexing option>()
    let given = HashSet<string>()
    let positions = Dictionary<string, Dictionary<string, int>>()
    let offsets = Dictionary<string, int>()
    let parameterValues = Dictionary<string, Member>()
    let definedValues = Dictionary<string, HyperDual>()
    let mutable count = 0

    let keyOf (members: Member list) = String.Join("|", members |> List.map _.Quoted)

    let rec indicate (statements: Statement list) =
        for s in statements do
            match s.Kind with
            | SetDeclaration(name, indexing, attributes) -> sets[name] <- (indexing, attributes)
            | ParamDeclaration(name, indexing, attributes) -> parameters[name] <- (indexing, attributes)
            | VarDeclaration(name, indexing, attributes) ->
                match attributes |> List.tryPick (function DefinedAs e, _ -> Some e | _ -> None) with
                | Some e -> defined[name] <- (indexing, e)
                | None -> variables[name] <- indexing
            | Data(DataSet(name, _, _, _))
            | Data(DataParam(name, _, _, _)) -> given.Add name |> ignore
            | Data(DataParams(set, columns, _, _, _)) ->
                set |> Option.iter (fun (name, _) -> given.Add name |> ignore)

                for name, _ in columns do
                    given.Add name |> ignore
            | Let(_, { Kind = Reference(name, _) }, _) -> given.Add name |> ignore
            | _ -> ()

    do indicate model.Tree.Statements

    member private _.NotHere(e: Expr, what: string) : 'T =
        failwith $"the naive interpreter does not know {what} in {SourceText.ofExpression e}"

    // ---- sets -----------------------------------------------------------------------------------------------------

    member private this.IsSet (env: Map<string, Member * Member list>) (e: Expr) : bool =
        match e.Kind with
        | Range _
        | Braces _
        | ExprKind.Binary((Union | Intersection | Difference | SymmetricDifference | Cross), _, _)
        | Iterated((SetOf | UnionOver | IntersectionOver), _, _) -> true
        | Reference(name, _) -> not (env.ContainsKey name) && sets.ContainsKey name
        | Conditional(_, a, _) -> this.IsSet env a
        | _ -> false

    member private this.Set (env: Map<string, Member * Member list>) (e: Expr) : Member list list =
        let contains (tuples: Member list list) =
            let keys = HashSet(tuples |> List.map keyOf)
            fun tuple -> keys.Contains(keyOf tuple)

        match e.Kind with
        | Range(a, b, step) ->
            let a = this.Data env a
            let b = this.Data env b
            let step = step |> Option.map (this.Data env) |> Option.defaultValue 1.0
            [ for k in 0 .. int (Math.Floor((b - a) / step + 1e-9)) -> [ Member.OfNumber(a + float k * step) ] ]
        | Braces indexing when
            indexing.Condition.IsNone
            && indexing.Items |> List.forall (fun item -> item.Pattern.IsNone && not (this.IsSet env item.Set))
            ->
            [ for item in indexing.Items ->
                  match item.Set.Kind with
                  | Tuple parts -> parts |> List.map (this.Member env)
                  | _ -> [ this.Member env item.Set ] ]
        | Braces indexing -> this.Enumerate env indexing |> List.map fst
        | ExprKind.Binary(Union, a, b) ->
            let a = this.Set env a
            a @ (this.Set env b |> List.filter (contains a >> not))
        | ExprKind.Binary(Intersection, a, b) -> this.Set env a |> List.filter (contains (this.Set env b))
        | ExprKind.Binary(Difference, a, b) -> this.Set env a |> List.filter (contains (this.Set env b) >> not)
        | ExprKind.Binary(SymmetricDifference, a, b) ->
            let a = this.Set env a
            let b = this.Set env b
            (a |> List.filter (contains b >> not)) @ (b |> List.filter (contains a >> not))
        | ExprKind.Binary(Cross, a, b) -> List.allPairs (this.Set env a) (this.Set env b) |> List.map (fun (x, y) -> x @ y)
        | Iterated(SetOf, indexing, body) ->
            [ for _, inner in this.Enumerate env indexing ->
                  match body.Kind with
                  | Tuple parts -> parts |> List.map (this.Member inner)
                  | _ -> [ this.Member inner body ] ]
            |> List.distinctBy keyOf
        | Iterated(UnionOver, indexing, body) ->
            [ for _, inner in this.Enumerate env indexing do
                  yield! this.Set inner body ]
            |> List.distinctBy keyOf
        | Conditional(c, a, b) ->
            if this.Holds env c then this.Set env a
            else
                match b with
                | Some b -> this.Set env b
                | None -> []
        | Reference(name, subscripts) ->
            let computed =
                snd sets[name] |> List.tryPick (function SetIs e, _ -> Some e | _ -> None)

            match computed with
            | Some body when not (given.Contains name) ->
                let key = subscripts |> List.map (this.Member env)
                this.Set (this.Bound(fst sets[name], key)) body
            | _ ->
                let entity = model.TryFind(name).Value :?> SetEntity
                let key = subscripts |> List.map (this.Member env) |> Array.ofList
                let set = entity.Item(if key.Length = 0 then 0 else entity.Domain.Find(key, 0))
                let tuple: Member[] = Array.zeroCreate set.Arity

                [ for k in 0 .. set.Count - 1 ->
                      (set.CopyTo(k, tuple, 0)
                       List.ofArray tuple) ]
        | _ -> this.NotHere(e, "this set")

    /// The members of an indexing with the dummies bound.
    member private this.Enumerate (env: Map<string, Member * Member list>) (indexing: Indexing) =
        let rec items (env: Map<string, Member * Member list>) key rest =
            match rest with
            | [] ->
                match indexing.Condition with
                | Some c when not (this.Holds env c) -> []
                | _ -> [ (List.rev key, env) ]
            | (item: IndexItem) :: rest ->
                let tuples = this.Set env item.Set
                let whole = lazy (tuples |> List.map List.head)

                [ for tuple in tuples do
                      match item.Pattern with
                      | None -> yield! items env (List.rev tuple @ key) rest
                      | Some pattern ->
                          let matched =
                              List.zip pattern tuple
                              |> List.fold
                                  (fun (state: (Map<string, Member * Member list> * Member list) option) (p, m) ->
                                      state
                                      |> Option.bind (fun (inner, free) ->
                                          match p.Kind with
                                          | Reference(name, []) when not (env.ContainsKey name) && (model.TryFind name).IsNone ->
                                              let over = if pattern.Length = 1 then whole.Value else []
                                              Some(inner.Add(name, (m, over)), m :: free)
                                          | _ -> if (this.Member env p).Equals m then Some(inner, free) else None))
                                  (Some(env, []))

                          match matched with
                          | Some(inner, free) -> yield! items inner (free @ key) rest
                          | None -> () ]

        items env [] indexing.Items

    /// The environment of a declaration's body at a key.
    member private this.Bound(indexing: Indexing option, key: Member list) : Map<string, Member * Member list> =
        match indexing with
        | None -> none
        | Some indexing ->
            let names =
                [ for item in indexing.Items do
                      match item.Pattern with
                      | Some pattern ->
                          for p in pattern do
                              match p.Kind with
                              | Reference(name, []) -> name
                              | _ -> ""
                      | None -> "" ]

            if names.Length = key.Length then
                List.zip names key |> List.fold (fun env (name, m) -> if name = "" then env else env.Add(name, (m, []))) none
            else
                none

    // ---- numbers --------------------------------------------------------------------------------------------------

    member private this.Data env (e: Expr) : float = (this.Number env e).V

    member private this.IsSymbol (env: Map<string, Member * Member list>) (e: Expr) : bool =
        match e.Kind with
        | Text _ -> true
        | Reference(name, []) when env.ContainsKey name -> not (fst env[name]).IsNumber
        | Reference(name, _) when parameters.ContainsKey name -> (model.TryFind(name).Value :?> ParamEntity).IsSymbolic
        | Call(("first" | "last" | "next" | "prev" | "member"), _) -> not (this.Member env e).IsNumber
        | _ -> false

    member private this.Member (env: Map<string, Member * Member list>) (e: Expr) : Member =
        let stepped arguments sign =
            let at = this.Member env (List.head arguments)

            let set =
                match arguments with
                | [ { Kind = Reference(name, []) } ] -> snd env[name]
                | _ -> this.Set env arguments[1] |> List.map List.head

            let by = if arguments.Length = 3 then int (this.Data env arguments[2]) else 1
            set[(set |> List.findIndex (fun m -> m.Equals at)) + sign * by]

        match e.Kind with
        | Text s -> Member.OfSymbol s
        | Reference(name, []) when env.ContainsKey name -> fst env[name]
        | Reference(name, subscripts) when parameters.ContainsKey name -> this.Parameter(name, subscripts |> List.map (this.Member env))
        | Call("first", [ s ]) -> this.Set env s |> List.head |> List.head
        | Call("last", [ s ]) -> this.Set env s |> List.last |> List.head
        | Call("member", [ k; s ]) -> (this.Set env s)[int (this.Data env k) - 1] |> List.head
        | Call("next", arguments) -> stepped arguments 1
        | Call("prev", arguments) -> stepped arguments -1
        | Conditional(c, a, Some b) -> if this.Holds env c then this.Member env a else this.Member env b
        | _ -> Member.OfNumber(this.Data env e)

    member private this.Parameter(name: string, key: Member list) : Member =
        let id = name + "|" + keyOf key

        match parameterValues.TryGetValue id with
        | true, value -> value
        | _ ->
            let indexing, attributes = parameters[name]
            let entity = model.TryFind(name).Value :?> ParamEntity

            let value =
                match attributes |> List.tryPick (function ParamIs e, _ -> Some e | _ -> None) with
                | Some e when not (given.Contains name) && not entity.IsSymbolic ->
                    // A number of the data keeps all its digits.
                    { Number = this.Data (this.Bound(indexing, key)) e
                      Symbol = null }
                | _ -> entity.Value(if key.IsEmpty then 0 else entity.Domain.Find(Array.ofList key, 0))

            parameterValues[id] <- value
            value

    member private this.Holds (env: Map<string, Member * Member list>) (e: Expr) : bool =
        match e.Kind with
        | Unary(Not, a) -> not (this.Holds env a)
        | ExprKind.Binary(And, a, b) -> this.Holds env a && this.Holds env b
        | ExprKind.Binary(Or, a, b) -> this.Holds env a || this.Holds env b
        | ExprKind.Binary((LessThan | LessOrEqual | Equal | NotEqual | GreaterOrEqual | GreaterThan) as op, a, b) when
            this.IsSymbol env a || this.IsSymbol env b
            ->
            let same = (this.Member env a).Equals(this.Member env b)
            if op = Equal then same elif op = NotEqual then not same else this.NotHere(e, "an order of symbols")
        | ExprKind.Binary((LessThan | LessOrEqual | Equal | NotEqual | GreaterOrEqual | GreaterThan) as op, a, b) ->
            let x = this.Data env a
            let y = this.Data env b

            match op with
            | LessThan -> x < y
            | LessOrEqual -> x <= y
            | Equal -> x = y
            | NotEqual -> x <> y
            | GreaterOrEqual -> x >= y
            | _ -> x > y
        | ExprKind.Binary((In | NotIn) as op, a, s) ->
            let key =
                match a.Kind with
                | Tuple parts -> parts |> List.map (this.Member env)
                | _ -> [ this.Member env a ]

            let wanted = keyOf key
            (this.Set env s |> List.exists (fun m -> keyOf m = wanted)) = (op = In)
        | Iterated(Exists, indexing, body) -> this.Enumerate env indexing |> List.exists (fun (_, inner) -> this.Holds inner body)
        | Iterated(ForAll, indexing, body) -> this.Enumerate env indexing |> List.forall (fun (_, inner) -> this.Holds inner body)
        | _ -> this.Data env e <> 0.0

    /// The place of a variable in the point: variables in the order of declaration, members in the order of their sets.
    member private this.Place(name: string, key: Member list) : int =
        if count = 0 then
            for KeyValue(name, indexing) in variables do
                let own = Dictionary<string, int>()

                match indexing with
                | None -> own[""] <- 0
                | Some indexing ->
                    for key, _ in this.Enumerate none indexing do
                        own[keyOf key] <- own.Count

                positions[name] <- own
                offsets[name] <- count
                count <- count + own.Count

        offsets[name] + positions[name].[keyOf key]

    member this.Number (env: Map<string, Member * Member list>) (e: Expr) : HyperDual =
        let number = this.Number env

        match e.Kind with
        | Number x -> H x
        | Reference(name, []) when env.ContainsKey name -> H (fst env[name]).Number
        | Reference("Infinity", []) -> H infinity
        | Reference(name, subscripts) when parameters.ContainsKey name -> H (this.Parameter(name, subscripts |> List.map (this.Member env))).Number
        | Reference(name, subscripts) when defined.ContainsKey name ->
            let key = subscripts |> List.map (this.Member env)
            let id = name + "|" + keyOf key

            match definedValues.TryGetValue id with
            | true, value -> value
            | _ ->
                let indexing, body = defined[name]
                let value = this.Number (this.Bound(indexing, key)) body
                definedValues[id] <- value
                value
        | Reference(name, subscripts) when variables.ContainsKey name ->
            let k = this.Place(name, subscripts |> List.map (this.Member env))

            { V = point[k]
              U = u[k]
              W = w[k]
              UW = 0.0 }
        | Unary(Negate, a) -> -(number a)
        | Unary(Plus, a) -> number a
        | ExprKind.Binary(Add, a, b) -> number a + number b
        | ExprKind.Binary(Subtract, a, b) -> number a - number b
        | ExprKind.Binary(Multiply, a, b) -> number a * number b
        | ExprKind.Binary(Divide, a, b) -> number a / number b
        | ExprKind.Binary(Power, a, b) -> HyperDuals.pow (number a) (number b)
        | ExprKind.Binary(IntegerDivide, a, b) -> H(Math.Truncate((number a).V / (number b).V))
        | ExprKind.Binary(Modulo, a, b) -> HyperDuals.modulo (number a) (number b)
        | ExprKind.Binary(Less, a, b) -> HyperDuals.max (number a - number b) (H 0.0)
        | Conditional(c, a, b) ->
            if this.Holds env c then number a
            else
                match b with
                | Some b -> number b
                | None -> H 0.0
        | Iterated(op, indexing, body) when op <> Exists && op <> ForAll ->
            let values = this.Enumerate env indexing |> List.map (fun (_, inner) -> this.Number inner body)

            match op with
            | Sum -> values |> List.fold (+) (H 0.0)
            | Product -> values |> List.fold (*) (H 1.0)
            | Minimum -> values |> List.reduce HyperDuals.min
            | Maximum -> values |> List.reduce HyperDuals.max
            | Norm1 -> values |> List.fold (fun total v -> total + HyperDuals.abs v) (H 0.0)
            | NormInf -> values |> List.fold (fun largest v -> HyperDuals.max largest (HyperDuals.abs v)) (H 0.0)
            | Norm2 -> values |> List.fold (fun total v -> total + v * v) (H 0.0) |> HyperDuals.sqrt
            | LogSumExp ->
                let top = H(values |> List.map _.V |> List.max)
                top + HyperDuals.log (values |> List.fold (fun total v -> total + HyperDuals.exp (v - top)) (H 0.0))
            | _ -> this.NotHere(e, "this reduction")
        | Call("card", [ s ]) -> H(float (this.Set env s).Length)
        | Call("ord", [ m; s ]) ->
            let at = this.Member env m
            H(float (1 + (this.Set env s |> List.findIndex (fun t -> t.Head.Equals at))))
        | Call("ord", [ { Kind = Reference(name, []) } ]) ->
            let at, over = env[name]
            H(float (1 + (over |> List.findIndex (fun m -> m.Equals at))))
        | Call(("first" | "last" | "next" | "prev" | "member"), _) -> H (this.Member env e).Number
        | Call(name, arguments) -> this.Function(e, name, arguments |> List.map number)
        | PiecewiseLinear(breakpoints, slopes, argument, zero) ->
            let x = number argument
            let z = zero |> Option.map number |> Option.defaultValue (H 0.0)
            let b = breakpoints |> List.map (fun item -> this.Data env item.Value)
            let s = slopes |> List.map (fun item -> this.Data env item.Value)

            /// Integral of the slopes from the first breakpoint (or 0) to t.
            let integral (t: HyperDual) =
                let origin = match b with | [] -> 0.0 | first :: _ -> first

                if t.V <= origin then
                    H s.Head * (t - H origin)
                else
                    let mutable total = H 0.0

                    for k in 0 .. b.Length - 1 do
                        if t.V > b[k] then
                            let next = if k = b.Length - 1 then infinity else b[k + 1]
                            total <- total + H s[k + 1] * ((if t.V < next then t else H next) - H b[k])

                    total

            if b.IsEmpty then H s.Head * (x - z) else integral x - integral z
        | _ -> H(if this.Holds env e then 1.0 else 0.0)

    member private this.Function(e: Expr, name: string, arguments: HyperDual list) : HyperDual =
        match name, arguments with
        | "abs", [ x ] -> HyperDuals.abs x
        | "pos", [ x ] -> HyperDuals.max x (H 0.0)
        | "max", _ -> List.reduce HyperDuals.max arguments
        | "min", _ -> List.reduce HyperDuals.min arguments
        | "sqrt", [ x ] -> HyperDuals.sqrt x
        | "exp", [ x ] -> HyperDuals.exp x
        | "log", [ x ] -> HyperDuals.log x
        | "log10", [ x ] -> HyperDuals.log10 x
        | "sin", [ x ] -> HyperDuals.sin x
        | "cos", [ x ] -> HyperDuals.cos x
        | "tan", [ x ] -> HyperDuals.tan x
        | "asin", [ x ] -> HyperDuals.asin x
        | "acos", [ x ] -> HyperDuals.acos x
        | "atan", [ x ] -> HyperDuals.atan x
        | "sinh", [ x ] -> HyperDuals.sinh x
        | "cosh", [ x ] -> HyperDuals.cosh x
        | "tanh", [ x ] -> HyperDuals.tanh x
        | "asinh", [ x ] -> HyperDuals.asinh x
        | "acosh", [ x ] -> HyperDuals.acosh x
        | "atanh", [ x ] -> HyperDuals.atanh x
        | "atan2", [ y; x ] -> HyperDuals.atan2 y x
        | "erf", [ x ] -> HyperDuals.erf x
        | "erfc", [ x ] -> HyperDuals.erfc x
        | "huber", [ t; d ] -> HyperDuals.huber t d
        | "floor", [ x ] -> H(Math.Floor x.V)
        | "ceil", [ x ] -> H(Math.Ceiling x.V)
        | "trunc", [ x ] -> H(Math.Truncate x.V)
        | ("round" | "trunc"), [ x; digits ] ->
            let scale = Math.Pow(10.0, digits.V)
            (if name = "round" then Math.Round(x.V * scale, MidpointRounding.AwayFromZero) else Math.Truncate(x.V * scale)) / scale |> H
        | "round", [ x ] -> H(Math.Round(x.V, MidpointRounding.AwayFromZero))
        | _ -> this.NotHere(e, name)

    // ---- rows -----------------------------------------------------------------------------------------------------

    member private this.IsData(e: Expr) : bool =
        let probe = Analysis model
        probe.IsData e

    /// The value of the first objective, not negated for `maximize`; 0 without one.
    member this.Objective() : HyperDual =
        model.Tree.Statements
        |> List.tryPick (fun s ->
            match s.Kind with
            | ObjectiveDeclaration(_, _, None, Some body) -> Some(this.Number none body)
            | _ -> None)
        |> Option.defaultValue (H 0.0)

    /// Every row in the order of declaration, dropped ones and ones without variables included.
    member this.Rows() : NaiveRow list =
        [ for s in model.Tree.Statements do
              match s.Kind with
              | ConstraintDeclaration(name, indexing, body) ->
                  let instances =
                      match indexing with
                      | None -> [ ([], none) ]
                      | Some indexing -> this.Enumerate none indexing

                  for position, (_, env) in List.indexed instances do
                      let row lower body upper =
                          { Name = name
                            Position = position
                            Lower = lower
                            Upper = upper
                            Body = body }

                      let sided op body side =
                          match op with
                          | LessOrEqual
                          | LessThan -> row -infinity body side
                          | GreaterOrEqual
                          | GreaterThan -> row side body infinity
                          | _ -> row side body side

                      match body with
                      | Relation(a, op, b) when this.IsData b -> sided op (this.Number env a) (this.Data env b)
                      | Relation(a, op, b) when this.IsData a ->
                          let turned =
                              match op with
                              | LessOrEqual -> GreaterOrEqual
                              | GreaterOrEqual -> LessOrEqual
                              | other -> other

                          sided turned (this.Number env b) (this.Data env a)
                      | Relation(a, op, b) -> sided op (this.Number env a - this.Number env b) 0.0
                      | DoubleRelation(a, op, e, _, b) ->
                          let lower, upper = if op = LessOrEqual then a, b else b, a
                          row (this.Data env lower) (this.Number env e) (this.Data env upper)
                      | Complements _ -> failwith "complementarity"
              | _ -> () ]
