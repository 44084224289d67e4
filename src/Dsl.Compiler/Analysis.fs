namespace Optc.Compiler

open System.Collections.Generic
open Optc.Parser

/// What lowering asks of the syntax of an expression. Answers are kept by node; definitions are looked through.
[<Sealed>]
type Analysis(model: Model) =
    let dependsCache = Dictionary<Expr, bool>(HashIdentity.Reference)
    let definedInfo = Dictionary<string, int * bool>()
    let recursive = Dictionary<string, bool>()

    let indexingParts (indexing: Indexing) =
        [ for item in indexing.Items do
              yield! Option.defaultValue [] item.Pattern
              item.Set
          yield! Option.toList indexing.Condition ]

    /// Direct parts of an expression, those of its indexing included.
    let parts (e: Expr) : Expr list =
        match e.Kind with
        | Number _
        | Text _ -> []
        | Reference(_, subscripts) -> subscripts
        | Suffixed(target, _) -> [ target ]
        | Unary(_, a) -> [ a ]
        | ExprKind.Binary(_, a, b) -> [ a; b ]
        | Call(_, arguments) -> arguments
        | Iterated(_, indexing, body) -> body :: indexingParts indexing
        | Conditional(c, a, b) -> c :: a :: Option.toList b
        | Tuple items -> items
        | Braces indexing -> indexingParts indexing
        | Range(a, b, c) -> a :: b :: Option.toList c
        | PiecewiseLinear(breakpoints, slopes, argument, zero) ->
            [ for item in breakpoints @ slopes do
                  item.Value
                  yield! item.Indexing |> Option.map indexingParts |> Option.defaultValue []
              argument
              yield! Option.toList zero ]

    /// Names that a synthetic reference (`$…`) stands for are never declared, and are variables.
    let isVariable (name: string) =
        name.StartsWith '$'
        || match model.TryFind name with
           | Some(:? VarEntity)
           | Some(:? DefinedVarEntity) -> true
           | _ -> false

    /// Direct parts of an expression, those of its indexing included.
    member _.Parts(e: Expr) : Expr list = parts e

    /// Whether the value changes with the variables.
    member this.DependsOnVariables(e: Expr) : bool =
        match dependsCache.TryGetValue e with
        | true, known -> known
        | _ ->
            let result =
                match e.Kind with
                | Reference(name, subscripts) -> isVariable name || List.exists this.DependsOnVariables subscripts
                | _ -> parts e |> List.exists this.DependsOnVariables

            dependsCache[e] <- result
            result

    /// The names an expression reads, dummies among them.
    member this.AddNames(e: Expr, names: HashSet<string>) : unit =
        match e.Kind with
        | Reference(name, _) -> names.Add name |> ignore
        | _ -> ()

        for part in parts e do
            this.AddNames(part, names)

    member this.IsData(e: Expr) = not (this.DependsOnVariables e)

    /// A number written in the text, perhaps with arithmetic: no names.
    member this.IsLiteral(e: Expr) : bool =
        match e.Kind with
        | Number _ -> true
        | Unary(_, a) -> this.IsLiteral a
        | ExprKind.Binary((Add | Subtract | Multiply | Divide | Power), a, b) -> this.IsLiteral a && this.IsLiteral b
        | _ -> false

    /// Whether a defined variable needs itself.
    member this.IsRecursive(entity: DefinedVarEntity) : bool =
        match recursive.TryGetValue entity.Name with
        | true, known -> known
        | _ ->
            let seen = HashSet<string>()

            let rec reaches (from: string) =
                match model.TryFind from with
                | Some(:? DefinedVarEntity as d) ->
                    d.Uses
                    |> Seq.exists (fun used -> used = entity.Name || (seen.Add used && reaches used))
                | _ -> false

            let result = reaches entity.Name
            recursive[entity.Name] <- result
            result

    /// Whether some part satisfies a predicate; definitions are looked through (recursive ones once).
    member private this.Any (predicate: Expr -> bool) (visited: HashSet<string>) (e: Expr) : bool =
        predicate e
        || (match e.Kind with
            | Reference(name, _) ->
                match model.TryFind name with
                | Some(:? DefinedVarEntity as d) when visited.Add name -> this.Any predicate visited d.Body
                | _ -> false
            | _ -> false)
        || (this.DependsOnVariables e && parts e |> List.exists (this.Any predicate visited))

    /// A sum, product, … over an indexing whose terms hold variables.
    member this.HasReduction(e: Expr) : bool =
        this.Any
            (fun part ->
                match part.Kind with
                | Iterated _ -> this.DependsOnVariables part
                | _ -> false)
            (HashSet())
            e

    /// A term with kinks that smooth solvers cannot take as it stands.
    member this.HasNonsmooth(e: Expr) : bool =
        this.Any
            (fun part ->
                match part.Kind with
                | Call(("abs" | "min" | "max" | "pos"), _)
                | ExprKind.Binary(Less, _, _)
                | Iterated((Minimum | Maximum | Norm1 | NormInf), _, _)
                | PiecewiseLinear _ -> this.DependsOnVariables part
                | _ -> false)
            (HashSet())
            e

    /// Affine in the variables, as far as the syntax shows.
    member this.IsAffine(e: Expr) : bool = this.AffineIn (HashSet()) e

    member private this.AffineIn (visiting: HashSet<string>) (e: Expr) : bool =
        let affine = this.AffineIn visiting

        this.IsData e
        || match e.Kind with
           | Reference(name, _) ->
               match model.TryFind name with
               | Some(:? DefinedVarEntity as d) ->
                   if visiting.Add name then
                       let result = affine d.Body
                       visiting.Remove name |> ignore
                       result
                   else
                       // The other terms of the recursion decide.
                       true
               | _ -> true
           | Unary((Negate | Plus), a) -> affine a
           | ExprKind.Binary((Add | Subtract), a, b) -> affine a && affine b
           | ExprKind.Binary(Multiply, a, b) -> (this.IsData a && affine b) || (affine a && this.IsData b)
           | ExprKind.Binary(Divide, a, b) -> affine a && this.IsData b
           | Iterated(Sum, _, body) -> affine body
           | Conditional(c, a, b) -> this.IsData c && affine a && Option.forall affine b
           | _ -> false

    /// Number of nodes with definitions put in place, up to a limit.
    member this.Size(e: Expr, limit: int) : int =
        let rec size budget (e: Expr) =
            if budget <= 0 then
                1
            else
                let own =
                    match e.Kind with
                    | Reference(name, _) ->
                        match model.TryFind name with
                        | Some(:? DefinedVarEntity as d) when not (this.IsRecursive d) -> 1 + size (budget - 1) d.Body
                        | _ -> 1
                    | _ -> 1

                parts e
                |> List.fold (fun total part -> if total > budget then total else total + size (budget - total) part) own

        size limit e

    /// Dummies of the scope that the expression reads, by name, in the order of their slots.
    member _.FreeDummies(scope: Scope, e: Expr) : string list =
        let found = HashSet<string>()

        let rec visit (bound: Set<string>) (e: Expr) =
            match e.Kind with
            | Reference(name, subscripts) ->
                if subscripts.IsEmpty && not (bound.Contains name) && (scope.TryFind name).IsSome then
                    found.Add name |> ignore

                List.iter (visit bound) subscripts
            | Iterated(_, indexing, body) -> visit (visitIndexing bound indexing) body
            | Braces indexing -> visitIndexing bound indexing |> ignore
            | PiecewiseLinear(breakpoints, slopes, argument, zero) ->
                for item in breakpoints @ slopes do
                    let inner =
                        match item.Indexing with
                        | Some indexing -> visitIndexing bound indexing
                        | None -> bound

                    visit inner item.Value

                visit bound argument
                Option.iter (visit bound) zero
            | Call(("next" | "prev" | "ord" | "ord0"), [ argument ]) ->
                // With one argument the set is that of the dummy, which may read other dummies.
                visit bound argument

                match argument.Kind with
                | Reference(name, []) when not (bound.Contains name) ->
                    match scope.TryFind name with
                    | Some { Set = Some(set, _) } -> visit bound set
                    | _ -> ()
                | _ -> ()
            | _ -> List.iter (visit bound) (parts e)

        and visitIndexing (bound: Set<string>) (indexing: Indexing) =
            let mutable inner = bound

            for item in indexing.Items do
                visit inner item.Set

                for p in Option.defaultValue [] item.Pattern do
                    match p.Kind with
                    | Reference(name, []) when not (inner.Contains name) && (scope.TryFind name).IsNone -> inner <- inner.Add name
                    | _ -> visit inner p

            Option.iter (visit inner) indexing.Condition
            inner

        visit Set.empty e

        [ for name in found do
              match scope.TryFind name with
              | Some dummy -> dummy.Slot, name
              | None -> () ]
        |> List.sortBy fst
        |> List.map snd
